"""Readers of the change log: the protocol that each one fulfils, and the loop that drives it."""

from repository.following.loop import follow
from repository.following.pace import FILLING, PACE, Pace, collect_seldom
from repository.following.parking import Parked, parked
from repository.following.projection import Projection, Written, less_visible
from repository.following.requests import FINISHED, Request, ask, leave, request, wait
from repository.following.running import Outcome, follow_all, run_until_current
from repository.following.status import ReaderStatus, status

__all__ = [
    "FILLING",
    "FINISHED",
    "PACE",
    "Outcome",
    "Pace",
    "Parked",
    "Projection",
    "ReaderStatus",
    "Request",
    "Written",
    "ask",
    "collect_seldom",
    "follow",
    "follow_all",
    "leave",
    "less_visible",
    "parked",
    "request",
    "run_until_current",
    "status",
    "wait",
]
