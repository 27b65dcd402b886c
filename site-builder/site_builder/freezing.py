"""Rendering many records at once, by processes beside this one: a build is bound by the processor.

They write what they render to a folder for each record, which then only has to be moved into its place.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import structlog

from repository.following import collect_seldom
from repository.records.snapshot import Snapshot, dump, load
from repository.services import reading
from repository.settings import Settings
from repository.storage.database import Database
from repository.storage.objects import open_objects
from site_builder.freezer import FrozenRecord, SiteFreezer
from site_builder.output import Output
from site_builder.previews.cache import Cache
from site_builder.previews.making import Making

log = structlog.get_logger("site")

_WORTH_IT = 200
"""Fewer records are rendered before a process has started."""
_CHUNK = 50


class Freezing:
    """Renders records here, or, in a build, in processes of its own. For one thread."""

    def __init__(self, settings: Settings, here: SiteFreezer) -> None:
        self._settings = settings
        self._here = here
        self._pool: ProcessPoolExecutor | None = None
        self._is_building = False

    def begin_build(self) -> None:
        """From now on many records come; processes are started with the first lot of them."""
        self._is_building = self._settings.site_processes > 1

    def end_build(self) -> None:
        self._is_building = False
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def records(self, snapshots: Sequence[Snapshot]) -> list[FrozenRecord]:
        """In the order given. Raises whatever a template or format raises."""
        if not self._is_building or (self._pool is None and len(snapshots) < _WORTH_IT):
            return self._here.records(snapshots)
        try:
            return self._beside(snapshots)
        except BrokenProcessPool:
            # No record's fault: they can't be started, or one was killed. What is slower is better than nothing.
            log.warning("the processes that render pages ended; rendering goes on without them", exc_info=True)
            self.end_build()
            return self._here.records(snapshots)

    def _beside(self, snapshots: Sequence[Snapshot]) -> list[FrozenRecord]:
        if self._pool is None:
            self._pool = self._started()
        bodies = [dump(snapshot) for snapshot in snapshots]
        starts = range(0, len(bodies), _CHUNK)
        rendered = [self._pool.submit(_render, bodies[start : start + _CHUNK]) for start in starts]
        wait(rendered)  # for all, even if one fails: what is tried again must not be written by two at once
        return [record for chunk in rendered for record in chunk.result()]

    def _started(self) -> ProcessPoolExecutor:
        """Raises BrokenProcessPool where processes can't be started."""
        # Never forked: other readers run in threads of this process.
        count = self._settings.site_processes
        pool = ProcessPoolExecutor(count, get_context("spawn"), _start, (self._settings,))
        try:
            pool.submit(_render, []).result()
        except (OSError, AssertionError) as error:
            pool.shutdown(wait=False)
            raise BrokenProcessPool(str(error)) from error
        return pool


_here: tuple[SiteFreezer, Output] | None = None


def _start(settings: Settings) -> None:
    global _here  # noqa: PLW0603 — what a process of the pool is for
    collect_seldom()
    database = Database(settings.database)  # asked only for what snapshots don't carry: long lists of files, and times
    output = Output(settings.site_output)
    making = Making(Cache(output.previews), database, lambda: open_objects(settings.objects))
    freezer = SiteFreezer(settings, partial(reading.whole, database), partial(reading.moments, database), making=making)
    _here = freezer, output


def _render(bodies: list[bytes]) -> list[FrozenRecord]:
    if _here is None:
        raise RuntimeError("this process was not started by the pool")
    freezer, output = _here
    return [_staged(record, output) for record in freezer.records([load(body) for body in bodies])]


def _staged(record: FrozenRecord, output: Output) -> FrozenRecord:
    return replace(record, files=(), staged=stage(output, record))


def stage(output: Output, record: FrozenRecord) -> tuple[tuple[str, str], ...]:
    """Writes the files of a record beside their place, if that was not done already. See `FrozenRecord.staged`."""
    return record.staged or tuple((folder, output.stage(folder, files)) for folder, files in record.folders.items())
