"""Recorded answers of real providers, served again over HTTP: what an import of the file takes, a harvest takes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from repository.errors import InvalidInput
from repository.formats.reading import Known, read
from repository.formats.reading.xml_documents import DELETED
from repository.records.deposit import Deposit, Refusal
from repository.services.fetching import Patience
from repository.services.harvest_pages import Harvested
from repository.services.harvest_states import Wanted
from repository.services.harvesting import Listener, harvest
from repository.services.instance import Instance
from repository.services.vocabularies import all_terms
from tests.conftest import row_count
from tests.servers.small_provider import Answer, Arguments, SmallProvider

pytestmark = pytest.mark.long

OAI = "{http://www.openarchives.org/OAI/2.0/}"
HASTE = Patience(call=10, attempts=2, pause=0.01)
LAST_PAGE = "<ListRecords><resumptionToken/></ListRecords>"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it was recorded, and what it is about."""

    name: str
    body: bytes
    verb: str


@pytest.fixture(scope="module")
def recorded(shared: Path) -> list[Recorded]:
    folder = shared / "corpus" / "oai_dc"
    entries = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [entry for entry in entries if entry["file"].startswith(("responses/", "malformed/"))]
    return [Recorded(entry["file"], (folder / entry["file"]).read_bytes(), entry.get("verb", "")) for entry in found]


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    with SmallProvider([]) as started:
        yield started


def replayed(instance: Instance, provider: SmallProvider, body: bytes) -> tuple[Harvested, list[Refusal]]:
    """The answer is the first page of a list; where it tells of a second, that is empty."""

    def answer(arguments: Arguments) -> Answer | None:
        if arguments.get("resumptionToken"):
            return Answer(provider.response(LAST_PAGE, {}).encode())
        return Answer(body) if arguments.get("verb") == "ListRecords" else None

    provider.disturb = answer
    provider.requests.clear()
    refusals: list[Refusal] = []
    wanted = Wanted(provider.url, begin="1970-01-01")
    done = harvest(instance, wanted, fill_missing=True, patience=HASTE, listener=Listener(refuse=refusals.append))
    return done, refusals


def test_every_recorded_list_is_taken_as_by_an_import(
    instance: Instance, provider: SmallProvider, recorded: list[Recorded]
) -> None:
    known = Known.from_terms(all_terms(instance))
    lists = [answer for answer in recorded if answer.verb in ("ListRecords", "GetRecord")]
    assert len(lists) > 50
    taken: set[str] = set()
    for answer in lists:
        path = instance.settings.home / "answer.xml"
        path.write_bytes(answer.body)
        expected = list(read(path, provider.url, known, fill_missing=True))
        deposits = {document.identity: document for document in expected if isinstance(document, Deposit)}
        refused = [document for document in expected if isinstance(document, Refusal) and document.field != DELETED]
        done, refusals = replayed(instance, provider, answer.body)
        assert done.broken_off == "", answer.name
        assert done.imported.documents == len(expected) - _deleted(expected), answer.name
        assert {(entry.source, entry.field) for entry in refused} <= {(entry.source, entry.field) for entry in refusals}
        assert done.imported.refused == len(refusals)
        taken |= deposits.keys() - {_identity(deposits, entry.source) for entry in refusals}
        token = etree.fromstring(answer.body).find(f"{OAI}*/{OAI}resumptionToken")
        if token is not None and (token.text or "").strip():
            assert provider.asked()[1] == {"resumptionToken": token.text.strip()}, answer.name
    assert len(taken) > 300
    assert row_count(instance.database, "records") == len(taken)


def _deleted(documents: list[Deposit | Refusal]) -> int:
    return sum(isinstance(document, Refusal) and document.field == DELETED for document in documents)


def _identity(deposits: dict[str, Deposit], source: str) -> str:
    return next((identity for identity, deposit in deposits.items() if deposit.source == source), "")


def test_recorded_errors_are_told(instance: Instance, provider: SmallProvider, recorded: list[Recorded]) -> None:
    errors = [answer for answer in recorded if answer.verb == "error"]
    assert len(errors) > 5
    for answer in errors:
        code = etree.fromstring(answer.body).find(f"{OAI}error").get("code")  # type: ignore[union-attr]
        if code == "noRecordsMatch":
            assert replayed(instance, provider, answer.body)[0].broken_off == ""
        else:
            with pytest.raises(InvalidInput):
                replayed(instance, provider, answer.body)
    assert row_count(instance.database, "records") == 0


def test_malformed_answers_break_nothing(instance: Instance, provider: SmallProvider, recorded: list[Recorded]) -> None:
    malformed = [answer for answer in recorded if answer.name.startswith("malformed/")]
    assert len(malformed) == 4
    for answer in malformed:
        done, refusals = replayed(instance, provider, answer.body)
        assert done.imported.refused == len(refusals)
