"""Positions in GeoJSON geometries. Specified by: RFC 7946, 3.1; longitude and latitude in degrees, WGS 84."""

from collections.abc import Iterator
from typing import Any

from repository.records.snapshot import Json

_NUMBER = (int, float)
Position = tuple[float, float]
"""Longitude and latitude."""


def positions(geometry: Json) -> Iterator[Position]:
    """All positions of a geometry of any type, collections too; impossible ones left out."""
    yield from nested_positions(geometry.get("coordinates"))
    for inner in geometry.get("geometries") or ():
        yield from positions(inner)


def nested_positions(coordinates: Any) -> Iterator[Position]:
    """Those in coordinates, however deeply they are nested."""
    if not isinstance(coordinates, list) or not coordinates:
        return
    if isinstance(coordinates[0], _NUMBER):
        longitude, latitude = coordinates[0], coordinates[1] if len(coordinates) > 1 else None
        if isinstance(latitude, _NUMBER) and -180 <= longitude <= 180 and -90 <= latitude <= 90:
            yield longitude, latitude
        return
    for inner in coordinates:
        yield from nested_positions(inner)


def box(found: list[Position]) -> tuple[float, float, float, float]:
    """West, south, east, north of at least one position."""
    longitudes = [longitude for longitude, _ in found]
    latitudes = [latitude for _, latitude in found]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def point_text(position: Position) -> str:
    """As WKT. Specified by: OGC 06-103r4, 7."""
    return f"POINT({position[0]} {position[1]})"


def box_text(found: list[Position]) -> str:
    """The box around at least one position, as a polygon in WKT."""
    west, south, east, north = box(found)
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


def geometry_text(geometry: Json) -> str:
    """Any geometry as WKT, without altitudes. Specified by: OGC 06-103r4, 7."""
    kind = geometry["type"].upper()
    if kind == "GEOMETRYCOLLECTION":
        parts = ",".join(geometry_text(inner) for inner in geometry["geometries"])
        return f"{kind}({parts})"
    if kind == "POINT":
        return point_text(geometry["coordinates"])
    if kind == "MULTIPOINT":
        return f"{kind}({','.join(f'({_nested(point)})' for point in geometry['coordinates'])})"
    return f"{kind}{_nested(geometry['coordinates'])}"


def _nested(coordinates: Any) -> str:
    if not coordinates:
        return "EMPTY"
    if isinstance(coordinates[0], _NUMBER):
        return f"{coordinates[0]} {coordinates[1]}"
    return "(" + ",".join(_nested(inner) for inner in coordinates) + ")"
