"""The query service: one process that hands SPARQL queries to a few children, and outlives whatever they do.

Web workers reach it through a socket (`places.socket_path`), with the messages of `sparql_worker`; one without a body
asks how it is. It never reads a query itself. A child that takes too long is killed, one that crashes is replaced, and
the others notice nothing. Where a server has the graphs, children check queries only, and the service asks the server,
no more queries at once than there are children.
"""

import contextlib
import fcntl
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from repository.errors import ColophonError
from repository.ld.endpoint import endpoint
from repository.ld.forwarding import Limits, forward, too_slow
from repository.ld.messages import Channel, Message
from repository.ld.places import is_embedded, make_folder, socket_path
from repository.ld.sparql_child import RESULT_SIZE, Child, Ended
from repository.settings import Settings

log = structlog.get_logger("sparql")

LONGEST_WAIT = 5.0
"""Seconds that a query waits for a free child."""
_WAITING = 32
"""Queries that wait; more are sent away at once."""
_SHORT = 5.0
"""Seconds for a web worker to send its message, and to take the answer."""

_CAUSES = {
    -signal.SIGABRT: "The query needs more memory than a query may take.",
    -signal.SIGSEGV: "The query is nested too deeply.",
    -signal.SIGBUS: "The query is nested too deeply.",
}


class PoolIsRunning(ColophonError):
    """Another process serves the queries of this instance."""


class _Pool:
    """The children, and the queries that wait for one."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        self._settings = settings
        self._store = None if is_embedded(settings.graph) else endpoint(settings.graph)
        self._stop = stop
        self._changed = threading.Condition()
        self._free: list[Child] = []
        self._busy: set[Child] = set()
        self._waiting = 0

    def start(self) -> None:
        for _number in range(self._settings.sparql_workers):
            child = Child(self._settings)
            if not child.confined:
                log.warning("the system can't keep queries from the network; SERVICE is refused by reading the query")
            self._free.append(child)

    def close(self) -> None:
        """Kills all children. Whoever waits is told to try again."""
        self._stop.set()
        with self._changed:
            for child in (*self._free, *self._busy):
                child.kill()
            self._changed.notify_all()

    def status(self) -> Message:
        with self._changed:
            processes = [child.number for child in (*self._free, *self._busy)]
            return Message({"status": 200, "processes": processes, "busy": len(self._busy), "waiting": self._waiting})

    def answer(self, query: Message) -> Message:
        while (child := self._take()) is not None:
            begin = time.monotonic()
            try:
                reply = child.answer(query, self._settings.sparql_timeout)
            except Exception as error:
                self._replace(child)
                code = error.code if isinstance(error, Ended) else None
                if code == 0:  # it had grown too large, and never read the query
                    continue
                seconds = round(time.monotonic() - begin, 3)
                log.warning("query ended its process", error=repr(error), seconds=seconds, length=len(query.body))
                return self._explain(error, code)
            try:
                return self._forwarded(query, reply, begin)
            finally:
                self._give_back(child)
        return _later("Too many queries are running. Try again.", 2)

    def _forwarded(self, query: Message, checked: Message, begin: float) -> Message:
        """The server's answer, in the time that is left; where the child itself has answered, that."""
        if self._store is None or "forward" not in checked.header:
            return checked
        seconds = self._settings.sparql_timeout
        left = seconds - (time.monotonic() - begin)
        if left <= 0:
            return too_slow(seconds)
        reply = forward(self._store, checked, query.header, Limits(seconds, left, RESULT_SIZE))
        if reply.header["status"] == 503:
            taken = round(time.monotonic() - begin, 3)
            log.warning("query not answered by the graph store", seconds=taken, message=reply.header["message"])
        return reply

    def _explain(self, error: Exception, code: int | None) -> Message:
        if isinstance(error, TimeoutError) or code == -signal.SIGXCPU:
            return too_slow(self._settings.sparql_timeout)
        if code in _CAUSES:
            return Message({"status": 400, "message": _CAUSES[code]})
        return _later("The query was cut off. Try again.", 1)

    def _take(self) -> Child | None:
        """A free child; None if there is none in time, or too many wait."""
        end = time.monotonic() + LONGEST_WAIT
        with self._changed:
            if self._waiting >= _WAITING:
                return None
            while not self._stop.is_set():
                self._waiting += 1
                self._changed.wait_for(lambda: self._free or self._stop.is_set(), end - time.monotonic())
                self._waiting -= 1
                if not self._free or self._stop.is_set():
                    return None
                child = self._free.pop()  # the one given back last: its memory is warm
                if child.runs:
                    self._busy.add(child)
                    return child
                self._replace(child)
        return None

    def _give_back(self, child: Child) -> None:
        with self._changed:
            self._busy.discard(child)
            self._free.append(child)
            self._changed.notify()

    def _replace(self, child: Child) -> None:
        """Ends a child; nobody waits until another one has started."""
        child.close()
        with self._changed:
            self._busy.discard(child)
        threading.Thread(target=self._start_another, daemon=True).start()

    def _start_another(self) -> None:
        pause = 0.1
        while not self._stop.is_set():
            try:
                child = Child(self._settings)
            except (OSError, Ended) as error:
                log.warning("query process does not start", error=repr(error))
                self._stop.wait(pause)
                pause = min(pause * 2, 10.0)
                continue
            with self._changed:
                if self._stop.is_set():
                    child.kill()
                else:
                    self._free.append(child)
                    self._changed.notify()
            return


def run_pool(settings: Settings, stop: threading.Event | None = None) -> None:
    """Serves until `stop` is set; without one, in the main thread, until SIGTERM or SIGINT.

    Raises PoolIsRunning, and what keeps the first children from starting.
    """
    if stop is None:
        stop = _until_signal()
    path = socket_path(settings.home)
    make_folder(path.parent)
    with _only_one(path.with_suffix(".lock")), _listener(path) as listener:
        pool = _Pool(settings, stop)
        try:
            pool.start()
            log.info("query service is ready", socket=str(path), processes=settings.sparql_workers)
            _accept(listener, pool, stop)
        finally:
            pool.close()


def _until_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PoolIsRunning(f"Another process holds {path}.") from error
        yield


@contextlib.contextmanager
def _listener(path: Path) -> Iterator[socket.socket]:
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(128)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _accept(listener: socket.socket, pool: _Pool, stop: threading.Event) -> None:
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while not stop.is_set():
        if poll.poll(200):
            connection, _address = listener.accept()
            threading.Thread(target=_serve, args=(connection, pool), daemon=True).start()


def _serve(connection: socket.socket, pool: _Pool) -> None:
    """One connection is one message and its answer; whoever sends nonsense, or goes away, gets none."""
    with connection, contextlib.suppress(EOFError, TimeoutError, ValueError, TypeError):
        channel = Channel(connection.fileno(), connection.fileno())
        message = channel.receive(_SHORT)
        channel.send(pool.answer(message) if message.body else pool.status(), _SHORT)


def _later(message: str, seconds: int) -> Message:
    return Message({"status": 503, "message": message, "retry_after": seconds})
