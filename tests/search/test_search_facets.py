"""Counts become buckets, and buckets the member `aggregations`."""

import pytest

from repository.search.conditions import years
from repository.search.engine import Bucket, Facet
from repository.search.facets import aggregations, facet

TITLES = {"publication": "Publication", "publication-article": "Journal article", "dataset": "Dataset"}


def title(kind: str, type_id: str) -> str:
    return TITLES.get(type_id, type_id) if kind == "resourcetypes" else f"{type_id} in {kind}"


def test_nested_keys_are_counted_above_and_below() -> None:
    counts = {
        "publication::publication-article": 3,
        "publication::publication-other": 4,
        "publication": 1,
        "dataset": 9,
    }
    assert facet("resource_type", counts, ("publication::publication-article", "dataset")) == Facet(
        "resource_type",
        (
            Bucket("dataset", 9, True),
            Bucket(
                "publication",
                8,
                False,
                (Bucket("publication-other", 4), Bucket("publication-article", 3, True)),
            ),
        ),
    )


def test_the_largest_come_first_and_ties_by_key_and_not_all_of_them() -> None:
    counts = {f"t{number:03d}": 1 for number in range(100)} | {"csv": 5, "gone": 0}
    keys = [bucket.key for bucket in facet("file_type", counts).buckets]
    assert keys == ["csv", *[f"t{number:03d}" for number in range(49)]]


def test_years_come_in_order_and_are_selected_by_ranges() -> None:
    found = facet("publication_date", {"2003": 2, "999": 1, "2010": 1}, ("2002..2005", "soon"))
    assert [(bucket.key, bucket.selected) for bucket in found.buckets] == [
        ("999", False), ("2003", True), ("2010", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "span"),
    [
        ("2003", (2003, 2003)),
        ("2002..2004", (2002, 2004)),
        ("2002..", (2002, 9999)),
        ("..2004", (0, 2004)),
        ("x", None),
    ],
)
def test_keys_of_years(key: str, span: tuple[int, int] | None) -> None:
    assert years(key) == span


def test_the_shape_is_that_of_the_api() -> None:
    found = (
        facet("access_status", {"metadata-only": 2}),
        facet("file_type", {"csv": 1}, ("csv",)),
        facet("publication_date", {"2003": 1}),
        facet("resource_type", {"publication::publication-article": 1, "dataset": 1}),
    )
    assert aggregations(found, title) == {
        "access_status": {
            "buckets": [{"key": "metadata-only", "doc_count": 2, "label": "Metadata-only", "is_selected": False}],
            "label": "Access status",
        },
        "file_type": {
            "buckets": [{"key": "csv", "doc_count": 1, "label": "CSV", "is_selected": True}],
            "label": "File type",
        },
        "publication_date": {
            "buckets": [{"key": "2003", "doc_count": 1, "label": "2003", "is_selected": False}],
            "label": "Publication date",
        },
        "resource_type": {
            "buckets": [
                {
                    "key": "dataset",
                    "doc_count": 1,
                    "label": "Dataset",
                    "is_selected": False,
                    "inner": {"buckets": []},
                },
                {
                    "key": "publication",
                    "doc_count": 1,
                    "label": "Publication",
                    "is_selected": False,
                    "inner": {
                        "buckets": [
                            {
                                "key": "publication-article",
                                "doc_count": 1,
                                "label": "Journal article",
                                "is_selected": False,
                            }
                        ]
                    },
                },
            ],
            "label": "Resource types",
        },
    }
