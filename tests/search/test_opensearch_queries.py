"""What is sent to OpenSearch: where it is, and that no text of a user is handed over to be parsed there."""

from collections.abc import Iterator
from typing import Any

import pytest

from repository.errors import WrongSetting
from repository.records.queries import parse
from repository.search.engines import open_engine, open_projection
from repository.search.opensearch_client import place
from repository.search.opensearch_queries import condition, ranking
from repository.search.opensearch_schema import row
from tests.search.rules_finding import FORMS, QUERIES

COMPARING = {"match_all", "match_none", "term", "terms", "match_phrase", "prefix", "wildcard", "range"}
COMBINING = {"bool", "constant_score", "dis_max"}
HOSTILE = (
    'x" OR _exists_:secret', "query_string", '{"query_string":{"query":"*"}}', "a:b:c AND (", "wor*d?", r"w\*rd",
    "title:[a TO b}", 'title:"a b"~3', "-x", "NOT y", "created:>2020", "year:2020", "*",
)  # fmt: skip


def kinds(query: Any) -> Iterator[str]:
    """Of a query and those in it."""
    [(kind, value)] = query.items()
    yield kind
    inner = value if isinstance(value, dict) else {}
    for name in ("must", "must_not", "should", "filter", "queries"):
        found = inner.get(name, ()) if kind in COMBINING else ()
        for part in [found] if isinstance(found, dict) else found:
            yield from kinds(part)


@pytest.mark.parametrize("text", [*HOSTILE, *(text for text, _want in (*QUERIES, *FORMS))])
def test_only_query_objects_that_parse_nothing_are_sent(text: str) -> None:
    node = parse(text)
    assert set(kinds(ranking(node))) | set(kinds(condition(node))) <= COMPARING | COMBINING


def test_what_is_escaped_in_a_pattern_stays_escaped() -> None:
    asked = ranking(parse(r"pids.doi.identifier:10.1\*a\?b\\c*d"))
    assert asked == {"wildcard": {"values": {"value": r"pids.doi.identifier=10.1\*a\?b\\c*d"}}}
    asked = ranking(parse(r"pids.doi.identifier:10.1\*a\?b\\c*"))
    assert asked == {"prefix": {"values": {"value": "pids.doi.identifier=10.1*a?b\\c"}}}


def test_a_setting_names_host_prefix_and_account() -> None:
    found = place("opensearch+https://reader:p%40ss@search.example.org/colophon")
    assert (found.host, found.port, found.tls, found.prefix) == ("search.example.org", 9200, True, "colophon")
    assert found.user == ("reader", "p@ss")
    assert "p@ss" not in repr(found)
    assert place("opensearch://[::1]:9201/a_b-1").port == 9201


@pytest.mark.parametrize(
    "setting",
    [
        "opensearch://host:9200", "opensearch://host:9200/", "opensearch://host:9200/Upper", "opensearch:///prefix",
        "opensearch://host:9200/a/b", "opensearch://host:9200/-a", "opensearch://host:99999/a", "opensearch://h/a.b",
    ],
)  # fmt: skip
def test_a_setting_without_a_usable_prefix_is_wrong(setting: str) -> None:
    for opened in (open_engine, open_projection):
        with pytest.raises(WrongSetting):
            opened(setting)


@pytest.mark.parametrize("number", ["yesterday", 2**63, True, 1.5, None])
def test_what_the_engine_would_refuse_is_refused_before_a_batch_is_sent(number: object) -> None:
    with pytest.raises(ValueError, match="created"):
        row(
            {"id": "1", "position": 1, "exact": {}, "present": [], "identifiers": [], "words": {}, "days": {},
             "numbers": {"created": number}, "facets": {}}
            | {name: [] for name in ("everything", "title", "names", "stems", "title_stems")}
        )  # fmt: skip
