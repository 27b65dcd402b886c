"""The reader `search` keeps the contract of projections on a cluster, too."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from repository.search.engines import open_engine, open_projection
from repository.search.projection import SearchProjection
from repository.storage.database import Database
from tests.following.contract import RULES, Reader
from tests.search.test_search_projection import poisoned, words_of_titles
from tests.servers.opensearch import OpenSearchServer

pytestmark = pytest.mark.service

_SETTINGS: dict[int, tuple[SearchProjection, str]] = {}


def make(_database: Database, folder: Path) -> SearchProjection:
    """Another process finds the cluster by what is written in the folder."""
    setting = (folder / "setting").read_text(encoding="ascii")
    projection = open_projection(setting)
    _SETTINGS[id(projection)] = (projection, setting)
    return projection


def contents(projection: Any) -> Mapping[str, Any]:
    return words_of_titles(open_engine(_SETTINGS[id(getattr(projection, "_projection", projection))][1]))


READER = Reader(make=make, contents=contents, poisoned=poisoned)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_search_projection_on_opensearch(
    rule: Callable[[Reader, Database, Path], None], database: Database, tmp_path: Path, opensearch: OpenSearchServer
) -> None:
    (tmp_path / "setting").write_text(opensearch.setting(f"t{secrets.token_hex(6)}"), encoding="ascii")
    rule(READER, database, tmp_path)
