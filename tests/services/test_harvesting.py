"""Harvests from a provider over real HTTP: what changes is followed, and what goes wrong costs only itself."""

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from repository.errors import Conflict, InvalidInput, Unreachable
from repository.following import Pace
from repository.following.lease import acquire
from repository.records.deposit import Refusal
from repository.records.snapshot import Snapshot
from repository.records.visibility import SYSTEM
from repository.services import harvest_lease, harvest_states, reading, withdrawal
from repository.services.fetching import Patience
from repository.services.harvest_pages import Harvested
from repository.services.harvest_states import Wanted
from repository.services.harvesting import Listener, harvest
from repository.services.instance import Instance
from repository.storage.models import Checkpoint, HarvestedItem, RecordRow
from tests.conftest import row_count
from tests.servers.small_provider import Answer, Arguments, Record, SmallProvider, dublin_core, numbered

HASTE = Patience(call=10, attempts=3, pause=0.01)
LAST = "2024-06-01T00:00:00Z"
"""responseDate of the provider."""
CONTROL = "\x0b"


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    with SmallProvider([numbered(number) for number in range(1, 6)]) as started:
        yield started


def harvested(
    instance: Instance, provider: SmallProvider, patience: Patience = HASTE, **wanted: str
) -> tuple[Harvested, list[Refusal]]:
    refusals: list[Refusal] = []
    provider.requests.clear()
    done = harvest(
        instance, Wanted(provider.url, **wanted), patience=patience, listener=Listener(refuse=refusals.append)
    )
    assert len(refusals) == done.imported.refused
    return done, refusals


def counts(done: Harvested) -> tuple[int, int, int, int]:
    """(added, revised, withdrawn, refused)"""
    return done.imported.added, done.imported.revised, done.withdrawn, done.imported.refused


def records(instance: Instance) -> dict[str, Any]:
    """Rows of all records, by the identifier of the item that they came from."""
    with instance.database.read() as connection:
        found = connection.execute(select(RecordRow.__table__)).all()
    return {row.origin["identifier"]: row for row in found}


def snapshot(instance: Instance, number: int) -> Snapshot:
    return reading.read(instance, SYSTEM, records(instance)[f"oai:small:{number}"].id).snapshot


def once(answer: Answer, when: Callable[[Arguments], object]) -> Callable[[Arguments], Answer | None]:
    """Disturbs the first request for which `when` holds."""
    left = [answer]
    return lambda arguments: left.pop() if left and when(arguments) else None


def test_everything_arrives_then_only_what_has_changed(any_instance: Instance, provider: SmallProvider) -> None:
    done, _ = harvested(any_instance, provider)
    assert counts(done) == (5, 0, 0, 0)
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc"}
    assert len(provider.asked()) == 3
    origin = records(any_instance)["oai:small:3"].origin
    assert origin == {
        "source": f"{provider.url}#oai:small:3",
        "identity": "oai:small:3",
        "base_url": provider.url,
        "identifier": "oai:small:3",
        "datestamp": "2024-01-03T00:00:00Z",
        "prefix": "oai_dc",
        "namespace": "http://www.openarchives.org/OAI/2.0/oai_dc/",
        "harvested": LAST,
    }

    provider.responded = "2024-06-02T00:00:00Z"
    assert counts(harvested(any_instance, provider)[0]) == (0, 0, 0, 0)
    assert provider.asked() == [{"metadataPrefix": "oai_dc", "from": LAST}]

    provider.records[0] = numbered(1, "2024-06-02T10:00:00Z", "Document 1, corrected")
    provider.records.append(numbered(6, "2024-06-02T11:00:00Z"))
    assert counts(harvested(any_instance, provider)[0]) == (1, 1, 0, 0)
    assert provider.asked() == [{"metadataPrefix": "oai_dc", "from": "2024-06-02T00:00:00Z"}]
    assert snapshot(any_instance, 1).title == "Document 1, corrected"
    assert row_count(any_instance.database, "records") == 6


def test_deletion_withdraws_and_return_restores(any_instance: Instance, provider: SmallProvider) -> None:
    harvested(any_instance, provider)
    provider.records[1] = Record("oai:small:2", "2024-06-02T00:00:00Z")
    assert counts(harvested(any_instance, provider)[0]) == (0, 0, 1, 0)
    row = records(any_instance)["oai:small:2"]
    assert row.state == "withdrawn"
    assert row.tombstone["note"] == f"Deleted at its source {provider.url} (oai:small:2)."
    assert counts(harvested(any_instance, provider, begin="2024-01-01")[0]) == (0, 0, 0, 0)

    provider.records[1] = numbered(2, "2024-06-03T00:00:00Z", "Document 2, back again")
    done, _ = harvested(any_instance, provider)
    assert (done.restored, counts(done)) == (1, (0, 1, 0, 0))
    assert snapshot(any_instance, 2).title == "Document 2, back again"
    assert snapshot(any_instance, 2).state == "published"


def test_what_was_withdrawn_here_stays_so(instance: Instance, provider: SmallProvider) -> None:
    harvested(instance, provider)
    withdrawal.withdraw(instance, SYSTEM, records(instance)["oai:small:2"].id, {"note": "Our own reasons."})
    provider.records[1] = numbered(2, "2024-06-02T00:00:00Z", "Document 2, changed")
    done, _ = harvested(instance, provider)
    assert (done.restored, counts(done)) == (0, (0, 0, 0, 0))
    assert records(instance)["oai:small:2"].state == "withdrawn"


def test_deletions_concern_only_what_this_source_brought(instance: Instance, provider: SmallProvider) -> None:
    with SmallProvider([numbered(1), numbered(2)]) as other:
        harvested(instance, other)
        other.records = [Record("oai:small:1", "2024-06-02T00:00:00Z"), Record("oai:other:9", "2024-06-02T00:00:00Z")]
        provider.records = [Record("oai:small:2", "2024-06-02T00:00:00Z")]
        assert counts(harvested(instance, provider)[0]) == (0, 0, 0, 0)
        assert counts(harvested(instance, other)[0]) == (0, 0, 1, 0)
    assert {name: row.state for name, row in records(instance).items()} == {
        "oai:small:1": "withdrawn",
        "oai:small:2": "published",
    }


def test_an_item_that_gets_a_doi_stays_the_same_record(any_instance: Instance, provider: SmallProvider) -> None:
    harvested(any_instance, provider)
    before = records(any_instance)["oai:small:1"].id
    doi = "<dc:identifier>https://doi.org/10.1234/one</dc:identifier>"
    provider.records[0] = numbered(1, "2024-06-02T00:00:00Z", "", doi)
    assert counts(harvested(any_instance, provider)[0]) == (0, 1, 0, 0)
    assert snapshot(any_instance, 1).id == before
    assert snapshot(any_instance, 1).doi == "10.1234/one"
    provider.records[0] = Record("oai:small:1", "2024-06-03T00:00:00Z")
    assert counts(harvested(any_instance, provider)[0]) == (0, 0, 1, 0)


def test_a_second_item_with_the_same_doi_is_refused_each_time(instance: Instance, provider: SmallProvider) -> None:
    doi = "<dc:identifier>10.1234/one</dc:identifier>"
    provider.records = [numbered(1, "", "", doi), numbered(2), numbered(3), numbered(4, "", "", doi)]
    for added in (3, 0):
        done, (refusal,) = harvested(instance, provider, begin="2024-01-01")
        assert counts(done) == (added, 0, 0, 1)
        assert refusal.source == f"{provider.url}#oai:small:4"
        assert (refusal.field, "oai:small:1" in refusal.reason) == ("identity", True)
    assert snapshot(instance, 1).title == "Document 1"
    provider.records[3] = Record("oai:small:4", "2024-06-02T00:00:00Z")
    assert counts(harvested(instance, provider)[0]) == (0, 0, 0, 0)


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


def test_another_wish_begins_another_list(instance: Instance, provider: SmallProvider) -> None:
    provider.disturb = lambda arguments: Answer(status=503) if "resumptionToken" in arguments else None
    with pytest.raises(Unreachable):
        harvested(instance, provider)
    provider.disturb = lambda _arguments: None
    harvested(instance, provider, begin="2024-01-04")
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "from": "2024-01-04T00:00:00Z"}


def test_a_forgotten_token_means_the_last_datestamp(instance: Instance, provider: SmallProvider) -> None:
    provider.forgotten = {4}
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert provider.asked() == [
        {"metadataPrefix": "oai_dc"},
        {"resumptionToken": "2|"},
        {"resumptionToken": "4|"},
        {"metadataPrefix": "oai_dc", "from": "2024-01-04T00:00:00Z"},
    ]


def test_a_list_in_no_order_is_begun_again(instance: Instance, provider: SmallProvider) -> None:
    """From the last datestamp, documents 1 and 3 would be missed."""
    provider.records = [numbered(number) for number in (4, 2, 5, 1, 3)]
    forgotten = {4}

    def forget_once(arguments: Arguments) -> Answer | None:
        provider.forgotten = forgotten
        if arguments.get("resumptionToken") == "4|" and forgotten:
            answer = Answer(provider.answer(arguments).encode())
            forgotten.clear()
            return answer
        return None

    provider.disturb = forget_once
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert provider.asked()[3] == {"metadataPrefix": "oai_dc"}


def forgetting_once(provider: SmallProvider, offset: int) -> Callable[[Arguments], Answer | None]:
    return once(
        Answer(provider.response(provider.error("badResumptionToken"), {}).encode()),
        lambda arguments: arguments.get("resumptionToken", "").startswith(f"{offset}|"),
    )


@pytest.mark.parametrize(
    ("order", "offset"), [((4, 5, 1, 2, 3), 2), ((4, 4, 4, 4, 3), 4)], ids=["one page", "no page later than the other"]
)
def test_a_list_that_has_not_shown_its_order_is_begun_again(
    instance: Instance, provider: SmallProvider, order: tuple[int, ...], offset: int
) -> None:
    """It is in order so far, which says nothing: from the last datestamp, what is earlier would be missed for good."""
    provider.records = [numbered(number + 1, f"2024-01-{day:02}T00:00:00Z") for number, day in enumerate(order)]
    provider.disturb = forgetting_once(provider, offset)
    done, _ = harvested(instance, provider)
    assert (counts(done), done.broken_off) == ((5, 0, 0, 0), "")
    assert {"metadataPrefix": "oai_dc"} in provider.asked()[1:]


def test_a_list_that_is_begun_again_may_show_its_order_then(instance: Instance, provider: SmallProvider) -> None:
    """The token is refused after one page, and after the third one when the list has been begun again."""
    first, second = forgetting_once(provider, 2), forgetting_once(provider, 4)
    provider.disturb = lambda arguments: first(arguments) or second(arguments)
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert [arguments.get("from") for arguments in provider.asked() if "resumptionToken" not in arguments] == [
        None,
        None,
        "2024-01-04T00:00:00Z",
    ]


def test_a_token_that_stays_the_same_may_lead_on(instance: Instance, provider: SmallProvider) -> None:
    """Some providers keep the place in a list to themselves; also where everything of it is here already."""
    page = provider.answer({"verb": "ListRecords"})
    pages = [page, page.replace("small:1<", "small:8<").replace("small:2<", "small:9<")]
    last = re.sub("<resumptionToken>.*</resumptionToken>", "", page)
    for added in (4, 0):
        left = [*pages, last]
        provider.disturb = lambda asked, left=left: Answer(left.pop(0).encode()) if "List" in asked["verb"] else None
        done, _ = harvested(instance, provider, begin="2024-01-01")
        assert (counts(done), done.broken_off) == ((added, 0, 0, 0), "")


def test_tokens_that_are_never_taken_break_the_harvest_off(instance: Instance, provider: SmallProvider) -> None:
    provider.records = [numbered(number, "2024-01-01T00:00:00Z") for number in range(1, 6)]
    provider.forgotten = {2}
    done, _ = harvested(instance, provider)
    assert "tokens" in done.broken_off
    assert done.imported.added == 2


def test_a_list_without_end_is_broken_off(instance: Instance, provider: SmallProvider) -> None:
    page = provider.answer({"verb": "ListRecords"}).encode()
    provider.disturb = lambda arguments: Answer(page) if "resumptionToken" in arguments else None
    done, _ = harvested(instance, provider)
    assert "end" in done.broken_off
    assert done.imported.added == 2


def circling(provider: SmallProvider, verb: str) -> Callable[[Arguments], Answer | None]:
    """The list of a verb leads from its second page to its first one, under tokens that are new each time."""
    first, second = (provider.answer({"verb": verb, "resumptionToken": token}) for token in ("0|", "2|"))
    tokens = iter(range(1000, 1_000_000))

    def answer(arguments: Arguments) -> Answer | None:
        if arguments["verb"] != verb:
            return None
        number = next(tokens)
        page = (first, second)[number % 2]
        return Answer(re.sub("<resumptionToken>[^<]*", f"<resumptionToken>{number}", page).encode())

    return answer


@pytest.mark.timeout(120)
def test_a_list_that_leads_in_a_circle_is_broken_off(instance: Instance, provider: SmallProvider) -> None:
    """Also where some of its records are refused each time."""
    provider.records[1] = Record("oai:small:2", "2024-01-02T00:00:00Z", "<unknown xmlns='urn:x'/>")
    provider.disturb = circling(provider, "ListRecords")
    done, _ = harvested(instance, provider)
    assert "end" in done.broken_off
    assert done.imported.added == 3
    assert len(provider.asked()) < 200


@pytest.mark.timeout(120)
def test_a_list_of_identifiers_that_leads_in_a_circle_is_broken_off(
    instance: Instance, provider: SmallProvider
) -> None:
    circle = circling(provider, "ListIdentifiers")
    fails = Answer(b"<html><p>Internal error</html>")
    provider.disturb = lambda arguments: fails if arguments["verb"] == "ListRecords" else circle(arguments)
    done, _ = harvested(instance, provider)
    assert "end" in done.broken_off
    assert done.imported.added == 4


@pytest.mark.timeout(120)
def test_a_list_may_repeat_what_it_had_for_a_while(instance: Instance, provider: SmallProvider) -> None:
    """Records that are added before the others shift a list whose tokens are offsets."""
    page = provider.answer({"verb": "ListRecords"})
    again = [Answer(page.replace("2|", f"{number or 2}|").encode()) for number in (0, *range(100, 120))]
    provider.disturb = lambda arguments: again.pop() if "resumptionToken" in arguments and again else None
    done, _ = harvested(instance, provider)
    assert (counts(done), done.broken_off) == ((5, 0, 0, 0), "")


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


def test_granularity_of_days_is_respected(instance: Instance, provider: SmallProvider) -> None:
    provider.granularity = "YYYY-MM-DD"
    for record in provider.records:
        record.datestamp = record.datestamp[:10]
    harvested(instance, provider, begin="2024-01-02T10:00:00Z", until="2024-01-04T10:00:00Z")
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "from": "2024-01-02", "until": "2024-01-04"}
    assert set(records(instance)) == {f"oai:small:{number}" for number in (2, 3, 4)}
    harvested(instance, provider)
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "from": "2024-01-04"}


def test_from_and_until_have_one_granularity(instance: Instance, provider: SmallProvider) -> None:
    harvested(instance, provider, begin="2024-01-02", until="2024-01-04")
    assert provider.asked()[0] == {
        "metadataPrefix": "oai_dc",
        "from": "2024-01-02T00:00:00Z",
        "until": "2024-01-04T23:59:59Z",
    }
    harvested(instance, provider)
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "from": "2024-01-04T23:59:59Z"}


def test_a_harvest_that_leaves_a_gap_does_not_move_the_next_one(instance: Instance, provider: SmallProvider) -> None:
    harvested(instance, provider, until="2024-01-02")
    harvested(instance, provider, begin="2024-01-05")
    assert counts(harvested(instance, provider)[0]) == (2, 0, 0, 0)
    assert provider.asked()[0]["from"] == "2024-01-02T23:59:59Z"


def test_each_set_and_format_has_a_state_of_its_own(instance: Instance, provider: SmallProvider) -> None:
    harvested(instance, provider, set_spec="a")
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "set": "a"}
    harvested(instance, provider, set_spec="b")
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "set": "b"}


def test_nothing_there_is_no_error(instance: Instance, provider: SmallProvider) -> None:
    provider.records = []
    done, _ = harvested(instance, provider)
    assert (counts(done), done.broken_off) == ((0, 0, 0, 0), "")
    with instance.database.read() as connection:
        assert harvest_states.read(connection, Wanted(provider.url)) == (LAST, None)


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


def test_provenance_that_the_source_tells_is_kept(instance: Instance, provider: SmallProvider) -> None:
    about = (
        '<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">'
        '<originDescription harvestDate="2023-01-02T00:00:00Z" altered="true"><baseURL>http://a.example/oai</baseURL>'
        "<identifier>oai:a:1</identifier><datestamp>2023-01-01</datestamp><metadataNamespace>urn:a</metadataNamespace>"
        '<originDescription harvestDate="2022-01-02T00:00:00Z" altered="false"><baseURL>http://b.example/oai</baseURL>'
        "<identifier>oai:b:1</identifier><datestamp>2022-01-01</datestamp><metadataNamespace>urn:b</metadataNamespace>"
        "</originDescription></originDescription></provenance></about>"
    )
    body = provider.answer({"verb": "ListRecords"}).replace("</record>", f"{about}</record>", 1)
    provider.disturb = once(Answer(body.encode()), lambda arguments: arguments["verb"] == "ListRecords")
    harvested(instance, provider)
    assert records(instance)["oai:small:1"].origin["provenance"] == [
        {"base_url": "http://a.example/oai", "identifier": "oai:a:1", "datestamp": "2023-01-01", "namespace": "urn:a",
         "harvested": "2023-01-02T00:00:00Z", "altered": "true"},
        {"base_url": "http://b.example/oai", "identifier": "oai:b:1", "datestamp": "2022-01-01", "namespace": "urn:b",
         "harvested": "2022-01-02T00:00:00Z", "altered": "false"},
    ]  # fmt: skip
    assert "provenance" not in records(instance)["oai:small:2"].origin


def test_items_are_kept_under_their_datestamps(instance: Instance, provider: SmallProvider) -> None:
    harvested(instance, provider)
    with instance.database.read() as connection:
        rows = connection.execute(select(HarvestedItem.__table__)).all()
    assert {row.identifier: (row.base_url, row.datestamp) for row in rows} == {
        record.identifier: (provider.url, record.datestamp) for record in provider.records
    }
    assert {row.record_id for row in rows} == {row.id for row in records(instance).values()}


def test_a_second_harvest_of_the_same_list_ends_and_disturbs_nothing(
    any_instance: Instance, provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one waits for its second page meanwhile, longer than the lease."""
    monkeypatch.setattr(harvest_lease, "PACE", Pace(lease=1))
    arrived, go_on = threading.Event(), threading.Event()

    def wait(arguments: Arguments) -> None:
        if "resumptionToken" in arguments and not go_on.is_set():
            arrived.set()
            assert go_on.wait(60)

    provider.disturb = wait
    with ThreadPoolExecutor() as pool:
        first = pool.submit(harvest, any_instance, Wanted(provider.url), patience=Patience(call=60))
        try:
            assert arrived.wait(60)
            with pytest.raises(Conflict, match=r"harvested by another process: process \d+ on .* since 20"):
                harvest(any_instance, Wanted(provider.url), patience=HASTE)
            with any_instance.database.read() as connection:
                _until, underway = harvest_states.read(connection, Wanted(provider.url))
            assert underway is not None
            assert underway.token == "2|"
        finally:
            go_on.set()
        assert counts(first.result()) == (5, 0, 0, 0)
    assert counts(harvested(any_instance, provider)[0]) == (0, 0, 0, 0)


def test_the_lease_of_a_harvest_that_was_killed_is_waited_for(
    any_instance: Instance, provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvest_lease, "PACE", Pace(lease=1))
    name = harvest_lease.lease_name(Wanted(provider.url))
    assert acquire(any_instance.database, name, harvest_lease.PACE) is not None
    assert counts(harvested(any_instance, provider)[0]) == (5, 0, 0, 0)


def test_a_harvest_that_has_lost_its_lease_writes_nothing_more(
    instance: Instance, provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvest_lease, "PACE", Pace(lease=1))

    def take_over(arguments: Arguments) -> None:
        if "resumptionToken" in arguments:
            with instance.database.write() as connection:
                connection.execute(update(Checkpoint).values(epoch=Checkpoint.epoch + 1))
            time.sleep(2)  # until it must have noticed

    provider.disturb = take_over
    with pytest.raises(Conflict, match="gone on"):
        harvested(instance, provider)
    assert row_count(instance.database, "records") == 2
