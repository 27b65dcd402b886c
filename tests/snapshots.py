"""Snapshots for tests of everything that is made from them; see `snapshot_strategies` for generated ones.

Each function gives a new Snapshot that `snapshot.dump` can store. Ids have right checksums. Nothing here is read from
other people's records.
"""

from dataclasses import replace
from typing import Any

from full_record import FULL_CUSTOM_FIELDS, FULL_METADATA, FULL_PROPS
from record_parts import (
    DATASET_PROPS,
    NO_FILES,
    SOFTWARE_PROPS,
    Json,
    access,
    file_entry,
    files,
    person,
    record_id,
    term,
)

from repository.records.snapshot import Neighbour, Site, Snapshot

SITE = Site(url="https://repository.example.org", name="Example Repository", oai_domain="repository.example.org")


def minimal(number: int = 1, **changes: Any) -> Snapshot:
    """Only what publishing requires: a metadata-only dataset without DOI, open to all."""
    identifier = record_id(number)
    fields: Json = {
        "id": identifier,
        "parent_id": record_id(number + 1_000_000),
        "index": 1,
        "revision_id": 1,
        "created": "2024-05-01T09:30:00.000000+00:00",
        "updated": "2024-05-02T10:00:00.000000+00:00",
        "state": "published",
        "access": access(status="metadata-only"),
        "metadata": {
            "resource_type": term("dataset", "Dataset", "Datová sada"),
            "title": "Rain in the harbour",
            "publication_date": "2024-05-01",
            "creators": [person("Carberry", "Josiah")],
        },
        "custom_fields": {},
        "pids": {"oai": {"identifier": f"oai:{SITE.oai_domain}:{identifier}", "provider": "oai"}},
        "parent": {
            "id": record_id(number + 1_000_000),
            "access": {"owned_by": {"user": "SECRET-OWNER"}, "settings": {"accept_conditions_text": "SECRET-SETTING"}},
            "communities": {},
            "pids": {},
        },
        "files": NO_FILES,
        "versions": (Neighbour(identifier, 1, "published", closed=False, publication_date="2024-05-01"),),
        "readers": ("SECRET-READER",),
        "props": {"resourcetypes": {"dataset": DATASET_PROPS}},
    }
    return Snapshot(**(fields | changes))


def with_metadata(snapshot: Snapshot, **metadata: Any) -> Snapshot:
    """The same record with these metadata fields replaced, or taken away where None."""
    merged = {name: value for name, value in (snapshot.metadata | metadata).items() if value is not None}
    return replace(snapshot, metadata=merged)


def with_files(number: int = 2) -> Snapshot:
    """A dataset with three files, one of them hidden, in an order of the depositor's."""
    return minimal(
        number,
        access=access(),
        files=files(
            file_entry("data/rain 2024.csv", 1234),
            file_entry("figure.png", 99_000, "image/png"),
            file_entry("SECRET-HIDDEN.txt", 5, "text/plain", access={"hidden": True}),
            order=["figure.png"],
        ),
        files_digest="0" * 64,
    )


def files_closed(number: int = 3) -> Snapshot:
    """Public metadata, restricted files whose names must not be told."""
    return replace(
        with_files(number),
        access=access("public", "restricted", "restricted"),
        files=files(file_entry("SECRET-FILE.csv"), default_preview="SECRET-FILE.csv"),
    )


def embargoed(number: int = 4) -> Snapshot:
    """Public metadata, files under an embargo."""
    return replace(files_closed(number), access=access("public", "restricted", "embargoed", "2099-01-01"))


def record_closed(number: int = 5) -> Snapshot:
    """A restricted record: only its readers may know of it."""
    return replace(files_closed(number), access=access("restricted", "restricted", "restricted"))


def many_files(count: int = 1000) -> Snapshot:
    """A dataset with as many files as a record's own JSON names (of more, `entries` is empty)."""
    entries = [file_entry(f"series/part-{position:05d}.csv", position) for position in range(count)]
    block = files(*entries)
    return minimal(6, access=access(), files=block if count <= 1000 else block | {"entries": {}}, files_digest="1" * 64)


def many_authors(count: int = 3000) -> Snapshot:
    """A collaboration: many authors of a few institutes."""
    institutes = [{"id": f"02ex6cf{i:02d}", "name": f"Institute {i}"} for i in range(10, 40)]
    return with_metadata(
        minimal(7),
        creators=[
            person(f"Family{i}", f"Given{i}", affiliations=[institutes[i % 30], institutes[i * 7 % 30]])
            for i in range(count)
        ],
    )


def hostile(number: int = 8) -> Snapshot:
    """Text that breaks careless writers in every free field, none of it removed by validation."""
    snapshot = full(number)
    nasty = (
        "a\"b'c &amp; <b>&</b> </script><script>alert(1)</script> ]]> --> \x00\x01\x0b\x1f\x7f\x85 \u2028\u2029 "
        "\ufffe\uffff \u202eRTL\u202c 👩\u200d🔬 e\u0301 {{x}} ${y} %s %zz \\ \r\n\t."
    )
    iri = 'https://example.org/a b?q="<x>"&r={y}|z^`\\#f#g %zz é \u202e'
    metadata = _fill(snapshot.metadata, nasty, iri)
    custom_fields = _fill(snapshot.custom_fields, nasty, iri)
    entries = [file_entry(f"{nasty[:40]} {i} #?&=/../x", i, 'text/"csv"; a=<b>') for i in range(2)]
    return replace(snapshot, metadata=metadata, custom_fields=custom_fields, files=files(*entries))


_KEPT = {"id", "scheme", "type", "publication_date", "date", "lang"}
_IRIS = {"link", "url", "codeRepository"}


def _fill(value: Any, text: str, iri: str, name: str = "") -> Any:
    """Every text of a JSON value replaced, but for ids, schemes, types and dates; URLs by an impossible one."""
    if isinstance(value, dict):
        is_identifier = "scheme" in value and "identifier" in value
        return {
            key: (iri if value["scheme"] == "url" else f"{inner} {text}")
            if is_identifier and key == "identifier"
            else inner
            if key in _KEPT and isinstance(inner, str)
            else _fill(inner, text, iri, key)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_fill(inner, text, iri, name) for inner in value]
    if isinstance(value, str):
        return iri if name.rpartition(":")[2] in _IRIS else f"{value} {text}"
    return value


def full(number: int = 9) -> Snapshot:
    """Every field of the model: second of three versions (the third withdrawn), with DOIs, files and custom fields."""
    identifier, parent = record_id(number), record_id(number + 1_000_000)
    first, third = record_id(number + 2_000_000), record_id(number + 3_000_000)
    return minimal(
        number,
        index=2,
        revision_id=4,
        access=access(),
        metadata=FULL_METADATA,
        custom_fields=FULL_CUSTOM_FIELDS,
        pids={
            "doi": {"identifier": f"10.5072/{identifier}", "provider": "datacite", "client": "datacite"},
            "oai": {"identifier": f"oai:{SITE.oai_domain}:{identifier}", "provider": "oai"},
        },
        parent={
            "id": parent,
            "access": {"owned_by": {"user": "SECRET-OWNER"}, "settings": {"accept_conditions_text": "SECRET-SETTING"}},
            "communities": {},
            "pids": {"doi": {"identifier": f"10.5072/{parent}", "provider": "datacite", "client": "datacite"}},
        },
        files=files(file_entry("rain.csv", 2048), file_entry("figure 1.png", 99_000, "image/png"), order=["rain.csv"]),
        files_digest="2" * 64,
        versions=(
            Neighbour(first, 1, "published", closed=False, publication_date="2019", doi=f"10.5072/{first}"),
            Neighbour(identifier, 2, "published", False, False, "2020-01/2020-06", "v1.0.2", f"10.5072/{identifier}"),
            Neighbour(third, 3, "withdrawn", closed=False, publication_date="2021", doi=f"10.5072/{third}"),
        ),
        props=FULL_PROPS,
        origin={"source": "SECRET-SOURCE.xml#3", "identity": "SECRET-IDENTITY"},
    )


def as_dataset(snapshot: Snapshot) -> Snapshot:
    """The same, of another kind: formats for data sets take it."""
    return _of_kind(snapshot, term("dataset", "Dataset", "Datová sada"), DATASET_PROPS)


def as_software(snapshot: Snapshot) -> Snapshot:
    """The same, of another kind: formats for software take it."""
    return _of_kind(snapshot, term("software", "Software", "Software"), SOFTWARE_PROPS)


def _of_kind(snapshot: Snapshot, kind: Json, props: dict[str, str]) -> Snapshot:
    others = dict(snapshot.props or {})
    known = {**others.get("resourcetypes", {}), kind["id"]: props}
    return replace(with_metadata(snapshot, resource_type=kind), props={**others, "resourcetypes": known})


KINDS = (lambda snapshot: snapshot, as_dataset, as_software)
"""A record that has every field can be had in every format in one of these kinds."""
