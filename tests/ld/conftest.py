"""Each kind of graph store, empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.ld.store import GraphStore
from tests.ld.graph_stores import GENERATION, Embedded, Kind, Scaled, opened
from tests.servers.fuseki import FusekiServer


@pytest.fixture(
    params=["embedded", pytest.param("scaled", marks=[pytest.mark.service, pytest.mark.xdist_group("fuseki")])]
)
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """Runs the test on both."""
    if request.param == "embedded":
        return Embedded(tmp_path / "graph")
    server: FusekiServer = request.getfixturevalue("fuseki")
    server.empty()
    return Scaled(server)


@pytest.fixture
def store(kind: Kind) -> Iterator[GraphStore]:
    """With one generation, led by this process."""
    store = opened(kind)
    with store.leading():
        store.create(GENERATION)
        store.activate(GENERATION)
        yield store
