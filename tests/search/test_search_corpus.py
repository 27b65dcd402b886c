"""Real titles, names and abstracts: every sampled row of the corpus is found, and counted rightly."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from record_parts import record_id, term

from repository.records.dates import bounds
from repository.records.queries import parse
from repository.records.snapshot import Json, Neighbour, Snapshot
from repository.records.words import plain, words
from repository.search.documents import document
from repository.search.engine import Search, SearchEngine
from repository.search.tantivy_engine import TantivyEngine
from repository.search.tantivy_index import TantivyIndex
from tests.records_in_store import snapshot
from tests.search.kit import Kit, counts, indexed
from tests.search.meaning import matches

EVERY = 6
KIT = Kit(make=lambda folder: (TantivyIndex(folder), TantivyEngine(folder)))
TYPES = {"dataset": "dataset", "software": "software", "report": "publication-report", "image": "image-photo"}


@dataclass(frozen=True, slots=True)
class Shelf:
    engine: SearchEngine
    documents: list[Json]
    states: list[Snapshot]


@pytest.fixture(scope="module")
def shelf(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with (shared / "corpus" / "bulk.jsonl").open(encoding="utf-8") as lines:
        states = [_state(number, json.loads(line)) for number, line in enumerate(lines) if number % EVERY == 0]
    with indexed(KIT, tmp_path_factory.mktemp("corpus"), states) as (_index, engine):
        yield Shelf(engine, [document(state, 1) for state in states], states)


def _state(number: int, row: dict[str, Any]) -> Snapshot:
    """A row as a record: only what search looks at."""
    identifier = record_id(number)
    match = re.search(r"\d{4}(-\d\d(-\d\d)?)?", str(row.get("date")))
    kind = TYPES.get(str(row.get("resource_type")).lower(), "publication-article")
    identifiers = row.get("identifiers") or []
    dois = [entry["value"] for entry in identifiers if entry["scheme"] == "doi"]
    names = [entry.get("name") or entry.get("family") or "Unknown" for entry in row.get("creators") or [{}]]
    metadata = {
        "title": row.get("title") or "Untitled",
        "publication_date": match[0] if match and bounds(match[0]) else "2000",
        "resource_type": term(kind, kind.title()),
        "creators": [{"person_or_org": {"type": "personal", "name": name, "family_name": name}} for name in names],
        "description": row.get("description") or "",
        "publisher": row.get("publisher") or "",
        "subjects": [{"subject": str(entry)} for entry in row.get("subjects") or []],
        "identifiers": [{"scheme": entry["scheme"], "identifier": entry["value"]} for entry in identifiers],
    }
    return snapshot(
        1,
        id=identifier,
        metadata=metadata,
        pids={"doi": {"identifier": dois[0], "provider": "external"}} if dois else {},
        versions=(Neighbour(identifier, 1, "published", closed=False),),
        props={},
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_a_record_is_found_by_its_title_and_stands_first_but_for_its_namesakes(shelf: Shelf) -> None:
    titles = Counter(tuple(words(state.title)) for state in shelf.states)
    sample = random.Random(1).sample([state for state in shelf.states if len(words(state.title)) > 2], 300)
    first = 0
    for state in sample:
        ids = shelf.engine.search(Search(" ".join(words(state.title)[:60]), size=20, facets=False)).ids
        first += state.id in ids[: titles[tuple(words(state.title))]]
        assert state.id in shelf.engine.search(Search(f"title:{_quoted(state.title)}", size=1000)).ids, state.title
    assert first >= 0.95 * len(sample)


def test_identifiers_and_the_ends_of_abstracts_are_found(shelf: Shelf) -> None:
    for state in random.Random(2).sample(shelf.states, 300):
        assert shelf.engine.search(Search(state.id)).ids[0] == state.id
        if state.doi:
            assert state.id in shelf.engine.search(Search(f"doi:{_quoted(state.doi)}")).ids
            assert state.id in shelf.engine.search(Search(_quoted(state.doi))).ids[:10]
        abstract = words(plain(state.metadata["description"]))
        for part in (abstract[:5], abstract[-5:]):
            if part:
                assert state.id in shelf.engine.search(Search(_quoted(" ".join(part)), size=1000)).ids, part


def test_queries_and_facets_agree_with_what_they_mean(shelf: Shelf) -> None:
    dice = random.Random(3)
    vocabulary = [word for state in shelf.states for word in words(state.title)]
    for _ in range(60):
        one, two, three = dice.sample(vocabulary, 3)
        text = dice.choice(
            [
                f"{one} {two}", f"{one} AND {two}", f"+{one} -{two} {three}", f"{one} AND year:[1990 TO 2015]",
                f"metadata.title:{one[:2]}* AND NOT {two}", f"(title:{one} OR author:{two}) AND type:publication",
                f"metadata.publisher:[{min(one, two)} TO {max(one, two)}]",
            ]
        )  # fmt: skip
        hits = shelf.engine.search(Search(text))
        asked = parse(text)
        want = [entry for entry in shelf.documents if matches(asked, entry)]
        assert hits.total == len(want), text
        for facet in ("access_status", "publication_date"):
            keys = Counter(str(key) for entry in want for key in entry["facets"][facet])
            assert counts(hits, facet) == keys, text
