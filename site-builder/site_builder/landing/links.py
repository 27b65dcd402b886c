"""What can be clicked, and rows of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from repository.formats.iris import clickable, identifier_iri
from repository.records.identifiers import concept_iri
from repository.records.schemes import SCHEMES
from repository.records.snapshot import Json
from site_builder import axes


@dataclass(frozen=True, slots=True)
class Link:
    """A text, where it leads (nowhere if empty), and a word about it."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a vocabulary or of a depositor: where it leads here, and where others tell of it."""

    text: str
    href: str
    """A path; empty if there is nothing."""
    iri: str = ""
    source: str = ""
    """Who tells of it there."""


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


def term_path(axis: str, term_id: str, name: str, *, is_listed: bool) -> str:
    """Where a word leads: to the records with it if this one is among them, else to the concept, if it is one."""
    if is_listed and (key := axes.key_of(term_id) if term_id else axes.name_key(name)):
        return axes.url(f"{axis}/{key}/")
    return concept_iri("", axes.AXES[axis], term_id) if term_id else ""


def host_of(iri: str) -> str:
    """`creativecommons.org`"""
    return urlsplit(iri).netloc.removeprefix("www.") or iri
