"""What people ask of a search, made of the words of real records: each for REST, for FTS5 and for `query_string`."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from repository.records.snapshot import Json, Snapshot
from repository.records.words import words

SPAN = (2010, 2020)
_SHORTEST = 4
"""Letters of a word that is sought by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    text: str = ""
    """In our query language; also what `query_string` gets, where nothing else is said."""
    match: str = ""
    """For FTS5."""
    raw: str = ""
    years: tuple[int, int] | None = None
    """Part of `text` and `raw`, for FTS5 beside `match`."""
    selected: tuple[tuple[str, str], ...] = ()
    """Facet and key."""


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody may remember of a record."""

    title: tuple[str, ...]
    author: str
    facets: Json

    @classmethod
    def of(cls, snapshot: Snapshot, document: Json) -> "Known":
        creators = snapshot.metadata.get("creators") or ({"person_or_org": {"name": ""}},)
        name = words(creators[0]["person_or_org"].get("name", ""))
        return cls(tuple(words(snapshot.metadata["title"])), name[0] if name else "", document["facets"])

    def long(self) -> list[str]:
        return [word for word in self.title if len(word) >= _SHORTEST and word.isascii() and word.isalpha()]


def searches(known: Sequence[Known], number: int, seed: int) -> list[Asked]:
    """So many, kinds by turns, from records chosen by chance."""
    chance = random.Random(seed)
    usable = [one for one in known if len(one.long()) > 2 and one.author.isalpha() and one.facets.get("resource_type")]
    return [_KINDS[turn % len(_KINDS)](chance.choice(usable), chance) for turn in range(number)]


def beginnings(known: Sequence[Known], number: int, seed: int) -> list[Asked]:
    """What stands in the field while somebody types a title: up to two words and the beginning of the next."""
    chance = random.Random(seed)
    usable = [one for one in known if len(one.long()) > 2]
    found = []
    for _ in range(number):
        title = chance.choice(usable).long()
        before, last = title[: chance.randrange(3)], title[2]
        start = last[: chance.randrange(1 if before else 3, 6)]
        text = " ".join([*before, start])
        within = " AND ".join([*(f'title : "{word}"' for word in before), f'title : "{start}" *'])
        found.append(Asked(text, within, "title:(" + " AND ".join([*before, f"{start}*"]) + ")"))
    return found


def _word(one: Known, chance: random.Random) -> Asked:
    word = chance.choice(one.long())
    return Asked(word, f'"{word}"')


def _words(one: Known, chance: random.Random) -> Asked:
    """Any of them; small ones too, as they stand in the title."""
    start = chance.randrange(max(1, len(one.title) - 2))
    found = one.title[start : start + 3]
    return Asked(" ".join(found), " OR ".join(f'"{word}"' for word in found))


def _all_words(one: Known, chance: random.Random) -> Asked:
    found = chance.sample(one.long(), 2)
    return Asked(" AND ".join(found), " AND ".join(f'"{word}"' for word in found))


def _phrase(one: Known, chance: random.Random) -> Asked:
    start = chance.randrange(len(one.title) - 1)
    text = '"' + " ".join(one.title[start : start + 2]) + '"'
    return Asked(text, text)


def _title(one: Known, chance: random.Random) -> Asked:
    word = chance.choice(one.long())
    return Asked(f"title:{word}", f'title : "{word}"')


def _author(one: Known, chance: random.Random) -> Asked:
    return Asked(f"author:{one.author}", f'names : "{one.author}"', f"names:{one.author}")


def _dated(one: Known, chance: random.Random) -> Asked:
    word = chance.choice(one.long())
    span = f"[{SPAN[0]} TO {SPAN[1]}]"
    raw = f"{word} AND facets.publication_date:{span}"
    return Asked(f"{word} AND year:{span}", f'"{word}"', raw, SPAN)


def _of_type(one: Known, chance: random.Random) -> Asked:
    word = chance.choice(one.long())
    return Asked(word, f'"{word}"', selected=(("resource_type", one.facets["resource_type"][0]),))


def _narrowed(one: Known, chance: random.Random) -> Asked:
    word = chance.choice(one.long())
    facets = [name for name in ("publisher", "subject", "license", "language") if one.facets.get(name)]
    more = [(name, one.facets[name][0]) for name in facets[:1]]
    return Asked(word, f'"{word}"', selected=(("access_status", "open"), *more))


def _browsed(one: Known, chance: random.Random) -> Asked:
    """No words: the newest of a type."""
    return Asked(selected=(("resource_type", one.facets["resource_type"][0]),))


_KINDS: tuple[Callable[[Known, random.Random], Asked], ...] = (
    _word, _words, _all_words, _phrase, _title, _author, _dated, _of_type, _narrowed, _browsed,
)  # fmt: skip
