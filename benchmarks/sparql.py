"""Real records as graphs: how fast they are written, and how fast the copy answers, beside rdflib and Fuseki.

TRIPLES (1,000,000) are loaded into each store; rdflib gets at most RDFLIB_TRIPLES (200,000), since loading a million
takes it minutes, and its rows say so. A look-up begins from a record, an aggregate passes over all of them. Our rows
include the whole way of a query: application, query service, child process.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from measuring import ROOT, SHARED, command, fresh_home, table

sys.path.insert(0, str(ROOT))
import rdflib
from flask.testing import FlaskClient

from repository import settings
from repository.following.pace import collect_seldom
from repository.ld.projection import LdProjection
from repository.ld.record_graph import RecordGraph
from repository.ld.store import graph_store
from repository.records.identifiers import landing_iri
from repository.settings import Settings
from repository.storage import changes
from repository.storage.changes import Change
from repository.storage.database import Database
from tests.ld.sparql_service import application, query_service
from tests.servers.fuseki import FusekiServer

TRIPLES = int(os.environ.get("TRIPLES", "1000000"))
RDFLIB_TRIPLES = min(TRIPLES, int(os.environ.get("RDFLIB_TRIPLES", "200000")))
RECORDS = int(os.environ.get("RECORDS", "4000"))
"""Written one batch after another, to measure the projection."""
GENERATION = "g20260101000000beef"
BATCH = 200
WARM = int(os.environ.get("WARM", "2000"))
"""Records written before: Java takes so many until it is as fast as it gets."""
ROUNDS = 15
PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
LOOK_UPS = {
    "title of a record": "SELECT ?title { <%s> foaf:primaryTopic ?x . ?x dct:title ?title }",
    "everything of a record": "SELECT ?p ?o { GRAPH <%s> { ?s ?p ?o } }",
    "names of its creators": "SELECT ?name { <%s> foaf:primaryTopic/dct:creator/foaf:name ?name }",
}
AGGREGATES = {
    "datasets": "SELECT (COUNT(*) AS ?n) { ?x a dcat:Dataset }",
    "datasets of each type": "SELECT ?t (COUNT(?x) AS ?n) { ?x a dcat:Dataset ; dct:type ?t } GROUP BY ?t",
    "datasets of each year": "SELECT ?year (COUNT(?x) AS ?n) "
    "{ ?x a dcat:Dataset ; dct:issued ?d . BIND(SUBSTR(STR(?d), 1, 4) AS ?year) } GROUP BY ?year",
}
Ask = Callable[[str], int]
"""Puts a query; rows of its answer."""


@contextmanager
def imported(home: Path) -> Iterator[tuple[Settings, list[Change]]]:
    """An instance with real records: its settings, and the last change of each record."""
    documents = home.parent / "bulk.jsonl"
    script = SHARED / "corpus" / "bulk_to_datacite.py"
    lines = os.popen(f"{sys.executable} {script} {SHARED / 'corpus' / 'bulk.jsonl'}").read()
    documents.write_text(lines, encoding="utf-8")
    command(home, "init")
    command(home, "records", "import", str(documents), "--json")
    options = settings.load(home, {})
    database = Database(options.database)
    found: dict[str, Change] = {}
    after = 0
    with database.read() as connection:
        while batch := changes.after(connection, after, 1000):
            found |= {change.record_id: change for change in batch}
            after = batch[-1].position
    yield options, list(found.values())
    database.close()


def projected(options: Settings, states: list[Change]) -> float:
    """Records a second from change to what queries see, as an increment in batches."""
    projection = LdProjection(options)
    with projection.leading():
        for old in projection.generations():
            projection.drop(old)
        projection.create(GENERATION)
        projection.activate(GENERATION)
        _write(projection, states[:WARM])
        begin = time.perf_counter()
        _write(projection, states[WARM:])
        return (len(states) - WARM) / (time.perf_counter() - begin)


def _write(projection: LdProjection, states: list[Change]) -> None:
    for start in range(0, len(states), BATCH):
        projection.write(projection.prepare(states[start : start + BATCH]), GENERATION, None)


def graphs(options: Settings, states: list[Change], least: int) -> Iterator[list[RecordGraph]]:
    """Batches with so many triples in all; where the records do not suffice they come again under other names."""
    projection, given, copy = LdProjection(options), 0, 0
    while True:
        for start in range(0, len(states), BATCH):
            batch = projection.prepare(states[start : start + BATCH])
            if copy:
                batch = [_renamed(graph, copy) for graph in batch]
            yield batch
            given += sum((graph.triples or b"").count(b"\n") for graph in batch)
            if given >= least:
                return
        copy += 1


def _renamed(graph: RecordGraph, copy: int) -> RecordGraph:
    """Another record: landing page and DOI have an end of their own."""
    name = f"{graph.name}-{copy}"
    triples = (graph.triples or b"").replace(graph.name.encode(), name.encode())
    return RecordGraph(
        name, graph.position, triples.replace(b"<https://doi.org/", f"<https://doi.org/{copy}.".encode())
    )


def loaded(options: Settings, states: list[Change]) -> float:
    """Seconds to fill a generation with TRIPLES."""
    store = graph_store(options.graph)
    with store.leading():
        for old in store.generations():
            store.drop(old)
        store.create(GENERATION)
        begin = time.perf_counter()
        for batch in graphs(options, states, TRIPLES):
            store.write(batch, GENERATION)
        store.activate(GENERATION)
        return time.perf_counter() - begin


def over_http(client: FlaskClient) -> Ask:
    def ask(query: str) -> int:
        answer = client.post("/sparql", data={"query": PREFIXES + query}, headers={"Accept": "text/csv"})
        if answer.status_code != 200:
            raise SystemExit(answer.text)
        return len(answer.text.splitlines()) - 1

    return ask


def milliseconds(ask: Ask, queries: list[str]) -> float:
    """Median, warm."""
    times = []
    for number in range(-3, ROUNDS):
        begin = time.perf_counter()
        if ask(queries[number % len(queries)]) == 0:
            raise SystemExit(f"nothing found: {queries[number % len(queries)]}")
        if number >= 0:
            times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def answered(ask: Ask, names: list[str]) -> dict[str, float]:
    found = {title: milliseconds(ask, [query % name for name in names]) for title, query in LOOK_UPS.items()}
    return found | {title: milliseconds(ask, [query]) for title, query in AGGREGATES.items()}


def in_rdflib(options: Settings, states: list[Change], names: list[str]) -> tuple[dict[str, float], float]:
    dataset = rdflib.Dataset(default_union=True)
    begin = time.perf_counter()
    for batch in graphs(options, states, RDFLIB_TRIPLES):
        for graph in batch:
            dataset.graph(rdflib.URIRef(graph.name)).parse(data=graph.triples, format="nt")
    seconds = time.perf_counter() - begin
    return answered(lambda query: len(list(dataset.query(PREFIXES + query))), names), seconds


def main() -> None:
    collect_seldom()
    rates, loads, times = {}, {}, {}
    with (
        fresh_home() as home,
        FusekiServer(persistent=True, memory="2g") as server,
        imported(home) as (options, states),
    ):
        names = [landing_iri(options.site, state.record_id) for state in states[:20]]
        for title, url in (("this, embedded", options.graph), ("this, Fuseki", server.setting)):
            here = replace(options, graph=url, sparql_timeout=600.0)
            rates[title] = projected(here, states[: RECORDS + WARM])
            loads[title] = loaded(here, states)
            with query_service(here):
                times[title] = answered(over_http(application(here).test_client()), names)
        times["rdflib"], loads["rdflib"] = in_rdflib(options, states, names)
    head = ("store", "records/s", "budget")
    table("Graphs of real records written, batches of 200", head,
          [(title, f"{rate:,.0f}", "≥ 400") for title, rate in rates.items()])  # fmt: skip
    sizes = dict.fromkeys(times, TRIPLES) | {"rdflib": RDFLIB_TRIPLES}
    rows = [("triples", "–", *(f"{sizes[title]:,}" for title in times)),
            ("loaded in, s", "–", *(f"{loads[title]:.0f}" for title in times))]  # fmt: skip
    for query in (*LOOK_UPS, *AGGREGATES):
        budget = "≤ 5 ms" if query in LOOK_UPS else "≤ 200 ms"
        rows.append((query, budget, *(f"{times[title][query]:.1f}" for title in times)))
    table("SPARQL, one client, warm, median (milliseconds)", ("query", "budget", *times), rows)


if __name__ == "__main__":
    main()
