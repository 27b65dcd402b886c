"""What a leader does beside following the log: requests, parked changes that are due, rules that have changed."""

import structlog

from repository.following import builds, parking, requests
from repository.following.batches import increment, retry
from repository.following.failures import describe, is_of_the_store
from repository.following.leading import Leading, Stopped
from repository.following.rebuild import drop_left_over, pass_over, rebuild
from repository.following.requests import Request
from repository.following.underway import Cancelled, underway

log = structlog.get_logger("following")

_AT_ONCE = 100
"""Parked changes tried together."""


def carry_out(leading: Leading) -> None:
    """Carries out what was asked for until now; one rebuild serves all who asked for one."""
    with leading.database.write() as connection:
        asked = requests.begin(connection, requests.pending(connection, leading.name))
        leading.lease.hold(connection)
    rebuilds = [one for one in asked if one.action == "rebuild"]
    retries = [one for one in asked if one.action == "retry"]
    looks = [one for one in asked if one.action == "rules"]
    if rebuilds:
        _finish(leading, rebuilds, *_rebuilt(leading, [one.id for one in rebuilds]))
    if looks:
        _finish(leading, looks, "done", _brought_up(leading, [one.id for one in looks]))
    if retries:
        _finish(leading, retries, "done", _retried(leading))


def fill(leading: Leading) -> None:
    """Makes the first generation, which serves all who have asked for a new one."""
    with leading.database.read() as connection:
        asked = [one for one in requests.pending(connection, leading.name) if one.action == "rebuild"]
    records = rebuild(leading, leading.projection.rules(), "full")
    if asked:
        _finish(leading, asked, "done", _told(leading, records))


def retry_due(leading: Leading) -> bool:
    """Tries parked changes whose pause is over; whether there were any."""
    if not leading.parked:
        return False
    with leading.database.read() as connection:
        due = parking.due(connection, leading.name, _AT_ONCE, leading.pace)
    if due:
        retry(leading, due)
    return bool(due)


def obey_rules(leading: Leading) -> bool:
    """Makes the output follow the projection's present rules; whether there was anything to do."""
    rules = leading.projection.rules()
    if rules == leading.rules:
        return False
    if not obey_shape(leading):
        log.info("rules have changed", projection=leading.name)
        leading.projection.activate(leading.generation)  # what is of no record, before what leads to it
        pass_over(leading, rules)
    return True


def _brought_up(leading: Leading, asked: list[int]) -> str:
    """Everything that the log has, by the present rules."""
    taken = leading.taken
    with underway(leading) as build:
        with leading.database.write() as connection:
            build.begin(connection, "changed", asked, 0)
            leading.lease.hold(connection)
        while increment(leading):
            leading.go_on()
        obeyed = obey_rules(leading)
        build.say("All records were passed over by new rules." if obeyed else f"{leading.taken - taken:,} changes.")
    return "obeyed" if obeyed else "nothing to do"


def obey_shape(leading: Leading) -> bool:
    """Makes a new generation if the current one can't be written by the present rules; whether that was so."""
    rules = leading.projection.rules()
    if _shape(rules) == _shape(leading.rules):
        return False
    log.info("rules have another shape", projection=leading.name)
    # Until the new generation is filled, the old one lacks changes: it must not pass for whole, whoever leads next.
    with leading.database.write() as connection:
        leading.lease.hold(connection, rules="")
    leading.rules, leading.writable = "", False
    rebuild(leading, rules, "rules")
    return True


def _shape(rules: str) -> str:
    shape, separator, _digest = rules.partition(":")
    return shape if separator else ""


def _rebuilt(leading: Leading, asked: list[int]) -> tuple[str, str]:
    """Status and message of a rebuild. If it fails by itself, the reader goes on with the old generation."""
    try:
        records = rebuild(leading, leading.projection.rules(), "full", asked)
    except Stopped:
        raise
    except Cancelled:
        log.info("rebuild cancelled", projection=leading.name)
        drop_left_over(leading)
        return "failed", "cancelled"
    except Exception as error:
        if is_of_the_store(error):
            raise
        log.exception("rebuild failed", projection=leading.name)
        drop_left_over(leading)
        return "failed", describe(error)
    return "done", _told(leading, records)


def _told(leading: Leading, records: int) -> str:
    return f"{records} records, {len(leading.parked)} parked"


def _retried(leading: Leading) -> str:
    waiting = sorted(leading.parked)
    taken = 0
    for start in range(0, len(waiting), _AT_ONCE):
        leading.go_on()
        taken += retry(leading, waiting[start : start + _AT_ONCE])
    return f"{taken} of {len(waiting)} taken"


def _finish(leading: Leading, done: list[Request], status: str, message: str) -> None:
    with leading.database.write() as connection:
        requests.finish(connection, done, status, message)
        builds.settle(connection, [one.id for one in done], "done" if status == "done" else "failed")
        leading.lease.hold(connection)
