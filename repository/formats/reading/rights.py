"""Rights → licences of the vocabulary, or the words of the document."""

import re

from repository.formats.reading import languages
from repository.formats.reading.identifiers import is_url
from repository.formats.reading.intake import Intake, take, take_constant, take_entries, take_scheme_uri
from repository.formats.reading.spelling import compact, url_key
from repository.records.snapshot import Json

_GNU = re.compile(r"((?:a|l)?gpl|gfdl)[-\s]?v?(\d)(?:\.(\d))?(\+)?", re.IGNORECASE)
_LOCALES = {"eng": "en", "ces": "cs", "deu": "de", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "slk": "sk"}


def read(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """All rights of the document, without repetitions; takes `keys`. Entries are texts or
    `{rights, rightsUri, rightsIdentifier, rightsIdentifierScheme, schemeUri, lang}`."""
    found: list[Json] = []
    for path, value in take_entries(document, *keys):
        entry = {"rights": value} if isinstance(value, str) else value
        if isinstance(entry, dict) and (rights := _entry(path, entry, intake)) and rights not in found:
            found.append(rights)
        intake.keep(path, entry)
    return found


def license_of(said: str, intake: Intake) -> str:
    """The id of the licence that a text, id or address names; empty if none."""
    licenses = intake.known.licenses
    if "://" in said or said.startswith("www."):
        return licenses.get(url_key(said), "")
    if found := licenses.get(compact(said)):
        return found
    if said.upper() == "CC0":
        return licenses.get("cc010", "")
    if gnu := _GNU.fullmatch(said):
        name, major, minor, later = gnu.groups()
        return licenses.get(compact(f"{name}{major}{minor or 0}{'orlater' if later else 'only'}"), "")
    return ""


def _entry(path: str, entry: Json, intake: Intake) -> Json | None:
    names = {
        "rightsIdentifier": take(entry, "rightsIdentifier"),
        "rightsUri": take(entry, "rightsUri", "rightsURI"),
        "rights": take(entry, "rights"),
    }
    if not any(names.values()):
        return None
    found = next((license for said in names.values() if said and (license := license_of(said, intake))), "")
    if found:
        _keep_what_differs(path, names, found, intake)
        take_constant(entry, "rightsIdentifierScheme", ("spdx",))
        take_scheme_uri(entry, "spdx")
        return {"id": found}
    intake.change("license-in-words")
    title = names["rights"] or names["rightsIdentifier"] or names["rightsUri"]
    rights: Json = {"title": {_locale(entry, path, intake): title}}
    if is_url(names["rightsUri"]):
        rights["link"] = names["rightsUri"]
    elif title != names["rightsUri"]:
        intake.keep(f"{path}.rightsUri", names["rightsUri"])
    if title != names["rightsIdentifier"]:
        intake.keep(f"{path}.rightsIdentifier", names["rightsIdentifier"])
    return rights


def _keep_what_differs(path: str, names: dict[str, str], license: str, intake: Intake) -> None:
    """What of the document's words for a licence is neither its id, its title, nor one of its addresses."""
    says_no_more = intake.known.license_titles.get(license, frozenset())
    for key, said in names.items():
        if not said or compact(said) in says_no_more:
            continue
        if "://" in said and intake.known.licenses.get(url_key(said)) == license:
            continue
        intake.keep(f"{path}.{key}", said)


def _locale(entry: Json, path: str, intake: Intake) -> str:
    """The language of the words, as the key that a localised title has; English where none of ours is named."""
    said = take(entry, "lang")
    if not said:
        return "en"
    locale = _LOCALES.get(languages.identify(said, intake)[0], "")
    if locale != said:
        intake.keep(f"{path}.lang", said)
    return locale or "en"
