"""Where the views of a serving process read.

Pages of records are always rendered from the database: a record that was just published, changed, closed or withdrawn
is at once what its page says, whatever the readers lag, and that takes some milliseconds. The frozen files are for the
web server or CDN in front, never read here. Lists (home, browse, sitemaps) come from the catalogue of the last build,
which is some tenths of a second behind the log where readers run; where the site is built on another machine, the
web server in front has the lists.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from repository.api.context import viewer
from repository.records.snapshot import Snapshot
from repository.services import reading
from repository.services.concepts import Concepts
from repository.services.instance import Instance
from repository.services.reading import Record
from repository.storage import changes
from site_builder.catalogue import Catalogue
from site_builder.output import Output
from site_builder.previews.cache import Cache
from site_builder.previews.choosing import Shown, cached, choose
from site_builder.previews.pictures import KIND as PICTURES


class LiveSource:
    """See `context.Source`. Shared by all threads."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._output = Output(instance.settings.site_output)
        self._cache = Cache(self._output.previews)

    def concepts(self) -> Concepts:
        return Concepts(self._instance.database)

    def record(self, record_id: str) -> Record:
        return reading.read(self._instance, viewer(), record_id)

    def state(self, record_id: str) -> Snapshot | None:
        with self._instance.database.read() as connection:
            change = changes.state(connection, record_id)
        return change.snapshot if change else None

    def whole(self, snapshot: Snapshot) -> Snapshot:
        return reading.whole(self._instance.database, snapshot)

    def previews(self, snapshot: Snapshot) -> tuple[Shown, ...]:
        """Those that the builder has made: a picture of a stranger's is not decoded by whoever answers requests."""
        return choose(snapshot, cached(self._cache))

    def picture(self, sha256: str) -> bytes:
        return self._cache.picture(Cache.name(sha256, PICTURES))

    @contextlib.contextmanager
    def catalogue(self) -> Iterator[Catalogue]:
        path = self._catalogue_path()
        with Catalogue.read(path) if path else Catalogue.empty() as found:
            yield found

    def _catalogue_path(self) -> Path | None:
        generation = self._output.current()
        path = self._output.catalogue(generation) if generation else None
        return path if path and path.exists() else None
