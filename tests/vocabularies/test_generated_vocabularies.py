"""The generated files are what the generator makes of its sources.

Languages and licences come from packages that move on, so of them only what must not change is compared.
"""

from pathlib import Path

import pytest

from repository import vocabularies
from repository.vocabularies import generate


def test_licences_are_those_that_inveniordm_knows(shared: Path) -> None:
    made = {term["id"]: term for term in generate.licenses(shared / "corpus" / "vocab" / "invenio-rdm")}
    shipped = {term["id"]: term for term in vocabularies.load("licenses")}
    assert made.keys() == shipped.keys()
    for name in ("cc-by-4.0", "mit", "cc0-1.0", "odbl-1.0"):
        assert made[name] == shipped[name]
    assert "sofware" not in {tag for term in made.values() for tag in term["tags"]}


def test_languages_are_those_of_iso_639_3() -> None:
    made = {term["id"]: term for term in generate.languages()}
    shipped = {term["id"]: term for term in vocabularies.load("languages")}
    assert len(shipped.keys() & made.keys()) > 7800
    for code in ("ces", "eng", "ell", "ara", "zxx"):
        assert made[code] == shipped[code]


def test_programming_languages_are_up_to_date(shared: Path) -> None:
    made = list(generate.programming_languages(shared / "corpus" / "vocab" / "invenio-rdm"))
    assert made == list(vocabularies.load("code:programmingLanguages"))
    assert {"python", "r", "c++"} <= {term["id"] for term in made}


def test_organisations_are_up_to_date(shared: Path) -> None:
    found = sorted(
        generate.organisations(shared / "corpus" / "vocab" / "ror_orgs.jsonl.gz"),
        key=lambda organisation: str(organisation["id"]),
    )
    assert list(generate.affiliations(found)) == list(vocabularies.load("affiliations"))
    assert [term for term in found if "funder" in term["types"]] == list(vocabularies.load("funders"))


@pytest.mark.parametrize(
    ("licence", "title"),
    [
        ("cc-by-4.0", "Creative Commons Uveďte původ 4.0 Mezinárodní"),
        ("cc-by-nc-nd-2.5", "Creative Commons Uveďte původ-Neužívejte komerčně-Nezpracovávejte 2.5"),
        ("cc-by-3.0-at", "Creative Commons Uveďte původ 3.0 Rakousko"),
    ],
)
def test_creative_commons_licences_get_czech_titles(licence: str, title: str) -> None:
    titles = {term["id"]: term["title"] for term in vocabularies.load("licenses")}
    assert titles[licence]["cs"] == title
