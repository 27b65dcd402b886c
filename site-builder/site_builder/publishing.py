"""Beside the readers: what has changed is deployed, and then told to whoever keeps copies (a CDN), from the journal.

Nothing here holds up the readers: a target or webhook that does not answer is tried again with growing pauses. What was
done is noted when it has been done, so that it may be done twice, and never not at all.
"""

import hmac
import threading
from collections.abc import Callable
from typing import Any

import orjson
import structlog

from repository.errors import ColophonError, Conflict
from repository.services.instance import Instance
from repository.settings import Settings
from site_builder.changed import EVERYTHING, Change, Journal
from site_builder.deploying import follow
from site_builder.output import Output

PERIOD = 2.0
"""Seconds between two looks."""
MOST = 1000
"""Addresses in one request."""
LONGEST_PAUSE = 300.0
SIGNATURE = "X-Colophon-Signature"
_PURGED = "purged"
_SECONDS = 20.0
log = structlog.get_logger("publishing")


class Refused(Exception):
    """The webhook did not take it."""


def watch(instance: Instance, stop: threading.Event, wait: Callable[[float], bool] | None = None) -> None:
    """The task beside the readers, until it is told to stop; there is nothing to do where neither setting is set."""
    settings, wait, failures = instance.settings, wait or stop.wait, 0
    while not stop.is_set() and (settings.site_deploy or settings.site_purge_webhook):
        try:
            with Output(settings.site_output).holding("publish.lock") as is_alone:
                if is_alone:  # of several reader processes on one folder
                    publish(settings, stop)
            failures = 0
        except Conflict:  # somebody deploys by hand
            failures = 0
        except (ColophonError, Refused, OSError) as error:
            failures += 1
            log.warning("not published yet", error=str(error), failures=failures)
        except Exception:  # whatever else it is, the next change must find this task alive
            failures += 1
            log.exception("not published yet")
        wait(min(PERIOD * 2.0 ** min(failures, 30), LONGEST_PAUSE))


def publish(settings: Settings, stop: threading.Event) -> None:
    """Deploys what has changed, then tells of it. Raises whatever hinders it."""
    output = Output(settings.site_output)
    if not output.current():
        return
    with Journal.open(output.own) as journal:
        reached = follow(settings, settings.site_deploy, journal) if settings.site_deploy else journal.last()
        while settings.site_purge_webhook and not stop.is_set():
            changes = journal.since(int(journal.fact(_PURGED) or 0), MOST)
            changes = [change for change in changes if change.number <= reached]
            if not changes:
                return
            _send(settings, changes)
            journal.note_fact(_PURGED, str(changes[-1].number))


def said(site_url: str, changes: list[Change]) -> dict[str, Any]:
    """What the webhook gets, and `colophon site changed --json` prints."""
    addresses = dict.fromkeys(change.address for change in changes)
    return {
        "site": site_url,
        "number": changes[-1].number if changes else 0,
        "everything": EVERYTHING in addresses,
        "urls": [f"{site_url}{address}" for address in addresses],
    }


def _send(settings: Settings, changes: list[Change]) -> None:
    """Raises Refused."""
    import httpx  # memory that readers without a webhook do not need

    body = orjson.dumps(said(settings.site_url, changes))
    headers = {"Content-Type": "application/json"}
    if settings.site_purge_secret:
        headers[SIGNATURE] = f"sha256={hmac.digest(settings.site_purge_secret.encode(), body, 'sha256').hex()}"
    try:
        answer = httpx.post(settings.site_purge_webhook, content=body, headers=headers, timeout=_SECONDS)
    except httpx.HTTPError as error:
        raise Refused(f"The webhook does not answer ({type(error).__name__}).") from error
    if not answer.is_success:
        raise Refused(f"The webhook answers {answer.status_code}.")
