"""The one table of the API's URLs: method, path below `/api`, view, what it does, and its contract.

docs/urls.md names them all; `/api/openapi.json` is made from this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import orjson
from flask import Blueprint, Response

from repository.api import (
    accounts,
    contracts,
    drafts,
    files,
    harvests,
    oai_sets,
    openapi,
    records,
    searching,
    site_builds,
    status,
    vocabularies,
)
from repository.api.context import identify, instance
from repository.api.contracts import Contract
from repository.records.vocabularies import SPECIFIC


@dataclass(frozen=True, slots=True)
class Route:
    methods: tuple[str, ...]
    path: str
    view: Callable[..., Response]
    does: str
    contract: Contract = contracts.NONE
    """What it takes and answers."""


def _route(methods: str, path: str, view: Callable[..., Response], does: str, contract: Contract) -> Route:
    return Route(tuple(methods.split()), path, view, does, contract)


def describe() -> Response:
    return Response(_document(instance().settings.site_url), content_type="application/json")


@cache
def _document(site_url: str) -> bytes:
    return orjson.dumps(openapi.document(ROUTES, site_url))


_RECORD = "/records/<record_id>"
_DRAFT = f"{_RECORD}/draft"
_KEY = "<path:key>"
_SET = "/oaipmh/sets/<int:set_id>"
_BUILD = "/site/builds/<int:build_id>"

ROUTES: tuple[Route, ...] = (
    _route("POST", "/records", drafts.create, "create a draft", contracts.CREATE),
    _route("GET", "/records", searching.search, "search published records", contracts.SEARCH),
    _route("GET", _RECORD, records.read, "a published record, in the format that `Accept` asks for", contracts.READ),
    _route(
        "PUT DELETE",
        _RECORD,
        records.refuse_change,
        "403: a published record changes through a draft",
        contracts.REFUSED,
    ),
    _route("GET", _DRAFT, drafts.read, "a draft", contracts.READ_DRAFT),
    _route("PUT", _DRAFT, drafts.save, "save a draft", contracts.SAVE),
    _route("POST", _DRAFT, drafts.edit, "edit a published record", contracts.EDIT),
    _route("DELETE", _DRAFT, drafts.discard, "discard a draft", contracts.DISCARD),
    _route("POST", f"{_DRAFT}/actions/publish", drafts.publish, "publish a draft", contracts.PUBLISH),
    _route(
        "POST",
        f"{_DRAFT}/actions/files-import",
        files.import_previous,
        "take over the last version's files",
        contracts.IMPORT_FILES,
    ),
    _route("POST", f"{_DRAFT}/pids/doi", drafts.reserve_doi, "reserve a DOI", contracts.EDIT),
    _route("DELETE", f"{_DRAFT}/pids/doi", drafts.discard_doi, "give a reserved DOI back", contracts.GIVE_BACK),
    _route("GET", f"{_DRAFT}/files", files.list_of_draft, "files of a draft", contracts.FILES_OF_DRAFT),
    _route("POST", f"{_DRAFT}/files", files.announce, "announce files", contracts.ANNOUNCE),
    _route("DELETE", f"{_DRAFT}/files", files.delete_all, "delete all files of a draft", contracts.DELETE),
    _route(
        "GET",
        f"{_DRAFT}/files-archive",
        files.archive_of_draft,
        "all files of a draft as ZIP",
        contracts.ARCHIVE_OF_DRAFT,
    ),
    _route(
        "GET",
        f"{_DRAFT}/files/{_KEY}/content",
        files.content_of_draft,
        "bytes of a draft's file",
        contracts.CONTENT_OF_DRAFT,
    ),
    _route("PUT", f"{_DRAFT}/files/{_KEY}/content", files.write_content, "send the bytes of a file", contracts.SEND),
    _route(
        "PUT",
        f"{_DRAFT}/files/{_KEY}/content/<int:number>",
        files.write_part,
        "send one part of a file, from 1",
        contracts.SEND,
    ),
    _route("POST", f"{_DRAFT}/files/{_KEY}/commit", files.commit, "complete a file", contracts.COMMIT),
    _route("GET", f"{_DRAFT}/files/{_KEY}", files.read_of_draft, "one file of a draft", contracts.READ_FILE_OF_DRAFT),
    _route("PUT", f"{_DRAFT}/files/{_KEY}", files.describe, "describe a file", contracts.DESCRIBE),
    _route("DELETE", f"{_DRAFT}/files/{_KEY}", files.delete, "delete a file of a draft", contracts.DELETE),
    _route("GET", f"{_RECORD}/files", files.list_of_record, "files of a record", contracts.FILES_OF_RECORD),
    _route(
        "POST DELETE",
        f"{_RECORD}/files",
        files.refuse_change,
        "403: files of a published record are fixed",
        contracts.REFUSED,
    ),
    _route(
        "GET",
        f"{_RECORD}/files-archive",
        files.archive_of_record,
        "all files of a record as ZIP",
        contracts.ARCHIVE_OF_RECORD,
    ),
    _route(
        "GET",
        f"{_RECORD}/files/{_KEY}/content",
        files.content_of_record,
        "bytes of a file, also by Range",
        contracts.CONTENT_OF_RECORD,
    ),
    _route("GET", f"{_RECORD}/files/{_KEY}", files.read_of_record, "one file of a record", contracts.READ_FILE),
    _route(
        "PUT DELETE",
        f"{_RECORD}/files/{_KEY}",
        files.refuse_change,
        "403: files of a published record are fixed",
        contracts.REFUSED,
    ),
    _route("POST", f"{_RECORD}/versions", drafts.new_version, "draft of the next version", contracts.NEW_VERSION),
    _route("GET", f"{_RECORD}/versions", records.versions, "all versions", contracts.VERSIONS),
    _route("GET", f"{_RECORD}/versions/latest", records.latest, "redirect to the newest version", contracts.LATEST),
    _route(
        "PUT", f"{_RECORD}/access", records.access_settings, "who may ask for access, and how", contracts.SET_ACCESS
    ),
    _route(
        "GET", f"{_RECORD}/revisions", records.revisions, "revisions of a record (admins)", contracts.READ_REVISIONS
    ),
    _route(
        "GET", f"{_RECORD}/revisions/<int:number>", records.revision, "one revision (admins)", contracts.READ_REVISION
    ),
    _route(
        "DELETE",
        f"{_RECORD}/delete",
        records.withdraw,
        "withdraw a record, leaving a tombstone (admins)",
        contracts.WITHDRAW,
    ),
    _route("POST", f"{_RECORD}/restore", records.restore, "undo a withdrawal (admins)", contracts.RESTORE),
    _route("GET", "/user/records", records.own, "own drafts and records", contracts.OWN),
    _route("GET", "/vocabularies/", vocabularies.types, "the generic vocabularies", contracts.READ_TYPES),
    _route(
        "GET",
        "/vocabularies/<kind>",
        vocabularies.terms,
        "terms of a vocabulary: `q`, `suggest`, `tags`, `sort`",
        contracts.LIST_TERMS,
    ),
    _route(
        "POST",
        "/vocabularies/<kind>",
        vocabularies.refuse_change,
        "403: vocabularies are read-only",
        contracts.READ_ONLY,
    ),
    _route("GET", "/vocabularies/<kind>/<path:term_id>", vocabularies.term, "one term", contracts.READ_TERM),
    _route(
        "PUT DELETE",
        "/vocabularies/<kind>/<path:term_id>",
        vocabularies.refuse_change,
        "403: read-only",
        contracts.READ_ONLY,
    ),
    _route(
        "GET",
        "/names/<any(orcid):scheme>/<value>",
        vocabularies.name_by_identifier,
        "a name by its ORCID",
        contracts.READ_NAME,
    ),
    *(
        route
        for kind in SPECIFIC
        for route in (
            _route(
                "GET",
                f"/{kind}",
                partial(vocabularies.terms, kind),
                f"{kind}: `q`, `suggest`, `sort`",
                contracts.LIST_NAMES if kind == "names" else contracts.LIST_TERMS,
            ),
            _route(
                "POST", f"/{kind}", partial(vocabularies.refuse_change, kind), "403: read-only", contracts.READ_ONLY
            ),
            _route(
                "GET",
                f"/{kind}/<path:term_id>",
                partial(vocabularies.term, kind),
                f"one of {kind}",
                contracts.READ_NAME if kind == "names" else contracts.READ_TERM,
            ),
            _route(
                "PUT DELETE",
                f"/{kind}/<path:term_id>",
                partial(vocabularies.refuse_change, kind),
                "403: read-only",
                contracts.READ_ONLY,
            ),
        )
    ),
    _route("GET", "/oaipmh/sets", oai_sets.sets, "sets of OAI-PMH that were defined (admins)", contracts.LIST_SETS),
    _route("POST", "/oaipmh/sets", oai_sets.create, "define a set by a query (admins)", contracts.DEFINE_SET),
    _route("GET", _SET, oai_sets.read, "one set (admins)", contracts.READ_SET),
    _route("PUT", _SET, oai_sets.change, "redefine a set (admins)", contracts.REDEFINE_SET),
    _route("DELETE", _SET, oai_sets.delete, "delete a set; its records stay (admins)", contracts.DELETE_SET),
    _route("GET", "/oaipmh/formats", oai_sets.formats, "formats of OAI-PMH (admins)", contracts.READ_OAI_FORMATS),
    _route("GET", "/site/builds", site_builds.history, "builds of the site, newest first (admins)", contracts.BUILDS),
    _route("POST", "/site/builds", site_builds.ask, "ask for a build of the site (admins)", contracts.ASK_BUILD),
    _route("GET", _BUILD, site_builds.read, "a build: how far it is, its log (admins)", contracts.READ_BUILD),
    _route("POST", f"{_BUILD}/actions/cancel", site_builds.cancel, "cancel a build (admins)", contracts.CANCEL_BUILD),
    _route("GET", "/openapi.json", describe, "this API as an OpenAPI document", contracts.DESCRIBED),
    _route("POST", "/login", accounts.login, "sign in with e-mail and password; answers with cookies", contracts.LOGIN),
    _route("GET POST", "/logout", accounts.logout, "sign out", contracts.LOGOUT),
    _route("GET", "/me", accounts.me, "who one is", contracts.ME),
    _route("GET", "/ping", status.ping, "`OK`", contracts.PING),
    _route(
        "GET",
        "/status",
        status.read,
        "which stores answer; positions, lag and parked changes of every reader; for admins also how much there is",
        contracts.READ_STATUS,
    ),
    _route(
        "GET",
        "/status/parked/<name>",
        status.parked_changes,
        "what a reader could not take (admins)",
        contracts.READ_PARKED,
    ),
    _route(
        "GET",
        "/status/faults",
        status.faults,
        "files whose stored bytes are missing or altered (admins)",
        contracts.READ_FAULTS,
    ),
    _route(
        "GET",
        "/status/harvests",
        harvests.read,
        "who harvested what by OAI-PMH, by day (admins)",
        contracts.READ_HARVESTS,
    ),
)


def create_blueprint() -> Blueprint:
    """All of `/api`."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.before_request(identify)
    for number, route in enumerate(ROUTES):
        blueprint.add_url_rule(route.path, f"{number}", route.view, methods=list(route.methods))
    return blueprint
