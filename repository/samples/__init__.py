"""Thirty sample records that show the breadth of what a repository holds; `colophon demo` deposits them.

People, places and results are invented. Each record is a file `records/NN-<key>.json`:

    {"versions": [{"body": {…}, "files": [{"key": "data/monthly.csv", "path": "alder-brook/data/monthly.csv"}]}, …],
     "withdraw": {…}}

`body` is the body of a deposit in the API's input shape: `access`, `files` (`enabled` only), `metadata`, and where
there are any `custom_fields` and `pids` (external DOIs). That of a later version holds only what differs from the
version before: other metadata fields stay, and of the other keys the given ones replace the old ones whole; `load`
puts them together. `files` are all files of the version; `key` is the name in the record, `path` lies under `files/`,
where program code ends in `.txt`, so that no tool takes it for ours. A record with `withdraw` is withdrawn, once
published, with this as the wish for its tombstone.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from repository.records.snapshot import Json

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class SampleFile:
    key: str
    """Name in the record."""
    path: Path
    """Where the bytes lie."""


@dataclass(frozen=True, slots=True)
class SampleVersion:
    body: Json
    """Whole body of the deposit: `{access, files: {enabled}, metadata, custom_fields?, pids?}`."""
    files: tuple[SampleFile, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    key: str
    """Short name, unique among the samples."""
    versions: tuple[SampleVersion, ...]
    """At least one, the oldest first."""
    withdraw: Json | None = None
    """`{removal_reason: {id}, note, citation_text, is_visible}` if the record is to be withdrawn."""


def load() -> tuple[Sample, ...]:
    """All samples, in the order in which they are to be deposited."""
    return tuple(_sample(path) for path in sorted((FOLDER / "records").glob("*.json")))


def _sample(path: Path) -> Sample:
    document = orjson.loads(path.read_bytes())
    versions: list[SampleVersion] = []
    body: Json = {}
    for given in document["versions"]:
        body = _over(body, given["body"])
        versions.append(SampleVersion(body, tuple(_file(file) for file in given["files"])))
    return Sample(path.stem.partition("-")[2], tuple(versions), document.get("withdraw"))


def _over(body: Json, changes: Json) -> Json:
    """The body of the next version."""
    metadata = {**body.get("metadata", {}), **changes.get("metadata", {})}
    return {**body, **changes, "metadata": metadata}


def _file(file: dict[str, Any]) -> SampleFile:
    return SampleFile(file["key"], FOLDER / "files" / file["path"])
