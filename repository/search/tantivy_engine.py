"""Searches the embedded index. Reads only; `tantivy_index` writes, in another process or in this one."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import tantivy
from tantivy import FieldType, Occur, Order, Query

from repository.errors import Unreachable
from repository.records.query_tree import HIGHEST, LOWEST, Key, Node
from repository.search import conditions, facets
from repository.search.documents import KEYED
from repository.search.engine import Hits, Search, SortKey
from repository.search.tantivy_corrections import correction
from repository.search.tantivy_queries import Translation
from repository.search.tantivy_schema import FACETS, NUMBERS, YEARS, id_of, key_of, schema

_MOST_BUCKETS = 10_000
_MOST_OPEN = 1_000
"""The same for facets that have as many keys as people think of: what is more is not counted, unless it is chosen."""


class TantivyEngine:
    """Implements `search.engine.SearchEngine`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._schema = schema()
        self._lock = threading.Lock()
        self._open: tuple[str, tantivy.Index] | None = None
        self._seen: tuple[int, int] | None = None
        """The state of the open index that was loaded last."""

    def search(self, search: Search) -> Hits:
        query = conditions.query(search)  # before the index is looked for: what can't be asked is refused anyway
        scope, selections = conditions.scope(search), conditions.selections(search)
        searcher = self._searcher()
        if searcher is None:
            return Hits(0, (), facets.counted({}, search) if search.facets else (), search.sort_by)
        asked = _Asked(self._schema, searcher, query, scope, selections)
        total, ids, last = asked.page(search)
        counted = facets.counted(asked.counts(search), search) if search.facets else ()
        meant = "" if total or not search.total or not search.text.strip() else correction(searcher, query, asked.finds)
        return Hits(total, ids, counted, search.sort_by, last, meant)

    def _searcher(self) -> tantivy.Searcher | None:
        """The current generation as last committed; None where there is none."""
        for _attempt in range(3):
            try:
                generation = (self._root / "current").readlink().name
            except OSError:
                return None
            try:
                return self._at(generation)
            except (ValueError, OSError) as error:  # dropped just now: another one is current
                failure = error
        raise Unreachable(f"The search index can't be read: {failure}") from failure

    def _at(self, generation: str) -> tantivy.Searcher:
        with self._lock:
            if self._open is None or self._open[0] != generation:
                index = tantivy.Index.open(str(self._root / generation))
                if index.schema != self._schema:  # fields go by number: the engine would panic, or look into others
                    raise Unreachable("The search index is of another version; it is being made anew.")
                index.config_reader("manual")
                self._open, self._seen = (generation, index), None
            index = self._open[1]
            # each commit puts a new file in its place; to load what is loaded takes a hundred times as long as a look
            found = (self._root / generation / "meta.json").stat()
            if (found.st_ino, found.st_mtime_ns) != self._seen:
                try:
                    index.reload()
                except ValueError:
                    self._open = None
                    raise
                self._seen = (found.st_ino, found.st_mtime_ns)
            return index.searcher()


class _Asked:
    """One search against one state of the index."""

    def __init__(
        self, schema_: tantivy.Schema, searcher: tantivy.Searcher, query: Node, scope: Node, selections: dict[str, Node]
    ) -> None:
        translation = Translation(schema_, searcher)
        self._schema = schema_
        self._searcher = searcher
        self._translation = translation
        self._scope = translation.condition(scope)
        self._query = [translation.query(query), self._scope]
        self._selections = {name: translation.condition(node) for name, node in selections.items()}

    def page(self, search: Search) -> tuple[int, tuple[str, ...], SortKey | None]:
        """Total, ids, and the key of the last one where an order is asked for."""
        query = self._but("")
        if search.limit <= 0:
            return self._count(query), (), None
        if search.order is None:
            found = self._searcher.search(query, limit=search.limit, offset=search.offset)
            return _total(found), self._ids([address for _score, address in found.hits]), None
        path, direction = search.order
        if search.after is None:
            return self._ordered(query, search, path, direction)
        behind = Query.boolean_query(
            [(Occur.Must, query), (Occur.Must, self._behind(search.after, NUMBERS[path], direction))]
        )
        _left, ids, last = self._ordered(behind, search, path, direction)
        return self._count(query) if search.total else 0, ids, last

    def finds(self, node: Node) -> bool:
        """Whether another query finds anything that the viewer may find at all."""
        clauses = [(Occur.Must, self._translation.query(node)), (Occur.Must, self._scope)]
        return self._count(Query.boolean_query([*clauses, *[(Occur.Must, by) for by in self._selections.values()]])) > 0

    def counts(self, search: Search) -> dict[str, dict[str, int]]:
        """Records by facet and key; a facet in which something is selected is counted without its own selection."""
        found: dict[str, dict[str, int]] = {}
        names = {**FACETS, "publication_date": YEARS}
        alone = [name for name in names if name in self._selections]
        for chosen, group in (("", [name for name in names if name not in alone]), *((name, [name]) for name in alone)):
            asked = {name: _counted(names[name], _MOST_OPEN if name in KEYED else _MOST_BUCKETS) for name in group}
            if asked:
                answer = self._searcher.aggregate(self._but(chosen), asked)
                for name in group:
                    found[name] = {_key(entry["key"]): entry["doc_count"] for entry in answer[name]["buckets"]}
        for name, keys in search.selected:
            for key in keys:
                if name in KEYED and key not in found[name]:
                    counted = self._translation.condition(Key(name, key))
                    found[name][key] = self._count(
                        Query.boolean_query([(Occur.Must, self._but(name)), (Occur.Must, counted)])
                    )
        return found

    def _but(self, facet: str) -> Query:
        """What was asked, without the selection in one facet."""
        selections = [query for name, query in self._selections.items() if name != facet]
        return Query.boolean_query([(Occur.Must, query) for query in (*self._query, *selections)])

    def _ordered(
        self, query: Query, search: Search, path: str, direction: Literal["asc", "desc"]
    ) -> tuple[int, tuple[str, ...], SortKey | None]:
        """A page in the order of one number, ties in the order of ids.

        The engine sorts by one field only. So the hits of the page are grouped by their number, and of the groups that
        may go on before or behind the page the part in it is asked for by id.
        """
        name, order = NUMBERS[path], Order.Asc if direction == "asc" else Order.Desc
        found = self._searcher.search(query, limit=search.limit, offset=search.offset, order_by_field=name, order=order)
        groups: dict[int, list[Any]] = {}
        for number, address in found.hits:
            groups.setdefault(number, []).append(address)
        keys: list[int] = []
        for number, addresses in groups.items():
            same = Query.boolean_query([(Occur.Must, query), (Occur.Must, self._between(name, number, number))])
            before = 0
            if not keys:  # the first group may have begun on an earlier page
                low, high = (LOWEST, number - 1) if direction == "asc" else (number + 1, HIGHEST)
                earlier = Query.boolean_query([(Occur.Must, query), (Occur.Must, self._between(name, low, high))])
                before = search.offset - self._count(earlier) if search.offset else 0
            if before == 0 and number != found.hits[-1][0]:
                part = sorted(self._keys(addresses), reverse=direction == "desc")
            else:
                tied = self._searcher.search(
                    same, limit=len(addresses), offset=before, order_by_field="key", order=order, count=False
                )
                part = self._keys([address for _key, address in tied.hits])
            keys += part
        ids = tuple(id_of(key) for key in keys)
        return _total(found), ids, (found.hits[-1][0], ids[-1]) if ids else None

    def _behind(self, after: SortKey, name: str, direction: str) -> Query:
        """What comes behind a hit in the order of a number and, where it is the same, of ids."""
        number, key = after[0], key_of(after[1])
        farther, tied = ((LOWEST, number - 1), (LOWEST, key - 1))
        if direction == "asc":
            farther, tied = (number + 1, HIGHEST), (key + 1, HIGHEST)
        same = [
            (Occur.Must, self._between(name, number, number)),
            (Occur.Must, self._between("key", *tied)),
        ]
        return Query.boolean_query(
            [(Occur.Should, self._between(name, *farther)), (Occur.Should, Query.boolean_query(same))]
        )

    def _between(self, name: str, low: int, high: int) -> Query:
        return Query.const_score_query(Query.range_query(self._schema, name, FieldType.Integer, low, high), 0.0)

    def _count(self, query: Query) -> int:
        return _total(self._searcher.search(query, limit=1))

    def _keys(self, addresses: Sequence[Any]) -> list[int]:
        return [int(key or 0) for key in self._searcher.fast_field_values("key", list(addresses))]

    def _ids(self, addresses: Sequence[Any]) -> tuple[str, ...]:
        return tuple(id_of(key) for key in self._keys(addresses))


def _counted(name: str, most: int) -> dict[str, Any]:
    return {"terms": {"field": name, "size": most, "segment_size": most}}


def _total(found: Any) -> int:
    """All hits, not only those of the page; the stubs of the package forget it."""
    return int(found.count)


def _key(key: str | float) -> str:
    """Numbers come back as floats."""
    return key if isinstance(key, str) else str(int(key))
