"""The processes of a running server by their roles, to be killed."""

import os
import signal
import time

from tests.servers.colophon import ColophonServer, Process, is_running


def process_of(server: ColophonServer, role: str) -> Process:
    """The child that the supervisor started for this role: `web`, `readers` or `sparql`."""
    found: Process = server.wait_for(lambda: next(iter(_children_for(server, role)), None))
    return found


def _children_for(server: ColophonServer, role: str) -> list[Process]:
    assert server.process is not None
    above = server.process.pid
    return [other for other in server.processes() if other.parent == above and role in other.command.split()]


def below(server: ColophonServer, process: Process) -> list[Process]:
    return [other for other in server.processes() if other.parent == process.id]


def kill(process: Process) -> None:
    """Returns when it is gone: whoever was connected to it is cut off, and nobody connects to it any more."""
    os.kill(process.id, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while is_running(process):
        assert time.monotonic() < deadline, f"{process} outlives SIGKILL"
        time.sleep(0.01)


def comes_back(server: ColophonServer, killed: Process, role: str) -> None:
    """Another process takes the place of the one that was killed."""
    server.wait_for(lambda: [other for other in _children_for(server, role) if other.id != killed.id])
