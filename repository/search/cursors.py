"""Cursors: where a search under an explicit sort goes on, signed, so that the server remembers nothing."""

from dataclasses import replace

import orjson

from repository.errors import INVALID, FieldError, InvalidInput
from repository.records.signatures import Signatures
from repository.search.engine import BESTMATCH, WINDOW, Hits, Search, SortKey

_PURPOSE = "cursors of searches, layout 1"


class Cursors:
    """A cursor holds its sort, the key of the last hit before it, and the number of its page: nothing of the records
    but a number and an id that the reader has seen. It is good for any query under the same sort, and does not end."""

    def __init__(self, secret: str) -> None:
        self._signatures = Signatures(_PURPOSE, secret)

    def write(self, search: Search, last: SortKey) -> str:
        """The cursor of the page behind the search's page, which ends with `last`."""
        return self._signatures.sign(orjson.dumps([search.order, *last, search.page + 1]))

    def following(self, search: Search, hits: Hits) -> list[tuple[str, str]]:
        """The arguments that ask for the page behind this one, none where there is none: by its number as long as that
        reaches it whole, by a cursor from there on."""
        if not search.after and ((search.page + 1) * search.size <= WINDOW or hits.last is None):
            return search.at(search.page + 1).arguments() if search.has_next(hits.total) else []
        is_full = len(hits.ids) == search.size and (search.after or search.page * search.size < hits.total)
        if hits.last is None or not is_full:
            return []
        given = [pair for pair in search.arguments() if pair[0] != "page"]
        return [*given, ("cursor", self.write(search, hits.last))]

    def read(self, cursor: str, search: Search) -> Search:
        """The search from there on. Raises InvalidInput: it was tampered with, is foreign, or of another sort."""
        if search.order is None:
            reason = "Ranked hits have no cursor; ask with `sort=newest` or another sort."
            raise InvalidInput(INVALID, [FieldError("cursor", (reason,))])
        payload = self._signatures.read(cursor)
        if payload is None:
            raise InvalidInput(INVALID, [FieldError("cursor", ("The cursor is not one of ours.",))])
        order, number, record_id, page = orjson.loads(payload)
        if tuple(order) != search.order:
            named = "newest" if search.sort_by == BESTMATCH else search.sort_by
            raise InvalidInput(INVALID, [FieldError("cursor", (f"The cursor is not one of the sort {named}.",))])
        return replace(search, after=(number, record_id), page=page)
