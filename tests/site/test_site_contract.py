"""The reader of the site keeps the contract of all readers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repository.records.snapshot import Snapshot
from repository.storage.database import Database
from site_builder.projection import SiteProjection
from tests.following.contract import RULES, Reader
from tests.site.site_output import contents, settings_in


def make(database: Database, folder: Path) -> SiteProjection:
    return SiteProjection(settings_in(folder), database)


def of_records(projection: Any) -> Mapping[str, Any]:
    return contents(projection.output.folder.parent)


def poisoned(snapshot: Snapshot) -> Snapshot:
    """The same record, with languages that can't be written."""
    return replace(snapshot, metadata={**snapshot.metadata, "languages": [{"no": "id"}]})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_site_keeps_the_contract(rule: Any, any_database: Database, tmp_path: Path) -> None:
    rule(Reader(make, of_records, poisoned), any_database, tmp_path)
