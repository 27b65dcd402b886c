"""Counts of requests over all web workers, and the state of the instance, for Prometheus.

Each worker counts in files of its own in the folder that the supervisor names (PROMETHEUS_MULTIPROC_DIR); whichever
worker is asked adds them up. Without that variable a process counts for itself.

Specified by: Prometheus text format 0.0.4.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from flask import Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from repository import __version__
from repository.api.context import house, identify, instance, viewer
from repository.auth.permissions import require
from repository.following import ReaderStatus, status
from repository.services.measures import Measures, measures

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"})
_DEAD = 0
"""The process id under which the counts of ended workers are kept."""

_requests = Counter("colophon_requests", "Answered requests.", ("method", "route", "status"), registry=None)
_durations = Histogram(
    "colophon_request_seconds", "Until the answer begins.", ("method", "route"), buckets=_SECONDS, registry=None
)


@cache
def _counted(method: str, route: str, status_code: int) -> tuple[Counter, Histogram]:
    return _requests.labels(method, route, str(status_code)), _durations.labels(method, route)


def count(method: str, route: str, status_code: int, seconds: float) -> None:
    """Counts one request; `route` is its rule, never its path: there are only so many."""
    requests, durations = _counted(method if method in _METHODS else "other", route, status_code)
    requests.inc()
    durations.observe(seconds)


def read() -> Response:
    """For admins; for everybody if `metrics.public`. Raises NotSignedIn, Forbidden."""
    if not instance().settings.metrics_public:
        identify()
        require(viewer(), "service.measure")
    registry = CollectorRegistry()
    readers = status(instance().database, house().readers)
    registry.register(_Families((*_of_readers(readers), *_of_instance(measures(instance())))))
    folder = os.environ.get(FOLDER)
    if folder is None:
        registry.register(_requests)
        registry.register(_durations)
        text = generate_latest(registry)
    else:
        MultiProcessCollector(registry, folder)
        with _alone(Path(folder)):
            text = generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


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
    yield GaugeMetricFamily("colophon_log_position", "Of the head of the change log.", found.position)
    yield GaugeMetricFamily("colophon_blobs", "Contents of files, each stored once.", found.blobs)
    yield GaugeMetricFamily("colophon_blob_bytes", "Their size.", found.blob_bytes)
    yield GaugeMetricFamily("colophon_blob_faults", "Contents that were found damaged.", found.blob_faults)
    ages = GaugeMetricFamily("colophon_oldest_seconds", "How long the oldest has been waiting.", labels=("queue",))
    ages.add_metric(("parked",), found.oldest_parked)
    ages.add_metric(("embargo",), found.oldest_due_embargo)
    ages.add_metric(("request",), found.oldest_request)
    yield ages


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def keep_counts_of_ended_workers() -> None:
    """Adds the files of processes that have ended to one, so that nothing is lost and files do not pile up."""
    folder = Path(os.environ.get(FOLDER, ""))
    if FOLDER not in os.environ:
        return
    with _alone(folder):
        for path in folder.glob("*_*.db"):
            kind, _, process = path.stem.rpartition("_")
            if int(process) == _DEAD or Path(f"/proc/{process}").exists():
                continue
            kept = MmapedDict(str(folder / f"{kind}_{_DEAD}.db"))
            for key, value, _timestamp, _place in MmapedDict.read_all_values_from_file(str(path)):
                kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
            kept.close()
            path.unlink()
