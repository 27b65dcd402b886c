"""A site with records of all kinds, some withdrawn, erased or closed, whose lists machines follow."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree
from snapshots import full, hostile, minimal, record_closed, with_files, with_metadata

from repository.records.snapshot import Snapshot, erased
from tests.following.contract import withdrawn
from tests.site.site_output import settings_in

MONTHS = ("2020-05", "2020-06", "2021-01")


def record(number: int) -> Snapshot:
    state = with_metadata(minimal(number), publication_date=MONTHS[number % 3], title=f"Rain {number}")
    doi = {"doi": {"identifier": f"10.5072/{state.id}", "provider": "datacite"}}
    return replace(state, pids={**state.pids, **(doi if number % 2 else {})})


SITE = settings_in(Path("unused")).site
PUBLIC = [*map(record, range(12)), full(500), hostile(501), with_files(502)]
TOMBSTONE = {"note": "", "is_visible": True, "removal_date": "2024-06-01T00:00:00+00:00"}
GONE = [withdrawn(record(600)), erased(record(601), TOMBSTONE)]
CLOSED = [with_metadata(record_closed(700), title="SECRET")]


def xml(data: bytes) -> Any:
    return etree.fromstring(data)
