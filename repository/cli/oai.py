"""`colophon oai`: sets, and harvesting from others."""

import click

from repository.cli.harvest import harvest


@click.group()
def oai() -> None:
    """OAI-PMH."""


oai.add_command(harvest)
