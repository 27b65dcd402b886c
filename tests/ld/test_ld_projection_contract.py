"""The graph reader keeps the contract of all readers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repository.ld.projection import LdProjection
from repository.records.snapshot import Snapshot
from repository.settings import load
from repository.storage.database import Database
from tests.following.contract import RULES, Reader
from tests.ld.graph_stores import Embedded, Kind, Scaled, published
from tests.servers.fuseki import FusekiServer


def make(_database: Database, folder: Path) -> LdProjection:
    """On the store of the test: what it is stands in its folder, where other processes find it too."""
    return LdProjection(load(folder, environment={}, overrides={"graph": (folder / "store").read_text()}))


def of(kind: Kind, folder: Path) -> Reader:
    (folder / "store").write_text(kind.setting)

    def contents(_projection: Any) -> Mapping[str, Any]:
        """The graphs that queries see, by record id."""
        found = published(kind)
        return {name.rpartition("/")[2]: {str(triple) for triple in triples} for name, triples in found.items()}

    return Reader(make, contents, poisoned)


def poisoned(snapshot: Snapshot) -> Snapshot:
    """The same record, with languages that can't be written."""
    return replace(snapshot, metadata={**snapshot.metadata, "languages": [{"no": "id"}]})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_graph_reader_keeps_the_contract(rule: Any, any_database: Database, tmp_path: Path) -> None:
    rule(of(Embedded(tmp_path / "graph"), tmp_path), any_database, tmp_path)


@pytest.mark.service
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_contract_with_a_server_too(
    rule: Any, fuseki: FusekiServer, database: Database, tmp_path: Path
) -> None:
    fuseki.empty()
    rule(of(Scaled(fuseki), tmp_path), database, tmp_path)
