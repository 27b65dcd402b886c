"""DataCite's geoLocations → GeoJSON features.

Specified by: RFC 7946 (longitude before latitude, closed rings); DataCite 4.7 §18, kernel 3 (texts `lat lon`).
"""

import re
from typing import Any

from repository.formats.reading.intake import Intake, take, take_entries, text
from repository.records.snapshot import Json

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.IGNORECASE)
_LATITUDES = ("southBoundLatitude", "northBoundLatitude")
_LONGITUDES = ("westBoundLongitude", "eastBoundLongitude")
Position = list[float]


def read(document: Json, intake: Intake, *keys: str) -> list[Json]:
    """The features of all places in the lists `keys`, which it takes. A place with several shapes becomes several."""
    features: list[Json] = []
    for path, value in take_entries(document, *keys):
        entry = {"geoLocationPlace": value} if isinstance(value, str) else value
        if isinstance(entry, dict):
            features += _features(entry)
        intake.keep(path, entry)
    return features


def _features(entry: Json) -> list[Json]:
    names = [name for _, value in _take_texts(entry, "geoLocationPlace") if (name := text(value))]
    shapes = [*_points(entry), *_boxes(entry), *_polygons(entry)]
    features: list[Json] = [{"geometry": shape} for shape in shapes]
    for number, name in enumerate(names):
        if number < len(features):
            features[number]["place"] = name
        else:
            features.append({"place": name})
    return features


def _take_texts(entry: Json, key: str) -> list[tuple[str, Any]]:
    """The entries of `key` if all of them are texts; else nothing is taken."""
    value = entry.get(key)
    values = value if isinstance(value, list) else [value]
    return list(take_entries(entry, key)) if value and all(isinstance(one, str) for one in values) else []


def _points(entry: Json) -> list[Json]:
    """`{pointLatitude, pointLongitude}`, or in kernel 3 the text `lat lon`."""
    value = entry.get("geoLocationPoint")
    position = None
    if isinstance(value, dict):
        position = _take_point(value)
    elif numbers := _numbers(value, 2):
        position = _position(numbers[1], numbers[0])
        if position:
            del entry["geoLocationPoint"]
    return [{"type": "Point", "coordinates": position}] if position else []


def _boxes(entry: Json) -> list[Json]:
    """Four bounds, or in kernel 3 the text `south west north east`."""
    value = entry.get("geoLocationBox")
    if isinstance(value, dict):
        south, north = (_number(value.get(key)) for key in _LATITUDES)
        west, east = (_number(value.get(key)) for key in _LONGITUDES)
    elif numbers := _numbers(value, 4):
        south, west, north, east = numbers
    else:
        return []
    corners = [_position(*corner) for corner in ((west, south), (east, south), (east, north), (west, north))]
    ring = [corner for corner in corners if corner]
    if len(ring) < 4:
        return []
    if isinstance(value, dict):
        for key in (*_LATITUDES, *_LONGITUDES):
            del value[key]
    else:
        del entry["geoLocationBox"]
    return [{"type": "Polygon", "coordinates": [[*ring, ring[0]]]}]


def _polygons(entry: Json) -> list[Json]:
    """Lists of `{polygonPoint}`, lists of such lists, or kernel 4's `{polygonPoint: [...]}` and lists of those.
    What a polygon has beside its ring (`inPolygonPoint`) stays where it is."""
    found = []
    value = entry.get("geoLocationPolygon")
    candidates: list[Any] = [value]
    if isinstance(value, list) and not any(_is_single_point(one) for one in value):
        candidates = value
    for candidate in candidates:
        if shape := _polygon(candidate):
            found.append(shape)
    return found


def _is_single_point(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("polygonPoint"), dict)


def _polygon(value: Any) -> Json | None:
    points: list[Json] = []
    if isinstance(value, dict) and isinstance(value.get("polygonPoint"), list):
        points = [point for point in value["polygonPoint"] if isinstance(point, dict)]
    elif isinstance(value, list):
        points = [one["polygonPoint"] for one in value if _is_single_point(one)]
    ring = [_point(point) for point in points]
    positions = [position for position in ring if position]
    if len(positions) < 3 or len(positions) < len(ring):
        return None
    if positions[0] != positions[-1]:
        positions.append(positions[0])
    if len(positions) < 4:
        return None
    for point in points:
        _take_point(point)
    return {"type": "Polygon", "coordinates": [positions]}


def _point(value: Json) -> Position | None:
    return _position(_number(value.get("pointLongitude")), _number(value.get("pointLatitude")))


def _take_point(value: Json) -> Position | None:
    position = _point(value)
    if position:
        take(value, "pointLongitude")
        take(value, "pointLatitude")
    return position


def _position(longitude: float | None, latitude: float | None) -> Position | None:
    if longitude is None or latitude is None or not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return None
    return [longitude, latitude]


def _numbers(value: Any, count: int) -> list[float]:
    """So many numbers in a text, else none."""
    words = text(value).replace(",", " ").split()
    found = [number for word in words if (number := _number(word)) is not None]
    return found if len(found) == len(words) == count else []


def _number(value: Any) -> float | None:
    said = text(value)
    if not _NUMBER.fullmatch(said) or not said.isascii():
        return None
    return int(said) if said.lstrip("+-").isdecimal() else float(said)
