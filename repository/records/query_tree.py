"""The tree of a query: what `queries.parse` makes and every engine translates.

Leaves name one field by its path in `query_fields`; `""` stands for all that is searched without a field name.
"""

from dataclasses import dataclass

LOWEST, HIGHEST = -(2**62), 2**62
"""What numbers, moments and days lie between; half-open ranges reach to them."""


@dataclass(frozen=True, slots=True)
class Everything:
    """All records."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No record."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, which may be hyphenated, in a text field, or the whole value of a keyword field; `field` is empty for
    what all fields of `query_fields.UNFIELDED` hold."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, `slop` moves apart; in a keyword field the whole value."""

    field: str
    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A word (or a keyword field's whole value) with wildcards; `pattern`: folded text, `*` and `?`, text first."""

    field: str
    pattern: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number, moment or day between two, both included; a date field matches if its interval overlaps."""

    field: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Texts:
    """A value of a keyword field, or a word of a text field, between two in the order of their folded characters; None
    where it is open."""

    field: str
    low: str | None
    high: str | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class Exists:
    """Records that have something in a field, or in any below an object."""

    field: str


@dataclass(frozen=True, slots=True)
class Key:
    """Records that a facet counts under one of its keys, as written. Not in the query language: what is selected in a
    facet is made of it (`search.conditions`)."""

    facet: str
    key: str


@dataclass(frozen=True, slots=True)
class And:
    """All `parts`; `wanted` ones only raise a record's rank."""

    parts: tuple["Node", ...]
    wanted: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Everything | Nothing | Word | Phrase | Wildcard | Numbers | Texts | Exists | Key | And | Or | Not


def both(*parts: Node) -> Node:
    """Records that match all parts."""
    found = tuple(part for part in parts if not isinstance(part, Everything))
    if any(isinstance(part, Nothing) for part in found):
        return Nothing()
    return (found[0] if len(found) == 1 else And(found)) if found else Everything()


def either(*parts: Node) -> Node:
    """Records that match any part."""
    found = tuple(part for part in parts if not isinstance(part, Nothing))
    if any(isinstance(part, Everything) for part in found):
        return Everything()
    return (found[0] if len(found) == 1 else Or(found)) if found else Nothing()
