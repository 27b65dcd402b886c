"""What goes wrong in a harvest over real HTTP is waited for, or costs only itself."""

import gzip
from dataclasses import replace

import pytest

from repository.errors import InvalidInput, Unreachable
from repository.services.harvest_states import Wanted
from repository.services.harvesting import harvest
from repository.services.instance import Instance
from tests.conftest import row_count
from tests.servers.small_provider import Answer, Arguments, Record, SmallProvider, dublin_core
from tests.services.harvests import HASTE, LAST, counts, harvested, once

CONTROL = "\x0b"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503, headers=(("Retry-After", "1"),)),
        Answer(status=503, headers=(("Retry-After", "Mon, 01 Jan 2024 00:00:00 GMT"),)),
        Answer(status=429),
        Answer(status=500),
        Answer(body=b"<OAI-PMH>" * 100, cut=50),
        Answer(body=b"no gzip at all", headers=(("Content-Encoding", "gzip"),)),
    ],
    ids=["503 with seconds", "503 with a date", "429", "500", "cut", "not gzip"],
)
def test_a_passing_fault_is_waited_for(instance: Instance, provider: SmallProvider, answer: Answer) -> None:
    provider.disturb = once(answer, lambda arguments: "resumptionToken" in arguments)
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert len(provider.asked()) == 4


def test_whoever_asks_to_be_asked_later_is_obeyed_as_often_as_he_asks(
    instance: Instance, provider: SmallProvider
) -> None:
    busy = [Answer(status=503, headers=(("Retry-After", "1"),))] * (HASTE.attempts + 1)
    provider.disturb = lambda _arguments: busy.pop() if busy else None
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    provider.disturb = lambda _arguments: Answer(status=503, headers=(("Retry-After", "7200"),))
    with pytest.raises(Unreachable, match="7200 s"):
        harvested(instance, provider)


def test_a_provider_that_goes_away_is_unreachable_and_gone_on_with_later(
    any_instance: Instance, provider: SmallProvider
) -> None:
    provider.disturb = lambda arguments: Answer(status=503) if "4|" in str(arguments) else None
    with pytest.raises(Unreachable):
        harvested(any_instance, provider)
    assert row_count(any_instance.database, "records") == 4
    provider.disturb = lambda _arguments: None
    provider.responded = "2024-07-01T00:00:00Z"
    assert counts(harvested(any_instance, provider)[0]) == (1, 0, 0, 0)
    assert provider.asked() == [{"resumptionToken": "4|"}]
    harvested(any_instance, provider)
    assert provider.asked() == [{"metadataPrefix": "oai_dc", "from": LAST}]  # when the list was begun


@pytest.mark.parametrize(
    "broken",
    [
        dublin_core("A &bogus; entity"),
        dublin_core("No end").replace("</dc:title>", ""),
        dublin_core(f"A control {CONTROL} character"),
        dublin_core("No namespace").replace(' xmlns:dc="http://purl.org/dc/elements/1.1/"', ""),
    ],
    ids=["entity", "tags", "control", "namespace"],
)
def test_a_broken_record_costs_only_itself(instance: Instance, provider: SmallProvider, broken: str) -> None:
    provider.page = 3
    provider.records[1] = replace(provider.records[1], metadata=broken)
    done, (refusal,) = harvested(instance, provider)
    assert counts(done) == (4, 0, 0, 1)
    assert refusal.source == f"{provider.url}#oai:small:2"
    assert refusal.field == "XML"
    assert {"verb": "ListRecords", "resumptionToken": "3|"} in provider.requests


def test_deletions_on_a_broken_page_count(instance: Instance, provider: SmallProvider) -> None:
    harvested(instance, provider)
    provider.records[0] = Record("oai:small:1", "2024-06-02T00:00:00Z")
    provider.records[1] = Record("oai:small:2", "2024-06-02T00:00:00Z", dublin_core("&bogus;"))
    assert counts(harvested(instance, provider)[0]) == (0, 0, 1, 1)


def is_page(arguments: Arguments) -> bool:
    return arguments.get("verb") == "ListRecords" and arguments.get("resumptionToken") == "2|"


DOCTYPE = b'<!DOCTYPE OAI-PMH [<!ENTITY a "b">]><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'

EMPTY_LIST = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords/></OAI-PMH>'


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(DOCTYPE),
        Answer(gzip.compress(EMPTY_LIST + b" " * 2_000_000), headers=(("Content-Encoding", "gzip"),)),
        Answer(b"<html><p>Internal error</html>"),
        Answer(b"<html><p>Internal error</p></html>"),
        Answer(b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>'),
        Answer(status=302, headers=(("Location", "file:///etc/passwd"),)),
    ],
    ids=["500", "DOCTYPE", "too large", "HTML", "XHTML", "cut", "leads astray"],
)
def test_where_a_page_fails_the_rest_comes_record_by_record(
    instance: Instance, provider: SmallProvider, answer: Answer
) -> None:
    provider.disturb = lambda arguments: answer if is_page(arguments) else None
    done, _ = harvested(instance, provider, replace(HASTE, largest=1_000_000))
    assert (counts(done), done.broken_off) == ((5, 0, 0, 0), "")
    assert [entry["identifier"] for entry in provider.asked("GetRecord")] == [f"oai:small:{n}" for n in (3, 4, 5)]
    harvested(instance, provider)
    assert provider.asked() == [{"metadataPrefix": "oai_dc", "from": LAST}]


def test_a_record_that_fails_by_itself_is_refused(instance: Instance, provider: SmallProvider) -> None:
    provider.records[4] = Record("oai:small:5", "2024-01-05T00:00:00Z")
    fails = Answer(status=500)
    provider.disturb = lambda asked: fails if is_page(asked) or asked.get("identifier") == "oai:small:3" else None
    done, (refusal,) = harvested(instance, provider)
    assert counts(done) == (3, 0, 0, 1)
    assert refusal.source == f"{provider.url}#oai:small:3"


def test_documents_that_can_not_be_taken_are_refused(instance: Instance, provider: SmallProvider) -> None:
    provider.records[0] = Record("oai:small:1", "2024-01-01T00:00:00Z", dublin_core("x"))
    provider.records[1] = Record("oai:small:2", "2024-01-02T00:00:00Z", "<unknown xmlns='urn:x'/>")
    done, refusals = harvested(instance, provider)
    assert counts(done) == (3, 0, 0, 2)
    assert [(refusal.source, refusal.field) for refusal in refusals] == [
        (f"{provider.url}#oai:small:1", "metadata.title"),
        (f"{provider.url}#oai:small:2", "metadata"),
    ]
    assert row_count(instance.database, "harvested_items") == 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=404),
        Answer(b"<html><body>Welcome</body></html>"),
        Answer(b"Welcome"),
        Answer(DOCTYPE),
        Answer(b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'),
    ],
)
def test_what_is_no_provider_is_said_to_be_none(instance: Instance, provider: SmallProvider, answer: Answer) -> None:
    provider.disturb = lambda _arguments: answer
    with pytest.raises(InvalidInput, match="no OAI-PMH provider"):
        harvested(instance, provider)


def test_wrong_use_is_told(instance: Instance, provider: SmallProvider) -> None:
    with pytest.raises(InvalidInput, match="cannotDisseminateFormat"):
        harvested(instance, provider, prefix="marcxml")
    refusal = provider.response(provider.error("noSetHierarchy"), {}).encode()
    provider.disturb = lambda arguments: Answer(refusal, status=422) if "set" in arguments else None
    with pytest.raises(InvalidInput, match="noSetHierarchy"):
        harvested(instance, provider, set_spec="a")
    with pytest.raises(InvalidInput, match="neither a day"):
        harvested(instance, provider, begin="yesterday")
    with pytest.raises(InvalidInput, match="nothing to harvest"):
        harvested(instance, provider, begin="2024-02-01", until="2024-01-01")
    for url in ("file:///etc/passwd", "oai", "http://", "ftp://127.0.0.1/oai"):
        with pytest.raises(InvalidInput, match="no address"):
            harvest(instance, Wanted(url), patience=HASTE)
    assert row_count(instance.database, "harvests") == 0


def test_redirects_are_followed_but_not_for_ever(instance: Instance, provider: SmallProvider) -> None:
    there = (("Location", "/oai?verb=Identify"),)
    provider.disturb = once(Answer(status=302, headers=there), lambda arguments: arguments["verb"] == "Identify")
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    provider.disturb = lambda _arguments: Answer(status=302, headers=there)
    with pytest.raises(InvalidInput, match="more than 5"):
        harvested(instance, provider)
