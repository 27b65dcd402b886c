"""What the tests of drafts share: rules, terms, a minimal record."""

from datetime import date
from typing import Any

from repository.records.draft import Loaded, Rules, load

RULES = Rules(today=date(2026, 11, 24))
MANAGED = Rules(today=date(2026, 11, 24), doi_prefix="10.5072")
IDS = {
    "resourcetypes": ("dataset", "publication-article"),
    "creatorsroles": ("datacurator",),
    "contributorsroles": ("contactperson",),
    "affiliations": ("02ex6cf31",),
    "titletypes": ("subtitle",),
    "descriptiontypes": ("methods",),
    "datetypes": ("collected", "accepted"),
    "languages": ("eng", "ces"),
    "relationtypes": ("iscitedby", "references"),
    "licenses": ("cc-by-4.0",),
    "funders": ("05k73zm37",),
    "awards": ("05k73zm37::1",),
    "subjects": ("https://example.org/subjects/rain",),
}
TERMS: dict[tuple[str, str], dict[str, Any]] = {
    (vocabulary, name): {"id": name, "title": {"en": f"{name} title"}}
    for vocabulary, ids in IDS.items()
    for name in ids
}
PERSON = {"person_or_org": {"type": "personal", "given_name": "Ada", "family_name": "Holm"}}
STORED_PERSON = {"person_or_org": {"type": "personal", "name": "Holm, Ada", "given_name": "Ada", "family_name": "Holm"}}
MINIMAL: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "title": "Rainfall at the harbour",
    "publication_date": "2024-05-01",
    "creators": [PERSON],
}


def read(metadata: Any, **rest: Any) -> Loaded:
    return load({"metadata": metadata, **rest}, None, TERMS, RULES)


def fields(loaded: Loaded) -> list[str]:
    return [error.field for error in loaded.errors]
