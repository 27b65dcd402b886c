"""Sets of OAI-PMH over REST, for admins. Specified by: InvenioRDM REST API, OAI-PMH Sets."""

from urllib.parse import urlencode

from flask import Response, request

from repository.api import answers
from repository.api.bodies import if_match, json_object, page_and_size, sort_order
from repository.api.context import instance, viewer
from repository.api.links import Links
from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput
from repository.formats import FORMATS
from repository.records.sets import DefinedSet
from repository.records.snapshot import Json
from repository.services import oai_sets

DIRECTIONS = ("asc", "desc")
_PATH = "/oaipmh/sets"
_PREFIX = "oai_dc"
"""Every item can be had in it."""


def sets() -> Response:
    page, size = page_and_size()
    sort = sort_order(oai_sets.SORTS, "name")
    direction = request.args.get("sort_direction") or "asc"
    if direction not in DIRECTIONS:
        message = f"Invalid direction '{direction}'. There is: {', '.join(DIRECTIONS)}."
        raise InvalidInput(INVALID, [FieldError("sort_direction", (message,))])
    found = oai_sets.list_sets(instance(), viewer(), sort, direction == "desc", (page - 1) * size, size)
    query = {"sort": sort, "sort_direction": direction}
    body = {
        "hits": {"hits": [_body(one) for one in found.sets], "total": found.total},
        "sortBy": sort,
        "page": page,
        "links": Links.here().pages(_PATH, query, page, size, found.total),
    }
    return answers.json_answer(body)


def create() -> Response:
    return _one(oai_sets.define(instance(), viewer(), json_object()), 201)


def read(set_id: int) -> Response:
    return _one(oai_sets.read(instance(), viewer(), set_id))


def change(set_id: int) -> Response:
    return _one(oai_sets.redefine(instance(), viewer(), set_id, json_object(), if_match()))


def delete(set_id: int) -> Response:
    oai_sets.remove(instance(), viewer(), set_id, if_match())
    return answers.nothing()


def formats() -> Response:
    """The metadata formats in which items can be harvested."""
    require(viewer(), "oai_sets.manage")
    hits = [
        {"id": form.oai.prefix, "schema": form.oai.schema, "namespace": form.oai.namespace}
        for form in FORMATS
        if form.oai
    ]
    links = {"self": f"{Links.here().api}/oaipmh/formats"}
    return answers.json_answer({"hits": {"hits": hits, "total": len(hits)}, "links": links})


def _one(found: DefinedSet, status: int = 200) -> Response:
    return answers.json_answer(_body(found), status, revision=found.revision_id)


def _body(found: DefinedSet) -> Json:
    links = Links.here()
    return {
        "id": found.id,
        "spec": found.spec,
        "name": found.name,
        "search_pattern": found.search_pattern,
        "description": found.description or None,
        "system_created": False,
        "created": found.created.isoformat(),
        "updated": found.updated.isoformat(),
        "revision_id": found.revision_id,
        "links": {
            "self": f"{links.api}{_PATH}/{found.id}",
            "oai-listrecords": _list(links, "ListRecords", found.spec),
            "oai-listidentifiers": _list(links, "ListIdentifiers", found.spec),
        },
    }


def _list(links: Links, verb: str, spec: str) -> str:
    return f"{links.site}/oai?{urlencode({'verb': verb, 'metadataPrefix': _PREFIX, 'set': spec})}"
