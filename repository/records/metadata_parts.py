"""The other compound fields of the metadata: titles, descriptions, dates, rights, subjects, related works, funding."""

from typing import Any

from marshmallow import ValidationError, missing

from repository.records import schemes
from repository.records.metadata_people import identifiers, scheme_of
from repository.records.metadata_values import (
    NO_OBJECT,
    NO_TEXT,
    TERM_DUMPED,
    TERMS,
    UNKNOWN,
    Finish,
    Messages,
    Reader,
    checked,
    edtf,
    html,
    known_id,
    shape,
    term,
    term_or_text,
    text,
    translations,
)
from repository.records.snapshot import Json
from repository.records.text import clean

NO_DATE = "Please provide a valid date or interval."
_SUBJECT_DUMPED = frozenset(("scheme", "title", "title_l10n", "props", "identifiers"))
_AWARD_DUMPED = frozenset(("funder", "subjects", "organizations", "start_date", "end_date", "title_l10n"))
_RIGHTS = frozenset(("id", "title", "description", "link")) | TERM_DUMPED


def _with(key: str) -> Finish:
    """Keeps a partly wrong object only if it has what it is about."""
    return lambda data, _messages: data if key in data else None


additional_title = shape(
    "AdditionalTitle",
    {"title": text(minimum=3), "type": term("titletypes"), "lang": term("languages")},
    required=("title", "type"),
    finish=_with("title"),
)
additional_description = shape(
    "AdditionalDescription",
    {"description": html(3), "type": term("descriptiontypes"), "lang": term("languages")},
    required=("description", "type"),
    finish=_with("description"),
)
date = shape(
    "Date",
    {"date": edtf(NO_DATE, times=True), "type": term("datetypes"), "description": text()},
    required=("date", "type"),
    finish=_with("date"),
)
subject = term_or_text("subjects", "subject", dumped=_SUBJECT_DUMPED)


def _one_locale(value: Any) -> Any:
    messages: Any = "Only one locale is accepted."
    try:
        found = translations(value)
        if found is missing or len(found) == 1:
            return found
    except ValidationError as error:
        found, messages = error.valid_data or {}, error.messages
    raise ValidationError(messages, valid_data=dict(list(found.items())[:1]) or None)


def _titled(data: Json, messages: Messages) -> Json | None:
    if "title" in data:
        return data
    if not messages:
        messages["rights"] = ["An existing id or a free text title must be present."]
    return None


_FREE_RIGHTS = shape(
    "Rights",
    {
        "title": _one_locale,
        "description": _one_locale,
        "link": checked(schemes.is_web_url, "Not a valid URL."),
    },
    dumped=("id",),
    finish=_titled,
)


def rights(value: Any) -> Any:
    """A licence of the vocabulary, or one described in free text, never both.

    Our own answers carry title, description, icon and props with the id; they are told from a mixture by having icon or
    props, or the vocabulary's own words.
    """
    if type(value) is not dict:
        raise ValidationError(NO_OBJECT)
    messages: Messages = {}
    found = known_id("licenses", value, messages)
    if found is None and not messages:
        return _FREE_RIGHTS(value)
    if found is None:
        raise ValidationError(messages)
    licence = TERMS.get()[("licenses", found)]
    dumped = "props" in value or "icon" in value
    own_words = all(not value.get(key) or dumped or value[key] == licence.get(key) for key in ("title", "description"))
    if value.get("link") or not own_words:
        messages["rights"] = [
            "Only an existing id or free text title/description/link is accepted, but not both cases at the same time"
        ]
    messages |= {key: [UNKNOWN] for key in value if key not in _RIGHTS}
    if messages:
        raise ValidationError(messages, valid_data={"id": found})
    return {"id": found}


def _identified(data: Json, messages: Messages) -> Json | None:
    """Puts the checked identifier into a related work; without one nothing is kept."""
    if "identifier" in messages or "scheme" in messages:
        return None
    kept = scheme_of(data, schemes.RECORD, messages)
    return {**kept, **{key: data[key] for key in data if key not in kept}} if kept else None


related_identifier = shape(
    "RelatedIdentifier",
    {
        "identifier": text(),
        "scheme": text(),
        "relation_type": term("relationtypes"),
        "resource_type": term("resourcetypes"),
    },
    required=("relation_type",),
    finish=_identified,
)


def _cited(data: Json, messages: Messages) -> Json | None:
    if "identifier" in data:
        kept = scheme_of(data, schemes.RECORD, messages)
        data = {key: data[key] for key in ("reference",) if key in data} | (kept or {})
    else:
        data.pop("scheme", None)
    return data if "reference" in data else None


reference = shape(
    "Reference",
    {"reference": text(minimum=1), "identifier": text(), "scheme": text()},
    required=("reference",),
    finish=_cited,
)


def _funder(value: Any) -> Json:
    if type(value) is not dict:
        raise ValidationError(NO_OBJECT)
    messages: Messages = {}
    kept: Json | None = None
    if found := known_id("funders", value, messages):
        kept = {"id": found}
    elif name := value.get("name"):
        if type(name) is not str:
            messages["name"] = [NO_TEXT]
        elif cleaned := clean(name):
            kept = {"name": cleaned}
    if kept is None and not messages:
        messages["funder"] = ["An existing id or a free text name must be present."]
    dumped = ("title", "identifiers", "country", "scheme") if "id" in value else ()
    messages |= {key: [UNKNOWN] for key in value if key not in ("id", "name") and key not in dumped}
    if messages:
        raise ValidationError(messages, valid_data=kept)
    return kept  # type: ignore[return-value]


def _described(data: Json, messages: Messages) -> Json | None:
    if "title" in data or "number" in data:
        return data
    if not messages:
        messages["award"] = ["An existing id or either free text title or number must be present."]
    return None


_FREE_AWARD = shape(
    "Award",
    {
        "number": text(),
        "title": translations,
        "identifiers": identifiers(schemes.AWARD),
        "acronym": text(),
        "program": text(),
    },
    dumped=("id",),
    finish=_described,
)
_AWARD_KEYS = frozenset(("id", "number", "title", "identifiers", "acronym", "program")) | _AWARD_DUMPED


def _award(value: Any) -> Any:
    if type(value) is not dict:
        raise ValidationError(NO_OBJECT)
    messages: Messages = {}
    found = known_id("awards", value, messages)
    if found is None and not messages:
        return _FREE_AWARD(value)
    if found is None:
        free = {key: value[key] for key in value if key != "id" and key not in _AWARD_DUMPED}
        kept: Json | None = None
        try:
            kept = _FREE_AWARD(free) if "number" in free or "title" in free else None
        except ValidationError as error:
            kept = error.valid_data  # type: ignore[assignment]
            messages |= error.messages_dict
        raise ValidationError(messages, valid_data=kept)
    messages |= {key: [UNKNOWN] for key in value if key not in _AWARD_KEYS}
    if messages:
        raise ValidationError(messages, valid_data={"id": found})
    return {"id": found}


funding: Reader = shape("Funding", {"funder": _funder, "award": _award}, required=("funder",))
