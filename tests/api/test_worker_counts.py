"""The files in which workers count: sums are kept, broken ones are left out, and room is there before it is used."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict

from repository.api.worker_counts import FIRST, FOLDER, NEEDED, Room, WorkerCounts, begin, folder_of_workers

KEY = json.dumps(["colophon_requests", "colophon_requests_total", {"method": "GET"}, "Answered."])
ENDED = (999_999_991, 999_999_992, 999_999_993)
"""More than any process id."""
BROKEN = (b"", b"\1", b"\xff\xff\xff\x7f" + bytes(60), b"\x40\0\0\0" + b"\xff" * 100, bytes([56, *[0] * 7, 24]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def write(path: Path, value: float, key: str = KEY) -> None:
    values = MmapedDict(str(path))
    values.write_value(key, value, 0.0)
    values.close()


def read(path: Path) -> dict[str, float]:
    return {key: value for key, value, _time, _place in MmapedDict.read_all_values_from_file(str(path))}


def total(folder: Path) -> float:
    return sum(sample.value for metric in WorkerCounts(folder).collect() for sample in metric.samples)


def test_counts_of_ended_workers_are_kept_in_one_file(folder: Path) -> None:
    for number in ENDED:
        write(folder / f"counter_{number}.db", 2.0)
    for _ in range(2):
        begin()
        assert [path.name for path in folder.iterdir()] == ["counter_0.db"]
        assert read(folder / "counter_0.db") == {KEY: 6.0}
    write(folder / f"counter_{ENDED[0]}.db", 1.0, KEY.replace("GET", "PUT"))
    begin()
    assert read(folder / "counter_0.db") == {KEY: 6.0, KEY.replace("GET", "PUT"): 1.0}
    assert total(folder) == 7


class _Killed(BaseException):
    """Nothing of what was to follow is done, as after a SIGKILL."""


def test_whoever_adds_up_may_be_killed_at_any_step(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was counted is counted once, for whoever asks meanwhile too."""
    step = 0
    is_whole = False
    while not is_whole:
        for path in folder.iterdir():
            path.unlink()
        write(folder / "counter_0.db", 1.0)
        for number in ENDED:
            write(folder / f"counter_{number}.db", 2.0)
        with monkeypatch.context() as patch:
            is_whole = _is_not_reached(step, patch)
        assert total(folder) == 7, step
        begin()
        assert total(folder) == 7, step
        assert [path.name for path in folder.iterdir()] == ["counter_0.db"], step
        step += 1
    assert step > 8


def _is_not_reached(step: int, patch: pytest.MonkeyPatch) -> bool:
    """Adds up, and is killed before the call of this number that changes a file."""
    left = step

    def before(call: Callable[..., object]) -> Callable[..., object]:
        def killed(*arguments: Any, **options: Any) -> object:
            nonlocal left
            if left == 0:
                raise _Killed
            left -= 1
            return call(*arguments, **options)

        return killed

    for name in ("write_bytes", "write_text", "replace", "unlink"):
        patch.setattr(Path, name, before(getattr(Path, name)))
    try:
        begin()
    except _Killed:
        return False
    return True


def test_counts_of_living_workers_stay_theirs(folder: Path) -> None:
    write(folder / f"counter_{os.getppid()}.db", 2.0)
    begin()
    assert [path.name for path in folder.iterdir()] == [f"counter_{os.getppid()}.db"]


def test_a_worker_takes_over_nothing_of_one_that_had_its_id(folder: Path) -> None:
    write(folder / f"counter_{os.getpid()}.db", 2.0)
    (folder / f"histogram_{os.getpid()}.db").write_bytes(b"")
    begin()
    assert sorted(path.name for path in folder.iterdir()) == ["counter_0.db", "histogram_0.db"]
    assert total(folder) == 2


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("process", [0, os.getppid(), ENDED[0]], ids=["kept", "living", "ended"])
def test_broken_files_are_left_out(folder: Path, content: bytes, process: int) -> None:
    write(folder / f"counter_{ENDED[1]}.db", 2.0)
    (folder / f"counter_{process}.db").write_bytes(content)
    assert total(folder) == 2
    begin()
    assert total(folder) == 2
    assert read(folder / "counter_0.db") == {KEY: 2.0}
    assert not (folder / f"counter_{ENDED[0]}.db").exists()


def test_nothing_is_raised_where_the_folder_is_gone(folder: Path) -> None:
    folder.rmdir()
    begin()
    assert not Room(folder).more()


def test_room_is_on_the_disk_before_it_is_used(tmp_path: Path) -> None:
    room = Room(tmp_path)
    path = tmp_path / f"counter_{os.getpid()}.db"
    assert room.more()
    values = MmapedDict(str(path))
    for number in range(20_000):
        assert room.more()
        used = path.read_bytes()[:4]
        assert path.stat().st_blocks * 512 >= int.from_bytes(used, "little") + NEEDED
        for bucket in range(100):
            values.write_value(f"{number} {bucket} " + "x" * 200, 1.0, 0.0)
        if path.stat().st_size > 4 * FIRST:
            break
    assert path.stat().st_blocks * 512 >= path.stat().st_size
    values.close()


def test_without_a_folder_each_worker_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in its way")
    with folder_of_workers(tmp_path) as variables:
        assert variables == {}
    assert Room(None).more()


def test_a_folder_is_the_instance_s_and_goes_when_its_supervisor_is_no_more(tmp_path: Path) -> None:
    killed = tmp_path / "run" / "metrics-left"
    killed.mkdir(parents=True)
    write(killed / f"counter_{ENDED[0]}.db", 1.0)
    with folder_of_workers(tmp_path) as living:
        assert [str(path) for path in (tmp_path / "run").iterdir()] == [living[FOLDER]]
        with folder_of_workers(tmp_path) as other:
            assert Path(living[FOLDER]).is_dir(), "another supervisor of the instance, on another port"
            assert living != other
    assert list((tmp_path / "run").iterdir()) == []


def test_a_folder_that_was_cleared_away_counts_nothing(tmp_path: Path) -> None:
    assert total(tmp_path / "gone") == 0
    assert not Room(tmp_path / "gone").more()
