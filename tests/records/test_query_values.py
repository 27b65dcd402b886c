"""What a snapshot has in the fields that a query may name."""

from dataclasses import replace

import pytest
from record_parts import access, file_entry, files
from snapshots import embargoed, files_closed, full, minimal, record_closed, with_files, with_metadata

from repository.records.query_fields import FIELDS, kind
from repository.records.query_values import moment, moments, values
from repository.records.snapshot import Neighbour


def test_a_full_record_has_a_value_in_nearly_every_field() -> None:
    found = values(full())
    assert set(FIELDS) - set(found) == {
        "parent.communities.ids", "parent.communities.default", "access.embargo.until", "access.embargo.reason",
        "metadata.subjects.title", "metadata.funding.award.id", "metadata.funding.award.acronym",
        "metadata.funding.award.program", "metadata.contributors.affiliations.id",
        "metadata.contributors.affiliations.name",
    }  # fmt: skip
    assert all(kind(path) for path in found)


def test_values_are_plain_and_of_all_languages_and_entries() -> None:
    found = values(full())
    assert found["metadata.title"] == ["Rain over the harbour: 1 < 2 & déšť"]
    assert [str(text).split() for text in found["metadata.description"]] == [
        ["It", "rained", "&", "rained.", "1", "<", "2", "more"]
    ]
    assert found["metadata.resource_type.title"] == ["Journal article", "Článek v časopise"]
    assert found["metadata.creators.person_or_org.name"] == ["Carberry, Josiah", "Harbour Institute", "نجيب, محفوظ"]
    assert found["metadata.resource_type.props.type"] == ["publication"]
    assert found["custom_fields.journal:journal.title"] == ["J. Rain"]
    assert found["custom_fields.code:programmingLanguage.id"] == ["python"]
    assert found["is_published"] == ["true"]
    assert found["files.types"] == ["csv", "png"]
    assert "0cc175b9c0f1b6a831c399e269772661" in found["files.entries.checksum"]
    assert found["versions.is_latest"] == ["true"]  # the third version is withdrawn


def test_nothing_private_is_among_them() -> None:
    everything = str(values(full()))
    for secret in ("SECRET-SETTING", "SECRET-READER", "SECRET-SOURCE", "SECRET-IDENTITY"):
        assert secret not in everything


def test_files_that_not_all_may_list_are_left_out() -> None:
    assert "SECRET-HIDDEN" not in str(values(with_files()))
    for closed in (files_closed(), embargoed()):
        found = values(closed)
        assert "SECRET" not in str({path: value for path, value in found.items() if path.startswith("files")})
        assert [path for path in found if path.startswith("files.")] == ["files.enabled"]


def test_who_may_find_a_closed_record_may_find_it_by_its_files() -> None:
    assert values(record_closed())["files.entries.key"] == ["SECRET-FILE.csv"]


def test_the_latest_version_is_that_of_all_who_see_the_record() -> None:
    state = minimal()
    newer = Neighbour("zzzzz-zzzz1", 2, "published", closed=True)
    older = replace(state, versions=(*state.versions, newer))
    assert values(older)["versions.is_latest"] == ["true"]
    closed = replace(older, access=access("restricted", "restricted", "restricted"))
    assert values(closed)["versions.is_latest"] == ["false"]


def test_a_type_without_properties_belongs_to_the_type_before_its_hyphen() -> None:
    state = with_metadata(minimal(), resource_type={"id": "image-photo", "title": {"en": "Photo"}})
    assert values(replace(state, props=None))["metadata.resource_type.props.type"] == ["image"]


def test_an_entry_without_extension_has_no_type() -> None:
    state = replace(with_files(), files=files(file_entry("README"), file_entry("A.CSV", ext="CSV")))
    assert values(state)["files.types"] == ["csv"]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01T00:00:00+00:00", "2024-12-31T23:59:59.999999+00:00"),
        ("2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59.999999Z"),
        ("2024-02-29", "2024-02-29T00:00:00", "2024-02-29T23:59:59.999999"),
        ("2024-02-29T12:30", "2024-02-29T12:30:00Z", "2024-02-29T12:30:59.999999Z"),
        ("2024-02-29T12:30:01+02:00", "2024-02-29T10:30:01Z", "2024-02-29T10:30:01.999999Z"),
        ("2024-02-29T12:30:01.5", "2024-02-29T12:30:01.500000Z", "2024-02-29T12:30:01.500000Z"),
    ],
)
def test_a_moment_covers_what_its_precision_says(text: str, first: str, last: str) -> None:
    assert moments(text) == (moment(first), moment(last))


@pytest.mark.parametrize("text", ["", "now", "2024-13", "2024-02-30", "2024-02-29T25:00", "2024-1-1", "２０２４"])
def test_what_is_no_moment_covers_nothing(text: str) -> None:
    assert moments(text) is None
