"""A query finds the same records with no engine as with one: sets need none."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_parts import term

from repository.errors import InvalidInput
from repository.records.queries import parse
from repository.records.query_matching import matches
from repository.records.query_terms import Terms
from repository.records.query_tree import Phrase
from repository.records.sets import read_query
from repository.records.snapshot import Snapshot
from repository.records.visibility import SYSTEM
from repository.search.documents import document
from repository.search.engine import Search, SearchEngine
from tests.search import meaning, test_search_corpus, test_search_meaning
from tests.search.kit import indexed

LICENCES = ("cc-by-4.0", "cc0-1.0", "mit", "Own terms of the harbour")
LANGUAGES = (("eng", "English"), ("ces", "Czech"), ("deu", "German"))
STATUSES = ("open", "restricted", "metadata-only", "embargoed")


@dataclass(frozen=True)
class Shelf:
    engine: SearchEngine
    states: list[Snapshot] = dataclasses.field(repr=False)


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Real records, with licences, languages, access and communities dealt out to them."""
    with (shared / "corpus" / "bulk.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for number, line in enumerate(lines) if number % 40 == 0]
    states = [_dealt(number, test_search_corpus._state(number, row)) for number, row in enumerate(rows)]
    with indexed(test_search_corpus.KIT, tmp_path_factory.mktemp("matching"), states) as (_index, engine):
        yield Shelf(engine, states)


def _dealt(number: int, state: Snapshot) -> Snapshot:
    licence, language = LICENCES[number % 4], LANGUAGES[number % 3]
    metadata = {
        **state.metadata,
        "rights": [{"id": licence} if " " not in licence else {"title": {"en": licence}}],
        "languages": [term(*language)] if number % 5 else [],
    }
    parent = {**state.parent, "communities": {"ids": [f"c{number % 7}"]} if number % 2 else {}}
    access = {**state.access, "status": STATUSES[number % 4]}
    return dataclasses.replace(state, metadata=metadata, parent=parent, access=access)


def found(shelf: Shelf, text: str) -> list[str]:
    return sorted(shelf.engine.search(Search(text, size=1000, viewer=SYSTEM, all_versions=True, facets=False)).ids)


YEARS = st.sampled_from(["1990", "2005", "2012-03", "2015", "2020", "2020-06-15", "2024", "*"])
NAMED = st.sampled_from(["type", "resource_type", "metadata.resource_type.id"])
VALUES = {
    "type": ["dataset", "publication", "publication-article", "software", "image-photo", "public*", "d*t", "nosuch"],
    "community": ["c1", "C3", "c*", "nosuch"],
    "subject": ["model", "Data", "climate", '"machine learning"', "e-learning", "bio*", "a?t", "é", "the"],
    "licence": ["cc-by-4.0", "CC0-1.0", "mit", '"own terms"', "harbour", "cc*"],
    "access": ["open", "restricted", "metadata-only", "embargoed", "op*"],
    "publisher": ["Zenodo", "university", "press", '"for computational"', "uni*", "de"],
    "language": ["eng", "ces", "German", "engl*", "nosuch"],
}
OTHER_NAMES = {
    "type": ["type", "resource_type", "metadata.resource_type.id", "metadata.resource_type.props.type"],
    "community": ["community", "parent.communities.ids"],
    "subject": ["subject", "keyword", "metadata.subjects.subject"],
    "licence": ["licence", "license", "metadata.rights.id", "metadata.rights.title.en"],
    "access": ["access", "access_status", "access.status"],
    "publisher": ["publisher", "metadata.publisher"],
    "language": ["language", "metadata.languages.id", "metadata.languages.title"],
}
BOUNDS = st.sampled_from(["a", "c", "d", "m", "p", "z", "*"])


def _leaves(field: str) -> st.SearchStrategy[str]:
    names, values = st.sampled_from(OTHER_NAMES[field]), st.sampled_from(VALUES[field])
    return st.one_of(
        st.builds("{}:{}".format, names, values),
        st.builds("{}:*".format, names),
        st.builds("_exists_:{}".format, names),
        st.builds("{}:{}{} TO {}{}".format, names, st.sampled_from("[{"), BOUNDS, BOUNDS, st.sampled_from("]}")),
        st.builds("{}:({} {})".format, names, values, values),
    )


DATES = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["year", "date", "publication_date"]), YEARS),
    st.builds("year:{}{} TO {}{}".format, st.sampled_from("[{"), YEARS, YEARS, st.sampled_from("]}")),
    st.builds("year:{}{}".format, st.sampled_from([">", ">=", "<", "<="]), YEARS.filter(lambda year: year != "*")),
)
QUERIES = st.recursive(
    st.one_of(DATES, *map(_leaves, VALUES), st.just("*")),
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("({} {})".format, inner, inner),
        st.builds("(+{} {} -{})".format, inner, inner, inner),
        st.builds("(NOT {})".format, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=250, deadline=None)
@given(QUERIES)
def test_queries_of_sets_find_what_the_engine_finds_among_real_records(corpus: Shelf, text: str) -> None:
    node = read_query(text)
    assert sorted(state.id for state in corpus.states if matches(node, Terms(state))) == found(corpus, text)


@pytest.mark.parametrize(
    "text", ["type:publication-article", "subject:model", "year:2020", "access:open", "licence:mit"]
)
def test_the_corpus_has_records_for_the_fields(corpus: Shelf, text: str) -> None:
    """Else the agreement would be about nothing."""
    assert 0 < len(found(corpus, text)) < len(corpus.states)


STATES = [state for state in test_search_meaning.states() if state.state == "published"]


@settings(max_examples=400, deadline=None)
@given(test_search_meaning.TEXTS)
def test_any_query_means_without_an_engine_what_engines_are_held_to(text: str) -> None:
    """Every field and every kind of leaf, of which sets use some."""
    try:
        node = parse(text)
    except InvalidInput:
        return
    for state in STATES:
        assert matches(node, Terms(state)) == meaning.matches(node, document(state, 1)), node


def test_slop_is_for_engines_only() -> None:
    with pytest.raises(ValueError, match="slop"):
        matches(Phrase("metadata.title", "a b", 2), Terms(STATES[0]))
