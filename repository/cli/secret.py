"""`colophon secret`: the key with which the instance signs."""

import os

import click

from repository.errors import InvalidInput
from repository.settings import FILE_NAME, load
from repository.settings.secret import rotate_secret
from repository.storage.durability import sync_folder


@click.group()
def secret() -> None:
    """The key with which the instance signs resumption tokens and counts addresses."""


@secret.command()
def rotate() -> None:
    """Make a new secret. What was signed with the present one stays valid until it expires."""
    settings = load()
    if not (settings.home / "secret").exists() or "COLOPHON_SECRET" in os.environ:
        raise InvalidInput(
            f"The secret is not kept in the instance's own file: change it where it is set (COLOPHON_SECRET or"
            f" {FILE_NAME}), and put the present one into oai.old_secrets."
        )
    rotate_secret(settings.home)
    sync_folder(settings.home)
    click.echo("new secret; a server that is running uses it after its next start")
