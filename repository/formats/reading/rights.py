"""Rights → licences of the vocabulary, or the words of the document."""

import re
from html import escape
from typing import Any

from repository.formats.access_rights import METADATA_ONLY, of_term, states_access
from repository.formats.datacite_terms import IN_COPYRIGHT
from repository.formats.reading import languages
from repository.formats.reading.identifiers import is_url
from repository.formats.reading.intake import Intake, take, take_constant, take_entries, take_scheme_uri, text
from repository.formats.reading.spelling import compact, url_key
from repository.records.snapshot import Json

_GNU = re.compile(r"((?:a|l)?gpl|gfdl)[-\s]?v?(\d)(?:\.(\d))?(\+)?", re.IGNORECASE)
_LOCALES = {"eng": "en", "ces": "cs", "deu": "de", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "slk": "sk"}


def read(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """All rights of the document, without repetitions; takes `keys`. Entries are texts or
    `{rights, rightsUri, rightsIdentifier, rightsIdentifierScheme, schemeUri, lang}`.

    That there are but metadata is left out if nothing else is said of access: a record without files says so itself.
    """
    found: list[Json] = []
    access: list[Json] = []
    for path, value in take_entries(document, *keys):
        entry = {"rights": value} if isinstance(value, str) else value
        if isinstance(entry, dict) and (right := _access(entry)):
            access.append(right)
        elif isinstance(entry, dict) and (rights := _entry(path, entry, intake)) and rights not in found:
            found.append(rights)
        intake.keep(path, entry)
    if access == [_of_access(METADATA_ONLY)] and not any(states_access(entry) for entry in found):
        return found
    return found + [entry for entry in access if entry not in found]


def _access(entry: Json) -> Json | None:
    """Takes what an entry says of access by a term of info:eu-repo and our word for it; None if it is another one."""
    right = of_term(text(entry.get("rightsUri")))
    if right is None or text(entry.get("rights")) != right.title or "rightsIdentifier" in entry:
        return None
    del entry["rights"], entry["rightsUri"]
    return _of_access(right.eurepo)


def _of_access(term: str) -> Json:
    return {"title": {"en": term}}


def take_copyright(document: Json, key: str) -> str:
    """Takes the first entry that says no more than a notice of copyright, and gives the notice as HTML."""
    entries = document.get(key)
    if not isinstance(entries, list):
        return ""
    for entry in entries:
        if isinstance(entry, dict) and entry.keys() == {"rights", "rightsUri"} and _is_notice(**entry):
            entries.remove(entry)
            return escape(entry["rights"].strip(), quote=False)
    return ""


def _is_notice(rights: Any, rightsUri: Any) -> bool:  # noqa: N803
    return rightsUri == IN_COPYRIGHT and compact(text(rights)) not in ("", "incopyright") and isinstance(rights, str)


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
