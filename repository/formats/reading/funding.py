"""DataCite's fundingReferences → funders and awards."""

from typing import Any

from repository.formats.reading import identifiers
from repository.formats.reading.intake import Intake, take, take_constant, take_entries, take_scheme_uri, text
from repository.records import schemes
from repository.records.snapshot import Json


def read(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """Everything in the lists `keys`, which it takes. A reference without a funder is kept as notes."""
    found = []
    for path, value in take_entries(document, *keys):
        entry = {"funderName": value} if isinstance(value, str) else value
        if isinstance(entry, dict) and (funder := _funder(path, entry, intake)):
            reference: Json = {"funder": funder}
            if award := _award(entry):
                reference["award"] = award
            found.append(reference)
        intake.keep(path, entry)
    return found


def _funder(path: str, entry: Json, intake: Intake) -> Json | None:
    """A funder of the vocabulary (by ROR, or by the Crossref funder DOI that the vocabulary has), else its name."""
    _flatten(entry, "funderIdentifier", {"schemeUri": "schemeUri", "schemeURI": "schemeUri"})
    said, kind = text(entry.get("funderIdentifier")), text(entry.get("funderIdentifierType"))
    ror = identifiers.ror(said, kind)
    if ror:
        del entry["funderIdentifier"]
        take_constant(entry, "funderIdentifierType", ("ror",))
        take_scheme_uri(entry, "ror")
    found = ror or intake.known.funders.get(identifiers.parse_doi(said).lower(), "")
    name = take(entry, "funderName")
    if not found:
        if said and name:
            intake.change("identifier-kept-as-note")
        return {"name": name} if name else None
    name = name or intake.known.names.get(("funders", found), "") or f"https://ror.org/{found}"
    intake.name_term("funders", found, name, f"{path}.funderName")
    return {"id": found, "name": name}


def _award(entry: Json) -> Json | None:
    _flatten(entry, "awardNumber", {"awardURI": "awardUri", "awardUri": "awardUri"})
    number, title = take(entry, "awardNumber"), take(entry, "awardTitle")
    if not (number or title):
        return None
    award: Json = {}
    if number:
        award["number"] = number
    if title:
        award["title"] = {"en": title}
    address = text(entry.get("awardUri") or entry.get("awardURI"))
    identifier, scheme = identifiers.detect(address) if address else ("", "")
    if scheme in schemes.AWARD:
        take(entry, "awardUri", "awardURI")
        award["identifiers"] = [{"identifier": identifier, "scheme": scheme}]
    return award


def _flatten(entry: Json, key: str, moved: dict[str, str]) -> None:
    """`{key: {key: …, a: …}}` as `{key: …, a: …}`, as far as nothing is overwritten."""
    inner: Any = entry.get(key)
    if not isinstance(inner, dict) or not text(inner.get(key)):
        return
    for name in list(inner):
        target = moved.get(name, name)
        if name != key and target not in entry:
            entry[target] = inner.pop(name)
    if len(inner) == 1:
        entry[key] = inner[key]
