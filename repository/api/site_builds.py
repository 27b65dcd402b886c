"""Builds of the static site over REST, for admins."""

from datetime import datetime

from flask import Response

from repository.api import answers
from repository.api.bodies import json_object, page_and_size
from repository.api.context import instance, viewer
from repository.api.links import Links
from repository.following.builds import Build
from repository.records.snapshot import Json
from repository.services import site_builds

_PATH = "/site/builds"


def ask() -> Response:
    found = site_builds.ask(instance(), viewer(), json_object())
    answer = _one(found, 202)
    answer.headers["Location"] = _address(found)
    return answer


def history() -> Response:
    page, size = page_and_size()
    found = site_builds.history(instance(), viewer(), (page - 1) * size, size)
    body = {
        "hits": {"hits": [_body(one) for one in found.builds], "total": found.total},
        "page": page,
        "links": Links.here().pages(_PATH, {}, page, size, found.total),
    }
    return answers.json_answer(body)


def read(build_id: int) -> Response:
    return _one(site_builds.read(instance(), viewer(), build_id))


def cancel(build_id: int) -> Response:
    return _one(site_builds.cancel(instance(), viewer(), build_id), 202)


def _one(found: Build, status: int = 200) -> Response:
    log = [{"at": line.at, "text": line.text} for line in found.log]
    return answers.json_answer(_body(found) | {"log": log}, status)


def _body(found: Build) -> Json:
    address = _address(found)
    cancel = {"cancel": f"{address}/actions/cancel"} if found.can_be_cancelled else {}
    return {
        "id": found.id,
        "kind": found.kind,
        "state": found.state,
        "is_given_up": found.is_given_up,
        "asked_by": found.asked_by or None,
        "position": found.position,
        "pages": {"done": found.done, "total": found.total},
        "files": found.files,
        "bytes": found.octets,
        "seconds": found.seconds,
        "created": found.created.isoformat(),
        "started": _text(found.started),
        "ended": _text(found.ended),
        "links": {"self": address, **cancel},
    }


def _address(found: Build) -> str:
    return f"{Links.here().api}{_PATH}/{found.id}"


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
