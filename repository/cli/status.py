"""`colophon status`: which stores answer, positions, lag, parked changes, sizes."""

from dataclasses import asdict

import click

from repository.api.stores import OK, Stores
from repository.cli.instances import as_json, opened, summary
from repository.errors import Unreachable
from repository.following import status as readers_status
from repository.projections import NAMES
from repository.search.engines import open_engine
from repository.services.measures import measures

SERVED = "sparql"
"""It runs only while the instance is served."""


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Show which stores answer, how far each reader is, and what the instance holds."""
    with opened() as instance:
        words = dict(Stores(instance, open_engine(instance.settings.search)).words())
        readers = readers_status(instance.database, NAMES)
        found = measures(instance)
    values: dict[str, object] = {
        "records": sum(found.records.values()),
        "bytes": found.blob_bytes,
        "stores": words,
        "files": asdict(found.files),
    }
    for reader in readers:
        led = f"led by {reader.leader}" if reader.leader else "not running"
        values[reader.name] = {
            "position": f"{reader.position} of {reader.head}",
            "parked": reader.parked,
            "state": led,
        }
    summary(values, as_json=as_json)
    down = [name for name, word in words.items() if word != OK and name != SERVED]
    if down:
        raise Unreachable(f"It does not answer as it should: {', '.join(down)}.")
