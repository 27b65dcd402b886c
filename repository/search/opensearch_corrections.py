"""What is asked of the engine where a text finds nothing: words that resemble those of the text."""

from repository.records.query_tree import Node
from repository.records.snapshot import Json
from repository.search.opensearch_queries import condition

SUGGESTED = "words"
"""Name of the answer's part."""
MOST_WORDS = 10
"""Of a query that is corrected."""
_OPTIONS = 5
"""For each word."""


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
