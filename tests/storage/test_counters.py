"""Counts hold over threads and processes, over the death of one, and in a file that does not grow."""

import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from repository.settings import Limit
from repository.storage import counters
from repository.storage.counters import Counters, Taken

SECRET = "s" * 40
NOW = 1_800_000_000.0
"""The beginning of an hour."""
MANY = Limit(10**6, 10**6)


def remaining(taken: Taken | None) -> int:
    assert taken is not None
    return taken.remaining


def test_a_minute_ends_and_the_hour_goes_on(tmp_path: Path) -> None:
    shared = Counters(tmp_path, SECRET)
    limit = Limit(2, 5)
    taken = [shared.take("a", limit, NOW + second) for second in (0, 1, 59, 60, 61, 120, 121, 122)]
    assert [one.is_over for one in taken if one] == [False, False, True, False, False, False, True, True]
    assert taken[2] == Taken(2, 0, int(NOW) + 60, True)
    assert taken[6] == Taken(5, 0, int(NOW) + 3600, True)
    assert remaining(shared.take("a", limit, NOW + 3600)) == 1


def test_what_is_refused_is_not_counted(tmp_path: Path) -> None:
    shared = Counters(tmp_path, SECRET)
    for _ in range(10):
        shared.take("a", Limit(0, 3), NOW)
    assert remaining(shared.take("a", Limit(0, 10), NOW)) == 6


def test_no_limit_counts_nothing(tmp_path: Path) -> None:
    assert Counters(tmp_path, SECRET).take("a", Limit(0, 0)) is None


def test_another_opening_goes_on_counting(tmp_path: Path) -> None:
    Counters(tmp_path, SECRET).take("a", MANY, NOW)
    assert remaining(Counters(tmp_path, SECRET).take("a", MANY, NOW)) == 10**6 - 2
    assert remaining(Counters(tmp_path, SECRET).take("b", MANY, NOW)) == 10**6 - 1
    assert remaining(Counters(tmp_path, "t" * 40).take("a", MANY, NOW)) == 10**6 - 1


def test_who_asks_least_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "BUCKETS", 1)
    shared = Counters(tmp_path, SECRET)
    for _ in range(5):
        shared.take("busy", MANY, NOW)
    for number in range(100):
        shared.take(f"passer-by {number}", MANY, NOW)
    assert remaining(shared.take("busy", MANY, NOW)) == 10**6 - 6
    assert remaining(shared.take("passer-by 0", MANY, NOW)) == 10**6 - 1


COUNTING = """
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path
    from repository.settings import Limit
    from repository.storage.counters import Counters
    shared = Counters(Path(sys.argv[1]), "s" * 40)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: shared.take(f"{n % 3}", Limit(10**6, 10**6), 1_800_000_000.0), range(3000)))
"""
HOLDING = """
    import fcntl, sys, time
    from pathlib import Path
    from repository.storage import counters
    shared = counters.Counters(Path(sys.argv[1]), "s" * 40)
    for part in counters._HOLD:
        fcntl.fcntl(shared._file, fcntl.F_OFD_SETLKW, part)
    print("held", flush=True)
    time.sleep(600)
"""


def process(program: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(program), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_processes_and_their_threads_lose_no_count(tmp_path: Path) -> None:
    processes = [process(COUNTING, tmp_path) for _ in range(3)]
    assert [one.wait(120) for one in processes] == [0, 0, 0]
    for one in processes:
        assert one.stdout is not None
        one.stdout.close()
    shared = Counters(tmp_path, SECRET)
    assert [remaining(shared.take(f"{n}", MANY, NOW)) for n in range(3)] == [10**6 - 3001] * 3


def test_a_process_that_is_killed_with_every_lock_blocks_nobody(tmp_path: Path) -> None:
    holder = process(HOLDING, tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    shared = Counters(tmp_path, SECRET)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(shared.take, "a", MANY, NOW)
        with pytest.raises(TimeoutError):
            waiting.result(0.5)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
        assert remaining(waiting.result(60)) == 10**6 - 1


def test_where_the_file_cannot_be_made_a_process_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("no folder")
    alone = Counters(tmp_path / "run", SECRET)
    assert [remaining(alone.take("a", MANY, NOW)) for _ in range(2)] == [10**6 - 1, 10**6 - 2]


def test_a_file_of_nonsense_is_a_wrong_count_at_most(tmp_path: Path) -> None:
    (tmp_path / counters.FILE_NAME).write_bytes(b"\xff" * 1000)
    shared = Counters(tmp_path, SECRET)
    assert all(not taken.is_over for number in range(2000) if (taken := shared.take(f"{number}", MANY, NOW)))
