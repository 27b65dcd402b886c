"""Real records as snapshots: what the import reads of other people's documents, read once a process."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from snapshots import minimal

from repository import vocabularies
from repository.formats.reading import Known, read
from repository.records.deposit import Deposit
from repository.records.metadata_terms import resolve, term_props
from repository.records.snapshot import Snapshot


@cache
def corpus_records(folder: Path) -> tuple[Snapshot, ...]:
    """All that can be read below a folder, numbered in the order of the files."""
    terms = {(name, term["id"]): term for name in vocabularies.available() for term in vocabularies.load(name)}
    known = Known.from_terms((vocabulary, entry) for (vocabulary, _), entry in terms.items())
    found: list[Snapshot] = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".xml")):
        for read_item in read(path, path.name, known, fill_missing=True):
            if isinstance(read_item, Deposit):
                body = read_item.body
                metadata, custom_fields = resolve(body["metadata"], body["custom_fields"], terms)
                props = term_props(body["metadata"], body["custom_fields"], terms)
                found.append(
                    minimal(
                        len(found) + 1,
                        metadata=metadata,
                        custom_fields=custom_fields,
                        pids=body["pids"],
                        props=props,
                    )
                )
    return tuple(found)


def covering(records: Iterable[Snapshot]) -> list[Snapshot]:
    """The records, in order, that have something which none before had: a field, a kind of value in it, none or several
    of it, a term of a vocabulary."""
    seen: set[str] = set()
    found = []
    for record in records:
        features = {*_features({"metadata": record.metadata, "custom_fields": record.custom_fields}, "")}
        if not features <= seen:
            seen |= features
            found.append(record)
    return found


def of_every_shape(records: Iterable[Snapshot]) -> list[Snapshot]:
    """One record for each type of resource and set of fields that occur together, and those that cover all values."""
    records = tuple(records)
    shapes: dict[Any, Snapshot] = {}
    for record in records:
        kind = (record.metadata.get("resource_type") or {}).get("id")
        shapes.setdefault((kind, frozenset(record.metadata), frozenset(record.custom_fields)), record)
    chosen = {record.id for record in (*shapes.values(), *covering(records))}
    return [record for record in records if record.id in chosen]


def _features(value: Any, path: str) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _features(inner, f"{path}.{name}")
        case list():
            yield f"{path} {min(len(value), 2)}"
            for inner in value:
                yield from _features(inner, path)
        case str() if path.endswith((".id", ".scheme", ".type")):
            yield f"{path} = {value}"
        case _:
            yield f"{path} {type(value).__name__} {bool(value)}"
