"""Languages in any spelling → terms (ISO 639-3)."""

import re
from typing import Any

from repository.formats.reading.intake import Intake, take_entries, text
from repository.records.snapshot import Json

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})+")
_SEVERAL = re.compile(r"\s*[;,/|]\s*")


def identify(said: str, intake: Intake) -> tuple[str, bool]:
    """The id of the language that is meant (empty if none is known), and whether that says all of it."""
    languages = intake.known.languages
    found = languages.get(said) or languages.get(said.lower())
    if found:
        return found, True
    if tag := _TAG.fullmatch(said):
        return languages.get(tag[1].lower(), ""), False
    return "", False


def term(said: str, path: str, intake: Intake) -> Json | None:
    """The language of a text, as a term; what the term does not say becomes a note."""
    if not said:
        return None
    found, whole = identify(said, intake)
    if found != said:
        intake.change("language")
    if not whole:
        intake.keep(path, said)
    return {"id": found} if found else None


def read(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """All languages of the document; takes `keys`."""
    found: dict[str, Json] = {}
    for path, value in take_entries(document, *keys):
        for language in _entry(path, value, intake):
            found[language] = {"id": language}
    return list(found.values())


def _entry(path: str, value: Any, intake: Intake) -> list[str]:
    said = text(value)
    if not said:
        intake.keep(path, value)
        return []
    found, whole = identify(said, intake)
    if not found and len(parts := _SEVERAL.split(said)) > 1:
        several = [identify(part, intake) for part in parts]
        if all(known and exact for known, exact in several):
            intake.change("language")
            return [known for known, _ in several]
    if found != said:
        intake.change("language")
    if not whole:
        intake.keep(path, said)
    return [found] if found else []
