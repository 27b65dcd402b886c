"""CSV: rows of records, alone and in lists."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, files_closed, full, hostile, many_authors, many_files, minimal, with_files, with_metadata

from repository.formats import csv_full, csv_simple
from repository.formats.text import clean
from repository.records.snapshot import Snapshot

BOTH = pytest.mark.parametrize("writer", [csv_simple, csv_full], ids=["simple", "full"])


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows by column; a row that is too long or too short fails."""
    header, *found = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    return [dict(zip(header, row, strict=True)) for row in found]


def row(writer: Any, snapshot: Snapshot) -> dict[str, str]:
    (found,) = rows(writer.write(snapshot, SITE))
    return found


def test_the_main_columns_are_those_of_invenio_rdm() -> None:
    assert csv_simple.write(full(), SITE).partition(b"\r\n")[0] == (
        b"id,created,pids.doi.identifier,metadata.title,metadata.description,metadata.resource_type.title.en,"
        b"metadata.publication_date,metadata.creators.person_or_org.type,metadata.creators.person_or_org.name,"
        b"metadata.rights.id"
    )
    found = row(csv_simple, full())
    assert found["metadata.creators.person_or_org.name"] == "Carberry, Josiah\nHarbour Institute\nنجيب, محفوظ"
    assert found["metadata.rights.id"] == "cc-by-4.0"


def test_every_value_has_a_column() -> None:
    found = row(csv_full, full())
    assert found["metadata.creators.1.person_or_org.identifiers.0.identifier"] == "02ex6cf31"
    assert found["custom_fields.journal:journal.volume"] == "12"
    assert found["access.embargo.active"] == "False"
    assert found["links.self"] == f"{SITE.url}/api/records/{full().id}"
    assert list(found) == sorted(found)


@BOTH
def test_hostile_texts_come_back_as_they_were(writer: Any) -> None:
    found = row(writer, hostile())
    assert found["metadata.title"] == clean(hostile().title)
    assert '"' in found["metadata.title"]
    assert "\r\n" in found["metadata.title"]


@settings(max_examples=50)
@given(any_snapshot())
def test_rows_of_any_record_have_a_value_for_each_column(snapshot: Snapshot) -> None:
    assert row(csv_simple, snapshot)["id"] == snapshot.id
    assert row(csv_full, snapshot)["id"] == snapshot.id


@BOTH
def test_a_list_has_a_row_for_each_record_and_columns_for_all(writer: Any) -> None:
    several = [minimal(1), full(2), many_authors(3)]
    found = rows(writer.write_list(several, SITE))
    assert [values["id"] for values in found] == [record.id for record in several]
    assert found[0]["pids.doi.identifier"] == ""
    assert len({tuple(values) for values in found}) == 1
    assert len(rows(writer.write_list([], SITE))) == 0


def test_files_are_counted_and_only_where_anybody_may_see_them() -> None:
    assert row(csv_full, with_files())["files.count"] == "3"
    assert "files.count" not in row(csv_full, files_closed())
    assert len(row(csv_full, many_files(1000))) < 50


def test_a_value_that_looks_like_a_formula_is_left_as_it_is() -> None:
    assert row(csv_simple, with_metadata(minimal(), title="=1+1"))["metadata.title"] == "=1+1"
