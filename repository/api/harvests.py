"""Who harvested what and when, for the operator."""

from datetime import UTC, datetime, timedelta

from flask import Response

from repository.api.answers import json_answer
from repository.api.bodies import positive
from repository.api.context import instance, viewer
from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput
from repository.oai import statistics

_DAYS = 30
_MOST = 1_000


def read() -> Response:
    """Requests of the last days by day, harvester, verb, format, set and error; all workers of all machines."""
    require(viewer(), "harvests.read")
    days = positive("days", _DAYS)
    if days > statistics.KEPT_DAYS:
        raise InvalidInput(INVALID, [FieldError("days", (f"Must be at most {statistics.KEPT_DAYS}.",))])
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    with instance().database.read() as connection:
        found = statistics.harvests(connection, since, _MOST)
    entries = [
        {
            "day": kind.day.isoformat(),
            "agent": kind.agent,
            "verb": kind.verb,
            "metadata_prefix": kind.prefix,
            "set": kind.set,
            "error": kind.error,
            "requests": count.requests,
            "records": count.records,
            "last": datetime.fromtimestamp(count.last, UTC).isoformat(),
        }
        for kind, count in found
    ]
    return json_answer({"since": since.isoformat(), "hits": {"hits": entries, "total": len(entries)}})
