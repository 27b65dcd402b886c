"""Text, IRIs, dates, geometries and containers as the formats see them."""

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from record_parts import file_entry, files
from snapshots import files_closed, full, many_files, minimal, with_files

from repository.formats import xml_text
from repository.formats.containers import containers
from repository.formats.dates import bounds, datatype, year
from repository.formats.files import listed_files
from repository.formats.geometry import box, nested_positions
from repository.formats.iris import agent_iri, clean_iri, identifier_iri, organisation_iri
from repository.formats.text import clean, english, plain, plain_title

ANY_URI = etree.XMLSchema(
    etree.fromstring(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="iri" type="xs:anyURI"/></xs:schema>'
    )
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>One</p><p>two &amp; three</p>", "One\ntwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ('<a href="https://example.org/?a=1&amp;b=2">link</a>', "link"),
        ("1 &lt; 2 &gt; 0", "1 < 2 > 0"),
        (
            "<table><thead><tr><th>section</th><th>depth</th></tr></thead><tr><td>A</td><td>1 m</td></tr></table>",
            "section depth\nA 1 m",
        ),
        ("x<sub>2</sub>", "x2"),
        ("above<hr>below<hr/>end", "above\nbelow\nend"),
        ("<section>One</section><section>two</section>", "One\ntwo"),
        ("<figure>Rain<figcaption>in May</figcaption></figure>", "Rain\nin May"),
        (
            "<table><caption>Depths</caption><tbody><tr><td>A</td></tr></tbody><tfoot><tr><td>B</td></tr></tfoot></table>",
            "Depths\nA\nB",
        ),
        ("one</br>two", "one\ntwo"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(html: str, text: str) -> None:
    assert plain(html) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("<i>Drosophila</i> in H<sub>2</sub>O", "Drosophila in H2O"),
        ("a < b and c > d", "a < b and c > d"),
        ("<script> as a word & more", "<script> as a word & more"),
        ("<jats:italic>X</jats:italic>", "X"),
        ("Rain<br/>over the harbour", "Rain over the harbour"),
        ("<p>Rain</p> <p>again</p>", "Rain again"),
        ("Rain<jats:p>again</jats:p>", "Rain again"),
    ],
)
def test_titles_lose_inline_markup_only(title: str, text: str) -> None:
    assert plain_title(title) == text


@given(st.text())
def test_cleaned_text_can_stand_in_xml(text: str) -> None:
    root = etree.Element("a")
    root.text = clean(text)
    assert etree.tostring(root)


@given(st.text())
def test_documents_are_well_formed_whatever_the_text(text: str) -> None:
    name = xml_text.attribute("b", text)
    data = xml_text.document(f"<a{name}>{xml_text.escape(text)}</a>")
    assert etree.fromstring(data).tag == "a"


def test_attributes_survive_quotes_and_are_left_out_when_empty() -> None:
    given_attribute = xml_text.attribute("b", 'x"<&>')
    data = xml_text.document(f"<a{given_attribute}{xml_text.attribute('c', '')}/>")
    assert dict(etree.fromstring(data).attrib) == {"b": 'x"<&>'}


def test_only_language_codes_become_xml_lang() -> None:
    assert xml_text.language("en-GB") == ' xml:lang="en-GB"'
    assert xml_text.language('x" onload="') == xml_text.language("") == ""


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/%zz", "https://example.org/%25zz"),
        ("https://example.org/%E9", "https://example.org/%E9"),
        ("https://example.org/#a#b", "https://example.org/#a%23b"),
        ('https://example.org/?q="<x>"', "https://example.org/?q=%22%3Cx%3E%22"),
        ("https://example.org/déšť", "https://example.org/déšť"),
        ("https://example.org/\u202e", "https://example.org/%E2%80%AE"),
        ("  urn:nbn:de:1  ", "urn:nbn:de:1"),
        ("info:eu-repo/semantics/openAccess", "info:eu-repo/semantics/openAccess"),
        ("no scheme", ""),
        ("https://exa mple.org/", ""),
        ("https://example.org:port/", ""),
        ("https:///path", ""),
        ("JavaScript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("", ""),
    ],
)
def test_links_become_iris_or_nothing(text: str, iri: str) -> None:
    assert clean_iri(text) == iri


@given(st.text() | st.tuples(st.sampled_from(["https://", "http://a/", "urn:", "x:"]), st.text()).map("".join))
def test_whatever_comes_out_is_an_iri_for_rdf_and_for_xml_schema(text: str) -> None:
    iri = clean_iri(text)
    if iri:
        assert pyoxigraph.NamedNode(iri).value == iri
        root = etree.Element("iri")
        root.text = iri
        ANY_URI.assertValid(root)
        assert clean_iri(iri) == iri


@pytest.mark.parametrize(
    ("scheme", "identifier", "iri"),
    [
        ("doi", "10.1234/foo.bar", "https://doi.org/10.1234/foo.bar"),
        ("doi", "https://doi.org/10.1234/a<b>", "https://doi.org/10.1234/a%3Cb%3E"),
        ("doi", "no doi", ""),
        ("orcid", "0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("isni", "0000 0001 2188 4229", "https://isni.org/isni/0000000121884229"),
        ("arxiv", "arXiv:2001.00001", "https://arxiv.org/abs/2001.00001"),
        ("ark", "ark:/12345/x y", "https://n2t.net/ark:/12345/x%20y"),
        ("geonames", "2618425", "https://sws.geonames.org/2618425/"),
        ("handle", "10/a?b#c", "https://hdl.handle.net/10/a%3Fb%23c"),
        ("isbn", "978-3-16-148410-0", "urn:isbn:978-3-16-148410-0"),
        ("url", "example.org", ""),
        ("upc", "123", ""),
        ("orcid", "", ""),
    ],
)
def test_identifiers_lead_to_their_resolvers(scheme: str, identifier: str, iri: str) -> None:
    assert identifier_iri(scheme, identifier) == iri


def test_the_best_identifier_names_an_agent() -> None:
    gnd, orcid = {"scheme": "gnd", "identifier": "1"}, {"scheme": "orcid", "identifier": "0000-0002-1825-0097"}
    assert agent_iri([gnd, orcid]) == "https://orcid.org/0000-0002-1825-0097"
    assert agent_iri([gnd]) == "https://d-nb.info/gnd/1"
    assert agent_iri([]) == agent_iri(None) == agent_iri([{"scheme": "odd", "identifier": "1"}]) == ""


def test_an_id_of_our_own_is_not_taken_for_a_ror() -> None:
    assert organisation_iri({"id": "02ex6cf31"}) == "https://ror.org/02ex6cf31"
    assert organisation_iri({"id": "cern"}) == organisation_iri({"name": "X"}) == ""


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2020", "gYear"),
        ("2020-05", "gYearMonth"),
        ("2020-05-31", "date"),
        ("2020-05-31T10:00:00Z", "dateTime"),
        ("2024-05-01T09:30:00.000000+00:00", "dateTime"),
        ("2020-13", ""),
        ("0000", ""),
        ("some day", ""),
        ("", ""),
    ],
)
def test_single_dates_have_a_type_by_their_form(date: str, expected: str) -> None:
    assert datatype(date) == expected


def test_intervals_have_two_ends_and_a_year() -> None:
    assert bounds("2019/2020-06") == ("2019", "2020-06")
    assert bounds("2019") == ("2019", "2019")
    assert year("2019/2020") == "2019"
    assert year("unknown") == ""


def test_english_comes_first_and_any_language_before_none() -> None:
    assert english({"cs": "déšť", "en": "rain"}) == "rain"
    assert english({"cs": "déšť"}) == "déšť"
    assert english({}) == english(None) == ""


def test_positions_of_any_geometry_are_found_and_impossible_ones_are_not() -> None:
    assert list(nested_positions([[[1, 2], [3, 4, 99]], [[500, 1], [1], ["a", "b"], []]])) == [(1, 2), (3, 4)]
    assert list(nested_positions(None)) == list(nested_positions({"x": 1})) == []
    assert box([(1, 2), (-3, 4)]) == (-3, 2, 1, 4)


def test_containers_cite_journal_book_and_meeting() -> None:
    assert [container.citation for container in containers(full())] == [
        "J. Rain, 12(3), 1–11",
        "Book of rain, 2. ed., Copenhagen, 15–23",
        "Rain conference, 1-3 May 2024, Lund",
    ]
    assert list(containers(minimal())) == []
    assert list(containers(minimal(custom_fields={"journal:journal": {"volume": "1"}}))) == []


def test_numbers_of_pages_are_not_taken_for_a_range() -> None:
    article = minimal(custom_fields={"journal:journal": {"title": "J", "pages": "e-12"}})
    assert next(containers(article)).first_page == "e-12"


def test_listed_files_keep_the_depositor_s_order_and_hide_hidden_ones() -> None:
    assert [entry["key"] for entry in listed_files(with_files())] == ["figure.png", "data/rain 2024.csv"]
    assert listed_files(files_closed()) == listed_files(many_files(1001)) == listed_files(minimal()) == []
    unordered = minimal(access={"record": "public", "files": "public"}, files=files(file_entry("b"), file_entry("a")))
    assert [entry["key"] for entry in listed_files(unordered)] == ["a", "b"]
