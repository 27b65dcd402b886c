"""Whether the service lives, is ready, which of its stores answer, and how far each reader has come."""

from dataclasses import asdict

from flask import Response

from repository import __version__
from repository.api import openapi
from repository.api.answers import json_answer
from repository.api.context import house, instance, viewer
from repository.api.errors import RETRY_AFTER
from repository.api.stores import OK
from repository.auth.permissions import Subject, allowed, require
from repository.errors import Unreachable
from repository.following import parked, status
from repository.records.snapshot import Json
from repository.services import fixity
from repository.storage import changes, schema


def ping() -> Response:
    return Response("OK", content_type="text/plain; charset=utf-8")


def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


def readyz() -> Response:
    """The database answers and has this version's schema; else 503."""
    if not schema.is_current(instance().database):
        raise Unreachable("The database has another version's schema: run `colophon init`.")
    return healthz()


def read() -> Response:
    """Which stores answer, and how far every reader is; for admins also how much there is.

    Counts tell that closed and withdrawn records exist. `metrics.public` opens them nowhere but in `/metrics`, which
    the server in front may keep from everybody. Without the database there is only the word on each store, and 503.
    """
    words = house().stores.words()
    if words["database"] != OK:
        message = "The database does not answer, or has another version's schema."
        answer = json_answer({"status": 503, "message": message, "stores": words}, 503)
        answer.headers["Retry-After"] = str(RETRY_AFTER)
        return answer
    database, api = instance().database, f"{instance().settings.site_url}/api"
    readers = status(database, house().readers)
    with database.read() as connection:
        head = changes.head(connection)
    body: Json = {
        "version": __version__,
        "position": head,
        "stores": words,
        "projections": [_reader(reader.name, reader) for reader in readers],
        "links": {"self": f"{api}/status"},
    }
    if allowed(viewer(), "service.measure", Subject()):
        figures = house().figures.now()
        body |= {"records": figures.records, "dois": figures.dois, "files": asdict(figures.files)}
    answer = json_answer(body)
    answer.headers["Link"] = f'<{api}/openapi.json>; rel="service-desc"; type="{openapi.MEDIA_TYPE}"'
    return answer


def parked_changes(name: str) -> Response:
    """The changes that one reader could not take, with their errors."""
    require(viewer(), "projections.read")
    entries = [
        {
            "record_id": change.record_id,
            "position": change.position,
            "error": change.error,
            "attempts": change.attempts,
            "since": change.since.isoformat(),
            "next_try": change.next_try.isoformat(),
        }
        for change in parked(instance().database, name)
    ]
    return json_answer({"hits": {"hits": entries, "total": len(entries)}})


def faults() -> Response:
    """The blobs that the last check found missing or altered, with the files that consist of them."""
    found = fixity.faults(instance(), viewer())
    entries = [{**asdict(faulty), "checked": faulty.checked.isoformat()} for faulty in found]
    return json_answer({"hits": {"hits": entries, "total": len(entries)}})


def _reader(name: str, reader: object) -> Json:
    fields = ("position", "head", "lag", "lag_seconds", "generation", "building", "building_done", "building_total")
    body: Json = {"name": name, **{field: getattr(reader, field) for field in fields}}
    return body | {"leader": bool(getattr(reader, "leader", "")), "parked": getattr(reader, "parked", 0)}
