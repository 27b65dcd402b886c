"""The table of what may be seen, over what the readers publish for everybody. Specified by: design, rule 4."""

import re
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph

from repository.formats import FORMATS
from tests.system.contents import quads
from tests.system.world import OF_FILES, STATES, Asker, World, text_of

pytestmark = pytest.mark.both

OPEN = ("open", "files restricted", "files embargoed")
"""States whose records everybody may list."""
DELETED = ("closed later", "withdrawn", "withdrawn closed", "hidden", "erased")
"""Of these, harvesters are told that they are deleted; of all others, nothing."""
TOMBSTONES = ("withdrawn", "withdrawn closed", "erased")
NEVER_SHOWN = ("withdrawn closed",)
"""Of these, those that were closed from the beginning."""
STATUSES = {"open": "open", "files restricted": "restricted", "files embargoed": "embargoed"}
"""Access status of the open ones."""
EMPTY = ("community", "openaire")
"""Sets that none of the records is in."""
PARTIAL = [form.oai.prefix for form in FORMATS if form.oai and form.is_partial]
"""Of formats that not every record can be had in: what has never been in one is not deleted in it."""
PREFIXES = [form.oai.prefix for form in FORMATS if form.oai]

each_state = pytest.mark.parametrize("state", STATES)


@pytest.mark.parametrize("prefix", PREFIXES)
@each_state
def test_item_of_oai(world: World, state: str, prefix: str) -> None:
    planted, ask = world.records[state], Asker(world, "nobody")
    identifier = f"oai:{world.instance.settings.oai_domain}:{planted.id}"
    one = text_of(ask(f"/oai?verb=GetRecord&metadataPrefix={prefix}&identifier={identifier}"))
    listed = text_of(ask(f"/oai?verb=ListRecords&metadataPrefix={prefix}"))
    headers = text_of(ask(f"/oai?verb=ListIdentifiers&metadataPrefix={prefix}"))
    assert "resumptionToken" not in listed
    never_had = state in NEVER_SHOWN and prefix in PARTIAL
    for answer in (one, *(record for record in listed.split("<record>") if identifier in record)):
        shown = planted.shown_in(answer)
        assert ("title" in shown) == (state in OPEN)
        assert not shown & set(OF_FILES) or state == "open"
        assert ('status="deleted"' in answer) == (state in DELETED and not never_had)
    assert ("idDoesNotExist" in one) == (state not in (*OPEN, *DELETED))
    assert ("cannotDisseminateFormat" in one) == never_had
    for answer in (listed, headers):
        assert [mark.lstrip("!") for mark in marks_of(answer)].count(planted.id) == (
            state in (*OPEN, *DELETED) and not never_had
        )
        assert (f"!{planted.id}" in marks_of(answer)) == (state in DELETED and not never_had)
        assert (identifier in answer) == (state in (*OPEN, *DELETED) and not never_had)


def marks_of(answer: str) -> list[str]:
    """Record ids of the headers, `!` before those that are deleted; formats name identifiers as well."""
    found = re.findall(r"<header( status=\"deleted\")?><identifier>oai:[^:<]*:([^<]*)</identifier>", answer)
    return [f"!{record_id}" if deleted else record_id for deleted, record_id in found]


def test_sets_of_oai_hold_what_may_be_seen(world: World) -> None:
    """Those of an access status hold the records that have it, every other one holds all; a deleted record is in the
    sets that it was in, and one that nobody has ever seen in none."""
    ask = Asker(world, "nobody")
    specs = re.findall(r"<setSpec>([^<]+)</setSpec>", text_of(ask("/oai?verb=ListSets")))
    assert {f"access:{status}" for status in STATUSES.values()} <= set(specs)
    for spec in specs:
        among = [state for state in OPEN if not spec.startswith("access:") or spec == f"access:{STATUSES[state]}"]
        gone = [state for state in DELETED if state not in NEVER_SHOWN]
        if spec.startswith("access:") and spec != "access:open":
            gone = []  # they all were open
        if spec in EMPTY:
            among, gone = [], []
        listed = text_of(ask(f"/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set={spec}"))
        assert sorted(marks_of(listed)) == sorted(
            [*(world.records[state].id for state in among), *(f"!{world.records[state].id}" for state in gone)]
        ), spec


@each_state
def test_graph(world: World, state: str) -> None:
    planted = world.records[state]
    landing = f"{world.instance.settings.site_url}/records/{planted.id}"
    graphs, union = graphs_of(world)
    assert (landing in graphs) == (state in OPEN)
    text = graphs.get(landing, "")
    shown = planted.shown_in("\n".join((text, union)))
    assert {"title", "creator", "about", "subject", "doi"} <= shown if state in OPEN else shown == set()
    assert (shown & {"key"} == {"key"}) == (state == "open")
    assert not shown & set(OF_FILES) or state == "open"
    assert ("http://www.w3.org/ns/dcat#distribution" in text) == (state == "open")


def graphs_of(world: World) -> tuple[dict[str, str], str]:
    """Text of each named graph, and of the default graph."""
    graphs: dict[str, list[str]] = {}
    union = []
    for quad in quads(world.instance.settings.graph):
        if isinstance(quad.graph_name, DefaultGraph):
            union.append(str(quad.triple))
        else:
            graphs.setdefault(quad.graph_name.value, []).append(str(quad.triple))
    return {name: "\n".join(lines) for name, lines in graphs.items()}, "\n".join(union)


def frozen(world: World) -> Path:
    return world.instance.settings.site_output / "current"


@each_state
def test_frozen_files(world: World, state: str) -> None:
    """A tombstone is a file of another name, which is served with 410; of what may not be seen there is nothing."""
    planted = world.records[state]
    folder = frozen(world) / "records" / planted.id
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if state in OPEN:
        assert names == {"index.html", "timemap", *(form.file_name for form in FORMATS if form.frozen)}
    elif state in TOMBSTONES:
        assert len(names) == 1
        assert "index.html" not in names
    else:
        assert names == set()
    shown = planted.shown_in(whole_tree(world))
    if state in OPEN:
        assert {"title", "creator", "about"} <= shown
        assert bool(shown & set(OF_FILES)) == (state == "open")
    else:
        left = {"withdrawn": {"title", "creator", "doi", "note"}, "withdrawn closed": {"note", "citation"}}
        assert shown == left.get(state, {"note"} if state == "erased" else set())


def whole_tree(world: World) -> str:
    """Names and contents of all frozen files."""
    files = sorted(path for path in frozen(world).resolve().rglob("*") if path.is_file())
    return "\n".join(f"{path}\n{path.read_text(encoding='utf-8', errors='replace')}" for path in files)


@each_state
def test_lists_and_sitemaps(world: World, state: str) -> None:
    """Frozen and live ones alike."""
    address = f"/records/{world.records[state].id}"
    ask = Asker(world, "nobody")
    for name, path in (("home", "/"), ("browse", "/browse/2024/"), ("sitemap", "")):
        paths = [path] if path else sitemaps(ask)
        live = "\n".join(text_of(ask(one, "text/html")) for one in paths)
        files = [frozen(world) / one[1:] / ("index.html" if one.endswith("/") else "") for one in paths]
        for text in (live, "\n".join(file.read_text(encoding="utf-8") for file in files)):
            assert (address in text) == (state in OPEN), name


def sitemaps(ask: Asker) -> list[str]:
    return re.findall(r"<loc>https?://[^/<]+(/[^<]+)</loc>", text_of(ask("/sitemap.xml")))
