"""`colophon records`: import, export, show, and taking out of sight, from the shell."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import click
import orjson

from repository.api.links import Links
from repository.api.shapes import record_json
from repository.cli.instances import as_json, opened, progress, summary
from repository.cli.reading_ahead import Input, documents
from repository.errors import NotFound
from repository.following import collect_seldom
from repository.formats import FORMATS, by_name
from repository.records.deposit import Refusal
from repository.records.visibility import ANONYMOUS, SYSTEM, is_public
from repository.services import reading, withdrawal
from repository.services.accounts import find_account
from repository.services.backup import ERASED
from repository.services.import_writing import Imported
from repository.services.importing import import_documents
from repository.services.instance import Instance
from repository.storage import changes

API_SHAPE = "inveniordm"
SUFFIXES = (".json", ".jsonl", ".ndjson", ".xml")


@click.group()
def records() -> None:
    """Records: import, export, show, withdraw, restore, erase."""


@records.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--owner", metavar="EMAIL", help="Account that the records belong to; without one only admins edit them.")
@click.option("--community", metavar="SLUG", help="Community that takes them in.")
@click.option("--fill-missing", is_flag=True, help="Fill what must not be missing with DataCite's words for unknown.")
@click.option("--refused", type=click.File("w", encoding="utf-8"), help="Write refused documents there, as JSON lines.")
@as_json
def import_(
    paths: tuple[Path, ...],
    owner: str | None,
    community: str | None,
    fill_missing: bool,
    refused: IO[str] | None,
    as_json: bool,
) -> None:
    """Import DataCite JSON and XML, oai_dc, whole OAI-PMH responses and InvenioRDM JSON, from files and folders.

    Repeatable: a document that is known by its DOI or source is revised if it has changed, and left alone if not.
    """
    if community:
        raise click.UsageError("This version has no communities: leave --community out.")

    def refuse(refusal: Refusal) -> None:
        if refused is not None:
            entry = {"source": refusal.source, "field": refusal.field, "reason": refusal.reason}
            refused.write(json.dumps(entry, ensure_ascii=False) + "\n")

    collect_seldom()
    with opened() as instance, progress(quiet=as_json) as display:
        account = account_of(instance, owner)
        task = display.add_task("documents", total=None)
        done = import_documents(
            instance,
            documents(list(_files(paths)), fill_missing=fill_missing),
            owner=account,
            refuse=refuse,
            progress=lambda so_far: display.update(task, completed=so_far.documents),
        )
    summary(summary_of(done), as_json=as_json)
    if done.refused:
        sys.exit(1)


def account_of(instance: Instance, email: str | None) -> str:
    if not email:
        return ""
    identity = find_account(instance, email)
    if identity is None:
        raise click.UsageError(f"There is no account {email}: make it with `colophon accounts create {email}`.")
    return str(identity.id)


def _files(paths: Sequence[Path]) -> Iterator[Input]:
    """Files, and those below folders by their path there."""
    for path in paths:
        if path.is_dir():
            found = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            yield from ((file, file.relative_to(path).as_posix()) for file in sorted(found))
        else:
            yield path, path.name


def summary_of(done: Imported) -> dict[str, object]:
    return {
        "documents": done.documents,
        "added": done.added,
        "revised": done.revised,
        "unchanged": done.unchanged,
        "refused": done.refused,
        "changed": dict(done.changed.most_common()),
    }


@records.command()
@click.argument("record_ids", nargs=-1)
@click.option(
    "--format",
    "format_name",
    default=API_SHAPE,
    type=click.Choice([API_SHAPE, *(form.name for form in FORMATS)]),
    help="What to write; JSON formats become one line a record.",
)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder for one file a record.")
def export(record_ids: tuple[str, ...], format_name: str, folder: Path | None) -> None:
    """Write public records (all, or those named), to standard output or into a folder."""
    chosen = by_name(format_name)
    name = chosen.file_name if chosen is not None else "record.json"
    one_line = chosen is None or name.endswith("json")
    if folder is None and not one_line and len(record_ids) != 1:
        raise click.UsageError(f"Several records in {format_name} need a folder: --to FOLDER.")
    with opened() as instance:
        lacking = 0
        for record_id, data in _exported(instance, record_ids, format_name):
            if data is None:
                lacking += 1
                click.echo(f"{record_id} can't be had in {format_name}.", err=True)
            elif folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{record_id}.{name}").write_bytes(data)
            elif one_line:
                sys.stdout.buffer.write(orjson.dumps(orjson.loads(data)) + b"\n")
            else:
                sys.stdout.buffer.write(data)
    if lacking:
        sys.exit(1)


def _exported(instance: Instance, record_ids: Sequence[str], format_name: str) -> Iterator[tuple[str, bytes | None]]:
    """None for a record that can't be had in the format."""
    links = Links(instance.settings.site_url, bool(instance.settings.doi_prefix))
    chosen = by_name(format_name)
    ids = iter(record_ids) if record_ids else _public_ids(instance)
    for record_id in ids:
        record = reading.read(instance, ANONYMOUS, record_id)
        if chosen is not None:
            snapshot = reading.whole(instance.database, record.snapshot) if chosen.names_all_files else record.snapshot
            yield record_id, chosen.write(snapshot, instance.settings.site) if chosen.suits(snapshot) else None
        else:
            yield record_id, orjson.dumps(record_json(record, links))


def _public_ids(instance: Instance) -> Iterator[str]:
    last = ""
    while True:
        with instance.database.read() as connection:
            page = changes.states(connection, last, 500)
        if not page:
            return
        yield from (change.record_id for change in page if is_public(change.snapshot))
        last = page[-1].record_id


@records.command()
@click.argument("record_id")
def show(record_id: str) -> None:
    """Show a record as an admin sees it, in the API's JSON."""
    with opened() as instance:
        record = reading.read(instance, SYSTEM, record_id)
        links = Links(instance.settings.site_url, bool(instance.settings.doi_prefix))
        click.echo(orjson.dumps(record_json(record, links), option=orjson.OPT_INDENT_2).decode())


@records.command()
@click.argument("record_id")
@click.option("--reason", default="", help="Id of the vocabulary removalreasons.")
@click.option("--note", default="", help="Text for the tombstone.")
@click.option("--hidden", is_flag=True, help="Show no tombstone.")
def withdraw(record_id: str, reason: str, note: str, hidden: bool) -> None:
    """Withdraw a record, leaving a tombstone."""
    wish = {"note": note, "is_visible": not hidden, **({"removal_reason": {"id": reason}} if reason else {})}
    with opened() as instance:
        withdrawal.withdraw(instance, SYSTEM, record_id, wish)
    click.echo(f"withdrawn {record_id}")


@records.command()
@click.argument("record_id")
def restore(record_id: str) -> None:
    """Undo a withdrawal."""
    with opened() as instance:
        withdrawal.restore(instance, SYSTEM, record_id)
    click.echo(f"restored {record_id}")


@records.command()
@click.argument("record_id")
@click.option("--note", default="", help="Text for the tombstone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(record_id: str, note: str, yes: bool) -> None:
    """Erase a record for good: content, revisions, files. Its id and a bare tombstone stay."""
    with opened() as instance:
        if not yes:
            click.confirm(f"Erase {record_id}? Nothing brings it back.", abort=True)
        try:
            withdrawal.erase(instance, SYSTEM, record_id, note)
        except NotFound as error:
            raise NotFound(f"There is no record {record_id}.") from error
        finally:  # its bytes may be left, if the store did not delete them
            if withdrawal.is_erased(instance, record_id):
                with (instance.settings.home / ERASED).open("a", encoding="utf-8") as list_:  # for older back-ups
                    list_.write(f"{record_id}\n")
                    list_.flush()
                    os.fsync(list_.fileno())
    click.echo(f"erased {record_id}")
