"""DataCite XML that we wrote, imported again, is the same record but for what `docs/formats.md` lists.

`representable` says what of a record has a place there: nothing else may be lost, and nothing else be added.
"""

import io
import re
from collections import ChainMap
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from body_strategies import CUSTOM_FIELDS, METADATA
from corpus_records import corpus_records
from hypothesis import given, settings
from hypothesis import strategies as st
from record_parts import NO_FILES, access
from snapshots import SITE, as_dataset, full, minimal, with_files

from repository import vocabularies
from repository.formats import datacite_xml
from repository.formats.datacite_terms import RELATED_LABELS
from repository.formats.geometry import box, nested_positions, positions
from repository.formats.iris import identifier_iri
from repository.formats.reading import Known, read
from repository.formats.text import plain, plain_title
from repository.records import draft
from repository.records.deposit import Deposit
from repository.records.metadata_terms import resolve, term_props
from repository.records.snapshot import Json, Snapshot
from repository.records.vocabularies import Reference, Terms

TERMS = {(name, str(term["id"])): term for name in vocabularies.available() for term in vocabularies.load(name)}
RULES = draft.Rules(today=date(2026, 11, 24), importing=True)


@cache
def known() -> Known:
    return Known.from_terms(((vocabulary, term) for (vocabulary, _), term in TERMS.items()), SITE)


def taken_in(snapshot: Snapshot, body: Json, terms: Terms) -> tuple[Snapshot, tuple[Any, ...]]:
    """The record with what an import stores of a body, and what it has against it."""
    every = ChainMap(TERMS, dict(terms))
    loaded = draft.load(body, None, every, RULES)
    metadata, custom_fields = resolve(loaded.metadata, loaded.custom_fields, every)
    props = term_props(loaded.metadata, loaded.custom_fields, every)
    pids = {scheme: pid for scheme, pid in snapshot.pids.items() if scheme == "oai"} | loaded.pids
    taken = replace(snapshot, metadata=metadata, custom_fields=custom_fields, pids=pids, props=props)
    return taken, draft.merge(loaded.errors, draft.missing(loaded, RULES))


def stored(snapshot: Snapshot) -> Snapshot:
    """The record as it would be stored: what validation refuses is left out of it."""
    doi = {"identifier": snapshot.doi, "provider": "external"}
    body = {"metadata": snapshot.metadata, "custom_fields": snapshot.custom_fields}
    return taken_in(snapshot, body | {"pids": {"doi": doi} if snapshot.doi else {}}, dict(_named(snapshot.metadata)))[0]


def _named(metadata: Json) -> Iterator[tuple[Reference, Json]]:
    """Organisations that an import brought along."""
    for person in (*metadata.get("creators", ()), *metadata.get("contributors", ())):
        for affiliation in person.get("affiliations", ()):
            if "id" in affiliation:
                yield ("affiliations", affiliation["id"]), affiliation
    for reference in metadata.get("funding", ()):
        if "id" in reference["funder"]:
            yield ("funders", reference["funder"]["id"]), reference["funder"]


def imported(document: bytes, like: Snapshot) -> Snapshot:
    """What an import of the document makes, at the place of another record."""
    alone = replace(
        known(), names=dict(known().names)
    )  # what other documents call an organisation is not its name here
    (deposit,) = read(io.BytesIO(document), "datacite.xml", alone)
    assert isinstance(deposit, Deposit), deposit
    brought = {reference: {"id": reference[1], "name": name} for reference, name in deposit.terms.items()}
    taken, errors = taken_in(like, deposit.body, brought | dict(_named(like.metadata)))
    assert errors == ()
    return replace(taken, access=access(status="metadata-only"), files=NO_FILES)


def there_and_back(snapshot: Snapshot) -> None:
    document = datacite_xml.write(snapshot, SITE)
    again = imported(document, snapshot)
    assert datacite_xml.write(again, SITE).decode().split("\n") == document.decode().split("\n")
    for name in {*snapshot.metadata, *again.metadata} - set(CHANGED):
        assert again.metadata.get(name, []) == snapshot.metadata.get(name, []), name
    metadata, custom_fields = representable(snapshot)
    assert without_titles(again.metadata) == without_titles(metadata)
    assert again.custom_fields == custom_fields
    assert again.doi == snapshot.doi


def without_titles(metadata: Json) -> Json:
    """Terms by their ids, and HTML as the plain text that it is in DataCite."""
    found = {name: _bare(value) for name, value in metadata.items() if value}
    for name in ("description", "copyright"):
        if name in found:
            found[name] = plain(found[name])
    for entry in found.get("additional_descriptions", ()):
        entry["description"] = plain(entry["description"])
    return found


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "id" in value:
        return {"id": value["id"], **({"role": _bare(value["role"])} if "role" in value else {})}
    return {name: _bare(inner) for name, inner in value.items()}


def representable(snapshot: Snapshot) -> tuple[Json, Json]:
    """Metadata and custom fields of a record as they come back: the table in `docs/formats.md`, row by row."""
    work = deepcopy(snapshot.metadata)
    for creator in work["creators"]:
        creator.pop("role", None)
    for title in (work, *work.get("additional_titles", ())):
        title["title"] = plain_title(title["title"])
    work["languages"] = work.get("languages", [])[:1]
    work.setdefault("publisher", "(:unav)")
    dates = work.setdefault("dates", [])
    if not any(entry["type"]["id"] == "updated" for entry in dates):
        dates.append({"date": snapshot.updated[:10], "type": {"id": "updated"}})
    work["related_identifiers"] = list(_related(work, snapshot))
    work.pop("references", None)
    work["rights"] = _rights(work, snapshot)
    features = [_feature(feature) for feature in work.get("locations", {}).get("features", ())]
    work["locations"] = {"features": features} if any(features) else {}
    for reference in work.get("funding", ()):
        _reduce_award(reference)
    return work, {name: _bundle(name, value) for name, value in snapshot.custom_fields.items() if name in BUNDLES}


def _related(work: Json, snapshot: Snapshot) -> Iterator[Json]:
    references = ({**entry, "relation_type": {"id": "references"}} for entry in work.get("references", ()))
    parent = snapshot.parent["pids"].get("doi", {}).get("identifier", "")
    versions = [(parent, "isversionof")] + [
        (other.doi, "isnewversionof") for other in snapshot.versions if other.index == snapshot.index - 1
    ]
    neighbours = ({"identifier": doi, "scheme": "doi", "relation_type": {"id": kind}} for doi, kind in versions if doi)
    seen = set()
    for entry in (*work.get("related_identifiers", ()), *references, *neighbours):
        identifier, scheme = entry.get("identifier", ""), entry.get("scheme", "")
        if scheme not in RELATED_LABELS:
            if "reference" in entry:
                continue
            identifier, scheme = identifier_iri(scheme, identifier), "url"
        key = identifier.lower(), entry["relation_type"]["id"]
        if identifier and key not in seen:
            seen.add(key)
            kept = {"identifier": identifier, "scheme": scheme, "relation_type": entry["relation_type"]}
            general = general_type(entry.get("resource_type"))
            yield kept | ({"resource_type": {"id": general}} if general else {})


def general_type(kind: Json | None) -> str:
    """The type that a related work comes back with: the broadest of those that DataCite calls alike."""
    if not kind:
        return ""
    word = TERMS["resourcetypes", kind["id"]]["props"]["datacite_general"]
    alike = [term for (name, _), term in TERMS.items() if name == "resourcetypes"]
    return next(
        term["id"]
        for term in alike
        if term["props"]["datacite_general"] == word and not term["props"].get("datacite_type")
    )


CHANGED = (
    "title", "additional_titles", "creators", "description", "additional_descriptions", "copyright", "languages",
    "publisher", "dates", "rights", "related_identifiers", "references", "locations", "funding", "custom_fields",
)  # fmt: skip
"""The fields in the table of `docs/formats.md`; all others are equal."""
ACCESS = {"open": "open", "restricted": "restricted", "embargoed": "embargoed", "metadata-only": "closed"}


def _rights(work: Json, snapshot: Snapshot) -> list[Json]:
    """What is said of access comes last and once, unless it is what every record without files says by itself."""
    entries = [{name: entry[name] for name in entry if name != "description"} for entry in work.get("rights", ())]
    said = {word: {"title": {"en": f"info:eu-repo/semantics/{word}Access"}} for word in ACCESS.values()}
    stated = [entry for entry in entries if entry in said.values()]
    if not stated or snapshot.access["status"] != "metadata-only":
        stated.append(said[ACCESS[snapshot.access["status"]]])
    once = [entry for place, entry in enumerate(stated) if entry not in stated[:place]]
    return [entry for entry in entries if entry not in stated] + (once if once != [said["closed"]] else [])


def _feature(feature: Json) -> Json:
    found = {"place": feature["place"]} if "place" in feature else {}
    geometry = feature.get("geometry") or {}
    places = list(positions(geometry))
    if geometry.get("type") == "Point" and places:
        found["geometry"] = {"type": "Point", "coordinates": list(places[0])}
    elif places:
        ring = list(nested_positions(geometry["coordinates"][:1])) if geometry["type"] == "Polygon" else []
        west, south, east, north = box(ring or places)
        corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        if len(ring) < 4 or set(ring) == set(corners):
            ring = corners
        found["geometry"] = {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}
    return found


def _reduce_award(reference: Json) -> None:
    award = reference.pop("award", None)
    if not award:
        return
    kept: Json = {}
    if award.get("number"):
        kept["number"] = award["number"]
    if title := award.get("title"):
        kept["title"] = {"en": title.get("en") or next(iter(title.values()))}
    links = sorted(award.get("identifiers", ()), key=lambda known: known["scheme"] != "doi")
    if links and "number" in kept:
        kept["identifiers"] = links[:1]
    reference["award"] = kept


BUNDLES = {
    "journal:journal": ("title", "issue", "volume", "pages", "issn"),
    "imprint:imprint": ("title", "isbn", "pages", "edition"),
    "meeting:meeting": ("title", "identifiers", "url"),
}


def _bundle(name: str, value: Json) -> Json:
    kept = {key: value[key] for key in BUNDLES[name] if key in value}
    if name == "meeting:meeting" and "identifiers" in kept:
        kept.pop("url", None)
    return kept


@pytest.mark.parametrize("make", [minimal, full, with_files, lambda: as_dataset(full())])
def test_a_record_comes_back_as_it_was(make: Any) -> None:
    there_and_back(stored(make()))


@pytest.mark.long
@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_comes_back_as_it_was(shared: Path, folder: str) -> None:
    count = 0
    for snapshot in corpus_records(shared / "corpus" / folder):
        there_and_back(stored(snapshot))
        count += 1
    assert count > 1000


@settings(deadline=None)
@given(METADATA, CUSTOM_FIELDS, st.booleans(), st.sampled_from(("metadata-only", "open", "restricted")))
def test_any_record_comes_back_as_it_was(metadata: Json, custom_fields: Json, has_doi: bool, status: str) -> None:
    body = {"metadata": metadata, "custom_fields": custom_fields}
    doi = {"doi": {"identifier": "10.1234/Rain-1", "provider": "external"}} if has_doi else {}
    record, errors = taken_in(minimal(access=access(status=status)), body | {"pids": doi}, {})
    assert errors == ()
    there_and_back(record)


def test_the_docs_list_the_fields_that_change() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    table = documented.partition("| field of a record |")[2].partition("\n\n")[0]
    assert re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in table.splitlines()[2:])) == list(CHANGED)
