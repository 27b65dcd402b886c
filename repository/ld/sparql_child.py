"""A child process that answers SPARQL queries, seen from its parent."""

import signal
import subprocess

from repository.formats.rdf import PREFIXES
from repository.ld.messages import Message, start
from repository.ld.places import graph_folder, is_embedded
from repository.records.identifiers import landing_iri
from repository.settings import Settings

RESULT_SIZE = 16_000_000
"""Bytes of a result: it is made whole before it is sent, so that an error is never half a result."""
_SHORT = 5.0
"""Seconds for what takes no time unless something is broken: to take a message, to exit."""
_START = 30.0
"""Seconds to start."""


class Ended(Exception):
    """The child ended instead of answering; its exit code, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class Child:
    """Runs `sparql_worker`. One query at a time; `kill` may be called from any thread.

    Raises OSError, Ended, TimeoutError if it does not start.
    """

    def __init__(self, settings: Settings) -> None:
        self._process, self._channel = start("repository.ld.sparql_worker")
        configuration = {
            "folder": str(graph_folder(settings.graph)) if is_embedded(settings.graph) else "",
            "graphs": landing_iri(settings.site, ""),
            "memory": settings.sparql_memory,
            "seconds": settings.sparql_timeout,
            "result_size": RESULT_SIZE,
            "prefixes": PREFIXES,
        }
        try:
            self.confined = bool(self.answer(Message(configuration), _START).header["confined"])
        except TimeoutError:
            self.kill()
            raise

    @property
    def number(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def answer(self, query: Message, seconds: float) -> Message:
        """Raises TimeoutError, after which it must be killed, and Ended."""
        try:
            self._channel.send(query, _SHORT)
            return self._channel.receive(seconds)
        except EOFError:
            raise Ended(self._exit_code()) from None

    def kill(self) -> None:
        """Ends it, whatever it does; its pipes are closed once nobody waits for an answer any more."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Kills it and gives its pipes back; by the thread that uses it."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _exit_code(self) -> int:
        """Of a child that has closed its side: it tells its own reason, if it does so soon."""
        try:
            return self._process.wait(_SHORT)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL
