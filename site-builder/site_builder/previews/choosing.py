"""Which files of a record are shown, and with what. The same for a page that is frozen and for one that is served."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from repository.records.snapshot import Json, Snapshot
from site_builder.landing.files import listed_entries
from site_builder.previews.cache import Cache
from site_builder.previews.kinds import kind_of
from site_builder.previews.preview import Kind, Preview

PREVIEWS = "previews"
"""The folder in that of a record which has its pictures."""
SHOWN = 5
"""Files of a page that are shown."""
_TRIED = 10
"""Files that are looked at: some of them may turn out to be broken."""
_MARKUP = 8_000
"""Bytes of markup of all previews of a page."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
Get = Callable[[str, Json, Kind], Preview | None]
"""By name in the cache: the preview of a file, None where it can't be told now."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file that is shown on the page of its record."""

    key: str
    sha256: str
    preview: Preview


def choose(snapshot: Snapshot, get: Get) -> tuple[Shown, ...]:
    """The first files that can be shown: the one that the depositor chose, then in the order of the page."""
    block = snapshot.files
    if not block.get("entries"):
        return ()
    found: list[Shown] = []
    tried, left = 0, _MARKUP
    chosen = block.get("default_preview")
    for entry in sorted(listed_entries(block), key=lambda entry: entry["key"] != chosen):
        kind = kind_of(entry)
        if kind is None or not _DIGEST.fullmatch(entry.get("sha256") or ""):
            continue
        tried += 1
        name = Cache.name(entry["sha256"], kind)
        preview = get(name, entry, kind)
        if preview is not None and preview.form != "nothing" and preview.weight <= left:
            found.append(Shown(entry["key"], entry["sha256"], preview))
            left -= preview.weight
        if tried == _TRIED or len(found) == SHOWN:
            break
    return tuple(found)


def cached(cache: Cache) -> Get:
    """Looks only: a process that answers requests makes no previews."""
    return lambda name, _entry, _kind: cache.read(name)
