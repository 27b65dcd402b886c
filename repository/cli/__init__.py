"""The command `colophon`, one noun a file. Exit codes: 0 done; 1 in part; 2 wrong use; 3 a service is not reachable."""

import sys
from importlib import import_module
from typing import cast

import click

from repository import __version__
from repository.cli import logs
from repository.errors import ColophonError, Unreachable

COMMANDS = (
    "init", "serve", "demo", "records", "projections", "search", "site", "files", "backup", "restore", "oai",
    "accounts", "secret", "status",
)  # fmt: skip
"""Each is the module of its name in this package, and the command of its name in it: loaded when it is called."""


class Colophon(click.Group):
    """Says what is wrong in one sentence, with the exit code that tells which kind it is."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return cast(click.Command, getattr(import_module(f"repository.cli.{name}"), name))

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except Unreachable as error:
            click.echo(f"colophon: {error.message}", err=True)
            sys.exit(3)
        except ColophonError as error:
            click.echo(f"colophon: {error.message}", err=True)
            for field in getattr(error, "errors", ()):
                click.echo(f"  {field.field}: {' '.join(field.messages)}", err=True)
            sys.exit(2)


@click.group(cls=Colophon)
@click.version_option(__version__)
def main() -> None:
    """Colophon, a repository for research data and publications.

    The instance is the folder that COLOPHON_HOME names, ./instance without it.
    """
    logs.configure()
