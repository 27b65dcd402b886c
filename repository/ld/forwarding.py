"""Hands a query on to the store that is a server, and its answer back; what goes wrong is told as of any query."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from repository.errors import Unreachable
from repository.ld.endpoint import Answer, AnswerTooLong, Endpoint, TookTooLong, post
from repository.ld.messages import Message

_SAID = 300
"""Characters of what a store says of a query that it does not take."""
_CUT_OFF = b"Query cancelled due to timeout"
"""At the end of what Jena had sent, with status 200, when its own limit ended a query."""
_TAIL = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one query: seconds in all, seconds that are left, and bytes of its answer."""

    seconds: float
    left: float
    most: int


def forward(store: Endpoint, query: Message, asked: Mapping[str, Any], limits: Limits) -> Message:
    """The answer to a query that `sparql_worker` has checked; `asked` names the graphs of its dataset, if it has some
    of its own."""
    media_type = query.header["forward"]
    dataset = [("default-graph-uri", iri) for iri in asked["default_graphs"]]
    dataset += [("named-graph-uri", iri) for iri in asked["named_graphs"]]
    url = f"{store.query}{'&' if '?' in store.query else '?'}{urlencode(dataset)}" if dataset else store.query
    headers = {"Content-Type": "application/sparql-query", "Accept": media_type}
    try:
        answer = post(url, store, query.body, headers, limits.left, limits.most)
    except TookTooLong:
        return too_slow(limits.seconds)
    except AnswerTooLong:
        message = f"The result is longer than {limits.most} bytes. Ask for less: LIMIT and OFFSET."
        return Message({"status": 400, "message": message})
    except Unreachable:
        return _later("The graph store does not answer at the moment.", 10)
    return _told(answer, media_type, limits.seconds)


def too_slow(seconds: float) -> Message:
    return _later(f"The query took longer than {seconds:g} seconds and was stopped.", math.ceil(seconds))


def _told(answer: Answer, media_type: str, seconds: float) -> Message:
    if answer.status == 200 and _CUT_OFF in answer.body[-_TAIL:]:
        return too_slow(seconds)
    if answer.status == 200 and answer.media_type == media_type:
        return Message({"status": 200, "media_type": media_type}, answer.body)
    said = answer.body[:_SAID].decode("utf-8", "replace").strip() if answer.media_type == "text/plain" else ""
    if answer.status == 503 and "timed out" in said:
        return too_slow(seconds)
    if answer.status in (400, 422):
        return Message({"status": 400, "message": f"The query can't be evaluated: {said or 'the store refuses it'}"})
    if answer.status in (200, 406):
        return Message({"status": 406, "message": f"The graph store does not give {media_type}."})
    return _later("The graph store can't answer the query.", 10)


def _later(message: str, seconds: int) -> Message:
    return Message({"status": 503, "message": message, "retry_after": seconds})
