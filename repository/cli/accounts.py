"""`colophon accounts`: people and their tokens."""

import secrets
import sys

import click

from repository.cli.instances import opened
from repository.services.accounts import create_account, create_token


@click.group()
def accounts() -> None:
    """Accounts of people, and their tokens."""


@accounts.command()
@click.argument("email")
@click.option("--admin", is_flag=True, help="The account administrates the repository.")
@click.option("--name", default="", help="Name of the person.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, admin: bool, name: str, password_stdin: bool) -> None:
    """Create an account; a generated password is printed unless one is given."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    with opened() as instance:
        identity = create_account(instance, email, password, name=name, admin=admin)
    given = "" if password_stdin else f", password {password}"
    click.echo(f"account {identity.id} {identity.email}{given}")


@accounts.command()
@click.argument("email")
@click.option("--name", default="", help="What the token is for.")
def token(email: str, name: str) -> None:
    """Make a bearer token with the account's rights. It is shown this once, as the last word."""
    with opened() as instance:
        click.echo(f"token for {email}: {create_token(instance, email, name)}")
