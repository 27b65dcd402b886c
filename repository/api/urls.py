"""The one table of the API's URLs: method, path below `/api`, view, and what it does. docs/urls.md names them all."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response

from repository.api import accounts, drafts, files, records, status, vocabularies
from repository.api.context import identify, refuse_nul
from repository.records.vocabularies import SPECIFIC


@dataclass(frozen=True, slots=True)
class Route:
    methods: tuple[str, ...]
    path: str
    view: Callable[..., Response]
    does: str


def _route(methods: str, path: str, view: Callable[..., Response], does: str) -> Route:
    return Route(tuple(methods.split()), path, view, does)


_RECORD = "/records/<record_id>"
_DRAFT = f"{_RECORD}/draft"
_KEY = "<path:key>"

ROUTES: tuple[Route, ...] = (
    _route("POST", "/records", drafts.create, "create a draft"),
    _route("GET", "/records", records.search, "search published records"),
    _route("GET", _RECORD, records.read, "a published record, in the format that `Accept` asks for"),
    _route("PUT DELETE", _RECORD, records.refuse_change, "403: a published record changes through a draft"),
    _route("GET", _DRAFT, drafts.read, "a draft"),
    _route("PUT", _DRAFT, drafts.save, "save a draft"),
    _route("POST", _DRAFT, drafts.edit, "edit a published record"),
    _route("DELETE", _DRAFT, drafts.discard, "discard a draft"),
    _route("POST", f"{_DRAFT}/actions/publish", drafts.publish, "publish a draft"),
    _route("POST", f"{_DRAFT}/actions/files-import", files.import_previous, "take over the last version's files"),
    _route("POST", f"{_DRAFT}/pids/doi", drafts.reserve_doi, "reserve a DOI"),
    _route("DELETE", f"{_DRAFT}/pids/doi", drafts.discard_doi, "give a reserved DOI back"),
    _route("GET", f"{_DRAFT}/files", files.list_of_draft, "files of a draft"),
    _route("POST", f"{_DRAFT}/files", files.announce, "announce files"),
    _route("DELETE", f"{_DRAFT}/files", files.delete_all, "delete all files of a draft"),
    _route("GET", f"{_DRAFT}/files-archive", files.archive_of_draft, "all files of a draft as ZIP"),
    _route("GET", f"{_DRAFT}/files/{_KEY}/content", files.content_of_draft, "bytes of a draft's file"),
    _route("PUT", f"{_DRAFT}/files/{_KEY}/content", files.write_content, "send the bytes of a file"),
    _route("PUT", f"{_DRAFT}/files/{_KEY}/content/<int:number>", files.write_part, "send one part of a file, from 1"),
    _route("POST", f"{_DRAFT}/files/{_KEY}/commit", files.commit, "complete a file"),
    _route("GET", f"{_DRAFT}/files/{_KEY}", files.read_of_draft, "one file of a draft"),
    _route("PUT", f"{_DRAFT}/files/{_KEY}", files.describe, "describe a file"),
    _route("DELETE", f"{_DRAFT}/files/{_KEY}", files.delete, "delete a file of a draft"),
    _route("GET", f"{_RECORD}/files", files.list_of_record, "files of a record"),
    _route("POST DELETE", f"{_RECORD}/files", files.refuse_change, "403: files of a published record are fixed"),
    _route("GET", f"{_RECORD}/files-archive", files.archive_of_record, "all files of a record as ZIP"),
    _route("GET", f"{_RECORD}/files/{_KEY}/content", files.content_of_record, "bytes of a file, also by Range"),
    _route("GET", f"{_RECORD}/files/{_KEY}", files.read_of_record, "one file of a record"),
    _route("PUT DELETE", f"{_RECORD}/files/{_KEY}", files.refuse_change, "403: files of a published record are fixed"),
    _route("POST", f"{_RECORD}/versions", drafts.new_version, "draft of the next version"),
    _route("GET", f"{_RECORD}/versions", records.versions, "all versions"),
    _route("GET", f"{_RECORD}/versions/latest", records.latest, "redirect to the newest version"),
    _route("PUT", f"{_RECORD}/access", records.access_settings, "who may ask for access, and how"),
    _route("GET", f"{_RECORD}/revisions", records.revisions, "revisions of a record (admins)"),
    _route("GET", f"{_RECORD}/revisions/<int:number>", records.revision, "one revision (admins)"),
    _route("DELETE", f"{_RECORD}/delete", records.withdraw, "withdraw a record, leaving a tombstone (admins)"),
    _route("POST", f"{_RECORD}/restore", records.restore, "undo a withdrawal (admins)"),
    _route("GET", "/user/records", records.own, "own drafts and records"),
    _route("GET", "/vocabularies/", vocabularies.types, "the generic vocabularies"),
    _route("GET", "/vocabularies/<kind>", vocabularies.terms, "terms of a vocabulary: `q`, `suggest`, `tags`, `sort`"),
    _route("POST", "/vocabularies/<kind>", vocabularies.refuse_change, "403: vocabularies are read-only"),
    _route("GET", "/vocabularies/<kind>/<path:term_id>", vocabularies.term, "one term"),
    _route("PUT DELETE", "/vocabularies/<kind>/<path:term_id>", vocabularies.refuse_change, "403: read-only"),
    _route("GET", "/names/<any(orcid):scheme>/<value>", vocabularies.name_by_identifier, "a name by its ORCID"),
    *(
        route
        for kind in SPECIFIC
        for route in (
            _route("GET", f"/{kind}", partial(vocabularies.terms, kind), f"{kind}: `q`, `suggest`, `sort`"),
            _route("POST", f"/{kind}", partial(vocabularies.refuse_change, kind), "403: read-only"),
            _route("GET", f"/{kind}/<path:term_id>", partial(vocabularies.term, kind), f"one of {kind}"),
            _route(
                "PUT DELETE", f"/{kind}/<path:term_id>", partial(vocabularies.refuse_change, kind), "403: read-only"
            ),
        )
    ),
    _route("POST", "/login", accounts.login, "sign in with e-mail and password; answers with cookies"),
    _route("GET POST", "/logout", accounts.logout, "sign out"),
    _route("GET", "/me", accounts.me, "who one is"),
    _route("GET", "/ping", status.ping, "`OK`"),
    _route("GET", "/status", status.read, "positions, lag and parked changes of every reader"),
    _route("GET", "/status/parked/<name>", status.parked_changes, "what a reader could not take (admins)"),
)


def create_blueprint() -> Blueprint:
    """All of `/api`."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.before_request(refuse_nul)
    blueprint.before_request(identify)
    for number, route in enumerate(ROUTES):
        blueprint.add_url_rule(route.path, f"{number}", route.view, methods=list(route.methods))
    return blueprint
