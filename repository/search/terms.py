"""The terms of a search document and of a query, as both engines have them, and what each counts for in ranking.

Paths share few fields of an index. A term of `words` and of `values` begins with the path it was found at:
`metadata.title=rain`, `pids.doi.identifier=10.1234/x`. So a field that only few records have costs an index nothing,
and one query language serves all.
"""

from collections.abc import Container, Iterator

from repository.records.query_fields import kind
from repository.records.query_tree import Phrase, Word
from repository.records.snapshot import Json
from repository.records.words import joined, words

PRESENT = "?"
"""Instead of a path: a path that has a value."""
IDENTIFIER = "#"
"""Instead of a path: a value that stands for the record."""

WEIGHTS = (("title", 3.0), ("names", 2.0))
"""Fields in which a word without a field name counts more than elsewhere."""
STEM_WEIGHTS = (("stems", 0.3), ("title_stems", 1.0))
"""The same for a word's forms: the first decides with `everything` whether a record is found."""
IDENTIFIER_WEIGHT = 20.0


def value_terms(entry: Json, apart: Container[str] = ()) -> Iterator[str]:
    """What is compared as a whole, but for what has a field `apart`."""
    for path, values in entry["exact"].items():
        if path not in apart:
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


def place(path: str) -> tuple[str, str]:
    """Field of the index where a path's terms are, and what each begins with; all words where there is no path."""
    if not path:
        return "everything", ""
    return ("words" if is_of_words(path) else "values"), f"{path}="


def sequences(node: Word | Phrase) -> list[list[str]]:
    """The words of which any sequence is to be found: those of the text and, since a hyphenated word is found written
    as one, too, that one."""
    found = words(node.text)
    one = joined(node.text) if isinstance(node, Word) else []
    return [found, one] if len(one) == 1 and one[0] == "".join(found) else [found]
