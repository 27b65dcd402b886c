"""GeoJSON features in DataCite's terms: places, points, boxes, polygons."""

from repository.formats.geometry import Position, box, nested_positions, positions
from repository.records.snapshot import Json


def geo_location(feature: Json) -> Json:
    """One geoLocation; empty if the feature says nothing that DataCite can hold."""
    location: Json = {}
    if feature.get("place"):
        location["geoLocationPlace"] = feature["place"]
    geometry = feature.get("geometry") or {}
    found = list(positions(geometry))
    kind = geometry.get("type")
    ring = list(nested_positions(geometry["coordinates"][:1])) if kind == "Polygon" and found else []
    if kind == "Point" and found:
        location["geoLocationPoint"] = _point(found[0])
    elif len(ring) >= 4 and not _is_box(ring):  # the outer ring: DataCite's polygons have no holes
        location["geoLocationPolygon"] = [{"polygonPoint": _point(position)} for position in ring]
    elif found:
        west, south, east, north = box(ring or found)
        location["geoLocationBox"] = {
            "westBoundLongitude": west,
            "eastBoundLongitude": east,
            "southBoundLatitude": south,
            "northBoundLatitude": north,
        }
    return location


def _point(position: Position) -> Json:
    return {"pointLongitude": position[0], "pointLatitude": position[1]}


def _is_box(found: list[Position]) -> bool:
    """Whether the corners are those of the box around them, which may be as narrow as a line."""
    west, south, east, north = box(found)
    return set(found) == {(west, south), (east, south), (east, north), (west, north)}
