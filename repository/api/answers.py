"""Answers: JSON rendered by orjson, and records, drafts and terms in the media type that `Accept` asks for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import orjson
from babel import negotiate_locale
from flask import Response, request

from repository.api.context import VARYING, instance
from repository.api.links import Links, Links_
from repository.api.shapes import draft_json, record_json
from repository.api.ui import with_ui
from repository.formats import FORMATS, Format, suitable
from repository.ld.negotiation import JSON, Plain, accepted, choose, parameters
from repository.records.snapshot import Json
from repository.search.highlights import Highlights
from repository.services.drafts import Draft
from repository.services.reading import Record, whole

UI = Plain("ui", "application/vnd.inveniordm.v1+json")
LANGUAGES = ("en", "cs")
NDJSON = Plain("ndjson", "application/x-ndjson", ("application/ndjson", "application/jsonl"))
"""A list without an envelope: each record's JSON is a line."""
Offer = Plain | Format
Chosen = TypeVar("Chosen", Plain, Format, Offer)
_OF_JSON = (JSON, UI)
_OF_RECORD: tuple[Offer, ...] = (JSON, UI, *FORMATS)
_LINKSET = '<{}/api/records/{}>; rel="linkset"; type="application/linkset+json"'
"""The record's own address, asked for by that type. Specified by: FAIR Signposting, level 2; RFC 9264, 6."""
_OF_LIST: tuple[Offer, ...] = (JSON, UI, NDJSON, *(form for form in FORMATS if form.write_list))


def json_answer(
    body: Any, status: int = 200, *, media_type: str = "application/json", revision: int | None = None
) -> Response:
    pretty = request.args.get("prettyprint") not in (None, "", "0", "false")
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else None)
    response = Response(data, status, content_type=media_type)
    if revision is not None:
        response.headers["ETag"] = f'"{revision}"'
    return response


def nothing() -> Response:
    """204: done, and there is nothing to say."""
    return Response(status=204)


def record(found: Record, status: int = 200) -> Response:
    """One published record. Exports show what everybody may see, whoever asks."""
    offer = _chosen(_OF_RECORD)
    if isinstance(offer, Format) and not offer.suits(found.snapshot):
        others: tuple[Offer, ...] = (JSON, UI, *suitable(found.snapshot))
        offer = _chosen(others)
    if isinstance(offer, Format):
        snapshot = whole(instance().database, found.snapshot) if offer.names_all_files else found.snapshot
        data = as_asked(offer).write(snapshot, instance().settings.site)
        response = Response(data, status, content_type=declared(offer))
        response.headers["Content-Disposition"] = f"inline; filename={offer.file_name}"
    else:
        body = record_json(found, Links.here())
        revision = found.snapshot.revision_id
        response = json_answer(_shape(body, offer), status, media_type=offer.media_type, revision=revision)
    response.headers["Vary"] = VARYING
    response.headers["Link"] = _LINKSET.format(instance().settings.site_url, found.snapshot.id)
    return response


def as_asked(form: Format) -> Format:
    """The format with the parameters of the request: those in the URL before those in `Accept`."""
    if form.with_parameters is None:
        return form
    in_url = {name: value for name, value in request.args.items() if value}
    return form.with_parameters(parameters(request.headers.get("Accept"), form.media_type) | in_url)


def declared(form: Offer) -> str:
    if isinstance(form, Plain):
        return form.media_type
    return form.api_type or named(form)


def named(form: Format) -> str:
    """The media type of the format, by that of its names that the request wants most."""
    if not form.echoed:
        return form.media_type
    names = tuple(Plain(name, name) for name in (form.media_type, *form.echoed))
    wanted = choose(request.headers.get("Accept"), names)
    return wanted.media_type if wanted else form.media_type


def draft(found: Draft, status: int = 200) -> Response:
    offer = _chosen(_OF_JSON)
    body = draft_json(found, Links.here())
    return json_answer(_shape(body, offer), status, media_type=offer.media_type, revision=found.revision_id)


def records(
    found: Sequence[Record | Draft],
    *,
    total: int,
    aggregations: Json,
    sort_by: str,
    page: int,
    links: Links_,
    drafts: bool = False,
    more: Json | None = None,
    highlights: Highlights | None = None,
) -> Response:
    """A list in InvenioRDM's envelope; one in which no `drafts` are expected also in the formats of lists. `more`:
    further members of the envelope. `highlights` are shown by the UI type."""
    offer = _chosen(_OF_JSON) if drafts else offer_of_list()
    if not isinstance(offer, Plain) or offer is NDJSON:
        return _list_in(offer, [item for item in found if isinstance(item, Record)], links)
    urls = Links.here()
    hits = [
        _shape(record_json(item, urls) if isinstance(item, Record) else draft_json(item, urls), offer) for item in found
    ]
    if highlights is not None and offer is UI:
        for hit, item in zip(hits, found, strict=True):
            hit["ui"]["highlights"] = highlights.of(item.snapshot) if isinstance(item, Record) else {}
    body = {
        "hits": {"hits": hits, "total": total},
        **(more or {}),
        "aggregations": aggregations,
        "sortBy": sort_by,
        "page": page,
        "links": links,
    }
    return json_answer(body, media_type=offer.media_type)


def offer_of_list() -> Offer:
    return _chosen(_OF_LIST)


def can_stream(offer: Offer) -> bool:
    """Whether a list of any length can be written in it."""
    return offer is NDJSON or (isinstance(offer, Format) and offer.write_pieces is not None)


def lines(records: Iterable[Record]) -> Iterator[bytes]:
    """Each record's JSON, as in the hits of a list, and the end of its line."""
    urls = Links.here()
    for found in records:
        yield orjson.dumps(_shape(record_json(found, urls), JSON), option=orjson.OPT_APPEND_NEWLINE)


def _list_in(offer: Offer, records: Sequence[Record], links: Links_) -> Response:
    """In a format, of each record what everybody may see, whoever asks; the pages beside this one stand in `Link`."""
    if isinstance(offer, Format):
        write = offer.write_list
        data = write([found.snapshot for found in records], instance().settings.site) if write else b""
    else:
        data = b"".join(lines(records))
    response = Response(data, content_type=declared(offer))
    others = [f'<{links[name]}>; rel="{name}"' for name in ("prev", "next") if name in links]
    if others:
        response.headers["Link"] = ", ".join(others)
    return response


def plain(body: Json, *, revision: int | None = None) -> Response:
    """What has no other form than JSON; the UI type is the same with titles in one language."""
    return json_answer(body, media_type=_chosen(_OF_JSON).media_type, revision=revision)


def wants_ui() -> bool:
    return _chosen(_OF_JSON) is UI


def language() -> str:
    """The language asked for by `?ln=` or `Accept-Language`, among those that titles are in."""
    wanted = [request.args.get("ln", ""), *(tag for tag, _quality in request.accept_languages)]
    return negotiate_locale([tag for tag in wanted if tag], LANGUAGES, sep="-") or "en"


def _chosen(offered: tuple[Chosen, ...]) -> Chosen:
    """Raises NotAcceptable with all that there is."""
    return accepted(request.headers.get("Accept"), offered)


def _shape(body: Json, offer: Plain) -> Json:
    body = _expanded(body) if request.args.get("expand") in ("1", "true") else body
    return with_ui(body, language()) if offer is UI else body


def _expanded(body: Json) -> Json:
    """With what it refers to, resolved; `requests` is a list, empty until there are requests."""
    owner = body["parent"]["access"]["owned_by"]
    expanded: Json = {"requests": []}
    if owner:
        expanded["parent"] = {"access": {"owned_by": {"id": owner["user"], "links": {}}}}
    return {**body, "expanded": expanded}
