"""Sets of OAI-PMH: which a record belongs to, decided on its snapshot alone.

SETS names the families that there are always; admins define further sets by a query. Specified by: OAI-PMH 2.0, 2.6
Set; OpenAIRE Guidelines for Literature Repositories 3 and for Data Archives 2, Use of OAI-PMH.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from repository.errors import InvalidInput
from repository.records import queries
from repository.records.query_matching import matches
from repository.records.query_terms import Terms
from repository.records.query_tree import Node, Nothing
from repository.records.query_values import top_type
from repository.records.snapshot import Snapshot

FIELDS = ("type", "community", "subject", "year", "licence", "access", "publisher", "language")
"""What the query of a set may ask for, under any name that the query language has for them."""
SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]{1,100}")
"""What an admin may call a set: one step, since parents are families of ours."""

_NOT_IN_SPEC = re.compile(r"[^A-Za-z0-9\-_.!~*'()]")
_LITERATURE = ("publication", "presentation", "poster", "lesson")
_DATA = ("dataset", "image", "video", "audio", "model")


@dataclass(frozen=True, slots=True)
class SetFamily:
    """A set, and those `<spec>:<key>` below it, of which it has every item."""

    spec: str
    name: str
    description: str
    keys: Callable[[Snapshot], Mapping[str, str]]
    """Keys of the children to which a record belongs, and their names; the empty key is the set itself."""
    child_description: str = ""
    """With `{name}` for the name of the child; empty where there are no children."""


@dataclass(frozen=True, slots=True)
class DefinedSet:
    """A set that an admin has defined."""

    id: int
    spec: str
    name: str
    search_pattern: str
    """The query that finds its records."""
    description: str
    revision_id: int
    created: datetime
    updated: datetime


def _resource_type(snapshot: Snapshot) -> Mapping[str, str]:
    term = snapshot.metadata.get("resource_type") or {}
    key = term.get("id")
    return {key: (term.get("title") or {}).get("en") or key} if key else {}


_STATUSES = {"open": "Open", "embargoed": "Embargoed", "restricted": "Restricted", "metadata-only": "Metadata only"}


def _access(snapshot: Snapshot) -> Mapping[str, str]:
    status = str(snapshot.access.get("status") or "")
    return {status: _STATUSES[status]} if status in _STATUSES else {}


def _communities(snapshot: Snapshot) -> Mapping[str, str]:
    """By slug, as far as the snapshot knows it, else by id."""
    communities = snapshot.parent.get("communities") or {}
    entries = communities.get("entries") or []
    found = {key: str((entry.get("metadata") or {}).get("title") or key)
             for entry in entries if (key := str(entry.get("slug") or entry.get("id") or ""))}  # fmt: skip
    with_entry = {str(entry.get("id")) for entry in entries}
    return found | {str(key): str(key) for key in communities.get("ids") or [] if str(key) not in with_entry}


def _openaire(snapshot: Snapshot) -> Mapping[str, str]:
    """Literature that is open, or comes of a project that funders know."""
    if _top_type(snapshot) not in _LITERATURE:
        return {}
    funded = any(entry.get("award") for entry in snapshot.metadata.get("funding") or [])
    return {"": ""} if funded or snapshot.access.get("status") == "open" else {}


def _openaire_data(snapshot: Snapshot) -> Mapping[str, str]:
    """All of it: OpenAIRE finds out by itself which belong to a project or a publication."""
    return {"": ""} if _top_type(snapshot) in _DATA else {}


def _top_type(snapshot: Snapshot) -> str:
    return top_type(snapshot, str((snapshot.metadata.get("resource_type") or {}).get("id") or ""))


SETS: tuple[SetFamily, ...] = (
    SetFamily("type", "Resource types", "Records that have a resource type.", _resource_type,
              "Records of the type {name}."),
    SetFamily("access", "Access", "Records by what of them is open to everybody.", _access,
              "Records with the access status {name}."),
    SetFamily("community", "Communities", "Records that belong to a community.", _communities,
              "Records of the community {name}."),
    SetFamily("openaire", "OpenAIRE", "Literature for OpenAIRE: open, or the outcome of a funded project.", _openaire),
    SetFamily("openaire_data", "OpenAIRE", "Research data for OpenAIRE.", _openaire_data),
)  # fmt: skip


def read_query(text: str) -> Node:
    """The query of a set. Raises InvalidInput with a reason, also for a field that is not among FIELDS."""
    return queries.parse(text, FIELDS)


class Sets:
    """The families and the defined sets together, queries read once."""

    def __init__(self, families: tuple[SetFamily, ...] = SETS, defined: Sequence[DefinedSet] = ()) -> None:
        self._families = families
        self._queries = [(one.spec, one.name, _query_of(one)) for one in defined]

    def of(self, snapshot: Snapshot) -> dict[str, str]:
        """Specs of all sets to which a record belongs, parents included, with their names; in the order of specs."""
        found = memberships(snapshot, self._families)
        if self._queries:
            terms = Terms(snapshot)
            found |= {spec: name for spec, name, query in self._queries if matches(query, terms)}
        return dict(sorted(found.items()))


def _query_of(defined: DefinedSet) -> Node:
    """A query that a later version of ours reads no more finds nothing, and does not stop the reader."""
    try:
        return read_query(defined.search_pattern)
    except InvalidInput:
        return Nothing()


def memberships(snapshot: Snapshot, families: tuple[SetFamily, ...] = SETS) -> dict[str, str]:
    """Specs of all sets of families to which a record belongs, parents included, with their names."""
    found: dict[str, str] = {}
    for family in families:
        keys = family.keys(snapshot)
        if keys:
            found[family.spec] = family.name
            found |= {f"{family.spec}:{_NOT_IN_SPEC.sub('_', key)}": name for key, name in keys.items() if key}
    return found


def is_known(spec: str, defined: Collection[str]) -> bool:
    """Whether there is a set of this spec: a family's, or one of those defined."""
    return spec in defined or spec.partition(":")[0] in {family.spec for family in SETS}


def description(spec: str, name: str, families: tuple[SetFamily, ...] = SETS) -> str:
    """What a set contains, as a sentence; empty for a set of no family."""
    parent = spec.partition(":")[0]
    for family in families:
        if family.spec == parent:
            return family.description if spec == parent else family.child_description.format(name=name)
    return ""
