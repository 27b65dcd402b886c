"""Identifiers: detection, checksums, one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.records import schemes


@pytest.mark.parametrize(
    ("scheme", "given_text", "stored"),
    [
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("orcid", "0000 0002 1694 233x", "0000-0002-1694-233X"),
        ("orcid", "000000021825009 7", "0000-0002-1825-0097"),
        ("ror", "https://ror.org/02ex6cf31", "02ex6cf31"),
        ("doi", "https://doi.org/10.1234/ABC", "10.1234/ABC"),
        ("doi", "doi:10.1234/abc", "10.1234/abc"),
        ("isbn", "9783161484100", "978-3-16-148410-0"),
        ("issn", "12345679", "1234-5679"),
        ("eissn", "1234 5679", "1234-5679"),
        ("arxiv", "arXiv:2001.00001", "arXiv:2001.00001"),
        ("arxiv", "2001.00001v2", "arXiv:2001.00001v2"),
        ("isni", "0000 0001 1456 7559", "0000 0001 1456 7559"),
        ("gnd", "https://d-nb.info/gnd/118540238", "gnd:118540238"),
        ("pmid", "pmid:12345", "12345"),
        ("wikidata", "https://www.wikidata.org/wiki/Q42", "Q42"),
        ("geonames", "https://www.geonames.org/2618425/copenhagen.html", "2618425"),
        ("url", "https://example.org/a b", "https://example.org/a b"),
        ("urn", "urn:nbn:cz:x-1", "urn:nbn:cz:x-1"),
        ("handle", "hdl:20.500.12345/67", "20.500.12345/67"),
        ("other", "anything at all", "anything at all"),
    ],
)
def test_valid_identifiers_get_one_spelling(scheme: str, given_text: str, stored: str) -> None:
    assert schemes.normalize(given_text, scheme) == stored


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("orcid", "0000-0000-0000-0000"), ("orcid", "0000-0002-1825-0098"), ("orcid", "٠٠٠٠-٠٠٠٢-١٨٢٥-٠٠٩٧"),
        ("ror", "02ex6cf32"), ("ror", "02ex6cf3"), ("doi", "not a doi"), ("doi", "10.12/x"),
        ("isbn", "978-3-16-148410-1"), ("issn", "1234-5678"), ("isni", "0000 0001 1456 7558"), ("pmid", "x"),
        ("ean13", "4006381333932"),
        ("url", "javascript://example.org/%0aalert(1)"), ("url", "data:text/html,x"), ("url", "example.org"),
        ("url", "http://["), ("ark", "http://["), ("purl", "https://example.org/x"), ("other", ""), ("nosuch", "1"),
        ("url", "https://example.org/" + "a" * 3000),
    ],
)  # fmt: skip
def test_wrong_checksums_and_dangerous_urls_are_refused(scheme: str, text: str) -> None:
    assert not schemes.is_valid(text, scheme)


@pytest.mark.parametrize(
    ("text", "allowed", "scheme"),
    [
        ("0000-0001-5109-3700", schemes.PERSON, "orcid"),
        ("0000 0001 1456 7559", schemes.PERSON, "isni"),
        ("https://ror.org/02ex6cf31", schemes.PERSON, "ror"),
        ("gnd:118540238", schemes.PERSON, "gnd"),
        ("arXiv:2001.00001", schemes.RECORD, "arxiv"),
        ("https://example.org/related", schemes.RECORD, "url"),
        ("https://doi.org/10.1234/a", schemes.RECORD, "doi"),
        ("978-3-16-148410-0", schemes.RECORD, "isbn"),
        ("grid.202665.5", schemes.RECORD, "grid"),
        ("2618425", schemes.LOCATION, "geonames"),
        ("Q42", schemes.LOCATION, "wikidata"),
        ("10.1234/a", schemes.PERSON, None),
        ("javascript://example.org/x", schemes.RECORD, None),
        ("zzz", schemes.RECORD, None),
        ("http://[", schemes.RECORD, None),
        ("", schemes.RECORD, None),
    ],
)
def test_schemes_are_detected_among_those_allowed(text: str, allowed: tuple[str, ...], scheme: str | None) -> None:
    assert schemes.detect(text, allowed) == scheme


@given(st.one_of(st.text(max_size=20), st.from_regex(r"(urn:|hdl:|https?://|10\.)?[\w./:\[\]-]{1,20}", fullmatch=True)))
def test_one_spelling_stays_and_any_text_can_be_asked_about(text: str) -> None:
    for scheme in schemes.SCHEMES:
        normal = schemes.normalize(text, scheme)
        assert normal is None or schemes.normalize(normal, scheme) == normal
    detected = schemes.detect(text)
    assert detected is None or schemes.is_valid(text, detected)
