"""The folder keeps the contract of object stores, and its own promises about durability."""

import os
import tracemalloc
from pathlib import Path

import pytest

from repository.storage.objects import FolderStore, Stored
from tests.storage.objects_contract import RULES, Rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_contract(rule: Rule, tmp_path: Path) -> None:
    rule(FolderStore(tmp_path / "objects"))


def test_a_large_file_takes_no_memory(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    chunk = bytes(1 << 20)
    tracemalloc.start()
    stored = store.put(chunk for _ in range(200))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stored.size == 200 << 20
    assert peak < 8 << 20


def test_file_and_folder_are_synced_before_put_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def watched_fsync(descriptor: int) -> None:
        steps.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink()}")
        fsync(descriptor)

    def watched_rename(source: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_rename)
    stored = FolderStore(tmp_path).put([b"x" * 1000])
    assert steps[0].startswith(f"fsync {tmp_path}/incoming/"), "the file's bytes first"
    assert steps[-2:] == ["rename", f"fsync {(tmp_path / stored.location).parent}"], "the folder that names it last"


def test_a_stored_location_never_comes_from_a_name(tmp_path: Path) -> None:
    stored = FolderStore(tmp_path).put([os.urandom(10)])
    assert isinstance(stored, Stored)
    assert stored.location == f"{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}"
