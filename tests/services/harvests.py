"""A harvest from a small provider, and what it has brought."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from repository.records.deposit import Refusal
from repository.records.snapshot import Snapshot
from repository.records.visibility import SYSTEM
from repository.services import reading
from repository.services.fetching import Patience
from repository.services.harvest_pages import Harvested
from repository.services.harvest_states import Wanted
from repository.services.harvesting import Listener, harvest
from repository.services.instance import Instance
from repository.storage.models import RecordRow
from tests.servers.small_provider import Answer, Arguments, SmallProvider

HASTE = Patience(call=10, attempts=3, pause=0.01)
LAST = "2024-06-01T00:00:00Z"
"""responseDate of the provider."""


def harvested(
    instance: Instance, provider: SmallProvider, patience: Patience = HASTE, **wanted: str
) -> tuple[Harvested, list[Refusal]]:
    refusals: list[Refusal] = []
    provider.requests.clear()
    done = harvest(
        instance, Wanted(provider.url, **wanted), patience=patience, listener=Listener(refuse=refusals.append)
    )
    assert len(refusals) == done.imported.refused
    return done, refusals


def counts(done: Harvested) -> tuple[int, int, int, int]:
    """(added, revised, withdrawn, refused)"""
    return done.imported.added, done.imported.revised, done.withdrawn, done.imported.refused


def records(instance: Instance) -> dict[str, Any]:
    """Rows of all records, by the identifier of the item that they came from."""
    with instance.database.read() as connection:
        found = connection.execute(select(RecordRow.__table__)).all()
    return {row.origin["identifier"]: row for row in found}


def snapshot(instance: Instance, number: int) -> Snapshot:
    return reading.read(instance, SYSTEM, records(instance)[f"oai:small:{number}"].id).snapshot


def once(answer: Answer, when: Callable[[Arguments], object]) -> Callable[[Arguments], Answer | None]:
    """Disturbs the first request for which `when` holds."""
    left = [answer]
    return lambda arguments: left.pop() if left and when(arguments) else None
