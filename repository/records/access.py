"""Access and embargo: who may see a record and its files, and until when.

What is wrong here is never stored as something more open than what was meant: an unreadable protection becomes
`restricted`. An embargo that contradicts the clock or the protection is stored and named, so that it stops publishing.
"""

from datetime import date
from typing import Any

from marshmallow import ValidationError, missing

from repository.records import dates
from repository.records.metadata_values import REQUIRED, Messages, shape, text
from repository.records.snapshot import Json

_PROTECTIONS = ("public", "restricted")


def _protection(value: Any) -> str:
    if value not in _PROTECTIONS:
        raise ValidationError("Must be one of: public, restricted.")
    return str(value)


def _active(value: Any) -> bool:
    if type(value) is not bool:
        raise ValidationError("Not a valid boolean.")
    return value


def _until(value: Any) -> Any:
    if value == "":
        return missing
    if type(value) is not str or dates.iso_day(value.strip()) is None:
        raise ValidationError("Please provide a date as YYYY-MM-DD.")
    return value.strip()


_EMBARGO = shape(
    "Embargo",
    {"active": _active, "until": _until, "reason": text()},
    nullable=("active", "until", "reason"),
)
_ACCESS = shape(
    "Access",
    {"record": _protection, "files": _protection, "embargo": _EMBARGO},
    dumped=("status",),
    nullable=("embargo",),
)


def _contradictions(access: Json, today: date) -> Messages:
    embargo = access["embargo"]
    until = dates.iso_day(embargo.get("until", ""))
    if not embargo["active"]:
        late = until is not None and until > today
        return {"embargo": {"until": ["Embargo end date must be unset or in the past."]}} if late else {}
    if until is None or until <= today:
        return {"embargo": {"until": ["Embargo end date must be set to a future date."]}}
    if access["record"] == access["files"] == "public":
        return {"embargo": {"active": ["An embargo needs a restricted record or restricted files."]}}
    return {}


def _kept(previous: Json | None) -> Json:
    before = previous or {"record": "public", "files": "public"}
    embargo = before.get("embargo") or {}
    kept: Json = {"active": bool(embargo.get("active"))}
    if embargo.get("until"):
        kept["until"] = embargo["until"]
    return {"record": before["record"], "files": before["files"], "embargo": {**kept, "reason": embargo.get("reason")}}


def _merged(messages: Messages, more: Messages) -> Messages:
    """The embargo's own messages come first; one message a field is enough."""
    for key, inner in more.items():
        known = messages.get(key)
        if isinstance(known, dict):
            messages[key] = {**inner, **known}
        elif known is None:
            messages[key] = inner
    return messages


def load(value: Any, previous: Json | None, today: date) -> tuple[Json, Messages]:
    """`{record, files, embargo: {active, until?, reason}}` of a request; without any, what there was, else public.

    `today` is the day in UTC: an embargo ends at 00:00 of its day `until`.
    """
    if value is None:
        kept = _kept(previous)
        return kept, _contradictions(kept, today)
    messages: Messages = {}
    data: Any
    try:
        data = _ACCESS(value)
    except ValidationError as error:
        data, messages = error.valid_data or {}, error.messages_dict
    if data is missing:
        data = {}
    before = _kept(previous)
    access: Json = {}
    for key in ("record", "files"):
        if key in data:
            access[key] = data[key]
        elif key in messages or type(value) is not dict:
            access[key] = "restricted"
        else:
            messages[key] = [REQUIRED]
            access[key] = before[key]
    embargo = data.get("embargo", {})
    until = dates.iso_day(embargo.get("until", ""))
    kept = {"active": embargo.get("active", until is not None and until > today)}
    if until is not None:
        kept["until"] = until.isoformat()
    access["embargo"] = {**kept, "reason": embargo.get("reason")}
    return access, _merged(messages, _contradictions(access, today))
