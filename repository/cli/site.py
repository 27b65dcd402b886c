"""`colophon site`: freezes the public pages, publishes them, and tells what changed."""

import sys
import time
from datetime import UTC, datetime
from typing import Any

import click

from repository.cli.catching_up import catch_up
from repository.cli.instances import as_json, opened, summary
from repository.cli.projections import finish
from repository.errors import WrongSetting
from repository.following import builds
from repository.following.builds import Build
from repository.services.site_builds import READER
from repository.settings import load
from site_builder import deploying, hosting
from site_builder.changed import Journal
from site_builder.output import Output
from site_builder.publishing import said
from site_builder.translations import for_translators


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


@site.command()
@click.argument("language")
def words(language: str) -> None:
    """Print the words of the pages in LANGUAGE as a gettext catalogue, empty where nothing is said yet."""
    click.echo(for_translators(load(), language), nl=False)


@site.command()
@click.argument("target", required=False, metavar="[URL]")
@click.option(
    "--rules",
    "host",
    type=click.Choice(("netlify", "cloudflare", "none")),
    help="Add the files of rules of this host, from now on.",
)
@as_json
def deploy(target: str | None, host: str | None, as_json: bool) -> None:
    """Publish the build to a folder (file:///…) or a bucket (s3://…): only what has changed."""
    began = time.monotonic()
    with opened() as instance:
        settings = instance.settings
        url = target or settings.site_deploy
        if not url:
            raise WrongSetting("Name where to deploy to, or set site.deploy.")
        done = deploying.deploy(settings, url, "" if host == "none" else host)
    values = {
        "target": url,
        "generation": done.generation,
        "sent": done.tally.sent,
        "unchanged": done.tally.unchanged,
        "removed": done.tally.removed,
        "bytes": done.tally.bytes,
        "seconds": round(time.monotonic() - began, 1),
    }
    summary(values, as_json=as_json)


@site.command()
@click.option("--since", default="0", metavar="NUMBER|TIME", help="Only what has changed after that.")
@as_json
def changed(since: str, as_json: bool) -> None:
    """Print the addresses that have changed, for whoever keeps copies of them."""
    with opened() as instance:
        settings = instance.settings
    with Journal.open(Output(settings.site_output).own) as journal:
        number = int(since) if since.isascii() and since.isdigit() else journal.number_at(_moment(since))
        told = said(settings.site_url, journal.since(number))
    if as_json:
        summary({**told, "number": max(told["number"], number)}, as_json=True)
    else:
        for url in told["urls"]:
            click.echo(url)


def _moment(given: str) -> str:
    """As the journal writes it; a time without a zone is UTC."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise click.BadParameter(
            "a number of --json, or a time such as 2026-01-31T12:00:00Z", param_hint="since"
        ) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@site.command()
@click.argument("name", type=click.Choice(list(hosting.BY_NAME)))
def rules(name: str) -> None:
    """Print the rules for a web server or host in front, made from the settings."""
    with opened() as instance:
        click.echo(hosting.rules(instance.settings, name), nl=False)
