"""How a search document lies in an OpenSearch index: explicit mappings, nothing is guessed from what comes.

The words are cut and folded by `records.words`; the engine only cuts at spaces. The document itself is not stored: what
is shown of a hit comes from the database.
"""

import hashlib
from typing import Any

import orjson

from repository.records.query_fields import FIELDS
from repository.records.snapshot import Json
from repository.search.documents import is_removed
from repository.search.engine import WINDOW
from repository.search.facets import FACETS
from repository.search.terms import value_terms, word_lines

_TEXTS = ("words", "everything", "title", "names")
_SETS = ("values", "stems", "title_stems")
BEGUN = {"_titled": "titled", "_suggested": "suggested"}
"""Path → field of its own: that of words which are looked for by their beginnings."""
_BEGINNING = 5
"""Letters of a beginning that is a term itself: all words that begin so need not be gone through."""
_LONGEST = 32_766
"""Bytes of a term of the engine."""
_FIRST, _LAST = -(2**63), 2**63 - 1


def number_field(path: str) -> str:
    return f"numbers.{_flat(path)}"


def day_fields(path: str) -> tuple[str, str]:
    """First and last day."""
    return f"days.{_flat(path)}.first", f"days.{_flat(path)}.last"


def facet_field(facet: str) -> str:
    return f"facets.{facet}"


def _flat(path: str) -> str:
    return path.replace(".", "_")


def template(prefix: str, shape: str) -> Json:
    """The index template; each generation is made with what it holds. One with whose prefix another's begins gives way
    to that one."""
    settings = {
        "number_of_shards": 1,  # counts of facets are exact in one
        "auto_expand_replicas": "0-1",
        # a search in several threads takes half as much of the processor again, and many are asked at once
        "search.concurrent_segment_search.mode": "none",
        "refresh_interval": "-1",  # whatever is written says itself when it is to be seen
        "max_result_window": WINDOW,
    }
    mappings = {"_meta": {"shape": shape}, **_mappings()}
    made = {"settings": settings, "mappings": mappings}
    return {"index_patterns": [f"{prefix}-g*"], "priority": 500 + len(prefix), "template": made}


def _mappings() -> Json:
    numbers = {_flat(path): {"type": "long"} for path, kind in FIELDS.items() if kind in ("number", "time")}
    days = {
        _flat(path): _strict({"first": {"type": "long"}, "last": {"type": "long"}})
        for path, kind in FIELDS.items()
        if kind == "date"
    }
    # a value at the end of a text and one at the beginning of the next are two places apart, as in the embedded index
    text = {"type": "text", "analyzer": "whitespace", "position_increment_gap": 1}
    begun = {
        "type": "text",
        "analyzer": "whitespace",
        "norms": False,
        "index_options": "docs",
        "index_prefixes": {"min_chars": 1, "max_chars": _BEGINNING},
    }
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        "position": {"type": "long"},
        **{name: {"type": "keyword", "doc_values": False} for name in _SETS},
        **dict.fromkeys(_TEXTS, text),
        **dict.fromkeys(BEGUN.values(), begun),
        "numbers": _strict(numbers),
        "days": _strict(days),
        "facets": _strict({name: {"type": "keyword"} for name in FACETS}),
    }
    return {"_source": {"enabled": False}, **_strict(properties)}


def _strict(properties: Json) -> Json:
    return {"dynamic": "strict", "properties": properties}


def shape() -> str:
    """Digest of the mappings: an index of others must be made anew."""
    return hashlib.sha256(orjson.dumps(template("", ""), option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def row(entry: Json) -> Json:
    """The entry as the index takes it; one without content only keeps the position. Raises ValueError."""
    found: Json = {"id": entry["id"], "position": _whole(entry["position"], "position")}
    if is_removed(entry):
        return found
    found["values"] = [term for term in value_terms(entry, BEGUN) if len(term) < _LONGEST // 4 or _fits(term)]
    for path, name in BEGUN.items():
        found[name] = " ".join(entry["exact"].get(path, ()))
    found["words"] = list(word_lines(entry))
    for name in ("everything", "title", "names", "stems", "title_stems"):
        found[name] = entry[name]
    found["numbers"] = {_flat(path): _whole(number, path) for path, number in entry["numbers"].items()}
    found["days"] = {
        _flat(path): {"first": _whole(first, path), "last": _whole(last, path)}
        for path, (first, last) in entry["days"].items()
    }
    found["facets"] = {name: list(map(str, entry["facets"].get(name, ()))) for name in FACETS}
    return found


def lines(entry: Json) -> bytes:
    """The entry as a bulk request has it. Raises ValueError for what can't be indexed."""
    found = row(entry)
    # not `external`: after a crash the same position comes again, and by other rules with other content
    action = {"index": {"_id": found["id"], "version": found["position"], "version_type": "external_gte"}}
    try:
        return b"%b\n%b\n" % (orjson.dumps(action), orjson.dumps(found))
    except TypeError as error:  # a text that is no Unicode
        raise ValueError(str(error)) from error


def _whole(number: Any, path: str) -> int:
    """Checked here, since of a batch the engine would write all but the one that it refuses."""
    if not isinstance(number, int) or isinstance(number, bool) or not _FIRST <= number <= _LAST:
        raise ValueError(f"{path}: {number!r} is no whole number of 64 bits.")
    return number


def _fits(term: str) -> bool:
    """No query can name a longer one."""
    return len(term.encode()) <= _LONGEST
