"""A query service over a small store, for tests: started as a process of its own, and stopped by its id."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from flask import Flask

from repository.ld.projection import LdProjection
from repository.ld.sparql import create_blueprint
from repository.ld.sparql_client import is_running
from repository.records.snapshot import Snapshot, dump
from repository.settings import Settings, load
from repository.storage.changes import Change
from site_builder.context import Source, pages_of
from site_builder.views import querying

GENERATION = "g20240501000000beef"


def settings_of(home: Path, **overrides: Any) -> Settings:
    """Names of settings with `_` for their dot."""
    settings = load(home, environment={}, overrides={"site.url": "https://repository.example.org"})
    return replace(settings, **overrides)


def changes_of(states: Sequence[Snapshot], first: int = 1) -> list[Change]:
    return [
        Change(first + offset, state.id, "published", datetime.now(UTC), dump(state))
        for offset, state in enumerate(states)
    ]


def fill(settings: Settings, states: Sequence[Snapshot]) -> None:
    """Makes a store that holds these records and nothing else, and publishes a copy."""
    projection = LdProjection(settings)
    with projection.leading():
        for generation in projection.generations():
            projection.drop(generation)
        projection.create(GENERATION)
        projection.write(projection.prepare(changes_of(states)), GENERATION, None)
        projection.activate(GENERATION)


@contextlib.contextmanager
def query_service(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `run_pool` in a process of its own until the block ends."""
    overrides = {
        name: getattr(settings, name.replace(".", "_"))
        for name in ("sparql.workers", "sparql.timeout", "sparql.memory", "graph", "site.url")
    }
    program = (
        "from pathlib import Path\n"
        "from repository.ld.sparql_pool import run_pool\n"
        "from repository.settings import load\n"
        f"run_pool(load(Path({str(settings.home)!r}), {{}}, {overrides!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    try:
        end = time.monotonic() + 60
        while not is_running(settings):
            assert process.poll() is None, "the query service ended"
            assert time.monotonic() < end, "the query service does not answer"
            time.sleep(0.02)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def application(settings: Settings) -> Flask:
    """The endpoint alone, with its page, which looks at no record."""
    app = Flask(__name__)
    app.register_blueprint(create_blueprint(settings, querying.page))
    app.extensions["site"] = pages_of(settings, {}, cast(Source, None), is_live=True)
    return app
