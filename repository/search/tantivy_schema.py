"""How a search document lies in a Tantivy index.

Its terms are those of `search.terms`, of words that `records.words` has cut; the engine only cuts at spaces.
"""

import hashlib
from typing import NamedTuple

import orjson
import tantivy

from repository.records.snapshot import Json
from repository.search.documents import KEYED, is_removed
from repository.search.terms import IDENTIFIER, PRESENT, value_terms, word_lines

NUMBERS = {
    "created": "created",
    "updated": "updated",
    "revision_id": "revision",
    "versions.index": "version",
    "files.count": "files",
    "files.total_bytes": "bytes",
}
"""Path → field of the index."""
DAYS = {"metadata.publication_date": ("published_first", "published_last")}
FACETS = {
    "access_status": "facet_access",
    "file_type": "facet_file",
    "resource_type": "facet_type",
    **{name: f"facet_{name}" for name in KEYED},
}
YEARS = "facet_year"

_TEXTS = ("words", "everything", "title", "names")
_SETS = ("stems", "title_stems")


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)  # deleting by a term of an unsigned field deletes nothing
    builder.add_integer_field("position", fast=True)
    for name in _TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("values", *_SETS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (*NUMBERS.values(), *(name for pair in DAYS.values() for name in pair), YEARS):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in FACETS.values():
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def shape() -> str:
    """Digest of the schema: an index of another one must be made anew."""
    names = [*_TEXTS, *_SETS, PRESENT, IDENTIFIER, NUMBERS, DAYS, FACETS, YEARS]
    return hashlib.sha256(f"tantivy 0.27 {names}".encode()).hexdigest()[:12]


def key_of(record_id: str) -> int:
    """A number that is ordered as ids are and from which the id can be had again: ids have ten letters and digits."""
    return int(record_id.replace("-", ""), 36)


def id_of(key: int) -> str:
    digits = ""
    for _ in range(10):
        key, digit = divmod(key, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{digits[:5]}-{digits[5:]}"


class Row(NamedTuple):
    """An entry as the index takes it."""

    key: int
    position: int
    content: str
    """JSON; of an entry without content only key and position."""


def row(entry: Json) -> Row:
    """Raises ValueError."""
    key, position = key_of(entry["id"]), entry["position"]
    found: Json = {"key": key, "position": position}
    if not is_removed(entry):
        found["values"] = list(value_terms(entry))
        found["words"] = list(word_lines(entry))
        for name in ("everything", "title", "names", *_SETS):
            found[name] = entry[name]
        for path, number in entry["numbers"].items():
            found[NUMBERS[path]] = number
        for path, (first, last) in entry["days"].items():
            found[DAYS[path][0]], found[DAYS[path][1]] = first, last
        for facet, name in FACETS.items():
            found[name] = entry["facets"].get(facet, [])
        found[YEARS] = entry["facets"]["publication_date"]
    return Row(key, position, orjson.dumps(found).decode())
