"""Reports of unexpected errors to Sentry, where `sentry.dsn` is set: what failed and where, never whose data it was.

What is logged as an error with a traceback is reported too. The library is imported only if the setting is there.
"""

import atexit
import importlib.util
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from structlog.contextvars import bind_contextvars

from repository import __version__
from repository.errors import WrongSetting
from repository.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_ERRORS = ("error", "exception", "critical")
_TAGS = ("event", "request_id", "projection")
"""What a report takes from the line of the log."""
_OF_EVENT = ("event_id", "timestamp", "level", "platform", "release", "environment", "server_name", "sdk", "tags")
_OF_ERROR = ("type", "module", "mechanism")
_OF_FRAME = ("filename", "function", "module", "lineno", "in_app")
_FLUSH_SECONDS = 2.0


def require(settings: Settings) -> None:
    """Raises WrongSetting where reports are wanted that can't be sent."""
    if not settings.sentry_dsn:
        return
    if importlib.util.find_spec("sentry_sdk") is None:
        raise WrongSetting("sentry.dsn is set, but sentry-sdk is not installed: pip install 'colophon[sentry]'.")
    from sentry_sdk.utils import BadDsn, Dsn

    try:
        Dsn(settings.sentry_dsn)
    except BadDsn as error:
        raise WrongSetting(
            f"sentry.dsn is no DSN of Sentry, such as https://key@sentry.example.org/1: {error}."
        ) from error


def begin(settings: Settings) -> tuple[structlog.types.Processor, ...]:
    """The step of the log by which this process reports from now on; none unless the setting says so. Raises
    WrongSetting."""
    require(settings)
    if not settings.sentry_dsn:
        return ()
    import sentry_sdk
    from sentry_sdk.transport import HttpTransport

    class Transport(HttpTransport):
        TIMEOUT = 10  # seconds, as of every call of ours

    sentry_sdk.init(
        settings.sentry_dsn,
        release=f"colophon@{__version__}",
        server_name=urlsplit(settings.site_url).hostname,
        before_send=scrubbed,
        transport=Transport,
        default_integrations=False,  # they read requests, arguments of the command, and whatever is logged
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
    )
    atexit.register(sentry_sdk.flush, _FLUSH_SECONDS)
    return (report,)


def report(_logger: object, method: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    """Sends what failed, and adds the id of the report as `error_id`, to the answer of a request too."""
    found = line.get("exc_info")
    if method not in _ERRORS or not found:
        return line
    error = found if isinstance(found, BaseException) else found[1] if isinstance(found, tuple) else sys.exc_info()[1]
    sent = _sent(error, line) if error is not None else None
    if sent is not None:
        line["error_id"] = sent
        if "request_id" in line:
            bind_contextvars(error_id=sent)
    return line


def _sent(error: BaseException, line: structlog.types.EventDict) -> str | None:
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        for name in _TAGS:
            if name in line:
                scope.set_tag(name, str(line[name]))
        return scope.capture_exception(error)


def scrubbed(event: "Event", _hint: "Hint") -> "Event":
    """Only what is named here: messages of errors quote what people wrote, and are in the log alone."""
    kept: dict[str, Any] = {name: event[name] for name in _OF_EVENT if name in event}  # type: ignore[literal-required]
    errors = (event.get("exception") or {}).get("values") or []
    kept["exception"] = {"values": [_without_words(error) for error in errors]}
    return kept  # type: ignore[return-value]


def _without_words(error: Mapping[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    shown = [{name: frame[name] for name in _OF_FRAME if name in frame} for frame in frames]
    return {**{name: error[name] for name in _OF_ERROR if name in error}, "stacktrace": {"frames": shown}}
