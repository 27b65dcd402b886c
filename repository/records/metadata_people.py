"""Creators and contributors: persons and organisations, their identifiers, affiliations and roles."""

from typing import Any

from marshmallow import ValidationError, missing

from repository.records import schemes
from repository.records.metadata_values import (
    NO_OBJECT,
    NO_TEXT,
    REQUIRED,
    UNKNOWN,
    Messages,
    Reader,
    items,
    shape,
    term,
    term_or_text,
    text,
)
from repository.records.snapshot import Json
from repository.records.text import clean

KINDS = ("organizational", "personal")
_KEYS = frozenset(("identifier", "scheme"))


def scheme_of(value: Json, allowed: tuple[str, ...], messages: Messages) -> Json | None:
    """`{identifier, scheme}` of an object that has both or only the identifier, checked and in its one spelling."""
    found, scheme = value.get("identifier"), value.get("scheme")
    if found is None or found == "":
        messages["identifier"] = [REQUIRED]
        return None
    if type(found) is not str:
        messages["identifier"] = [NO_TEXT]
        return None
    found = clean(found)
    if scheme is None or scheme == "":
        scheme = schemes.detect(found, allowed)
        if scheme is None:
            messages["scheme"] = ["No valid scheme recognized for identifier."]
            return None
    elif type(scheme) is not str or (scheme := scheme.strip().lower()) not in allowed:
        messages["scheme"] = ["Invalid scheme."]
        return None
    normal = schemes.normalize(found, scheme)
    if normal is None:
        messages["identifier"] = [f"Invalid {schemes.SCHEMES[scheme].label} identifier."]
        return None
    return {"identifier": normal, "scheme": scheme}


def identifier(allowed: tuple[str, ...]) -> Reader:
    def read(value: Any) -> Json:
        if type(value) is not dict:
            raise ValidationError(NO_OBJECT)
        messages: Messages = {}
        kept = scheme_of(value, allowed, messages)
        if not value.keys() <= _KEYS:
            messages |= {key: [UNKNOWN] for key in value if key not in _KEYS}
        if messages or kept is None:
            raise ValidationError(messages, valid_data=kept)
        return kept

    return read


def identifiers(allowed: tuple[str, ...]) -> Reader:
    return items(identifier(allowed), unique="Duplicate identifier.")


def _person_identifiers() -> Reader:
    read_all = items(identifier(schemes.PERSON))

    def read(value: Any) -> Any:
        """One identifier of each scheme, the first one given."""
        messages: Messages = {}
        try:
            found = read_all(value)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            found, messages = error.valid_data, error.messages
        if not isinstance(found, list):
            found = []
        kept = {entry["scheme"]: entry for entry in reversed(found)}
        if len(kept) < len(found):
            messages["_schema"] = ["Only one identifier per scheme is allowed."]
            found = [entry for entry in found if kept[entry["scheme"]] is entry]
        if messages:
            raise ValidationError(messages, valid_data=found or None)
        return found or missing

    return read


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise ValidationError(f"Invalid value. Choose one of {list(KINDS)}.")
    return str(value)


def _named(data: Json, messages: Messages) -> Json | None:
    """The name of a person is made of its parts; an organisation has no parts. Without any name nothing is kept."""
    kind = data.get("type")
    if kind == "personal":
        family = data.get("family_name")
        if family:
            given = data.get("given_name")
            data["name"] = f"{family}, {given}" if given else family
            data = {"type": kind, "name": "", **data}
        elif "family_name" not in messages:
            messages["family_name"] = ["Family name cannot be blank."]
    elif kind == "organizational":
        data.pop("family_name", None)
        data.pop("given_name", None)
        if "name" not in data and "name" not in messages:
            messages["name"] = ["Name cannot be blank."]
    if "name" in data or "family_name" in data or "given_name" in data:
        return data
    return None


def _only_named(data: Json, _messages: Messages) -> Json | None:
    return data if "person_or_org" in data else None


_PERSON_OR_ORG = shape(
    "PersonOrOrganization",
    {
        "type": _kind,
        "name": text(),
        "given_name": text(),
        "family_name": text(),
        "identifiers": _person_identifiers(),
    },
    required=("type",),
    finish=_named,
)
_AFFILIATIONS = items(term_or_text("affiliations", "name", dropped=("identifiers",)), unique="Duplicate affiliation.")


def _agent(name: str, roles: str, *, role_required: bool) -> Reader:
    return shape(
        name,
        {"person_or_org": _PERSON_OR_ORG, "role": term(roles), "affiliations": _AFFILIATIONS},
        required=("person_or_org", "role") if role_required else ("person_or_org",),
        finish=_only_named,
    )


creator = _agent("Creator", "creatorsroles", role_required=False)
contributor = _agent("Contributor", "contributorsroles", role_required=True)
