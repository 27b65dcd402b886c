"""The search over REST: a page of hits, or all of them in one stream. Specified by: InvenioRDM REST API, Records."""

import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace

from flask import Response, request, stream_with_context

from repository.api import answers
from repository.api.context import house, instance, viewer
from repository.api.links import Links, Links_
from repository.errors import INVALID, Busy, FieldError, InvalidInput, Unreachable
from repository.formats import Format
from repository.search.arguments import search_of
from repository.search.cursors import Cursors
from repository.search.engine import Hits, Search
from repository.search.facets import aggregations, terms_in
from repository.search.highlights import Highlights
from repository.services import reading, vocabularies
from repository.services.reading import Record

_OF_A_PAGE = frozenset({"page", "size", "cursor"})
"""Who names one of them wants a page, in whatever format."""
_FETCHED = 2_000
"""Hits that an engine is asked for at once while all are given: it looks through all of them for each page."""
_READ = 250
"""Of these, records that are read at once."""
_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before a stream asks an engine again that did not answer."""
_SENT = 65_536
"""Bytes that are gathered before they are sent."""


def search() -> Response:
    """Hits come from the index by id, their content from the database through the permission check."""
    cursors = Cursors(instance().settings.secret)
    asked = search_of(request.args.to_dict(flat=False), viewer(), cursors)
    offer = answers.offer_of_list()
    if answers.can_stream(offer) and _OF_A_PAGE.isdisjoint(request.args):
        return _all(asked, offer)
    hits = house().search.search(asked)
    with instance().database.read() as connection:
        records = reading.fill(connection, viewer(), hits.ids)
    titles = vocabularies.titles(instance(), terms_in(hits.facets), answers.language())
    return answers.records(
        records,
        total=hits.total,
        aggregations=aggregations(hits.facets, titles),
        sort_by=hits.sort_by,
        page=asked.page,
        links=_links(asked, hits, cursors),
        more={"correction": hits.correction} if hits.correction else {},
        highlights=Highlights(asked),
    )


def _links(asked: Search, hits: Hits, cursors: Cursors) -> Links_:
    url = Links.here().search
    if asked.after:
        given = [pair for pair in asked.arguments() if pair[0] != "page"]
        urls = {"self": url([*given, ("cursor", request.args["cursor"])])}
    else:
        urls = {"self": url(asked.arguments())}
        if asked.page > 1:
            urls["prev"] = url(asked.at(asked.page - 1).arguments())
    following = cursors.following(asked, hits)
    return urls | ({"next": url(following)} if following else {})


def _all(asked: Search, offer: answers.Offer) -> Response:
    """Every hit, in the order of an explicit sort, `newest` unless told."""
    if asked.order is None:
        if asked.sort:
            reason = "All hits are not given by rank; ask with `sort=newest` or another sort, or for a page by `size`."
            raise InvalidInput(INVALID, [FieldError("_schema", (reason,))])
        asked = replace(asked, sort="newest")
    asked = replace(asked, size=_FETCHED, facets=False)
    turn = _Turn(house().streams)
    first = house().search.search(asked)
    records = _walk(asked, first)
    if isinstance(offer, Format) and offer.write_pieces is not None:
        pieces = offer.write_pieces((record.snapshot for record in records), instance().settings.site)
    else:
        pieces = answers.lines(records)
    response = Response(stream_with_context(_gathered(pieces, turn)), content_type=answers.declared(offer))
    response.headers["X-Total-Count"] = str(first.total)
    return response


def _walk(asked: Search, hits: Hits) -> Iterator[Record]:
    """What the viewer may see of all hits, as the database has it when each is reached."""
    while hits.ids:
        for start in range(0, len(hits.ids), _READ):
            with instance().database.read() as connection:
                found = reading.fill(connection, viewer(), hits.ids[start : start + _READ])
            yield from found
        if hits.last is None or len(hits.ids) < asked.size:
            return
        hits = _again(replace(asked, after=hits.last, total=False))


def _again(asked: Search) -> Hits:
    """A search that has succeeded before: a stream can't tell any more that the engine is away for a moment."""
    for pause in _PAUSES:
        try:
            return house().search.search(asked)
        except Unreachable:
            time.sleep(pause)
    return house().search.search(asked)


class _Turn:
    """One of the streams that a worker sends at once; given back when nothing refers to it any more, whether it was
    read to its end, broke off, or was never begun, as for HEAD. Raises Busy where there is none left."""

    def __init__(self, turns: threading.Semaphore) -> None:
        if not turns.acquire(blocking=False):
            raise Busy("Too many lists are being sent. Try again.")
        weakref.finalize(self, turns.release)


def _gathered(pieces: Iterator[bytes], _turn: _Turn) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _SENT:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
