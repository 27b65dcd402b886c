"""A landing page is complete in content: for people, for search engines, for machines."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from record_parts import access, organisation, person, term
from snapshots import SITE, embargoed, files_closed, full, many_authors, many_files, minimal, with_files, with_metadata

from repository.formats import suitable
from repository.records.snapshot import Neighbour, Snapshot
from site_builder.freezer import SiteFreezer
from tests.site.site_output import parsed, settings_in, text_of


@pytest.fixture(scope="module")
def freezer(tmp_path_factory: pytest.TempPathFactory) -> SiteFreezer:
    return SiteFreezer(settings_in(tmp_path_factory.mktemp("settings")), lambda state: state, lambda ids: {})


def page_of(freezer: SiteFreezer, state: Snapshot) -> Any:
    (record,) = freezer.records([state])
    (file,) = (file for file in record.files if file.path.endswith(".html"))
    return parsed(file.data)


def section(page: Any, heading: str) -> str:
    """Text of the section under a heading."""
    (found,) = (part for part in page.iter("section") if (part.xpath("string(h2)")).strip() == heading)
    return text_of(found)


def metas(page: Any, name: str) -> list[str]:
    return [str(found) for found in page.xpath(f"//meta[@name='{name}' or @property='{name}']/@content")]


def links(page: Any, relation: str) -> list[tuple[str, str | None]]:
    return [(found.get("href"), found.get("type")) for found in page.xpath(f"//link[@rel='{relation}']")]


def test_top_of_the_page(freezer: SiteFreezer) -> None:
    page = page_of(freezer, full())
    assert page.xpath("string(//h1)") == "Rain over the harbour: 1 < 2 & déšť"
    assert page.xpath("string(//title)") == "Rain over the harbour: 1 < 2 & déšť · Example Repository"
    header = text_of(page.xpath("//article/header")[0])
    for words in (
        "Published January – June 2020", "Version v1.0.2", "Journal article", "Open", "A subtitle Subtitle",
        "Déšť nad přístavem Translated title", "Josiah Carberry", "Data curator", "Harbour Institute", "محفوظ نجيب",
        "Contributors", "Eva Berg", "Contact person", "Holders Ltd", "Rights holder",
        "Brookhaven National Laboratory", "Dept. of Rain",
    ):  # fmt: skip
        assert words in header, words
    assert page.xpath("//header//a[@href='https://orcid.org/0000-0002-1825-0097']")
    assert page.xpath("//header//a[@href='https://ror.org/02ex6cf31']")
    assert page.xpath("//p[@lang='cs']/text()")[0].strip() == "Déšť nad přístavem"


def test_body_of_the_page(freezer: SiteFreezer) -> None:
    state = full()
    page = page_of(freezer, state)
    assert section(page, "Description") == "Description It rained & rained.1 < 2more"
    assert page.xpath("string(//div[@class='prose']//strong)") == "rained"
    assert section(page, "Methods") == "Methods How it was done"
    assert section(page, "Table of contents") == "Table of contents 1. Rain"
    files = section(page, "Files")
    for words in ("2 files, 101 kB", "rain.csv", "2.0 kB", "figure 1.png", "sha256:ca978112", "md5:0cc175b9"):
        assert words in files, words
    assert page.xpath(f"//a[@href='/records/{state.id}/files/figure%201.png?download=1']")
    assert page.xpath(f"//a[@href='/api/records/{state.id}/files-archive']")
    assert page.xpath("//*[@title='2,048 bytes']")
    related = section(page, "Related works")
    for words in ("Is cited by 10.1234/foo.bar DOI, Dataset", "Is derived from https://example.org/related", "Q42"):
        assert words in related, words
    assert page.xpath("//a[@href='https://doi.org/10.1234/foo.bar']")
    assert "arXiv:2001.00001 arXiv" in section(page, "Identifiers")
    assert section(page, "Funding") == "Funding Academy of Finland Rain project 755021 Private fund"
    assert "Collected 2019 – 2020 field work" in section(page, "Dates")
    assert "Accepted February 28, 2020" in section(page, "Dates")
    assert "Nielsen et al. 2001" in section(page, "References")
    further = section(page, "Further information")
    for words in (
        "Repository URL https://example.org/code", "Programming language Python", "Development status Active",
        "Journal Title J. Rain", "ISSN 1234-5679", "ISBN 978-3-16-148410-0", "University University of Rain",
        "Defended June 1, 2019", "Acronym RAIN24", "Website https://example.org/rain24",
    ):  # fmt: skip
        assert words in further, words


def test_side_of_the_page(freezer: SiteFreezer) -> None:
    state = full()
    page = page_of(freezer, state)
    versions = section(page, "Versions")
    assert versions.startswith("Versions Version 3 withdrawn Version v1.0.2 January – June 2020 Version 1 2019")
    assert f"10.5072/{state.parent_id}" in versions
    assert section(page, "Cite as") == (
        "Cite as Carberry, Josiah; Harbour Institute; نجيب, محفوظ (2020). Rain over the harbour: 1 < 2 & déšť. "
        f"Version v1.0.2. Harbour Institute. https://doi.org/10.5072/{state.id} DOI 10.5072/{state.id} "
        "APA Chicago IEEE ISO 690"
    )
    exports = {link.get("href") for link in page.xpath("//section[h2='Export']//a")}
    described = [form for form in suitable(state) if form.relation == "describedby"]
    assert exports == {f"/records/{state.id}/{form.file_name}" for form in described}
    details = section(page, "Details")
    for words in (
        "Resource type Journal article", "Publisher Harbour Institute", "J. Rain, 12(3), 1-11, ISSN: 1234-5679, 2020.",
        "Languages English Czech", "Extent 11 pages 3 MB", "Formats application/pdf",
    ):  # fmt: skip
        assert words in details, words
    rights = "Creative Commons Attribution 4.0 International creativecommons.org Credit must be given."
    assert rights in section(page, "Rights")
    assert "Copyright 2020 Harbour Institute" in section(page, "Rights")
    assert section(page, "Subjects") == "Subjects Rain MeSH harbour déšť"
    assert section(page, "Places") == (
        "Places Map of Copenhagen Copenhagen harbour 55.68° N, 12.57° E Place 54° N, 10° E – 56.5° N, 13° E"
    )
    technical = section(page, "Technical metadata")
    assert state.id in technical
    assert f"oai:{SITE.oai_domain}:{state.id}" in technical
    assert "Deposited May 1, 2024 Last changed May 2, 2024" in technical


def test_own_custom_fields_are_shown_by_their_label(freezer: SiteFreezer) -> None:
    state = replace(minimal(), custom_fields={"lab:instrument": "Gauge 7", "lab:unknown": [True, 3, term("x", "Ex")]})
    further = section(page_of(freezer, state), "Further information")
    assert further == "Further information Instrument Gauge 7 lab:unknown Yes 3 Ex"


def test_head_for_search_engines_and_reference_managers(freezer: SiteFreezer) -> None:
    state = full()
    page = page_of(freezer, state)
    landing = f"{SITE.url}/records/{state.id}"
    assert links(page, "canonical") == [(landing, None)]
    assert metas(page, "description") == ["It rained & rained. 1 < 2 more"]
    expected = {
        "citation_title": ["Rain over the harbour: 1 < 2 & déšť"],
        "citation_author": ["Carberry, Josiah", "Harbour Institute", "نجيب, محفوظ"],
        "citation_author_institution": ["Brookhaven National Laboratory", "Dept. of Rain"],
        "citation_author_orcid": ["https://orcid.org/0000-0002-1825-0097"],
        "citation_publication_date": ["2020/01"],
        "citation_doi": [f"10.5072/{state.id}"],
        "citation_publisher": ["Harbour Institute"],
        "citation_journal_title": ["J. Rain"],
        "citation_volume": ["12"],
        "citation_issue": ["3"],
        "citation_firstpage": ["1", "15"],
        "citation_lastpage": ["11", "23"],
        "citation_issn": ["1234-5679"],
        "citation_isbn": ["978-3-16-148410-0"],
        "citation_conference_title": ["Rain conference"],
        "citation_dissertation_institution": ["University of Rain"],
        "citation_language": ["en", "cs"],
        "citation_keywords": ["Rain", "harbour", "déšť"],
        "citation_abstract_html_url": [landing],
        "DC.title": ["Rain over the harbour: 1 < 2 & déšť"],
        "DC.creator": ["Carberry, Josiah", "Harbour Institute", "نجيب, محفوظ"],
        "DC.identifier": [f"https://doi.org/10.5072/{state.id}"],
        "DC.subject": ["Rain", "harbour", "déšť"],
        "article:published_time": ["2020-01"],
        "DC.rights": ["https://creativecommons.org/licenses/by/4.0/", "https://example.org/licence"],
        "og:title": ["Rain over the harbour: 1 < 2 & déšť"],
        "og:url": [landing],
        "og:site_name": ["Example Repository"],
    }
    assert {name: metas(page, name) for name in expected} == expected
    assert re.fullmatch(rf"{SITE.url}/static/touch-icon\.\w+\.png", metas(page, "og:image")[0])


def test_a_pdf_is_named_to_google_scholar(freezer: SiteFreezer) -> None:
    state = with_files()
    entries = state.files["entries"] | {"a b.pdf": state.files["entries"]["figure.png"] | {"key": "a b.pdf"}}
    entries["a b.pdf"]["mimetype"] = "application/pdf"
    page = page_of(freezer, replace(state, files={**state.files, "entries": entries}))
    assert metas(page, "citation_pdf_url") == [f"{SITE.url}/records/{state.id}/files/a%20b.pdf"]


def test_signposts(freezer: SiteFreezer) -> None:
    state = full()
    page = page_of(freezer, state)
    landing = f"{SITE.url}/records/{state.id}"
    assert links(page, "cite-as") == [(f"https://doi.org/10.5072/{state.id}", None)]
    assert links(page, "describedby") == [
        (f"{landing}/{form.file_name}", form.media_type.partition(";")[0])
        for form in suitable(state)
        if form.relation == "describedby"
    ]
    assert links(page, "linkset") == [
        (f"{landing}/linkset.json", "application/linkset+json"),
        (f"{landing}/linkset", "application/linkset"),
    ]
    assert links(page, "collection") == [(f"{SITE.url}/", "text/html")]
    assert links(page, "original") == [(f"{SITE.url}/records/{state.parent_id}", None)]
    assert links(page, "timemap") == [(f"{landing}/timemap", "application/link-format")]
    assert links(page, "item") == [
        (f"{landing}/files/rain.csv", "text/csv"), (f"{landing}/files/figure%201.png", "image/png"),
    ]  # fmt: skip
    authors = ("https://orcid.org/0000-0002-1825-0097", "https://ror.org/02ex6cf31")
    assert links(page, "author") == [(author, None) for author in authors]
    assert ("https://schema.org/AboutPage", None) in links(page, "type")
    assert links(page, "latest-version") == [(landing, "text/html")]
    assert links(page, "predecessor-version") == [(f"{SITE.url}/records/{state.versions[0].id}", "text/html")]
    assert links(page, "successor-version") == []


def test_json_ld_is_that_of_schema_org(freezer: SiteFreezer) -> None:
    state = full()
    (script,) = page_of(freezer, state).xpath("//script")
    assert script.get("type") == "application/ld+json"
    document = orjson.loads(script.text)
    assert document["@id"] == f"https://doi.org/10.5072/{state.id}"
    assert len(document["distribution"]) == 2


def test_a_newer_version_is_announced(freezer: SiteFreezer) -> None:
    newer = Neighbour("zzzzz-zzzzz", 2, "published", closed=False)
    closed = Neighbour("yyyyy-yyyyy", 3, "published", closed=True)
    state = minimal()
    page = page_of(freezer, replace(state, versions=(*state.versions, newer, closed)))
    assert text_of(page.find_class("newer")[0]).startswith("There is a newer version of this record.")
    assert page.xpath("//p[contains(@class, 'newer')]/a/@href") == ["/records/zzzzz-zzzzz"]
    assert "yyyyy" not in page.text_content()
    assert page_of(freezer, state).find_class("newer") == []


def test_closed_files_are_announced_with_reason_and_date(freezer: SiteFreezer) -> None:
    page = page_of(freezer, embargoed())
    assert text_of(page.find_class("notice")[0]) == (
        "The files of this record are under an embargo and will become public on January 1, 2099. "
        "Reason: For the journal."
    )
    assert "Embargoed" in text_of(page.find_class("facts")[0])
    page = page_of(freezer, files_closed())
    assert text_of(page.find_class("notice")[0]) == "The files of this record are restricted."
    assert page.find_class("files") == []


def test_hidden_files_are_not_listed_and_the_order_is_kept(freezer: SiteFreezer) -> None:
    page = page_of(freezer, with_files())
    assert page.xpath("//table[@class='files']//td[1]/a/text()") == ["figure.png", "data/rain 2024.csv"]
    assert "2 files, 100 kB" in section(page, "Files")


def test_long_lists_are_folded(freezer: SiteFreezer) -> None:
    page = page_of(freezer, many_authors(25))
    first, folded = page.find_class("people")
    assert (len(first), len(folded)) == (20, 5)
    assert folded.getparent().tag == "details"
    page = page_of(freezer, many_files(60))
    first, folded = page.find_class("files")
    assert (len(first.xpath(".//tbody/tr")), len(folded.xpath(".//tbody/tr"))) == (50, 10)


def test_more_files_than_a_record_names_are_linked(freezer: SiteFreezer) -> None:
    state = many_files(1001)
    page = page_of(freezer, state)
    assert "1,001 files" in section(page, "Files")
    assert page.xpath(f"//a[@href='/api/records/{state.id}/files']")
    assert page.find_class("files") == []


def test_a_page_of_very_many_authors_stays_bounded_in_its_head(freezer: SiteFreezer) -> None:
    page = page_of(freezer, many_authors(3000))
    assert len(metas(page, "citation_author")) == 200
    assert len(page.xpath("//ul[@class='people']/li")) == 3000
    assert len(page.xpath("string(//script)")) <= 100_000


def test_a_record_with_the_least_metadata_has_a_sound_page(freezer: SiteFreezer) -> None:
    page = page_of(freezer, minimal())
    assert "This record has a description only, no files." in section(page, "Files")
    headings = [text_of(heading) for heading in page.xpath("//h2")]
    assert headings == ["Creators", "Files", "Cite as", "Export", "Details", "Technical metadata"]
    assert metas(page, "description") == ["Rain in the harbour"]


def test_unusual_access_is_said_in_words(freezer: SiteFreezer) -> None:
    state = with_metadata(minimal(), creators=[organisation("Lab"), person("Holm", "Ada")])
    facts = text_of(page_of(freezer, replace(state, access=access(status="metadata-only"))).find_class("facts")[0])
    assert facts.startswith("Dataset Metadata-only")


def test_pages_carry_no_time_or_number_of_a_build(freezer: SiteFreezer, tmp_path: Path) -> None:
    other = SiteFreezer(settings_in(tmp_path), lambda state: state, lambda ids: {})
    assert other.records([full()]) == freezer.records([full()])
