"""Real records as research objects, read by the programs of those who specified the formats.

Other people's metadata with files of ours: the corpus has no files.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import frictionless
import geojson
import mlcroissant
import orjson
import pytest
import yaml
from cff_rules import RULES
from corpus_records import corpus_records
from jsonschema import Draft7Validator, FormatChecker
from record_parts import access, file_entry, files
from rocrate.rocrate import ROCrate
from snapshots import KINDS, SITE, as_dataset, hostile, many_files

from repository.formats import by_name
from repository.records.snapshot import Snapshot

pytestmark = pytest.mark.long

FILES = files(
    file_entry("data/rain 2024.csv", 1234),
    file_entry("data/Rain-2024.csv", 0),
    file_entry("déšť", 5, ""),
)
NASTY = files(file_entry("a\"b'c <b>&</b> </script> ]]> --> #?&=%zz;x", 1), file_entry("\u202eRTL 👩\u200d🔬", 2))
"""Keys that an upload may have."""
OF_CODEMETA = {
    *("@context", "@id", "@type", "author", "citation", "codeRepository", "contributor", "copyrightHolder"),
    *("copyrightYear", "dateCreated", "dateModified", "datePublished", "description", "developmentStatus"),
    *("downloadUrl", "editor", "embargoEndDate", "fileSize", "funder", "funding", "hasPart", "identifier"),
    *("isAccessibleForFree", "isPartOf", "keywords", "license", "name", "producer", "programmingLanguage", "publisher"),
    *("readme", "referencePublication", "relatedLink", "sameAs", "softwareHelp", "softwareRequirements", "sponsor"),
    *("supportingData", "url", "version"),
}
"""Terms of its context that describe software. Specified by: CodeMeta 3.0."""


@pytest.fixture(scope="module")
def corpus(shared: Path) -> list[Snapshot]:
    found = [one for folder in ("datacite", "oai_dc") for one in corpus_records(shared / "corpus" / folder)]
    assert len(found) > 3000
    return [replace(one, access=access(), files=FILES) for one in found]


def documents(corpus: list[Snapshot], name: str) -> Iterator[tuple[Snapshot, bytes]]:
    """Every record that can be had in a format, and what it is in it; and hostile ones."""
    form = by_name(name)
    assert form is not None
    for record in corpus:
        if form.suits(record):
            yield record, form.write(record, SITE)
    for record in (replace(kind(hostile()), files=NASTY) for kind in KINDS):
        if form.suits(record):
            yield record, form.write(record, SITE)


def checked(corpus: list[Snapshot], name: str, check: Callable[[Snapshot, Any], object]) -> int:
    """How many documents were checked."""
    count = 0
    for record, data in documents(corpus, name):
        check(record, yaml.safe_load(data) if name == "cff" else orjson.loads(data))
        count += 1
    return count


def test_software_of_the_corpus_has_valid_citation_files(corpus: list[Snapshot]) -> None:
    assert checked(corpus, "cff", lambda _record, value: RULES.validate(value)) > 40


def test_software_of_the_corpus_is_told_in_terms_of_codemeta(corpus: list[Snapshot]) -> None:
    def check(record: Snapshot, value: Any) -> None:
        assert set(value) <= OF_CODEMETA
        assert value["author"]
        assert value["name"]
        assert all(isinstance(word, str) for word in value.get("keywords", ()))
        assert value["@id"].startswith("https://")

    assert checked(corpus, "codemeta", check) > 40


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore:.*ConjunctiveGraph.*:DeprecationWarning")
def test_data_sets_of_the_corpus_are_read_by_mlcroissant(corpus: list[Snapshot]) -> None:
    def check(record: Snapshot, value: Any) -> None:
        read = mlcroissant.Dataset(jsonld=value)
        assert not read.metadata.ctx.issues.errors
        assert read.metadata.name == value["name"]
        sizes = {f"{entry['size']} B" for entry in record.files["entries"].values()}
        assert {file.content_size for file in read.metadata.distribution} == sizes

    assert checked(corpus, "croissant", check) > 250


@pytest.fixture(scope="module")
def package_schema() -> Draft7Validator:
    """The schema that Data Package 2.0 publishes."""
    spec = find_spec("dplib")
    assert spec is not None
    path = Path(spec.origin or "").parent / "profiles" / "2.0" / "datapackage.json"
    return Draft7Validator(orjson.loads(path.read_bytes()), format_checker=FormatChecker())


def test_records_of_the_corpus_are_data_packages(corpus: list[Snapshot], package_schema: Draft7Validator) -> None:
    def check(record: Snapshot, value: Any) -> None:
        package_schema.validate(value)
        report = frictionless.Package.validate_descriptor(value)
        assert report.valid, report.flatten(["note"])
        package = frictionless.Package.from_descriptor(value)
        assert len(package.resources) == len(record.files["entries"])
        assert [resource.path for resource in package.resources] == [one["path"] for one in value["resources"]]

    assert checked(corpus, "data-package", check) > 3000


def test_a_package_of_too_many_files_is_valid() -> None:
    form = by_name("data-package")
    assert form is not None
    assert frictionless.Package.validate_descriptor(orjson.loads(form.write(many_files(1001), SITE))).valid


def test_records_of_the_corpus_are_crates(corpus: list[Snapshot]) -> None:
    def check(record: Snapshot, value: Any) -> None:
        crate = ROCrate(value)
        assert len(crate.data_entities) == len(record.files["entries"])
        assert crate.root_dataset["name"] == crate.name
        assert crate.license

    assert checked(corpus, "ro-crate", check) > 3000


def test_terms_of_crates_are_those_of_its_context(corpus: list[Snapshot]) -> None:
    """The package brings the context, of a later version that only added terms."""
    import rocrate

    folder = Path(rocrate.__file__ or "").parent / "data"
    known = set(orjson.loads((folder / "ro-crate.jsonld").read_bytes())["@context"]) | {"@id", "@type"}
    for record, data in documents([as_dataset(one) for one in corpus], "ro-crate"):
        for entity in orjson.loads(data)["@graph"]:
            types = entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]
            assert {*entity, *types} <= known, record.id


def test_places_of_the_corpus_are_geojson(corpus: list[Snapshot]) -> None:
    def check(record: Snapshot, value: Any) -> None:
        read = geojson.loads(orjson.dumps(value))
        assert read.is_valid, read.errors()
        assert len(read.features) == len(record.metadata["locations"]["features"])
        west, south, east, north = read.bbox
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90

    assert checked(corpus, "geojson", check) > 100
