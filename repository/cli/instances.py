"""Opening the instance for a command, and telling what it did."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from repository.services.instance import Instance, open_instance
from repository.settings import load

console = Console(stderr=True)

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON summary line instead of progress.")


@contextlib.contextmanager
def opened(overrides: Mapping[str, Any] | None = None) -> Iterator[Instance]:
    """The instance of COLOPHON_HOME, closed at the end. Raises what `open_instance` does."""
    instance = open_instance(load(overrides=overrides))
    try:
        yield instance
    finally:
        instance.close()


def progress(*, quiet: bool) -> Progress:
    """A display for long work; nothing is shown with `--json`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=quiet)


def summary(values: Mapping[str, Any], *, as_json: bool) -> None:
    """What was done, last: one JSON line, or one line of text."""
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
    else:
        click.echo(", ".join(f"{name} {value}" for name, value in values.items() if not isinstance(value, dict | list)))
        for name, value in values.items():
            for key, inner in value.items() if isinstance(value, dict) else ():
                click.echo(f"  {name}: {key} {inner}")
