"""Parts in a folder are durable before they are acknowledged, and two that hash the same upload agree."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from repository.errors import InvalidInput, NotFound
from repository.storage.objects import FolderStore


def test_part_and_folder_are_synced_before_it_is_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    upload = store.parts.begin()
    steps: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def watched_fsync(descriptor: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir() else "file")
        fsync(descriptor)

    def watched_rename(source: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_rename)
    store.parts.put(upload, 1, [b"x" * 1000], 1000)
    assert steps == ["file", "rename", "folder"]


def test_a_part_that_breaks_off_leaves_the_one_before(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    upload = store.parts.begin()
    store.parts.put(upload, 1, [b"rain"], 4)
    for wrong in ([b"ra"], [b"ra", b"inbow"]):
        with pytest.raises(InvalidInput, match="Part 1 must have 4 bytes"):
            store.parts.put(upload, 1, wrong, 4)
    assert [path.name for path in (tmp_path / "incoming").glob("*/*")] == ["1"]
    store.parts.complete(upload, [4])
    stored = store.parts.read(upload, lambda: None)
    assert store.parts.read(upload, lambda: None) == stored, "reading may be repeated"
    with store.open(stored.location) as stream:
        assert stream.read() == b"rain"


def test_what_is_complete_is_not_swept_however_long_it_waits(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    complete, broken_off = store.parts.begin(), store.parts.begin()
    for upload in (complete, broken_off):
        store.parts.put(upload, 1, [b"rain"], 4)
    store.parts.complete(complete, [4])
    assert store.parts.sweep(datetime.now(UTC) + timedelta(days=100)) == 1
    assert store.parts.read(complete, lambda: None).size == 4
    with pytest.raises(NotFound):
        store.parts.read(broken_off, lambda: None)


def test_more_parts_than_were_announced_are_told(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    upload = store.parts.begin()
    for number in (1, 2):
        store.parts.put(upload, number, [b"rain"], 4)
    with pytest.raises(InvalidInput, match="There is a part 2, and 1 were announced"):
        store.parts.complete(upload, [4])
