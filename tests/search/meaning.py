"""What a query means, said once more without an engine: the measure that engines are held to."""

import re
from collections.abc import Iterable

from repository.records.query_fields import kind
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
from repository.records.snapshot import Json
from repository.records.word_forms import stems_of_word
from repository.records.words import BREAK, exact, joined, words


def matches(node: Node, document: Json) -> bool:
    """Whether a document of `search.documents` is found by a query (phrases without slop)."""
    match node:
        case Everything():
            return True
        case Nothing():
            return False
        case And(parts, _wanted):
            return all(matches(part, document) for part in parts)
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case Not(part):
            return not matches(part, document)
        case Exists(field):
            return field in document["present"]
        case Word(field, text) | Phrase(field, text):
            if _is_whole(field):
                return exact(text) in document["exact"].get(field, ())
            is_word = isinstance(node, Word)
            if is_word and not field and not set(stems_of_word(text)).isdisjoint(document["stems"]):
                return True
            return any(_has(line, text, is_word) for line in _lines(document, field))
        case Key(facet, key):
            return key in document["facets"][facet]
        case Wildcard(field, pattern):
            regex = re.compile("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in pattern), re.DOTALL)
            return any(regex.fullmatch(term) for term in _terms(document, field))
        case Numbers(field, low, high):
            if field in document["days"]:
                return bool(document["days"][field][0] <= high and document["days"][field][1] >= low)
            return field in document["numbers"] and bool(low <= document["numbers"][field] <= high)
        case Texts():
            return any(_between(term, node) for term in _terms(document, node.field) if term != BREAK)
    raise AssertionError(node)


def _is_whole(field: str) -> bool:
    return field != "" and kind(field) not in ("text", "html")


def _lines(document: Json, field: str) -> list[str]:
    return list(document["words"].get(field, ()) if field else document["everything"])


def _terms(document: Json, field: str) -> Iterable[str]:
    if _is_whole(field):
        return list(document["exact"].get(field, ()))
    return [term for line in _lines(document, field) for term in line.split(" ")]


def _has(line: str, text: str, hyphenated: bool) -> bool:
    found, line = words(text), f" {line} "
    one = joined(text) if hyphenated else []
    return bool(found) and (
        f" {' '.join(found)} " in line or (len(one) == 1 and one[0] == "".join(found) and f" {one[0]} " in line)
    )


def _between(term: str, node: Texts) -> bool:
    above = node.low is None or term > node.low or (term == node.low and node.include_low)
    return above and (node.high is None or term < node.high or (term == node.high and node.include_high))
