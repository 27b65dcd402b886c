"""`colophon search`: whether the search index holds what it should."""

import sys
from collections import Counter

import click

from repository.cli.instances import as_json, opened, summary
from repository.search.checking import Check
from repository.search.engines import open_index


@click.group()
def search() -> None:
    """The search index."""


@search.command()
@as_json
def check(as_json: bool) -> None:
    """Compare the search index with the database and print the differences."""
    faults: Counter[str] = Counter()
    with opened() as instance:
        comparison = Check(instance.database, open_index(instance.settings.search))
        for found in comparison.differences():
            faults[found.fault] += 1
            if not as_json:
                click.echo(f"{found.fault} {found.record_id}: position {found.position}, in the index {found.held}")
    values = {"records": comparison.records, "waiting": comparison.waiting, "differences": faults.total()}
    summary(values | ({"faults": dict(sorted(faults.items()))} if faults else {}), as_json=as_json)
    if faults:
        sys.exit(1)
