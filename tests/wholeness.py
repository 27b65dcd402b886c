"""Whether an instance is whole: what a fault, a restore or an upgrade must never have broken.

    assert_whole(home)                                      # an instance on its defaults
    assert_whole(home, {"database": url, "site.url": …})    # and what `colophon.toml` in it does not say

The settings must be those that the instance ran with: where they differ, the readers render again what depends on them.
Nobody may write meanwhile. Readers that run elsewhere (`colophon serve`) are waited for; where none runs, they are run
here until they are current. At most 1,000 records.
"""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from repository.errors import NotFound
from repository.following import ask, parked, run_until_current
from repository.projections import NAMES, open_projections
from repository.records.sets import read_query
from repository.services import transfers
from repository.services.instance import Instance, open_instance
from repository.services.sweeping import NEEDED
from repository.settings import load
from repository.storage import changes, schema
from repository.storage.database import Database
from repository.storage.models import (
    Base,
    Blob,
    ChangeRow,
    File,
    FileListRow,
    OaiList,
    OaiSet,
    OaiSetsHead,
    RecordRow,
    SnapshotRow,
)
from repository.storage.objects.store import GONE
from tests.instances import SITE
from tests.system.beginnings import assert_equal
from tests.system.contents import CONTENTS
from tests.system.stored import assert_log_is_complete

OF_READERS = (
    "checkpoints", "parked_changes", "projection_requests", "builds", "oai_clock", "oai_items", "oai_lists",
    "oai_members", "oai_counts", "oai_moves", "oai_layers", "oai_renderings", "oai_request_counts",
)  # fmt: skip
"""Tables of which nothing is primary to one who begins anew: what readers make, and what they and harvesters note."""

_PLACE = os.environ.get("PYTEST_DEBUG_TEMPROOT")
"""Where tests have their folders: in memory perhaps."""


def assert_whole(home: Path, overrides: Mapping[str, Any] | None = None) -> None:
    """Files, log and readers, in this order. `overrides`: settings, as `settings.load` takes them."""
    instance = open_instance(load(home, environment={}, overrides={"site.url": SITE, **(overrides or {})}))
    try:
        transfers.finish_received(instance)  # as the process of the readers does
        assert_files_are_whole(instance)
        assert_log_has_no_gaps(instance)
        assert_log_is_complete(instance)
        assert_readers_show_the_log(instance)
        assert_sets_are_whole(instance)
    finally:
        instance.close()


def assert_files_are_whole(instance: Instance) -> None:
    """No row lacks its bytes, unless they are being removed; all bytes are what their row says; every completed file
    has some. A pending one may wait for them, but not after all its parts were received; a failed one says why."""
    with instance.database.read() as connection:
        blobs = connection.execute(select(Blob.sha256, Blob.size, Blob.location).where(NEEDED)).all()
        files = connection.execute(select(File.record_id, File.key, File.status, File.blob, File.transfer)).all()
    for sha256, size, location in blobs:
        try:
            with instance.objects.open(location) as stream:
                found = stream.read()
        except NotFound:
            raise AssertionError(f"the bytes of {sha256} are missing") from None
        assert (hashlib.sha256(found).hexdigest(), len(found)) == (sha256, size), f"other bytes than {sha256}"
    rows = {blob.sha256 for blob in blobs}
    for record_id, key, status, sha256, transfer in files:
        name, parts = f"{record_id}/{key}", transfer or {}
        assert status in ("completed", "pending", "failed"), f"{name} is {status}"
        assert sha256 in rows or (sha256 is None and status != "completed"), f"{name} lacks its bytes"
        assert sha256 is None or not parts, f"{name} has its bytes and waits for parts"
        assert bool(parts.get("error")) == (status == "failed"), f"{name} is {status}, and its parts say {parts}"
        assert parts.get("error") or not parts.get("received"), f"{name} was received whole and never hashed"
        assert GONE not in parts.get("error", ""), f"the bytes of {name} were received and are lost"


def assert_log_has_no_gaps(instance: Instance) -> None:
    """Positions are 1, 2, …, head; each change has its state, each state its list of files."""
    with instance.database.read() as connection:
        head = changes.head(connection)
        positions = connection.execute(select(ChangeRow.position).order_by(ChangeRow.position)).scalars().all()
        named = set(connection.execute(select(ChangeRow.snapshot)).scalars())
        stored = set(connection.execute(select(SnapshotRow.digest)).scalars())
        lists = set(connection.execute(select(FileListRow.digest)).scalars())
        last = {change.record_id: change.snapshot for change in changes.states(connection, "", 10_000)}
        records = set(connection.execute(select(RecordRow.id)).scalars())
    assert positions == list(range(1, head + 1)), "positions are missing"
    assert last.keys() == records, "a record is not in the log"
    assert named <= stored, "a change lacks its snapshot"
    assert {state.files_digest for state in last.values()} - {""} <= lists, "a snapshot lacks its list of files"


def assert_readers_show_the_log(instance: Instance) -> None:
    """What each reader shows equals what one shows that has been filled from nothing."""
    run(instance)
    with tempfile.TemporaryDirectory(prefix="colophon-whole-", dir=_PLACE) as folder:
        fresh = from_nothing(instance, Path(folder))
        try:
            run(fresh)
            for name, contents in CONTENTS.items():
                assert_equal(name, instance, contents(instance), contents(fresh))
        finally:
            fresh.close()


def assert_sets_are_whole(instance: Instance) -> None:
    """Each set that was defined is listed under its name, its query can be read; their number is there."""
    with instance.database.read() as connection:
        defined = connection.execute(select(OaiSet.spec, OaiSet.name, OaiSet.search_pattern)).all()
        listed = {row.spec: row.name for row in connection.execute(select(OaiList.spec, OaiList.name))}
        versions = connection.execute(select(OaiSetsHead.version)).scalars().all()
    assert len(versions) == 1, "the number of the sets is missing"
    for spec, name, pattern in defined:
        read_query(pattern)
        assert listed.get(spec) == name, f"the set {spec} is listed as {listed.get(spec)}"


def run(instance: Instance) -> None:
    """All readers, until they are current; none fails or parks.

    They are asked to look at their rules: a lease that somebody who was killed has left would pass for a leader, whose
    settings may be others than ours.
    """
    for name in NAMES:
        ask(instance.database, name, "rules")
    outcomes = run_until_current(instance.database, open_projections(instance))
    assert {outcome.name: outcome.error for outcome in outcomes} == dict.fromkeys(NAMES, "")
    assert [entry for name in NAMES for entry in parked(instance.database, name)] == []


def from_nothing(instance: Instance, home: Path) -> Instance:
    """The same records, log and files, without anything that a reader has made or noted; always on SQLite."""
    settings = replace(
        instance.settings,
        home=home,
        database=f"sqlite:///{home / 'colophon.sqlite'}",
        search=f"tantivy://{home / 'search'}",
        graph=f"oxigraph://{home / 'graph'}",
        site_output=home / "static-build",
    )
    path = home / "colophon.sqlite"
    path.write_bytes(_empty_database())
    if instance.database.is_sqlite:
        _copy_sqlite(Path(instance.database.url.database or ""), path)
    else:
        _copy_rows(instance.database, settings.database)
    return open_instance(settings)


@cache
def _empty_database() -> bytes:
    """A file of SQLite with the schema and what every new one holds: to be copied."""
    with tempfile.TemporaryDirectory(prefix="colophon-whole-", dir=_PLACE) as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite")
        schema.upgrade(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return Path(folder, "empty.sqlite").read_bytes()


def _copy_sqlite(source: Path, target: Path) -> None:
    """The whole file at once, but for what readers have made: that stays as it is in the target."""
    with closing(sqlite3.connect(source)) as theirs, closing(sqlite3.connect(":memory:")) as ours:
        theirs.backup(ours)
        ours.execute("ATTACH ? AS new", (str(target),))
        for table in OF_READERS:
            ours.execute(f"DELETE FROM main.{table}")
            ours.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
        ours.commit()
        ours.execute("DETACH new")
        with closing(sqlite3.connect(target)) as file:
            ours.backup(file)


def _copy_rows(source: Database, url: str) -> None:
    target = Database(url)
    with source.read() as reading, target.write() as writing:
        for table in Base.metadata.sorted_tables:
            if table.name in OF_READERS:
                continue
            writing.execute(table.delete())
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    target.close()
