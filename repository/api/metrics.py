"""Counts of requests over all web workers, and the state of the instance, for Prometheus.

Each worker counts in files of its own (`worker_counts`), in the folder that the supervisor names in the variable
PROMETHEUS_MULTIPROC_DIR; whichever worker is asked adds them up. Without that variable a process counts for itself.

Specified by: Prometheus text format 0.0.4.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from flask import Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from repository import __version__
from repository.api.context import house, identify, instance, viewer
from repository.api.stores import OK
from repository.api.worker_counts import FOLDER, Room, WorkerCounts
from repository.auth.permissions import require
from repository.following import ReaderStatus, status
from repository.services.measures import Measures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"})
_requests = Counter("colophon_requests", "Answered requests.", ("method", "route", "status"), registry=None)
_durations = Histogram(
    "colophon_request_seconds", "Until the answer begins.", ("method", "route"), buckets=_SECONDS, registry=None
)


_folder = Path(os.environ[FOLDER]) if FOLDER in os.environ else None
_room = Room(_folder)
_known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}


def count(method: str, route: str, status_code: int, seconds: float) -> None:
    """Counts one request; `route` is its rule, never its path: there are only so many."""
    labels = (method if method in _METHODS else "other", route, status_code)
    counted = _known.get(labels) or _first(*labels)
    if counted is not None:
        requests, durations = counted
        requests.inc()
        durations.observe(seconds)


def _first(method: str, route: str, status_code: int) -> tuple[Counter, Histogram] | None:
    """The counts of a new kind of request; None where there is no room for them."""
    with _room.lock:
        if not _room.more():
            return None
        counted = _requests.labels(method, route, str(status_code)), _durations.labels(method, route)
        _known[method, route, status_code] = counted
    return counted


def read() -> Response:
    """For admins; for everybody if `metrics.public`. Raises NotSignedIn, Forbidden."""
    if not instance().settings.metrics_public:
        identify()
        require(viewer(), "service.measure")
    registry = CollectorRegistry()
    readers = status(instance().database, house().readers)
    families = (*_of_readers(readers), *_of_instance(house().figures.now()), _of_stores(house().stores.words()))
    registry.register(_Families(families))
    if _folder is None:
        registry.register(_requests)
        registry.register(_durations)
    else:
        registry.register(WorkerCounts(_folder))
    headers = {"Cache-Control": "no-store"}
    return Response(generate_latest(registry), content_type=CONTENT_TYPE, headers=headers)


class _Families(Collector):
    """What was measured for this answer."""

    def __init__(self, families: tuple[GaugeMetricFamily, ...]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._families


def _of_readers(readers: tuple[ReaderStatus, ...]) -> Iterator[GaugeMetricFamily]:
    lag = GaugeMetricFamily("colophon_reader_lag_positions", "Changes that are not yet read.", labels=("reader",))
    seconds = GaugeMetricFamily("colophon_reader_lag_seconds", "Age of the oldest of them.", labels=("reader",))
    parked = GaugeMetricFamily("colophon_reader_parked", "Changes that the reader could not take.", labels=("reader",))
    led = GaugeMetricFamily("colophon_reader_led", "1 if a process drives the reader.", labels=("reader",))
    position = max((reader.head for reader in readers), default=0)
    yield GaugeMetricFamily("colophon_log_position", "Of the head of the change log.", position)
    for reader in readers:
        lag.add_metric((reader.name,), reader.lag)
        seconds.add_metric((reader.name,), reader.lag_seconds)
        parked.add_metric((reader.name,), reader.parked)
        led.add_metric((reader.name,), bool(reader.leader))
    yield from (lag, seconds, parked, led)


def _of_instance(found: Measures) -> Iterator[GaugeMetricFamily]:
    version = GaugeMetricFamily("colophon_info", "Always 1; the version is a label.", labels=("version",))
    version.add_metric((__version__,), 1)
    records = GaugeMetricFamily("colophon_records", "Records.", labels=("state",))
    for state, number in found.records.items():
        records.add_metric((state,), number)
    yield from (version, records)
    yield GaugeMetricFamily("colophon_blobs", "Contents of files, each stored once.", found.files.blobs)
    yield GaugeMetricFamily("colophon_blob_bytes", "Their size.", found.blob_bytes)
    yield GaugeMetricFamily("colophon_blob_faults", "Contents that were found damaged.", found.files.faulty)
    erased = "Contents of erased records that are still to be deleted."
    yield GaugeMetricFamily("colophon_blobs_erased", erased, found.erased_left)
    ages = GaugeMetricFamily("colophon_oldest_seconds", "How long the oldest has been waiting.", labels=("queue",))
    ages.add_metric(("parked",), found.oldest_parked)
    ages.add_metric(("embargo",), found.oldest_due_embargo)
    ages.add_metric(("request",), found.oldest_request)
    yield ages


def _of_stores(words: Mapping[str, str]) -> GaugeMetricFamily:
    answering = GaugeMetricFamily("colophon_store_up", "1 if the store answers.", labels=("store",))
    for name, word in words.items():
        answering.add_metric((name,), word == OK)
    return answering
