"""Queries that are handed on to a server see public graphs and nothing else, and mean what they meant.

Oxigraph stands for the server: what a restricted query finds in a store with hidden graphs must be what the query as it
was sent finds in a store without them.
"""

from collections.abc import Callable

import pytest
from pyoxigraph import RdfFormat, Store

from repository.ld.query_text import NotAllowed, asks_others, restricted

RECORDS = "https://repository.example.org/records/"
PUBLIC = "".join(
    f'<{RECORDS}{name}> <https://example.org/title> "{name}" {graph} .\n'
    f"<{RECORDS}{name}> <https://example.org/kind> <https://example.org/{kind}> {graph} .\n"
    for name, kind in (("a", "Data"), ("b", "Data"), ("c", "Text"))
    for graph in ("", f"<{RECORDS}{name}>")
)
HIDDEN = "".join(
    f'<{RECORDS}secret> <https://example.org/title> "SECRET" <{graph}> .\n'
    for graph in ("urn:x-colophon:book", "urn:x-arq:UnionGraph", "https://repository.example.org/other")
)


def store_of(content: str) -> Store:
    store = Store()
    store.load(content, RdfFormat.N_QUADS)
    return store


ALL, ONLY_PUBLIC = store_of(PUBLIC + HIDDEN), store_of(PUBLIC)


def found(store: Store, query: str) -> list[str]:
    result = store.query(query)
    return sorted(map(str, result)) if hasattr(result, "__iter__") else [str(bool(result))]


MEANING_KEPT = (
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT DISTINCT ?g { GRAPH ?g {} }",
    "SELECT * { ?s ?p ?o }",
    "select * { graph ?g{?s ?p ?o}filter(?o = 'a') }",
    f"SELECT * {{ GRAPH <{RECORDS}a> {{ ?s ?p ?o }} }}",
    f"PREFIX r: <{RECORDS}> SELECT * {{ ?s ?p ?o . GRAPH r:a {{ ?s ?p ?o }} . ?s ?q ?v }}",
    "SELECT * { <urn:x> ?p ?o OPTIONAL { GRAPH ?g { ?s ?p ?o } FILTER(?g != ?o) } }",
    "SELECT * { ?s <https://example.org/title> ?t OPTIONAL { GRAPH ?g { ?s ?p ?o } FILTER(?t = 'a') } }",
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?s { ?s ?p ?o . FILTER(?o = 'b') } } }",
    "SELECT * { { GRAPH ?g { ?s ?p ?o } } UNION { GRAPH ?h { ?x ?y ?z } } MINUS { GRAPH ?g { ?s ?p 'a' } } }",
    "SELECT * { GRAPH ?g { ?s ?p ?o . { SELECT ?s { GRAPH ?h { ?s ?q 'c' } } } } }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g HAVING(COUNT(*) > 1)",
    "SELECT * { GRAPH ?graph { ?graph ?service '} GRAPH ?g { ' } }",
    "SELECT * { GRAPH # GRAPH ?x { }\n ?g # }\n { ?s ?p ?o # }\n } }",
    "CONSTRUCT { ?s ?p ?g } { GRAPH ?g { ?s ?p ?o } }",
    "CONSTRUCT WHERE { ?s ?p ?o }",
    "ASK { GRAPH ?g { ?s ?p 'SECRET' } }",
    "ASK { GRAPH <urn:x-colophon:book> { ?s ?p ?o } }",
    "SELECT * { GRAPH <urn:x-arq:UnionGraph> { ?s ?p ?o } }",
    "PREFIX c: <urn:x-colophon:> SELECT * { GRAPH c:book { ?s ?p ?o } }",
    f"PREFIX r: <{RECORDS}> SELECT * {{ GRAPH r:a\\,b {{ ?s ?p ?o }} }}",
    "BASE <urn:x-arq:> SELECT * { BIND(IRI('urn:x-colophon:book') AS ?g) GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { VALUES ?g { <urn:x-colophon:book> } GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { GRAPH ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } }",
    'SELECT * { GRAPH ?g { ?s ?p ?o FILTER(?o != """ } " GRAPH """) } }',
    "SELECT * { GRAPH ?g { ?s ?p ?o FILTER(?o = '\\u0061') } }",
    f"SELECT * FROM <{RECORDS}a> FROM NAMED <{RECORDS}b> {{ ?s ?p ?o OPTIONAL {{ GRAPH ?g {{ ?x ?p ?o }} }} }}",
    f"DESCRIBE <{RECORDS}secret>",
)


@pytest.mark.parametrize("query", MEANING_KEPT)
def test_a_query_sees_public_graphs_only_and_means_what_it_meant(query: str) -> None:
    assert found(ALL, restricted(query, RECORDS)) == found(ONLY_PUBLIC, query)


def test_without_the_restriction_hidden_graphs_would_be_seen() -> None:
    query = MEANING_KEPT[0]
    assert "SECRET" in str(found(ALL, query))
    assert len(found(ONLY_PUBLIC, query)) == 6


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <urn:x-colophon:book> { ?s ?p ?o }",
        "SELECT * FROM NAMED <urn:x-arq:UnionGraph> { ?s ?p ?o }",
        "SELECT * from named<file:///etc/passwd>{ ?s ?p ?o }",
        "PREFIX c: <urn:x-colophon:> SELECT * FROM c:book { ?s ?p ?o }",
        "BASE <urn:x-colophon:> SELECT * FROM <book> { ?s ?p ?o }",
        f"SELECT * FROM <{RECORDS}a> FROM <https://example.org/{RECORDS}> {{ ?s ?p ?o }}",
        "SELECT * FROM # <\n <urn:x> { ?s ?p ?o }",
    ],
)
def test_other_graphs_may_not_be_named_as_the_dataset(query: str) -> None:
    ONLY_PUBLIC.query(query)
    with pytest.raises(NotAllowed, match="FROM may name"):
        restricted(query, RECORDS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p '\\u0027 . GRAPH ?g { ?s ?p ?o } BIND(\\u0027' AS ?x) }",
        "SELECT * { ?s ?p ?o } \\u0047RAPH ?g",
        "SELECT * { \\u0047RAPH ?g { ?s ?p ?o } }",
        "SELECT * { GRAPH ?g \\u007B ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o # \\u000A GRAPH ?g { ?s ?p ?o }\n }",
    ],
)
def test_escape_sequences_that_change_the_words_of_a_query_are_refused(query: str) -> None:
    with pytest.raises(NotAllowed, match="Escape sequences"):
        restricted(query, RECORDS)


FOREIGN = "SERVICE <http://127.0.0.1/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    "hide",
    [
        lambda clause: f"SELECT * {{ {clause} }}",
        lambda clause: f"SELECT * {{ {clause.lower()} }}",
        lambda clause: f"SELECT * {{ {clause.replace('S', chr(92) + 'u0053', 1)} }}",
        lambda clause: f"SELECT * {{ {clause.replace('E', chr(92) + 'U00000045')} }}",
        lambda clause: f"PREFIX e: <urn:e> SELECT * {{ ?s e:it\\'s ?o . {clause} ?x e:it\\'s ?y }}",
        lambda clause: f"PREFIX e: <urn:e> SELECT * {{ ?s e:a\\#b ?o . {clause}\n }}",
        lambda clause: f"SELECT * {{ ?s <urn:a#b> ?o . {clause}\n }}",
        lambda clause: f"SELECT * {{ ?s <urn:\\u0061#b> ?o . {clause}\n }}",
        lambda clause: f"SELECT * {{ ?s ?p 'a\\'' . {clause} ?x ?y '' }}",
        lambda clause: f"SELECT * {{ ?s ?p 1 . FILTER(1<2){clause}FILTER(3>2) }}",
        lambda clause: f"SELECT * {{ ?s ?p '\\u0027 . {clause} ?x ?y \\u0027' }}",
        lambda clause: f"SELECT * {{ ?s ?p ?o # \\u000A {clause}\n }}",
        lambda clause: f"SELECT * {{ ?s ?p ?o }} # '\n{clause} # '",
    ],
)
def test_service_is_found_wherever_it_hides(hide: Callable[[str], str]) -> None:
    assert asks_others(hide(FOREIGN))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service ?p 'SERVICE' }",
        "PREFIX service: <https://example.org/SERVICE/> SELECT * { ?s service:SERVICE 'x'@service } # SERVICE",
        'SELECT * { ?s ?p """a " SERVICE """ , \'it\\\'s SERVICE\' }',
    ],
)
def test_what_only_looks_like_service_is_not_taken_for_it(query: str) -> None:
    ONLY_PUBLIC.query(query)
    assert not asks_others(query)
