"""schema.org JSON-LD: the file, and the script in the landing page."""

from html.parser import HTMLParser
from typing import Any

import orjson
import pytest
from hypothesis import given
from record_parts import access, file_entry, files, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import (
    SITE,
    as_dataset,
    as_software,
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    many_files,
    minimal,
    with_files,
    with_metadata,
)

from repository.formats import schema_org
from repository.formats.schema_org import INLINE_LIMIT, document, inline
from repository.records.snapshot import Snapshot


def written(snapshot: Snapshot) -> dict[str, Any]:
    result: dict[str, Any] = orjson.loads(schema_org.write(snapshot, SITE))
    return result


class _Scripts(HTMLParser):
    """Collects the text of scripts, and all tags, as a browser's parser would."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_record_has_what_crawlers_ask_for() -> None:
    record = written(minimal())
    assert record["@id"] == record["url"] == record["identifier"]
    assert record["@type"] == "Dataset"
    assert record["name"] == "Rain in the harbour"
    assert record["datePublished"] == "2024-05-01"
    assert record["includedInDataCatalog"]["url"] == "https://repository.example.org"
    assert record["includedInDataCatalog"]["@id"] == "https://repository.example.org/catalog.ttl#catalog"


def test_creators_come_in_order_with_their_iris() -> None:
    creators = written(full())["creator"]
    assert [creator["name"] for creator in creators] == ["Carberry, Josiah", "Harbour Institute", "نجيب, محفوظ"]
    assert creators[0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert creators[0]["affiliation"][0]["@id"] == "https://ror.org/02ex6cf31"
    assert creators[1]["@type"] == "Organization"


def test_subjects_with_a_scheme_are_defined_terms_and_words_are_words() -> None:
    keywords = written(full())["keywords"]
    assert keywords[0]["@type"] == "DefinedTerm"
    assert keywords[0]["inDefinedTermSet"] == "MeSH"
    assert keywords[1:] == ["harbour", "déšť"]


def test_a_term_without_a_scheme_is_in_no_set() -> None:
    record = with_metadata(minimal(), subjects=[{"id": "https://example.org/rain", "subject": "Rain"}])
    (keyword,) = written(record)["keywords"]
    assert keyword == {"@type": "DefinedTerm", "@id": "https://example.org/rain", "name": "Rain"}


def test_access_is_told() -> None:
    assert written(minimal(access=access(status="open")))["isAccessibleForFree"] is True
    assert written(embargoed())["isAccessibleForFree"] is False
    assert written(embargoed())["conditionsOfAccess"] == "http://purl.org/coar/access_right/c_f1cf"
    assert "isAccessibleForFree" not in written(minimal())


def test_files_are_downloads_with_size_type_and_checksum() -> None:
    downloads = written(with_files())["distribution"]
    assert [download["name"] for download in downloads] == ["figure.png", "data/rain 2024.csv"]
    assert downloads[1]["contentUrl"].endswith("/files/data/rain%202024.csv")
    assert downloads[1]["contentSize"] == "1234"
    assert downloads[1]["encodingFormat"] == "text/csv"
    assert len(downloads[1]["sha256"]) == 64


@pytest.mark.parametrize("make", [files_closed, embargoed, minimal])
def test_closed_files_and_no_files_are_not_offered(make: Any) -> None:
    assert "distribution" not in written(make())


def test_of_too_many_files_the_archive_is_offered() -> None:
    downloads = written(many_files(2000))["distribution"]
    assert [download["contentUrl"] for download in downloads] == [
        f"https://repository.example.org/api/records/{many_files().id}/files-archive"
    ]


def test_a_licence_of_the_list_is_its_address_and_another_one_is_described() -> None:
    licences = written(full())["license"]
    assert licences[0] == "https://creativecommons.org/licenses/by/4.0/"
    assert licences[1]["name"] == "House licence"
    one = with_metadata(full(), rights=full().metadata["rights"][:1])
    assert written(one)["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_relations_have_the_properties_of_schema_org() -> None:
    record = written(full())
    assert record["subjectOf"][0]["@id"] == "https://doi.org/10.1234/foo.bar"
    assert record["isBasedOn"][0]["@id"] == "https://example.org/related"
    assert record["citation"][1] == {"@type": "CreativeWork", "name": "Plain text reference"}
    assert record["isVariantOf"][0]["@id"] == "https://doi.org/10.5072/0000y-gj987"


def test_a_record_is_part_of_its_journal_and_of_what_it_names() -> None:
    part = {"identifier": "10.1234/x", "scheme": "doi", "relation_type": term("ispartof", "Is part of")}
    record = with_metadata(full(), related_identifiers=[part])
    props = {**(full().props or {}), "relationtypes": {"ispartof": {"datacite": "IsPartOf"}}}
    record = minimal(metadata=record.metadata, custom_fields=record.custom_fields, props=props)
    parts = written(record)["isPartOf"]
    assert parts[0]["@id"] == "https://doi.org/10.1234/x"
    assert parts[1] == {"@type": "Periodical", "name": "J. Rain", "issn": "1234-5679"}
    assert written(record)["pageStart"] == "1"


def test_every_record_leads_to_the_catalogue_in_words_that_its_class_has() -> None:
    """schema.org: the domain of includedInDataCatalog is Dataset, that of isPartOf any CreativeWork."""
    catalogue = "https://repository.example.org/catalog.ttl#catalog"
    for snapshot, is_dataset in ((full(), False), (as_dataset(full()), True), (as_software(full()), False)):
        said = written(snapshot)
        wholes = [part.get("@id") for part in said.get("isPartOf", ())]
        assert (catalogue in wholes) is not is_dataset
        assert ("includedInDataCatalog" in said) is is_dataset
        assert is_dataset or len(wholes) > 1


def test_the_inline_script_cannot_be_left() -> None:
    page = f'<html><script type="application/ld+json">{inline(hostile(), SITE)}</script><p>end</p></html>'
    parser = _Scripts()
    parser.feed(page)
    assert parser.tags == ["html", "script", "p"]
    assert orjson.loads(parser.text.removesuffix("end")) == orjson.loads(orjson.dumps(document(hostile(), SITE)))


@given(any_snapshot())
def test_the_inline_script_of_any_record_says_the_same_as_the_file(snapshot: Snapshot) -> None:
    text = inline(snapshot, SITE)
    assert not set("<>&") & set(text)
    said, whole = orjson.loads(text), orjson.loads(schema_org.write(snapshot, SITE))
    assert said.pop("description").startswith(whole.pop("description")[:4999])
    assert said == whole


def test_the_inline_script_stays_small_whatever_the_record_holds() -> None:
    long_text = with_metadata(minimal(), description="Rain. " * 100_000, title="Harbour " * 20_000)
    long_links = with_metadata(
        minimal(), identifiers=[{"scheme": "url", "identifier": "https://example.org/" + "a" * 200_000}]
    )
    keys = [f"{'k' * 200}-{number}.csv" for number in range(1000)]
    long_names = minimal(access=access(), files=files(*(file_entry(key) for key in keys)))
    for record in (many_authors(), many_files(1000), long_text, long_links, long_names):
        text = inline(record, SITE)
        assert len(text.encode()) <= INLINE_LIMIT
        assert orjson.loads(text)["creator"]
        assert orjson.loads(text)["name"]


def test_short_records_are_inlined_whole() -> None:
    record = with_metadata(full(), description="Rain over the harbour, measured each hour by three gauges.")
    assert orjson.loads(inline(record, SITE)) == written(record)
