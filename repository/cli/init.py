"""`colophon init`: creates or upgrades the instance."""

import click

from repository.cli.instances import as_json, console, summary
from repository.services.accounts import ensure_admin
from repository.services.instance import initialise
from repository.settings import home_folder


@click.command()
@click.option("--admin", metavar="EMAIL", help="Make sure that this account exists and administrates.")
@click.option("--take-over", is_flag=True, help="Make the objects of another instance, which is no more, its own.")
@as_json
def init(admin: str | None, take_over: bool, as_json: bool) -> None:
    """Create the instance, or upgrade it: secret, database schema, vocabularies. Safe to repeat."""
    with console.status("Preparing the instance") if not as_json else console:
        instance = initialise(home_folder(), take_over=take_over)
    values: dict[str, object] = {"instance": str(instance.settings.home)}
    if admin:
        password = ensure_admin(instance, admin)
        values["admin"] = admin
        if password:
            values["password"] = password
    instance.close()
    summary(values, as_json=as_json)
