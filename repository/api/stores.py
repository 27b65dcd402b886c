"""Whether the stores answer: all are asked at once, within a time limit, and each gets one word.

The words tell everybody the same, and nothing of where a store is or why it fails: that stands in the log.
"""

import threading
import time
from collections.abc import Callable, Mapping

import structlog

from repository.errors import ColophonError, StoreFull, Unreachable
from repository.ld.endpoint import endpoint
from repository.ld.places import graph_folder, is_embedded
from repository.ld.remote import reach
from repository.ld.snapshots import has_lost_copy
from repository.ld.sparql_client import is_running
from repository.search.engine import Search, SearchEngine
from repository.services.instance import Instance
from repository.storage import reaching, schema

OK = "ok"
SILENT = "silent"
"""It has not answered within SECONDS."""
UNREACHABLE = "unreachable"
FULL = "full"
OUTDATED = "outdated"
"""The database has another version's schema."""
FAILING = "failing"
"""It answers, with an error."""
WORDS = (OK, SILENT, UNREACHABLE, FULL, OUTDATED, FAILING)

SECONDS = 1.5
"""For all together."""
KEPT = 2.0
"""Seconds for which the words are good: so stores are asked no more often, whoever asks us."""

_log = structlog.get_logger("stores")


class Outdated(ColophonError):
    """The database is not this version's."""


class Stores:
    """Asks the stores of one instance; shared by the threads of a process.

    A question that hangs is left to itself, and not asked a second time while it does.
    """

    def __init__(self, instance: Instance, search: SearchEngine) -> None:
        self._asks: dict[str, Callable[[], object]] = {
            "database": lambda: _database(instance),
            "objects": lambda: reaching.objects(instance.objects),
            "search": lambda: search.search(Search(size=1, facets=False)),
            "graph": lambda: _graph(instance),
            "sparql": lambda: _sparql(instance),
        }
        self._lock = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._said: dict[str, str] = {}
        self._words: Mapping[str, str] = {}
        self._until = 0.0

    def words(self) -> Mapping[str, str]:
        """Store → one of WORDS: `database`, `objects`, `search`, `graph`, `sparql`. Takes SECONDS at most."""
        with self._lock:
            begun = time.monotonic()
            if begun >= self._until:
                self._words = self._ask(begun + SECONDS)
                self._until = time.monotonic() + KEPT
            return self._words

    def _ask(self, deadline: float) -> Mapping[str, str]:
        for name in self._asks:
            running = self._running.get(name)
            if running is None or not running.is_alive():
                self._said.pop(name, None)
                self._running[name] = threading.Thread(target=self._note, args=(name,), daemon=True)
                self._running[name].start()
        for thread in self._running.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        words = {name: self._said.get(name, SILENT) for name in self._asks}
        for name, word in words.items():
            if word == SILENT:
                _log.warning("store does not answer", store=name, word=word)
        return words

    def _note(self, name: str) -> None:
        try:
            self._asks[name]()
        except Exception as error:
            self._said[name] = _word(error)
            _log.warning("store does not answer", store=name, word=self._said[name], error=str(error))
        else:
            self._said[name] = OK


def _word(error: Exception) -> str:
    if isinstance(error, StoreFull):
        return FULL
    if isinstance(error, Outdated):
        return OUTDATED
    return UNREACHABLE if isinstance(error, Unreachable | OSError) else FAILING


def _database(instance: Instance) -> None:
    if not schema.is_current(instance.database):
        raise Outdated("The database has another version's schema: run `colophon init`.")


def _graph(instance: Instance) -> None:
    """An embedded one is the leader's alone to open: here is looked whether it can, and whether what queries read is
    there."""
    if not is_embedded(instance.settings.graph):
        reach(endpoint(instance.settings.graph))
        return
    folder = graph_folder(instance.settings.graph)
    reaching.folder(folder)
    if has_lost_copy(folder):
        raise Unreachable(f"The copy of the graph store that queries read is not in {folder}.")


def _sparql(instance: Instance) -> None:
    if not is_running(instance.settings):
        raise Unreachable("The query service does not answer.")
