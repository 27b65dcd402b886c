"""Records that use every term that is shipped, so that no term has a word that an older or foreign list lacks."""

from collections.abc import Iterator
from typing import Any

from record_parts import person
from snapshots import minimal

from repository import vocabularies
from repository.formats.datacite_terms import RELATED_LABELS
from repository.records.snapshot import Snapshot

_USED = ("contributorsroles", "datetypes", "descriptiontypes", "relationtypes", "resourcetypes", "titletypes")


def _terms(vocabulary: str) -> list[dict[str, Any]]:
    return [{"id": entry["id"], "title": entry["title"]} for entry in vocabularies.load(vocabulary)]


def with_every_term() -> Iterator[Snapshot]:
    """A record for each resource type; each has all roles, dates, titles and descriptions, and all relations."""
    props = {name: {entry["id"]: entry["props"] for entry in vocabularies.load(name)} for name in _USED}
    kinds = _terms("resourcetypes")
    works = [
        {"identifier": f"10.1234/{scheme}", "scheme": scheme, "relation_type": relation, "resource_type": kind}
        for relation, kind in zip(_terms("relationtypes"), kinds[: len(_terms("relationtypes"))], strict=True)
        for scheme in RELATED_LABELS
    ]
    for number, kind in enumerate(kinds):
        metadata = {
            "resource_type": kind,
            "title": "Rain",
            "publication_date": "2024-05-01",
            "creators": [person("Berg")],
            "contributors": [person("Berg", role=role) for role in _terms("contributorsroles")],
            "additional_titles": [{"title": "Rain", "type": entry} for entry in _terms("titletypes")],
            "additional_descriptions": [{"description": "Rain", "type": entry} for entry in _terms("descriptiontypes")],
            "dates": [{"date": "2020-01-01", "type": entry} for entry in _terms("datetypes")],
            "related_identifiers": works,
        }
        yield minimal(number, metadata=metadata, props=props)
