"""What is asked of the engine where a text finds nothing: words that resemble those of the text."""

from repository.records.query_tree import Node
from repository.records.snapshot import Json
from repository.search.opensearch_queries import condition

SUGGESTED = "words"
"""Name of the answer's part."""
MOST_WORDS = 10
"""Of a query that is corrected."""
_OPTIONS = 50
"""For each word: those that the viewer may not find are among them, and may not take the place of others."""
_HOWEVER_MANY = 2_000_000_000


def suggestions(asked: list[str]) -> Json:
    """For each word those that differ from it by two letters at most, the nearest first. For words that some document
    has, too: whoever is not offered anything for a word would know that a closed one has it."""
    by = {
        "field": "everything",
        "suggest_mode": "always",
        "max_term_freq": _HOWEVER_MANY,  # frequent words would be passed over, in whatever documents they are
        "size": _OPTIONS,
        "analyzer": "whitespace",
    }
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
