"""Where a SPARQL server takes queries and updates, as the setting says it."""

from pathlib import Path

import pytest

from repository.errors import WrongSetting
from repository.ld.endpoint import endpoint
from repository.ld.places import is_embedded
from repository.settings import load


@pytest.mark.parametrize(
    ("setting", "query", "update"),
    [
        ("sparql+http://host:3030/ds", "http://host:3030/ds/sparql", "http://host:3030/ds/update"),
        ("sparql+https://host/a/ds/", "https://host/a/ds/sparql", "https://host/a/ds/update"),
        ("sparql+http://host?query=query", "http://host/query", "http://host/update"),
        (
            "sparql+http://host/repositories/r?query=&update=statements",
            "http://host/repositories/r",
            "http://host/repositories/r/statements",
        ),
        ("sparql+http://[::1]:3030/ds", "http://[::1]:3030/ds/sparql", "http://[::1]:3030/ds/update"),
    ],
)
def test_queries_and_updates_have_their_places(setting: str, query: str, update: str) -> None:
    graph = load(Path("none"), environment={}, overrides={"graph": setting}).graph
    found = endpoint(graph)
    assert (found.query, found.update, found.authorization) == (query, update, "")
    assert not is_embedded(graph)


def test_credentials_are_kept_out_of_addresses_and_of_what_is_printed() -> None:
    found = endpoint("sparql+http://ada:s%3Acret@host/ds")
    assert found.query == "http://host/ds/sparql"
    assert found.authorization == "Basic YWRhOnM6Y3JldA=="
    assert found.authorization not in repr(found)


@pytest.mark.parametrize("setting", ["http://host/ds", "sparql://host/ds", "fuseki", ""])
def test_other_settings_are_refused(setting: str) -> None:
    with pytest.raises(WrongSetting, match="The setting graph"):
        load(Path("none"), environment={}, overrides={"graph": setting})
