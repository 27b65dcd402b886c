"""Custom fields: the bundles that come along, and an instance's own ones.

Bundles: `journal:journal`, `imprint:imprint`, `thesis:thesis`, `meeting:meeting`, `code:codeRepository`,
`code:programmingLanguage`, `code:developmentStatus`. `thesis:university`, a text in InvenioRDM up to v12, is read into
`thesis:thesis`.

An instance adds its own in `colophon.toml`, one table a field:

    [[custom_fields]]
    name = "lab:instrument"        # prefix:name, letters, digits, `_` and `-`; no bundle's name
    kind = "vocabulary"            # text, keyword, integer, double, boolean, edtf_date, iso_date, vocabulary
    multiple = true                # a list of values; default false
    vocabulary = "languages"       # only and always for kind vocabulary: the type of its terms
    label = "Instrument"           # or { en = "Instrument", cs = "Přístroj" }; default: the name
    facet = true                   # whether search offers it as a facet; default false

`text` is indexed word by word, `keyword` as it stands. An `edtf_date` is a level 0 date or interval, an `iso_date` is
`YYYY-MM-DD`. A number fits into 64 bits.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, missing

from repository.errors import WrongSetting
from repository.records import dates, schemes
from repository.records.metadata_people import identifiers
from repository.records.metadata_values import (
    NO_OBJECT,
    UNKNOWN,
    Messages,
    Reader,
    checked,
    edtf,
    items,
    shape,
    term,
    text,
)
from repository.records.snapshot import Json
from repository.records.vocabularies import TYPES

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,49}:[A-Za-z][A-Za-z0-9_-]{0,49}", re.ASCII)
_SETTING_KEYS = ("name", "kind", "multiple", "vocabulary", "label", "facet")
_NO_DATE = "Please provide a valid date or interval."


@dataclass(frozen=True, slots=True)
class CustomField:
    """One field. `kind`: see the module; `bundle` for those of several parts. `label`: language → text."""

    name: str
    kind: str
    read: Reader
    multiple: bool = False
    vocabulary: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    facet: bool = False


CustomFields = Mapping[str, CustomField]
"""All fields of an instance by name, in the order in which they are shown."""


def _issn(value: str) -> bool:
    return schemes.is_valid(value, "issn")


def _isbn(value: str) -> bool:
    return schemes.is_valid(value, "isbn")


def _integer(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValidationError("Not a valid integer.")
    return value


def _double(value: Any) -> float:
    if type(value) not in (int, float) or abs(value) > 1.7e308 or not math.isfinite(value):
        raise ValidationError("Not a valid number.")
    return float(value)


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValidationError("Not a valid boolean.")
    return value


def _day(value: str) -> bool:
    return dates.iso_day(value) is not None


_KINDS: dict[str, Reader] = {
    "text": text(),
    "keyword": text(),
    "integer": _integer,
    "double": _double,
    "boolean": _boolean,
    "edtf_date": edtf(_NO_DATE),
    "iso_date": checked(_day, "Please provide a date as YYYY-MM-DD."),
}
KINDS = (*_KINDS, "vocabulary")

_LEVEL2 = checked(dates.is_level2, _NO_DATE)
_WORDS = text()
_URL = checked(schemes.is_web_url, "Not a valid URL.")
_BUNDLES = (
    CustomField(
        "journal:journal",
        "bundle",
        shape(
            "Journal",
            {
                "title": _WORDS,
                "issue": _WORDS,
                "volume": _WORDS,
                "pages": _WORDS,
                "issn": checked(_issn, "Please provide a valid ISSN."),
            },
        ),
        label={"en": "Journal", "cs": "Časopis"},
    ),
    CustomField(
        "imprint:imprint",
        "bundle",
        shape(
            "Imprint",
            {
                "title": _WORDS,
                "isbn": checked(_isbn, "Please provide a valid ISBN."),
                "pages": _WORDS,
                "place": _WORDS,
                "edition": _WORDS,
            },
        ),
        label={"en": "Imprint", "cs": "Tiráž"},
    ),
    CustomField(
        "thesis:thesis",
        "bundle",
        shape(
            "Thesis",
            {
                "university": _WORDS,
                "department": _WORDS,
                "type": _WORDS,
                "date_submitted": _LEVEL2,
                "date_defended": _LEVEL2,
            },
        ),
        label={"en": "Thesis", "cs": "Závěrečná práce"},
    ),
    CustomField(
        "meeting:meeting",
        "bundle",
        shape(
            "Meeting",
            {
                "title": _WORDS,
                "acronym": _WORDS,
                "dates": _WORDS,
                "place": _WORDS,
                "session": _WORDS,
                "session_part": _WORDS,
                "url": _URL,
                "identifiers": identifiers(schemes.RECORD),
            },
        ),
        label={"en": "Conference", "cs": "Konference"},
    ),
    CustomField("code:codeRepository", "url", _URL, label={"en": "Repository URL", "cs": "Adresa repozitáře"}),
    CustomField(
        "code:programmingLanguage",
        "vocabulary",
        items(term("code:programmingLanguages")),
        multiple=True,
        vocabulary="code:programmingLanguages",
        label={"en": "Programming language", "cs": "Programovací jazyk"},
    ),
    CustomField(
        "code:developmentStatus",
        "vocabulary",
        term("code:developmentStatus"),
        vocabulary="code:developmentStatus",
        label={"en": "Development status", "cs": "Stav vývoje"},
    ),
)
BUNDLES: CustomFields = MappingProxyType({bundle.name: bundle for bundle in _BUNDLES})
_OLD_THESIS = "thesis:university"


def _wrong(position: int, table: Mapping[str, Any], allowed: str) -> WrongSetting:
    name = table.get("name")
    which = f"custom_fields {name!r}" if isinstance(name, str) else f"custom_fields, table {position + 1}"
    return WrongSetting(f"{which} (colophon.toml): {allowed}")


def _label(value: Any, name: str) -> dict[str, str] | None:
    if value is None:
        return {"en": name}
    if isinstance(value, str) and value.strip():
        return {"en": value.strip()}
    if isinstance(value, Mapping) and value and all(isinstance(words, str) and words for words in value.values()):
        return dict(value)
    return None


def _compile(position: int, table: Mapping[str, Any], taken: CustomFields) -> CustomField:
    unknown = [key for key in table if key not in _SETTING_KEYS]
    if unknown:
        raise _wrong(position, table, f"unknown key {unknown[0]!r}; allowed are {', '.join(_SETTING_KEYS)}")
    name, kind, vocabulary = table.get("name"), table.get("kind"), table.get("vocabulary")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _wrong(position, table, "name must be prefix:name of letters, digits, _ and -")
    if name in taken or name == _OLD_THESIS:
        raise _wrong(position, table, "there is a field of this name already")
    if kind not in KINDS:
        raise _wrong(position, table, f"kind must be one of {', '.join(KINDS)}")
    for key in ("multiple", "facet"):
        if not isinstance(table.get(key, False), bool):
            raise _wrong(position, table, f"{key} must be true or false")
    if kind == "vocabulary" and vocabulary not in TYPES:
        raise _wrong(position, table, f"vocabulary must be one of {', '.join(TYPES)}")
    if kind != "vocabulary" and vocabulary is not None:
        raise _wrong(position, table, "vocabulary is for kind vocabulary only")
    label = _label(table.get("label"), name)
    if label is None:
        raise _wrong(position, table, "label must be a text, or a table of language and text")
    multiple = table.get("multiple", False)
    read = term(str(vocabulary)) if kind == "vocabulary" else _KINDS[kind]
    return CustomField(
        name,
        kind,
        items(read) if multiple else read,
        multiple=multiple,
        vocabulary=vocabulary or "",
        label=label,
        facet=table.get("facet", False),
    )


def compile_fields(tables: Iterable[Mapping[str, Any]]) -> CustomFields:
    """The bundles and the fields of the settings' `[[custom_fields]]`; a wrong table raises `WrongSetting`."""
    fields = dict(BUNDLES)
    for position, table in enumerate(tables):
        custom = _compile(position, table, fields)
        fields[custom.name] = custom
    return MappingProxyType(fields)


def _with_old_thesis(value: Json) -> Json:
    rest = {key: part for key, part in value.items() if key != _OLD_THESIS}
    thesis = rest.get("thesis:thesis")
    if thesis is None or (type(thesis) is dict and not thesis.get("university")):
        rest["thesis:thesis"] = {**(thesis or {}), "university": value[_OLD_THESIS]}
    return rest


def load(value: Any, fields: CustomFields = BUNDLES) -> tuple[Json, Messages]:
    """What is stored of a request's `custom_fields`, and what was wrong with the rest. `TERMS` must be set."""
    if not value:
        return {}, {} if value is None or value == {} else dict(NO_OBJECT)
    if type(value) is not dict:
        return {}, dict(NO_OBJECT)
    if _OLD_THESIS in value:
        value = _with_old_thesis(value)
    kept: Json = {}
    messages: Messages = {}
    for name, custom in fields.items():
        part = value.get(name)
        if part is None or part == "":
            continue
        try:
            found = custom.read(part)
        except ValidationError as error:
            messages[name] = error.messages
            found = missing if error.valid_data is None else error.valid_data
        if found is not missing:
            kept[name] = found
    messages |= {name: [UNKNOWN] for name in value if name not in fields}
    return kept, messages
