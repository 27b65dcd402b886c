"""Vocabularies over REST, read-only. Specified by: InvenioRDM REST API, Vocabularies and its specific ones."""

from flask import Response, request

from repository.api import answers
from repository.api.bodies import page_and_size
from repository.api.context import instance, viewer
from repository.api.links import Links
from repository.errors import INVALID, FieldError, Forbidden, InvalidInput
from repository.records.snapshot import Json
from repository.records.vocabularies import SPECIFIC
from repository.services import vocabularies

ESTABLISHED = "2026-11-01T00:00:00+00:00"
"""Terms that are shipped have no history of their own."""


def types() -> Response:
    links = Links.here()
    hits = [
        {"id": kind, "links": {"self": f"{links.api}/vocabularies/{kind}"}} for kind in vocabularies.generic_types()
    ]
    body = {"hits": {"hits": hits, "total": len(hits)}, "links": {"self": f"{links.api}/vocabularies/"}}
    return answers.plain(body)


def terms(kind: str) -> Response:
    vocabularies.check_type(kind)
    suggest, query = request.args.get("suggest", ""), request.args.get("q", "")
    if suggest and query:
        raise InvalidInput(INVALID, [FieldError("suggest", ("Give either q or suggest.",))])
    words = suggest or query
    page, size = page_and_size()
    sort = request.args.get("sort") or ("bestmatch" if words else "title")
    tags = tuple(request.args.getlist("tags"))
    found = vocabularies.list_terms(
        instance(),
        viewer(),
        kind,
        words=words,
        tags=tags,
        sort=sort,
        offset=(page - 1) * size,
        size=size,
    )
    asked = {"suggest": suggest, "q": query, "sort": sort, "tags": list(tags)}
    query_string = {name: value for name, value in asked.items() if value}
    body = {
        "hits": {"hits": [_term(kind, term) for term in found.terms], "total": found.total},
        "sortBy": sort,
        "page": page,
        "links": Links.here().pages(_path(kind), query_string, page, size, found.total),
    }
    return answers.plain(body)


def term(kind: str, term_id: str) -> Response:
    return _one(kind, vocabularies.read_term(instance(), viewer(), kind, term_id))


def name_by_identifier(scheme: str, value: str) -> Response:
    """A name by ORCID, which is also its id."""
    return _one("names", vocabularies.read_term(instance(), viewer(), "names", value if scheme == "orcid" else ""))


def refuse_change(kind: str, term_id: str = "") -> Response:
    """Terms come with the product and by import; nobody changes them over REST."""
    vocabularies.check_type(kind)
    raise Forbidden


def _one(kind: str, found: Json) -> Response:
    return answers.plain(_term(kind, found), revision=1)


def _term(kind: str, term: Json) -> Json:
    own = {"type": kind} if kind not in SPECIFIC else {}
    body: Json = {
        "created": ESTABLISHED,
        "updated": ESTABLISHED,
        "revision_id": 1,
        **own,
        "links": {"self": f"{Links.here().api}{_path(kind)}/{term['id']}"},
        **term,
    }
    if kind not in SPECIFIC:
        body = {"props": {}, "tags": [], **body}
    if answers.wants_ui():
        titles = term.get("title") or {}
        body["title_l10n"] = titles.get(answers.language()) or titles.get("en") or term["id"]
    return body


def _path(kind: str) -> str:
    return f"/{kind}" if kind in SPECIFIC else f"/vocabularies/{kind}"
