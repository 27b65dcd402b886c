"""Pages in several languages: each has an address in each of them, and they tell of one another."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from snapshots import embargoed, full, minimal, record_closed, with_files

from repository.cli.serve import build_app
from repository.errors import WrongSetting
from repository.following import run_until_current
from repository.projections import open_projections
from repository.records.visibility import Viewer
from repository.services.instance import Instance, open_instance
from repository.settings import load
from repository.storage.changes import after
from repository.storage.database import Database
from site_builder.projection import SiteProjection
from site_builder.translations import languages_of
from tests.following.contract import QUICK, closed, withdrawn
from tests.instances import SITE, body, published
from tests.records_in_store import publish
from tests.site.site_output import URL, build, built, changes, increment, parsed, rebuilt, settings_in, text_of, tree

BOTH = {"site.languages": ("en", "cs")}
GONE = withdrawn(minimal(70))
SHOWN = (full(), with_files(), embargoed(), *(minimal(number) for number in (60, 61)))
RECORDS = (*SHOWN, GONE, record_closed(80))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("languages")
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, folder)}")
    try:
        return built(database, folder, RECORDS, **BOTH)
    finally:
        database.close()


@pytest.fixture(scope="module")
def pages(site: dict[str, bytes]) -> dict[str, Any]:
    return {path: parsed(data) for path, data in site.items() if path.endswith(".html")}


def address_of(path: str) -> str:
    """Of a frozen page."""
    if path in ("index.html", "cs/index.html"):
        return f"{URL}/{path.removesuffix('index.html')}"
    folder = path.rpartition("/")[0]
    has_no_slash = "records/" in path or "about/" in folder or folder.endswith(("search", "deposit"))
    return f"{URL}/{folder}{'' if has_no_slash else '/'}"


def test_every_page_and_nothing_else_is_there_in_both_languages(site: dict[str, bytes]) -> None:
    ours = {path for path in site if path.endswith(".html") and not path.startswith("cs/")}
    czech = {path for path in site if path.startswith("cs/")}
    assert {f"cs/{path}" for path in ours} == czech
    assert {f"records/{GONE.id}/tombstone.html", f"records/{full().id}/index.html", "404.html"} <= ours


def test_every_page_says_which_language_it_is_in(pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        czech = path.startswith("cs/")
        assert page.get("lang") == ("cs" if czech else "en"), path
        assert (page.xpath("string(//a[@class='skip'])") == "Přejít k obsahu") == czech, path


def test_every_page_names_its_own_address_and_those_of_all_languages(pages: dict[str, Any]) -> None:
    """Each of them the same ones, its own included. Specified by: Google Search Central, localized versions."""
    checked = 0
    for path, page in pages.items():
        named = {link.get("hreflang"): link.get("href") for link in page.xpath("//link[@hreflang]")}
        if path.endswith("404.html"):
            assert named == {}
            continue
        bare = path.removeprefix("cs/")
        english = address_of(bare)
        assert named == {"en": english, "cs": address_of(f"cs/{bare}"), "x-default": english}, path
        canonical = page.xpath("//link[@rel='canonical']/@href")
        assert canonical == ([] if path.endswith("tombstone.html") else [address_of(path)]), path
        checked += 1
    assert checked > 20


def test_a_switch_leads_to_the_same_page(pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        (link,) = page.xpath("//header//a[@hreflang]")
        (present,) = page.xpath("//header//nav[@class='languages']//*[@aria-current]")
        names = {"en": "English", "cs": "Čeština"}
        other = "en" if path.startswith("cs/") else "cs"
        assert (link.get("lang"), link.get("hreflang"), text_of(link)) == (other, other, names[other])
        assert text_of(present) == names["cs" if other == "en" else "en"]
        there = address_of(path.removeprefix("cs/") if other == "en" else f"cs/{path}").removeprefix(URL)
        if path.endswith("404.html"):
            there = "/" if other == "en" else "/cs/"
        assert link.get("href") == there, path


def test_links_stay_in_the_language(site: dict[str, bytes], pages: dict[str, Any]) -> None:
    """Those to pages; documents, files and the API have one address."""
    followed = 0
    for path, page in pages.items():
        base = "/cs" if path.startswith("cs/") else ""
        for link in page.xpath("//a[not(@hreflang)] | //form"):
            target = (link.get("href") or link.get("action") or "").partition("?")[0].partition("#")[0]
            if not target.startswith("/"):
                continue
            own = target.removeprefix("/cs") or "/"
            file = f"{own}/index.html".replace("//", "/")[1:]
            is_page = own.startswith("/records/") and own.count("/") == 2  # of a version, not all of which are here
            is_page |= own.startswith("/vocabularies/")
            if file in site or is_page or own in ("/login", "/search/results", "/sparql"):
                assert target == base + own, (path, target)
                followed += 1
            else:
                assert not target.startswith("/cs/"), (path, target)
    assert followed > 200


def test_the_record_itself_has_one_address(site: dict[str, bytes]) -> None:
    path = f"records/{full().id}/index.html"
    english, czech = (parsed(site[file]) for file in (path, f"cs/{path}"))
    for query in (
        "//script[@type='application/ld+json']/text()",
        "//meta[starts-with(@name, 'citation_') or starts-with(@name, 'DC.')]/@content",
        "//link[@rel='cite-as' or @rel='describedby' or @rel='linkset']/@href",
        "//a[contains(@href, '/records/') and contains(@href, '.ttl')]/@href",
    ):
        assert english.xpath(query) == czech.xpath(query) != [], query
    assert english.xpath("//meta[@property='og:locale']/@content") == ["en_US"]
    assert czech.xpath("//meta[@property='og:locale']/@content") == ["cs_CZ"]
    assert czech.xpath("//meta[@property='og:url']/@content") == [f"{URL}/cs/records/{full().id}"]


def test_a_czech_landing_page_is_czech(site: dict[str, bytes], pages: dict[str, Any]) -> None:
    page = pages[f"cs/records/{full().id}/index.html"]
    text = text_of(page)
    for words in ("2 soubory, 101 kB", "2,0 kB", "Verze v1.0.2", "leden–červen 2020", "Kurátor dat", "° s. š."):
        assert words in text, words
    headings = [text_of(heading) for heading in page.xpath("//h2")]
    english = parsed(site[f"records/{full().id}/index.html"])
    same = {*headings} & {text_of(heading) for heading in english.xpath("//h2")}
    assert same == {"Export", "Table of contents"}, "the title of a term that has none in Czech"
    titles = {element.get("title") for element in page.xpath("//td//span[@title]")}
    assert "2\u00a0048 bajtů" in titles


def test_sitemaps_name_the_pages_of_every_language(site: dict[str, bytes]) -> None:
    def located(path: str) -> list[str]:
        return [str(found) for found in etree.fromstring(site[path]).xpath("//*[local-name() = 'loc']/text()")]

    lists = [address.removeprefix(f"{URL}/") for address in located("sitemap.xml")]
    named = [address for path in lists for address in located(path)]
    assert len(named) == len(set(named))
    czech = {address for address in named if address.startswith(f"{URL}/cs/")}
    assert {address.replace("/cs/", "/") for address in czech} == {*named} - czech
    assert {f"{URL}/cs/", *(f"{URL}/cs/records/{state.id}" for state in SHOWN)} <= czech
    assert b"Disallow: /cs/login\n" in site["robots.txt"]


def test_with_one_language_nothing_tells_of_languages(database: Database, tmp_path: Path) -> None:
    served = built(database, tmp_path, SHOWN[:1])
    assert [path for path, data in served.items() if path.startswith("cs/") or b"hreflang" in data] == []


def test_what_is_not_to_be_seen_any_more_goes_in_every_language(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path, **BOTH), database)
    state, other = with_files(), minimal(3)
    build(projection, changes([state, other]))
    increment(projection, changes([withdrawn(state)], 5))
    left = {path for path in tree(tmp_path) if state.id in path}
    assert left == {f"records/{state.id}/tombstone.html", f"cs/records/{state.id}/tombstone.html"}
    increment(projection, changes([closed(other)], 9))
    served = tree(tmp_path)
    assert [path for path, data in served.items() if other.id in path or other.id.encode() in data] == []
    assert not [path for path in served if path.startswith(("cs/browse/2", "browse/2", "sitemaps/cs"))]


def test_other_languages_make_another_site(database: Database, tmp_path: Path) -> None:
    """A generation of its own, since every list is another one; the one of before is served meanwhile."""
    publish(database, RECORDS)
    with database.read() as connection:
        log = after(connection, 0, 100)
    for number, languages in enumerate((("en",), ("en", "cs"), ("cs", "en"), ("cs",), ("en",))):
        chosen = {"site.languages": languages}
        (outcome,) = run_until_current(
            database, [SiteProjection(settings_in(tmp_path, **chosen), database)], pace=QUICK
        )
        assert outcome.error == ""
        assert tree(tmp_path) == rebuilt(database, tmp_path / f"{number}", log, **chosen)


def test_what_begins_like_another_address_can_only_be_the_first_language(tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages/doi.po").write_text('msgctxt "home"\nmsgid "Home"\nmsgstr "घर"\n', encoding="utf-8")
    assert languages_of(settings_in(tmp_path, **{"site.languages": ("doi", "en")}))[1].base == "/en"
    with pytest.raises(WrongSetting, match="doi must be the first"):
        languages_of(settings_in(tmp_path, **{"site.languages": ("en", "doi")}))


# Live


Serve = Callable[[], FlaskClient]


@pytest.fixture
def serve(instance: Instance) -> Iterator[Serve]:
    """The instance in both languages, indexed and built as it is."""
    with contextlib.ExitStack() as opened:

        def _serve() -> FlaskClient:
            both = open_instance(load(instance.settings.home, {}, {"site.url": SITE, **BOTH}))
            opened.callback(both.close)
            run_until_current(both.database, open_projections(both, ("search", "site")))
            return build_app(both).test_client()

        yield _serve


def test_live_pages_are_in_the_language_of_their_address(instance: Instance, owner: Viewer, serve: Serve) -> None:
    record_id = published(instance, owner, body("Rain"))
    client = serve()
    for path, words in (
        (f"/cs/records/{record_id}", "Citovat jako"),
        ("/cs/", "1 záznam"),
        ("/cs/browse/", "Procházet podle data vydání"),
        ("/cs/search/results?q=rain", "1 výsledek"),
        ("/cs/vocabularies/resourcetypes", "pojmů"),
        ("/cs/sparql", "Dotaz v jazyce SPARQL 1.1"),
        ("/cs/login", "Heslo"),
    ):
        answer = client.get(path, headers={"Accept": "text/html"})
        page = parsed(answer.data)
        assert (answer.status_code, page.get("lang"), words in text_of(page)) == (200, "cs", True), path
        other = page.xpath("//header//a[@hreflang='en']/@href")
        assert other == [path.removeprefix("/cs")], path


def test_errors_are_told_in_the_language_of_the_address(instance: Instance, owner: Viewer, serve: Serve) -> None:
    secret = published(instance, owner, {**body(), "access": {"record": "restricted", "files": "restricted"}})
    client = serve()
    for path in ("/cs/nothing/here", "/cs/records/00000-00000", f"/cs/records/{secret}", "/cs/records/x/record.ttl"):
        answer = client.get(path)
        assert (answer.status_code, parsed(answer.data).get("lang")) == (404, "cs"), path
        assert "Stránka nenalezena" in answer.text
    assert parsed(client.get("/csi/nothing").data).get("lang") == "en"
    assert parsed(client.get("/de/").data).get("lang") == "en"


def test_redirects_stay_in_the_language(instance: Instance, owner: Viewer, serve: Serve) -> None:
    record_id = published(instance, owner, body())
    client = serve()
    for path, target in (
        (f"/cs/records/{record_id}/latest", f"/cs/records/{record_id}"),
        (f"/cs/uploads/{record_id}", f"/cs/deposit?id={record_id}"),
        (f"/records/{record_id}/latest", f"/records/{record_id}"),
    ):
        assert client.get(path).headers["Location"] == target
    (token,) = parsed(client.get("/cs/login").data).xpath("//input[@name='csrf_token']/@value")
    form = {"email": "owner@example.org", "password": "correct horse", "csrf_token": token}
    refused = client.post("/cs/login", data={**form, "password": "wrong"})
    assert "Neznámá e-mailová adresa nebo nesprávné heslo." in refused.text
    assert client.post("/cs/login", data=form).headers["Location"] == "/cs/"


def test_documents_have_one_address(instance: Instance, owner: Viewer, serve: Serve) -> None:
    record_id = published(instance, owner, body())
    client = serve()
    answer = client.get(f"/cs/records/{record_id}", headers={"Accept": "text/turtle"})
    assert answer.headers["Content-Location"] == f"/records/{record_id}/record.ttl"
    for path in (f"/records/{record_id}/record.ttl", "/feed.xml", "/sitemap.xml", "/vocabularies/resourcetypes.ttl"):
        assert (client.get(path).status_code, client.get(f"/cs{path}").status_code) == (200, 404), path
