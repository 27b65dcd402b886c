"""The clock of the machine steps back and forth: harvesters miss nothing, readers go on."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from repository.following.pace import PACE
from tests.faults.test_full_disk import readers
from tests.instances import body
from tests.servers.colophon import ColophonServer, running
from tests.servers.installed import FAKETIME, require
from tests.servers.processes import process_of
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

STEPS = ("-2h", "+3h", "+0", "-400d", "+0")


SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""
"""libfaketime 0.9.10 takes its offset off the end of an absolute sleep on the monotonic clock too, by which Python
sleeps: that call then ends with an error. Waiting for nothing is as long, and not touched."""


def faked_clock(file: Path) -> dict[str, str]:
    """The environment in which a process reads the wall clock with the offset that the file has."""
    require(FAKETIME)
    started = file.parent / "started"
    started.mkdir()
    (started / "sitecustomize.py").write_text(SLEEP)
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return {
        "LD_PRELOAD": str(library),
        "PYTHONPATH": str(started),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def harvested(server: ColophonServer, since: str) -> tuple[set[str], str]:
    """Ids of what has changed since then, and when the answer says it was made."""
    arguments = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", **({"from": since} if since else {})}
    answer = server.get("/oai", params=arguments).text
    ids = {identifier.rpartition(":")[2] for identifier in re.findall("<identifier>([^<]+)<", answer)}
    found = re.search("<responseDate>([^<]+)<", answer)
    assert found, answer
    return ids, found[1]


def test_a_harvester_misses_nothing_when_the_clock_steps(instance_template: Path, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    server = ColophonServer.over(instance_template, tmp_path / "instance")
    server.environment |= faked_clock(clock)
    with running(server):
        since, dates = "", []
        for step in ("+0", *STEPS):
            clock.write_text(step)
            draft = server.request("POST", "/api/records", "owner", json=body(f"At {step}")).json()
            answer = server.request("POST", draft["links"]["publish"], "owner")
            assert answer.status_code == 202, answer.text
            record_id = answer.json()["id"]
            seen: set[str] = set()

            def has_come(record_id: str = record_id, seen: set[str] = seen, since: str = since) -> bool:
                ids, date = harvested(server, since)
                seen |= ids
                dates.append(date)
                return record_id in seen

            server.wait_for(has_come)
            since = dates[-1]
            server.wait_for(lambda: all(reader["lag"] == 0 for reader in readers(server)))
        assert dates == sorted(dates)
        assert not any(reader["parked"] for reader in readers(server))
    assert_whole(server.home)


def test_readers_that_are_killed_while_the_clock_is_ahead_are_replaced(instance_template: Path, tmp_path: Path) -> None:
    """When it has been put right, nobody waits for the leases that they held until then."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    server = ColophonServer.over(instance_template, tmp_path / "instance")
    server.environment |= faked_clock(clock)

    def publish() -> None:
        draft = server.request("POST", "/api/records", "owner", json=body()).json()
        assert server.request("POST", draft["links"]["publish"], "owner").status_code == 202
        server.wait_for(lambda: all(reader["lag"] == 0 and reader["leader"] for reader in readers(server)), 90)

    with running(server):
        publish()
        clock.write_text("+3h")
        publish()  # so that all have renewed their leases
        time.sleep(PACE.lease)
        os.kill(process_of(server, "readers").id, signal.SIGKILL)
        clock.write_text("+0")
        publish()
    assert_whole(server.home)
