"""The graph reader keeps the contract of all readers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Store

from repository.ld.projection import LdProjection
from repository.ld.snapshots import held
from repository.records.snapshot import Snapshot
from repository.settings import load
from repository.storage.database import Database
from tests.following.contract import RULES, Reader


class _Graphs(LdProjection):
    """Knows where its store lies, so that the test can look into it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(load(folder, environment={}))
        self.folder = folder / "graph"


def make(_database: Database, folder: Path) -> _Graphs:
    return _Graphs(folder)


def contents(projection: Any) -> Mapping[str, Any]:
    """The graphs of the published copy by record id, as queries see them."""
    with held(projection.folder) as path:
        if path is None:
            return {}
        graphs: dict[str, set[str]] = {}
        union: set[str] = set()
        for quad in Store.read_only(str(path)):
            if isinstance(quad.graph_name, DefaultGraph):
                union.add(str(quad.triple))
            else:
                graphs.setdefault(quad.graph_name.value.rpartition("/")[2], set()).add(str(quad.triple))
    assert union == set().union(*graphs.values()), "the default graph is not the union of the others"
    return graphs


def poisoned(snapshot: Snapshot) -> Snapshot:
    """The same record, with languages that can't be written."""
    return replace(snapshot, metadata={**snapshot.metadata, "languages": [{"no": "id"}]})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_graph_reader_keeps_the_contract(rule: Any, any_database: Database, tmp_path: Path) -> None:
    rule(Reader(make, contents, poisoned), any_database, tmp_path)
