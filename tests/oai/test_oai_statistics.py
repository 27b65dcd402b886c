"""Who harvested what: counted without personal data, over all workers, and never at the cost of a harvest."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from repository.oai import statistics
from repository.oai.resource import EXTENSION, create_blueprint
from repository.oai.statistics import FLUSH_SECONDS, KEPT_DAYS, Count, Harvests, Kind, harvests, product
from repository.storage.database import Database
from repository.storage.models import OaiRequestCount
from tests.oai.harvest_world import START, StandingClock, World, numbered

DAY = datetime.fromtimestamp(START, UTC).date()


def counted(database: Database, since: date = DAY) -> dict[tuple[str, str, str, str, str], tuple[int, int]]:
    with database.read() as connection:
        return {
            (kind.agent, kind.verb, kind.prefix, kind.set, kind.error): (count.requests, count.records)
            for kind, count in harvests(connection, since, 1000)
        }


def app_of(world: World) -> Flask:
    app = Flask("oai")
    app.register_blueprint(create_blueprint(world.database, world.settings, world.formats, world.clock))
    return app


def test_requests_are_counted_by_harvester_verb_format_set_and_error(any_world: World) -> None:
    any_world.put(*[numbered(number) for number in range(5)])
    any_world.clock.pass_(5)
    app = app_of(any_world)
    client, agent = app.test_client(), {"User-Agent": "Sickle/0.7 (jan.novak@uni.example)"}
    first = client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc", headers=agent).text
    token = first.partition("<resumptionToken")[2].partition(">")[2].partition("<")[0]
    client.get(f"/oai?verb=ListRecords&resumptionToken={token}", headers=agent)
    client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=type:dataset", headers=agent)
    client.post("/oai2d", data={"verb": "Nonsense"}, headers={"User-Agent": ""})
    client.get("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:1", headers=agent)
    assert counted(any_world.database) == {}, "counted in memory until the flush"
    app.extensions[EXTENSION].flush()
    assert counted(any_world.database) == {
        ("Sickle/0.7", "ListRecords", "oai_dc", "", ""): (2, 5),
        ("Sickle/0.7", "ListIdentifiers", "oai_dc", "type:dataset", ""): (1, 3),
        ("unnamed", "", "", "", "badVerb"): (1, 0),
        ("Sickle/0.7", "GetRecord", "", "", "idDoesNotExist"): (1, 0),
    }


def test_workers_add_to_the_same_counts(any_database: Database) -> None:
    clock = StandingClock()
    workers = [Harvests(any_database, clock) for _ in range(3)]
    for worker in workers:
        for _ in range(4):
            worker.count("x/1", "ListRecords", "oai_dc", "", "", 100)
        worker.flush()
        worker.flush()
    assert counted(any_database) == {("x/1", "ListRecords", "oai_dc", "", ""): (12, 1200)}


def test_a_harvest_writes_nothing_but_the_clock(world: World) -> None:
    world.put(*[numbered(number) for number in range(5)])
    client = app_of(world).test_client()
    written: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *given: written.append(given[2]))
    for _ in range(3):
        world.clock.pass_(5)
        assert client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").status_code == 200
    assert not [statement for statement in written if statement.startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        ("", "unnamed"),
        ("Sickle/0.7.0", "Sickle/0.7.0"),
        ("python-requests/2.32 sickle/1.0", "python-requests/2.32 sickle/1.0"),
        ("Jan Novák jan@uni.example", "unnamed"),
        ("Jana Novakova", "unnamed"),
        ("Jana Novakova oai/2.1", "oai/2.1"),
        ("Mozilla/5.0 (compatible; Jana)", "browser"),
        ("harvester (mailto:jan@uni.example)", "unnamed"),
        ("harvester/1 (mailto:jan@uni.example)", "harvester/1"),
        ("harvester/1 (unclosed jan@uni.example", "harvester/1"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36", "browser"),
        ("Mozilla/5.0 (compatible; OpenAIRE-bot/2.1; +https://openaire.eu)", "OpenAIRE-bot/2.1"),
        ("BASE/1\x00 x/2", "x/2"),
        ("a" * 500, "unnamed"),
        ("a" * 500 + "/1", "a" * 80),
        ("((((((", "unnamed"),
    ],
)
def test_only_products_are_kept_of_what_harvesters_call_themselves(user_agent: str, told: str) -> None:
    assert product(user_agent) == told


class Gone(Database):
    """A database that is not there any more: what its driver says is no error of ours."""

    def write(self):  # type: ignore[no-untyped-def, override]
        raise OSError("no such disk")


def test_what_could_not_be_written_is_counted_the_next_time(database: Database, tmp_path) -> None:  # type: ignore[no-untyped-def]
    harvest = Harvests(Gone(f"sqlite:///{tmp_path / 'gone.sqlite'}"), StandingClock())
    harvest.count("x/1", "Identify", "", "", "", 0)
    with pytest.raises(OSError, match="no such disk"):
        harvest.flush()
    harvest._database = database
    harvest.count("x/1", "Identify", "", "", "", 0)
    harvest.flush()
    assert counted(database) == {("x/1", "Identify", "", "", ""): (2, 0)}


def test_requests_that_come_too_early_are_counted(world: World) -> None:
    """While the records are being prepared; see the overload's own test for the other 503."""
    world.put(numbered(1))
    with world.database.write() as connection:
        connection.execute(text("DELETE FROM oai_layers"))
    app = app_of(world)
    assert app.test_client().get("/oai?verb=ListRecords&metadataPrefix=oai_dc").status_code == 503
    app.extensions[EXTENSION].flush()
    assert {kind[1:]: count[0] for kind, count in counted(world.database).items()} == {("", "", "", "notReady"): 1}


def test_invented_names_fill_no_memory(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_MOST_KINDS", 10)
    harvest = Harvests(database, StandingClock())
    for number in range(100):
        harvest.count(f"x/{number}", "Identify", "", "", "", 0)
    harvest.flush()
    found = counted(database)
    assert len(found) == 11
    assert found["others", "Identify", "", "", ""] == (90, 0)


def test_old_days_are_forgotten_and_moments_are_no_closer_than_the_flush(database: Database) -> None:
    old = Kind(date(2020, 1, 1), "x", "Identify", "", "", "")
    with database.write() as connection:
        statistics.add(connection, {old: Count(1, 0, 1)})
    clock = StandingClock(START + 17)
    harvest = Harvests(database, clock)
    harvest.count("x", "Identify", "", "", "", 0)
    harvest.flush()
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(OaiRequestCount)).scalar() == 1
        ((kind, count),) = harvests(connection, date(2000, 1, 1), 10)
    assert kind.day == DAY
    assert (DAY - old.day).days > KEPT_DAYS
    assert count.last % FLUSH_SECONDS == 0
    assert 0 <= START + 17 - count.last < FLUSH_SECONDS
