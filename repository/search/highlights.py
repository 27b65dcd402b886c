"""Where a record has what was sought: fragments of its title and description, made from the snapshot that the reader
may see, with the words that search would compare.

Words are cut as in languages that put spaces between them; of Chinese and Japanese nothing is marked. Words of a phrase
are marked wherever they stand.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

from repository.records.query_matching import regex
from repository.records.query_tree import And, Node, Or, Phrase, Wildcard, Word
from repository.records.snapshot import Json, Snapshot
from repository.records.word_forms import stems_of_word
from repository.records.words import LONGEST_WORD, fold, plain, unmarked, words
from repository.search import conditions
from repository.search.engine import Search

_LONGEST_TEXT = 20_000
"""Characters of a description that are looked through."""
_AROUND = 80
"""Characters shown on either side of a word, at least."""
_MOST_FRAGMENTS = 3
_MOST_LEAVES = 50
_WORD = re.compile(r"[^\W_]+")
_FIELDS = {
    "metadata.title": ("metadata.title", "metadata.additional_titles.title", conditions.TITLED),
    "metadata.description": ("metadata.description", "metadata.additional_descriptions.description"),
}


class Highlights:
    """Of one search. Its query is read when the first record is looked at."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def of(self, snapshot: Snapshot) -> Json:
        """Field → fragments as HTML, in which nothing is markup but `<em>` around the words that were found; the title
        as a whole. Fields without such a word are left out."""
        texts = {
            "metadata.title": unmarked(snapshot.title),
            "metadata.description": plain(str(snapshot.metadata.get("description") or ""))[:_LONGEST_TEXT],
        }
        made = {name: _fragments(texts[name], sought, whole=name == "metadata.title") for name, sought in self._all}
        return {name: fragments for name, fragments in made.items() if fragments}

    @cached_property
    def _all(self) -> list[tuple[str, "_Sought"]]:
        if not self._search.is_ranked:
            return []
        asked = conditions.query(self._search)
        return [(name, _Sought(list(_leaves(asked, fields))[:_MOST_LEAVES])) for name, fields in _FIELDS.items()]


class _Sought:
    """What one text is searched for; remembers the words it has seen."""

    def __init__(self, leaves: Sequence[Word | Phrase | Wildcard]) -> None:
        texts = [leaf for leaf in leaves if not isinstance(leaf, Wildcard)]
        self._words = {word for leaf in texts for word in words(leaf.text)}
        forms = [leaf.text for leaf in texts if isinstance(leaf, Word) and not leaf.field]
        self._stems = {stem for text in forms for stem in stems_of_word(text)}
        self._patterns = [regex(leaf.pattern) for leaf in leaves if isinstance(leaf, Wildcard)]
        self._known: dict[str, bool] = {}

    def has(self, word: str) -> bool:
        found = self._known.get(word)
        if found is None:
            folded = fold(word[:LONGEST_WORD])
            found = self._known[word] = (
                folded in self._words
                or any(pattern.fullmatch(folded) for pattern in self._patterns)
                or not self._stems.isdisjoint(stems_of_word(word))
            )
        return found


def _leaves(node: Node, fields: Sequence[str]) -> Iterable[Word | Phrase | Wildcard]:
    """The parts that a record is found by in one of these fields, or in any; nothing of what must not be there."""
    match node:
        case And(parts, wanted):
            for part in (*parts, *wanted):
                yield from _leaves(part, fields)
        case Or(parts):
            for part in parts:
                yield from _leaves(part, fields)
        case Word() | Phrase() | Wildcard():
            if not node.field or node.field in fields:
                yield node


def _fragments(text: str, sought: _Sought, *, whole: bool) -> list[str]:
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    spots = [match.span() for match in _WORD.finditer(text) if sought.has(match[0])]
    if not spots:
        return []
    if whole:
        return [_marked(text, 0, len(text), spots)]
    windows: list[tuple[int, int]] = []
    for start, end in spots:
        if windows and end <= windows[-1][1]:
            continue
        if len(windows) == _MOST_FRAGMENTS:
            break
        left = text.rfind(" ", 0, max(0, start - _AROUND)) + 1
        right = text.find(" ", end + _AROUND)
        windows.append((max(left, windows[-1][1]) if windows else left, len(text) if right < 0 else right))
    return [_marked(text, start, end, spots) for start, end in windows]


def _marked(text: str, start: int, end: int, spots: Sequence[tuple[int, int]]) -> str:
    made, place = [], start
    for first, last in spots:
        if start <= first and last <= end:
            made += [html.escape(text[place:first]), "<em>", html.escape(text[first:last]), "</em>"]
            place = last
    return "".join([*made, html.escape(text[place:end])]).strip()
