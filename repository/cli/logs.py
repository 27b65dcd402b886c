"""Structured logs: one JSON line an event on standard error. Local variables are never in them, nor are secrets."""

import json
import logging
import sys
from typing import Any

import orjson
import structlog


def configure(*further: structlog.types.Processor) -> None:
    """`further` steps see every line before its error becomes text."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *further,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _json(event: Any, default: Any) -> bytes:
    try:
        return orjson.dumps(event, default)
    except orjson.JSONEncodeError:  # half a character, as names of files may have it, or a very large number
        return json.dumps(event, default=default).encode()
