"""Names of people and organisations → creators and contributors."""

import re
from typing import Any

from repository.formats.reading import identifiers
from repository.formats.reading.intake import (
    Intake,
    take,
    take_constant,
    take_entries,
    take_scheme_uri,
    text,
)
from repository.formats.reading.spelling import compact
from repository.records.snapshot import Json

_ORGANISATION = re.compile(
    r"\b(?:universi\w+|univ|institut\w*|colleg\w+|school|facult\w+|departments?|dept|division|ministr\w+|librar\w+|"
    r"museums?|laborator\w+|labs?|cent(?:re|er|rum|ro)s?|council|associat\w+|societ\w+|foundation|agenc\w+|bureau|"
    r"offices?|committee|commission|corporation|compan\w+|inc|ltd|llc|gmbh|group|team|consortium|network|project|"
    r"services?|survey|press|hospitals?|clinic\w*|academ(?:y|ies|ia)|archives?|archiv|organi[sz]ation|international|"
    r"national|federal|government|collaboration|union|stud(?:io|ios)|administration|authority|program(?:me)?|"
    r"repository|partnership|board|forum|alliance|initiative|trust|court|church|commons|datacite|zenodo)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r":?\(?:?un[a-z]{2,3}\)?|:?\((?:unav|unkn|unas|unap|unal|none|null|tba|etal)\)|anonymous|unknown", re.I
)
"""What DataCite writes for a name that is not known (`(:unkn)`), in the spellings that occur."""
_EAST_ASIAN = re.compile("[\u3400-\u9fff\uac00-\ud7af]{2,4}")
_WORDS = re.compile(r"[^\W_]+")


def creators(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """Everybody in the lists `keys`, which it takes. Entries are texts or DataCite's objects."""
    return [person for path, value in take_entries(document, *keys) if (person := _agent(path, value, intake))]


def contributors(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """Like creators, each with a role: `contributorType`, else `other`."""
    found = []
    for path, value in take_entries(document, *keys):
        entry = {"name": value} if isinstance(value, str) else value
        role = ""
        if isinstance(entry, dict):
            said = entry.get("contributorType")
            role = compact(said) if isinstance(said, str) else ""
            if intake.known.has("contributorsroles", role):
                del entry["contributorType"]
            else:
                if role:
                    intake.change("role")
                role = "other"
        if person := _agent(path, entry, intake):
            person["role"] = {"id": role}
            found.append(person)
    return found


def _agent(path: str, value: Any, intake: Intake) -> Json | None:
    """One creator; None, and all of it kept, if it has no name."""
    entry = {"name": value} if isinstance(value, str) else value
    if not isinstance(entry, dict):
        intake.keep(path, entry)
        return None
    name, family, given = take(entry, "name"), take(entry, "familyName"), take(entry, "givenName")
    if not (name or family or given):
        intake.keep(path, entry)
        return None
    person_or_org = _named(path, entry, (name, family, given), intake)
    label = person_or_org["name"]
    agent: Json = {"person_or_org": person_or_org}
    if found := _identifiers(path, entry, label, person_or_org["type"], intake):
        person_or_org["identifiers"] = found
    if ("affiliation" in entry or "affiliations" in entry) and (affiliated := affiliations(path, entry, intake)):
        agent["affiliations"] = affiliated
    intake.keep(path, entry)
    return agent


def _named(path: str, entry: Json, names: tuple[str, str, str], intake: Intake) -> Json:
    """`person_or_org` of (name, family name, given name), of which at least one is not empty."""
    name, family, given = names
    kind = _kind(entry)
    if kind == "organizational" or (not kind and not (family or given) and not _is_person(name)):
        if family or given:
            intake.keep(f"{path}.familyName", family)
            intake.keep(f"{path}.givenName", given)
        if not kind:
            intake.change("name-type")
        return {"type": "organizational", "name": name or family or given}
    if not (kind or family or given):
        intake.change("name-type")
    if not family:
        family, given = _split(name, given)
        name = ""
    person = {"type": "personal", "family_name": family}
    if given:
        person["given_name"] = given
    person["name"] = f"{family}, {given}" if given else family
    if name and name != person["name"] and word_set(name) != word_set(f"{family} {given}"):
        intake.keep(f"{path}.name", name)
    return person


def _kind(entry: Json) -> str:
    """`nameType`, or `type` in the JSON of Crosscite; empty where neither is one that is known."""
    for key, kinds in (("nameType", _NAME_TYPES), ("type", _CROSSCITE_TYPES)):
        said = entry.get(key)
        if isinstance(said, str) and (kind := kinds.get(said.lower())):
            del entry[key]
            return kind
    return ""


_NAME_TYPES = {"personal": "personal", "organizational": "organizational", "organisational": "organizational"}
_CROSSCITE_TYPES = {"person": "personal", "organization": "organizational"}


def _is_person(name: str) -> bool:
    """A guess for a name of which nothing else is said."""
    if _CODE.fullmatch(name):
        return False
    family, comma, rest = name.partition(",")
    if comma:
        alone = "," not in rest and "(" not in rest
        return name.count(",") <= 2 and not _ORGANISATION.search(name if alone else family)
    if _ORGANISATION.search(name) or any(character in name for character in ":;/&@"):
        return False
    return _EAST_ASIAN.fullmatch(name) is not None or (len(_WORDS.findall(name)) > 1 and len(name) <= 50)


def _split(name: str, given: str) -> tuple[str, str]:
    """(family name, given name) of a name in one piece. Without a comma it is not taken apart: where it would have to
    be cut is a guess that is wrong for many of the world's names."""
    before, comma, after = name.partition(",")
    if given:
        return (name or given), (given if name else "")
    return (before.strip(), after.strip()) if comma and before.strip() and after.strip() else (name, "")


def word_set(name: str) -> list[str]:
    return sorted(_WORDS.findall(name.casefold()))


def _identifiers(path: str, entry: Json, label: str, kind: str, intake: Intake) -> list[Json]:
    """One identifier of each scheme; a second one, and one that is not valid, become notes."""
    found: dict[str, Json] = {}
    for where, value in take_entries(entry, "nameIdentifiers", "nameIdentifier"):
        one = {"nameIdentifier": value} if isinstance(value, str) else value
        if isinstance(one, dict):
            said, claim = text(one.get("nameIdentifier")), text(one.get("nameIdentifierScheme"))
            identifier, scheme = identifiers.person_identifier(said, claim)
            if identifier and (scheme not in found or found[scheme]["identifier"] == identifier):
                found[scheme] = {"scheme": scheme, "identifier": identifier}
                del one["nameIdentifier"]
                one.pop("nameIdentifierScheme", None)
                take_scheme_uri(one, scheme)
                _name_term(identifier, scheme, label, kind, f"{path}.name", intake)
            elif said:
                intake.change("identifier-kept-as-note")
        intake.keep(f"{path}.{where}", one)
    if entry.get("id"):
        identifier, scheme = identifiers.person_identifier(text(entry["id"]), "")
        if (
            identifier
            and found.setdefault(scheme, {"scheme": scheme, "identifier": identifier})["identifier"] == identifier
        ):
            del entry["id"]
            _name_term(identifier, scheme, label, kind, f"{path}.name", intake)
    return list(found.values())


def _name_term(identifier: str, scheme: str, label: str, kind: str, path: str, intake: Intake) -> None:
    if scheme == "orcid" and kind == "personal":
        intake.name_term("names", identifier, label, path)
    elif scheme == "ror":
        intake.terms.setdefault(("affiliations", identifier), label)


def affiliations(path: str, entry: Json, intake: Intake) -> list[Json]:
    """Takes `affiliation` and `affiliations`: texts or `{name, affiliationIdentifier, …}`; no two equal ones."""
    found: list[Json] = []
    for where, value in take_entries(entry, "affiliation", "affiliations"):
        one = {"name": value} if isinstance(value, str) else value
        if isinstance(one, dict) and (affiliation := _affiliation(f"{path}.{where}", one, intake)):
            same = "id" if "id" in affiliation else "name"
            if any(
                other.get(same) == affiliation[same] and ("id" in other) == ("id" in affiliation) for other in found
            ):
                intake.change("duplicate")
            else:
                found.append(affiliation)
        intake.keep(f"{path}.{where}", one)
    return found


def _affiliation(path: str, entry: Json, intake: Intake) -> Json | None:
    name = take(entry, "name")
    scheme = text(entry.get("affiliationIdentifierScheme"))
    ror = identifiers.ror(text(entry.get("affiliationIdentifier")), scheme)
    if not ror:
        if text(entry.get("affiliationIdentifier")):
            intake.change("identifier-kept-as-note")
        return {"name": name} if name else None
    del entry["affiliationIdentifier"]
    take_constant(entry, "affiliationIdentifierScheme", ("ror",))
    take_scheme_uri(entry, "ror")
    name = name or intake.known.names.get(("affiliations", ror), "") or f"https://ror.org/{ror}"
    intake.name_term("affiliations", ror, name, f"{path}.name")
    return {"id": ror, "name": name}
