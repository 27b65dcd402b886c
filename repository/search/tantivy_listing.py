"""Lists what an embedded search index holds, page by page: beside the process that writes it."""

from collections.abc import Iterator
from pathlib import Path

import tantivy
from tantivy import FieldType, Order, Query

from repository.errors import Unreachable
from repository.records.query_tree import HIGHEST
from repository.search.engine import Held
from repository.search.tantivy_schema import NUMBERS, id_of, schema

_PAGE = 2_000


def listed(folder: Path) -> Iterator[Held]:
    """As `SearchIndex.held`, of the index in a folder. Raises ValueError where it can't be read."""
    index = tantivy.Index.open(str(folder))
    if index.schema != schema():
        raise Unreachable("The search index is of another version; it is being made anew.")
    index.config_reader("manual")
    index.reload()
    searcher, first = index.searcher(), 0
    while True:
        behind = Query.range_query(index.schema, "key", FieldType.Integer, first, HIGHEST)
        hits = searcher.search(behind, limit=_PAGE, order_by_field="key", order=Order.Asc, count=False).hits
        if not hits:
            return
        addresses = [address for _key, address in hits]
        positions = searcher.fast_field_values("position", addresses)
        # every document was created at some time; what is left of a removed one says nothing of it
        times = searcher.fast_field_values(NUMBERS["created"], addresses)
        for (key, _address), position, created in zip(hits, positions, times, strict=True):
            yield Held(id_of(int(key)), int(position or 0), created is not None)
        first = int(hits[-1][0]) + 1
