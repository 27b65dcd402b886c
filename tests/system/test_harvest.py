"""`colophon oai harvest` from a real server into another instance, whatever is killed or cut off meanwhile."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from repository.services.fetching import Patience
from repository.services.harvest_pages import Harvested
from repository.services.harvest_states import Wanted
from repository.services.harvesting import Listener, harvest
from repository.services.instance import Instance
from repository.storage.models import RecordRow
from tests.conftest import row_count
from tests.servers.proxy import Fault, FaultyProxy
from tests.system.providing import PAGE, Provider, providing

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

HASTY = """
import functools
from repository.cli import harvest, main
harvest.Patience = functools.partial(harvest.Patience, pause=0.01)
main()
"""
"""The command, with pauses that are shorter than the minute which it waits in all."""
PATIENT = Patience(attempts=1000, pause=0.2, longest=0.5)
TOKEN = "resumptionToken="


@pytest.fixture(scope="module")
def provider(instance_template: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(instance_template, tmp_path_factory.mktemp("provider") / "instance", shared) as started:
        yield started


@pytest.fixture
def proxy(provider: Provider) -> Iterator[FaultyProxy]:
    with FaultyProxy(provider.server.port) as started:
        yield started


def command(instance: Instance, url: str, *arguments: str, program: str = "") -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
    environment |= {"COLOPHON_HOME": str(instance.settings.home), "COLOPHON_SITE_URL": instance.settings.site_url}
    begin = [sys.executable, "-c", program] if program else [Path(sys.executable).parent / "colophon"]
    line = [*begin, "oai", "harvest", url, "--fill-missing", "--json", *arguments]
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(instance: Instance, url: str, *arguments: str) -> dict[str, Any]:
    process = command(instance, url, *arguments)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, (output, errors)
    found: dict[str, Any] = json.loads(output)
    assert found["complete"]
    return found


def states(instance: Instance) -> dict[str, str]:
    """Of all records, by the identifier at the source; none is there twice."""
    with instance.database.read() as connection:
        rows = connection.execute(select(RecordRow.origin, RecordRow.state)).all()
    found = {row.origin["identifier"]: row.state for row in rows}
    assert len(found) == len(rows)
    return found


def expected(provider: Provider) -> dict[str, str]:
    return {name: "withdrawn" if deleted else "published" for name, _datestamp, deleted in provider.headers()}


@pytest.mark.parametrize("prefix", ["oai_dc", "datacite"])
def test_everything_arrives_and_then_what_has_changed(provider: Provider, instance: Instance, prefix: str) -> None:
    alive = [name for name, _datestamp, deleted in provider.headers() if not deleted]
    first = finished(instance, provider.url, "--prefix", prefix)
    assert (first["added"], first["refused"]) == (len(alive), 0)
    assert set(states(instance)) == set(alive)
    again = finished(instance, provider.url, "--prefix", prefix)
    assert (again["added"], again["revised"], again["withdrawn"]) == (0, 0, 0)
    before = provider.now()
    provider.publish(prefix, f"New for {prefix}")
    provider.withdraw(alive[0])
    provider.wait_for(2, before)
    then = finished(instance, provider.url, "--prefix", prefix)
    assert (then["added"], then["revised"], then["withdrawn"]) == (1, 0, 1)
    found = states(instance)
    assert found[alive[0]] == "withdrawn"
    assert len(found) == len(alive) + 1
    provider.publish(prefix, f"Changed for {prefix}")
    provider.server.wait_for(lambda: finished(instance, provider.url, "--prefix", prefix)["revised"] == 1, 60)


def test_a_harvest_that_is_killed_goes_on_with_the_next_page(
    provider: Provider, instance: Instance, proxy: FaultyProxy
) -> None:
    url = f"{proxy.endpoint}/oai"
    total = sum(not deleted for _name, _datestamp, deleted in provider.headers())
    with proxy.harming(Fault("slow", target=TOKEN, seconds=0.5)):
        process = command(instance, url)
        while row_count(instance.database, "records") < 2 * PAGE:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    there = row_count(instance.database, "records")
    assert 2 * PAGE <= there < total
    proxy.requests.clear()
    done = finished(instance, url)
    lists = [target for _method, target in proxy.requests if "ListRecords" in target]
    assert TOKEN in lists[0]
    assert done["added"] == total - there
    assert done["documents"] <= total - there + PAGE  # the page at which it was killed, at most, comes twice
    assert {name for name, state in states(instance).items() if state == "published"} == {
        name for name, state in expected(provider).items() if state == "published"
    }


def in_process(instance: Instance, url: str, listener: Listener) -> Harvested:
    return harvest(instance, Wanted(url), fill_missing=True, patience=PATIENT, listener=listener)


def test_a_provider_that_is_killed_and_comes_back_is_harvested_to_the_end(
    provider: Provider, instance: Instance
) -> None:
    total = sum(not deleted for _name, _datestamp, deleted in provider.headers())
    restarts: list[threading.Thread] = []
    waits: list[str] = []

    def kill_once(done: Harvested, _size: int) -> None:
        if done.imported.documents >= 2 * PAGE and not restarts:
            provider.server.kill()
            restarts.append(threading.Thread(target=provider.server.start))
            restarts[0].start()

    done = in_process(instance, provider.url, Listener(page=kill_once, wait=lambda _s, why: waits.append(why)))
    restarts[0].join()
    assert waits
    assert (done.broken_off, done.imported.added) == ("", total)
    assert len(states(instance)) == total


def test_cut_answers_and_lost_connections_lose_nothing(
    provider: Provider, instance: Instance, proxy: FaultyProxy
) -> None:
    total = sum(not deleted for _name, _datestamp, deleted in provider.headers())
    proxy.faults += [
        Fault("cut answer", target=TOKEN, times=2, bytes=100),
        Fault("refuse", target=TOKEN, times=2),
        Fault("500 after the fact", target=TOKEN, times=2),
    ]
    waits: list[str] = []
    done = in_process(instance, f"{proxy.endpoint}/oai", Listener(wait=lambda _s, why: waits.append(why)))
    assert len(waits) == 6
    assert (done.broken_off, done.imported.added) == ("", total)


def test_exit_codes_tell_what_is_wrong(provider: Provider, instance: Instance) -> None:
    for url, arguments, said in (
        (provider.server.base, (), "no OAI-PMH provider"),
        (provider.url, ("--prefix", "unknown"), "cannotDisseminateFormat"),
        (provider.url, ("--set", "no such set!"), ""),
        (provider.url, ("--from", "yesterday"), "neither a day"),
    ):
        process = command(instance, url, *arguments)
        _output, errors = process.communicate(timeout=300)
        assert (process.returncode, said in errors) == (2, True), errors


def test_a_provider_that_is_away_is_exit_code_3(instance: Instance) -> None:
    process = command(instance, "http://127.0.0.1:1/oai", program=HASTY)
    _output, errors = process.communicate(timeout=300)
    assert (process.returncode, "does not answer" in errors) == (3, True), errors
