"""Where places are on a map: their shapes and the box around them, also across the antimeridian.

Degrees; a longitude may go beyond 180 where something lies across. Specified by: RFC 7946, 3.1 and 5.2.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from repository.formats.geometry import Position, nested_positions
from repository.records.snapshot import Json
from site_builder.texts import Texts, decimal_text

Form = Literal["point", "line", "area"]
_POINTS, _LINES, _RINGS = ("Point", "MultiPoint"), ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Shape:
    form: Form
    positions: tuple[Position, ...]
    """At least one. An area is its outer ring."""

    @property
    def west(self) -> float:
        return min(longitude for longitude, _latitude in self.positions)

    @property
    def east(self) -> float:
        return max(longitude for longitude, _latitude in self.positions)


@dataclass(frozen=True, slots=True)
class Extent:
    """A box; `west` is from -180 to 180, `east` is greater than `west` also across the antimeridian."""

    west: float
    south: float
    east: float
    north: float


def shapes(geometry: Json) -> Iterator[Shape]:
    """Of a geometry of any type; what is impossible in it is left out."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind in _POINTS:
        yield from (Shape("point", (position,)) for position in nested_positions(coordinates))
    elif kind in _LINES:
        for line in [coordinates] if kind == "LineString" else _listed(coordinates):
            yield from _shape("line", list(nested_positions(line)))
    elif kind in _RINGS:
        for polygon in [coordinates] if kind == "Polygon" else _listed(coordinates):
            yield from _shape("area", list(nested_positions(_listed(polygon)[:1])))
    for inner in geometry.get("geometries") or ():
        yield from shapes(inner)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _shape(form: Form, found: Sequence[Position]) -> Iterator[Shape]:
    if found:
        yield Shape(form, tuple(_continued(found) if _is_across(form, found) else found))


def _is_across(form: Form, found: Sequence[Position]) -> bool:
    """A line goes the shorter way. A ring is walked with its inside on the left, so one that seems to be walked the
    other way, and to be wider than half the world, lies across the antimeridian."""
    widest = max((abs(after[0] - before[0]) for before, after in pairwise(found)), default=0.0)
    if not 180 < widest < 359:
        return False
    doubled = sum(before[0] * after[1] - after[0] * before[1] for before, after in pairwise(found))
    return form == "line" or doubled < 0


def _continued(found: Sequence[Position]) -> Iterator[Position]:
    """No step is wider than half the world."""
    turns, last = 0, found[0][0]
    for longitude, latitude in found:
        turns += (last - longitude > 180) - (longitude - last > 180)
        last = longitude
        yield longitude + 360 * turns, latitude


def extent(found: Sequence[Shape]) -> Extent:
    """The smallest box around at least one shape: what is left out of it is the widest gap on the way round."""
    latitudes = [latitude for shape in found for _longitude, latitude in shape.positions]
    spans = sorted(_from_west(shape) for shape in found)
    west, reached = spans[0]
    gap, around = 0.0, (west, west)
    for start, end in spans:
        if start - reached > gap:
            gap, around = start - reached, (start, reached + 360)
        reached = max(reached, end)
    if west + 360 - reached >= gap:
        around = west, min(reached, west + 360)
    return Extent(around[0], min(latitudes), around[1], max(latitudes))


def _from_west(shape: Shape) -> tuple[float, float]:
    """Where it begins and ends; it begins between -180 and 180."""
    west = shape.west if -180 <= shape.west <= 180 else (shape.west + 180) % 360 - 180
    return west, west + shape.east - shape.west


def moved(shape: Shape, into: Extent) -> Iterator[Position]:
    """Its positions where the box is, whichever way round that lies."""
    turns = 0
    while shape.west + 360 * turns < into.west - 1e-9:
        turns += 1
    while shape.west + 360 * (turns - 1) >= into.west - 1e-9:
        turns -= 1
    return ((longitude + 360 * turns, latitude) for longitude, latitude in shape.positions)


def coordinates_text(found: Iterable[Shape], texts: Texts) -> str:
    """`55.68° N, 12.57° E`, or the south-western and north-eastern corner of the box; empty where there is none."""
    shapes_found = list(found)
    if not shapes_found:
        return ""
    box = extent(shapes_found)
    corner = _corner(box.south, box.west, texts)
    if (box.west, box.south) == (box.east, box.north):
        return corner
    return f"{corner} – {_corner(box.north, box.east, texts)}"


def _corner(latitude: float, longitude: float, texts: Texts) -> str:
    longitude = longitude - 360 if longitude > 180 else longitude
    said = (
        (texts.north if latitude >= 0 else texts.south, latitude),
        (texts.east if longitude >= 0 else texts.west, longitude),
    )
    return ", ".join(form.format(decimal_text(f"{abs(angle):.6g}", texts.language)) for form, angle in said)
