"""Harvests from a provider over real HTTP: what changes is followed, on the next run only that."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from repository.errors import Conflict
from repository.following import Pace
from repository.following.lease import acquire
from repository.records.visibility import SYSTEM
from repository.services import harvest_lease, harvest_states, withdrawal
from repository.services.fetching import Patience
from repository.services.harvest_states import Wanted
from repository.services.harvesting import harvest
from repository.services.instance import Instance
from repository.storage.models import Checkpoint, HarvestedItem
from tests.conftest import row_count
from tests.servers.small_provider import Answer, Arguments, Record, SmallProvider, numbered
from tests.services.harvests import HASTE, LAST, counts, harvested, once, records, snapshot


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
