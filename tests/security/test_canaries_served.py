"""A real server, its readers beside it: nothing of what is closed is on any surface, before and after each change.

What the application itself says is right at once; what readers have made, as soon as they have read the change.
"""

import contextlib
import fcntl
import gzip
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import brotli
import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from repository.formats import FORMATS
from repository.ld.places import graph_folder
from repository.records.visibility import Viewer
from repository.services import accounts
from repository.services.instance import Instance, open_instance
from repository.settings import load
from tests.security.addresses import PLACES
from tests.servers.colophon import ColophonServer, running
from tests.system.test_canaries import ALLOWED, EVERYBODYS, reads, unasked
from tests.system.world import CHANGES, PARTS, STATES, Planted, plant

pytestmark = pytest.mark.service

BEFORE = {"withdrawn closed": "record restricted", "record restricted": "record restricted"}
"""What a record is before its change, where it is not open."""
UNCHANGED = [state for state in STATES if state not in CHANGES]
QUERIES = (
    "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }", "SELECT ?s ?p ?o WHERE { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) ?g WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
)  # fmt: skip
UNPACK = {".gz": gzip.decompress, ".br": brotli.decompress}
DELETED = ("closed later", "withdrawn", "withdrawn closed", "hidden", "erased")


@dataclass
class Scene:
    server: ColophonServer
    instance: Instance
    owner: Viewer
    records: dict[str, Planted]
    changed: set[str]

    def allowed(self, state: str) -> set[str]:
        """Parts that strangers may get of the record that is, or will be, in a state."""
        if state in UNCHANGED or state in self.changed:
            return ALLOWED.get(state, set())
        return ALLOWED.get(BEFORE.get(state, "open"), set())

    def in_lists(self, state: str) -> set[str]:
        is_gone = state in DELETED and (state in self.changed or state in BEFORE)
        return set() if is_gone or state == "draft" or state.startswith("record") else self.allowed(state)

    def leaks(self, text: str, *, lists: bool = False) -> set[tuple[str, str]]:
        """(state, part) of whatever is in a text and may not be seen."""
        return {
            (state, part)
            for state, planted in self.records.items()
            for part in planted.shown_in(text) - (self.in_lists(state) if lists else self.allowed(state))
        }


@pytest.fixture(scope="module")
def scene(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("canaries") / "instance"
    server = ColophonServer.over(instance_template, home, oai__page_size=2)
    instance = open_instance(load(home, environment={}, overrides={"serve.port": server.port}))
    account = accounts.find_account(instance, "owner@example.org")
    assert account is not None
    records = {state: plant(instance, account.viewer, state) for state in STATES}
    with running(server):
        yield Scene(server, instance, account.viewer, records, set())
    instance.close()


def everything(answer: httpx.Response) -> str:
    lines = (f"{name}: {value}" for name, value in answer.headers.items())
    return "\n".join((str(answer.status_code), *lines, answer.content.decode("utf-8", "replace")))


def asked(scene: Scene, planted: Planted) -> Iterator[tuple[str, str]]:
    """Path and answer of every way in which a stranger asks for a record."""
    with httpx.Client(base_url=scene.server.base, timeout=60) as client:
        for path, accept in reads(planted, scene.instance.settings.oai_domain, "aaaaa-bbbbb"):
            answer = client.get(path, headers={"Accept": accept})
            assert answer.status_code < 500, path
            yield path, unasked(everything(answer), path)


def lists(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every list that there is, all its pages: the application's, harvesters', queries', and the frozen files."""
    with httpx.Client(base_url=scene.server.base, timeout=60) as client:
        index = client.get("/sitemap.xml").text
        sitemaps = re.findall(r"<loc>https?://[^/<]+(/sitemaps/[^<]+)</loc>", index)
        for path in (*EVERYBODYS, *sitemaps, "/api/subjects?suggest=zq", "/api/names?suggest=zq", "/browse/2024/05/"):
            yield path, everything(client.get(path))
        for form in FORMATS:
            for verb in ("ListRecords", "ListIdentifiers") if form.oai else ():
                yield from harvest(client, f"/oai?verb={verb}&metadataPrefix={form.oai.prefix if form.oai else ''}")
        for query in QUERIES:
            answer = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
            assert answer.status_code == 200, answer.text
            yield "/sparql", everything(answer)
    yield from frozen(scene.server.home)
    yield from copies_of_graph(graph_folder(scene.instance.settings.graph))


def frozen(home: Path) -> Iterator[tuple[str, str]]:
    """Every file of every generation of the static site, one that is being made too; unpacked.

    What the builder notes for itself (`.builder`) is no part of it, as the database is not.
    """
    root = home / "static-build"
    for path in (path for path in root.rglob("*") if path.relative_to(root).parts[0] != ".builder"):
        name = f"/{path.relative_to(home)}"
        with contextlib.suppress(FileNotFoundError):  # removed or renamed meanwhile
            if path.is_file() and not path.is_symlink():
                assert path.suffix != ".zst", f"{name}: unpack it here, as the others are"
                content = UNPACK.get(path.suffix, bytes)(path.read_bytes())
                yield name, f"{name}\n{content.decode('utf-8', 'replace')}"


def copies_of_graph(folder: Path) -> Iterator[tuple[str, str]]:
    """Every copy of the graph store that there is, also those that no query reads any more."""
    for path in folder.joinpath("snapshots").iterdir():
        with contextlib.suppress(FileNotFoundError, BlockingIOError), held(path):
            quads = Store.read_only(str(path)).dump(format=RdfFormat.N_QUADS)
            assert quads is not None
            yield f"/graph/{path.name}", quads.decode()


@contextlib.contextmanager
def held(copy: Path) -> Iterator[None]:
    """Nobody removes it meanwhile. Raises BlockingIOError where somebody is just at it."""
    descriptor = os.open(copy, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def harvest(client: httpx.Client, path: str) -> Iterator[tuple[str, str]]:
    first = path
    while path:
        text = everything(client.get(path))
        yield path, text
        token = re.search(r"<resumptionToken[^>]*>([^<]+)</resumptionToken>", text)
        path = f"{first.partition('&')[0]}&resumptionToken={quote(token[1])}" if token else ""


def found(scene: Scene) -> set[tuple[str, str]]:
    """(state, word) of each planted word that a stranger's search finds or counts, and should not."""
    wrong = set()
    with httpx.Client(base_url=scene.server.base, timeout=60) as client:
        for state, planted in scene.records.items():
            for part in PARTS:
                for every in ("false", "true"):
                    got = client.get("/api/records", params={"q": planted.words[part], "allversions": every}).json()
                    counts = [bucket for facet in got["aggregations"].values() for bucket in facet["buckets"]]
                    if (got["hits"]["total"] or counts) and part not in scene.in_lists(state):
                        wrong.add((state, part))
    return wrong


def leaks_in_lists(scene: Scene) -> set[tuple[str, str, str]]:
    return {
        (path, *leak)
        for path, text in lists(scene)
        for leak in scene.leaks(text, lists=not re.match(r"/static-build/[^/]+/records/", path))  # a page is no list
    }


def caught_up(scene: Scene) -> bool:
    readers = scene.server.get("/api/status").json()["projections"]
    return all(reader["lag"] == 0 for reader in readers)


def test_nothing_closed_is_shown_before_and_after_each_change(scene: Scene) -> None:
    for state in ("", *CHANGES):
        if state:
            CHANGES[state](scene.instance, scene.owner, scene.records[state])
            scene.changed.add(state)
        for planted in scene.records.values() if state in ("", [*CHANGES][-1]) else [scene.records[state]]:
            for path, text in asked(scene, planted):
                if not path.startswith("/oai?"):  # of what readers have made, a moment later
                    assert scene.leaks(text) == set(), path
        scene.server.wait_for(lambda: caught_up(scene))
        scene.server.wait_for(lambda: not leaks_in_lists(scene) and not found(scene))
        for path, text in asked(scene, scene.records[state or "record restricted"]):
            assert scene.leaks(text) == set(), path
    assert leaks_in_lists(scene) == set()
    assert found(scene) == set()


def test_the_crawl_sees_what_is_open(scene: Scene) -> None:
    """Else it would see no leak either: each surface shows the words of an open record."""
    scene.server.wait_for(lambda: caught_up(scene))
    time.sleep(3)  # items of OAI-PMH stand in lists when their second is over
    planted = scene.records["open"]
    seen = {path for path, text in lists(scene) if planted.words["title"] in text}
    assert "/sparql" in seen
    assert any(path.startswith("/graph/") for path in seen)
    assert any(path.startswith("/oai?verb=ListRecords") for path in seen)
    assert any(path.startswith("/api/records") for path in seen)
    assert any(path.endswith("index.html") and planted.id in path for path in seen)
    assert {part for _path, text in asked(scene, planted) for part in planted.shown_in(text)} >= {*PARTS} - {"sha256"}


def test_the_crawl_sees_what_is_left_of_earlier_generations(scene: Scene) -> None:
    """A packed page of an old static site, and a copy of the graph store, each with a word of a closed record."""
    word = scene.records["record restricted"].words["title"]
    left = scene.server.home / "static-build" / "left" / "browse" / "index.html.gz"
    copy = graph_folder(scene.instance.settings.graph) / "snapshots" / "left.0"
    left.parent.mkdir(parents=True)
    left.write_bytes(gzip.compress(word.encode()))
    store = Store(str(copy))
    with held(copy):  # else the leader removes it
        store.add(Quad(NamedNode("urn:a"), NamedNode("urn:b"), Literal(word)))
        store.flush()
        del store
        leaks = {path for path, _state, _part in leaks_in_lists(scene)}
    shutil.rmtree(left.parents[1])
    shutil.rmtree(copy, ignore_errors=True)
    assert leaks == {"/graph/left.0", "/static-build/left/browse/index.html.gz"}


def test_the_log_of_the_server_tells_nothing(scene: Scene) -> None:
    """Nor does it hold a token or a password."""
    scene.server.get("/nosuch", "owner")
    scene.server.request("POST", "/api/login", json={"email": "owner@example.org", "password": "hunter two"})
    log = scene.server.log.read_text(encoding="utf-8", errors="replace")
    for state, planted in scene.records.items():
        assert planted.shown_in(log) == set(), state
    for secret in (*scene.server.tokens.values(), "hunter two", scene.instance.settings.secret):
        assert secret not in log


def test_an_error_tells_nothing_of_the_inside(scene: Scene) -> None:
    for path in (
        "/api/records?q=%28", "/api/records?sort=x", "/api/records?page=0", "/api/records?size=x", "/records/%00",
        "/api/vocabularies/nosuch", "/sparql?query=x", "/oai?verb=x", "/oai?verb=ListRecords&resumptionToken=x",
        f"/api/records/{PLACES['record_id']}?access_token=x", "/api/records?" + "q=a&" * 2000, "/" + "a" * 7000,
    ):  # fmt: skip
        answer = scene.server.get(path)
        assert 200 <= answer.status_code < 500, path
        for inside in ("Traceback", "sqlite", "SELECT ", str(scene.server.home), "site-packages", ".py"):
            assert inside not in everything(answer), (path, inside)


def test_absurd_requests_are_refused_and_the_next_one_is_answered(scene: Scene) -> None:
    """URLs, headers and bodies beyond all sense."""
    for path, headers in (
        ("/" + "a" * 60_000, {}), ("/api/records?q=" + "a" * 60_000, {}), ("/", {"X-Long": "a" * 1_000_000}),
        ("/api/records", {f"X-{number}": "a" for number in range(2000)}), ("/about/", {"Cookie": "a=b; " * 20_000}),
    ):  # fmt: skip
        try:
            answer = scene.server.get(path, headers=headers)
        except httpx.TransportError:
            pass  # the connection is closed: that is a refusal as well
        else:
            assert answer.status_code != 500, path[:50]
        assert scene.server.status("/api/ping") == 200
    as_form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert scene.server.request("POST", "/login", content=b"a=b&" * 50_000, headers=as_form).status_code == 413
