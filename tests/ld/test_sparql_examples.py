"""The examples of the query page find something in the records of the demonstration."""

from dataclasses import replace
from pathlib import Path

import pytest

from repository.following import run_until_current
from repository.ld.projection import LdProjection
from repository.ld.sparql_examples import EXAMPLES
from repository.services import sampling
from repository.services.accounts import create_account
from repository.services.instance import Instance
from tests.ld.sparql_service import application, query_service
from tests.servers.fuseki import FusekiServer


def answers(instance: Instance, graph: str) -> dict[str, int]:
    """Lines of the answer to each example, the head of rows not counted."""
    owner = create_account(instance, "depositor@demo.test", "correct horse").viewer
    sampling.deposit_samples(instance, owner)
    settings = replace(instance.settings, graph=graph)
    (outcome,) = run_until_current(instance.database, [LdProjection(settings)])
    assert outcome.error == ""
    found = {}
    with query_service(settings):
        client = application(settings).test_client()
        for example in EXAMPLES:
            answer = client.get(
                "/sparql", query_string={"query": example.query}, headers={"Accept": "text/csv, application/n-triples"}
            )
            assert answer.status_code == 200, answer.text
            page = client.get("/sparql", query_string={"query": example.query}, headers={"Accept": "text/html"})
            assert page.status_code == 200, page.text
            lines = found[example.title] = len(answer.text.splitlines()) - (answer.mimetype == "text/csv")
            # people see as much
            assert page.text.count("<tr>") == (lines + 1 if answer.mimetype == "text/csv" else 0)
    return found


def test_every_example_finds_something_in_the_demonstration(instance: Instance, tmp_path: Path) -> None:
    found = answers(instance, f"oxigraph://{tmp_path / 'graph'}")
    assert [title for title, lines in found.items() if lines < 1] == []


@pytest.mark.service
def test_every_example_finds_something_on_a_server(instance: Instance, fuseki: FusekiServer) -> None:
    fuseki.empty()
    found = answers(instance, fuseki.setting)
    assert [title for title, lines in found.items() if lines < 1] == []
