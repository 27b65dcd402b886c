"""The page of queries in SPARQL, with a real query service behind it. Nothing in it needs scripts."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from snapshots import full, hostile, minimal

from repository.cli.serve import build_app
from repository.ld.sparql_examples import EXAMPLES
from repository.services.accounts import create_token
from tests.instances import copy_instance, person
from tests.ld.sparql_service import fill, query_service
from tests.site.site_output import parsed, text_of
from tests.site.test_hostile_pages import PAYLOADS, check

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TITLES = "PREFIX dct: <http://purl.org/dc/terms/> SELECT ?s ?title WHERE { ?s dct:title ?title }"


@pytest.fixture(scope="module")
def client(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    instance = copy_instance(instance_template, tmp_path_factory.mktemp("home") / "instance")
    fill(instance.settings, [minimal(1), minimal(2), full(), hostile()])
    person(instance, "reader")
    try:
        with query_service(instance.settings):
            yield build_app(instance).test_client()
    finally:
        instance.close()


def ask(client: FlaskClient, query: str, status: int = 200, **parameters: str) -> Any:
    answer = client.get("/sparql", query_string={"query": query, **parameters}, headers=BROWSER)
    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")
    return check(answer.data)


def table(page: Any) -> list[list[str]]:
    return [[text_of(cell) for cell in row.xpath("th|td")] for row in page.xpath("//table//tr")]


def literal(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08X}" for character in text) + '"'


def test_the_page_has_a_form_and_the_layout_of_the_site(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers=BROWSER)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert "Accept" in answer.vary
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    page = check(answer.data)
    (form,) = page.forms
    assert (form.method, form.action, form.fields["query"].strip()) == ("GET", "/sparql#results", EXAMPLES[0].query)
    assert page.xpath("//link[@rel='stylesheet']")
    assert page.xpath("//header//a[@href='/browse/']")
    assert not page.xpath("//table")
    assert client.get("/sparql?utm_source=x", headers=BROWSER).data == answer.data


def test_every_example_is_a_link_to_its_answer(client: FlaskClient) -> None:
    page = parsed(client.get("/sparql", headers=BROWSER).data)
    for example in EXAMPLES:
        (href,) = page.xpath(f"//main//a[normalize-space(.)='{example.title}']/@href")
        answer = parsed(client.get(href, headers=BROWSER).data)
        assert answer.forms[0].fields["query"].strip() == example.query
        assert answer.xpath("//section[@id='results']")


def test_rows_are_a_table_with_links_languages_and_types(client: FlaskClient) -> None:
    query = """SELECT ?page ?kind ?word ?number ?empty ?day ?blank ?mail WHERE {
        VALUES (?page ?kind ?word ?number ?day ?mail) { (<https://example.org/a?b=1&c=2> <http://www.w3.org/ns/dcat#Dataset>
         "déšť"@cs 12
         "2024-05-01"^^<http://www.w3.org/2001/XMLSchema#date> <mailto:a@example.org>) } BIND(BNODE() AS ?blank) }"""
    page = ask(client, query)
    head, row = table(page)
    assert head == ["page", "kind", "word", "number", "empty", "day", "blank", "mail"]
    assert row[:6] == [
        "https://example.org/a?b=1&c=2", "dcat:Dataset", "déšť @cs", "12 xsd:integer", "", "2024-05-01 xsd:date",
    ]  # fmt: skip
    assert row[6].startswith("_:")
    links = page.xpath("//table//a")
    assert [link.get("href") for link in links] == [
        "https://example.org/a?b=1&c=2",
        "http://www.w3.org/ns/dcat#Dataset",
    ]
    assert links[1].get("title") == "http://www.w3.org/ns/dcat#Dataset"
    assert "1 row " in text_of(page)
    assert "seconds" in text_of(page.xpath("//section[@id='results']")[0])


def test_the_form_keeps_the_query_and_its_dataset(client: FlaskClient) -> None:
    graph = "https://example.org/nothing"
    page = ask(client, f"\n{TITLES}\n", **{"default-graph-uri": graph})
    for form in page.forms:
        assert form.fields["query"].strip() == TITLES
        assert form.fields["default-graph-uri"] == graph
    assert "Nothing was found" in text_of(page)


@pytest.mark.parametrize(
    ("query", "formats"),
    [
        (TITLES, ["json", "xml", "csv", "tsv"]),
        ("ASK {}", ["json", "xml"]),
        ("CONSTRUCT WHERE { ?s ?p ?o }", ["turtle", "n-triples", "rdf-xml", "json-ld"]),
    ],
)
def test_what_is_shown_can_be_had_as_a_file(client: FlaskClient, query: str, formats: list[str]) -> None:
    page = ask(client, query)
    form = page.forms[1]
    buttons = form.xpath(".//button")
    assert [button.get("value") for button in buttons] == formats
    for button in buttons:
        answer = client.get(form.action, query_string={**form.fields, "format": button.get("value")}, headers=BROWSER)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
    if query == TITLES:
        saved = client.get("/sparql", query_string={"query": query, "format": "csv"}, headers=BROWSER)
        assert len(list(csv.reader(io.StringIO(saved.text)))) == len(table(page))


def test_yes_and_no(client: FlaskClient) -> None:
    assert text_of(ask(client, "ASK { ?s ?p ?o }").xpath("//section[@id='results']/p[@class='lead']")[0]) == "Yes"
    assert text_of(ask(client, "ASK { ?s ?s ?s }").xpath("//section[@id='results']/p[@class='lead']")[0]) == "No"


def test_triples_are_shown_as_turtle(client: FlaskClient) -> None:
    page = ask(client, "PREFIX dct: <http://purl.org/dc/terms/> CONSTRUCT WHERE { ?s dct:title ?title }")
    shown = page.xpath("//pre[@class='answer']")[0].text
    assert re.findall(r"@prefix (\w+):", shown) == ["dct"]
    assert "<script>" in shown
    nothing = ask(client, "CONSTRUCT { ?s ?s ?s } WHERE { ?s ?s ?s }")
    assert "There is nothing" in text_of(nothing)


def test_of_many_rows_the_first_are_shown_and_the_page_says_so(client: FlaskClient) -> None:
    digits = " ".join(map(str, range(10)))
    bound = " ".join(f"VALUES ?{name} {{ {digits} }}" for name in "abcd")
    page = ask(client, f"SELECT * {{ {bound} }}")
    assert "10,000 rows" in text_of(page)
    assert "Only the first 500 rows" in text_of(page)
    assert len(table(page)) == 501
    wide = ask(client, f"SELECT * {{ {bound} {' '.join(f'BIND({n} AS ?x{n})' for n in range(96))} }} LIMIT 200")
    assert len(table(wide)) == 101
    assert "Only the first 100 rows" in text_of(wide)
    values = ask(client, f"SELECT * {{ BIND('{'ř' * 5000}' AS ?long) }}")
    assert len(table(values)[1][0]) == 1001
    many = ask(client, f"CONSTRUCT {{ ?s <https://example.org/p> ?x }} {{ {bound} {_NUMBERED} }}")
    assert "Only the beginning is shown" in text_of(many)
    assert len(many.xpath("//pre[@class='answer']")[0].text) <= 100_000


_NUMBERED = "BIND(BNODE() AS ?s) BIND(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d)) AS ?x)"


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("SELECT *\nWHERE { ?s ?p }", 400, "line 2, column 16"),
        ("SELECT ?x { ?x dct:title ?t }", 400, "PREFIX dct: <http://purl.org/dc/terms/>"),
        ("DROP ALL", 400, "Nothing can be changed here"),
        (" ", 400, "The query is missing"),
        ("SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }", 400, "only what is here can be asked"),
        ("ASK {}" + " " * 65_536, 414, "longer than 65536 bytes"),
    ],
)
def test_mistakes_are_told_at_the_form_which_keeps_the_query(
    client: FlaskClient, query: str, status: int, said: str
) -> None:
    page = ask(client, query, status)
    (alert,) = page.xpath("//*[@role='alert']")
    assert said in text_of(alert)
    field = page.xpath("//textarea")[0]
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") == alert.get("id")
    if status == 400:
        assert page.forms[0].fields["query"].strip() == query.strip()


def test_a_mistake_in_what_was_to_be_saved_is_told_on_the_page(client: FlaskClient) -> None:
    assert ask(client, "SELECT", 400, format="csv").xpath("//*[@role='alert']")
    assert ask(client, TITLES, 400, format="doc").xpath("//*[@role='alert']")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_values_stay_values(client: FlaskClient, payload: str) -> None:
    for query in (
        f"SELECT ?x {{ BIND({literal(payload)} AS ?x) }}",
        f"SELECT ?x {{ BIND(STRLANG({literal(payload)}, 'en') AS ?x) }}",
        f"SELECT ?x {{ BIND(STRDT('', IRI(CONCAT('a:', ENCODE_FOR_URI({literal(payload)})))) AS ?x) }}",
        f"SELECT ?x {{ BIND(IRI({literal('javascript:alert(1)')}) AS ?x) }}",
        f"CONSTRUCT {{ <https://example.org/> <https://example.org/> ?x }} {{ BIND({literal(payload)} AS ?x) }}",
        f"CONSTRUCT {{ ?s ?p {literal(payload)} }} {{ ?s ?p ?o }}",
    ):
        page = ask(client, query)
        assert page.xpath("//section[@id='results']")
    shown = text_of(ask(client, f"SELECT ?x {{ BIND({literal(payload)} AS ?x) }}"))
    readable = " ".join("".join(character for character in payload if character.isprintable()).split())
    assert readable in shown
    ask(client, payload, 400)


def test_a_signed_in_reader_sees_it_and_nobody_keeps_the_page(client: FlaskClient) -> None:
    anonymous = client.get("/sparql", headers=BROWSER)
    assert "Sign in" in anonymous.text
    instance = client.application.extensions["colophon"].instance
    headers = {**BROWSER, "Authorization": f"Bearer {create_token(instance, 'reader@example.org')}"}
    personal = client.get("/sparql", headers=headers)
    assert "Sign out" in personal.text
    assert personal.headers["Cache-Control"] == "private, no-store"
