"""A server in this process, with the sample records: for clients that know only its address."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.records.snapshot import Snapshot
from repository.records.visibility import Viewer, is_public
from repository.services.instance import Instance
from repository.services.sampling import deposit_samples
from repository.storage import changes
from site_builder.projection import open_projection
from tests.docs.served import free_port
from tests.instances import UNLIMITED, copy_instance, person


@dataclass(frozen=True, slots=True)
class Running:
    """A server with the sample records."""

    instance: Instance
    owner: Viewer
    base: str

    def build_site(self) -> None:
        (outcome,) = run_until_current(self.instance.database, [open_projection(self.instance)])
        assert (outcome.error, outcome.parked) == ("", 0)

    def public(self) -> list[Snapshot]:
        with self.instance.database.read() as connection:
            return [change.snapshot for change in changes.states(connection, "", 1000) if is_public(change.snapshot)]


@contextlib.contextmanager
def running_samples(template: Path, folder: Path, **stores: Any) -> Iterator[Running]:
    """Its site is built."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    instance = copy_instance(template, folder, site__url=base, **UNLIMITED, **stores)
    owner = person(instance, "owner")
    deposit_samples(instance, owner)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, build_app(instance), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        made = Running(instance, owner, base)
        made.build_site()
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        instance.close()
