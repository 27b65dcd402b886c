"""What holds for every format of the table."""

import ast
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from snapshot_strategies import snapshots as any_snapshot
from snapshots import (
    SITE,
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    many_files,
    minimal,
    record_closed,
    with_files,
)
from write_goldens import GOLDEN, example, readable

from repository.formats import FORMATS, Format, by_file_name, by_name, by_oai_prefix
from repository.formats.format import source_digest
from repository.records.snapshot import Snapshot, dump, load

EACH = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
PACKAGE = Path(sys.modules["repository.formats"].__file__ or "").parent


@EACH
def test_output_equals_the_golden_file(form: Format) -> None:
    assert readable(form, form.write(example(form, full()), SITE)) == (GOLDEN / form.file_name).read_bytes()


def test_every_golden_file_belongs_to_a_format() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {form.file_name for form in FORMATS}


@EACH
def test_closed_fields_are_never_written(form: Format) -> None:
    for snapshot in (minimal(), full(), with_files(), files_closed(), embargoed(), record_closed(), hostile()):
        assert b"SECRET" not in form.write(snapshot, SITE)


@EACH
def test_a_stored_snapshot_is_written_like_the_one_in_memory(form: Format) -> None:
    for snapshot in (minimal(), full(), hostile(), with_files()):
        assert form.write(load(dump(snapshot)), SITE) == form.write(snapshot, SITE)


def test_equal_snapshots_give_equal_bytes_in_every_process() -> None:
    program = (
        "import hashlib; from snapshots import SITE, full; from repository.formats import FORMATS\n"
        "for form in FORMATS: print(form.name, hashlib.sha256(form.write(full(), SITE)).hexdigest())"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONPATH": path}
        ).stdout
        for path in [":".join(sys.path)] * 3
    }
    digests = [f"{form.name} {sha256(form.write(full(), SITE)).hexdigest()}\n" for form in FORMATS]
    assert written == {"".join(digests).encode()}


@settings(deadline=None)
@given(any_snapshot())
def test_no_public_record_makes_a_writer_fail(snapshot: Snapshot) -> None:
    """One record for all formats: to make it up takes longer than to write it."""
    for form in FORMATS:
        assert form.write(snapshot, SITE), form.name


@EACH
def test_large_records_are_written_whole(form: Format) -> None:
    if form.relation != "describedby":
        assert form.write(many_files(1000), SITE).count(b"/files/series/part-") == 2 * 1000
    elif form.name != "geojson":  # which is about places
        assert b"Family2999" in form.write(many_authors(), SITE)
    if form.name in ("schema-org", "turtle"):
        assert form.write(many_files(1000), SITE).count(b".csv#dist") >= 1000


@EACH
def test_an_erased_record_is_written_without_failing(form: Format) -> None:
    assert form.write(minimal(metadata={}, props=None, pids={}), SITE)


def test_names_files_and_media_types_are_unambiguous() -> None:
    for values in (
        [form.name for form in FORMATS],
        [form.file_name for form in FORMATS],
        [form.oai.prefix for form in FORMATS if form.oai],
        [media_type for form in FORMATS for media_type in (form.media_type, *form.accept)],
    ):
        assert len(values) == len(set(values))


def test_formats_are_found_by_each_of_their_names() -> None:
    for form in FORMATS:
        assert by_name(form.name) is form
        assert by_file_name(form.file_name) is form
        assert form.oai is None or by_oai_prefix(form.oai.prefix) is form
    assert by_name("nothing") is by_file_name("record") is by_oai_prefix("oai_nothing") is None


@EACH
def test_declared_json_is_json_and_declared_xml_begins_with_a_declaration(form: Format) -> None:
    data = form.write(minimal(), SITE)
    if form.media_type.endswith("json"):
        assert isinstance(orjson.loads(data), dict)
    if form.media_type.endswith("xml"):
        assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<')


def test_rules_differ_between_formats_and_cover_what_they_import() -> None:
    assert len({form.rules for form in FORMATS}) == len(FORMATS)
    assert source_digest("repository.formats.datacite") != source_digest("repository.formats.datacite_terms")
    assert source_digest("repository.formats.rdf") == source_digest("repository.formats.rdf")


def test_the_digest_of_rules_sees_every_import_of_ours() -> None:
    """`source_digest` reads imports with a regular expression: an import that it can't see would leave old files."""
    for path in PACKAGE.glob("*.py"):
        if path.name == "__init__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in (name for name in names if name.startswith("repository")):
                assert node in tree.body, f"{path.name} imports {name} inside a function"
                assert (PACKAGE.parent.parent / (name.replace(".", "/") + ".py")).is_file(), f"{path.name}: {name}"
