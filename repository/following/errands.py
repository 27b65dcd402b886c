"""What a leader does beside following the log: requests, parked changes that are due, rules that have changed."""

import structlog

from repository.following import parking, requests
from repository.following.batches import retry
from repository.following.failures import describe, is_of_the_store
from repository.following.leading import Leading, Stopped
from repository.following.rebuild import drop_left_over, pass_over, rebuild
from repository.following.requests import Request

log = structlog.get_logger("following")

_AT_ONCE = 100
"""Parked changes tried together."""


def carry_out(leading: Leading) -> None:
    """Carries out what was asked for until now; one rebuild serves all who asked for one."""
    with leading.database.write() as connection:
        asked = requests.pending(connection, leading.name)
        requests.begin(connection, asked)
        leading.lease.hold(connection)
    rebuilds = [one for one in asked if one.action == "rebuild"]
    retries = [one for one in asked if one.action == "retry"]
    looks = [one for one in asked if one.action == "rules"]
    if rebuilds:
        _finish(leading, rebuilds, *_rebuilt(leading))
    if looks:
        _finish(leading, looks, "done", "obeyed" if obey_rules(leading) else "nothing to do")
    if retries:
        _finish(leading, retries, "done", _retried(leading))


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
        pass_over(leading, rules)
    return True


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
    rebuild(leading, rules)
    return True


def _shape(rules: str) -> str:
    shape, separator, _digest = rules.partition(":")
    return shape if separator else ""


def _rebuilt(leading: Leading) -> tuple[str, str]:
    """Status and message of a rebuild. If it fails by itself, the reader goes on with the old generation."""
    try:
        records = rebuild(leading, leading.projection.rules())
    except Stopped:
        raise
    except Exception as error:
        if is_of_the_store(error):
            raise
        log.exception("rebuild failed", projection=leading.name)
        drop_left_over(leading)
        return "failed", describe(error)
    return "done", f"{records} records, {len(leading.parked)} parked"


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
        leading.lease.hold(connection)
