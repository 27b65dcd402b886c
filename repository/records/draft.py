"""A draft as a request sends it: read without ever failing on its content, and checked before it is published.

Whatever is unknown or wrong is left out of what is stored and named among the errors; so a draft can be saved at any
time, whatever it lacks. What has been stored reads back as itself, with the errors that still hold.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from repository.errors import FieldError
from repository.records import access, custom_fields, draft_parts, metadata, pids
from repository.records.custom_fields import BUNDLES, CustomFields
from repository.records.metadata_terms import references
from repository.records.metadata_values import NO_OBJECT, REQUIRED, TERMS, Messages, flatten
from repository.records.snapshot import Json
from repository.records.vocabularies import Terms

__all__ = ["Loaded", "Rules", "check", "file_errors", "load", "merge", "missing", "references"]

NO_FILES = "Missing uploaded files. To disable files for this record please mark it as metadata-only."
NO_PUBLISHER = "Missing publisher field required for DOI registration."
MOST_ERRORS = 1000
"""So many errors are listed; of a body that is wrong all over, the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What reading a draft depends on beside its body.

    `today`: the day in UTC. `doi_prefix`: of managed DOIs, empty where there are none. `importing`: a DOI under our own
    prefix may be brought along. `published`: the draft edits a published record, whose managed DOI stays.
    """

    today: date
    doi_prefix: str = ""
    custom_fields: CustomFields = field(default_factory=lambda: BUNDLES)
    importing: bool = False
    published: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is stored of a body, and what was wrong with the rest of it. JSON in InvenioRDM's shape, terms as `{id}`."""

    metadata: Json
    custom_fields: Json
    access: Json
    """`{record, files, embargo: {active, until?, reason}}`"""
    pids: Json
    """`{doi?, oai?}`, each `{identifier, provider, client?}`"""
    files: Json
    """`{enabled, order, default_preview?}`; the keys have not been compared with the files there are."""
    media_files: Json
    parent_input: Json
    """`{communities: {default}?, review: {type, receiver}?}`"""
    internal_notes: tuple[Json, ...] | None
    """`{id?, note}`; None where the body has none: what there is stays."""
    errors: tuple[FieldError, ...]

    def body(self) -> Json:
        """What the record layer stores and `structure` checks."""
        return {
            "metadata": self.metadata,
            "custom_fields": self.custom_fields,
            "access": self.access,
            "pids": self.pids,
            "files": self.files,
        }


def _object(body: Any) -> Json:
    return body if type(body) is dict else {}


def load(body: Any, previous: Json | None, terms: Terms, rules: Rules) -> Loaded:
    """Reads a body over the draft as it was stored (`previous`; None for a new one). Never raises on content.

    Absent `access` and `pids` stay as they were, absent `metadata` and `custom_fields` are emptied, absent `files` are
    enabled. `terms`: those of `references(body)` that exist.
    """
    given, before = _object(body), previous or {}
    token = TERMS.set(terms)
    try:
        fields, wrong_fields = metadata.load(given.get("metadata"))
        custom, wrong_custom = custom_fields.load(given.get("custom_fields"), rules.custom_fields)
    finally:
        TERMS.reset(token)
    protection, wrong_access = access.load(given.get("access"), before.get("access"), rules.today)
    files, wrong_files = draft_parts.files(given.get("files"), enabled=True)
    media_files, wrong_media = draft_parts.files(given.get("media_files"), enabled=False)
    policy = pids.Policy(rules.doi_prefix, rules.importing, rules.published)
    identifiers, wrong_pids = pids.load(given.get("pids"), before.get("pids"), policy)
    notes, wrong_notes = draft_parts.internal_notes(given.get("internal_notes"))
    wrong: Messages = {
        "metadata": wrong_fields,
        "custom_fields": wrong_custom,
        "access": wrong_access,
        "files": wrong_files,
        "media_files": wrong_media,
        "pids": wrong_pids,
        "internal_notes": wrong_notes,
    }
    if type(body) is not dict:
        wrong |= NO_OBJECT
    return Loaded(
        metadata=fields,
        custom_fields=custom,
        access=protection,
        pids=identifiers,
        files=files,
        media_files=media_files,
        parent_input=draft_parts.parent_input(given),
        internal_notes=notes,
        errors=_listed(wrong),
    )


def _listed(wrong: Messages) -> tuple[FieldError, ...]:
    found = tuple(error for part, messages in wrong.items() if messages for error in flatten(messages, part))
    if len(found) <= MOST_ERRORS:
        return found
    rest = FieldError("_schema", (f"{len(found) - MOST_ERRORS} more errors are not listed.",))
    return (*found[:MOST_ERRORS], rest)


def missing(loaded: Loaded, rules: Rules) -> tuple[FieldError, ...]:
    """What a draft lacks for being published; a field that was named as wrong is not named again."""
    return tuple(_missing(loaded, rules))


def _missing(loaded: Loaded, rules: Rules) -> Iterator[FieldError]:
    needed = [name for name in metadata.REQUIRED_TO_PUBLISH if name not in loaded.metadata]
    if needed:
        named = {tuple(error.field.split(".", 2)[:2]) for error in loaded.errors}
        yield from (FieldError(f"metadata.{name}", (REQUIRED,)) for name in needed if ("metadata", name) not in named)
    if "publisher" not in loaded.metadata and pids.will_be_managed(loaded.pids, rules.doi_prefix):
        yield FieldError("metadata.publisher", (NO_PUBLISHER,))


def check(stored: Json, terms: Terms, rules: Rules) -> tuple[FieldError, ...]:
    """What stops a stored draft from being published, and what its GET names: files are `file_errors`' matter."""
    loaded = load(stored, stored, terms, rules)
    return merge(loaded.errors, missing(loaded, rules))


def file_errors(files: Json, count: int, has_key: Callable[[str], bool]) -> tuple[FieldError, ...]:
    """What is wrong about a draft's files: none although they are enabled, some although not, an unknown preview."""
    if files["enabled"] and not count:
        return (FieldError("files.enabled", (NO_FILES,)),)
    if not files["enabled"] and count:
        return (
            FieldError("files.enabled", ("You must first delete all files to set the record to be metadata-only.",)),
        )
    preview = files.get("default_preview")
    if preview and not has_key(preview):
        return (FieldError("files.default_preview", (f"There is no file of the key '{preview}'.",)),)
    return ()


_SECTIONS = ("metadata", "custom_fields", "access", "files", "media_files", "pids", "internal_notes")


def _place(error: FieldError) -> tuple[int, int]:
    section, _, rest = error.field.partition(".")
    field = rest.partition(".")[0]
    return (
        _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS),
        metadata.FIELDS.index(field) if section == "metadata" and field in metadata.FIELDS else len(metadata.FIELDS),
    )


def merge(*errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """One list in the order of the fields; of two errors of one field the first stays."""
    first: dict[str, FieldError] = {}
    for group in errors:
        for error in group:
            first.setdefault(error.field, error)
    return tuple(sorted(first.values(), key=_place))
