"""Freezes views by Frozen-Flask: the pages of records, or any list of addresses, as files in memory.

Subclassed because it would otherwise build and compare everything, write in place, and stop at a tombstone. Whoever
calls decides which addresses have changed, and where the files go.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from flask import Flask, g, request
from flask_frozen import Freezer

from repository.errors import ColophonError, NotFound
from repository.formats import FORMATS, memento
from repository.records.custom_fields import compile_fields
from repository.records.identifiers import landing_path
from repository.records.snapshot import Snapshot
from repository.records.visibility import ANONYMOUS, has_public_page, is_public
from repository.services import reading
from repository.services.concepts import Concepts
from repository.services.reading import Record
from repository.settings import Settings
from repository.storage.database import Database
from site_builder import concept_files
from site_builder.catalogue import Catalogue, Listing
from site_builder.context import Pages, pages_of
from site_builder.entries import listing
from site_builder.output import Staged
from site_builder.pages import create_frozen_blueprint, error_response
from site_builder.previews.cache import Cache
from site_builder.previews.choosing import PREVIEWS, Shown
from site_builder.previews.making import NONE, Made, Making
from site_builder.previews.pictures import KIND as PICTURES
from site_builder.views import interfaces
from site_builder.views.concepts import INDEX as CONCEPTS

PAGE = "index.html"
TOMBSTONE = "tombstone.html"
"""A web server's rules answer 410 with it where there is no page."""
_FROZEN = tuple(form for form in FORMATS if form.frozen)


@dataclass(frozen=True, slots=True)
class File:
    """One file of the site; its path from the root has no leading slash."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FrozenRecord:
    """All files of a record, and its place in lists; neither where nobody may see it."""

    record_id: str
    files: tuple[File, ...]
    listing: Listing | None
    staged: tuple[tuple[str, Staged], ...] = ()
    """Folders in which another process has written the files already, each after the one where it belongs; then `files`
    is empty."""
    previews: tuple[str, ...] = ()
    """Names in the cache of what was looked at to show its files."""
    lacks_previews: bool = False
    """Whether something could not be read that is to be shown."""

    @property
    def is_tombstone(self) -> bool:
        """Whether everybody may know that it was removed, and nothing else."""
        return self.listing is None and bool(self.files or self.staged)

    @property
    def folders(self) -> dict[str, dict[str, bytes]]:
        """The files by their names, in each of the record's folders: its own, and those of its pages in further
        languages."""
        found: dict[str, dict[str, bytes]] = {}
        for file in self.files:
            folder, _, name = file.path.rpartition("/")
            found.setdefault(folder, {})[name] = file.data
        return found


Whole = Callable[[Snapshot], Snapshot]
"""Gives a snapshot all its files, however many."""
Moments = Callable[[Sequence[str]], Mapping[str, str]]
"""Tells when records were published."""
TIMEMAP = "timemap"


class FrozenSource:
    """See `context.Source`: the changes of a batch, and the catalogue of the generation that is written."""

    def __init__(self, whole: Whole, database: Database | None, making: Making | None) -> None:
        self.snapshots: dict[str, Snapshot] = {}
        self.made: dict[str, Made] = {}
        """What was shown of files, by id of their record."""
        self.making = making
        self.whole = whole
        self._database = database
        self._concepts: Concepts | None = None
        self.opened: Catalogue | None = None

    def record(self, record_id: str) -> Record:
        snapshot = self.state(record_id)
        if snapshot is None:
            raise NotFound
        return reading.seen(snapshot, ANONYMOUS)

    def concepts(self) -> Concepts:
        if self._database is None:
            raise NotFound
        return self._concepts or Concepts(self._database)

    @contextlib.contextmanager
    def same_concepts(self) -> Iterator[Concepts]:
        """As long as no term changes."""
        self._concepts = self.concepts()
        try:
            yield self._concepts
        finally:
            self._concepts = None

    def state(self, record_id: str) -> Snapshot | None:
        return self.snapshots.get(record_id)

    def previews(self, snapshot: Snapshot) -> tuple[Shown, ...]:
        if self.making is None:
            return ()
        if snapshot.id not in self.made:  # its page in another language shows the same
            self.made[snapshot.id] = self.making.of(snapshot)
        return self.made[snapshot.id].shown

    def picture(self, sha256: str) -> bytes:
        return self.making.picture(Cache.name(sha256, PICTURES)) if self.making else b""

    @contextlib.contextmanager
    def catalogue(self) -> Iterator[Catalogue]:
        if self.opened is None:
            raise RuntimeError("lists are frozen only while a generation is open")
        yield self.opened


class SiteFreezer(Freezer):  # type: ignore[misc]
    """The views of this package without a server. For one thread. Without `making` pages show nothing of files."""

    def __init__(
        self,
        settings: Settings,
        whole: Whole,
        moments: Moments,
        database: Database | None = None,
        making: Making | None = None,
    ) -> None:
        """`database`: where terms of vocabularies are; without it concepts can't be frozen."""
        self.source = FrozenSource(whole, database, making)
        self._moments = moments
        self._created: dict[str, str] = {}
        self.pages = pages_of(settings, compile_fields(settings.custom_fields), self.source, is_live=False)
        super().__init__(
            _frozen_app(self.pages), with_static_files=False, with_no_argument_rules=False, log_url_for=False
        )
        self.app.config["FREEZER_REMOVE_EXTRA_FILES"] = False
        self.register_generator(self._dirty)
        self._wanted: Iterable[str] = ()
        self._built: File | None = None
        self._addresses = self.app.url_map.bind("site")
        self.bases = tuple(texts.base for texts in self.pages.languages[1:])
        """Where the pages of further languages begin."""

    def records(self, snapshots: Sequence[Snapshot]) -> list[FrozenRecord]:
        """Everything that is frozen of these records."""
        pages = self.rendered(snapshots)
        self._created = self._times(snapshots)
        return [self._record(snapshot, pages.get(snapshot.id, [])) for snapshot in snapshots]

    def rendered(self, snapshots: Sequence[Snapshot]) -> dict[str, list[File]]:
        """Landing pages, or tombstones, in each language by id; none of those of which nobody may know."""
        self.source.snapshots = {snapshot.id: snapshot for snapshot in snapshots}
        self.source.made = {}
        addresses = [landing_path(snapshot.id) for snapshot in snapshots if has_public_page(snapshot)]
        pages: dict[str, list[File]] = {}
        try:
            for file in self.files(addresses):
                pages.setdefault(file.path.rsplit("/", 2)[1], []).append(file)
        finally:
            if self.source.making is not None:
                self.source.making.close()
        return pages

    def _times(self, snapshots: Sequence[Snapshot]) -> dict[str, str]:
        """When these records and all other versions of them were published."""
        known = {snapshot.id: snapshot.created for snapshot in snapshots}
        others = {version.id for snapshot in snapshots for version in snapshot.versions} - {*known}
        return {**self._moments(sorted(others)), **known} if others else known

    def _record(self, snapshot: Snapshot, files: list[File]) -> FrozenRecord:
        """With its page in each language. Formats are written without their view, which adds only headers."""
        if not files or not is_public(snapshot):
            return FrozenRecord(snapshot.id, tuple(files), None)
        page = files[0]
        site, folder = self.pages.site, f"records/{snapshot.id}"
        documents = {}
        for form in _FROZEN:
            if form.suits(snapshot):
                shown = self.source.whole(snapshot) if form.names_all_files else snapshot
                documents[form.file_name] = form.write(shown, site)
        files = [*files, *(File(f"{folder}/{name}", data) for name, data in documents.items())]
        versions = memento.public_mementos(snapshot, self._created)
        if versions:
            timemap = memento.timemap(versions, site, snapshot.parent_id, snapshot.id)
            files.append(File(f"{folder}/{TIMEMAP}", timemap))
        made = self.source.made.get(snapshot.id, NONE)
        for sha256 in (shown.sha256 for shown in made.shown if shown.preview.form == "picture"):
            files.append(File(f"{folder}/{PREVIEWS}/{sha256}.webp", self.source.picture(sha256)))
        listed = listing(snapshot, site, self.pages.languages, page.data, documents)
        return FrozenRecord(snapshot.id, tuple(files), listed, previews=made.names, lacks_previews=made.is_owed)

    def files(self, addresses: Iterable[str]) -> Iterator[File]:
        """What these addresses answer, pages in every language, the default one first; nothing of those where there is
        nothing to be seen."""
        self._wanted = self._in_all(addresses)
        with contextlib.closing(self.freeze_yield()) as pages:
            for _page in pages:
                if self._built is not None:
                    yield self._built

    def paths(self, addresses: Iterable[str]) -> Iterator[str]:
        """Of the files that `files` makes, whether there are any."""
        return map(self.urlpath_to_filepath, self._in_all(addresses))

    def _in_all(self, addresses: Iterable[str]) -> Iterator[str]:
        for address in addresses:
            yield address
            yield from (base + address for base in self.bases if self._addresses.test(base + address))

    @property
    def root(self) -> Path:
        """Nothing is written; paths are relative."""
        return Path()

    def urlpath_to_filepath(self, path: str) -> str:
        """Any static host serves `/records/<id>` from a file in a folder of that name."""
        base = next((base for base in self.bases if path.startswith(f"{base}/")), "")
        if path.startswith(base + CONCEPTS):
            return concept_files.file_path(path)
        if path in interfaces.WITHOUT_SUFFIX:
            return path[1:]
        folder, _, name = path.rpartition("/")
        return f"{folder}/{name or PAGE}"[1:] if "." in name or not name else f"{path}/{PAGE}"[1:]

    def _dirty(self) -> Iterable[str]:
        """Frozen-Flask decodes addresses, and takes what is behind a question mark off."""
        return map(quote, self._wanted)

    def _build_one(self, url: str, last_modified: object = None) -> Path:
        """The view is called in the request context that Frozen-Flask makes for a whole run: what Flask does around a
        request of its own takes half as long as a page."""
        path = unquote(url)
        endpoint, arguments = self._addresses.match(path)
        request.path, request.view_args, g.identity = path, arguments, None
        try:
            response = self.app.view_functions[endpoint](**arguments)
        except ColophonError as error:
            response = error_response(error)
        status, data = response.status_code, response.get_data()
        path = self.urlpath_to_filepath(url)
        if status == 410:
            path = path.removesuffix(PAGE) + TOMBSTONE
        elif status not in (200, 404):
            raise ValueError(f"{status} at {url}")
        self._built = File(path, data) if status != 404 else None
        return Path(path)

    def _check_endpoints(self, seen_endpoints: set[str]) -> None:
        """That something was not frozen in one run means nothing."""


def _frozen_app(pages: Pages) -> Flask:
    app = Flask("site", static_folder=None)
    app.register_blueprint(create_frozen_blueprint(pages))
    return app
