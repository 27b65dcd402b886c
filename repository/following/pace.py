"""How fast a reader goes: sizes of batches, pauses, and the length of a lease."""

import gc
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. Tests make it quick; everything else uses `PACE`."""

    lease: float = 6.0
    """A leader that has not renewed its lease for so long may be replaced."""
    poll: float = 0.2
    """Pause between two looks at the log when there is nothing to do."""
    batch: int = 150
    """Changes taken in one transaction."""
    page: int = 150
    """Records taken in one transaction when a generation is filled."""
    octets: int = 600_000
    """Most bytes of snapshots in one batch or page; as Python objects they take some ten times as much memory."""
    first_retry: float = 10.0
    """A parked change is tried again after so long, then after twice as long, …"""
    last_retry: float = 3600.0
    first_pause: float = 0.5
    """Pause after a failure of the store; doubled up to `last_pause`, so that a store that is back is soon noticed."""
    last_pause: float = 15.0
    rules: float = 10.0
    """An idle reader looks so often whether its rules have changed."""


PACE = Pace()
FILLING = Pace(page=2000, octets=8_000_000)
"""For a process that does nothing else: with four times the memory a first fill takes a fifth less of the processor."""


def collect_seldom() -> None:
    """For a process that handles record after record: they hold no cycles, and the search for some, through all that is
    in memory, takes a sixth of its time."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 1000)
