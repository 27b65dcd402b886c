"""The examples of the guide for developers work as they stand on its page, copied from a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest
from lxml import html

from tests.docs.served import Served, served
from tests.instances import METADATA, SUFFICIENT

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

SHELL, PYTHON = "language-bash", "language-python"
END = "== end of example =="


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("developers") / "instance") as running:
        token = {"Authorization": f"Bearer {running.token('ada@example.org')}"}
        body = {"metadata": {**METADATA, **SUFFICIENT}, "files": {"enabled": False}}
        draft = httpx.post(f"{running.base}/api/records", json=body, headers=token, timeout=30).json()
        publish = f"{running.base}/api/records/{draft['id']}/draft/actions/publish"
        assert httpx.post(publish, headers=token, timeout=30).status_code == 202
        running.wait_for_readers()
        yield running


def examples(service: Served, kind: str) -> list[str]:
    """As somebody copies them from the page."""
    page = html.document_fromstring(httpx.get(f"{service.base}/about/developers", timeout=30).content)
    found = [code.text_content() for code in page.xpath(f"//pre/code[@class='{kind}']")]
    assert all(service.base in code for code in found)
    return found


def run(service: Served, folder: Path, *command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        env={**service.variables, "PATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_examples_for_the_shell(service: Served, tmp_path: Path) -> None:
    script = "".join(f"{code}\necho; echo '{END}'\n" for code in examples(service, SHELL))
    outputs = run(service, tmp_path, "bash", "-euo", "pipefail", "-c", script).split(END)
    catalogue, found, _lines, formats, files, links, rows, *_rest = (output.strip() for output in outputs)
    assert "/oai" in str(orjson.loads(catalogue)["linkset"])
    assert orjson.loads(found)["hits"]["total"] == 1
    assert METADATA["title"] in (tmp_path / "records.ndjson").read_text()
    assert "dcat:Dataset" in formats
    assert "HOLM, Ada" in formats
    assert "<resource" in files
    assert '"@type"' in files
    assert re.search(r'rel="?describedby', links)
    assert METADATA["title"] in rows.splitlines()[1]


def test_examples_in_python(service: Served, tmp_path: Path) -> None:
    outputs = [run(service, tmp_path, sys.executable, "-c", code) for code in examples(service, PYTHON)]
    searched, harvested, again = outputs
    assert searched.startswith("1 records\n")
    assert METADATA["title"] in searched
    assert harvested.count("oai:") == 2
    assert again == "200 304\n"
