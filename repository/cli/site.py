"""`colophon site`: freezes the public pages."""

import sys
from typing import Any

import click

from repository.cli.catching_up import catch_up
from repository.cli.instances import as_json, opened, summary
from repository.cli.projections import finish
from repository.following import builds
from repository.following.builds import Build
from repository.services.site_builds import READER


@click.group()
def site() -> None:
    """The static site."""


@site.command()
@click.option("--full", is_flag=True, help="Build everything anew, beside the present site, and switch.")
@as_json
def build(full: bool, as_json: bool) -> None:
    """Bring the frozen site up to date with the change log."""
    with opened() as instance:
        asked = builds.ask(instance.database, READER, "full" if full else "changed")
        outcomes = catch_up(instance, (READER,), quiet=as_json, at_rest=True)
        made = builds.build(instance.database, READER, asked.id)
    finish(outcomes, as_json=as_json)
    if made.state != "done":
        click.echo(f"The build {made.id} is {made.state}.", err=True)
        sys.exit(1)


@site.command("builds")
@click.option("--number", type=click.IntRange(1, builds.KEPT), default=20, help="How many, the newest first.")
@as_json
def builds_(number: int, as_json: bool) -> None:
    """List the builds that were asked for, run, or are over."""
    with opened() as instance:
        for one in builds.history(instance.database, READER, 0, number)[1]:
            summary(_told(one), as_json=as_json)


@site.command()
@click.argument("build_id", metavar="ID", type=int)
@as_json
def cancel(build_id: int, as_json: bool) -> None:
    """Cancel a build; the site stays as it is."""
    with opened() as instance:
        summary(_told(builds.cancel(instance.database, READER, build_id)), as_json=as_json)


def _told(one: Build) -> dict[str, Any]:
    values = {
        "build": one.id,
        "kind": one.kind,
        "state": "being cancelled" if one.state == "running" and one.is_given_up else one.state,
        "pages": f"{one.done}/{one.total}",
        "files": one.files,
        "bytes": one.octets,
        "created": one.created.isoformat(timespec="seconds"),
    }
    return values if one.seconds is None else values | {"seconds": round(one.seconds, 1)}
