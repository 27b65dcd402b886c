"""The terms of a search document and of a query, for engines in which all paths share few fields.

A term begins with the path it was found at: `metadata.title=rain` in `words`, `pids.doi.identifier=10.1234/x` in
`values`. So a field that only few records have costs an index nothing.
"""

from collections.abc import Iterator

from repository.records.query_fields import kind
from repository.records.query_tree import Phrase, Word
from repository.records.snapshot import Json
from repository.records.words import joined, words

PRESENT = "?"
"""Instead of a path: a path that has a value."""
IDENTIFIER = "#"
"""Instead of a path: a value that stands for the record."""


def value_terms(entry: Json) -> Iterator[str]:
    """What is compared as a whole."""
    for path, values in entry["exact"].items():
        for value in values:
            yield f"{path}={value}"
    for path in entry["present"]:
        yield f"{PRESENT}={path}"
    for value in entry["identifiers"]:
        yield f"{IDENTIFIER}={value}"


def word_lines(entry: Json) -> Iterator[str]:
    """Texts, each one its words with a space between."""
    for path, lines in entry["words"].items():
        for line in lines:
            yield f"{path}=" + line.replace(" ", f" {path}=")


def is_of_words(path: str) -> bool:
    """Whether a path's terms are words; else they are whole values."""
    return kind(path) in ("text", "html")


def sequences(node: Word | Phrase) -> list[list[str]]:
    """The words of which any sequence is to be found: those of the text and, since a hyphenated word is found written
    as one, too, that one."""
    found = words(node.text)
    one = joined(node.text) if isinstance(node, Word) else []
    return [found, one] if len(one) == 1 and one[0] == "".join(found) else [found]
