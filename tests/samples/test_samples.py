"""The sample records: sound, complete, and as broad as the demonstration promises."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from repository import samples, vocabularies
from repository.records import access as access_rules
from repository.records import custom_fields, metadata
from repository.records.metadata_values import TERMS
from repository.samples import Sample, SampleVersion

SAMPLES = samples.load()
VERSIONS = [
    pytest.param(version, id=f"{sample.key}-{index}")
    for sample in SAMPLES
    for index, version in enumerate(sample.versions, 1)
]


def sample(key: str) -> Sample:
    return next(found for found in SAMPLES if found.key == key)


def newest() -> list[dict[str, Any]]:
    return [found.versions[-1].body for found in SAMPLES]


@pytest.fixture(scope="module")
def terms() -> dict[tuple[str, str], Any]:
    return {(type_, term["id"]): term for type_ in vocabularies.available() for term in vocabularies.load(type_)}


@pytest.fixture(autouse=True)
def known_terms(terms: dict[tuple[str, str], Any]) -> Iterator[None]:
    token = TERMS.set(terms)
    yield
    TERMS.reset(token)


def test_there_are_thirty_with_names_of_their_own() -> None:
    assert len(SAMPLES) == 30
    assert len({found.key for found in SAMPLES}) == 30


@pytest.mark.parametrize("version", VERSIONS)
def test_metadata_are_taken_as_they_are(version: SampleVersion) -> None:
    given = version.body["metadata"]
    kept, messages = metadata.load(given)
    assert messages == {}
    assert _without_names(kept) == given


def _without_names(value: Any) -> Any:
    """The stored metadata without the names of persons, which are made from their parts."""
    if isinstance(value, dict):
        made = "name" if value.get("type") == "personal" else ""
        return {key: _without_names(inner) for key, inner in value.items() if key != made}
    return [_without_names(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("version", VERSIONS)
def test_what_publishing_asks_for_is_there(version: SampleVersion) -> None:
    body = version.body
    assert set(body) <= {"access", "files", "metadata", "custom_fields", "pids"}
    assert all(body["metadata"].get(field) for field in metadata.REQUIRED_TO_PUBLISH)
    assert body["metadata"]["publisher"]
    assert body["files"]["enabled"] is bool(version.files)


@pytest.mark.parametrize("version", VERSIONS)
def test_custom_fields_and_access_are_right(version: SampleVersion) -> None:
    given = version.body.get("custom_fields", {})
    assert custom_fields.load(given) == (given, {})
    _, messages = access_rules.load(version.body["access"], None, datetime.now(UTC).date())
    assert messages == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_files_are_there_and_small(version: SampleVersion) -> None:
    keys = [file.key for file in version.files]
    assert len(keys) == len({unicodedata.normalize("NFC", key) for key in keys})
    for file in version.files:
        assert 0 < file.path.stat().st_size <= 60_000, file
        if file.path.suffix == ".png":
            assert file.path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
            assert file.path.stat().st_size <= 30_000


def test_every_file_in_the_folder_belongs_to_a_record() -> None:
    named = {file.path for found in SAMPLES for version in found.versions for file in version.files}
    assert named == {path for path in (samples.FOLDER / "files").rglob("*") if path.is_file()}


def test_a_file_that_stays_is_the_same_file_in_the_next_version() -> None:
    first, second, _third = sample("alder-brook").versions
    paths = [{file.key: file.path for file in version.files} for version in (first, second)]
    assert paths[0]["README.txt"] == paths[1]["README.txt"]
    assert paths[0]["data/monthly.csv"] != paths[1]["data/monthly.csv"]
    assert paths[0]["data/monthly.csv"].read_text(encoding="utf-8") in paths[1]["data/monthly.csv"].read_text(
        encoding="utf-8"
    )


def test_a_later_version_keeps_what_it_does_not_change() -> None:
    first, second = sample("rain-gauge-toolkit").versions
    assert second.body["metadata"]["version"] == "1.1.0"
    assert second.body["metadata"]["creators"] == first.body["metadata"]["creators"]
    assert second.body["access"] == first.body["access"]
    assert second.body["custom_fields"]["code:developmentStatus"] == {"id": "active"}


def test_dois_are_unique_external_and_of_the_prefix_for_examples() -> None:
    dois = [v.body["pids"]["doi"] for found in SAMPLES for v in found.versions if "pids" in v.body]
    assert len(dois) > 5
    assert len({doi["identifier"].lower() for doi in dois}) == len(dois)
    assert {doi["provider"] for doi in dois} == {"external"}
    assert all(doi["identifier"].startswith("10.5555/") for doi in dois)


def test_samples_that_point_to_each_other_meet() -> None:
    own = {v.body["pids"]["doi"]["identifier"] for found in SAMPLES for v in found.versions if "pids" in v.body}
    named = {
        related["identifier"]
        for body in newest()
        for related in body["metadata"].get("related_identifiers", [])
        if related["identifier"].startswith("10.5555/")
    }
    assert named <= own


def test_only_the_fictitious_or_unassigned_orcid_ids_are_used() -> None:
    text = json.dumps(newest())
    orcids = set(re.findall(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b", text))
    assert "0000-0002-1825-0097" in orcids
    assert all(orcid.startswith("0009-0009-9999-") for orcid in orcids - {"0000-0002-1825-0097", "0000-0002-1694-233X"})


def test_the_promised_breadth() -> None:
    bodies = newest()
    types = Counter(body["metadata"]["resource_type"]["id"] for body in bodies)
    assert types.keys() >= {
        "audio",
        "dataset",
        "image-photo",
        "image-plot",
        "lesson",
        "model",
        "physicalobject",
        "poster",
        "presentation",
        "publication-article",
        "publication-conferencepaper",
        "publication-datamanagementplan",
        "publication-datapaper",
        "publication-dissertation",
        "publication-peerreview",
        "publication-preprint",
        "publication-report",
        "publication-section",
        "software",
        "software-computationalnotebook",
        "video",
        "workflow",
    }
    versions = Counter(len(found.versions) for found in SAMPLES)
    assert versions[3] >= 1
    assert versions[2] >= 2
    assert [found.key for found in SAMPLES if found.withdraw] == ["photometer-calibration"]
    assert any(not body["files"]["enabled"] for body in bodies)


def test_all_kinds_of_access_occur() -> None:
    kinds = {
        (body["access"]["record"], body["access"]["files"], bool(body["access"].get("embargo", {}).get("active")))
        for body in newest()
    }
    assert kinds == {
        ("public", "public", False),
        ("public", "restricted", False),
        ("public", "restricted", True),
        ("restricted", "restricted", False),
        ("restricted", "restricted", True),
    }
    ends = [body["access"]["embargo"]["until"] for body in newest() if "embargo" in body["access"]]
    assert all(date.fromisoformat(end) >= date(2099, 1, 1) for end in ends)


def test_every_field_of_the_metadata_is_used_somewhere() -> None:
    assert {field for body in newest() for field in body["metadata"]} == set(metadata.FIELDS)


def test_every_bundle_of_custom_fields_is_used_somewhere() -> None:
    used = {name for body in newest() for name in body.get("custom_fields", {})}
    assert used == set(custom_fields.BUNDLES)


def test_scripts_and_directions_of_writing_occur() -> None:
    titles = " ".join(body["metadata"]["title"] for body in newest())
    for script in ("ARABIC LETTER", "HEBREW LETTER", "CJK UNIFIED"):
        assert any(unicodedata.name(character, "").startswith(script) for character in titles), script
    languages = {language["id"] for body in newest() for language in body["metadata"].get("languages", [])}
    assert {"eng", "ces", "ara", "heb", "zho", "zxx"} <= languages
    assert "Žluťoučký".casefold() in json.dumps(newest(), ensure_ascii=False).casefold()


def test_a_long_list_of_authors_and_much_html_occur() -> None:
    assert max(len(body["metadata"]["creators"]) for body in newest()) == 300
    html = sample("tides-of-a-puddle").versions[0].body["metadata"]["description"]
    for element in ("<h2>", "<ol>", "<blockquote>", "<table>", "<sub>", "<sup>", "<code>", "<a href="):
        assert element in html


def test_places_funding_affiliations_and_references_occur() -> None:
    features = [f for body in newest() for f in body["metadata"].get("locations", {}).get("features", [])]
    assert {f["geometry"]["type"] for f in features if "geometry" in f} >= {
        "Point",
        "Polygon",
        "MultiPoint",
        "LineString",
    }
    funding = [entry for body in newest() for entry in body["metadata"].get("funding", [])]
    assert any("id" in entry.get("award", {}) for entry in funding)
    assert any("number" in entry.get("award", {}) for entry in funding)
    assert any("name" in entry["funder"] for entry in funding)
    affiliations = [a for body in newest() for c in body["metadata"]["creators"] for a in c.get("affiliations", [])]
    assert any("id" in affiliation for affiliation in affiliations)
    assert any("name" in affiliation for affiliation in affiliations)


def test_file_keys_with_folders_spaces_and_other_scripts_occur() -> None:
    keys = [file.key for found in SAMPLES for file in found.versions[-1].files]
    assert any("/" in key for key in keys)
    assert any(" " in key for key in keys)
    assert any(not key.isascii() for key in keys)
    assert {key.rpartition(".")[2] for key in keys} >= {"csv", "png", "txt", "pdf", "md", "py", "ipynb", "wav", "obj"}


def test_a_withdrawal_names_a_reason_of_the_vocabulary(terms: dict[tuple[str, str], Any]) -> None:
    wish = sample("photometer-calibration").withdraw
    assert wish is not None
    assert ("removalreasons", wish["removal_reason"]["id"]) in terms
    assert wish["note"]
    assert wish["is_visible"] is True
