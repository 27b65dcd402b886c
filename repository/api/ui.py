"""The UI shape: a record's JSON with a block `ui` that a page can show as it is, in one language."""

from collections.abc import Iterable
from typing import Any

from repository.api import localised
from repository.formats.text import plain
from repository.records.snapshot import Json

ACCESS = {
    "en": {
        "open": ("Open", "The record and files are publicly accessible."),
        "embargoed": ("Embargoed", "The record or its files will be made publicly available on the date given."),
        "restricted": ("Restricted", "The record or its files are accessible to users with access only."),
        "metadata-only": ("Metadata-only", "No files are available for this record."),
    },
    "cs": {
        "open": ("Otevřený přístup", "Záznam i soubory jsou veřejně přístupné."),
        "embargoed": ("Odložené zpřístupnění", "Záznam nebo jeho soubory budou zveřejněny k uvedenému dni."),
        "restricted": ("Omezený přístup", "Záznam nebo jeho soubory jsou přístupné jen oprávněným uživatelům."),
        "metadata-only": ("Pouze metadata", "K záznamu nejsou žádné soubory."),
    },
}
ICONS = {"open": "unlock", "embargoed": "outline clock", "restricted": "ban", "metadata-only": "tag"}
CLASSES = {"open": "", "embargoed": "warning", "restricted": "negative", "metadata-only": ""}


def with_ui(body: Json, language: str) -> Json:
    """The record's JSON and its `ui` block."""
    return {**body, "ui": ui(body, language)}


def ui(body: Json, language: str) -> Json:
    metadata = body["metadata"]
    block: Json = {
        "created_date_l10n_long": localised.day(body["created"], language),
        "updated_date_l10n_long": localised.day(body["updated"], language),
        "access_status": access_status(body["access"], language),
        "custom_fields": localised.terms(body["custom_fields"], language),
        "creators": {"creators": [], "affiliations": []},
        "contributors": {"contributors": [], "affiliations": []},
        "is_draft": body["is_draft"],
    }
    if "publication_date" in metadata:
        for width in ("medium", "long"):
            text = localised.edtf(metadata["publication_date"], language, width)
            block[f"publication_date_l10n_{width}"] = text
    for name in ("creators", "contributors"):
        people, affiliations = _people(metadata.get(name, []), language)
        block[name] = {name: people, "affiliations": affiliations}
    for name in _LOCALISED:
        if name in metadata:
            block[name] = localised.terms(metadata[name], language)
    if "description" in metadata:
        block["description_stripped"] = plain(metadata["description"])
    if "version" in metadata:
        block["version"] = metadata["version"]
    published = publishing_information(body["custom_fields"], str(metadata.get("publication_date", ""))[:4])
    if published:
        block["publishing_information"] = published
    if "meeting:meeting" in body["custom_fields"]:
        block["conference"] = body["custom_fields"]["meeting:meeting"]
    return block


_LOCALISED = (
    "resource_type",
    "additional_titles",
    "languages",
    "related_identifiers",
    "additional_descriptions",
    "dates",
    "rights",
    "funding",
    "locations",
)


def access_status(access: Json, language: str) -> Json:
    status = access["status"]
    name, description = ACCESS.get(language, ACCESS["en"])[status]
    embargo = access.get("embargo") or {}
    until = embargo.get("until") if embargo.get("active") else None
    return {
        "id": status,
        "title_l10n": name,
        "description_l10n": description,
        "icon": ICONS[status],
        "embargo_date_l10n": localised.edtf(until, language, "long") if until else None,
        "message_class": CLASSES[status],
    }


def _people(people: Iterable[Json], language: str) -> tuple[list[Json], list[list[Any]]]:
    """People with their affiliations as `[number, name]`, and the affiliations, numbered in order of appearance."""
    numbers: dict[tuple[str, str | None], int] = {}
    shown = []
    for person in people:
        entry: Json = {"person_or_org": person["person_or_org"]}
        if "role" in person:
            entry["role"] = {"id": person["role"]["id"], "title": localised.title(person["role"], language)}
        if person.get("affiliations"):
            names = [(place.get("name", ""), place.get("id")) for place in person["affiliations"]]
            entry["affiliations"] = [[numbers.setdefault(name, len(numbers) + 1), name[0]] for name in names]
        shown.append(entry)
    return shown, [[number, name, term_id] for (name, term_id), number in numbers.items()]


def publishing_information(custom_fields: Json, year: str) -> dict[str, str]:
    """Where it appeared, as one line for journal, book and thesis each."""
    lines = {
        "journal": _journal(custom_fields.get("journal:journal") or {}, year),
        "imprint": _imprint(custom_fields.get("imprint:imprint") or {}),
        "thesis": _thesis(custom_fields.get("thesis:thesis") or {}),
    }
    return {name: line for name, line in lines.items() if line}


def _journal(journal: Json, year: str) -> str:
    if not journal:
        return ""
    issue = f"({journal['issue']})" if "issue" in journal else ""
    issn = f"ISSN: {journal['issn']}" if "issn" in journal else ""
    parts = [journal.get("title", ""), journal.get("volume", "") + issue, journal.get("pages", ""), issn, year]
    return ", ".join(part for part in parts if part) + "."


def _imprint(imprint: Json) -> str:
    if not imprint:
        return ""
    edition = f"{imprint['edition']} ed." if "edition" in imprint else ""
    head = " ".join(part for part in (imprint.get("title", ""), edition) if part)
    first = ", ".join(part for part in (head, imprint.get("pages", "")) if part)
    isbn = f"ISBN: {imprint['isbn']}" if "isbn" in imprint else ""
    return " ".join(f"{part.rstrip('.')}." for part in (first, imprint.get("place", ""), isbn) if part)


def _thesis(thesis: Json) -> str:
    department = f"({thesis['department']})" if "department" in thesis else ""
    place = " ".join(part for part in (thesis.get("university", ""), department) if part)
    return ", ".join(part for part in (place, thesis.get("type", "")) if part)
