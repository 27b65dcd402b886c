"""DataCite JSON in its dialects → the record's body."""

from collections.abc import Callable
from typing import Any

import pytest

from repository.errors import FieldError
from repository.records.deposit import Deposit, Refusal
from tests.formats_reading.samples import ORCID, ROR, datacite, metadata, notes

ReadOne = Callable[..., Deposit]
Read = Callable[..., list[Deposit | Refusal]]


WHOLE = datacite(
    creators=[
        {
            "name": "Carberry, Josiah",
            "nameType": "Personal",
            "givenName": "Josiah",
            "familyName": "Carberry",
            "nameIdentifiers": [
                {
                    "nameIdentifier": f"https://orcid.org/{ORCID}",
                    "nameIdentifierScheme": "ORCID",
                    "schemeUri": "https://orcid.org",
                }
            ],
            "affiliation": [
                {
                    "name": "Brown University of Rain",
                    "affiliationIdentifier": f"https://ror.org/{ROR}",
                    "affiliationIdentifierScheme": "ROR",
                }
            ],
        }
    ],
    contributors=[{"name": "Harbour Office", "nameType": "Organizational", "contributorType": "Sponsor"}],
    titles=[
        {"title": "Rain in the harbour"},
        {"title": "Déšť", "titleType": "TranslatedTitle", "lang": "cs"},
    ],
    descriptions=[
        {"description": "Drops, <i>counted</i>", "descriptionType": "Abstract"},
        {"description": "By hand", "descriptionType": "Methods", "lang": "en"},
    ],
    dates=[{"date": "2020-05-01", "dateType": "Issued"}, {"date": "2019/2020", "dateType": "Collected"}],
    language="en",
    subjects=[{"subject": "rain"}],
    sizes=["2 GB"],
    formats=["text/csv"],
    version="1.1",
    rightsList=[{"rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode"}],
    relatedIdentifiers=[
        {
            "relatedIdentifier": "https://doi.org/10.1234/storm",
            "relatedIdentifierType": "DOI",
            "relationType": "IsSupplementTo",
            "resourceTypeGeneral": "JournalArticle",
        }
    ],
    alternateIdentifiers=[{"alternateIdentifier": "https://harbour.example/1", "alternateIdentifierType": "URL"}],
    fundingReferences=[{"funderName": "Rain Council", "awardNumber": "R-1", "awardTitle": "Wet"}],
)
WHOLE_BODY = {
    "resource_type": {"id": "dataset"},
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Carberry",
                "given_name": "Josiah",
                "name": "Carberry, Josiah",
                "identifiers": [{"scheme": "orcid", "identifier": ORCID}],
            },
            "affiliations": [{"id": ROR, "name": "Brown University of Rain"}],
        }
    ],
    "contributors": [
        {"person_or_org": {"type": "organizational", "name": "Harbour Office"}, "role": {"id": "sponsor"}}
    ],
    "title": "Rain in the harbour",
    "additional_titles": [{"title": "Déšť", "type": {"id": "translated-title"}, "lang": {"id": "ces"}}],
    "description": "Drops, <i>counted</i>",
    "additional_descriptions": [
        {"description": "By hand", "type": {"id": "methods"}, "lang": {"id": "eng"}},
    ],
    "publisher": "Harbour Institute",
    "publication_date": "2020-05-01",
    "dates": [{"date": "2019/2020", "type": {"id": "collected"}}],
    "languages": [{"id": "eng"}],
    "subjects": [{"subject": "rain"}],
    "sizes": ["2 GB"],
    "formats": ["text/csv"],
    "version": "1.1",
    "rights": [{"id": "cc-by-4.0"}],
    "related_identifiers": [
        {
            "identifier": "10.1234/storm",
            "scheme": "doi",
            "relation_type": {"id": "issupplementto"},
            "resource_type": {"id": "publication-article"},
        }
    ],
    "identifiers": [{"identifier": "https://harbour.example/1", "scheme": "url"}],
    "funding": [{"funder": {"name": "Rain Council"}, "award": {"number": "R-1", "title": {"en": "Wet"}}}],
}


def test_a_whole_document_becomes_a_valid_body(
    read_one: ReadOne, problems: Callable[[Deposit], tuple[FieldError, ...]]
) -> None:
    deposit = read_one(WHOLE)
    assert problems(deposit) == ()
    assert deposit.body["pids"] == {"doi": {"identifier": "10.1234/Rain", "provider": "external"}}
    assert deposit.identity == "doi:10.1234/rain"
    assert metadata(deposit) == WHOLE_BODY
    assert deposit.terms == {
        ("names", ORCID): "Carberry, Josiah",
        ("affiliations", ROR): "Brown University of Rain",
    }
    assert set(deposit.changed) == {"language"}


@pytest.mark.parametrize(
    ("absent", "field"),
    [
        ({"creators": None}, "metadata.creators"),
        ({"titles": None}, "metadata.title"),
        ({"titles": [{"title": "AB"}]}, "metadata.title"),
        ({"publicationYear": None}, "metadata.publication_date"),
        ({"publicationYear": "soon"}, "metadata.publication_date"),
        ({"types": None}, "metadata.resource_type"),
        ({"creators": "Incorrect type"} | {"creators": [{"nameType": "Personal"}]}, "metadata.creators"),
    ],
)
def test_a_document_without_something_required_is_refused(read_file: Read, absent: dict[str, Any], field: str) -> None:
    (refusal,) = read_file(datacite(**absent))
    assert isinstance(refusal, Refusal)
    assert refusal.field == field
    assert refusal.reason.startswith("missing: ")
    assert refusal.source == "file"


def test_fill_missing_fills_all_but_the_date(read_one: ReadOne, read_file: Read) -> None:
    bare = {"creators": None, "titles": [{"title": "AB"}], "publisher": None, "types": None}
    deposit = read_one(datacite(**bare), fill_missing=True)
    found = metadata(deposit)
    assert found["creators"] == [{"person_or_org": {"type": "organizational", "name": "(:unkn)"}}]
    assert (found["title"], found["publisher"], found["resource_type"]) == ("(:unas)", "(:unkn)", {"id": "other"})
    assert notes(deposit) == ["titles.0.title: AB"]
    assert {"filled-creators", "filled-title", "filled-publisher", "filled-resource_type"} <= set(deposit.changed)
    (refusal,) = read_file(datacite(**bare, publicationYear=None), fill_missing=True)
    assert isinstance(refusal, Refusal)
    assert refusal.field == "metadata.publication_date"


def test_fill_missing_takes_any_other_date_of_the_document(read_one: ReadOne) -> None:
    document = datacite(publicationYear=None, dates=[{"date": "2018-01-02T03:04:05Z", "dateType": "Submitted"}])
    deposit = read_one(document, fill_missing=True)
    assert metadata(deposit)["publication_date"] == "2018-01-02"
    assert "filled-publication_date" in deposit.changed


def test_the_issued_date_gives_way_to_another_year_of_publication(read_one: ReadOne) -> None:
    found = metadata(read_one(datacite(dates=[{"date": "2016-03-04", "dateType": "Issued"}])))
    assert found["publication_date"] == "2020"
    assert found["dates"] == [{"date": "2016-03-04", "type": {"id": "issued"}}]


def test_a_time_of_day_is_kept_among_the_dates(read_one: ReadOne) -> None:
    found = metadata(read_one(datacite(dates=[{"date": "2020-03-04T05:06:07Z", "dateType": "Issued"}])))
    assert found["publication_date"] == "2020-03-04"
    assert found["dates"] == [{"date": "2020-03-04T05:06:07Z", "type": {"id": "issued"}}]


def test_a_date_in_another_spelling_is_changed_and_kept(read_one: ReadOne) -> None:
    deposit = read_one(datacite(dates=[{"date": "March 2020", "dateType": "Issued"}]))
    assert metadata(deposit)["publication_date"] == "2020-03"
    assert "dates.0.date: March 2020" in notes(deposit)
    assert "date" in deposit.changed


def test_what_has_no_place_becomes_a_note(read_one: ReadOne) -> None:
    deposit = read_one(
        datacite(
            viewCount=7, isActive=True, empty=None, blank=" ", landingPage={"status": {"code": 200}, "seen": [1, "a<b"]}
        )
    )
    assert notes(deposit) == [
        "viewCount: 7",
        "isActive: true",
        "landingPage.status.code: 200",
        "landingPage.seen.0: 1",
        "landingPage.seen.1: a&lt;b",
    ]
    assert deposit.changed.count("kept-as-note") == 5


def test_api_answers_are_unwrapped(read_one: ReadOne) -> None:
    attributes = datacite(schemaVersion="http://datacite.org/schema/kernel-4", prefix="10.1234", suffix="rain")
    resource = {"id": "10.1234/rain", "type": "dois", "attributes": attributes}
    for document in (resource, {"data": resource}):
        deposit = read_one(document)
        assert deposit.identity == "doi:10.1234/rain"
        assert notes(deposit) == []


def test_without_a_doi_the_source_identifies_the_document(read_one: ReadOne) -> None:
    alternates = [
        {"alternateIdentifier": "local", "alternateIdentifierType": "id"},
        {"alternateIdentifier": "harbour:7", "alternateIdentifierType": "source"},
    ]
    deposit = read_one(datacite(doi="not a DOI", alternateIdentifiers=alternates))
    assert deposit.identity == "source:harbour:7"
    assert deposit.body["pids"] == {}
    assert {"identifier": "not a DOI", "scheme": "other"} in metadata(deposit)["identifiers"]


def test_without_any_identifier_the_document_identifies_itself(read_one: ReadOne) -> None:
    deposit = read_one(datacite(doi=None))
    assert deposit.identity == f"sha256:{deposit.digest}"
    reordered = dict(reversed(datacite(doi=None).items()))
    assert read_one(reordered).digest == deposit.digest
    assert read_one(datacite(doi=None, version="2")).digest != deposit.digest


@pytest.mark.parametrize(
    "old",
    [
        {"creators": None, "creator": [{"name": "Carberry, Josiah", "type": "Person"}]},
        {"publicationYear": None, "publication-year": "2020"},
        {"types": {"resource-type-general": "Dataset"}},
        {"types": None, "resourceType": {"resourceTypeGeneral": "Dataset"}},
        {"titles": None, "title": "Rain in the harbour"},
        {"titles": "Rain in the harbour"},
        {"creators": [{"creatorName": "Carberry, Josiah"}]},
        {"creators": ["Carberry, Josiah"]},
        {"doi": None, "identifiers": [{"identifier": "https://doi.org/10.1234/Rain", "identifierType": "DOI"}]},
        {"doi": None, "identifier": {"identifier": "10.1234/Rain", "identifierType": "DOI"}},
        {"doi": None, "id": "https://doi.org/10.1234/Rain"},
        {"publisher": {"name": "Harbour Institute"}},
        {"publicationYear": "2020"},
        {"publicationYear": None, "dates": {"date": "2020", "dateType": "Issued"}},
    ],
)
def test_older_dialects_say_the_same(read_one: ReadOne, old: dict[str, Any]) -> None:
    expected, found = read_one(datacite()), read_one(datacite(**old))
    assert found.body == expected.body
    assert found.identity == expected.identity


def test_markup_that_is_none_of_ours_is_not_taken_out_of_a_text(read_one: ReadOne) -> None:
    for said, expected in (
        ("if a<b and c>d", "if a&lt;b and c&gt;d"),
        ("<p>if a<b</p>", "<p>if a&lt;b</p>"),
        ("<jats:p>H<jats:sub>2</jats:sub>O</jats:p>", "<p>H<sub>2</sub>O</p>"),
        ("<rain>", "&lt;rain&gt;"),
        ("R&D at ?a=1&copy=2 &lt; 3", "R&amp;D at ?a=1&amp;copy=2 &lt; 3"),
    ):
        document = datacite(descriptions=[{"description": said, "descriptionType": "Abstract"}])
        assert metadata(read_one(document))["description"] == expected


def test_control_characters_are_taken_out_and_counted(read_one: ReadOne) -> None:
    deposit = read_one(datacite(titles=[{"title": "Rain\x00 in\x1b the\n harbour"}], own="a\\u0000"))
    assert metadata(deposit)["title"] == "Rain in the harbour"
    assert deposit.changed.count("control-characters") == 1
    assert "control-characters" not in read_one(datacite(own="a\\u0000")).changed
