"""Linked data: the RDF of a record in all syntaxes beside rdflib, content negotiation, linksets of very many files.

`python benchmarks/linked_data.py [SECTION…]`; without a name, all sections run.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, islice

import httpx
import rdflib
from measuring import SHARED, command, fresh_home, percentile, serving, table
from rest import METADATA

from repository import vocabularies
from repository.formats import by_name
from repository.formats.files import with_all_files
from repository.formats.rdf import graph_of
from repository.formats.reading import Known, read
from repository.ld.negotiation import choose
from repository.records.deposit import Deposit
from repository.records.metadata_terms import resolve, term_props
from repository.records.snapshot import Json, Site, Snapshot

SITE = Site(url="https://repository.example.org", name="Example Repository", oai_domain="repository.example.org")
RDF = ("turtle", "n-triples", "dcat", "json-ld")
THEIRS = ("turtle", "nt", "xml", "json-ld")
RECORDS = 300
FILES = 25_000
REQUESTS = 400
TIMES = 5


def least(work: Callable[[], object], times: int = TIMES) -> float:
    """Milliseconds of the quickest of several runs: what others do on the machine only ever adds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return min(found)


def snapshots(wanted: int) -> list[Snapshot]:
    """Real records, evenly from the corpus, as they would be published."""
    terms = {(name, term["id"]): term for name in vocabularies.available() for term in vocabularies.load(name)}
    known = Known.from_terms((vocabulary, entry) for (vocabulary, _), entry in terms.items())
    found = []
    for path in sorted((SHARED / "corpus" / "datacite" / "json").rglob("*.json")):
        for item in islice(read(path, path.name, known, fill_missing=True), 20):
            if isinstance(item, Deposit):
                found.append(snapshot(len(found), item.body, terms))
    return found[:: max(1, len(found) // wanted)][:wanted]


def snapshot(number: int, body: Json, terms: dict[tuple[str, str], Json]) -> Snapshot:
    metadata, custom_fields = resolve(body["metadata"], body["custom_fields"], terms)
    return Snapshot(
        id=f"bench-{number:05d}", parent_id=f"group-{number:05d}", index=1, revision_id=1,
        created="2026-01-01T00:00:00+00:00", updated="2026-01-01T00:00:00+00:00", state="published",
        access={"record": "public", "files": "public", "embargo": {"active": False}, "status": "open"},
        metadata=metadata, custom_fields=custom_fields, pids=body["pids"], parent={"pids": {}},
        files={"enabled": True, "order": [], "count": 3, "total_bytes": 3, "entries": entries(3)},
        props=term_props(body["metadata"], body["custom_fields"], terms),
    )  # fmt: skip


def entries(wanted: int) -> dict[str, Json]:
    return {
        key: {"key": key, "size": number, "mimetype": "text/csv", "sha256": "0" * 64, "access": {"hidden": False}}
        for number, key in ((number, f"series/part-{number:05d}.csv") for number in range(wanted))
    }


def representations() -> None:
    """One graph, written in all syntaxes, beside rdflib building the same graph and writing it."""
    records = snapshots(RECORDS)
    writers = [form.write for form in map(by_name, RDF) if form is not None]
    graphs = [graph_of(state, SITE).triples() for state in records]
    ours = [least(all_of(state, writers)) for state in records]
    parts = [[least(partial(write, state, SITE)) for state in records] for write in writers]
    building = [least(lambda state=state: graph_of(state, SITE).triples()) for state in records]
    sample = graphs[:: len(graphs) // 30]
    theirs = [least(lambda triples=triples: by_rdflib(triples), 3) for triples in sample]
    sizes = [len(triples) for triples in graphs]
    table(
        f"RDF of {len(records)} real records of three files, {statistics.median(sizes):.0f} triples in the median",
        ("what", "median, ms", "p95, ms", "budget, ms", "beside: rdflib, ms"),
        [
            ("one graph, written as Turtle, N-Triples, RDF/XML and JSON-LD", f"{statistics.median(ours):.2f}",
             f"{percentile(ours, 0.95):.2f}", "≤ 1", f"{statistics.median(theirs):.1f}"),
            ("of it building the graph", f"{statistics.median(building):.2f}", f"{percentile(building, 0.95):.2f}",
             "–", "–"),
            *((f"{name}, from a graph that is there", f"{statistics.median(times):.3f}",
               f"{percentile(times, 0.95):.3f}", "–", "–") for name, times in zip(RDF, parts, strict=True)),
        ],
    )  # fmt: skip


def all_of(state: Snapshot, writers: Sequence[Callable[[Snapshot, Site], bytes]]) -> Callable[[], object]:
    """All syntaxes of a record that was never seen: each run gets one of its own, as the last graph is kept."""
    unseen = iter([replace(state) for _ in range(TIMES)])

    def work() -> None:
        copy = next(unseen)
        for write in writers:
            write(copy, SITE)

    return work


def by_rdflib(triples: Sequence[object]) -> None:
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(tuple(_term(value) for value in triple))
    for name in THEIRS:
        graph.serialize(format=name)


def _term(value: object) -> rdflib.term.Node:
    kind = type(value).__name__
    if kind == "NamedNode":
        return rdflib.URIRef(value.value)
    if value.language:
        return rdflib.Literal(value.value, lang=value.language)
    return rdflib.Literal(value.value, datatype=rdflib.URIRef(value.datatype.value))


def negotiation() -> None:
    """A GET of a format by its own address, and of the same bytes at the record's by `Accept`, taken in turns."""
    accept = "application/xhtml+xml;q=0.2, text/turtle;q=0.9, application/rdf+xml;q=0.5, */*;q=0.1"
    with fresh_home() as home:
        command(home, "init")
        command(home, "accounts", "create", "bench@example.org")
        token = command(home, "accounts", "token", "bench@example.org").split()[-1]
        with (
            serving(home, "--workers", "1", "--no-readers") as (url, _server),
            httpx.Client(headers={"Authorization": f"Bearer {token}"}) as depositor,
            httpx.Client() as client,
        ):
            draft = depositor.post(f"{url}/api/records", json={"metadata": METADATA, "files": {"enabled": False}})
            record = depositor.post(f"{url}/api/records/{draft.json()['id']}/draft/actions/publish").json()["id"]
            page = f"{url}/records/{record}"
            named, chosen = [], []
            for _ in range(REQUESTS):
                for times, address, headers in ((named, f"{page}/record.ttl", {}), (chosen, page, {"Accept": accept})):
                    start = time.perf_counter()
                    client.get(address, headers=headers).raise_for_status()
                    times.append((time.perf_counter() - start) * 1000)
    from site_builder.views.records import _OFFERS

    numbers = count()
    fresh = least(lambda: [choose(f"{accept}, x/{next(numbers)}", _OFFERS) for _ in range(100)]) / 100
    known = least(lambda: [choose(accept, _OFFERS) for _ in range(1000)]) / 1000
    table(
        f"Content negotiation, one client, {REQUESTS} GETs each",
        ("what", "p50, ms", "p95, ms", "budget"),
        [
            ("Turtle at its own address", f"{statistics.median(named):.2f}", f"{percentile(named, 0.95):.2f}", "–"),
            ("Turtle by `Accept` of four ranges", f"{statistics.median(chosen):.2f}",
             f"{percentile(chosen, 0.95):.2f}", "≤ 0.2 ms more"),
            ("choosing alone, the header known", f"{known:.4f}", "–", "–"),
            ("choosing alone, a header never seen", f"{fresh:.3f}", "–", "–"),
        ],
    )  # fmt: skip


def linksets() -> None:
    """All links of a record of very many files, its list already read."""
    terms = {("resourcetypes", term["id"]): term for term in vocabularies.load("resourcetypes")}
    body = {"metadata": METADATA, "custom_fields": {}, "pids": {}}
    largest = with_all_files(snapshot(1, body, terms), entries(FILES).values())
    rows = []
    for name in ("linkset-json", "linkset"):
        form = by_name(name)
        if form is not None:
            size = len(form.write(largest, SITE))
            gc.collect()
            rows.append((form.media_type, f"{least(lambda write=form.write: write(largest, SITE), 7):.0f}", "≤ 150",
                         f"{size / 1e6:.1f}"))  # fmt: skip
    table(f"A linkset of {FILES:,} files", ("what", "ms", "budget, ms", "MB"), rows)


SECTIONS: dict[str, Callable[[], None]] = {
    "representations": representations,
    "negotiation": negotiation,
    "linksets": linksets,
}
"""Name → what is measured and printed; the graph projection and SPARQL are in `sparql.py`."""


def main() -> None:
    for name in sys.argv[1:] or SECTIONS:
        SECTIONS[name]()


if __name__ == "__main__":
    main()
