"""Layers: the renderings of one format in one generation, a range of keys of its own."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from repository.storage.database import Database
from repository.storage.models import OaiLayer, OaiRendering

SEQUENCE_BITS = 40

_AT_ONCE = 2_000
"""Renderings that are dropped in one transaction: it must be short."""


@dataclass(frozen=True, slots=True)
class Layer:
    id: int
    generation: str
    prefix: str
    partial: bool
    """Whether not every item is in it, so that its lists are those of its prefix."""


def key(layer: int, sequence: int) -> int:
    """Key of a rendering."""
    return layer << SEQUENCE_BITS | sequence


def sequence_of(rendering: int) -> int:
    return rendering & (1 << SEQUENCE_BITS) - 1


def layers(connection: Connection, generation: str | None = None) -> list[Layer]:
    """All layers, or those of one generation."""
    statement = select(OaiLayer.id, OaiLayer.generation, OaiLayer.prefix, OaiLayer.partial).order_by(OaiLayer.id)
    if generation is not None:
        statement = statement.where(OaiLayer.generation == generation)
    return [Layer(*row) for row in connection.execute(statement)]


def drop(database: Database, generation: str) -> None:
    """Removes the layers of a generation, some renderings at a time."""
    with database.read() as connection:
        dropped = layers(connection, generation)
    for layer in dropped:
        some = (
            select(OaiRendering.key)
            .where(OaiRendering.key >= key(layer.id, 0), OaiRendering.key < key(layer.id + 1, 0))
            .order_by(OaiRendering.key)
            .limit(_AT_ONCE)
            .scalar_subquery()
        )
        statement = delete(OaiRendering).where(OaiRendering.key.in_(some))
        removed = _AT_ONCE
        while removed == _AT_ONCE:
            with database.write() as connection:
                removed = connection.execute(statement).rowcount
        with database.write() as connection:
            connection.execute(delete(OaiLayer).where(OaiLayer.id == layer.id))
