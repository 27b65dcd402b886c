"""`colophon oai`: sets, and harvesting from others."""

from typing import Any

import click

from repository.cli.harvest import harvest
from repository.cli.instances import as_json, opened, summary
from repository.records.sets import DefinedSet
from repository.records.visibility import SYSTEM
from repository.services import oai_sets

_MOST = 100_000
"""Sets that are shown."""


@click.group()
def oai() -> None:
    """OAI-PMH: what is offered by it, and what is taken from others."""


oai.add_command(harvest)


@oai.group()
def sets() -> None:
    """Sets that are defined by a query."""


@sets.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Show the sets that were defined, a line each."""
    with opened() as instance:
        for one in oai_sets.list_sets(instance, SYSTEM, "spec", size=_MOST).sets:
            _show(one, as_json=as_json)


@sets.command()
@click.argument("spec")
@click.argument("query")
@click.option("--name", default="", help="Name for people; the spec without it.")
@click.option("--description", default="", help="What is in the set.")
@as_json
def add(spec: str, query: str, name: str, description: str, as_json: bool) -> None:
    """Define a set: the records that a query finds."""
    body = {"spec": spec, "search_pattern": query, "name": name or spec, "description": description}
    with opened() as instance:
        _show(oai_sets.define(instance, SYSTEM, body), as_json=as_json)


@sets.command()
@click.argument("spec")
@click.option("--query", help="The records that this finds.")
@click.option("--name", help="Name for people.")
@click.option("--description", help="What is in the set.")
@as_json
def change(spec: str, query: str | None, name: str | None, description: str | None, as_json: bool) -> None:
    """Give a set another query, name or description; its spec stays."""
    given = {"search_pattern": query, "name": name, "description": description}
    with opened() as instance:
        old = oai_sets.find(instance, SYSTEM, spec)
        body = {field: getattr(old, field) if value is None else value for field, value in given.items()}
        _show(oai_sets.redefine(instance, SYSTEM, old.id, body, old.revision_id), as_json=as_json)


@sets.command()
@click.argument("spec")
@as_json
def delete(spec: str, as_json: bool) -> None:
    """Delete a set; its records stay."""
    with opened() as instance:
        oai_sets.remove(instance, SYSTEM, oai_sets.find(instance, SYSTEM, spec).id)
    summary({"deleted": spec}, as_json=as_json)


def _show(one: DefinedSet, *, as_json: bool) -> None:
    values: dict[str, Any] = {
        "set": one.spec,
        "name": one.name,
        "query": one.search_pattern,
        "description": one.description,
        "updated": one.updated.isoformat(),
    }
    summary(values, as_json=as_json)
