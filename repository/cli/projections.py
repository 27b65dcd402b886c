"""`colophon projections`: drives the readers of the change log."""

import signal
import sys
import threading
from collections.abc import Sequence
from typing import Literal

import click

from repository.cli import logs, reports
from repository.cli.catching_up import catch_up, catch_up_beside, is_far
from repository.cli.instances import as_json, opened, summary
from repository.cli.processes import stop_on_signal
from repository.following import (
    FINISHED,
    Outcome,
    ask,
    follow_all,
    parked,
    request,
    status,
)
from repository.projections import NAMES, open_projections
from repository.services import embargoes, fixity, sweeping, transfers
from repository.services.instance import Instance
from site_builder import publishing

_END_OF_CLOCKS = 3.0
"""Seconds."""
name_argument = click.argument("name", type=click.Choice(NAMES))


@click.group()
def projections() -> None:
    """The readers of the change log: search, oai, ld, site."""


@projections.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Show every reader with its position, lag and parked changes."""
    with opened() as instance:
        for reader in status(instance.database, NAMES):
            values = {
                "projection": reader.name,
                "position": reader.position,
                "head": reader.head,
                "lag": reader.lag,
                "parked": reader.parked,
                "generation": reader.generation,
                "building": f"{reader.building_done}/{reader.building_total}" if reader.building_total else "",
                "leader": reader.leader,
            }
            summary(values, as_json=as_json)


@projections.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--until-current", is_flag=True, help="Stop when every reader has read what is in the log now.")
@as_json
def run(names: tuple[str, ...], until_current: bool, as_json: bool) -> None:
    """Run readers here (all, or those named), for good or until they are current."""
    names = names or NAMES
    with opened() as instance:
        embargoes.lift_ended(instance)
        if not until_current:
            logs.configure(*reports.begin(instance.settings))
            run_for_good(instance, names, stop_on_signal(signal.SIGTERM, signal.SIGINT))
            return
        outcomes = None if is_far(instance, names) else catch_up(instance, names, quiet=as_json)
    finish(outcomes or catch_up_beside(instance.settings, names, quiet=as_json), as_json=as_json)


def run_for_good(instance: Instance, names: Sequence[str], stop: threading.Event) -> None:
    """Leads the named readers, and does beside them what is due now and then, until it is told to stop."""
    clocks = [
        threading.Thread(target=task.watch, args=(instance, stop), name=task.__name__.rpartition(".")[2], daemon=True)
        for task in (embargoes, fixity, transfers, sweeping, publishing)
    ]
    for clock in clocks:
        clock.start()
    follow_all(instance.database, open_projections(instance, names), stop)
    for clock in clocks:  # so that they give back what they hold; one that a store keeps waiting ends with the process
        clock.join(_END_OF_CLOCKS)


def finish(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """Prints what the readers did and ends with the exit code that says how well."""
    for outcome in outcomes:
        values = {
            "projection": outcome.name,
            "position": outcome.position,
            "head": outcome.head,
            "taken": outcome.taken,
            "parked": outcome.parked,
        }
        summary(values | ({"error": outcome.error} if outcome.error else {}), as_json=as_json)
    if any(outcome.unreachable for outcome in outcomes):
        sys.exit(3)
    if any(outcome.error or outcome.parked for outcome in outcomes):
        sys.exit(1)


@projections.command()
@name_argument
@as_json
def rebuild(name: str, as_json: bool) -> None:
    """Build a new generation beside the current one and switch to it."""
    _errand(name, "rebuild", as_json=as_json)


@projections.command()
@name_argument
@as_json
def retry(name: str, as_json: bool) -> None:
    """Try all parked changes of a reader again, now."""
    _errand(name, "retry", as_json=as_json)


def _errand(name: str, action: Literal["rebuild", "retry"], *, as_json: bool) -> None:
    """Leaves a request; its leader carries it out, or we lead until it is done."""
    with opened() as instance:
        errand = ask(instance.database, name, action)
        catch_up(instance, (name,), quiet=as_json)
        done = request(instance.database, errand)
    summary({"projection": name, "action": action, "status": done.status, "message": done.message}, as_json=as_json)
    if done.status not in FINISHED or done.status == "failed":
        sys.exit(1)


@projections.command("parked")
@name_argument
@as_json
def parked_(name: str, as_json: bool) -> None:
    """Show the changes that a reader could not take, and why."""
    with opened() as instance:
        for change in parked(instance.database, name):
            values = {
                "record": change.record_id,
                "position": change.position,
                "attempts": change.attempts,
                "next": change.next_try.isoformat(),
                "error": change.error,
            }
            summary(values, as_json=as_json)
