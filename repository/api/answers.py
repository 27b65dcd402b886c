"""Answers: JSON rendered by orjson, and records, drafts and terms in the media type that `Accept` asks for."""

from collections.abc import Sequence
from typing import Any, TypeVar

import orjson
from babel import negotiate_locale
from flask import Response, request

from repository.api.context import instance
from repository.api.links import Links, Links_
from repository.api.shapes import draft_json, record_json
from repository.api.ui import with_ui
from repository.formats import FORMATS, Format, suitable
from repository.ld.negotiation import JSON, Plain, accepted
from repository.records.snapshot import Json
from repository.services.drafts import Draft
from repository.services.reading import Record, whole

UI = Plain("ui", "application/vnd.inveniordm.v1+json")
LANGUAGES = ("en", "cs")
Chosen = TypeVar("Chosen", Plain, Format, Plain | Format)
_OF_JSON = (JSON, UI)
_OF_RECORD: tuple[Plain | Format, ...] = (JSON, UI, *FORMATS)


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
        others: tuple[Plain | Format, ...] = (JSON, UI, *suitable(found.snapshot))
        offer = _chosen(others)
    if isinstance(offer, Format):
        snapshot = whole(instance().database, found.snapshot) if offer.names_all_files else found.snapshot
        data = offer.write(snapshot, instance().settings.site)
        asked = request.headers.get("Accept", "")
        named = next((name for name in offer.echoed if name in asked), offer.media_type)
        response = Response(data, status, content_type=named)
    else:
        body = record_json(found, Links.here())
        revision = found.snapshot.revision_id
        response = json_answer(_shape(body, offer), status, media_type=offer.media_type, revision=revision)
    response.headers["Vary"] = "Accept, Accept-Language, Authorization, Cookie"
    return response


def draft(found: Draft, status: int = 200) -> Response:
    offer = _chosen(_OF_JSON)
    body = draft_json(found, Links.here())
    return json_answer(_shape(body, offer), status, media_type=offer.media_type, revision=found.revision_id)


def records(
    found: Sequence[Record | Draft], *, total: int, aggregations: Json, sort_by: str, page: int, links: Links_
) -> Response:
    """A list in InvenioRDM's envelope."""
    offer = _chosen(_OF_JSON)
    urls = Links.here()
    hits = [
        _shape(record_json(item, urls) if isinstance(item, Record) else draft_json(item, urls), offer) for item in found
    ]
    body = {
        "hits": {"hits": hits, "total": total},
        "aggregations": aggregations,
        "sortBy": sort_by,
        "page": page,
        "links": links,
    }
    return json_answer(body, media_type=offer.media_type)


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
