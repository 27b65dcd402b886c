"""The search over REST: a page of hits, or all of them in one stream. Specified by: InvenioRDM REST API, Records."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Response, request, stream_with_context

from repository.api import answers
from repository.api.context import house, instance, viewer
from repository.api.links import Links, Links_
from repository.errors import INVALID, FieldError, InvalidInput
from repository.formats import Format
from repository.search.arguments import search_of
from repository.search.cursors import Cursors
from repository.search.engine import WINDOW, Hits, Search
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
    """`next` is a page by its number as long as that reaches it whole, and a cursor from there on."""
    url = Links.here().search
    given = [pair for pair in asked.arguments() if pair[0] != "page"]
    if asked.after:
        urls = {"self": url([*given, ("cursor", request.args["cursor"])])}
    else:
        urls = {"self": url(asked.arguments())}
        if asked.page > 1:
            urls["prev"] = url(asked.at(asked.page - 1).arguments())
        if (asked.page + 1) * asked.size <= WINDOW or hits.last is None:
            return urls | ({"next": url(asked.at(asked.page + 1).arguments())} if asked.has_next(hits.total) else {})
    if hits.last and len(hits.ids) == asked.size and (asked.after or asked.page * asked.size < hits.total):
        urls["next"] = url([*given, ("cursor", cursors.write(asked, hits.last))])
    return urls


def _all(asked: Search, offer: answers.Offer) -> Response:
    """Every hit, in the order of an explicit sort, `newest` unless told."""
    if asked.order is None:
        if asked.sort:
            reason = "All hits are not given by rank; ask with `sort=newest` or another sort, or for a page by `size`."
            raise InvalidInput(INVALID, [FieldError("_schema", (reason,))])
        asked = replace(asked, sort="newest")
    asked = replace(asked, size=_FETCHED, facets=False)
    first = house().search.search(asked)
    records = _walk(asked, first)
    if isinstance(offer, Format) and offer.write_pieces is not None:
        pieces = offer.write_pieces((record.snapshot for record in records), instance().settings.site)
    else:
        pieces = answers.lines(records)
    response = Response(stream_with_context(_gathered(pieces)), content_type=answers.declared(offer))
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
        hits = house().search.search(replace(asked, after=hits.last, total=False))


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _SENT:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
