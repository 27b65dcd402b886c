"""The head of every kind of page says what a search engine wants to know of it."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from snapshots import embargoed, files_closed, full, many_authors, minimal, with_files

from repository.records.snapshot import Snapshot
from repository.storage.database import Database
from tests.following.contract import withdrawn
from tests.site.site_output import URL, built, parsed

GONE = withdrawn(minimal(70))
RECORDS = (full(), with_files(), files_closed(), embargoed(), many_authors(30), minimal(60))
UNINDEXED = ("404.html", "tombstone.html")
OTHERS = (
    "index.html",
    "browse/20",
    "browse/types",
    "browse/licences",
    "about",
    "vocabularies",
    "communities",
    "search",
    "deposit",
)
"""Records and people may have the same names."""


def is_date(text: str) -> bool:
    """Google Scholar: a full date in the form 2019/12/31, or the year alone; a month it reads too."""
    forms = ("%Y/%m/%d", "%Y/%m", "%Y")
    return any(_matches(text, form) for form in forms)


def _matches(text: str, form: str) -> bool:
    try:
        return datetime.strptime(text, form).strftime(form) == text  # noqa: DTZ007
    except ValueError:
        return False


FIELDS: dict[str, Callable[[str], Any]] = {
    "citation_publication_date": is_date,
    "citation_firstpage": str.strip,
    "citation_issn": re.compile(r"\d{4}-\d{3}[\dX]").fullmatch,
    "citation_doi": re.compile(r"10\.\d{4,}/\S+").fullmatch,
    "citation_pdf_url": re.compile(rf"{URL}/records/\S+").fullmatch,
    "citation_abstract_html_url": re.compile(rf"{URL}/\S+").fullmatch,
    "citation_language": re.compile(r"[a-z]{2,3}").fullmatch,
}
"""What a value must look like. The others are free text, and not empty."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("heads")
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, folder)}")
    try:
        served = built(database, folder, (*RECORDS, GONE), **{"site.languages": ("en", "cs")})
    finally:
        database.close()
    return {path: parsed(data) for path, data in served.items() if path.endswith(".html")}


def said(page: Any, name: str) -> list[str]:
    return [str(value) for value in page.xpath("//head/meta[@name=$name]/@content", name=name)]


def test_every_page_has_a_title_and_no_two_lists_the_same(pages: dict[str, Any]) -> None:
    titles: dict[str, list[str]] = {}
    for path, page in pages.items():
        (title,) = page.xpath("//head/title")
        assert title.text.strip(), path
        assert len(page.xpath("//h1")) == 1, path
        if path.startswith(OTHERS) and not path.endswith(UNINDEXED):
            titles.setdefault(title.text, []).append(path)
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}


def test_every_page_is_described_and_names_its_address_or_is_not_indexed(pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        canonical, robots = page.xpath("//head/link[@rel='canonical']/@href"), said(page, "robots")
        if path.endswith(UNINDEXED):
            assert (canonical, robots) == ([], ["noindex"]), path
            continue
        assert (len(canonical), robots) == (1, []), path
        assert canonical[0].startswith(f"{URL}/"), path
        (description,) = said(page, "description")
        assert description.strip(), path


def test_google_scholar_gets_title_authors_and_date_once_and_in_its_forms(pages: dict[str, Any]) -> None:
    for state, both in _landings(pages):
        title = _plain(state)
        for page in both:
            given = Counter(page.xpath("//head/meta[starts-with(@name, 'citation_')]/@name"))
            assert given["citation_title"] == given["citation_publication_date"] == 1
            assert said(page, "citation_title") == [title]
            creators = [creator["person_or_org"]["name"] for creator in state.metadata["creators"]]
            assert said(page, "citation_author") == creators
            for name in given:
                for value in said(page, name):
                    assert FIELDS.get(name, str.strip)(value), (name, value)


def test_a_landing_page_carries_json_ld_and_signposts_of_itself(pages: dict[str, Any]) -> None:
    for state, both in _landings(pages):
        for page in both:
            (script,) = page.xpath("//head/script")
            document = orjson.loads(script.text)
            assert document["name"] == _plain(state)
            relations = Counter(page.xpath("//head/link/@rel"))
            assert relations["cite-as"] == 1
            assert relations["describedby"] > 3
            assert relations["linkset"] == relations["type"] == 2
            assert relations["collection"] == 1
            assert relations["item"] == len(page.xpath("//table[@class='files']/tbody/tr"))


def _plain(state: Snapshot) -> str:
    title: str = state.metadata["title"]
    return re.sub("</?i>", "", title)


def _landings(pages: dict[str, Any]) -> list[tuple[Snapshot, list[Any]]]:
    """Of every record that is shown, its pages in both languages."""
    found = []
    for state in RECORDS:
        both = [pages[f"{base}records/{state.id}/index.html"] for base in ("", "cs/")]
        found.append((state, both))
    return found
