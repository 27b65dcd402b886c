"""A map of the places of a record: marks over the outline of the land, which is one file for all pages.

Equirectangular: x is the longitude and y the latitude turned over, in degrees.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repository.records.snapshot import Json
from site_builder.landing.geography import Extent, Shape, extent, moved, shapes
from site_builder.texts import Texts

_NARROWEST, _WHOLE = 60.0, 200.0
"""Degrees of longitude that a map shows: the outline is too coarse for less; from the second one on it is the world."""
_AROUND = 1.8
"""A map is so many times as wide as what is on it."""
_POSITIONS = 120
"""All shapes together; of more, some are left out evenly."""
_NAMES = 3
_SMALL = 0.02
"""Of the width: a shape that is smaller is marked by a point as well."""


@dataclass(frozen=True, slots=True)
class PlaceMap:
    title: str
    view: str
    """The part of the world that is shown: x, y, width, height."""
    worlds: tuple[int, ...]
    """Where the outline of the world begins, from west; there are two across the antimeridian."""
    areas: str
    lines: str
    points: str
    """Each a path; empty where there are none."""


def place_map(metadata: Json, texts: Texts) -> PlaceMap | None:
    """None where no place has coordinates."""
    features = (metadata.get("locations") or {}).get("features", ())
    found = [shape for feature in features for shape in shapes(feature.get("geometry") or {})]
    if not found:
        return None
    box = extent(found)
    x, y, width = _window(box)
    digits = 2 if width < 100 else 1
    drawn: dict[str, list[str]] = {"area": [], "line": [], "point": []}
    for shape in _fewer(found):
        positions = [f"{longitude:.{digits}f} {-latitude:.{digits}f}" for longitude, latitude in moved(shape, box)]
        drawn[shape.form].append("M" + "L".join(positions))
        if shape.form != "point" and shape.east - shape.west < _SMALL * width:
            drawn["point"].append(f"M{positions[0]}")
    names = [feature["place"] for feature in features if feature.get("place")]
    return PlaceMap(
        title=texts.map_of.format(", ".join(names[:_NAMES]) + (" …" if len(names) > _NAMES else ""))
        if names
        else texts.map,
        view=f"{x:g} {y:g} {width:g} {width / 2:g}",
        worlds=tuple(start for start in (-540, -180, 180) if start < x + width and start + 360 > x),
        areas="".join(f"{path}z" for path in drawn["area"]),
        lines="".join(drawn["line"]),
        points="".join(f"{path}h0" for path in drawn["point"]),
    )


def _window(box: Extent) -> tuple[float, float, float]:
    """Left, top and width of the part of the world around a box; twice as wide as high."""
    wide, high = box.east - box.west, box.north - box.south
    width = max(_NARROWEST, _AROUND * max(wide, 2 * high))
    if width >= _WHOLE:
        across = box.east > 180
        return (round((box.west + box.east) / 2 - 180) if across else -180), -90, 360
    width = round(width)
    left = round((box.west + box.east - width) / 2)
    top = min(max(round(-(box.south + box.north) / 2 - width / 4), -90), round(90 - width / 2))
    return left, top, width


def _fewer(found: Sequence[Shape]) -> Iterable[Shape]:
    """As many shapes, with as many positions, as a small map can show."""
    step = -(-len(found) // _POSITIONS)
    kept = found[::step]
    each = max(4, _POSITIONS // len(kept))
    for shape in kept:
        stride = -(-len(shape.positions) // each)
        yield Shape(shape.form, shape.positions[::stride]) if stride > 1 else shape
