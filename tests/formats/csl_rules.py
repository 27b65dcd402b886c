"""What CSL demands of an item. Types and variables are read from the schema of CSL that citeproc-py brings along; what
values look like is written down from the JSON schema of input data. Specified by: CSL 1.0.2.
"""

import re
from pathlib import Path
from typing import Any

import citeproc

_SCHEMA = Path(citeproc.SCHEMA_PATH).parent


def _named(file_name: str, definition: str) -> frozenset[str]:
    """The words that a definition of the schema lists."""
    text = (_SCHEMA / file_name).read_text(encoding="utf-8")
    match = re.search(rf"^\s*{re.escape(definition)} =(.*?)(?:\n\s*\n|\n\}})", text, re.MULTILINE | re.DOTALL)
    assert match is not None
    return frozenset(re.findall(r'"([^"]+)"', match[1]))


KNOWN_TYPES = _named("csl-types.rnc", "item-types")
_NAMES = _named("csl-variables.rnc", "variables.names")
_DATES = _named("csl-variables.rnc", "variables.dates")
_TEXTS = frozenset().union(
    *(_named("csl-variables.rnc", f"variables.{kind}") for kind in ("numbers", "titles", "strings"))
)
_PARTS = {"family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal"}


def faults(item: dict[str, Any]) -> list[str]:
    """What an item breaks; empty for a valid one."""
    found = [] if item.get("type") in KNOWN_TYPES else [f"type {item.get('type')}"]
    found += [] if isinstance(item.get("id"), str) else ["id"]
    for name, value in item.items():
        if name in ("id", "type"):
            continue
        found += [] if _is_valid(name, value) else [f"{name}: {value!r}"]
    return found


def _is_valid(name: str, value: Any) -> bool:
    if name in _NAMES:
        return bool(value) and all(set(entry) <= _PARTS and all(map(_is_text, entry.values())) for entry in value)
    if name in _DATES:
        return _is_date(value)
    return name in _TEXTS and _is_text(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_date(value: dict[str, Any]) -> bool:
    if set(value) == {"literal"}:
        return _is_text(value["literal"])
    parts = value.get("date-parts", [])
    return (
        set(value) == {"date-parts"}
        and 1 <= len(parts) <= 2
        and all(1 <= len(date) <= 3 and all(isinstance(part, int) for part in date) for date in parts)
    )
