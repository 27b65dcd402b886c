"""The folder keeps the contract of object stores, and its own promises about durability."""

import hashlib
import os
import shutil
import tracemalloc
from collections.abc import Callable
from itertools import count
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


def watch_fsync(monkeypatch: pytest.MonkeyPatch, see: Callable[[Path], None]) -> None:
    """`see` is called with the path of everything before it is made durable."""
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        see(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)


def neighbours() -> tuple[bytes, bytes]:
    """Two contents whose digests begin alike, so that they come into one folder."""
    seen: dict[str, bytes] = {}
    for number in count():
        content = b"%d" % number
        other = seen.setdefault(hashlib.sha256(content).hexdigest()[:4], content)
        if other != content:
            return other, content
    raise AssertionError


def test_a_folder_that_another_process_is_making_is_made_durable_here_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has made the folders and is about to sync them: we may not count on it."""
    first, second = neighbours()
    root = tmp_path / "objects"
    ours, other = FolderStore(root), FolderStore(root)
    steps: list[Path] = []
    between: list[Path] = []

    def see(path: Path) -> None:
        steps.append(path)
        if path == tmp_path and not between:  # the first of the folders that `other` makes durable
            between.append(path)
            steps.clear()
            (root / location.parent).mkdir(parents=True, exist_ok=True)
            assert ours.put([second]).location.startswith(f"{location.parent}/")
            between.extend(steps)

    sha256 = hashlib.sha256(first).hexdigest()
    location = Path(sha256[:2], sha256[2:4], sha256)
    watch_fsync(monkeypatch, see)
    other.put([first])
    folder = root / location.parent
    assert [path for path in between[1:] if "incoming" not in path.parts] == [tmp_path, root, folder.parent, folder]


def test_folders_that_are_durable_are_not_synced_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = neighbours()
    store = FolderStore(tmp_path)
    folder = (tmp_path / store.put([first]).location).parent
    steps: list[Path] = []
    watch_fsync(monkeypatch, steps.append)
    assert (tmp_path / store.put([second]).location).parent == folder
    assert steps[1:] == [folder]


def test_a_folder_that_was_removed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    stored = store.put([b"a"])
    folder = (tmp_path / stored.location).parent
    shutil.rmtree(folder.parent)
    steps: list[Path] = []
    watch_fsync(monkeypatch, steps.append)
    assert store.put([b"a"]) == stored
    assert store.exists(stored.location)
    assert steps[1:] == [tmp_path, folder.parent, folder]


def test_a_stored_location_never_comes_from_a_name(tmp_path: Path) -> None:
    stored = FolderStore(tmp_path).put([os.urandom(10)])
    assert isinstance(stored, Stored)
    assert stored.location == f"{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}"
