"""The families of sets: who is in which, decided on the snapshot."""

from dataclasses import replace
from typing import Any

import pytest
from snapshots import minimal, with_metadata

from repository.errors import InvalidInput
from repository.records.sets import FIELDS, SETS, SPEC, Sets, description, is_known, memberships, read_query
from repository.records.snapshot import Snapshot

AWARD = [{"funder": {"name": "Harbour Fund"}, "award": {"number": "12"}}]


def of(kind: str, status: str = "restricted", **metadata: Any) -> Snapshot:
    state = with_metadata(minimal(1), resource_type={"id": kind, "title": {"en": kind.title()}}, **metadata)
    return replace(state, access={**state.access, "status": status}, props={})


@pytest.mark.parametrize("status", ["open", "embargoed", "restricted", "metadata-only"])
def test_access_is_a_family_of_each_status(status: str) -> None:
    found = memberships(of("dataset", status))
    assert {spec for spec in found if spec.startswith("access")} == {"access", f"access:{status}"}
    assert description(f"access:{status}", found[f"access:{status}"]).startswith("Records with the access status ")


@pytest.mark.parametrize(
    ("communities", "specs"),
    [
        ({}, {}),
        ({"ids": [], "default": ""}, {}),
        ({"ids": ["7f3a"], "default": "7f3a"}, {"community": "Communities", "community:7f3a": "7f3a"}),
        (
            {"ids": ["7f3a", "8b"], "entries": [{"id": "7f3a", "slug": "rain", "metadata": {"title": "Rain & sea"}}]},
            {"community": "Communities", "community:rain": "Rain & sea", "community:8b": "8b"},
        ),
        ({"ids": ["a:b c"]}, {"community": "Communities", "community:a_b_c": "a:b c"}),
    ],
)
def test_communities_are_sets_by_slug(communities: dict[str, Any], specs: dict[str, str]) -> None:
    state = of("dataset")
    found = memberships(replace(state, parent={**state.parent, "communities": communities}))
    assert {spec: name for spec, name in found.items() if spec.startswith("community")} == specs


@pytest.mark.parametrize(
    ("state", "specs"),
    [
        (of("publication-article", "open"), {"openaire"}),
        (of("publication-article", "restricted"), set()),
        (of("publication-article", "restricted", funding=AWARD), {"openaire"}),
        (of("publication-article", "restricted", funding=[{"funder": {"name": "Fund"}}]), set()),
        (of("presentation", "open"), {"openaire"}),
        (of("dataset", "restricted"), {"openaire_data"}),
        (of("image-photo", "open"), {"openaire_data"}),
        (of("video", "metadata-only"), {"openaire_data"}),
        (of("software", "open", funding=AWARD), set()),
        (of("physicalobject", "open"), set()),
        (of("other", "open"), set()),
    ],
)
def test_openaire_gets_literature_that_is_open_or_funded_and_data(state: Snapshot, specs: set[str]) -> None:
    found = memberships(state)
    assert {spec for spec in found if spec.startswith("openaire")} == specs
    assert {found[spec] for spec in specs} <= {"OpenAIRE"}


def test_sets_come_in_the_order_of_their_specs() -> None:
    found = list(Sets().of(of("dataset", "open")))
    assert found == sorted(found)


def test_record_without_type_is_in_no_set_of_types() -> None:
    assert not {"type", "openaire", "openaire_data"} & memberships(with_metadata(minimal(1), resource_type=None)).keys()


def test_sets_of_families_are_known_and_others_only_if_defined() -> None:
    assert all(is_known(spec, ()) for spec in ("type", "type:dataset", "access:open", "openaire_data"))
    assert is_known("mine", {"mine"})
    assert not is_known("mine", {"yours"})


def test_every_family_can_be_told_from_what_admins_define() -> None:
    assert all(SPEC.fullmatch(family.spec) for family in SETS)
    assert not SPEC.fullmatch("a:b")


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_the_subset_is_read(field: str) -> None:
    read_query(f"{field}:2020 AND NOT _exists_:{field}")
    with pytest.raises(InvalidInput, match="title"):
        read_query(f"{field}:2020 AND title:x")
