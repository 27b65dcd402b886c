"""What a work was published in, from the custom fields for journals, books and meetings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from repository.records.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Container:
    """A journal, a book or the proceedings of a meeting; empty where not known."""

    kind: str
    """DataCite's resourceTypeGeneral: Journal, Book or ConferenceProceeding."""
    title: str
    scheme: str = ""
    identifier: str = ""
    volume: str = ""
    issue: str = ""
    first_page: str = ""
    last_page: str = ""
    edition: str = ""
    place: str = ""
    dates: str = ""
    url: str = ""

    @property
    def pages(self) -> str:
        return f"{self.first_page}–{self.last_page}" if self.last_page else self.first_page

    @property
    def citation(self) -> str:
        """`J. Rain, 12(3), 1–11`, `Rain conference, 1-3 May 2024, Lund`."""
        number = f"{self.volume}({self.issue})" if self.issue else self.volume
        edition = f"{self.edition}. ed." if self.edition.isdigit() else self.edition
        return ", ".join(part for part in (self.title, number, edition, self.dates, self.place, self.pages) if part)


def containers(snapshot: Snapshot) -> Iterator[Container]:
    """The containers that have a title, most specific first."""
    fields = snapshot.custom_fields
    if not fields:
        return
    journal = fields.get("journal:journal") or {}
    if journal.get("title"):
        first, last = _pages(journal)
        yield Container(
            "Journal",
            journal["title"],
            "issn" if journal.get("issn") else "",
            journal.get("issn", ""),
            journal.get("volume", ""),
            journal.get("issue", ""),
            first,
            last,
        )
    imprint = fields.get("imprint:imprint") or {}
    if imprint.get("title"):
        yield _book(imprint)
    meeting = fields.get("meeting:meeting") or {}
    if meeting.get("title"):
        yield _meeting(meeting)


def _book(imprint: Mapping[str, Any]) -> Container:
    first, last = _pages(imprint)
    return Container(
        "Book",
        imprint["title"],
        "isbn" if imprint.get("isbn") else "",
        imprint.get("isbn", ""),
        first_page=first,
        last_page=last,
        edition=imprint.get("edition", ""),
        place=imprint.get("place", ""),
    )


def _meeting(meeting: Mapping[str, Any]) -> Container:
    known: Mapping[str, str] = next(iter(meeting.get("identifiers") or ()), {})
    return Container(
        "ConferenceProceeding",
        meeting["title"],
        known.get("scheme", ""),
        known.get("identifier", ""),
        place=meeting.get("place", ""),
        dates=meeting.get("dates", ""),
        url=meeting.get("url", ""),
    )


def _pages(bundle: Mapping[str, Any]) -> tuple[str, str]:
    """`1-11` is a range; `200 p.` and `A-12` (an article's number) are not taken apart."""
    pages = str(bundle.get("pages", ""))
    first, dash, last = pages.replace("–", "-").partition("-")
    return (first.strip(), last.strip()) if dash and first.strip()[-1:].isdigit() else (pages, "")
