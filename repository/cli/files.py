"""`colophon files`: whether the stored bytes are what they were, and which of them nobody needs."""

import sys
from dataclasses import asdict

import click

from repository.cli.instances import as_json, opened, progress, summary
from repository.records.visibility import SYSTEM
from repository.services import fixity
from repository.services.instance import Instance
from repository.services.sweeping import sweep as sweep_objects


@click.group()
def files() -> None:
    """The stored bytes of files."""


@files.command()
@click.option("--all", "everything", is_flag=True, help="Read back all bytes, not only those that are due.")
@click.option("--sweep", is_flag=True, help="Remove bytes that nobody needs any more.")
@as_json
def check(everything: bool, sweep: bool, as_json: bool) -> None:
    """Read stored bytes back and hash them: those that are due, and those that were faulty."""
    with opened() as instance:
        checked, size = _check(instance, everything=everything, quiet=as_json)
        swept = asdict(sweep_objects(instance)) if sweep else {}
        faults = fixity.faults(instance, SYSTEM)
        with instance.database.read() as connection:
            counts = fixity.counts(connection, instance)
    values: dict[str, object] = {"read": checked, "bytes": size, **asdict(counts)}
    if sweep:
        values["swept"] = swept
    if as_json:
        values["faults"] = [{**asdict(faulty), "checked": faulty.checked.isoformat()} for faulty in faults]
    else:
        for faulty in faults:
            holders = ", ".join(faulty.held_by) or "no file"
            click.echo(f"faulty {faulty.sha256} ({faulty.size} bytes): {faulty.fault}; held by {holders}")
    summary(values, as_json=as_json)
    if faults:
        sys.exit(1)


def _check(instance: Instance, *, everything: bool, quiet: bool) -> tuple[int, int]:
    """How many blobs were read back, and the sum of their sizes."""
    checked = size = 0
    with progress(quiet=quiet) as display:
        task = display.add_task("Reading back", total=fixity.number_due(instance, everything=everything))
        for blob in fixity.check(instance, everything=everything):
            checked += 1
            size += blob.size
            display.advance(task)
    return checked, size
