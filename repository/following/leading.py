"""What a leader holds in mind while it leads one projection."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from repository.following.lease import Lease
from repository.following.pace import Pace
from repository.following.projection import Projection
from repository.storage.database import Database
from repository.storage.models import Checkpoint


class Stopped(Exception):
    """The process is to end; what was begun is begun again by the next leader."""


@dataclass(slots=True)
class Leading:
    """One term of leadership; position, generation, rules and parked mirror the database, where only we write them."""

    database: Database
    projection: Projection
    lease: Lease
    stop: threading.Event
    pace: Pace
    progressed: Callable[[], None]
    """Called when the checkpoint has moved."""
    position: int = 0
    generation: str = ""
    """Empty until the first one has been filled."""
    rules: str = ""
    writable: bool = True
    """False while the current generation, of another shape than we write, serves until the new one is filled."""
    parked: set[str] = field(default_factory=set)
    """Ids of the records of which a change is parked."""
    taken: int = 0
    """Changes written in this term."""
    refusals: int = 0
    """Changes that could not be written in this term."""

    @property
    def name(self) -> str:
        return self.projection.name

    def go_on(self) -> None:
        """Between two steps: raises Stopped or LeaseLost."""
        if self.stop.is_set():
            raise Stopped
        self.lease.check()


@dataclass(frozen=True, slots=True)
class Standing:
    """A checkpoint as it is stored."""

    position: int
    generation: str
    rules: str
    building: str


def standing(connection: Connection, projection: str) -> Standing | None:
    columns = [getattr(Checkpoint, name) for name in Standing.__dataclass_fields__]
    row = connection.execute(select(*columns).where(Checkpoint.projection == projection)).one_or_none()
    return None if row is None else Standing(**row._mapping)
