"""The files of one generation: records, and the lists and other pages that a change touches.

Order within a change: pages before the lists that link to them, what is removed last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from repository.records.identifiers import landing_path
from site_builder import browsing, concept_files, shards, trees
from site_builder.catalogue import Catalogue, Claim
from site_builder.freezer import File, FrozenRecord, SiteFreezer
from site_builder.freezing import stage
from site_builder.harvested import Action, Changed
from site_builder.output import Output
from site_builder.shards import Shard
from site_builder.views import catalog, documents, feed, interfaces, sitemaps, standing, stream
from site_builder.views.resource_sets import DOCUMENTS, PAGES

_STANDING = (
    "/404.html",
    "/communities/",
    "/deposit",
    "/search",
    "/robots.txt",
    *interfaces.STANDING,
    f"/sitemaps/{sitemaps.STANDING}.xml",
    *(f"/schemas/{name}" for name in standing.SCHEMAS),
)
_OF_PLACES = (sitemaps.path, catalog.path, documents.path)
"""The files of one leaf of the tree by date of publication."""
_OF_CHANGES = (PAGES.changes_path, DOCUMENTS.changes_path)
"""The files of one leaf of the tree by day of change, beside the page of the stream."""
_SUMMING_UP = (stream.ROOT, PAGES.recent, DOCUMENTS.recent, feed.PATH)
"""What every change may change, whichever record it is of: none grows with the number of records."""
_INDEXES_OF_PLACES = (PAGES.resources, DOCUMENTS.resources)
_INDEXES_OF_CHANGES = (PAGES.changes, DOCUMENTS.changes)
"""These and the index of sitemaps name every list: made anew only if what they say changes."""
_DAY = "day"
"""The fact that tells of which day the indexes of resource lists are."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record as of one position, rendered."""

    position: int
    at: str
    """When the change was logged, see `notes.moment`."""
    is_new: bool
    """Whether it was published, or came back, by this change."""
    record: FrozenRecord

    @property
    def claim(self) -> Claim:
        record_id, listing = self.record.record_id, self.record.listing
        if listing is None and not self.record.is_tombstone:
            return Claim(record_id, self.position, None, None)
        action: Action = "deleted" if listing is None else "created" if self.is_new else "updated"
        subject, title = (listing.subject, listing.title) if listing else ("", "")
        place = shards.place(self.at[:10], "", record_id)
        change = Changed(place, record_id, self.position, self.at, action, subject, title)
        return Claim(record_id, self.position, listing, change)


Filled = Callable[[Sequence[Prepared], set[str]], None]
"""Gets records that were written, and which of them were not older than what was there."""


class Generation:
    """One generation, open for writing."""

    def __init__(self, output: Output, name: str, freezer: SiteFreezer) -> None:
        self.name = name
        self.catalogue = Catalogue.open(output.catalogue(name))
        self._output = output
        self._freezer = freezer
        further = (partial(sitemaps.path, base=base) for base in freezer.bases)
        self._of_places: tuple[Callable[[str], str], ...] = (*_OF_PLACES, *further)

    def close(self) -> None:
        self.catalogue.close()

    def fill(self, lots: Iterable[Sequence[Prepared]], filled: Filled) -> None:
        """Writes records of a generation that nobody sees yet; its lists are made in the end, by `complete`. Calls
        `filled` after each lot."""
        with self.catalogue.transaction():
            for prepared in lots:
                filled(prepared, self._fill(prepared))

    def _fill(self, prepared: Sequence[Prepared]) -> set[str]:
        accepted = self.catalogue.claim([item.claim for item in prepared], journal=False)
        for record in (item.record for item in prepared if item.record.record_id in accepted):
            staged = stage(self._output, record)
            for folder, lies in staged:
                self._output.adopt(self.name, lies, folder)
            if not staged:
                self._remove_rest(record)
        return accepted

    def write(self, prepared: Sequence[Prepared]) -> set[str]:
        """Makes records, and everything that shows them, what they now are. Returns which were not older than what is
        there."""
        with self.catalogue.transaction():
            accepted = self.catalogue.claim([item.claim for item in prepared], journal=True)
        written = [_in_memory(item.record) for item in prepared if item.record.record_id in accepted]
        for record in written:
            self._put_record(record)
        self.catch_up()
        for record in written:
            self._remove_rest(record)
        return accepted

    def catch_up(self) -> None:
        """Makes the lists that the journal names: those of the last changes, and what a killed process left over."""
        places, moved = self.catalogue.touched(), self.catalogue.harvested.moved()
        if places:
            self._make_lists({shards.month_of(place) for place in places}, places)
        if moved:
            pages = trees.remade(self.catalogue.harvested.changed, self.catalogue.harvested, moved)
            self._make_changes(pages, moved, is_whole=False)
        if stirred := self.catalogue.kept.stirred():
            browsing.catch_up(self, stirred)

    def complete_concepts(self, wording: str) -> None:
        """Makes the concepts that are frozen, as vocabularies of this digest have them."""
        catalogue = self.catalogue
        with self._freezer.source.same_concepts() as concepts:
            made = self.put(concept_files.whole(concepts, catalogue.kept))
            small = concept_files.small(concepts)
        for base in ("", *self._freezer.bases):
            for path in {*self._output.files(self.name, f"{base}/vocabularies"[1:])} - made:
                self._output.remove(self.name, path)
        with catalogue.transaction():
            catalogue.note("small vocabularies", " ".join(sorted(small)))
            catalogue.note("wording", wording)

    @property
    def is_complete(self) -> bool:
        """Whether it has everything; else it is being filled."""
        return bool(self.catalogue.fact("rules"))

    def complete(self, rules: str, boot: str) -> None:
        """Makes everything that is no record, by these rules."""
        self._put_standing()
        listed = [*self.catalogue.lists_of(""), *(node for node, _at in self.catalogue.sitemaps())]
        months = {shards.month_of(node) for node in listed if len(node) >= trees.MONTH}
        self._make_lists(months | set(self.catalogue.all.children("", trees.MONTH)), None)
        harvested = self.catalogue.harvested
        pages = {*trees.whole(harvested.changed)}
        self._make_changes(trees.Remade(pages, {*harvested.made("")} - pages), harvested.moved(), is_whole=True)
        browsing.complete(self)
        with self.catalogue.transaction():
            self.catalogue.note("rules", rules)
            self.catalogue.note("wording", "")  # concepts are made by these rules too, see `complete_concepts`
            self.catalogue.note("boot", boot)

    def obeys(self, rules: str) -> bool:
        """Whether `complete` was called last with these rules."""
        return self.catalogue.fact("rules") == rules

    def has_another_shape(self, shape: str) -> bool:
        """Whether it was completed by rules that begin with another shape, so that its catalogue lacks what we need."""
        made = self.catalogue.fact("rules")
        return bool(made) and made.partition(":")[0] != shape

    def _make_lists(self, months: set[str], places: Sequence[str] | None) -> None:
        """The lists of these months, their years, and what sums them up; of `places` only those in which they are."""
        catalogue = self.catalogue
        years = {month[:4] for month in months}
        lists = _Remade(set(filter(catalogue.shown.count, years)), set(filter(catalogue.has_list, years)))
        maps = _Remade()
        for month in sorted(months):
            lists.add(shards.layout(catalogue.shown, month), catalogue.lists_of(month))
            leaves = (shard for shard in shards.layout(catalogue.all, month) if shard.is_leaf)
            maps.add(leaves, catalogue.sitemaps_of(month))
        made, mapped = lists.dirty(places), maps.dirty(places)
        self.put(shards.url(node) for node in made)
        self.put(make(node) for node in mapped for make in self._of_places)
        self.put(catalog.path(node) for node in self._before(maps.now ^ maps.before))
        gone = [shards.url(node) for node in lists.gone]
        gone += [make(node) for node in maps.gone for make in self._of_places]
        with catalogue.transaction():
            is_another_index = catalogue.settle_sitemaps(mapped, maps.gone)
            self.put(("/", "/browse/", interfaces.VOID, *catalog.ROOTS))
            self.put((sitemaps.INDEX,) if is_another_index or places is None else ())
            self.put(_INDEXES_OF_PLACES if maps.now != maps.before or places is None else ())
            self.remove(gone)
            catalogue.settle(made, lists.gone, catalogue.touched() if places is None else places)

    def _before(self, nodes: Iterable[str]) -> set[str]:
        """The pages of the catalogue that lead to those that came, or led to those that went."""
        described = self.catalogue.harvested.described
        places = {described.before(node) for node in nodes} - {""}
        return {trees.leaf_of(described, place) for place in places}

    def _make_changes(self, pages: trees.Remade, moved: Sequence[str], *, is_whole: bool) -> None:
        """Pages of changes, and what sums them up."""
        harvested, day = self.catalogue.harvested, self.catalogue.harvested.day
        is_another_index = is_whole or pages.gone or not harvested.are_made(pages.dirty)
        leaves = {node for node in pages.dirty if harvested.changed.is_leaf(node)}
        self.put(stream.path(node) for node in sorted(pages.dirty, reverse=True))
        self.put(make(node) for node in sorted(leaves) for make in _OF_CHANGES)
        gone = {stream.path(node) for node in pages.gone}
        gone |= {make(node) for node in pages.gone | (pages.dirty - leaves) for make in _OF_CHANGES}
        with self.catalogue.transaction():
            harvested.settle(pages.dirty, pages.gone, ())
            self.put(_SUMMING_UP)
            self.put(_INDEXES_OF_CHANGES if is_another_index else ())
            self.put(_INDEXES_OF_PLACES if self.catalogue.fact(_DAY) != day else ())
            self.catalogue.note(_DAY, day)
            self.remove(sorted(gone))
            harvested.settle((), (), moved)

    def put(self, addresses: Iterable[str]) -> set[str]:
        """Makes files be what these addresses answer, and returns their paths; nothing of those that answer nothing."""
        made = set()
        self._freezer.source.opened = self.catalogue
        for file in self._freezer.files(addresses):
            self._output.put(self.name, file.path, file.data)
            made.add(file.path)
        return made

    def remove(self, addresses: Iterable[str]) -> None:
        """Removes the files of addresses."""
        for path in self._freezer.paths(addresses):
            self._output.remove(self.name, path)

    def renew(self, addresses: Iterable[str]) -> None:
        """Makes files be what these addresses answer, and removes those of addresses that answer nothing."""
        asked = list(addresses)
        for path in {*self._freezer.paths(asked)} - self.put(asked):
            self._output.remove(self.name, path)

    def _put_standing(self) -> None:
        """Pages that no record changes; those that an instance no longer has go, what browsers keep for ever stays."""
        here = self._freezer.pages
        self.put((*_STANDING, *(asset.path for asset in here.theme.assets)))
        now, before = standing.addresses(here), self.catalogue.fact("pages").split()
        self.put(now)
        self.remove(sorted({*before} - {*now}))
        with self.catalogue.transaction():
            self.catalogue.note("pages", " ".join(now))

    def _put_record(self, record: FrozenRecord) -> None:
        for file in record.files:
            self._output.put(self.name, file.path, file.data)

    def _remove_rest(self, record: FrozenRecord) -> None:
        """Files that the record no longer has."""
        kept = {file.path for file in record.files}
        for base in ("", *self._freezer.bases):
            folder = (base + landing_path(record.record_id))[1:]
            for name in self._output.names(self.name, folder):
                if f"{folder}/{name}" not in kept:
                    self._output.remove(self.name, f"{folder}/{name}")


def _in_memory(record: FrozenRecord) -> FrozenRecord:
    """With the files that another process has written."""
    if not record.staged:
        return record
    lying = ((folder, path) for folder, lies in record.staged for path in sorted(Path(lies.folder).iterdir()))
    files = (File(f"{folder}/{path.name}", path.read_bytes()) for folder, path in lying)
    return replace(record, files=tuple(files), staged=())


@dataclass(slots=True)
class _Remade:
    """Lists as they must be, and as they were."""

    now: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)

    def add(self, layout: Iterable[Shard], before: Iterable[str]) -> None:
        self.now |= {shard.node for shard in layout}
        self.before |= set(before)

    @property
    def gone(self) -> list[str]:
        return sorted(self.before - self.now)

    def dirty(self, places: Sequence[str] | None) -> list[str]:
        """Those that are new, and those in which one of the places is; all if there are no places."""
        if places is None:
            return sorted(self.now)
        return sorted(node for node in self.now if node not in self.before or any(map(_begins(node), places)))


def _begins(node: str) -> Callable[[str], bool]:
    return lambda place: place.startswith(node)
