"""Words that were planted in what is closed are in no answer to a stranger: no page, header, error, count or list."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from repository.formats import FORMATS
from tests.system.world import OF_FILES, PARTS, STATES, Asker, Planted, World, everything

pytestmark = pytest.mark.both

ALLOWED: dict[str, set[str]] = {
    "open": {*PARTS},
    "files restricted": {*PARTS} - {*OF_FILES},
    "files embargoed": {*PARTS} - {*OF_FILES},
    "withdrawn": {"title", "creator", "doi", "note"},  # its citation and its tombstone
    "withdrawn closed": {"note", "citation"},
    "erased": {"note"},
}
"""State → parts that strangers may get; of other states none."""

WHO = ("nobody", "other")
CHANGES = (
    ("POST", "/api/records/{id}/draft"),
    ("PUT", "/api/records/{id}/draft"),
    ("DELETE", "/api/records/{id}/draft"),
    ("POST", "/api/records/{id}/draft/actions/publish"),
    ("POST", "/api/records/{id}/draft/actions/files-import"),
    ("POST", "/api/records/{id}/draft/files"),
    ("PUT", "/api/records/{id}/draft/files/{key}"),
    ("POST", "/api/records/{id}/draft/files/{key}/commit"),
    ("DELETE", "/api/records/{id}/draft/files/{key}"),
    ("POST", "/api/records/{id}/versions"),
    ("PUT", "/api/records/{id}/access"),
    ("PUT", "/api/records/{id}"),
    ("DELETE", "/api/records/{id}"),
    ("POST", "/api/records/{id}/files"),
    ("DELETE", "/api/records/{id}/files/{key}"),
    ("DELETE", "/api/records/{id}/delete"),
    ("POST", "/api/records/{id}/restore"),
)
LISTS = ("/sitemap.xml", "/catalog.ttl", "/ldes", "/.well-known/resourcesync")
"""Lists that lead to further ones."""
FURTHER = re.compile(r"<(?:loc>https?://[^/<]+/)?((?:sitemaps|catalog|changes|resourcesync)/[^<>#]+)[<>]")
EVERYBODYS = (
    "/", "/browse/", "/browse/2024/", "/feed.xml", "/.well-known/void", "/.well-known/api-catalog", "/opensearch.xml",
    "/catalog.jsonld", "/catalog.rdf", "/catalog.nt", "/vocabularies/resourcetypes.ttl", "/vocabularies/names",
    "/robots.txt", "/about/", "/api/records", "/api/status",
    "/api/records?allversions=true&size=1000", "/api/records?q=rain&sort=bestmatch", "/api/records?q=nosuchword",
    "/api/records?q=rain~2&expand=1", "/api/records?q=%28", "/api/records?page=2&size=1", "/api/user/records",
    "/search/results", "/search/results?q=rain&allversions=true", "/search/results?q=%28",
    "/oai?verb=Identify", "/oai?verb=ListSets", "/oai?verb=ListMetadataFormats",
    *(f"/oai?verb=ListRecords&metadataPrefix={form.oai.prefix}" for form in FORMATS if form.oai),
    *(f"/oai?verb=ListIdentifiers&metadataPrefix={form.oai.prefix}" for form in FORMATS if form.oai),
)  # fmt: skip


def reads(planted: Planted, domain: str, parent: str) -> Iterator[tuple[str, str]]:
    """Path and `Accept` of every way to ask for a record."""
    page, api, key = f"/records/{planted.id}", f"/api/records/{planted.id}", quote(planted.key)
    types = ("application/json", "application/vnd.inveniordm.v1+json", "text/html", "x/y")
    for media_type in (*types, *(form.media_type for form in FORMATS)):
        yield page, media_type
        yield api, media_type
        yield f"/api/records/{parent}", media_type
    for path in (
        *(f"{page}/{form.file_name}" for form in FORMATS),
        f"{page}?preview=1", f"{page}/latest", f"{page}/files/{key}", f"{page}/files/{key}?download=1",
        f"{page}/files/nosuch", f"/records/{parent}", f"/records/{parent}/latest", f"/uploads/{planted.id}",
        f"/doi/{planted.doi}", f"/oai/oai:{domain}:{planted.id}",
        f"{api}?expand=1&prettyprint=1", f"{api}/files", f"{api}/files-archive", f"{api}/files/{key}",
        f"{api}/files/{key}/content", f"{api}/files/nosuch", f"{api}/versions", f"{api}/versions/latest",
        f"{api}/revisions", f"{api}/revisions/1", f"{api}/draft", f"{api}/draft?expand=1", f"{api}/draft/files",
        f"{api}/draft/files-archive", f"{api}/draft/files/{key}", f"{api}/draft/files/{key}/content",
        f"/oai?verb=ListMetadataFormats&identifier=oai:{domain}:{planted.id}",
        *(f"/oai?verb=GetRecord&metadataPrefix={form.oai.prefix}&identifier=oai:{domain}:{planted.id}"
          for form in FORMATS if form.oai),
        f"/oai?verb=GetRecord&metadataPrefix=nosuch&identifier=oai:{domain}:{planted.id}",
    ):  # fmt: skip
        yield path, "*/*"


def parent_of(world: World, planted: Planted) -> str:
    path = f"/api/records/{planted.id}" + ("/draft" if planted.state == "draft" else "")
    answer = Asker(world, "admin")(path)
    return str(answer.get_json()["parent"]["id"]) if answer.status_code == 200 else "aaaaa-bbbbb"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", STATES)
def test_no_answer_shows_more_of_a_record_than_may_be_seen(world: World, state: str, who: str) -> None:
    planted, ask = world.records[state], Asker(world, who)
    allowed = ALLOWED.get(state, set())
    for path, accept in reads(planted, world.instance.settings.oai_domain, parent_of(world, planted)):
        answer = ask(path, accept)
        assert answer.status_code < 500, path
        assert planted.shown_in(unasked(everything(answer), path)) <= allowed, (path, accept)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", STATES)
def test_no_change_is_made_by_a_stranger_or_answered_with_what_is_closed(world: World, state: str, who: str) -> None:
    planted, ask = world.records[state], Asker(world, who)
    allowed = ALLOWED.get(state, set())
    for method, pattern in CHANGES:
        path = pattern.format(id=planted.id, key=quote(planted.key))
        answer = ask(path, method=method, json=[] if pattern.endswith("/files") else {})
        assert answer.status_code in (400, 403, 404, 410), (method, path)
        assert planted.shown_in(unasked(everything(answer), path)) <= allowed, (method, path)


@pytest.mark.parametrize("who", WHO)
def test_no_list_shows_what_is_closed(world: World, who: str) -> None:
    ask = Asker(world, who)
    lists = [*LISTS]
    for path in lists:
        lists += {f"/{found}" for found in FURTHER.findall(everything(ask(path)))} - {*lists}
    assert {"sitemaps", "catalog", "changes", "resourcesync"} <= {path.split("/")[1] for path in lists}
    for path in (*EVERYBODYS, *lists):
        answer = ask(path)
        assert answer.status_code < 500, path
        text = everything(answer)
        for state, planted in world.records.items():
            in_lists = ALLOWED.get(state, set()) if state.startswith(("open", "files")) else set()
            assert planted.shown_in(text) <= in_lists, (path, state)
            is_told_as_gone = "changes/" in path and state in ("withdrawn", "withdrawn closed", "erased")
            if not in_lists and "oai" not in path and not is_told_as_gone:
                assert planted.id not in text, (path, state)


def test_canaries_are_found_where_they_may_be_seen(world: World) -> None:
    """The walk would find a leak: the owner is shown every part of a closed record by it."""
    planted, ask = world.records["record restricted"], Asker(world, "owner")
    shown: set[str] = set()
    for path, accept in reads(planted, world.instance.settings.oai_domain, parent_of(world, planted)):
        shown |= planted.shown_in(unasked(everything(ask(path, accept)), path))
    assert shown >= {*PARTS} - {"sha256"}


def unasked(text: str, path: str) -> str:
    """Without an echo of what was asked for: sign-in links and redirects name it."""
    for asked in (path, path.partition("?")[0]):
        text = text.replace(asked, "").replace(quote(asked, safe=""), "")
    return text
