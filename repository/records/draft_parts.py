"""What a request body says beside metadata, access and identifiers: files, notes, and the parent's wishes."""

from typing import Any

from marshmallow import ValidationError, missing

from repository.records.metadata_values import NO_TEXT, Messages, filled, html, items, shape
from repository.records.snapshot import Json
from repository.records.text import clean, has_controls

_LONGEST_KEY = 255


def _key(value: Any) -> Any:
    """A file's key, exactly as it is; the empty text means none."""
    if value == "":
        return missing
    if type(value) is not str or len(value) > _LONGEST_KEY or has_controls(value):
        raise ValidationError(NO_TEXT)
    return value


def _enabled(value: Any) -> bool:
    if type(value) is not bool:
        raise ValidationError("Not a valid boolean.")
    return value


_KEYS = items(_key)


def _order(value: Any) -> Any:
    """Keys in the order of showing; a repeated one counts where it stands first."""
    keys = _KEYS(value)
    return keys if keys is missing else list(dict.fromkeys(keys))


_FILES = shape(
    "Files",
    {"enabled": _enabled, "order": _order, "default_preview": _key},
    dumped=("count", "total_bytes", "entries", "links", "max_files_count"),
    nullable=("order", "default_preview"),
)


def files(value: Any, *, enabled: bool) -> tuple[Json, Messages]:
    """`{enabled, order, default_preview?}`; `enabled` is what counts where the body does not say it."""
    messages: Messages = {}
    found: Json = {}
    if value is not None:
        try:
            result = _FILES(value)
            found = {} if result is missing else result
        except ValidationError as error:
            found, messages = error.valid_data or {}, error.messages_dict  # type: ignore[assignment]
    kept: Json = {"enabled": found.get("enabled", enabled), "order": found.get("order", [])}
    if "default_preview" in found:
        kept["default_preview"] = found["default_preview"]
    return kept, messages


_NOTES = items(
    shape(
        "InternalNote",
        {"id": filled("Not a valid UUID."), "note": html(1)},
        required=("note",),
        dumped=("timestamp", "added_by"),
        finish=lambda data, _messages: data if "note" in data else None,
    )
)


def internal_notes(value: Any) -> tuple[tuple[Json, ...] | None, Any]:
    """Curators' notes, `{id?, note}`; None where the body has none, so that what there is stays."""
    if value is None:
        return None, {}
    try:
        found = _NOTES(value)
    except ValidationError as error:
        return tuple(error.valid_data or ()), error.messages
    return () if found is missing else tuple(found), {}


def _text_at(value: Any, *path: str) -> str:
    for key in path:
        value = value.get(key) if type(value) is dict else None
    return clean(value) if type(value) is str else ""


def parent_input(body: Json) -> Json:
    """`{communities: {default}?, review: {type, receiver: {…}}?}`: all that may be wished of a parent by its draft."""
    kept: Json = {}
    if default := _text_at(body, "parent", "communities", "default"):
        kept["communities"] = {"default": default}
    if kind := _text_at(body, "review", "type"):
        review = body["review"]
        receiver = review.get("receiver")
        kept["review"] = {"type": kind}
        if type(receiver) is dict:
            kept["review"]["receiver"] = {
                clean(key): clean(name) for key, name in receiver.items() if type(name) is str
            }
    return kept
