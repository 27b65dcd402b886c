"""Whatever is asked, the engine finds exactly what the query means, whoever asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import embargoed, files_closed, full, minimal, record_closed, with_files, with_metadata

from repository.errors import InvalidInput
from repository.records.queries import parse
from repository.records.query_fields import FIELDS, SHORT
from repository.records.query_tree import both
from repository.records.snapshot import Json, Snapshot
from repository.records.visibility import ANONYMOUS, SYSTEM, Viewer
from repository.search import conditions
from repository.search.documents import document
from repository.search.engine import Search, SearchEngine
from repository.search.tantivy_engine import TantivyEngine
from repository.search.tantivy_index import TantivyIndex
from tests.search.kit import READER, Kit, indexed, seven
from tests.search.meaning import matches
from tests.search.rules_seeing import versions

KIT = Kit(make=lambda folder: (TantivyIndex(folder), TantivyEngine(folder)))
TITLES = (
    "E-mail of the harbour",
    "email and rain",
    "Rain rain, go away",
    "déšť v přístavu",
    "数据 data",
    "rain/harbour 2003",
)


def states() -> list[Snapshot]:
    found = [full(8), with_files(9), files_closed(10), embargoed(11), record_closed(12), *seven()]
    found += [with_metadata(minimal(20 + number), title=title) for number, title in enumerate(TITLES)]
    return [
        *found,
        *versions(40, False, True),
        *versions(41, False, False),
        *versions(42, False, False, withdrawn=(1,)),
    ]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SearchEngine, list[Json]]]:
    folder: Path = tmp_path_factory.mktemp("meaning")
    held = states()
    with indexed(KIT, folder, held) as (_index, engine):
        yield engine, [document(state, 1) for state in held if state.state == "published"]


WORDS = st.sampled_from(
    ["rain", "Rain", "harbour", "e-mail", "email", "E", "déšť", "dest", "数据", "data", "wqx", "n1", "delta", "holm",
     "Ada", "csv", "true", "open", "2003", "dataset", "publication", "10.1234/nielsen", "v1", "carberry", "the", "no"]
)  # fmt: skip
PATTERNS = st.sampled_from(["r*", "ra?n", "har*r", "w?x", "e-m*", "d*", "2*", "publication-*", "n?", "10*", "de?t"])
NAMES = st.sampled_from(
    [*FIELDS, *SHORT, "custom_fields.journal\\:journal.title", "metadata.languages.title.en", "nosuch.x"]
)
ENDS = st.sampled_from(["2002", "2003-02", "2010-06-01", "2024", "*", "a", "m", "rain", "z", "1", "0"])
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(lambda found: '"' + " ".join(found) + '"')
RANGES = st.builds(
    lambda low, high, left, right: f"{left}{low} TO {high}{right}",
    ENDS, ENDS, st.sampled_from("[{"), st.sampled_from("]}"),
)  # fmt: skip
LEAVES = st.one_of(
    WORDS,
    PHRASES,
    PATTERNS,
    st.just("*"),
    st.builds("{}:{}".format, NAMES, st.one_of(WORDS, PHRASES, PATTERNS, RANGES, st.just("*"))),
    st.builds("_exists_:{}".format, NAMES),
    st.builds("{}:{}{}".format, NAMES, st.sampled_from([">", ">=", "<", "<="]), ENDS.filter(lambda end: end != "*")),
)
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {})".format, inner, inner),
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("(+{} {} -{})".format, inner, inner, inner),
        st.builds("(NOT {})".format, inner),
    ),
    max_leaves=6,
)
VIEWERS = st.sampled_from([ANONYMOUS, SYSTEM, READER, Viewer(account="SECRET-READER"), Viewer(account="9")])


@settings(max_examples=300, deadline=None)
@given(TEXTS, VIEWERS, st.booleans())
def test_the_engine_finds_what_the_query_means(
    shelf: tuple[SearchEngine, list[Json]], text: str, viewer: Viewer, all_versions: bool
) -> None:
    engine, documents = shelf
    search = Search(text, size=1000, viewer=viewer, all_versions=all_versions)
    try:
        asked = both(conditions.scope(search), parse(text))
    except InvalidInput:
        with pytest.raises(InvalidInput):
            engine.search(search)
        return
    hits = engine.search(search)
    assert sorted(hits.ids) == sorted(entry["id"] for entry in documents if matches(asked, entry)), asked
    assert hits.total == len(hits.ids)
