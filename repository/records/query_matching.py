"""Whether a record is found by a query, decided on its snapshot alone: for sets, which need no search engine.

It is the same query language with the same normalisation as in the engines (`words`, `query_terms`), so that a set has
what a search for its query finds among public records.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from repository.records.query_fields import kind
from repository.records.query_terms import Terms
from repository.records.query_tree import (
    And,
    Everything,
    Exists,
    Key,
    Node,
    Not,
    Nothing,
    Numbers,
    Or,
    Phrase,
    Texts,
    Wildcard,
    Word,
)
from repository.records.word_forms import stems_of_word
from repository.records.words import BREAK, exact, joined, words


def matches(node: Node, record: Terms) -> bool:
    """Whether the query finds the record. Raises ValueError for what only engines know: a phrase with
    slop, a key of a facet."""
    match node:
        case And(parts, _wanted):
            return all(matches(part, record) for part in parts)
        case Or(parts):
            return any(matches(part, record) for part in parts)
        case Not(part):
            return not matches(part, record)
        case Word() | Phrase():
            return _has_text(node, record)
        case Wildcard(field, pattern):
            return any(regex(pattern).fullmatch(term) for term in _terms(field, record))
        case Numbers(field, low, high):
            span = record.span(field)
            return span is not None and span[0] <= high and span[1] >= low
        case Texts(field):
            return any(_lies_between(term, node) for term in _terms(field, record) if term != BREAK)
        case Exists(field):
            return field in record.present
        case Everything() | Nothing():
            return isinstance(node, Everything)
        case Key(facet):
            raise ValueError(f"a key of the facet {facet}")


def _has_text(node: Word | Phrase, record: Terms) -> bool:
    if isinstance(node, Phrase) and node.slop:
        raise ValueError("a phrase with slop")
    if isinstance(node, Word) and not node.field and not record.stems.isdisjoint(stems_of_word(node.text)):
        return True
    if _is_of_words(node.field):
        return any(sought in f" {line} " for sought in _sought(node) for line in record.lines(node.field))
    return exact(node.text) in record.whole(node.field)


@lru_cache(maxsize=4096)
def _sought(node: Word | Phrase) -> tuple[str, ...]:
    """What a line has to contain, one of these: the words in their order, or a hyphenated word written as one."""
    found = words(node.text)
    if not found:
        return ()
    as_one = joined(node.text) if isinstance(node, Word) else []
    return (f" {' '.join(found)} ", *(f" {word} " for word in as_one if as_one == ["".join(found)]))


@lru_cache(maxsize=4096)
def regex(pattern: tuple[str, ...]) -> re.Pattern[str]:
    """What stands between two `*` is taken where it comes first, and never sought again: that finds a match wherever
    there is one, and no word can keep it busy."""
    pieces = [""]
    for part in pattern:
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if part == "?" else re.escape(part)
    first, *inner = pieces
    if not inner:
        return re.compile(first, re.DOTALL)
    *between, last = inner
    return re.compile(f"{first}{''.join(f'(?>.*?{piece})' for piece in between if piece)}.*{last}", re.DOTALL)


def _terms(field: str, record: Terms) -> Iterable[str]:
    if _is_of_words(field):
        return (term for line in record.lines(field) for term in line.split(" "))
    return record.whole(field)


def _is_of_words(field: str) -> bool:
    return not field or kind(field) in ("text", "html")


def _lies_between(term: str, asked: Texts) -> bool:
    if asked.low is not None and (term < asked.low or (term == asked.low and not asked.include_low)):
        return False
    return asked.high is None or term < asked.high or (term == asked.high and asked.include_high)
