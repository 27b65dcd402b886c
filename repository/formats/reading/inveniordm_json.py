"""InvenioRDM's record JSON, as a client sends it or as the API answers it → deposits.

The model is the same as ours, so the body is tried against our own rules (`records.draft`), and what they do not take
is kept. Documents of one parent become versions of one parent; files have no bytes here and become notes.

What the API computes from a vocabulary (a term's title, icon, properties beside its known id; the name of a person) is
not kept: the model says that it is ignored on input.
Specified by: InvenioRDM metadata reference (v14).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from repository.errors import FieldError
from repository.formats.reading import identifiers
from repository.formats.reading.assembly import Mapped
from repository.formats.reading.intake import Intake, Refused, drop_constants, take, take_constant, text
from repository.formats.reading.inveniordm_terms import adapt
from repository.formats.reading.known import Known
from repository.formats.reading.related import Alternates
from repository.records import draft
from repository.records.snapshot import Json
from repository.records.vocabularies import Reference

_RULES = draft.Rules(today=date.min, importing=True)
_WHOLE = frozenset(("id", "scheme", "identifier", "_schema"))
"""Where an error lies in one of these, the object that has it is kept whole."""
_PRIVATE = ("internal_notes", "review", "expanded", "expires_at")
_PRIVATE_OF_PARENT = ("access", "review")


def recognises(document: Json) -> bool:
    return isinstance(document.get("metadata"), dict)


def read(document: Json, intake: Intake) -> Mapped:
    """Takes the document apart. Refuses what must not become public: closed, deleted or never published records."""
    _refuse_hidden(document)
    private = _take_private(document)
    drop_constants(document)
    metadata: Json = document.pop("metadata")
    custom_fields = document.pop("custom_fields", None)
    mapped = Mapped(doi=_take_doi(document, intake), private=private)
    _take_parent(document, mapped, metadata)
    _take_identifiers(document, mapped, metadata, intake)
    adapt(metadata, intake)
    body = {"metadata": metadata, "custom_fields": custom_fields}
    loaded = draft.load(body, None, _Terms(intake), _RULES)
    _keep_wrong(body, loaded.errors, intake)
    mapped.metadata, mapped.custom_fields = loaded.metadata, loaded.custom_fields
    if "title" not in mapped.metadata and text(metadata.get("title")):
        intake.keep("metadata.title", text(metadata["title"]))
    mapped.other_dates += [entry["date"] for entry in mapped.metadata.get("dates", [])]
    mapped.other_dates += [text(document.get("created"))]
    _drop_said(document)
    intake.keep("", document)
    return mapped


class _Terms(Mapping[Reference, Json]):
    """The known terms, and those that this document brings, as the rules want them."""

    def __init__(self, intake: Intake) -> None:
        self._known: Known = intake.known
        self._brought = intake.terms

    def __contains__(self, reference: object) -> bool:
        return reference in self._brought or (
            isinstance(reference, tuple) and self._known.has(str(reference[0]), str(reference[1]))
        )

    def __getitem__(self, reference: Reference) -> Json:
        if reference not in self:
            raise KeyError(reference)
        return {"id": reference[1]}

    def __iter__(self) -> Iterator[Reference]:
        return iter(self._brought)

    def __len__(self) -> int:
        return len(self._brought)


def _inner(document: Json, *path: str) -> Json:
    """The object at a path, an empty one if there is none."""
    for key in path:
        value = document.get(key)
        document = value if isinstance(value, dict) else {}
    return document


def _refuse_hidden(document: Json) -> None:
    if _inner(document, "access").get("record") == "restricted":
        raise Refused("access.record", "restricted: what is imported becomes public")
    if document.get("is_published") is False or document.get("is_draft") is True:
        raise Refused("is_published", "a draft: only published records are imported")
    if _inner(document, "deletion_status").get("is_deleted") is True or document.get("tombstone"):
        raise Refused("deletion_status", "deleted at the source")


def _take_private(document: Json) -> Json:
    """What only an owner or a curator was shown: it must not end in public notes."""
    parts = {key: document.pop(key) for key in _PRIVATE if key in document}
    parent = _inner(document, "parent")
    return parts | {f"parent.{key}": parent.pop(key) for key in _PRIVATE_OF_PARENT if key in parent}


def _take_doi(document: Json, intake: Intake) -> str:
    entry = _inner(document, "pids", "doi")
    doi = identifiers.parse_doi(text(entry.get("identifier")))
    if doi:
        del entry["identifier"]
        take_constant(entry, "provider", ("external",))
    elif text(entry.get("identifier")):
        intake.change("identifier-kept-as-note")
    return doi


def _take_parent(document: Json, mapped: Mapped, metadata: Json) -> None:
    """The parent's id, with the host it is an id at; its DOI becomes a relation. The id itself stays, for a note."""
    parent = _inner(document, "parent")
    host = urlsplit(text(_inner(document, "links").get("self")).replace("[", "").replace("]", "")).netloc
    own_id, parent_id = text(document.get("id")), text(parent.get("id"))
    mapped.parent = "/".join(filter(None, (host, parent_id))) if parent_id else ""
    mapped.source = "/".join(filter(None, (host, own_id))) if own_id else ""
    index = _inner(document, "versions").get("index")
    mapped.index = index if type(index) is int else 0
    concept = _inner(parent, "pids", "doi")
    if doi := identifiers.parse_doi(text(concept.get("identifier"))):
        del concept["identifier"]
        relation = {"identifier": doi, "scheme": "doi", "relation_type": {"id": "isversionof"}}
        given = metadata.get("related_identifiers")
        metadata["related_identifiers"] = [*(given if isinstance(given, list) else []), relation]


def _take_identifiers(document: Json, mapped: Mapped, metadata: Json, intake: Intake) -> None:
    """The record's own id, its page and its other PIDs become identifiers beside those it has."""
    alternates = Alternates(mapped.doi)
    given = metadata.pop("identifiers", None)
    rest: Json = {"metadata.identifiers": given}
    alternates.take(rest, intake, "metadata.identifiers", ("identifier",), "scheme")
    if own_id := take(document, "id"):
        alternates.add("id", own_id, "", intake)
    if page := take(_inner(document, "links"), "self_html"):
        alternates.add("links.self_html", page, "url", intake)
    for scheme, entry in _inner(document, "pids").items():
        if scheme != "doi" and isinstance(entry, dict) and (said := take(entry, "identifier")):
            alternates.add(f"pids.{scheme}.identifier", said, scheme, intake)
    metadata["identifiers"] = alternates.all()


def _keep_wrong(body: Json, errors: tuple[FieldError, ...], intake: Intake) -> None:
    """Keeps what the rules did not take, at the paths at which they complained."""
    kept: set[str] = set()
    for error in errors:
        path, value = _at(body, error.field)
        if path not in kept:
            kept.add(path)
            intake.change("field-kept-as-note")
            intake.keep(path, value)


def _at(body: Json, field: str) -> tuple[str, Any]:
    """(path, value) of what an error is about: as deep as the path leads, and never less than a whole identifier."""
    value: Any = body
    steps: list[str] = []
    rest = field.split(".")
    if rest[-1] in _WHOLE:
        rest.pop()
    while rest:
        for length in range(len(rest), 0, -1):
            key = ".".join(rest[:length])
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                continue
            steps.append(key)
            rest = rest[length:]
            break
        else:
            break
    return ".".join(steps), value


def _drop_said(document: Json) -> None:
    """Drops what the record says anyhow: it is public, and of metadata only."""
    access, files = _inner(document, "access"), _inner(document, "files")
    for key in ("record", "files"):
        take_constant(access, key, ("public",))
    if files.get("enabled") is False:
        del files["enabled"]
