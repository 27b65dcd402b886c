"""CSL-JSON, BibTeX and RIS: for reference managers, read back by other people's parsers."""

from typing import Any

import bibtexparser
import orjson
import pytest
import rispy
from bibtexparser.model import Entry
from csl_rules import KNOWN_TYPES, faults
from hypothesis import given, settings
from record_parts import organisation, person, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, files_closed, full, hostile, minimal, with_metadata

from repository import vocabularies
from repository.formats import bibtex, csl_json, ris
from repository.formats.csl import TYPES, item
from repository.formats.text import one_line, plain_title
from repository.records.snapshot import Json, Snapshot

pytestmark = pytest.mark.long

SIGNS = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    **{f"\\{sign}": sign for sign in "$&%#_"},
}


def csl(snapshot: Snapshot) -> Json:
    found: Json = orjson.loads(csl_json.write(snapshot, SITE))
    return found


def entry(snapshot: Snapshot) -> Entry:
    """The one entry of a record's BibTeX; an entry that ends too early or too late is a failed block."""
    library = bibtexparser.parse_string(bibtex.write(snapshot, SITE).decode())
    assert library.failed_blocks == []
    assert len(library.blocks) == 1
    return library.entries[0]


def bib(snapshot: Snapshot) -> dict[str, str]:
    return {field.key: str(field.value) for field in entry(snapshot).fields}


def ris_entry(snapshot: Snapshot) -> Json:
    (found,) = rispy.loads(ris.write(snapshot, SITE).decode())
    return dict(found)


def as_printed(value: str) -> str:
    """What TeX prints of an escaped text."""
    printed, position = "", 0
    while position < len(value):
        sign = next((sign for sign in SIGNS if value.startswith(sign, position)), value[position])
        printed += SIGNS.get(sign, sign)
        position += len(sign)
    return printed


def of_kind(csl_type: str, **fields: Any) -> Snapshot:
    """A record of a type, with custom fields."""
    props = {"resourcetypes": {"some": {"csl": csl_type}}}
    record = minimal(props=props, custom_fields=fields)
    return with_metadata(record, resource_type=term("some", "Some"), publisher="Harbour Press")


def test_types_are_those_of_csl_and_shipped_resource_types_have_one() -> None:
    assert TYPES == KNOWN_TYPES
    assert {resource_type["props"]["csl"] for resource_type in vocabularies.load("resourcetypes")} <= KNOWN_TYPES


@pytest.mark.parametrize("make", [minimal, full, hostile, files_closed])
def test_an_item_keeps_the_rules_of_csl(make: Any) -> None:
    assert faults(csl(make())) == []


@settings(max_examples=50, deadline=None)
@given(any_snapshot())
def test_any_record_can_be_read_back_from_each(snapshot: Snapshot) -> None:
    assert faults(csl(snapshot)) == []
    assert entry(snapshot).key.endswith(snapshot.id)
    assert ris_entry(snapshot)["id"] == snapshot.id


def test_an_item_tells_what_a_work_is_and_where_it_appeared() -> None:
    found = csl(full())
    assert (found["type"], found["container-title"], found["page"]) == ("article-journal", "J. Rain", "1-11")
    assert found["issued"] == {"date-parts": [[2020, 1], [2020, 6]]}
    assert found["author"][:2] == [{"family": "Carberry", "given": "Josiah"}, {"literal": "Harbour Institute"}]
    assert found["title"] == "Rain over the harbour: 1 < 2 & déšť"
    assert (found["event-title"], found["language"]) == ("Rain conference", "en")
    assert "edition" not in found, "the imprint is of a book that the article is in as well"


def test_a_chapter_is_in_its_book_and_an_article_in_its_journal() -> None:
    fields = {name: full().custom_fields[name] for name in ("journal:journal", "imprint:imprint")}
    assert csl(of_kind("chapter", **fields))["container-title"] == "Book of rain"
    assert csl(of_kind("article-journal", **fields))["container-title"] == "J. Rain"


def test_a_thesis_is_published_by_its_university() -> None:
    thesis = of_kind("thesis", **{"thesis:thesis": {"university": "University of Rain", "type": "Master's thesis"}})
    assert (csl(thesis)["publisher"], csl(thesis)["genre"]) == ("University of Rain", "Master's thesis")
    assert entry(thesis).entry_type == "mastersthesis"
    assert bib(thesis)["school"] == "University of Rain"
    assert ris_entry(thesis)["type_of_reference"] == "THES"


@pytest.mark.parametrize(
    ("csl_type", "bundle", "expected"),
    [
        ("article-journal", {"journal:journal": {"title": "J. Rain"}}, "article"),
        ("article-journal", {}, "misc"),
        ("chapter", {"imprint:imprint": {"title": "Book of rain"}}, "incollection"),
        ("paper-conference", {"meeting:meeting": {"title": "Rain conference"}}, "inproceedings"),
        ("book", {}, "book"),
        ("report", {}, "techreport"),
        ("thesis", {}, "phdthesis"),
        ("software", {}, "software"),
        ("dataset", {}, "dataset"),
        ("song", {}, "misc"),
        ("unheard of", {}, "misc"),
    ],
)
def test_an_entry_has_a_type_whose_required_fields_it_has(csl_type: str, bundle: Json, expected: str) -> None:
    assert entry(of_kind(csl_type, **bundle)).entry_type == expected


def test_bibtex_of_a_full_record() -> None:
    found = bib(full())
    assert found["author"] == "Carberry, Josiah and {Harbour Institute} and نجيب, محفوظ"
    assert (found["year"], found["month"], found["pages"]) == ("2020", "jan", "1--11")
    assert found["title"] == r"Rain over the harbour: 1 < 2 \& déšť"
    assert entry(full()).key == f"carberry_2020_{full().id}"


def test_names_that_bibtex_would_take_apart_are_held_together() -> None:
    creators = [person("Holm and Son", "Ada"), organisation("Rain, Wind and Snow"), person("Berg", "Eva, Jr.")]
    found = bib(with_metadata(minimal(), creators=creators))["author"]
    assert found == "{Holm and Son}, Ada and {Rain, Wind and Snow} and Berg, {Eva, Jr.}"


def test_hostile_texts_come_back_as_they_were() -> None:
    snapshot = hostile()
    title = one_line(plain_title(snapshot.title))
    assert as_printed(bib(snapshot)["title"]) == title
    assert as_printed(bib(snapshot)["abstract"]) == one_line(item(snapshot, SITE)["abstract"])
    assert ris_entry(snapshot)["title"] == title
    assert csl(snapshot)["title"] == title
    assert "</script>" in title
    assert "\u202e" in title


@pytest.mark.parametrize(
    "title",
    [
        "}, author = {Nobody",
        "@article{other, title = {x}}",
        "a { b",
        "a } b",
        "\\",
        "\\}",
        '"quoted", # and 100 % of $5_x ^~',
        "@",
        "x @comment{y}",
        "a\nER  - \r\nTY  - JOUR\u2028AU  - Nobody\x85X\x1eY",
    ],
)
def test_no_title_ends_its_field(title: str) -> None:
    snapshot = with_metadata(
        minimal(), title=title, publisher=title, creators=[organisation(title), person(title, title)]
    )
    assert as_printed(bib(snapshot)["title"]) == one_line(title)
    assert as_printed(bib(snapshot)["publisher"]) == one_line(title)
    assert set(bib(snapshot)) == {"author", "title", "publisher", "year", "month", "url"}
    found = ris_entry(snapshot)
    assert (found["title"], found["type_of_reference"]) == (one_line(title), "DATA")
    assert found["authors"][0] == one_line(title)
    assert len(found["authors"]) == 2


def test_a_doi_with_braces_is_left_to_the_address() -> None:
    found = bib(minimal(pids={"doi": {"identifier": "10.1234/a{b", "provider": "external"}}))
    assert "doi" not in found
    assert found["url"] == "https://doi.org/10.1234/a%7Bb"
    plain = bib(minimal(pids={"doi": {"identifier": "10.1234/a_b%3c", "provider": "external"}}))
    assert plain["doi"] == "10.1234/a_b%3c"


def test_ris_of_a_full_record() -> None:
    found = ris_entry(full())
    assert (found["type_of_reference"], found["secondary_title"], found["year"]) == ("JOUR", "J. Rain", "2020")
    assert (found["start_page"], found["end_page"], found["volume"]) == ("1", "11", "12")
    assert found["keywords"] == ["Rain", "harbour", "déšť"]
    assert found["doi"] == full().doi
    lines = ris.write(full(), SITE).split(b"\r\n")
    assert (lines[0], lines[-2:]) == (b"TY  - JOUR", [b"ER  - ", b""])
    assert not any(b"\n" in line for line in lines)


@pytest.mark.parametrize(
    ("date", "written"), [("2020", "2020///"), ("2020-05", "2020/05//"), ("0987-05-31", "0987/05/31/")]
)
def test_dates_of_ris_leave_empty_what_is_not_known(date: str, written: str) -> None:
    assert ris_entry(with_metadata(minimal(), publication_date=date))["date"] == written


def test_several_records_make_one_document() -> None:
    several = [minimal(1), full(2), hostile(3)]
    ids = [record.id for record in several]
    assert [found["id"] for found in orjson.loads(csl_json.write_list(several, SITE))] == ids
    library = bibtexparser.parse_string(bibtex.write_list(several, SITE).decode())
    assert [found.key.rpartition("_")[2] for found in library.entries] == ids
    assert [found["id"] for found in rispy.loads(ris.write_list(several, SITE).decode())] == ids
