"""Other people's real documents: each is taken, or refused with a field and a reason, and nothing of it is lost."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from repository.errors import FieldError
from repository.formats.reading import FAULT, Known, read
from repository.records.deposit import Deposit, Refusal
from tests.formats_reading.leaves import json_leaves, lost, xml_leaves

OAI = "{http://www.openarchives.org/OAI/2.0/}"
Problems = Callable[[Deposit], tuple[FieldError, ...]]
Leaves = list[tuple[str, Any]]


def outcome(path: Path, known: Known, *, fill: bool) -> Iterator[Deposit | Refusal]:
    for item in read(path, path.name, known, fill_missing=fill):
        if isinstance(item, Refusal):
            assert item.field, item
            assert item.reason, item
            assert item.field != FAULT, item
            assert item.source.startswith(path.name), item
        yield item


def documents(folder: Path, known: Known, *, fill: bool = True) -> Iterator[tuple[Path, Deposit | Refusal]]:
    paths = sorted(folder.iterdir())
    assert paths
    for path in paths:
        for item in outcome(path, known, fill=fill):
            yield path, item


def counted(folder: Path, known: Known, *, fill: bool) -> Counter[str]:
    return Counter(type(item).__name__ for _, item in documents(folder, known, fill=fill))


def check(leaves: Leaves, deposit: Deposit, known: Known, problems: Problems) -> int:
    """Asserts that the record says every value and is valid; gives the number of values."""
    assert lost(iter(leaves), deposit, known) == [], deposit.source
    assert problems(deposit) == (), deposit.source
    return len(leaves)


def test_every_datacite_json_document_is_valid_and_nothing_is_lost(
    shared: Path, known: Known, problems: Problems
) -> None:
    values = taken = 0
    for path, item in documents(shared / "corpus/datacite/json", known):
        if isinstance(item, Deposit):
            taken += 1
            values += check(list(json_leaves(orjson.loads(path.read_bytes()))), item, known, problems)
    assert taken >= 1131
    assert values > 90_000


@pytest.mark.parametrize("folder", ["datacite/xml", "oai_dc/records"])
def test_every_xml_document_is_valid_and_nothing_is_lost(
    shared: Path, known: Known, problems: Problems, folder: str
) -> None:
    values = taken = 0
    for path, item in documents(shared / "corpus" / folder, known):
        if isinstance(item, Deposit):
            taken += 1
            values += check(list(xml_leaves(etree.parse(path).getroot())), item, known, problems)
    assert taken >= {"datacite/xml": 353, "oai_dc/records": 1116}[folder]
    assert values > 15_000


def test_every_record_of_an_oai_response_is_valid_and_nothing_is_lost(
    shared: Path, known: Known, problems: Problems
) -> None:
    taken = 0
    for path in sorted((shared / "corpus/oai_dc/responses").iterdir()):
        deposits = {
            item.origin["identifier"]: item for item in outcome(path, known, fill=True) if isinstance(item, Deposit)
        }
        for record in etree.parse(path).getroot().iter(f"{OAI}record"):
            identifier = record.findtext(f"{OAI}header/{OAI}identifier") or ""
            if deposit := deposits.pop(identifier.strip(), None):
                taken += 1
                check(list(xml_leaves(record)), deposit, known, problems)
        assert not deposits, path
    assert taken >= 909


def test_inveniordm_documents_are_valid_and_nothing_is_lost(shared: Path, known: Known, problems: Problems) -> None:
    taken = 0
    for path, item in documents(shared / "corpus/formats/invenio_rdm", known):
        assert isinstance(item, Deposit), item
        taken += 1
        check(list(json_leaves(orjson.loads(path.read_bytes()))), item, known, problems)
    assert taken == 3


def test_nothing_of_a_sample_of_the_bulk_rows_is_lost(
    shared: Path, known: Known, problems: Problems, tmp_path: Path
) -> None:
    corpus = shared / "corpus"
    command = [sys.executable, str(corpus / "bulk_to_datacite.py"), str(corpus / "bulk.jsonl")]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.splitlines(keepends=True)[::6]
    assert len(lines) > 2000
    path = tmp_path / "bulk.jsonl"
    path.write_bytes(b"".join(lines))
    taken = 0
    for line, item in zip(lines, outcome(path, known, fill=True), strict=True):
        if isinstance(item, Deposit):
            taken += 1
            check(list(json_leaves(orjson.loads(line))), item, known, problems)
        else:
            assert item.field == "metadata.publication_date", item
    assert taken > 0.97 * len(lines)


@pytest.mark.parametrize("folder", ["datacite/malformed", "oai_dc/malformed"])
def test_real_malformed_files_are_refused_as_xml(shared: Path, known: Known, folder: str) -> None:
    for path in sorted((shared / "corpus" / folder).iterdir()):
        items = list(outcome(path, known, fill=True))
        assert items, path
        assert all(isinstance(item, Refusal) for item in items), path
        assert items[-1].field == "XML", items
        assert items[-1].reason.startswith("not well-formed: "), items


def test_formats_that_are_not_read_are_refused_by_name(shared: Path, known: Known) -> None:
    found = list(documents(shared / "corpus/oai_dc/other_formats", known))
    taken = {path.name.partition("__")[0] for path, item in found if isinstance(item, Deposit)}
    assert taken == {"viringo"}, "the two responses that carry DataCite XML"
    refused = [item for _, item in found if isinstance(item, Refusal)]
    assert any("MARC21" in item.reason for item in refused)
    assert {item.field for item in refused} <= {"metadata", "header.status", "OAI-PMH"}


def test_most_documents_are_taken_without_filling_anything(shared: Path, known: Known) -> None:
    corpus = shared / "corpus"
    assert counted(corpus / "datacite/json", known, fill=False)["Deposit"] >= 1052
    assert counted(corpus / "datacite/xml", known, fill=False)["Deposit"] >= 346
    assert counted(corpus / "oai_dc/records", known, fill=False)["Deposit"] >= 873


def test_the_search_for_lost_values_finds_what_is_lost(shared: Path, known: Known) -> None:
    """The other tests here can fail: without the notes, many values are missing."""
    folder = shared / "corpus/datacite/json"
    missed = 0
    for path, item in documents(folder, known):
        if isinstance(item, Deposit):
            described = item.body["metadata"].get("additional_descriptions", [])
            described[:] = [entry for entry in described if entry["type"]["id"] != "other"]
            missed += len(lost(json_leaves(orjson.loads(path.read_bytes())), item, known))
    assert missed > 5_000
