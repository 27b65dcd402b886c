"""Published records over REST. Specified by: InvenioRDM REST API, Records."""

from typing import Any

from flask import Response, request

from repository.api import answers
from repository.api.answers import json_answer, nothing
from repository.api.bodies import is_whole, json_object, page_and_size, sort_order, truth
from repository.api.context import instance, viewer
from repository.api.links import Links
from repository.errors import INVALID, FieldError, Forbidden, InvalidInput, Moved, NotFound
from repository.records.snapshot import Json
from repository.records.text import clean_html
from repository.search.facets import aggregations, facet, terms_in
from repository.services import own_records, reading, sharing, vocabularies, withdrawal
from repository.services.reading import Record


def read(record_id: str) -> Response:
    return answers.record(reading.read(instance(), viewer(), record_id))


def refuse_change(record_id: str) -> Response:
    """A published record changes through a draft only."""
    reading.read(instance(), viewer(), record_id)
    raise Forbidden


def versions(record_id: str) -> Response:
    found = reading.versions(instance(), viewer(), record_id)
    page, size = page_and_size()
    sort = sort_order(("version",), "version")
    urls = Links.here().pages(f"/records/{record_id}/versions", {"sort": sort}, page, size, len(found))
    window = found[(page - 1) * size : page * size]
    return answers.records(window, total=len(found), aggregations={}, sort_by=sort, page=page, links=urls)


def latest(record_id: str) -> Response:
    raise Moved(reading.newest(instance(), viewer(), record_id))


def own() -> Response:
    page, size = page_and_size()
    sort = sort_order(own_records.SORTS, "updated-desc")
    text = request.args.get("q", "")
    selected = {
        name: keys for name in own_records.FACETS if (keys := [key for key in request.args.getlist(name) if key])
    }
    asked = own_records.Asked(text, selected, sort, (page - 1) * size, size, truth("shared_with_me"))
    owned = own_records.list_own(instance(), viewer(), asked)
    counted = [facet(name, owned.counts[name], tuple(selected.get(name, ()))) for name in own_records.FACETS]
    titles = vocabularies.titles(instance(), terms_in(counted), answers.language())
    query = {**selected, **({"q": text} if text else {}), "sort": sort}
    query |= {"shared_with_me": "true"} if asked.shared else {}
    return answers.records(
        owned.items,
        total=owned.total,
        aggregations=aggregations(counted, titles),
        sort_by=sort,
        page=page,
        links=Links.here().pages("/user/records", query, page, size, owned.total),
        drafts=True,
    )


def revisions(record_id: str) -> Response:
    found = reading.revisions(instance(), viewer(), record_id)
    return json_answer([_revision(record_id, revision) for revision in found])


def revision(record_id: str, number: int) -> Response:
    for found in reading.revisions(instance(), viewer(), record_id):
        if found["revision_id"] == number:
            return json_answer(_revision(record_id, found))
    raise NotFound(f"The record has no revision {number}.")


def _revision(record_id: str, revision: dict[str, Any]) -> Json:
    return {
        "id": record_id,
        "revision_id": revision["revision_id"],
        "updated": revision["at"].isoformat(),
        "updated_by": {"user": str(revision["account_id"])} if revision["account_id"] else None,
        **revision["body"],
    }


def withdraw(record_id: str) -> Response:
    body = json_object()
    wish: Json = {}
    errors = []
    reason = body.get("removal_reason")
    if reason is not None:
        if isinstance(reason, dict) and isinstance(reason.get("id"), str):
            wish["removal_reason"] = {"id": reason["id"]}
        else:
            errors.append(FieldError("removal_reason", ('Must be {"id": "…"}.',)))
    for name, kind in (("note", str), ("citation_text", str), ("is_visible", bool)):
        if body.get(name) is not None:
            if isinstance(body[name], kind):
                wish[name] = clean_html(body[name]) if name == "note" else body[name]
            else:
                errors.append(FieldError(name, ("Not a valid value.",)))
    if errors:
        raise InvalidInput(INVALID, errors)
    withdrawal.withdraw(instance(), viewer(), record_id, wish)
    return nothing()


def restore(record_id: str) -> Response:
    withdrawal.restore(instance(), viewer(), record_id)
    return read(record_id)


def access_settings(record_id: str) -> Response:
    body = json_object()
    settings: Json = {}
    errors = []
    for name in ("allow_user_requests", "allow_guest_requests"):
        if name in body:
            settings[name] = body[name]
            if not isinstance(body[name], bool):
                errors.append(FieldError(name, ("Not a valid boolean.",)))
    if "accept_conditions_text" in body:
        text = body["accept_conditions_text"]
        if text is not None and not isinstance(text, str):
            errors.append(FieldError("accept_conditions_text", ("Not a valid string.",)))
        else:
            settings["accept_conditions_text"] = clean_html(text) if text else None
    if "secret_link_expiration" in body:
        days = body["secret_link_expiration"]
        if is_whole(days) and 0 <= days <= 365:
            settings["secret_link_expiration"] = int(days)
        else:
            message = "Must be greater than or equal to 0 and less than or equal to 365."
            errors.append(FieldError("secret_link_expiration", (message,)))
    if errors:
        raise InvalidInput(INVALID, errors)
    found = sharing.set_access_settings(instance(), viewer(), record_id, settings)
    return answers.record(found) if isinstance(found, Record) else answers.draft(found)
