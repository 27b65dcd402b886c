"""The table of what may be seen, walked over every surface for every viewer. Specified by: design, rule 4."""

from dataclasses import dataclass

import pytest
from werkzeug.datastructures import Headers

from repository.api.answers import UI
from repository.formats import FORMATS
from repository.records.visibility import SYSTEM
from repository.services import reading
from tests.system.world import OF_FILES, STATES, Asker, Planted, World, text_of, without_ids

STRANGERS = ("nobody", "other")
READERS = ("owner", "admin")
VIEWERS = (*STRANGERS, *READERS)


@dataclass(frozen=True, slots=True)
class Row:
    """What one kind of viewer gets of a record in one state: statuses, and whether a search finds it."""

    page: int
    api: int
    files: int
    found: bool


_SEEN = Row(200, 200, 200, found=True)
_WITHOUT_FILES = Row(200, 200, 403, found=True)
_CLOSED = Row(404, 403, 403, found=False)
_GONE = Row(410, 410, 410, found=False)
_ABSENT = Row(404, 404, 404, found=False)

TABLE: dict[str, tuple[Row, Row]] = {
    "open": (_SEEN, _SEEN),
    "files restricted": (_WITHOUT_FILES, _SEEN),
    "files embargoed": (_WITHOUT_FILES, _SEEN),
    "record restricted": (_CLOSED, _SEEN),
    "record embargoed": (_CLOSED, _SEEN),
    "closed later": (_CLOSED, _SEEN),
    "withdrawn": (_GONE, _GONE),
    "withdrawn closed": (_GONE, _GONE),
    "hidden": (_ABSENT, _ABSENT),
    "erased": (_GONE, _GONE),
    "draft": (_ABSENT, _ABSENT),
}
"""State → what strangers get, and what its owner and admins get."""
FILE_ENTRIES = ("/api/records/{}/files", "/api/records/{}/files-archive")

each_state = pytest.mark.parametrize("state", STATES)
each_viewer = pytest.mark.parametrize("who", VIEWERS)


def row(state: str, who: str) -> Row:
    return TABLE[state][who in READERS]


def test_the_table_has_every_state() -> None:
    assert tuple(TABLE) == STATES


@pytest.mark.both
@each_viewer
@each_state
def test_landing_page(world: World, state: str, who: str) -> None:
    ask, planted = Asker(world, who), world.records[state]
    answer = ask(f"/records/{planted.id}", "text/html")
    assert answer.status_code == row(state, who).page
    text = text_of(answer)
    is_shown = row(state, who).page == 200
    assert (planted.words["title"] in text) == (is_shown or state == "withdrawn")  # whose citation is kept
    assert (planted.words["key"] in text) == (is_shown and row(state, who).files == 200)
    if TABLE[state][0].page != 200 or who in READERS:
        assert "no-store" in answer.headers["Cache-Control"] or (answer.status_code == 410 and who == "nobody")


def without_request(headers: Headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name != "X-Request-ID"]


@pytest.mark.both
@each_viewer
@pytest.mark.parametrize("state", [state for state in STATES if TABLE[state][0].page == 404])
def test_a_page_that_may_not_be_seen_is_that_of_an_unknown_id(world: World, state: str, who: str) -> None:
    ask = Asker(world, who)
    if row(state, who).page == 404:
        unknown = ask("/records/aaaaa-bbbbb", "text/html")
        answer = ask(f"/records/{world.records[state].id}", "text/html")
        assert unknown.status_code == answer.status_code == 404
        assert without_ids(text_of(answer)) == without_ids(text_of(unknown))
        assert without_request(answer.headers) == without_request(unknown.headers)
        assert "/login" in text_of(answer) or who != "nobody"


@each_viewer
@each_state
def test_formats_by_name_and_by_accept(world: World, state: str, who: str) -> None:
    """A format shows what everybody may see, whoever asks for it."""
    ask, planted, expected = Asker(world, who), world.records[state], row(state, who)
    seen = reading.read(world.instance, SYSTEM, planted.id).snapshot if expected.api == 200 else None
    for form in FORMATS:
        suits = seen is None or form.suits(seen)
        for answer in (
            ask(f"/records/{planted.id}/{form.file_name}"),
            ask(f"/records/{planted.id}", form.media_type),
            ask(f"/api/records/{planted.id}", form.media_type),
        ):
            if suits:
                assert answer.status_code == expected.api, (form.name, answer.request.path)
            elif answer.status_code not in (404, 406):  # a profile that a record can't be had in is an unknown one
                assert answer.content_type == "application/ld+json" != form.media_type
            shown = planted.shown_in(text_of(answer))
            is_tombstone = state == "withdrawn" and not answer.request.path.startswith("/api")
            has_title = form.relation == "describedby" or is_tombstone  # a linkset has links only
            assert ("title" in shown) == (has_title and (answer.status_code == 200 or is_tombstone))
            if TABLE[state][0].files != 200:
                assert not shown & set(OF_FILES), form.name


@pytest.mark.both
@each_viewer
@each_state
def test_record_in_the_api(world: World, state: str, who: str) -> None:
    ask, planted, expected = Asker(world, who), world.records[state], row(state, who)
    for media_type in ("application/json", UI.media_type):
        answer = ask(f"/api/records/{planted.id}", media_type)
        assert answer.status_code == expected.api
        got = answer.get_json(force=True)
        if expected.api == 200:
            files = got["files"]
            assert files["enabled"] is True
            assert list(files.get("entries", {})) == ([planted.key] if expected.files == 200 else [])
            assert ("count" in files) == (expected.files == 200)
        else:
            assert got["status"] == expected.api
            assert ("tombstone" in got) == (expected.api == 410)
            assert "metadata" not in got


@pytest.mark.both
@each_viewer
@each_state
def test_files(world: World, state: str, who: str) -> None:
    ask, planted, expected = Asker(world, who), world.records[state], row(state, who)
    listed = f"/api/records/{planted.id}/files"
    one, archive = f"{listed}/{planted.key}", f"/api/records/{planted.id}/files-archive"
    page = f"/records/{planted.id}/files/{planted.key}"
    for path in (listed, one, f"{one}/content", archive, page):
        answer = ask(path)
        assert answer.status_code == expected.files, path
        shown = planted.shown_in(text_of(answer).replace(path, ""))  # a sign-in link names what was asked for
        assert bool(shown & {"key", "bytes"}) == (expected.files == 200)
    for path in (f"{one}/content", page):
        part = ask(path, headers={"Range": "bytes=0-1"})
        assert part.status_code == (206 if expected.files == 200 else expected.files)
        assert ask(path, method="HEAD").status_code == expected.files
        if expected.files == 200 and TABLE[state][0].files != 200:
            assert part.headers["Cache-Control"] == "private, no-store"


@pytest.mark.both
@each_viewer
@each_state
def test_versions(world: World, state: str, who: str) -> None:
    """The list of versions of a tombstone is empty: nothing else is left of its parent."""
    ask, planted, expected = Asker(world, who), world.records[state], row(state, who)
    answer = ask(f"/api/records/{planted.id}/versions")
    if state == "draft" and who in READERS:
        assert answer.get_json()["hits"]["total"] == 0
    elif state == "draft":
        assert answer.status_code == 403
    else:
        assert answer.status_code == (200 if expected.api == 410 else expected.api)
    if answer.status_code == 200:
        hits = answer.get_json()["hits"]
        assert [hit["id"] for hit in hits["hits"]] == ([planted.id] if expected.api == 200 else [])
        assert hits["total"] == len(hits["hits"])
    for path in (f"/api/records/{planted.id}/versions/latest", f"/records/{planted.id}/latest"):
        to_newest = ask(path)
        is_page = not path.startswith("/api")
        assert to_newest.status_code == (302 if expected.api == 200 else expected.page if is_page else expected.api)
        if expected.api == 200:
            assert to_newest.headers["Location"].endswith(f"/records/{planted.id}")


@pytest.mark.both
@each_viewer
@each_state
def test_search_finds(world: World, state: str, who: str) -> None:
    ask, planted, expected = Asker(world, who), world.records[state], row(state, who)
    words = planted.words
    for query in (
        words["title"], words["creator"], words["about"], f'metadata.subjects.subject:"{words["subject"]}"',
        f"id:{planted.id}", f'"{planted.doi}"', f"metadata.title:{words['title']} OR nosuchword",
        f"{words['title'][:-1]}*",
    ):  # fmt: skip
        assert found(ask, planted, query) == expected.found, query
        assert found(ask, planted, query, allversions="true") == expected.found, query
    for query in (planted.key, f'files.entries.key:"{planted.key}"', words["md5"], words["sha256"], words["caption"]):
        may_be_found = expected.found and expected.files == 200
        assert found(ask, planted, query) <= may_be_found, query
    page = ask("/search/results", "text/html", query_string={"q": words["title"]})
    assert (f"/records/{planted.id}" in text_of(page)) == expected.found


def found(ask: Asker, planted: Planted, query: str, **arguments: str) -> bool:
    """Whether the record, and nothing but it, is a hit."""
    asked = {"q": query, **arguments}
    got = ask("/api/records", query_string=asked).get_json()
    hits = [hit["id"] for hit in got["hits"]["hits"]]
    assert got["hits"]["total"] == len(hits)
    counted = {bucket["doc_count"] for facet in got["aggregations"].values() for bucket in facet["buckets"]}
    assert counted == ({1} if hits else set())
    assert hits in ([], [planted.id])
    return bool(hits)


@pytest.mark.both
@each_viewer
def test_totals_and_facets_count_what_may_be_seen(world: World, who: str) -> None:
    ask = Asker(world, who)
    seen = {world.records[state].id for state in STATES if row(state, who).found}
    for arguments in ({}, {"q": "rain"}, {"allversions": "true"}, {"q": "*"}):
        got = ask("/api/records", query_string=arguments).get_json()
        assert {hit["id"] for hit in got["hits"]["hits"]} == seen, arguments
        assert got["hits"]["total"] == len(seen)
        facets = got["aggregations"]
        for name in ("resource_type", "access_status", "publication_date"):
            assert sum(bucket["doc_count"] for bucket in facets[name]["buckets"]) == len(seen), name
        files = sum(bucket["doc_count"] for bucket in facets.get("file_type", {"buckets": []})["buckets"])
        assert files == sum(found_by_file(state, who) for state in STATES)


def found_by_file(state: str, who: str) -> bool:
    """The facet of file types counts a public record only if everybody may list its files."""
    strangers, _readers = TABLE[state]
    return row(state, who).found and (strangers.files == 200 or not strangers.found)


@pytest.mark.both
@each_viewer
@each_state
def test_doi_leads_only_to_what_may_be_seen(world: World, state: str, who: str) -> None:
    planted = world.records[state]
    answer = Asker(world, who)(f"/doi/{planted.doi}")
    leads = row(state, who).page in (200, 410) and state != "erased"
    assert answer.status_code == (302 if leads else 404)


@pytest.mark.both
@each_viewer
def test_drafts_are_for_those_who_may_edit(world: World, who: str) -> None:
    ask, planted = Asker(world, who), world.records["draft"]
    draft = f"/api/records/{planted.id}/draft"
    status = 200 if who in READERS else 403
    for path in (draft, f"{draft}/files", f"{draft}/files/{planted.key}", f"{draft}/files/{planted.key}/content"):
        assert ask(path).status_code == status, path
    preview = ask(f"/records/{planted.id}?preview=1", "text/html")
    assert preview.status_code == (200 if who in READERS else 404)
    assert preview.headers["Cache-Control"] in ("private, no-store", "no-store")
    own = ask("/api/user/records", query_string={"size": "100"})
    if who == "nobody":
        assert own.status_code == 403
    else:
        expected = {world.records[state].id for state in STATES if row(state, "owner").found or state == "draft"}
        got = {hit["id"] for hit in own.get_json()["hits"]["hits"] if not hit["status"].startswith("new_version")}
        assert got == (expected if who == "owner" else set())
