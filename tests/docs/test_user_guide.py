"""The commands of the user guide do what it says, run as they stand there against a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from repository.api.links import Links
from repository.records.queries import parse
from tests.docs.markdown import ROOT, Block, blocks, rows, text
from tests.docs.served import Served, served, until

GUIDE = list(blocks(text("user-guide.md")))
END_OF_BLOCK = "== end of block =="

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("guide") / "instance") as running:
        yield running


@pytest.fixture
def variables(service: Served) -> dict[str, str]:
    """What the guide asks its reader to set, and the virtual environment's `python3`."""
    return {
        **service.variables,
        "BASE": service.base,
        "TOKEN": service.token("ada@example.org"),
        "ADMIN_TOKEN": service.token("ben@example.org"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def of_language(language: str) -> list[Block]:
    return [block for block in GUIDE if block.language == language]


def as_in_the_guide(output: str, block: Block) -> bool:
    """`…` in the guide stands for anything."""
    expected = ".*".join(re.escape(part) for part in (block.output or "").strip().split("…"))
    return re.fullmatch(expected, output.strip().replace("\r\n", "\n"), re.DOTALL) is not None


@pytest.mark.service
def test_the_walk_through_works_with_curl(service: Served, variables: dict[str, str], tmp_path: Path) -> None:
    done = shell(run_in_order(of_language("bash"), service), variables, tmp_path)
    outputs = done.stdout.split(f"{END_OF_BLOCK}\n")
    for block, output in zip(of_language("bash"), outputs, strict=False):
        if block.output is not None:
            assert as_in_the_guide(output, block), f"{block.code}\nprinted {output!r}\n{done.stderr}"
    assert done.returncode == 0, done.stderr


def shell(script: str, variables: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs it up to the first command that fails."""
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def run_in_order(code: list[Block], service: Served) -> str:
    """One script of all blocks. Before each, the readers come to the present, as they would for a human's speed."""
    wait = (
        f"until curl -fsS {service.base}/api/status | python3 -c 'import json, sys; "
        'sys.exit(any(reader["lag"] for reader in json.load(sys.stdin)["projections"]))\'; do sleep 0.1; done\n'
    )
    return "".join(f"{wait}{block.code}echo '{END_OF_BLOCK}'\n" for block in code)


@pytest.mark.service
def test_harvesting_works_as_described(service: Served, variables: dict[str, str], tmp_path: Path) -> None:
    token = variables["TOKEN"]
    body = {
        "metadata": {
            "resource_type": {"id": "dataset"},
            "title": "To be harvested",
            "publication_date": "2026",
            "creators": [{"person_or_org": {"type": "organizational", "name": "Harbour Institute"}}],
        },
        "files": {"enabled": False},
    }
    with httpx.Client(base_url=service.base, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        draft = client.post("/api/records", json=body).json()
        client.post(f"/api/records/{draft['id']}/draft/actions/publish").raise_for_status()
        address = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"
        until(120, lambda: draft["id"] in client.get(address).text, "the record is not listed")
    for block in of_language("python"):
        path = tmp_path / "harvest.py"
        path.write_text(block.code, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, path], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert as_in_the_guide(done.stdout, block), done.stdout
        assert draft["id"] in done.stdout


@pytest.mark.service
def test_the_tour_of_the_readme_works(service: Served, variables: dict[str, str]) -> None:
    """After the two tests above: there are records."""
    tour = [block for block in blocks((ROOT / "README.md").read_text(encoding="utf-8")) if block.language == "bash"]
    done = shell(run_in_order(tour, service), variables, ROOT)
    assert done.returncode == 0, done.stderr
    for expected in ('"hits"', "<ListRecords>", "records", "@prefix", '"Mine"', '"projections"'):
        assert expected in done.stdout


@pytest.mark.parametrize("row", rows(text("user-guide.md"), "query"), ids=lambda row: row[0])
def test_queries_of_the_guide_are_taken(row: list[str]) -> None:
    for query in row[0].split(", "):
        assert parse(query)


def test_links_that_are_said_to_be_missing_are() -> None:
    links = Links("https://repository.example.org", makes_dois=True)
    parent = {"id": "a", "pids": {"doi": {"identifier": "10.5072/a"}}}
    pids = {"doi": {"identifier": "10.5072/b"}}
    given = {*links.of_record("b", parent, pids), *links.of_draft("b", parent, pids)}
    missing = {row[0] for row in rows(text("user-guide.md"), "link")}
    assert len(missing) > 10
    assert missing.isdisjoint(given)
