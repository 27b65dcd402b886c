"""Rendering many records at once, by processes beside this one: a build is bound by the processor.

They write what they render to a folder for each record, which then only has to be moved into its place.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from repository.following.beside import Beside, Works
from repository.records.snapshot import load
from repository.services import reading
from repository.settings import Settings
from repository.storage.changes import Change
from repository.storage.database import Database
from repository.storage.objects import open_objects
from site_builder.freezer import FrozenRecord, SiteFreezer
from site_builder.output import Output, Staged
from site_builder.previews.cache import Cache
from site_builder.previews.making import Making

_WORTH_IT = 100
"""Fewer records are rendered before another process has got them."""
Freezing = Beside[Change, FrozenRecord]


def freezing(settings: Settings, here: SiteFreezer) -> Freezing:
    return Beside(
        partial(_here, here),
        attrgetter("body"),
        partial(_there, settings),
        processes=settings.site_processes,
        worth_it=_WORTH_IT,
    )


def freezer(settings: Settings, database: Database, making: Making) -> SiteFreezer:
    """The database is asked only for what snapshots don't carry: long lists of files, times, and words of concepts."""
    return SiteFreezer(settings, partial(reading.whole, database), partial(reading.moments, database), database, making)


def _here(made: SiteFreezer, changes: Sequence[Change]) -> list[FrozenRecord]:
    return made.records([change.snapshot for change in changes])


def _there(settings: Settings) -> Works[FrozenRecord]:
    database, output = Database(settings.database), Output(settings.site_output)
    making = Making(Cache(output.previews), database, lambda: open_objects(settings.objects))
    made = freezer(settings, database, making)
    return lambda lot: [_staged(record, output) for record in made.records([load(body) for body in lot])]


def _staged(record: FrozenRecord, output: Output) -> FrozenRecord:
    return replace(record, files=(), staged=stage(output, record))


def stage(output: Output, record: FrozenRecord) -> tuple[tuple[str, Staged], ...]:
    """Writes the files of a record beside their place, if that was not done already. See `FrozenRecord.staged`."""
    return record.staged or tuple((folder, output.stage(folder, files)) for folder, files in record.folders.items())
