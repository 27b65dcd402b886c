"""A record in the terms of CSL: the one mapping behind CSL-JSON, BibTeX, RIS and formatted citations.

Specified by: Citation Style Language 1.0.2, appendices III (types) and IV (variables); its JSON schema of input data.
"""

import re
from collections.abc import Iterable

from repository.formats.containers import Container, containers
from repository.formats.dates import bounds
from repository.formats.text import clean, one_line, plain, plain_title
from repository.records.identifiers import subject_iri
from repository.records.snapshot import Json, Site, Snapshot


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TYPES = _words(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection "
    "dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case "
    "legislation manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical "
    "personal_communication post post-weblog regulation report review review-book software song speech standard "
    "thesis treaty webpage"
)
UNKNOWN = "document"
_IN_BOOKS = ("chapter", "paper-conference")
"""Types that are published in books rather than in journals."""
_ROLES = {"editor": "editor", "producer": "producer", "translator": "translator", "datacurator": "curator"}
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def item(snapshot: Snapshot, site: Site) -> Json:
    """The record as an item of CSL-JSON, variables without a value left out; all but the abstract on one line."""
    metadata, kind = snapshot.metadata, csl_type(snapshot)
    found: Json = {
        "id": snapshot.id,
        "type": kind,
        "title": one_line(plain_title(snapshot.title)),
        "author": names(metadata.get("creators", ())),
        **_contributors(metadata),
        "issued": _date(metadata.get("publication_date", "")),
        "abstract": clean(plain(metadata.get("description") or "")),
        "keyword": ", ".join(keywords(metadata)),
        "language": language(snapshot),
        "publisher": one_line(metadata.get("publisher") or ""),
        "version": one_line(metadata.get("version") or ""),
        "DOI": one_line(snapshot.doi),
        "URL": subject_iri(site, snapshot),
    }
    if snapshot.custom_fields:
        found |= _bundles(snapshot, kind)
    return {name: value for name, value in found.items() if value}


def csl_type(snapshot: Snapshot) -> str:
    term = (snapshot.metadata.get("resource_type") or {"id": ""})["id"]
    kind = snapshot.prop("resourcetypes", term, "csl")
    return kind if kind in TYPES else UNKNOWN


def names(entries: Iterable[Json]) -> list[Json]:
    """Creators or contributors; who has no family name is named as a whole."""
    found = []
    for entry in entries:
        party = entry["person_or_org"]
        family, given = one_line(party.get("family_name") or ""), one_line(party.get("given_name") or "")
        whole = one_line(party.get("name") or "")
        if party.get("type") == "personal" and family:
            found.append({"family": family, "given": given} if given else {"family": family})
        elif whole:
            found.append({"literal": whole})
    return found


def keywords(metadata: Json) -> list[str]:
    return [word for entry in metadata.get("subjects", ()) if (word := one_line(entry.get("subject") or ""))]


def language(snapshot: Snapshot) -> str:
    """The BCP 47 code of the first language."""
    term = next(iter(snapshot.metadata.get("languages", ())), None)
    return one_line(snapshot.prop("languages", term["id"], "alpha_2") or term["id"]) if term else ""


def pages(work: Json) -> tuple[str, str]:
    """First and last page of an item; the last is empty where `page` is no range, as `e-12`."""
    page = work.get("page", "")
    first, _, last = page.partition("-")
    return (first, last) if last and first[-1:].isdigit() else (page, "")


def _contributors(metadata: Json) -> dict[str, list[Json]]:
    entries: dict[str, list[Json]] = {}
    for entry in metadata.get("contributors", ()):
        role = _ROLES.get((entry.get("role") or {}).get("id", ""))
        if role:
            entries.setdefault(role, []).append(entry)
    return {role: names(found) for role, found in entries.items()}


def _date(date: str) -> Json:
    parts = [
        [int(part) for part in match.groups() if part]
        for bound in dict.fromkeys(bounds(date))
        if (match := _DATE.match(bound))
    ]
    return {"date-parts": parts} if parts else {}


def _bundles(snapshot: Snapshot, kind: str) -> Json:
    """From the custom fields for journals, books, meetings and theses."""
    fields = snapshot.custom_fields
    container = _container(snapshot, kind)
    journal, meeting = fields.get("journal:journal") or {}, fields.get("meeting:meeting") or {}
    # of an article the imprint says nothing: it is of a book that has the work as well
    imprint = {} if container and container.kind == "Journal" else fields.get("imprint:imprint") or {}
    found: Json = {
        "publisher-place": imprint.get("place"),
        "edition": imprint.get("edition"),
        "ISBN": imprint.get("isbn"),
        "ISSN": journal.get("issn"),
        "event-title": meeting.get("title"),
        "event-place": meeting.get("place"),
    }
    if container:
        found["container-title"], found["volume"] = container.title, container.volume
        found["issue"], found["page"] = container.issue, _page(container)
    elif str(imprint.get("pages", "")).isdigit():
        found["number-of-pages"] = imprint["pages"]
    thesis = fields.get("thesis:thesis") or {}
    if kind == "thesis" and isinstance(thesis, dict):  # older records have it as a text
        found["genre"] = thesis.get("type")
        found |= {"publisher": thesis["university"]} if thesis.get("university") else {}
    texts = {name: said for name, value in found.items() if value and (said := one_line(str(value)))}
    dates = one_line(meeting.get("dates") or "")
    return texts | ({"event-date": {"literal": dates}} if dates else {})


def _container(snapshot: Snapshot, kind: str) -> Container | None:
    known = {container.kind: container for container in containers(snapshot)}
    order = ("Book", "Journal") if kind in _IN_BOOKS else ("Journal", "Book")
    return next((known[name] for name in order if name in known), None)


def _page(container: Container) -> str:
    return f"{container.first_page}-{container.last_page}" if container.last_page else container.first_page
