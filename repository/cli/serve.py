"""`colophon serve`: supervises the processes of one machine; and the WSGI target of its web workers.

Web workers, one reader process for all projections, and the SPARQL pool are children of one supervisor, which starts
again what dies and ends all on SIGTERM or Ctrl-C.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click
import structlog
from flask import Flask

from repository.api import worker_counts
from repository.api.observation import observe
from repository.app import create_app
from repository.cli import logs, reports
from repository.cli.processes import GRACE, end_with_parent, stop_on_signal
from repository.errors import WrongSetting
from repository.ld.sparql import create_blueprint as create_sparql
from repository.oai.resource import EXTENSION as HARVESTS
from repository.projections import NAMES
from repository.services.instance import Instance, open_instance
from repository.settings import Settings, load
from site_builder.pages import create_blueprint as create_pages
from site_builder.pages import error_page
from site_builder.translations import languages_of
from site_builder.views import querying

STOP_SECONDS = GRACE + 5.0
"""What a child gets to end before it is killed: more than its web workers get for their requests."""
NEEDED_BY_REQUESTS = ("sparql",)
"""Children without which the web can't finish what it is at."""
CALM_SECONDS = 30.0
"""A child that has lived so long is started again at once; one that dies sooner waits longer each time."""

_log = structlog.get_logger("serve")


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Web worker processes.")
@click.option("--no-readers", is_flag=True, help="Do not run the readers of the change log here.")
def serve(host: str | None, port: int | None, workers: int | None, no_readers: bool) -> None:
    """Serve API, OAI-PMH, RDF, SPARQL and the site on one port, with the readers beside."""
    options = {"serve.host": host, "serve.port": port, "serve.workers": workers}
    given = {name: str(value) for name, value in options.items() if value is not None}
    supervise(given, readers=not no_readers)


def supervise(overrides: dict[str, str], *, readers: bool, ready: threading.Event | None = None) -> None:
    """Runs all processes until a signal ends them. `overrides` reach the children as environment variables."""
    settings = load(overrides=overrides)
    reports.require(settings)
    open_instance(settings).close()  # says now, and once, what is wrong with it
    languages_of(settings)  # likewise
    require_free(settings)
    variables = {f"COLOPHON_{name.replace('.', '_').upper()}": value for name, value in overrides.items()}
    environment = {**os.environ, "COLOPHON_HOME": str(settings.home), **variables}
    environment.setdefault("MALLOC_ARENA_MAX", "2")  # threads of the readers would each keep freed memory to themselves
    names = ("web", "sparql", "readers") if readers else ("web", "sparql")
    program = [sys.executable, "-m", "repository.cli.processes"]
    with worker_counts.folder_of_workers(settings.home) as variable:
        environment |= variable
        Supervisor([Child(name, [*program, name, str(os.getpid())], environment) for name in names]).run(ready)


def require_free(settings: Settings) -> None:
    """Raises WrongSetting where somebody else listens already."""
    host, port = settings.serve_host, settings.serve_port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise WrongSetting(f"Nothing can listen on {host}:{port} (serve.host, serve.port): {error}.") from error


@dataclass(slots=True)
class Child:
    """One process under supervision."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.environment)
        self.started = time.monotonic()

    def look(self) -> None:
        """Starts it if it is not running, with growing pauses where it does not live long."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            code = self.process.returncode
            self.failures = 0 if now - self.started > CALM_SECONDS else self.failures + 1
            self.not_before = now + min(0.1 * 2**self.failures, 10.0)
            _log.error("process died", name=self.name, code=code)
            self.process = None
        if self.process is None and now >= self.not_before:
            self.start()


@dataclass(slots=True)
class Supervisor:
    children: list[Child]

    def run(self, ready: threading.Event | None = None) -> None:
        is_main = threading.current_thread() is threading.main_thread()
        stop = stop_on_signal(signal.SIGTERM, signal.SIGINT) if is_main else threading.Event()
        try:
            while not stop.is_set():
                for child in self.children:
                    child.look()
                if ready is not None:
                    ready.set()
                stop.wait(0.1)
        finally:
            self._end_children()

    def _end_children(self) -> None:
        """SIGTERM to all, so that they finish what they are at; SIGKILL to those that do not end. What requests need
        ends after the web, which finishes those that have begun."""
        begun = time.monotonic()
        for is_needed, seconds in ((False, STOP_SECONDS - 1.0), (True, STOP_SECONDS)):
            running = [
                (child.name, child.process)
                for child in self.children
                if child.process is not None and (child.name in NEEDED_BY_REQUESTS) == is_needed
            ]
            for _name, process in running:
                process.terminate()
            for name, process in running:
                try:
                    process.wait(max(0.0, begun + seconds - time.monotonic()))
                except subprocess.TimeoutExpired:
                    _log.error("process does not end, killed", name=name, seconds=seconds)
                    process.kill()
                    process.wait()


def build_app(instance: Instance) -> Flask:
    """The whole application of one web worker."""
    blueprints = (create_sparql(instance.settings, querying.page), create_pages(instance))
    app = create_app(instance, readers=NAMES, blueprints=blueprints, error_page=error_page)
    observe(app)
    return app


def wsgi() -> Flask:
    """What Granian calls once in every worker."""
    settings = load()
    logs.configure(*reports.begin(settings))
    end_with_parent()
    worker_counts.begin()
    app = build_app(open_instance(settings))
    atexit.register(app.extensions[HARVESTS].flush)
    return app
