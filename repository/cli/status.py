"""`colophon status`: positions, lag, parked changes, sizes."""

from dataclasses import asdict

import click
from sqlalchemy import func, select

from repository.cli.instances import as_json, opened, summary
from repository.following import status as readers_status
from repository.projections import NAMES
from repository.services import fixity
from repository.storage.models import Blob, RecordRow


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Show how far each reader is, and what the instance holds."""
    with opened() as instance:
        readers = readers_status(instance.database, NAMES)
        with instance.database.read() as connection:
            records = connection.execute(select(func.count()).select_from(RecordRow)).scalar_one()
            size = connection.execute(select(func.coalesce(func.sum(Blob.size), 0))).scalar_one()
            blobs = fixity.counts(connection, instance)
    values: dict[str, object] = {"records": records, "bytes": int(size), "files": asdict(blobs)}
    for reader in readers:
        led = f"led by {reader.leader}" if reader.leader else "not running"
        values[reader.name] = {
            "position": f"{reader.position} of {reader.head}",
            "parked": reader.parked,
            "state": led,
        }
    summary(values, as_json=as_json)
