"""A record as citeproc-py takes it: what it can't cope with is left out or said in another way.

It fails at periods of time, initials of names that have no capitals, and warns of variables that it does not know.
"""

import re
from typing import Any

from repository.formats.csl import item
from repository.records.snapshot import Json, Site, Snapshot

_TEXTS = (
    "title",
    "container-title",
    "volume",
    "issue",
    "page",
    "edition",
    "genre",
    "publisher",
    "publisher-place",
    "number-of-pages",
    "DOI",
    "URL",
    "ISBN",
)
_PRESENTED = ("paper-conference", "speech", "graphic", "event")
_MOST_NAMES = 60
"""Names that citeproc-py gets: some styles name everybody, some the last after the first."""
_VERSION = re.compile(r"[vV](?=\d)")
_TRAILING = re.compile(r"(?:\s+[^\W\d_]+)+\Z")
_HYPHENATED = re.compile(r"(?<=[\w.]-)\w")
UNKNOWN_LANGUAGE = "und"
"""So that titles are not set in capitals as English ones are."""


def source(snapshot: Snapshot, site: Site, kind: str = "") -> Any:
    """A source that has one reference, named by the record's id; `kind` is taken in place of the record's own type."""
    from citeproc.source import BibliographySource
    from citeproc.source.json import CiteProcJSON

    found: BibliographySource = CiteProcJSON([_work(item(snapshot, site) | ({"type": kind} if kind else {}))])
    return found


def _work(work: Json) -> Json:
    found = {name: work[name] for name in _TEXTS if name in work}
    found |= {"id": work["id"], "type": work["type"], "language": work.get("language") or UNKNOWN_LANGUAGE}
    for role in ("author", "editor", "translator"):
        if role in work:
            found[role] = [_name(person) for person in _shortened(work[role])]
    if "issued" in work:
        found["issued"] = {"date-parts": work["issued"]["date-parts"][:1]}
    if "version" in work:
        found["version"] = _VERSION.sub("", work["version"], count=1)
    if work["type"] in _PRESENTED:
        found |= {name: work[key] for name, key in _EVENT if key in work}
    return found


def _shortened(people: list[Json]) -> list[Json]:
    if len(people) <= _MOST_NAMES:
        return people
    return [*people[: _MOST_NAMES - 2], {"literal": "…"}, people[-1]]


_EVENT = (("event", "event-title"), ("event-place", "event-place"))


def _name(person: Json) -> Json:
    """Initials are made of words that begin with a capital: who has other given names is named in full."""
    if "given" not in person:
        return {"literal": person.get("family") or person["literal"]}
    given = _HYPHENATED.sub(lambda letter: letter.group().upper(), person["given"])
    particles = _TRAILING.search(given)
    if particles and particles.group().islower():
        person = person | {"dropping-particle": particles.group().strip()}
        given = given[: particles.start()]
    if all(word[0].isupper() for word in given.replace("-", " ").replace(".", " ").split()) and given.strip(" .-"):
        return person | {"given": given}
    return {"literal": f"{person['given']} {person['family']}"}
