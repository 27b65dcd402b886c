"""Sets: which an item belongs to, decided on its snapshot alone. SETS names all families.

Specified by: OAI-PMH 2.0, 2.6 Set.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from repository.records.snapshot import Snapshot

_NOT_IN_SPEC = re.compile(r"[^A-Za-z0-9\-_.!~*'()]")


@dataclass(frozen=True, slots=True)
class SetFamily:
    """A parent set and the sets `<spec>:<key>` below it; the parent has every item of its children."""

    spec: str
    name: str
    description: str
    child_description: str
    """With `{name}` for the name of the child."""
    children: Callable[[Snapshot], Mapping[str, str]]
    """Keys of the children to which a record belongs, and their names."""


def _resource_type(snapshot: Snapshot) -> Mapping[str, str]:
    term = snapshot.metadata.get("resource_type") or {}
    key = term.get("id")
    return {key: (term.get("title") or {}).get("en") or key} if key else {}


SETS: tuple[SetFamily, ...] = (
    SetFamily(
        "type", "Resource types", "Records that have a resource type.", "Records of the type {name}.", _resource_type
    ),
)


def memberships(snapshot: Snapshot, families: tuple[SetFamily, ...] = SETS) -> dict[str, str]:
    """Specs of all sets to which a record belongs, parents included, with their names."""
    found: dict[str, str] = {}
    for family in families:
        children = family.children(snapshot)
        if children:
            found[family.spec] = family.name
            found |= {f"{family.spec}:{_NOT_IN_SPEC.sub('_', key)}": name for key, name in children.items()}
    return found


def description(spec: str, name: str, families: tuple[SetFamily, ...] = SETS) -> str:
    """What a set contains, as a sentence; empty for a set of no family."""
    parent = spec.partition(":")[0]
    for family in families:
        if family.spec == parent:
            return family.description if spec == parent else family.child_description.format(name=name)
    return ""
