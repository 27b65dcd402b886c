"""The metadata of a record: every field, its rules, and in which order the fields stand.

Metadata are kept as they are sent: a term of a vocabulary is `{"id": …}`, only a person's `name` is made here. Titles
of terms are added for answers and snapshots by `metadata_terms.resolve`.

Specified by: InvenioRDM's metadata reference (v14), DataCite Metadata Schema 4.7 where the two meet.
"""

from typing import Any

from marshmallow import ValidationError

from repository.records import schemes
from repository.records.metadata_parts import (
    NO_DATE,
    additional_description,
    additional_title,
    date,
    funding,
    reference,
    related_identifier,
    rights,
    subject,
)
from repository.records.metadata_people import contributor, creator, identifiers
from repository.records.metadata_places import locations
from repository.records.metadata_values import UNKNOWN, Messages, Reader, edtf, filled, html, items, schema, term, text
from repository.records.snapshot import Json

_READERS: dict[str, Reader] = {
    "resource_type": term("resourcetypes"),
    "creators": items(creator),
    "title": text(minimum=3),
    "additional_titles": items(additional_title),
    "publisher": text(),
    "publication_date": edtf(NO_DATE),
    "subjects": items(subject),
    "contributors": items(contributor),
    "dates": items(date),
    "languages": items(term("languages")),
    "identifiers": identifiers(schemes.RECORD),
    "related_identifiers": items(related_identifier),
    "sizes": items(filled("Size cannot be a blank string.")),
    "formats": items(filled("Format cannot be a blank string.")),
    "version": text(maximum=191),
    "rights": items(rights),
    "copyright": html(1),
    "description": html(3),
    "additional_descriptions": items(additional_description),
    "locations": locations,
    "funding": items(funding),
    "references": items(reference),
}
FIELDS = tuple(_READERS)
"""All fields, in the order in which answers and lists of errors show them."""
REQUIRED_TO_PUBLISH = ("resource_type", "creators", "title", "publication_date")
_SCHEMA = schema("Metadata", _READERS)
_KNOWN = frozenset(FIELDS)


def load(value: Any) -> tuple[Json, Messages]:
    """What is stored of a request's `metadata`, and what was wrong with the rest. `TERMS` must be set."""
    if value is None:
        return {}, {}
    messages: Messages = {}
    try:
        # Absent fields are skipped: what must be there is asked for when publishing (`draft.missing`).
        data: Json = _SCHEMA.load(value, partial=True)
    except ValidationError as error:
        data, messages = error.valid_data or {}, dict(error.messages_dict)  # type: ignore[assignment]
        if type(value) is not dict:
            return {}, messages
    if not value.keys() <= _KNOWN:
        messages |= {key: [UNKNOWN] for key in value if key not in _KNOWN}
    return data, messages
