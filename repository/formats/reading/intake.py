"""Taking a document apart so that nothing of it can be lost.

A mapping *takes* out of the document what it has a place for. Whatever it does not take is still there at the end, and
`Intake.keep` turns every value of it into a note `<field>: <value>`: completeness is a matter of construction, not of
care. `field` is the dotted path in the document, positions in lists are numbers.

What is not a value is not kept: null, empty or blank text, empty lists and objects, comments and processing
instructions of XML. What is constant is not kept either; `CONSTANTS` and `SCHEME_URIS` are all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from repository.formats.reading.known import Known
from repository.records.snapshot import Json
from repository.records.text import clean
from repository.records.vocabularies import Reference

CONSTANTS = (
    ("schemaVersion", "http://datacite.org/schema/kernel-"),
    ("schema_version", "http://datacite.org/schema/kernel-"),
    ("schema-version", "http://datacite.org/schema/kernel-"),
    ("$schema", "local://records/record-"),
    ("type", "dois"),
)
"""Top-level fields whose value says only which format this is: (field, how the value begins). In XML likewise
`xsi:schemaLocation` and `xsi:noNamespaceSchemaLocation`."""

UNNAMED = "(no name)"
"""Stands for a field whose name is the empty text."""
SCHEME_URIS = {
    "orcid": ("orcid.org",),
    "ror": ("ror.org",),
    "isni": ("isni.org", "isni.org/isni", "www.isni.org", "www.isni.org/isni"),
    "gnd": ("d-nb.info/gnd", "www.d-nb.info/gnd"),
    "wikidata": ("wikidata.org/wiki", "www.wikidata.org/wiki"),
    "spdx": ("spdx.org/licenses", "www.spdx.org/licenses"),
}
"""Addresses of the schemes that the model knows by name: beside that name they say nothing."""


class Refused(Exception):
    """The document can't be taken: the field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(slots=True)
class Intake:
    """What is gathered beside the mapped fields while one document is read."""

    known: Known
    notes: list[str] = field(default_factory=list)
    """Texts of notes, `<field>: <value>`, as HTML."""
    changed: list[str] = field(default_factory=list)
    """One word for each alteration."""
    terms: dict[Reference, str] = field(default_factory=dict)
    """ROR and ORCID ids that the document names, with its name for them."""

    def keep(self, path: str, value: Any) -> None:
        """Makes notes of all values in `value`, however deep."""
        if isinstance(value, dict):
            for key, inner in value.items():
                self.keep(f"{path}.{key}" if path else key, inner)
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                self.keep(f"{path}.{number}", inner)
        elif clean(said := scalar(value)):
            self.notes.append(escape(f"{path or UNNAMED}: {said.strip()}", quote=False))

    def change(self, word: str) -> None:
        self.changed.append(word)

    def name_term(self, vocabulary: str, term: str, name: str, path: str) -> None:
        """Records that the document calls the term `name`; a name other than the vocabulary's becomes a note."""
        reference = (vocabulary, term)
        self.terms.setdefault(reference, name)
        if vocabulary != "names":
            used = self.known.names.setdefault(reference, name)
            if used != name:
                self.keep(path, name)


def scalar(value: Any) -> str:
    """A value as JSON writes it, texts without quotation marks; empty for null and for what is no single value."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def text(value: Any) -> str:
    """A text or number as one line: white space collapsed, control characters removed; empty for anything else."""
    if type(value) is str:
        cleaned = value.strip() if value.isascii() and value.isprintable() else clean(value)
        # a text that holds no line breaks may still hold spaces of other kinds
        return cleaned if "  " not in cleaned and cleaned.isprintable() else " ".join(cleaned.split())
    if value is None or value is True or value is False:
        return ""
    return str(value) if isinstance(value, int | float) else ""


def take(entry: Json, *keys: str) -> str:
    """Takes the first text or number that one of `keys` has; what is no text stays in the entry."""
    for key in keys:
        if key in entry and (found := text(entry[key])):
            del entry[key]
            return found
    return ""


def take_paragraphs(entry: Json, key: str) -> str:
    """Like `take`, but with its line breaks."""
    value = entry.get(key)
    if isinstance(value, str) and value.strip():
        del entry[key]
        return value.strip()
    return take(entry, key)


def take_entries(entry: Json, *keys: str) -> Iterator[tuple[str, Any]]:
    """Takes the lists (or single values) of all `keys`, as pairs of path and value. The caller owns what it gets:
    what it does not use it must `keep`."""
    for key in keys:
        value = entry.pop(key, None)
        if value is None:
            continue
        if isinstance(value, list):
            for number, inner in enumerate(value):
                yield f"{key}.{number}", inner
        else:
            yield key, value


def take_constant(entry: Json, key: str, values: tuple[str, ...]) -> None:
    """Drops `key` if its text is one of `values`, letter case aside."""
    if text(entry.get(key)).lower() in values:
        del entry[key]


def take_scheme_uri(entry: Json, scheme: str) -> None:
    """Drops the address of the scheme if it is the known one."""
    for key in ("schemeUri", "schemeURI"):
        value = text(entry.get(key)).lower().rstrip("/")
        if value and value.removeprefix("https://").removeprefix("http://") in SCHEME_URIS.get(scheme, ()):
            del entry[key]


def drop_constants(document: Json) -> None:
    for key, beginning in CONSTANTS:
        if key in document and text(document[key]).startswith(beginning):
            del document[key]
