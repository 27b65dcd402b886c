"""Other people's records as snapshots of ours, read by the import."""

from collections.abc import Iterator
from pathlib import Path

from snapshots import minimal

from repository import vocabularies
from repository.formats.reading import Known, read
from repository.records.deposit import Deposit
from repository.records.metadata_terms import resolve, term_props
from repository.records.snapshot import Snapshot
from repository.records.vocabularies import Terms


def shipped_terms() -> Terms:
    return {(name, term["id"]): term for name in vocabularies.available() for term in vocabularies.load(name)}


def corpus_snapshots(folder: Path, terms: Terms) -> Iterator[Snapshot]:
    """Every record below a folder that the import takes, without files."""
    known = Known.from_terms((vocabulary, entry) for (vocabulary, _), entry in terms.items())
    number = 0
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".xml")):
        for item in read(path, path.name, known, fill_missing=True):
            if isinstance(item, Deposit):
                number += 1
                metadata, custom_fields = resolve(item.body["metadata"], item.body["custom_fields"], terms)
                props = term_props(item.body["metadata"], item.body["custom_fields"], terms)
                yield minimal(
                    number, metadata=metadata, custom_fields=custom_fields, pids=item.body["pids"], props=props
                )
