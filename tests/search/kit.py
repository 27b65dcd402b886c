"""An engine under test, an index to fill, and small records to fill it with."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from record_parts import access, file_entry, files, term

from repository.records.snapshot import Snapshot
from repository.records.visibility import Viewer
from repository.search.documents import document
from repository.search.engine import Facet, Hits, Search, SearchEngine, SearchIndex
from tests.records_in_store import snapshot

READER, STRANGER = Viewer(account="7"), Viewer(account="8")


@dataclass(frozen=True, slots=True)
class Kit:
    """A kind of engine."""

    make: Callable[[Path], tuple[SearchIndex, SearchEngine]]
    """Writing and reading side of the same index; called again for another process."""


@contextlib.contextmanager
def indexed(kit: Kit, folder: Path, states: Sequence[Snapshot]) -> Iterator[tuple[SearchIndex, SearchEngine]]:
    """An index that holds these records, positions from 1, and goes on being written."""
    index, engine = kit.make(folder)
    with index.leading():
        index.create("g1")
        index.write([document(state, position) for position, state in enumerate(states, 1)], "g1")
        index.activate("g1")
        yield index, engine


def found(engine: SearchEngine, text: str = "", **asked: Any) -> list[str]:
    """Ids in the order of hits; the total must agree, and facets must count the same records."""
    hits = engine.search(Search(text, **{"size": 1000, **asked}))
    assert hits.total == len(hits.ids)
    for facet in hits.facets:
        if facet.name in ("access_status", "resource_type") and "selected" not in asked:
            assert sum(bucket.count for bucket in facet.buckets) == hits.total
    return list(hits.ids)


def counts(hits: Hits, name: str) -> dict[str, int]:
    return {bucket.key: bucket.count for bucket in facet(hits, name).buckets}


def facet(hits: Hits, name: str) -> Facet:
    return next(found for found in hits.facets if found.name == name)


def record(number: int, metadata: dict[str, Any] | None = None, **fields: Any) -> Snapshot:
    """A small record with a creation time of its own: later for higher numbers."""
    created = (datetime(2024, 5, 1, tzinfo=UTC) + timedelta(hours=number)).isoformat()
    state = snapshot(number, **{"created": created, "updated": created, **fields})
    return replace(state, metadata={**state.metadata, **(metadata or {})})


def seven() -> list[Snapshot]:
    """The records of the conformance suite's search scenarios."""
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("dataset", "2001-05-01", {}),
        ("dataset", "2003", {}),
        ("software", "2003-02", {}),
        ("publication-article", "2010-01-01/2011-01-01", {"languages": [term("dan", "Danish")]}),
        ("publication-report", "2012", {}),
        ("image-photo", "2015", {}),
        ("dataset", "2015-07", {}),
    ]
    return [
        record(
            number,
            {
                "resource_type": term(kind, kind.title()),
                "publication_date": day,
                "title": f"wqx {'beta alpha delta' if number % 2 else 'alpha beta gamma'} record number n{number}",
                "description": f"<p>firstwqx{number} word, uniquewqx{number} Æblegrød</p><p>and lastwqx{number}</p>",
                **more,
            },
            pids={"oai": {"identifier": f"oai:host:{number}", "provider": "oai"}},
            props={},
            **(
                {"files": files(file_entry(f"f{number}.csv")), "access": access()}
                if number < 2
                else {"access": access(status="metadata-only")}
            ),
        )
        for number, (kind, day, more) in enumerate(rows)
    ]
