"""Tests that share what takes long to make run in one process, under `--dist loadgroup` of pytest-xdist.

A group is what the mark `xdist_group` names; else the server that a test asks for; else its module. pytest-xdist 3.8
tells groups by changing the ids of tests, which pytest 9.2 lets nobody do: marks are then without effect, and without
a word (pytest-xdist, issue 1386). Here the processes write their groups down, and the one that distributes reads them.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

SERVERS = ("ceph", "fuseki", "opensearch")
"""Fixtures of servers that take long to start and much memory. A test that asks for one by `getfixturevalue` bears the
mark."""

_FILE = pytest.StashKey[Path]()


class GroupScheduling(LoadScopeScheduling):
    """Sends group by group to whoever has nothing left."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._groups: dict[str, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        if not self._groups:
            path = self.config.stash[_FILE]
            self._groups = json.loads(path.read_bytes())
            path.unlink()
        return self._groups[nodeid]


def group_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    if mark is not None:
        return str(mark.args[0])
    fixtures = getattr(item, "fixturenames", ())
    return next((server for server in SERVERS if server in fixtures), item.nodeid.partition("::")[0])


def note_groups(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a process that runs tests: writes down what belongs together. Those that may take the longest begin first,
    else one process would work alone at the end."""
    path = getattr(config, "workerinput", {}).get("groups")
    if path is not None:
        items.sort(key=lambda item: (group_of(item) not in SERVERS, -_seconds(item)))
        part = Path(f"{path}.{os.getpid()}")
        part.write_text(json.dumps({item.nodeid: group_of(item) for item in items}), encoding="utf-8")
        part.rename(path)  # all write the same


def _seconds(item: pytest.Item) -> float:
    timeout = item.get_closest_marker("timeout")
    return float(timeout.args[0]) if timeout else 0.0


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the process that distributes, for each of the others."""
    if node.config.getoption("dist") == "loadgroup":
        if _FILE not in node.config.stash:
            descriptor, path = tempfile.mkstemp(prefix="colophon-groups-")
            os.close(descriptor)
            node.config.stash[_FILE] = Path(path)
        node.workerinput["groups"] = str(node.config.stash[_FILE])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling | None:
    return GroupScheduling(config, log) if config.getoption("dist") == "loadgroup" else None
