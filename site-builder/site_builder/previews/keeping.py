"""Keeps the cache of previews to what the pages show, and remembers which previews are still to be made."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from site_builder.previews.cache import Cache
from site_builder.previews.uses import Uses

_FIRST_PAUSE, _LAST_PAUSE = 60.0, 3600.0
"""Seconds until what could not be made is tried again; doubled each time."""
_AT_ONCE = 50


class Keeping:
    """For the one process that writes. Raises Unreachable, StoreFull."""

    def __init__(self, folder: Path) -> None:
        self.cache = Cache(folder)
        self._uses: Uses | None = None
        self._pause = _FIRST_PAUSE
        self._due = 0.0

    def begin(self) -> None:
        """Removes what a killed process left behind; nothing where there never was a preview."""
        self._due = 0.0
        if self.cache.folder.is_dir():
            self.cache.sweep(self._opened().unused)

    def end(self) -> None:
        if self._uses is not None:
            self._uses.close()
            self._uses = None

    def settle(self, used: Mapping[str, Sequence[str]], owed: Iterable[str], in_vain: Iterable[str] = ()) -> None:
        """Notes what the pages of records show now, and of which something is still to be made. What no page shows any
        more, and what was made in vain, leaves the cache unless another page shows it."""
        owed, in_vain = set(owed), list(in_vain)
        if self._uses is None and not owed and not in_vain and not any(used.values()) and not self._has_uses():
            return
        uses = self._opened()
        gone = uses.settle(used, owed)
        self.cache.remove(gone | uses.unused(in_vain))

    def owed(self) -> list[str]:
        """Records that are to be tried again now."""
        now = time.monotonic()
        if now < self._due or (self._uses is None and not self._has_uses()):
            return []
        found = self._opened().owed(_AT_ONCE)
        self._pause = self._pause if found else _FIRST_PAUSE
        self._due = now + self._pause
        self._pause = min(2 * self._pause, _LAST_PAUSE)
        return found

    def hurry(self) -> None:
        """What was tried could be made: the rest is tried at once."""
        self._due, self._pause = 0.0, _FIRST_PAUSE

    def _has_uses(self) -> bool:
        return self._path.exists()

    @property
    def _path(self) -> Path:
        return self.cache.folder / "uses.sqlite"

    def _opened(self) -> Uses:
        if self._uses is None:
            self._uses = Uses(self._path)
        return self._uses
