"""Real records, as an operator imports them and the world finds them: by the command, a harvester, and RDF clients."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib

from repository.formats import FORMATS, Format
from tests.servers.colophon import ColophonServer, running

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of the compiler: the package has an old string literal
    from sickle import Sickle
    from sickle.iterator import OAIResponseIterator

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

FOLDERS = ("datacite", "oai_dc")
OAI = "{http://www.openarchives.org/OAI/2.0/}"
EVERY = 30
"""Of so many records rdflib, which is slow, reads one too."""
GRAPHS = "SELECT ?g (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{}')) }} GROUP BY ?g"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The server, the ids of all its records, and what the import of each folder told."""

    server: ColophonServer
    ids: frozenset[str]
    summaries: dict[str, dict[str, Any]]
    refusals: dict[str, list[dict[str, str]]]


def command(server: ColophonServer, *arguments: object) -> tuple[int, str]:
    """With the address that the server will have: it is in all that is rendered."""
    colophon = Path(sys.executable).parent / "colophon"
    environment = {**os.environ, "COLOPHON_HOME": str(server.home), "COLOPHON_SERVE_PORT": str(server.port)}
    done = subprocess.run(
        [colophon, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def corpus(shared: Path, instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    home = tmp_path_factory.mktemp("corpus") / "instance"
    server = ColophonServer.over(instance_template, home)
    summaries, refusals = {}, {}
    for folder in FOLDERS:
        report = home.with_name(f"{folder}.jsonl")
        arguments = (shared / "corpus" / folder, "--fill-missing", "--refused", report, "--json")
        code, printed = command(server, "records", "import", *arguments)
        assert code == 1  # something was refused
        summaries[folder] = json.loads(printed.splitlines()[0])
        refusals[folder] = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    exported = command(server, "records", "export")[1].splitlines()
    code, printed = command(server, "projections", "run", "--until-current", "--json")
    assert code == 0, printed
    with running(server) as started:
        yield Corpus(started, frozenset(json.loads(line)["id"] for line in exported), summaries, refusals)


def test_every_document_is_taken_or_refused_with_field_and_reason(corpus: Corpus) -> None:
    for folder in FOLDERS:
        told, refused = corpus.summaries[folder], corpus.refusals[folder]
        assert told["documents"] == told["added"] + told["revised"] + told["unchanged"] + told["refused"]
        assert len(refused) == told["refused"]
        assert all(set(entry) == {"source", "field", "reason"} and entry["reason"] for entry in refused)
    assert corpus.summaries["datacite"]["added"] >= 1200
    assert corpus.summaries["oai_dc"]["added"] >= 1900
    assert len(corpus.ids) == sum(told["added"] for told in corpus.summaries.values())


def test_sickle_harvests_every_record(corpus: Corpus) -> None:
    """Page by page: to make a dictionary of each document of nine formats takes it minutes."""
    sickle = Sickle(f"{corpus.server.base}/oai", iterator=OAIResponseIterator, timeout=30)
    for form, prefix in ((each, each.oai.prefix) for each in FORMATS if each.oai):
        had = frozenset(filter(partial(has_file, corpus, form), corpus.ids)) if form.is_partial else corpus.ids
        records = [one for page in sickle.ListRecords(metadataPrefix=prefix) for one in page.xml.iter(f"{OAI}record")]
        assert len(records) == len(had) > 500, prefix
        assert {record.findtext(f"{OAI}header/{OAI}identifier").rpartition(":")[2] for record in records} == had
        assert all(len(record.find(f"{OAI}metadata")) == 1 for record in records)
        assert not any(record.find(f"{OAI}header").get("status") for record in records)


def has_file(corpus: Corpus, form: Format, record_id: str) -> bool:
    """Whether the record is to be had in the format at the address of its file."""
    return corpus.server.get(f"/records/{record_id}/{form.file_name}").status_code == 200


def test_sparql_finds_of_every_record_what_is_read_in_its_turtle(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    base = f"{corpus.server.base}/records/"
    counted: dict[str, int] = {}
    for first in sorted({record_id[0] for record_id in corpus.ids}):  # an answer is limited
        query = GRAPHS.format(base + first)
        answer = corpus.server.get(
            "/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"}
        )
        assert answer.status_code == 200, answer.text
        for row in answer.json()["results"]["bindings"]:
            counted[row["g"]["value"].removeprefix(base)] = int(row["n"]["value"])
    assert counted.keys() == corpus.ids
    for number, record_id in enumerate(sorted(corpus.ids)):
        turtle = (corpus.server.home / "static-build" / "current" / "records" / record_id / "record.ttl").read_bytes()
        assert len(set(pyoxigraph.parse(turtle, format=pyoxigraph.RdfFormat.TURTLE))) == counted[record_id], record_id
        if number % EVERY == 0:
            assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == counted[record_id], record_id
