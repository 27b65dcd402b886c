"""Bringing files to the disk beside the writing, all at once: one fsync for each would take most of the time.

What was written since the last time is noted in the catalogue, durably. If the machine went down in between, those
records are written again.
"""

import os
import threading
import time
from pathlib import Path

from site_builder.catalogue import Catalogue

_PAUSE = 5.0
"""Seconds between two times."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot() -> str:
    """Which start of the machine this is; empty where it can't be known."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def lost(catalogue: Catalogue) -> list[str]:
    """Records whose files the last fall of the machine may have taken."""
    same = boot()
    return (
        [] if same and catalogue.fact("boot") == same else [record_id for record_id, _position in catalogue.unsynced()]
    )


class Syncing:
    """For the catalogue of the current generation."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._noted: list[tuple[str, int]] = []
        self._next = 0.0

    def look(self, catalogue: Catalogue) -> None:
        """Notes that the last sync has ended, and begins the next one where it is time."""
        if self._thread is not None:
            if self._thread.is_alive():
                return
            self._end(catalogue)
        if time.monotonic() >= self._next:
            self._noted = catalogue.unsynced()
            if self._noted:
                self._next = time.monotonic() + _PAUSE
                self._thread = threading.Thread(target=os.sync, name="site sync", daemon=True)
                self._thread.start()

    def finish(self, catalogue: Catalogue) -> None:
        """Everything is on the disk when this returns."""
        if self._thread is not None:
            self._thread.join()
            self._end(catalogue)
        self._noted = catalogue.unsynced()
        if self._noted:
            os.sync()
            self._end(catalogue)

    def _end(self, catalogue: Catalogue) -> None:
        self._thread = None
        with catalogue.transaction():
            catalogue.synced(self._noted)
