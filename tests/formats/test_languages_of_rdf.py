"""Languages of records by the EU's list, and by Lexvo where that has none."""

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from snapshots import SITE, minimal, with_metadata

from repository import vocabularies
from repository.formats.languages import EU_FURTHER
from repository.formats.rdf import triples

LISTED = "http://publications.europa.eu/resource/authority/language/"


@pytest.fixture(scope="module")
def two_letters() -> dict[str, str]:
    """Code of ISO 639-3 → two-letter code, empty where there is none."""
    return {term["id"]: term["props"].get("alpha_2", "") for term in vocabularies.load("languages")}


@pytest.mark.parametrize(
    ("code", "iri"),
    [
        ("ces", LISTED + "CES"),
        ("cmn", LISTED + "CMN"),
        ("hsb", LISTED + "HSB"),
        ("mul", LISTED + "MUL"),
        ("arz", "http://lexvo.org/id/iso639-3/arz"),
    ],
)
def test_a_language_is_named_by_the_eu_s_list_as_far_as_it_goes(
    two_letters: dict[str, str], code: str, iri: str
) -> None:
    record = with_metadata(minimal(), languages=[{"id": code, "title": {"en": code}}])
    props = {"languages": {code: {"alpha_2": two_letters[code]}}}
    graph = triples(minimal(metadata=record.metadata, props=props), SITE)
    told = [each.object for each in graph if each.predicate.value == "http://purl.org/dc/terms/language"]
    assert told == [NamedNode(iri)]


def test_what_is_said_of_the_eu_s_list_is_so(shared: Path, two_letters: dict[str, str]) -> None:
    """Of the list there is at hand what CCMM takes from it: those with a code of two letters, but for Bambara."""
    text = (shared / "corpus" / "vocab" / "ccmm" / "ccmm_languages_primary.yaml").read_text(encoding="utf-8")
    listed = set(re.findall(rf"^ +iri: {LISTED}([A-Z]{{3}})$", text, re.MULTILINE))
    assert {code.upper() for code, alpha_2 in two_letters.items() if alpha_2} - listed == {"BAM"}
    assert not any(two_letters[code] for code in EU_FURTHER)
