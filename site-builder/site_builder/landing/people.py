"""Creators and contributors of a landing page, their identifiers and affiliations."""

from collections.abc import Iterable
from dataclasses import dataclass

from repository.api.localised import title
from repository.formats.iris import agent_iri, organisation_iri
from repository.records.snapshot import Json


@dataclass(frozen=True, slots=True)
class Person:
    """A person or organisation."""

    name: str
    """As it is said: given name first."""
    href: str
    """The IRI that names it, empty if none is known."""
    scheme: str
    """`ORCID`, `ROR`, …: what kind of IRI that is."""
    role: str
    affiliations: tuple[int, ...]
    """Numbers of affiliations."""


@dataclass(frozen=True, slots=True)
class Affiliation:
    number: int
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class People:
    creators: tuple[Person, ...]
    contributors: tuple[Person, ...]
    affiliations: tuple[Affiliation, ...]
    """Of both, numbered in the order in which they appear."""


_SCHEMES = (("https://orcid.org/", "ORCID"), ("https://ror.org/", "ROR"), ("https://isni.org/", "ISNI"))


def people(metadata: Json, language: str) -> People:
    found: dict[tuple[str, str], int] = {}
    creators = tuple(_people(metadata.get("creators", ()), found, language))
    contributors = tuple(_people(metadata.get("contributors", ()), found, language))
    affiliations = tuple(Affiliation(number, name, href) for (name, href), number in found.items())
    return People(creators, contributors, affiliations)


def spoken_name(party: Json) -> str:
    """`Ada Holm` of a person whose name is kept as `Holm, Ada`."""
    if party.get("given_name") and party.get("family_name"):
        return f"{party['given_name']} {party['family_name']}"
    return str(party.get("name", ""))


def _people(entries: Iterable[Json], found: dict[tuple[str, str], int], language: str) -> Iterable[Person]:
    for entry in entries:
        party = entry["person_or_org"]
        href = agent_iri(party.get("identifiers"))
        numbers: dict[int, None] = {}
        for place in entry.get("affiliations") or ():
            key = (place.get("name") or place.get("id", ""), organisation_iri(place))
            numbers[found.setdefault(key, len(found) + 1)] = None
        role = title(entry["role"], language) if entry.get("role") else ""
        yield Person(spoken_name(party), href, scheme_of(href), role, tuple(numbers))


def scheme_of(href: str) -> str:
    """What kind of IRI one of `agent_iri` is: `ID` of one that is seldom, nothing of none."""
    if not href:
        return ""
    return next((name for prefix, name in _SCHEMES if href.startswith(prefix)), "ID")
