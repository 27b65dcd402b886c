"""`colophon backup`: a copy of the instance, while it runs."""

import sys
from pathlib import Path

import click

from repository.cli.instances import as_json, opened, progress, summary
from repository.services.backup import backup as make_backup


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--verify", is_flag=True, help="Read back the copies that are there already, too.")
@as_json
def backup(folder: Path, verify: bool, as_json: bool) -> None:
    """Copy database and objects to a folder, consistently, while the instance runs."""
    with opened() as instance, progress(quiet=as_json) as display:
        task = display.add_task("Copying objects", total=None)

        def show(done: int, total: int) -> None:
            display.update(task, completed=done, total=total)

        done = make_backup(instance, folder, show, verify=verify)
    manifest = done.manifest
    if not as_json:
        for sha256 in done.faulty:
            click.echo(f"not copied {sha256}: missing, altered or unreadable, see `colophon files check`")
        for name in manifest.waiting:
            click.echo(f"not copied {name}: its parts have come and are not hashed yet; the next back-up has it")
        for record_id in done.erased:
            click.echo(f"erased meanwhile {record_id}: restoring will erase it")
    values: dict[str, object] = {
        "position": manifest.position,
        "rows": sum(dump.rows for dump in manifest.tables.values()),
        "objects": manifest.objects,
        "bytes": manifest.bytes,
        "copied": done.copied,
        "renewed": done.renewed,
        "waiting": list(manifest.waiting) if as_json else len(manifest.waiting),
        "faulty": list(done.faulty) if as_json else len(done.faulty),
        "erased": list(done.erased) if as_json else len(done.erased),
    }
    summary(values, as_json=as_json)
    if done.faulty:
        sys.exit(1)
