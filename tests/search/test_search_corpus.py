"""Real titles, names and abstracts: every sampled row of the corpus is found, and counted rightly, by each engine; and
both find the same."""

import json
import random
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from record_parts import record_id, term

from repository.records.dates import bounds
from repository.records.queries import parse
from repository.records.snapshot import Json, Neighbour, Snapshot
from repository.records.words import plain, words
from repository.search.documents import document
from repository.search.engine import SORTS, Search, SearchEngine
from repository.search.opensearch_engine import OpenSearchEngine
from repository.search.opensearch_index import OpenSearchIndex
from repository.search.tantivy_engine import TantivyEngine
from repository.search.tantivy_index import TantivyIndex
from tests.records_in_store import snapshot
from tests.search.kit import Kit, counts, indexed
from tests.search.meaning import matches
from tests.servers.opensearch import OpenSearchServer

EVERY = 6
KIT = Kit(make=lambda folder: (TantivyIndex(folder), TantivyEngine(folder)))
SERVER = (pytest.mark.service, pytest.mark.xdist_group("opensearch"))
TYPES = {"dataset": "dataset", "software": "software", "report": "publication-report", "image": "image-photo"}


@dataclass(frozen=True, slots=True)
class Shelf:
    engine: SearchEngine
    documents: list[Json]
    states: list[Snapshot]


@pytest.fixture(scope="module")
def states(shared: Path) -> list[Snapshot]:
    with (shared / "corpus" / "bulk.jsonl").open(encoding="utf-8") as lines:
        return [_state(number, json.loads(line)) for number, line in enumerate(lines) if number % EVERY == 0]


@pytest.fixture(scope="module")
def documents(states: list[Snapshot]) -> list[Json]:
    return [document(state, 1) for state in states]


@pytest.fixture(scope="module")
def embedded(states: list[Snapshot], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    with indexed(KIT, tmp_path_factory.mktemp("corpus"), states) as (_index, engine):
        yield engine


@pytest.fixture(scope="module")
def scaled(states: list[Snapshot], opensearch: OpenSearchServer) -> Iterator[SearchEngine]:
    setting = opensearch.setting(f"t{secrets.token_hex(6)}")
    kit = Kit(make=lambda _folder: (OpenSearchIndex(setting), OpenSearchEngine(setting)))
    with indexed(kit, Path(), states) as (_index, engine):
        yield engine


@pytest.fixture(scope="module", params=["embedded", pytest.param("scaled", marks=SERVER)])
def shelf(request: pytest.FixtureRequest, states: list[Snapshot], documents: list[Json]) -> Shelf:
    return Shelf(request.getfixturevalue(request.param), documents, states)


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
        created=f"2024-05-{1 + number % 28:02d}T12:00:00+00:00",
        updated=f"2024-06-{1 + number % 5:02d}T12:00:00+00:00",
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


@pytest.mark.service
def test_both_engines_find_the_same_in_the_same_order(
    embedded: SearchEngine, scaled: SearchEngine, states: list[Snapshot], documents: list[Json]
) -> None:
    """Word, phrase, field, range and boolean queries, with and without a selection; the facets too."""
    dice = random.Random(4)
    vocabulary = [word for state in states for word in words(state.title)]
    for number in range(60):
        one, two, three = dice.sample(vocabulary, 3)
        state = dice.choice(states)
        phrase = " ".join(words(state.title)[1:4])
        name = state.metadata["creators"][0]["person_or_org"]["name"]
        text = dice.choice(
            [
                one, f'"{phrase}"', f'title:"{phrase}" OR {one}', f"{one} AND (title:{two} OR NOT {three})",
                f"+{one} -{two} year:>2001", f"year:[1980 TO {dice.randint(1981, 2020)}] AND {one}",
                f"author:{_quoted(name)}", f"doi:10.{dice.randint(1, 9)}*", f"subject:{one} publisher:{two}*",
                f"_exists_:metadata.subjects AND {one}",
                f"metadata.identifiers.identifier:[10.1 TO 10.{dice.randint(2, 9)}}}", f"{one[:2]}?* NOT {two}",
            ]
        )  # fmt: skip
        key = dice.choice([*documents[number]["facets"]["subject"], "x"])
        selected = dice.choice([(), (), (("resource_type", ("publication",)),), (("subject", (key,)),)])
        asked = Search(text, sort=dice.choice(list(SORTS)), size=1000, selected=selected)
        here, there = embedded.search(asked), scaled.search(asked)
        assert (here.total, here.ids, here.last) == (there.total, there.ids, there.last), asked
        assert here.facets == there.facets, asked
        if here.total <= 1000:
            ranked = replace(asked, sort="bestmatch")
            assert set(embedded.search(ranked).ids) == set(scaled.search(ranked).ids) == set(here.ids), asked


@pytest.mark.service
def test_both_engines_suggest_the_same(embedded: SearchEngine, scaled: SearchEngine, states: list[Snapshot]) -> None:
    for state in random.Random(5).sample(states, 25):
        for prefix in (state.title[:7], state.id[:4], " ".join(words(state.title)[:3])):
            asked = Search(prefix=prefix, sort="newest", size=200)
            assert embedded.search(asked).ids == scaled.search(asked).ids, prefix
