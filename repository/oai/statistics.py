"""Who harvests what and when: counted in the memory of each process, added to one table every half minute.

No personal data: neither addresses nor times of single requests are kept, and of what harvesters call themselves only
the products that they name. A process that is killed loses its last half minute.
"""

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import structlog
from sqlalchemy import Connection, delete, desc, func, select
from sqlalchemy.dialects import postgresql, sqlite

from repository.errors import ColophonError
from repository.oai.clock import Now
from repository.storage.database import Database
from repository.storage.models import OaiRequestCount

FLUSH_SECONDS = 30
KEPT_DAYS = 400
_MOST_KINDS = 2_000
"""Kinds of requests that are counted apart until the next flush; whoever invents names for himself fills no memory."""
_OTHERS = "others"
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~:-]*/[A-Za-z0-9._-]+", re.ASCII)
_ROBOT = re.compile(r"\(compatible; *([A-Za-z][A-Za-z0-9._-]*/[A-Za-z0-9._-]+)", re.ASCII)
"""Robots that pass for a browser name themselves in its comment."""
_COMMENT = re.compile(r"\([^()]*\)?")
_LONGEST = 80

_log = structlog.get_logger("oai")


@dataclass(frozen=True, slots=True)
class Kind:
    """Requests that are counted together."""

    day: date
    """In UTC."""
    agent: str
    verb: str
    """Empty where the request names none that there is."""
    prefix: str
    set: str
    error: str
    """Code of the error that was answered, `overloaded` or `notReady` for a 503; empty for none."""


@dataclass(slots=True)
class Count:
    requests: int = 0
    records: int = 0
    last: int = 0
    """Seconds since 1970, rounded down to the flush."""


@lru_cache(64)
def product(user_agent: str) -> str:
    """What a harvester calls itself: its products with their versions, without comments and addresses. A word without
    a version is left out: it may be the name of a person.

    Specified by: RFC 9110, 10.1.5 User-Agent.
    """
    robot = _ROBOT.search(user_agent)
    if robot:
        return robot[1][:_LONGEST]
    if user_agent.startswith("Mozilla/"):
        return "browser"
    products = [word for word in _COMMENT.sub(" ", user_agent).split() if _PRODUCT.fullmatch(word)]
    return " ".join(products)[:_LONGEST] or "unnamed"


class Harvests:
    """The counts of one process. Counting takes a lock and no input or output."""

    def __init__(self, database: Database, now: Now = time.time) -> None:
        self._database = database
        self._now = now
        self._lock = threading.Lock()
        self._counts: dict[Kind, Count] = {}
        self._timer: threading.Timer | None = None

    def count(self, user_agent: str, verb: str, prefix: str, of_set: str, error: str, records: int) -> None:
        now = self._now()
        kind = Kind(datetime.fromtimestamp(now, UTC).date(), product(user_agent), verb, prefix, of_set, error)
        with self._lock:
            if kind not in self._counts and len(self._counts) >= _MOST_KINDS:
                kind = Kind(kind.day, _OTHERS, verb, "", "", error)
            counted = self._counts.setdefault(kind, Count())
            counted.requests += 1
            counted.records += records
            counted.last = int(now) // FLUSH_SECONDS * FLUSH_SECONDS
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Adds what was counted to the table; keeps it for the next time where that fails."""
        with self._lock:
            counts, self._counts = self._counts, {}
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if not counts:
            return
        try:
            with self._database.write() as connection:
                add(connection, counts)
        except ColophonError as error:
            _log.warning("harvests_not_counted", error=error.message)
            self._give_back(counts)
        except BaseException:
            self._give_back(counts)
            raise

    def _give_back(self, counts: dict[Kind, Count]) -> None:
        with self._lock:
            for kind, count in counts.items():
                if len(self._counts) < 2 * _MOST_KINDS:
                    since = self._counts.setdefault(kind, Count())
                    since.requests += count.requests
                    since.records += count.records
                    since.last = max(since.last, count.last)


def add(connection: Connection, counts: dict[Kind, Count]) -> None:
    """Adds counts to those of other processes, and forgets days that are too long ago."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(OaiRequestCount)
    later = func.max if connection.dialect.name == "sqlite" else func.greatest
    statement = insert.on_conflict_do_update(
        index_elements=["day", "agent", "verb", "prefix", "set", "error"],
        set_={
            "requests": OaiRequestCount.requests + insert.excluded.requests,
            "records": OaiRequestCount.records + insert.excluded.records,
            "last": later(OaiRequestCount.last, insert.excluded.last),
        },
    )
    rows = [
        {"day": kind.day, "agent": kind.agent, "verb": kind.verb, "prefix": kind.prefix, "set": kind.set,
         "error": kind.error, "requests": count.requests, "records": count.records, "last": count.last}
        for kind, count in sorted(counts.items(), key=lambda item: _order(item[0]))
    ]  # fmt: skip
    connection.execute(statement, rows)
    oldest = max(kind.day for kind in counts) - timedelta(days=KEPT_DAYS)
    connection.execute(delete(OaiRequestCount).where(OaiRequestCount.day < oldest))


def _order(kind: Kind) -> tuple[str, ...]:
    """One order for all processes, so that they never wait for each other in a circle."""
    return (kind.day.isoformat(), kind.agent, kind.verb, kind.prefix, kind.set, kind.error)


def harvests(connection: Connection, since: date, limit: int) -> Iterable[tuple[Kind, Count]]:
    """The counts from a day on, those of the last days and of the most requests first."""
    table = OaiRequestCount
    columns = (table.day, table.agent, table.verb, table.prefix, table.set, table.error)
    statement = (
        select(*columns, table.requests, table.records, table.last)
        .where(table.day >= since)
        .order_by(desc(table.day), desc(table.requests), *columns[1:])
        .limit(limit)
    )
    return [(Kind(*row[:6]), Count(*row[6:])) for row in connection.execute(statement)]
