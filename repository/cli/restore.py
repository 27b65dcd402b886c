"""`colophon restore`: an instance out of a back-up."""

import contextlib
import sys
from pathlib import Path

import click

from repository.cli.instances import as_json, progress, summary
from repository.services.backup import ERASED, read_manifest
from repository.services.instance import initialise
from repository.services.restoring import erased_in
from repository.services.restoring import restore as restore_backup
from repository.settings import FILE_NAME, home_folder


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Replace all that the instance holds.")
@click.option(
    "--erasures",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    help="List of records erased since, which are erased again.",
)
@as_json
def restore(folder: Path, replace: bool, erasures: tuple[Path, ...], as_json: bool) -> None:
    """Fill the instance from a back-up. Nothing of the instance may run."""
    home = home_folder()
    lists = (*erasures, home / ERASED)
    erased = [record_id for path in lists for record_id in erased_in(path)]
    read_manifest(folder)  # before an instance is made for nothing
    with contextlib.closing(initialise(home)) as instance, progress(quiet=as_json) as display:
        task = display.add_task("Copying objects", total=None)
        done = restore_backup(
            instance, folder, replace=replace, erased=erased,
            step=lambda done, total: display.update(task, completed=done, total=total),
        )  # fmt: skip
    if not as_json:
        for sha256 in done.lacking:
            click.echo(f"lacking {sha256}: the back-up has no such bytes, or altered ones; see `colophon files check`")
        for name in done.manifest.waiting:
            click.echo(f"to be sent again {name}: its parts had come and were not hashed when the back-up was made")
        if (folder / FILE_NAME).exists() and not (home / FILE_NAME).exists():
            click.echo(f"The settings are the defaults: {folder / FILE_NAME} was not put in place.", err=True)
    values: dict[str, object] = {
        "made": done.manifest.made,
        "position": done.manifest.position,
        "records": done.records,
        "objects": done.manifest.objects,
        "copied": done.copied,
        "waiting": list(done.manifest.waiting) if as_json else len(done.manifest.waiting),
        "lacking": list(done.lacking) if as_json else len(done.lacking),
        "erased": list(done.erased) if as_json else len(done.erased),
    }
    summary(values, as_json=as_json)
    if done.lacking:
        sys.exit(1)
