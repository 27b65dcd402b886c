"""Real records as snapshots: what the import reads of other people's documents, read once a process."""

from functools import cache
from pathlib import Path

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
