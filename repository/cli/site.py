"""`colophon site`: freezes the public pages."""

import click

from repository.cli.catching_up import catch_up
from repository.cli.instances import as_json, opened
from repository.cli.projections import finish
from repository.following import ask
from repository.settings import load
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
        if full:
            ask(instance.database, "site", "rebuild")
        finish(catch_up(instance, ("site",), quiet=as_json), as_json=as_json)


@site.command()
@click.argument("language")
def words(language: str) -> None:
    """Print the words of the pages in LANGUAGE as a gettext catalogue, empty where nothing is said yet."""
    click.echo(for_translators(load(), language), nl=False)
