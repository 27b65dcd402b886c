"""What a reader of a metadata format makes of one document: a deposit ready for validation, or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from repository.records.snapshot import Json
from repository.records.vocabularies import Reference


@dataclass(frozen=True, slots=True)
class Deposit:
    """One document, turned into the body that a REST client would have sent."""

    source: str
    """Where it was found, for the report: `file.jsonl:12`, `responses.xml#oai:host:1`."""
    identity: str
    """What it is known by when it comes again: `doi:…` (lower case), else `oai:…`, else `source:…`, else `sha256:…`."""
    digest: str
    """SHA-256 of the document: equal means unchanged."""
    body: Json
    """`{metadata, custom_fields, pids}` in the API's input shape; public and metadata-only."""
    changed: tuple[str, ...] = ()
    """What had to be altered to take it, one word each (`date`, `language`, `identifier-kept-as-note`, …): counted."""
    terms: Mapping[Reference, str] = field(default_factory=dict)
    """ROR and ORCID ids with a valid checksum that the document names, with the name it gives: added if unknown."""
    parent: str = ""
    """Documents with the same value are versions of one parent, in the order of `index`."""
    index: int = 0
    origin: Json = field(default_factory=dict)
    """For the provenance of the record: `{source, identity, base_url?, identifier?, datestamp?, prefix?, …}`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that is not taken, with the field and the reason, for the report."""

    source: str
    field: str
    reason: str
