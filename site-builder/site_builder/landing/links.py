"""What can be clicked, and rows of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from repository.formats.iris import clickable, identifier_iri
from repository.records.schemes import SCHEMES
from repository.records.snapshot import Json


@dataclass(frozen=True, slots=True)
class Link:
    """A text, where it leads (nowhere if empty), and a word about it."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled list of values."""

    label: str
    values: tuple[Link, ...]


def row(label: str, values: Iterable[str]) -> Row:
    """A row of mere texts."""
    return Row(label, tuple(Link(value) for value in values if value))


def scheme_label(scheme: str) -> str:
    known = SCHEMES.get(scheme)
    return known.label if known else scheme


def identifier_link(entry: Json, note: str = "") -> Link:
    """An identifier of anything, with the name of its scheme where its text does not tell."""
    scheme, value = entry.get("scheme", ""), entry["identifier"]
    href = clickable(identifier_iri(scheme, value))
    label = "" if scheme in ("", "url", "other", "urn", "purl", "w3id") else scheme_label(scheme)
    return Link(value, href, ", ".join(part for part in (label, note) if part))
