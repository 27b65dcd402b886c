"""`colophon oai harvest`: imports from another provider."""

import json
import sys
from typing import IO

import click
from rich.progress import Progress

from repository.cli.instances import as_json, opened, progress, summary
from repository.cli.records import account_of, summary_of
from repository.following import collect_seldom
from repository.records.deposit import Refusal
from repository.services.fetching import CALL_SECONDS, Patience
from repository.services.harvest_pages import Harvested
from repository.services.harvest_states import Wanted
from repository.services.harvesting import Listener
from repository.services.harvesting import harvest as harvest_from


@click.command()
@click.argument("url")
@click.option("--set", "set_spec", default="", metavar="SPEC", help="Only the records of this set.")
@click.option("--from", "begin", default="", metavar="TIME", help="Instead of the time of the last harvest.")
@click.option("--until", default="", metavar="TIME", help="Only what has changed up to then.")
@click.option("--prefix", default="oai_dc", show_default=True, help="Format to ask for.")
@click.option("--owner", metavar="EMAIL", help="Account that the records belong to; without one only admins edit them.")
@click.option("--fill-missing", is_flag=True, help="Fill what must not be missing with DataCite's words for unknown.")
@click.option("--refused", type=click.File("w", encoding="utf-8"), help="Write what is refused there, as JSON lines.")
@click.option("--timeout", default=CALL_SECONDS, show_default=True, metavar="SECONDS", help="Limit of one request.")
@as_json
def harvest(
    url: str,
    set_spec: str,
    begin: str,
    until: str,
    prefix: str,
    owner: str | None,
    fill_missing: bool,
    refused: IO[str] | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Import what another OAI-PMH provider publishes; the next time, what has changed there since.

    TIME is a day (2024-01-31) or a moment (2024-01-31T12:00:00Z). A harvest that was ended goes on where it was.
    """
    wanted = Wanted(url, set_spec, prefix, begin, until)
    collect_seldom()
    with opened() as instance, progress(quiet=as_json) as display:
        done = harvest_from(
            instance,
            wanted,
            owner=account_of(instance, owner),
            fill_missing=fill_missing,
            patience=Patience(call=timeout),
            listener=_listener(display, refused, quiet=as_json),
        )
    summary(_summary(done), as_json=as_json)
    if done.broken_off:
        click.echo(f"colophon: the harvest was broken off: {done.broken_off}", err=True)
    if done.imported.refused or done.broken_off:
        sys.exit(1)


def _listener(display: Progress, refused: IO[str] | None, *, quiet: bool) -> Listener:
    task = display.add_task("documents", total=None)

    def refuse(refusal: Refusal) -> None:
        if refused is not None:
            entry = {"source": refusal.source, "field": refusal.field, "reason": refusal.reason}
            refused.write(json.dumps(entry, ensure_ascii=False) + "\n")
            refused.flush()

    def show_page(done: Harvested, size: int) -> None:
        display.update(task, completed=done.imported.documents, total=size or None)

    def show_wait(seconds: float, why: str) -> None:
        if not quiet:
            display.console.print(f"{why}{f'; waiting {seconds:g} s' if seconds else ''}")

    return Listener(refuse, show_page, show_wait)


def _summary(done: Harvested) -> dict[str, object]:
    found = {"withdrawn": done.withdrawn, "restored": done.restored, **summary_of(done.imported)}
    return {**found, "complete": not done.broken_off}
