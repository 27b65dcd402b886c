"""What somebody may have meant whose words the embedded index has not: the nearest words of titles.

A word is offered only if a record has it that the viewer may find: a word that only closed records have is as unknown
to others as one that is nowhere.
"""

from collections.abc import Callable, Iterator

import tantivy

from repository.records.query_tree import And, Node, Or, Phrase, Word
from repository.records.words import BREAK
from repository.search.corrections import correctable

_LONGEST = 40
_SAME_START = 2
"""Letters at the beginning that a mistyped word is taken to have right."""
_MOST_TERMS = 5_000
"""Words with that beginning that are looked at."""
_MOST_TRIED = 50
"""Near words of which it is asked whether the viewer finds them: those of closed records are among them, and may not
take the place of others."""
_MOST_WORDS = 6


def correction(searcher: tantivy.Searcher, asked: Node, finds: Callable[[Node], bool]) -> str:
    """A text of the same words, those that find nothing put right; empty where there is none that finds something, and
    for queries of anything but words without a field. `finds`: whether the viewer finds anything by a query."""
    joint, parts = correctable(asked, _MOST_WORDS)
    mended = [word if finds(Word("", word)) else _nearest(searcher, word, finds) for word in parts]
    if mended == parts or (not all(mended) and isinstance(asked, And)):
        return ""
    kept = [word for word in mended if word]
    together = And if isinstance(asked, And) else Or
    return joint.join(kept) if kept and finds(together(tuple(Word("", word) for word in kept))) else ""


def _nearest(searcher: tantivy.Searcher, word: str, finds: Callable[[Node], bool]) -> str:
    """As a phrase, which has no other forms: a form of the word may be where the word itself is not."""
    near = sorted(_near(searcher, word))[:_MOST_TRIED]
    return next((term for _distance, _rarity, term in near if finds(Phrase("", term))), "")


def _near(searcher: tantivy.Searcher, word: str) -> Iterator[tuple[int, int, str]]:
    """Words of titles that differ by one letter, of long words two: distance, rarity, word."""
    if not 4 <= len(word) <= _LONGEST:
        return
    most = 1 if len(word) < 8 else 2
    for term, count in searcher.terms_with_prefix("title", word[:_SAME_START], None, _MOST_TERMS):
        if abs(len(term) - len(word)) <= most and term != BREAK:
            apart = distance(word, term, most)
            if apart <= most:
                yield apart, -count, term


def distance(one: str, other: str, most: int) -> int:
    """Letters to put in, take out, replace or exchange with their neighbour; `most + 1` if there are more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row, earlier = row, [place], before
        for column, second in enumerate(other, 1):
            cost = min(above[column] + 1, row[column - 1] + 1, above[column - 1] + (letter != second))
            if earlier and column > 1 and letter == other[column - 2] and one[place - 2] == second:
                cost = min(cost, earlier[column - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before = above
    return min(row[-1], most + 1)
