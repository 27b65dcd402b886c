"""Two tiny projections, in the database and in a folder: with them the loop is tested, and the contract suite itself.

A page of a notebook is the title of a public record in capitals. A record whose title is no text can't be written.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection, text

from repository.records.snapshot import Snapshot
from repository.records.visibility import is_public
from repository.storage.changes import Change
from repository.storage.database import Database

Pages = list[tuple[str, int, str | None]]
"""Record id, position, and the page; None where the record is not public."""


class Ink:
    """What decides how pages are written; `forbidden` words are refused, and are no part of the rules."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rules(self) -> str:
        path = self._folder / "rules.txt"
        return path.read_text() if path.exists() else "plain"

    def render(self, changes: Sequence[Change]) -> Pages:
        path = self._folder / "forbidden.txt"
        forbidden = path.read_text().split() if path.exists() else []
        mark = self.rules().rpartition(":")[2]
        return [(change.record_id, change.position, _page(change.snapshot, forbidden, mark)) for change in changes]


def _page(snapshot: Snapshot, forbidden: Sequence[str], mark: str) -> str | None:
    title = snapshot.metadata["title"].upper()
    for word in forbidden:
        if word.upper() in title:
            raise ValueError(f"the word {word} is forbidden")
    if not is_public(snapshot):
        return None
    return title if mark == "plain" else f"{title} ({mark})"


def poisoned(snapshot: Snapshot) -> Snapshot:
    """The same record, with a title that can't be written."""
    return replace(snapshot, metadata={**snapshot.metadata, "title": 404})


class TableNotebook:
    """In the database; the checkpoint's generation is the one that is read."""

    name: ClassVar[str] = "table"
    in_database: ClassVar[bool] = True

    def __init__(self, database: Database, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = database
        self._ink = Ink(folder)
        self.written: list[tuple[str, str]] = []
        with database.write() as connection:
            connection.execute(
                text(
                    "CREATE TABLE IF NOT EXISTS notebook (generation varchar(32), record_id varchar(11), page text, "
                    "PRIMARY KEY (generation, record_id))"
                )
            )

    def rules(self) -> str:
        return self._ink.rules()

    def leading(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def prepare(self, changes: Sequence[Change]) -> Pages:
        return self._ink.render(changes)

    def write(self, prepared: Pages, generation: str, connection: Connection | None) -> None:
        assert connection is not None
        for record_id, _position, page in prepared:
            self._delete(connection, generation, record_id)
            if page is not None:
                connection.execute(
                    text("INSERT INTO notebook VALUES (:generation, :record, :page)"),
                    {"generation": generation, "record": record_id, "page": page},
                )
            self.written.append((generation, record_id))

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        assert connection is not None
        for change in changes:
            self._delete(connection, generation, change.record_id)

    def create(self, generation: str) -> None:
        pass

    def activate(self, generation: str) -> None:
        pass

    def drop(self, generation: str) -> None:
        with self._database.write() as connection:
            connection.execute(text("DELETE FROM notebook WHERE generation = :name"), {"name": generation})

    def generations(self) -> list[str]:
        with self._database.read() as connection:
            return list(connection.execute(text("SELECT DISTINCT generation FROM notebook")).scalars())

    def contents(self) -> Mapping[str, str]:
        query = text(
            "SELECT record_id, page FROM notebook JOIN checkpoints USING (generation) WHERE projection = :projection"
        )
        with self._database.read() as connection:
            return {row.record_id: row.page for row in connection.execute(query, {"projection": self.name})}

    @staticmethod
    def _delete(connection: Connection, generation: str, record_id: str) -> None:
        connection.execute(
            text("DELETE FROM notebook WHERE generation = :generation AND record_id = :record"),
            {"generation": generation, "record": record_id},
        )


class FolderNotebook:
    """In a folder: one file a record with its position, a folder a generation, a symbolic link to the current one.

    A hidden record stays as a file without a page, so that an older change does not bring it back.
    """

    name: ClassVar[str] = "folder"
    in_database: ClassVar[bool] = False

    def __init__(self, _database: Database, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._ink = Ink(folder)
        self.store = folder / "store"
        if not (folder / "away").exists():
            self.store.mkdir(exist_ok=True)
        self.written: list[tuple[str, str]] = []

    def rules(self) -> str:
        return self._ink.rules()

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        with (self.store / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield

    def prepare(self, changes: Sequence[Change]) -> Pages:
        return self._ink.render(changes)

    def write(self, prepared: Pages, generation: str, connection: Connection | None) -> None:
        assert connection is None
        for record_id, position, page in prepared:
            self._put(generation, record_id, position, page)
            self.written.append((generation, record_id))

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        for change in changes:
            self._put(generation, change.record_id, change.position, None)

    def create(self, generation: str) -> None:
        (self.store / generation).mkdir()

    def activate(self, generation: str) -> None:
        link = self.store / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(generation)
        link.replace(self.store / "current")

    def drop(self, generation: str) -> None:
        shutil.rmtree(self.store / generation, ignore_errors=True)

    def generations(self) -> list[str]:
        return [path.name for path in self.store.iterdir() if path.is_dir() and not path.is_symlink()]

    def contents(self) -> Mapping[str, str]:
        found = {path.stem: json.loads(path.read_text()) for path in (self.store / "current").glob("*.json")}
        return {record_id: entry["page"] for record_id, entry in found.items() if entry["page"] is not None}

    def _put(self, generation: str, record_id: str, position: int, page: str | None) -> None:
        path = self.store / generation / f"{record_id}.json"
        if path.exists() and json.loads(path.read_text())["position"] > position:
            return
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps({"position": position, "page": page}))
        temporary.replace(path)


Notebook = TableNotebook | FolderNotebook


class Deadly:
    """A notebook whose process is killed for good at one call of one method: before it, or after it."""

    def __init__(self, notebook: Notebook, method: str, call: int, after: bool) -> None:
        self._notebook, self._method, self._left, self._after = notebook, method, call, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._notebook, name)
        return self._deadly(found) if name == self._method else found

    def _deadly(self, method: Any) -> Any:
        def call(*arguments: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = method(*arguments)
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


class Sleeper:
    """A notebook without a lock whose process is stopped in `prepare` where the folder holds `stop.txt`, and that notes
    which process writes."""

    def __init__(self, notebook: Notebook, folder: Path) -> None:
        self._notebook, self._folder = notebook, folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._notebook, name)

    def leading(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def prepare(self, changes: Sequence[Change]) -> Pages:
        prepared = self._notebook.prepare(changes)
        request = self._folder / "stop.txt"
        if request.exists():
            request.unlink()
            (self._folder / "stopped.txt").write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGSTOP)
        return prepared

    def write(self, prepared: Pages, generation: str, connection: Connection | None) -> None:
        with (self._folder / "writers.txt").open("a") as writers:
            writers.write(f"{os.getpid()}\n")
        self._notebook.write(prepared, generation, connection)


def make_sleeping_table(database: Database, folder: Path) -> Sleeper:
    return Sleeper(TableNotebook(database, folder), folder)


def make_sleeping_folder(database: Database, folder: Path) -> Sleeper:
    return Sleeper(FolderNotebook(database, folder), folder)
