"""DataCite's titles and descriptions."""

from typing import Any

from repository.formats.reading import languages
from repository.formats.reading.intake import Intake, take, take_entries, take_paragraphs, text
from repository.formats.reading.spelling import compact
from repository.formats.reading.texts import html
from repository.records.snapshot import Json

_SHORTEST = 3
_TITLE_TYPES = {
    "alternativetitle": "alternative-title", "subtitle": "subtitle", "translatedtitle": "translated-title",
    "other": "other",
}  # fmt: skip
_DESCRIPTION_TYPES = {
    "abstract": "abstract", "methods": "methods", "seriesinformation": "series-information",
    "tableofcontents": "table-of-contents", "technicalinfo": "technical-info", "other": "other",
}  # fmt: skip


def take_titles(document: Json, metadata: Json, intake: Intake) -> None:
    """The first title without a type is the main one, else the first one; takes `titles`."""
    entries: list[tuple[str, Json]] = []
    for path, value in take_entries(document, "titles"):
        entry = {"title": value} if isinstance(value, str) else value
        if isinstance(entry, dict) and len(text(entry.get("title"))) >= _SHORTEST:
            entries.append((path, entry))
        else:
            intake.keep(path, entry)
    if not entries:
        return
    main = next((entry for _, entry in entries if not entry.get("titleType")), entries[0][1])
    additional = []
    for path, entry in entries:
        title = take(entry, "title")
        if entry is main:
            metadata["title"] = title
        else:
            additional.append(_with_lang(path, entry, {"title": title, "type": _title_type(entry, intake)}, intake))
        intake.keep(path, entry)
    metadata["additional_titles"] = additional


def _title_type(entry: Json, intake: Intake) -> Json:
    return {"id": _take_type(entry, "titleType", _TITLE_TYPES, intake) or "other"}


def _with_lang(path: str, entry: Json, found: Json, intake: Intake) -> Json:
    if language := languages.term(take(entry, "lang"), f"{path}.lang", intake):
        found["lang"] = language
    return found


def _take_type(entry: Json, key: str, types: dict[str, str], intake: Intake) -> str:
    said = text(entry.get(key))
    found = types.get(compact(said), "")
    if found:
        del entry[key]
    elif said:
        intake.change("text-type")
    return found


def take_descriptions(document: Json, metadata: Json, intake: Intake) -> None:
    """The first abstract is the description, else the first one without a type; takes `descriptions`."""
    additional: list[Json] = []
    untyped: list[tuple[str, Json, str]] = []
    for path, value in take_entries(document, "descriptions"):
        entry = {"description": value} if isinstance(value, str) else value
        words = _take_words(entry)
        kind = _take_type(entry, "descriptionType", _DESCRIPTION_TYPES, intake) if words else ""
        if words and not kind and not text(entry.get("descriptionType")):
            untyped += [(path, entry, said) for said in words]
            continue
        for said in words:
            if kind == "abstract" and "description" not in metadata:
                metadata["description"] = said
            else:
                additional.append(_description(path, entry, said, kind or "other", intake))
        intake.keep(path, entry)
    for path, entry, said in untyped:
        if "description" in metadata:
            additional.append(_description(path, entry, said, "other", intake))
        else:
            metadata["description"] = said
        intake.keep(path, entry)
        entry.clear()
    metadata["additional_descriptions"] = additional


def _take_words(entry: Any) -> list[str]:
    """The texts of a description, one or several; those that are too short stay."""
    if not isinstance(entry, dict):
        return []
    for key in ("description", "descriptionValue"):
        value = entry.get(key)
        if isinstance(value, list) and value and all(len(text(one)) >= _SHORTEST for one in value):
            del entry[key]
            return [html(text(one)) for one in value]
        if len(text(value)) >= _SHORTEST:
            return [html(take_paragraphs(entry, key))]
    return []


def _description(path: str, entry: Json, said: str, kind: str, intake: Intake) -> Json:
    return _with_lang(path, entry, {"description": said, "type": {"id": kind}}, intake)
