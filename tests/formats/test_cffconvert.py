"""Citation files, checked and read by the program of those who specified them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from corpus_records import corpus_records
from snapshots import KINDS, SITE, as_software, full, hostile, minimal

from repository.formats import cff
from repository.formats.text import one_line, plain_title
from repository.records.snapshot import Snapshot
from tests.servers import cffconvert

pytestmark = pytest.mark.service

PROGRAM = """
import json, sys
from cffconvert import Citation
for line in sys.stdin:
    told = {"error": ""}
    try:
        citation = Citation(json.loads(line))
        citation.validate()
        told.update(work=json.loads(citation.as_schemaorg()), bibtex=citation.as_bibtex(), apa=citation.as_apalike())
    except Exception as error:
        told["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))
"""


CITABLE = re.compile(r"10\.\d{4,9}/[\w:/;.()-]+", re.ASCII)
"""DOIs that the format knows how to write; others are given as links."""


def told(documents: list[bytes]) -> list[dict[str, object]]:
    """What the program says of each: its error, or what it makes of it."""
    lines = "".join(f"{json.dumps(document.decode())}\n" for document in documents)
    command = [cffconvert.python(), "-c", PROGRAM]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=200)
    return [json.loads(line) for line in done.stdout.splitlines()]


def software(shared: Path) -> list[Snapshot]:
    """All of the corpus, and made-up records: as poor, as full and as nasty as they may be."""
    found = [one for folder in ("datacite", "oai_dc") for one in corpus_records(shared / "corpus" / folder)]
    found = [one for one in found if cff.FORMAT.suits(one)]
    assert len(found) > 40
    return [*found, *(one for one in (kind(make()) for kind in KINDS for make in MADE) if cff.FORMAT.suits(one))]


MADE = (minimal, full, hostile)


def test_citation_files_are_valid_and_say_what_the_record_says(shared: Path) -> None:
    records = software(shared)
    answers = told([cff.write(record, SITE) for record in records])
    assert [answer["error"] for answer in answers] == [""] * len(records)
    for record, answer in zip(records, answers, strict=True):
        work = answer["work"]
        assert isinstance(work, dict)
        assert work["name"].split() == one_line(plain_title(record.title)).split()
        assert len(work["author"]) == len(record.metadata["creators"])
        if CITABLE.fullmatch(record.doi):
            assert f"doi = {{{record.doi}}}" in str(answer["bibtex"])


def test_the_program_refuses_what_is_none() -> None:
    wrong = [b"cff-version: 1.2.0\n", cff.write(as_software(minimal()), SITE).replace(b"authors", b"makers")]
    assert all(answer["error"] for answer in told(wrong))
