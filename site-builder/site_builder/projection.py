"""The reader that keeps the frozen site: pages, formats, lists and sitemaps as files.

See `output` for the folder, `building` for what is made when, `freezer` for how.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Connection

from repository.following import Written
from repository.formats import FORMATS
from repository.formats.format import source_digest
from repository.records.structure import schemas_folder
from repository.services.concepts import Wording
from repository.services.instance import Instance
from repository.settings import Settings
from repository.storage import changes
from repository.storage.changes import Change
from repository.storage.database import Database
from repository.storage.objects import ObjectStore, open_objects
from site_builder import notes
from site_builder.building import Generation, Prepared
from site_builder.changed import EVERYTHING, Journal, Noting
from site_builder.compressing import Compressing
from site_builder.freezer import FrozenRecord
from site_builder.freezing import freezer, freezing
from site_builder.hosting import Facts, write_rules
from site_builder.output import Output
from site_builder.previews.keeping import Keeping
from site_builder.previews.kinds import KINDS, rules_of
from site_builder.previews.making import Making
from site_builder.syncing import Syncing, boot, lost
from site_builder.translations import own_catalogues
from site_builder.views.standing import SCHEMAS

SHAPE = "8"
"""Of the folder and the catalogue; to be changed when an old generation can't be written in place."""
_MODULES = (
    "repository.api.ui",
    "repository.formats.dcat_listed",
    "repository.formats.memento",
    "repository.records.text",
    "repository.records.visibility",
)
_SOURCES = (".py", ".html", ".css", ".svg", ".png", ".ico", ".md", ".po")


def open_projection(instance: Instance) -> "SiteProjection":
    return SiteProjection(instance.settings, instance.database, instance.objects)


class SiteProjection:
    """See `following.Projection`."""

    name: ClassVar[str] = "site"
    in_database: ClassVar[bool] = False

    def __init__(self, settings: Settings, database: Database, objects: ObjectStore | None = None) -> None:
        self._settings = settings
        self._database = database
        self.output = Output(settings.site_output)
        self._keeping = Keeping(self.output.previews)
        making = Making(self._keeping.cache, database, lambda: objects or open_objects(settings.objects))
        self._freezer = freezer(settings, database, making)
        self._wording = Wording(database)
        self._freezing = freezing(settings, self._freezer)
        self._syncing = Syncing()
        self._compressing = Compressing(self.output, is_wanted=settings.site_compressed)
        self._opened: dict[str, Generation] = {}
        self._current = ""
        self._journal: Journal | None = None

    def rules(self) -> str:
        settings = self._settings
        decisive = (
            settings.site_url,
            settings.site_name,
            settings.site_metadata_licence,
            settings.site_languages,
            own_catalogues(settings),
            settings.oai_domain,
            settings.oai_admin_email,
            settings.custom_fields,
            settings.security_contact,
            settings.security_expires,
            self._freezer.pages.themes.look().digest,
            _sources(),
            self._wording.digest(),
        )
        return f"{self._shape}:{sha256(repr(decisive).encode()).hexdigest()[:32]}"

    @property
    def _shape(self) -> str:
        """Of more languages each has its pages in a folder of its own, and its lines in the catalogue."""
        languages = self._settings.site_languages
        return SHAPE if len(languages) == 1 else f"{SHAPE}.{sha256(repr(languages).encode()).hexdigest()[:8]}"

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        with self.output.locked(), Journal.open(self.output.own) as self._journal:
            self._journal.begin()
            try:
                self._keeping.begin()
                yield
            finally:
                self._end()
                self._journal.end()

    def _end(self) -> None:
        current, self._current = self._current, ""
        self._keeping.end()
        self._freezing.end()
        self._compressing.end()
        try:
            if current:
                self._syncing.finish(self._generation(current).catalogue)
        finally:
            for name in list(self._opened):
                self._close(name)

    def prepare(self, changes: Sequence[Change]) -> Iterable[list[Prepared]]:
        return _in_lots(changes, self._freezing.lots(changes))

    def write(self, prepared: Iterable[list[Prepared]], generation: str, connection: Connection | None) -> None:
        opened = self._generation(generation)
        if opened.is_complete:
            with self._noted():
                self._write(opened, [item for lot in prepared for item in lot])
                self._make_owed(opened)
            self._syncing.look(opened.catalogue)
        else:
            opened.fill(prepared, self._settle)

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        hidden = [_prepared(change, FrozenRecord(change.record_id, (), None)) for change in changes]
        self.write([hidden], generation, connection)

    def create(self, generation: str) -> None:
        self.output.create(generation)
        self._generation(generation)
        self._freezing.begin()

    def activate(self, generation: str) -> None:
        """Also mends what a killed process or a fallen machine left behind, and obeys rules that have changed."""
        write_rules(self._settings)
        with self._noted() as journal:
            self.output.tell(self.output.current(), Noting(journal, Facts.of(self._settings)).note)
            self._activate(generation, journal)
            self.output.tell(generation, Noting(journal, Facts.of(self._settings)).note)

    def _activate(self, generation: str, journal: Journal) -> None:
        opened, rules = self._generation(generation), self.rules()
        if opened.has_another_shape(self._shape):  # it is served as it is until the next one is filled
            self._switch(generation, journal)
            return
        missing = lost(opened.catalogue) if opened.is_complete else []
        if missing:
            self._write(opened, [item for lot in self._states(missing) for item in lot])
        if missing or not opened.obeys(rules):
            opened.complete(rules, boot())
        else:
            opened.catch_up()
        self._make_owed(opened)
        self._reword(opened)
        if generation != self._current:
            self.output.sync()
        self._switch(generation, journal)
        self._freezing.end()

    def _switch(self, generation: str, journal: Journal) -> None:
        """Another generation may differ in any file."""
        if self.output.current() != generation:
            journal.note(EVERYTHING, "")
        self.output.switch(generation)
        if generation != self._current:
            self._compressing.begin(generation)
        self._current = generation

    @contextlib.contextmanager
    def _noted(self) -> Iterator[Journal]:
        """A block in which changes of the served files are noted."""
        if self._journal is None:
            raise RuntimeError("the site is written only by its leader")
        with self._journal.batch():
            yield self._journal

    def drop(self, generation: str) -> None:
        self._freezing.end()  # of a build that was given up
        self._close(generation)
        self.output.drop(generation)

    def idle(self) -> bool:
        return self._compressing.step() or self._make_owed_in_idle_time()

    def tally(self) -> Written:
        return self.output.written

    def generations(self) -> Iterable[str]:
        return self.output.generations()

    def _write(self, opened: Generation, prepared: Sequence[Prepared]) -> None:
        self._settle(prepared, opened.write(prepared))

    def _settle(self, prepared: Sequence[Prepared], accepted: set[str]) -> None:
        """After the files: what they show of a record's files is kept, what they show no more is forgotten."""
        records = [item.record for item in prepared]
        self._keeping.settle(
            {record.record_id: record.previews for record in records if record.record_id in accepted},
            (record.record_id for record in records if record.lacks_previews and record.record_id in accepted),
            (name for record in records if record.record_id not in accepted for name in record.previews),
        )

    def _make_owed_in_idle_time(self) -> bool:
        opened = self._generation(self._current) if self._current else None
        if opened is None or not opened.is_complete or not (ids := self._keeping.owed()):
            return False
        with self._noted():
            self._make_again(opened, ids)
        return True

    def _make_owed(self, opened: Generation) -> None:
        """Tries again what the object store did not give; pages are there without it meanwhile."""
        if ids := self._keeping.owed():
            self._make_again(opened, ids)

    def _make_again(self, opened: Generation, record_ids: Sequence[str]) -> None:
        owed = [item for lot in self._states(record_ids) for item in lot]
        self._write(opened, owed)
        if any(not item.record.lacks_previews for item in owed):
            self._keeping.hurry()

    def _reword(self, opened: Generation) -> None:
        """Makes concepts anew where vocabularies have changed, of which the log does not tell."""
        wording = self._wording.digest()
        if opened.catalogue.fact("wording") != wording:
            opened.complete_concepts(wording)
            self.output.sync()

    def _generation(self, name: str) -> Generation:
        if name not in self._opened:
            self._opened[name] = Generation(self.output, name, self._freezer)
        return self._opened[name]

    def _close(self, name: str) -> None:
        opened = self._opened.pop(name, None)
        if opened is not None:
            opened.close()

    def _states(self, record_ids: Sequence[str]) -> Iterable[list[Prepared]]:
        """Records as they are now."""
        if not record_ids:
            return []
        with self._database.read() as connection:
            found = [changes.state(connection, record_id) for record_id in record_ids]
        return self.prepare([change for change in found if change is not None])


def _in_lots(changes: Sequence[Change], lots: Iterable[list[FrozenRecord]]) -> Iterator[list[Prepared]]:
    """Lot after lot, as each is rendered."""
    coming = iter(changes)
    for lot in lots:
        yield [_prepared(change, record) for record, change in zip(lot, coming, strict=False)]


def _prepared(change: Change, record: FrozenRecord) -> Prepared:
    return Prepared(change.position, notes.moment(change.at), change.kind != "revised", record)


@cache
def _sources() -> str:
    """Digest of everything that pages are made by."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in _SOURCES:
            digest.update(path.read_bytes())
    for module in _MODULES:
        digest.update(source_digest(module).encode())
    for kind in KINDS:
        digest.update(rules_of(kind).encode())
    for name in SCHEMAS:
        digest.update((schemas_folder() / name).read_bytes())
    for form in FORMATS:
        digest.update(f"{form.rules} {form.frozen} {form.file_name} {form.media_type} {form.title}".encode())
    return digest.hexdigest()
