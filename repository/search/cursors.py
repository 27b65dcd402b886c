"""Cursors: where a search under an explicit sort goes on, signed, so that the server remembers nothing."""

from dataclasses import replace

import orjson

from repository.errors import INVALID, FieldError, InvalidInput
from repository.records.signatures import Signatures
from repository.search.engine import BESTMATCH, Search, SortKey

_PURPOSE = "cursors of searches, layout 1"


class Cursors:
    """A cursor holds its sort, the key of the last hit before it, and the number of its page: nothing of the records
    but a number and an id that the reader has seen. It is good for any query under the same sort, and does not end."""

    def __init__(self, secret: str) -> None:
        self._signatures = Signatures(_PURPOSE, secret)

    def write(self, search: Search, last: SortKey) -> str:
        """The cursor of the page behind the search's page, which ends with `last`."""
        return self._signatures.sign(orjson.dumps([search.order, *last, search.page + 1]))

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
