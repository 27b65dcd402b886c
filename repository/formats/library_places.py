"""Where a work is about, as catalogues put it: a name, what names it elsewhere, and the box around it."""

from collections.abc import Iterator
from dataclasses import dataclass

from repository.formats.geometry import box, positions
from repository.formats.iris import identifier_iri
from repository.records.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Place:
    """One feature; `box` is west, south, east, north in degrees."""

    name: str
    iri: str
    box: tuple[float, float, float, float] | None

    @property
    def statement(self) -> str:
        """The box as catalogues write it: `W 10.5°--E 13°/N 56.5°--S 2°`; empty without one."""
        if self.box is None:
            return ""
        west, south, east, north = self.box
        return f"{_degrees(west, 'WE')}--{_degrees(east, 'WE')}/{_degrees(north, 'SN')}--{_degrees(south, 'SN')}"


def places(snapshot: Snapshot) -> Iterator[Place]:
    for feature in (snapshot.metadata.get("locations") or {}).get("features", ()):
        found = list(positions(feature.get("geometry") or {}))
        iris = (
            identifier_iri(known.get("scheme", ""), known["identifier"]) for known in feature.get("identifiers", ())
        )
        yield Place(feature.get("place", ""), next(filter(None, iris), ""), box(found) if found else None)


def _degrees(value: float, hemispheres: str) -> str:
    number = f"{abs(value):.6f}".rstrip("0").rstrip(".")
    return f"{hemispheres[value >= 0]} {number}°"
