"""Places: GeoJSON geometries, names of places, and their identifiers.

Specified by: RFC 7946 (longitude before latitude, WGS 84).
"""

from typing import Any

from marshmallow import ValidationError

from repository.records import schemes
from repository.records.metadata_people import identifiers
from repository.records.metadata_values import NO_OBJECT, UNKNOWN, Messages, Reader, items, shape, text
from repository.records.snapshot import Json

_DEEPEST = 8
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How many lists lie around a position."""


def _is_position(value: Any) -> bool:
    if type(value) is not list or not 2 <= len(value) <= 3 or any(type(part) not in (int, float) for part in value):
        return False
    return -180 <= value[0] <= 180 and -90 <= value[1] <= 90 and (len(value) == 2 or -1e9 < value[2] < 1e9)


def _are_coordinates(value: Any, depth: int) -> bool:
    if depth == 0:
        return _is_position(value)
    return type(value) is list and bool(value) and all(_are_coordinates(part, depth - 1) for part in value)


def _lines(kind: str, value: list[Any]) -> list[Any]:
    """All lines and rings of a geometry."""
    if kind in ("LineString", "Polygon"):
        return [value] if kind == "LineString" else value
    if kind == "MultiLineString":
        return value
    return [ring for polygon in value for ring in polygon] if kind == "MultiPolygon" else []


def _is_simple(kind: str, value: Any) -> bool:
    if not _are_coordinates(value, _DEPTHS[kind]):
        return False
    if kind.endswith("Polygon"):
        return all(len(ring) >= 4 and ring[0] == ring[-1] for ring in _lines(kind, value))
    return all(len(line) >= 2 for line in _lines(kind, value))


def _geometry(value: Any, depth: int = 0) -> Json:
    if type(value) is not dict:
        raise ValidationError(NO_OBJECT)
    kind = value.get("type")
    if type(kind) is not str or not (kind in _DEPTHS or kind == "GeometryCollection"):
        raise ValidationError({"type": [f"Invalid value. Choose one of {[*_DEPTHS, 'GeometryCollection']}."]})
    content = "geometries" if kind == "GeometryCollection" else "coordinates"
    messages: Messages = {key: [UNKNOWN] for key in value if key not in ("type", content)}
    if kind == "GeometryCollection":
        if depth == _DEEPEST:
            raise ValidationError("Nested too deeply.")
        if not value.get(content):
            raise ValidationError({content: ["No geometries."]})
        kept = items(lambda inner: _geometry(inner, depth + 1))(value[content])
    elif _is_simple(kind, value.get(content)):
        kept = value[content]
    else:
        raise ValidationError({content: [f"Invalid coordinates of a {kind}: longitude before latitude, in degrees."]})
    if messages:
        raise ValidationError(messages, valid_data={"type": kind, content: kept})
    return {"type": kind, content: kept}


def _not_empty(data: Json, messages: Messages) -> Json | None:
    if data:
        return data
    if not messages:
        messages["locations"] = ["At least one of ['geometry', 'place', 'identifiers', 'description'] must be present."]
    return None


_FEATURE = shape(
    "Feature",
    {
        "geometry": _geometry,
        "place": text(),
        "identifiers": identifiers(schemes.LOCATION),
        "description": text(),
    },
    dumped=("centroid",),
    finish=_not_empty,
)
locations: Reader = shape("Locations", {"features": items(_FEATURE)}, required=("features",))
