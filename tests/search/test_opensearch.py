"""OpenSearch passes the contract suite, and what is particular to it."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from repository.search.opensearch_engine import OpenSearchEngine
from repository.search.opensearch_index import OpenSearchIndex
from tests.search.contract import RULES
from tests.search.kit import Kit
from tests.servers.opensearch import OpenSearchServer

pytestmark = pytest.mark.service


@pytest.fixture
def kit(opensearch: OpenSearchServer) -> Kit:
    """Each folder is another prefix."""
    prefix = f"t{secrets.token_hex(6)}"

    def make(folder: Path) -> tuple[OpenSearchIndex, OpenSearchEngine]:
        setting = opensearch.setting(f"{prefix}-{folder.name.replace('_', '-').lower()[-40:]}")
        return OpenSearchIndex(setting), OpenSearchEngine(setting)

    return Kit(make=make)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_opensearch(rule: Callable[[Kit, Path], None], kit: Kit, tmp_path: Path) -> None:
    rule(kit, tmp_path)
