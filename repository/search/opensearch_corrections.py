"""What is asked of the engine where a text finds nothing: words that resemble those of the text."""

from repository.records.query_tree import And, Node, Or, Word
from repository.records.snapshot import Json
from repository.records.words import words
from repository.search.opensearch_queries import condition

SUGGESTED = "words"
"""Name of the answer's part."""
_MOST = 10
"""Words of a query that is corrected."""
_OPTIONS = 5
"""For each word."""


def correctable(asked: Node) -> tuple[str, list[str]]:
    """What stands between the words of a query, and its words, folded: none of a query of anything but words without a
    field, of too many, or of hyphenated ones."""
    leaves = asked.parts if isinstance(asked, Or) or (isinstance(asked, And) and not asked.wanted) else (asked,)
    found = [words(leaf.text) for leaf in leaves if isinstance(leaf, Word) and not leaf.field]
    if len(found) != len(leaves) or len(found) > _MOST or any(len(parts) != 1 for parts in found):
        return "", []
    return " AND " if isinstance(asked, And) else " ", [parts[0] for parts in found]


def suggestions(asked: list[str]) -> Json:
    """For each word that no document has, those that differ from it by two letters at most, the nearest first."""
    by = {"field": "everything", "suggest_mode": "missing", "size": _OPTIONS, "analyzer": "whitespace"}
    return {SUGGESTED: {"text": " ".join(asked), "term": by}}


def visible(found: list[str], scope: Node) -> Json | None:
    """A search that counts for each word the documents that a viewer may find."""
    if not found:
        return None
    counted = {word: {"term": {"everything": {"value": word}}} for word in found}
    return {
        "size": 0,
        "query": {"bool": {"filter": [condition(scope)]}},
        "aggs": {SUGGESTED: {"filters": {"filters": counted}}},
    }
