"""The contract suite, tried on two projections that keep it."""

from pathlib import Path
from typing import Any

import pytest

from repository.storage.database import Database
from tests.following.contract import RULES, Reader
from tests.following.notebook import FolderNotebook, TableNotebook, poisoned


def make_table(database: Database, folder: Path) -> TableNotebook:
    return TableNotebook(database, folder)


def make_folder(database: Database, folder: Path) -> FolderNotebook:
    return FolderNotebook(database, folder)


def _contents(notebook: Any) -> Any:
    return notebook.contents()


READERS = {
    "table": Reader(make_table, _contents, poisoned),
    "folder": Reader(make_folder, _contents, poisoned),
    "folder, without poisoned data": Reader(make_folder, _contents),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_a_notebook_keeps_the_contract(reader: Reader, rule: Any, any_database: Database, tmp_path: Path) -> None:
    rule(reader, any_database, tmp_path / "notebook")
