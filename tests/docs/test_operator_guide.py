"""What the operator guide shows of an import is what an import prints and writes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from repository.services.instance import Instance
from tests.docs.markdown import blocks, section, text
from tests.docs.served import COMMAND

DOCUMENTS = (
    {"id": "10.5072/one", "doi": "10.5072/one", "titles": [{"title": "Rainfall"}], "creators": [{"name": "Holm, Ada"}],
     "publisher": "Harbour Institute", "publicationYear": 2024, "types": {"resourceTypeGeneral": "Dataset"}},
    {"id": "10.5072/two", "doi": "10.5072/two", "creators": [{"name": "Holm, Ada"}], "publicationYear": 2024,
     "titles": [{"title": "X"}], "types": {"resourceTypeGeneral": "Dataset"}},
)  # fmt: skip


@pytest.fixture
def examples() -> list[dict[str, object]]:
    guide = section(text("operator-guide.md"), "Import")
    return [json.loads(block.code) for block in blocks(guide) if block.language == "json"]


def run(instance: Instance, *arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A command of its own process on the instance."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
    home = {"COLOPHON_HOME": str(instance.settings.home), "COLOPHON_SITE_URL": instance.settings.site_url}
    return subprocess.run(
        [COMMAND, *arguments], env={**others, **home, **variables}, capture_output=True, text=True, check=False
    )


def test_summary_and_report_look_as_described(
    instance: Instance, tmp_path: Path, examples: list[dict[str, object]]
) -> None:
    path, report = tmp_path / "records.jsonl", tmp_path / "refused.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in DOCUMENTS), encoding="utf-8")
    done = run(instance, "records", "import", path, "--refused", report, "--json")
    assert done.returncode == 1, done.stderr
    refused_example, summary_example = examples
    summary = json.loads(done.stdout)
    assert list(summary) == list(summary_example)
    assert (summary["documents"], summary["added"], summary["refused"]) == (2, 1, 1)
    refused = json.loads(report.read_text(encoding="utf-8"))
    assert refused == {**refused_example, "source": "records.jsonl:2"}


def test_an_import_again_changes_nothing(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(DOCUMENTS[0]), encoding="utf-8")
    run(instance, "records", "import", path, "--json")
    again = json.loads(run(instance, "records", "import", path, "--json").stdout)
    assert (again["added"], again["revised"], again["unchanged"]) == (0, 0, 1)


def test_exit_code_2_names_the_setting_that_is_wrong(instance: Instance) -> None:
    done = run(instance, "status", COLOPHON_OAI_PAGE_SIZE="many")
    assert done.returncode == 2
    assert "oai.page_size" in done.stderr
    assert "COLOPHON_OAI_PAGE_SIZE" in done.stderr


def test_exit_code_3_where_the_database_is_away(instance: Instance) -> None:
    done = run(instance, "status", COLOPHON_DATABASE="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 3, done.stderr
