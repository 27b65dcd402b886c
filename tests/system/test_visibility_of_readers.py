"""The table of what may be seen, over what the readers publish for everybody. Specified by: design, rule 4."""

import re
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Store

from repository.formats import FORMATS
from repository.ld.places import graph_folder
from repository.ld.snapshots import held
from tests.system.world import OF_FILES, STATES, Asker, World, text_of

OPEN = ("open", "files restricted", "files embargoed")
"""States whose records everybody may list."""
DELETED = ("closed later", "withdrawn", "withdrawn closed", "hidden", "erased")
"""Of these, harvesters are told that they are deleted; of all others, nothing."""
TOMBSTONES = ("withdrawn", "withdrawn closed", "erased")
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
    for answer in (one, *(record for record in listed.split("<record>") if identifier in record)):
        shown = planted.shown_in(answer)
        assert ("title" in shown) == (state in OPEN)
        assert not shown & set(OF_FILES) or state == "open"
        assert ('status="deleted"' in answer) == (state in DELETED)
    assert ("idDoesNotExist" in one) == (state not in (*OPEN, *DELETED))
    for answer in (listed, headers):
        assert answer.count(f"{identifier}</identifier>") == (state in (*OPEN, *DELETED))


def test_sets_of_oai_hold_what_may_be_seen(world: World) -> None:
    ask = Asker(world, "nobody")
    specs = re.findall(r"<setSpec>([^<]+)</setSpec>", text_of(ask("/oai?verb=ListSets")))
    assert specs
    for spec in specs:
        listed = text_of(ask(f"/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set={spec}"))
        assert listed.count("<header>") == len(OPEN), spec
        assert listed.count('<header status="deleted">') <= len(DELETED)


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
    with held(graph_folder(world.instance.settings.graph)) as path:
        assert path is not None
        for quad in Store.read_only(str(path)):
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
        assert names == {"index.html", *(form.file_name for form in FORMATS if form.frozen)}
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
