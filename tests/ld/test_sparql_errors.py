"""Where a query is wrong, and what would mend it: over what the parser says of it."""

import pytest
from pyoxigraph import Store

from repository.ld.sparql_errors import Problem, explain


def problem(query: str) -> Problem:
    with pytest.raises(SyntaxError) as caught:
        Store().query(query)
    return explain(query, f"The query is not valid SPARQL: {caught.value}")


@pytest.mark.parametrize(
    ("query", "place", "hint"),
    [
        ("SELECT *\nWHERE { ?s ?p }", (2, "WHERE { ?s ?p }", ""), "pattern"),
        ("SELEC ?x", (1, "", "SELEC"), "form"),
        ("PREFIX a: <http://a/> # SELECT\nFIND ?x", (2, "", "FIND"), "form"),
        ("\nPREFIX a: <http://a/>\n BASE <http://b/>  drop all", (3, " BASE <http://b/>  ", "drop"), "update"),
        ("# a note\nPREFIX a: <http://a/>\ninsert DATA { a:a a:b a:c }", None, "update"),
        ("DROP ALL", None, "update"),
        ("SELECT * { ?s ?p ?o", (1, "SELECT * { ?s ?p ?o", ""), "open"),
        ("SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b }", None, "group"),
        ("SELECT * { ?s <no iri> ?o }", None, "iri"),
        ("ASK {\n?s příliš:žluťoučký ?o }", (2, "?s ", "příliš:žluťoučký"), "prefix"),
    ],
)
def test_a_place_and_a_way_out(query: str, place: tuple[int, str, str] | None, hint: str) -> None:
    found = problem(query)
    assert found.hint == hint
    assert found.line >= 1
    assert found.before + found.marked + found.after == query.split("\n")[found.line - 1]
    assert len(found.before) == found.column - 1
    if place:
        assert (found.line, found.before, found.marked) == place


def test_the_line_that_is_missing_is_told() -> None:
    assert problem("SELECT ?x { ?x dct:title ?t }").prefix == "PREFIX dct: <http://purl.org/dc/terms/>"
    assert problem("SELECT ?x { ?x mine:title ?t }").prefix == "mine:"


def test_a_long_line_is_shown_around_the_place() -> None:
    found = problem(f"SELECT * {{ ?s ?p '{'x' * 500}' . ?s !! ?o . ?s ?p '{'y' * 500}' }}")
    assert (len(found.before), found.marked, len(found.after)) == (60, " ", 60)
    assert found.before.endswith("?s !! ?o")


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("The query took longer than 10 seconds and was stopped.", "less"),
        ("The query needs more memory than a query may take.", "less"),
        ("SERVICE is not allowed: this endpoint asks no other.", "service"),
        ("The query is not UTF-8.", ""),
    ],
)
def test_of_other_mistakes_no_place_is_known(message: str, hint: str) -> None:
    assert explain("ASK {}", message) == Problem(hint=hint)
