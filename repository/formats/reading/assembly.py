"""From what a mapping found to a deposit: what is missing, what is left over, and what the document is known by."""

import hashlib
import re
from dataclasses import dataclass, field

import orjson

from repository.formats.reading import dates
from repository.formats.reading.intake import Intake, Refused
from repository.records.deposit import Deposit
from repository.records.snapshot import Json

UNKNOWN_NAME, UNASSIGNED = "(:unkn)", "(:unas)"
"""DataCite's words for what is not known. Specified by: DataCite 4.7, appendix 3."""
_CONTROL = re.compile(rb"(?<!\\)(?:\\\\)*\\u00[01]")
_SHORTEST = 3
"""Characters that titles and descriptions must have."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an OAI-PMH response says about the record in it."""

    identifier: str
    datestamp: str = ""
    sets: tuple[str, ...] = ()
    base_url: str = ""
    prefix: str = ""
    namespace: str = ""
    """Of the metadata."""
    harvested: str = ""
    """When the response was made."""
    provenance: tuple[Json, ...] = ()
    """Where the source had the record from: the outermost originDescription first."""


@dataclass(slots=True)
class Mapped:
    """What a mapping took out of one document. `metadata` has no `description` or title shorter than allowed."""

    metadata: Json = field(default_factory=dict)
    custom_fields: Json = field(default_factory=dict)
    doi: str = ""
    source: str = ""
    """The id by which its source knows the document, if it says so."""
    oai: str = ""
    """Its identifier for OAI-PMH, if it says so itself."""
    other_dates: list[str] = field(default_factory=list)
    """Dates of any kind, in case there is no date of publication."""
    parent: str = ""
    index: int = 0
    private: Json = field(default_factory=dict)
    """What must not become public (internal notes, grants, secret links): goes with the origin, not into notes."""


def fingerprint(document: Json, intake: Intake) -> str:
    """SHA-256 of a document, whatever the order of its fields. Refuses what is nested too deeply; control characters,
    which no text of a record may hold, are counted as a change."""
    try:
        data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise Refused("document", f"can't be read: {error}") from error
    if b"\\u00" in data and _CONTROL.search(data):
        intake.change("control-characters")
    return hashlib.sha256(data).hexdigest()


def assemble(mapped: Mapped, digest: str, source: str, header: Header | None, fill: bool, intake: Intake) -> Deposit:
    """The deposit. Raises Refused if something required is missing and `fill` does not fill it."""
    metadata = mapped.metadata
    if header:
        _add_header(metadata, header, intake)
        mapped.other_dates.insert(0, header.datestamp)
    if fill:
        _fill(mapped, intake)
    _require(metadata)
    if intake.notes:
        metadata.setdefault("additional_descriptions", []).extend(
            {"description": note, "type": {"id": "other"}} for note in intake.notes
        )
        intake.changed += ["kept-as-note"] * len(intake.notes)
    identity = _identity(mapped, digest, header)
    return Deposit(
        source=source,
        identity=identity,
        digest=digest,
        body={
            "metadata": {key: value for key, value in metadata.items() if value},
            "custom_fields": mapped.custom_fields,
            "pids": {"doi": {"identifier": mapped.doi, "provider": "external"}} if mapped.doi else {},
        },
        changed=tuple(intake.changed),
        terms=intake.terms,
        parent=mapped.parent,
        index=mapped.index,
        origin=_origin(source, identity, header, mapped.private),
    )


def _add_header(metadata: Json, header: Header, intake: Intake) -> None:
    """The identifier of an OAI item becomes one of the record's, its sets become notes."""
    known: list[Json] = metadata.setdefault("identifiers", [])
    if header.identifier and not any(entry["identifier"] == header.identifier for entry in known):
        known.append({"identifier": header.identifier, "scheme": "other"})
    for name in header.sets:
        intake.keep("setSpec", name)


def _fill(mapped: Mapped, intake: Intake) -> None:
    metadata = mapped.metadata
    nobody = {"person_or_org": {"type": "organizational", "name": UNKNOWN_NAME}}
    for key, value in (
        ("creators", [nobody]),
        ("title", UNASSIGNED),
        ("publisher", UNKNOWN_NAME),
        ("resource_type", {"id": "other"}),
    ):
        if not metadata.get(key):
            metadata[key] = value
            intake.change(f"filled-{key}")
    if not metadata.get("publication_date"):
        found = next((read.day for said in mapped.other_dates if (read := dates.read(said))), "")
        if found:
            metadata["publication_date"] = found
            intake.change("filled-publication_date")


def _require(metadata: Json) -> None:
    for key, what in (
        ("title", f"no title of at least {_SHORTEST} characters"),
        ("creators", "no creator"),
        ("publication_date", "no date of publication that can be read"),
        ("resource_type", "no resource type"),
    ):
        if not metadata.get(key):
            raise Refused(f"metadata.{key}", f"missing: the document has {what}")


def _identity(mapped: Mapped, digest: str, header: Header | None) -> str:
    if mapped.doi:
        return f"doi:{mapped.doi.lower()}"
    if header and header.identifier:
        return header.identifier if header.identifier.startswith("oai:") else f"oai:{header.identifier}"
    if mapped.oai:
        return mapped.oai
    return f"source:{mapped.source}" if mapped.source else f"sha256:{digest}"


def _origin(source: str, identity: str, header: Header | None, private: Json) -> Json:
    origin: Json = {"source": source, "identity": identity}
    if private:
        origin["private"] = private
    if header:
        said = {
            "base_url": header.base_url,
            "identifier": header.identifier,
            "datestamp": header.datestamp,
            "prefix": header.prefix,
            "namespace": header.namespace,
            "harvested": header.harvested,
            "provenance": list(header.provenance),
        }
        origin |= {key: value for key, value in said.items() if value}
    return origin
