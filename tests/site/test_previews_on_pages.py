"""Previews of files on the pages of records: made once, shown to whoever may see the file, gone when it is."""

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from repository.following import run_until_current
from repository.following.requests import ask
from repository.records.snapshot import Json
from repository.records.visibility import SYSTEM, Viewer
from repository.services import drafts, editions, publishing, withdrawal
from repository.services.accounts import create_token
from repository.services.instance import Instance
from site_builder.previews.choosing import SHOWN
from site_builder.projection import SiteProjection, open_projection
from tests.instances import add_files, body, person, published
from tests.previews.opened_files import corpus
from tests.site.site_output import parsed, text_of

CLOSED: Json = {"record": "public", "files": "restricted"}
CANARY = "zqcanaryqz"


def picture(colour: str = "navy", side: int = 900) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


def packed(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"x")
    return out.getvalue()


def marked(word: str) -> dict[str, bytes]:
    """A file of each kind in which the canary is, and a picture that no other record has."""
    canary = f"{CANARY}{word}"
    return {
        "table.csv": f"day,{canary}\n1,2\n".encode(),
        "notes.txt": f"A note on {canary}.\n".encode(),
        "README.md": f"# About {canary}\n".encode(),
        "archive.zip": packed(f"{canary}.bin"),
        "figure.png": picture("navy", 700 + sum(word.encode()) % 200),
    }


MARKED = marked("")


def build(instance: Instance) -> SiteProjection:
    """What the reader does with all that has happened."""
    projection = open_projection(instance)
    assert isinstance(projection, SiteProjection)
    (outcome,) = run_until_current(instance.database, [projection])
    assert (outcome.error, outcome.parked) == ("", 0)
    return projection


def frozen(instance: Instance) -> dict[str, bytes]:
    """Path → bytes of everything below the folder of the site, what the builder keeps for itself too."""
    root = instance.settings.site_output
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def of_record(instance: Instance, record_id: str) -> dict[str, bytes]:
    """The frozen files of a record by their names in its folder."""
    folder = instance.settings.site_output / "current" / "records" / record_id
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def page_of(instance: Instance, record_id: str) -> Any:
    return parsed(of_record(instance, record_id)["index.html"])


def made(instance: Instance) -> list[str]:
    """Names of what is in the cache."""
    folder = instance.settings.site_output / ".builder" / "previews"
    return sorted(path.name for path in folder.glob("*/*/*"))


def revise(instance: Instance, viewer: Viewer, record_id: str, **changes: Any) -> None:
    draft = editions.edit(instance, viewer, record_id)
    drafts.save(instance, viewer, draft.id, {**body(), "files": {"enabled": True}, **changes})
    publishing.publish(instance, viewer, draft.id)


def summaries(page: Any) -> list[str]:
    return [text_of(found) for found in page.xpath("//details[contains(@class, 'preview')]/summary")]


def test_previews_of_real_files(instance: Instance, owner: Viewer, shared: Path) -> None:
    names = ("csv_utf8.csv", "zip_software.zip", "jpeg_exif_gps.jpg", "real_CITATION.cff", "real_tabular_sample.xlsx")
    record_id = published(instance, owner, body(), {name: (corpus(shared) / name).read_bytes() for name in names})
    build(instance)
    page = page_of(instance, record_id)
    assert summaries(page) == [
        "csv_utf8.csv Table, 88 bytes", "jpeg_exif_gps.jpg Image, 1.0 kB", "real_CITATION.cff Text, 2.8 kB",
        "zip_software.zip Archive, 3.1 kB",
    ]  # fmt: skip
    table, listing = page.xpath("//details//table")
    assert text_of(table.find("caption")) == "3 rows"
    assert [text_of(cell) for cell in table.xpath(".//th[@scope='col']")] == ["id", "name", "value"]
    assert text_of(listing.find("caption")) == "5 files, 6.1 kB unpacked"
    (image,) = page.xpath("//details//img")
    assert image.get("alt") == "Preview of jpeg_exif_gps.jpg"
    assert image.get("loading") == "lazy"
    path = image.get("src").removeprefix(f"/records/{record_id}/")
    shown = Image.open(io.BytesIO(of_record(instance, record_id)[path]))
    assert shown.size == (int(image.get("width")), int(image.get("height")))
    (card,) = page.find_class("card")
    assert text_of(card) == "real_tabular_sample.xlsx Spreadsheet, 12.8 kB Download"
    assert [details.get("open") is not None for details in page.find_class("preview")] == [True, False, False, False]
    assert page.xpath("count(//script[not(@type='application/ld+json')])") == 0
    assert len(of_record(instance, record_id)["index.html"]) < 20_000


def test_the_page_that_is_served_is_the_one_that_is_frozen(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    record_id = published(instance, owner, body(), MARKED)
    before = client.get(f"/records/{record_id}")
    assert "<img" not in before.text, "who answers requests makes no previews"
    assert len(parsed(before.data).find_class("card")) == SHOWN
    build(instance)
    files = of_record(instance, record_id)
    assert client.get(f"/records/{record_id}").data == files["index.html"]
    (name,) = [name for name in files if name.endswith(".webp")]
    answer = client.get(f"/records/{record_id}/{name}")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/webp", files[name])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/records/{record_id}/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    other = published(instance, owner, body("Another"))
    digest = name.removeprefix("previews/")
    for path in (f"{other}/previews/{digest}", f"{record_id}/previews/{'0' * 64}.webp", f"{record_id}/previews/x.webp"):
        assert client.get(f"/records/{path}").status_code == 404


def test_nothing_of_closed_files_is_ever_made(instance: Instance, owner: Viewer) -> None:
    """Whatever must not be shown has the canary in these files, or is a picture of its own."""
    for access in (CLOSED, {"record": "restricted", "files": "restricted"}):
        published(instance, owner, {**body(), "access": access}, MARKED)
    build(instance)
    assert made(instance) == []
    assert [path for path, data in frozen(instance).items() if CANARY.encode() in data or path.endswith(".webp")] == []


def test_previews_vanish_with_the_change_that_closes_their_files(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    """Restricted, withdrawn, erased; one that stays open keeps its own."""
    open_one, *closing = (published(instance, owner, body(), marked(word)) for word in ("open", "one", "two", "three"))
    build(instance)
    pictures = {}
    for record_id, word in zip(closing, ("one", "two", "three"), strict=True):
        files = of_record(instance, record_id)
        assert f"{CANARY}{word}".encode() in files["index.html"]
        (pictures[record_id],) = [name for name in files if name.endswith(".webp")]
    assert len(made(instance)) == 4 * len(MARKED)
    revise(instance, owner, closing[0], access=CLOSED)
    withdrawal.withdraw(instance, SYSTEM, closing[1], {})
    withdrawal.erase(instance, SYSTEM, closing[2], "")
    build(instance)
    kept = {name for name in of_record(instance, open_one) if name.endswith(".webp")}
    assert len(made(instance)) == len(MARKED)
    left = frozen(instance)
    assert {path.rpartition("previews/")[2] for path in left if path.endswith(".webp")} == {
        name.removeprefix("previews/") for name in kept
    }
    for word in ("one", "two", "three"):
        assert [path for path, data in left.items() if f"{CANARY}{word}".encode() in data] == []
    for record_id, name in pictures.items():
        assert client.get(f"/records/{record_id}/{name}").status_code in (403, 410)


def test_a_file_that_another_record_shows_too_stays_in_the_cache(instance: Instance, owner: Viewer) -> None:
    first, second = (published(instance, owner, body(), {"a.png": picture()}) for _ in range(2))
    build(instance)
    assert len(made(instance)) == 1
    withdrawal.erase(instance, SYSTEM, first, "")
    build(instance)
    assert len(made(instance)) == 1
    assert any(name.endswith(".webp") for name in of_record(instance, second))
    withdrawal.erase(instance, SYSTEM, second, "")
    build(instance)
    assert made(instance) == []


def test_whoever_may_see_closed_files_gets_no_more_than_cards(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    """Previews of closed files are made by nobody; equal bytes in an open record are no secret."""
    files = {"secret.png": picture("red"), "a.png": picture()}
    closed = published(instance, owner, {**body(), "access": CLOSED}, files)
    published(instance, owner, body(), {"a.png": picture()})
    build(instance)
    headers = {"Authorization": f"Bearer {create_token(instance, 'owner@example.org')}"}
    seen = parsed(client.get(f"/records/{closed}", headers=headers).data)
    assert [said.split()[0] for said in summaries(seen)] == ["a.png"]
    assert [text_of(card).split()[0] for card in seen.find_class("card")] == ["secret.png"]
    (image,) = seen.xpath("//details//img/@src")
    mine = client.get(image, headers=headers)
    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "private, no-store")
    assert client.get(image).status_code == 403


def test_a_rebuild_takes_previews_from_the_cache(instance: Instance, owner: Viewer) -> None:
    record_id = published(instance, owner, body(), MARKED)
    build(instance)
    before = of_record(instance, record_id)
    generation = (instance.settings.site_output / "current").readlink()
    away = (instance.settings.home / "objects").rename(instance.settings.home / "elsewhere")
    ask(instance.database, "site", "rebuild")
    build(instance)
    assert (instance.settings.site_output / "current").readlink() != generation
    assert of_record(instance, record_id) == before
    away.rename(instance.settings.home / "objects")


def test_where_the_store_is_away_pages_come_without_and_are_made_whole_later(instance: Instance, owner: Viewer) -> None:
    record_id = published(instance, owner, body(), MARKED)
    away = (instance.settings.home / "objects").rename(instance.settings.home / "elsewhere")
    build(instance)
    assert summaries(page_of(instance, record_id)) == []
    assert len(page_of(instance, record_id).find_class("card")) == SHOWN
    assert made(instance) == [], "what could not be read is not taken for what can't be shown"
    away.rename(instance.settings.home / "objects")
    build(instance)
    assert len(summaries(page_of(instance, record_id))) == len(MARKED)
    assert any(name.endswith(".webp") for name in of_record(instance, record_id))


def test_a_record_is_closed_while_the_store_is_away(instance: Instance, owner: Viewer) -> None:
    record_id = published(instance, owner, body(), MARKED)
    build(instance)
    revise(instance, owner, record_id, access=CLOSED)
    published(instance, owner, body("Another"), {"b.csv": b"a,b\n1,2\n"})
    (instance.settings.home / "objects").rename(instance.settings.home / "elsewhere")
    build(instance)
    assert made(instance) == []
    assert [path for path, data in frozen(instance).items() if CANARY.encode() in data] == []


def test_an_archive_that_claims_more_than_there_can_be_keeps_no_page_away(instance: Instance, owner: Viewer) -> None:
    claims = io.BytesIO()
    with zipfile.ZipFile(claims, "w") as archive:
        for name in ("a.bin", "b.bin"):
            archive.writestr(name, b"x")
        for entry in archive.filelist:
            entry.file_size = 2**64 - 1
    record_id = published(instance, owner, body(), {"claims.zip": claims.getvalue()})
    build(instance)
    assert "b.bin" in text_of(page_of(instance, record_id))


def test_a_file_over_which_a_reader_stumbles_keeps_no_page_away(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_arguments: Any) -> None:
        raise RuntimeError("nobody has thought of that")

    monkeypatch.setattr("site_builder.previews.archives.preview", stumble)
    record_id = published(instance, owner, body(), {"a.zip": packed("a.bin"), "b.csv": b"a,b\n1,2\n"})
    build(instance)
    assert summaries(page_of(instance, record_id))


def test_what_a_killed_builder_left_behind_is_swept(instance: Instance, owner: Viewer) -> None:
    published(instance, owner, body(), {"a.csv": b"a,b\n1,2\n"})
    build(instance)
    (kept,) = (instance.settings.site_output / ".builder" / "previews").glob("*/*/*")
    for left in (kept.with_name("f" * 64 + ".table"), kept.with_name(f"{kept.name}.0123456789abcdef")):
        shutil.copy(kept, left)
    older = kept.parents[1].with_name("table-000000000000") / kept.parent.name / kept.name
    older.parent.mkdir(parents=True)
    shutil.copy(kept, older)
    build(instance)
    assert [*(instance.settings.site_output / ".builder" / "previews").glob("*/*/*")] == [kept]


def test_which_files_are_shown(instance: Instance, owner: Viewer) -> None:
    """The chosen one, then the first ones; together they stay small; equal ones share a picture."""
    files = {f"{number:02d}.csv": f"a,b\n{number},2\n".encode() for number in range(12)}
    draft = drafts.create(instance, owner, {**body(), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {**files, "paper.pdf": b"%PDF-1.7"})
    chosen = {"enabled": True, "default_preview": "10.csv"}
    drafts.save(instance, owner, draft.id, {**body(), "files": chosen})
    many = publishing.publish(instance, owner, draft.id).id
    row = ",".join(["x" * 50] * 8)
    wide = published(instance, owner, body(), {f"{n}.csv": f"{row}{n}\n".encode() * 50 for n in range(5)})
    bare = published(instance, owner, body(), {f"{n}.bin": b"x" for n in range(5)})
    equal = published(instance, owner, body(), {"a.png": picture(), "b.png": picture(), "c.csv": b"a,b\n"})
    build(instance)
    page = page_of(instance, many)
    assert [said.split()[0] for said in summaries(page)] == ["10.csv", "00.csv", "01.csv", "02.csv", "03.csv"]
    assert page.find_class("card") == []
    assert len(summaries(page_of(instance, wide))) >= 2
    assert len(of_record(instance, wide)["index.html"]) - len(of_record(instance, bare)["index.html"]) < 9_000
    assert len(summaries(page_of(instance, equal))) == 3
    assert sum(name.endswith(".webp") for name in of_record(instance, equal)) == 1


@pytest.mark.long
def test_processes_beside_make_the_same_previews(instance: Instance, owner: Viewer, monkeypatch: Any) -> None:
    monkeypatch.setattr("site_builder.freezing._WORTH_IT", 1)
    ids = [published(instance, owner, body(), {**MARKED, "own.csv": f"a,b\n{n},1\n".encode()}) for n in range(3)]
    build(instance)
    beside = [of_record(instance, record_id) for record_id in ids]
    shutil.rmtree(instance.settings.site_output)
    monkeypatch.setattr("site_builder.freezing._WORTH_IT", 10**9)
    build(instance)
    assert beside == [of_record(instance, record_id) for record_id in ids]
    assert all(any(name.endswith(".webp") for name in files) for files in beside)


@pytest.mark.service
def test_previews_are_made_of_files_in_a_bucket(s3_instance: Instance) -> None:
    owner = person(s3_instance, "owner")
    large = {"large.csv": b"day,mm\n" + b"1,2\n" * 500_000}
    record_id = published(s3_instance, owner, body(), {**MARKED, **large})
    build(s3_instance)
    page = page_of(s3_instance, record_id)
    assert len(summaries(page)) == SHOWN
    assert "The first 10 of many rows" in text_of(page)
    assert any(name.endswith(".webp") for name in of_record(s3_instance, record_id))
