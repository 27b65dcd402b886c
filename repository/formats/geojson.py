"""The places of a record as GeoJSON: one feature a place, with the name of the record, so that a map can say it.

A place without a geometry is a feature whose geometry is null. Properties that InvenioRDM writes keep their names.
Specified by: RFC 7946, 3.2, 3.3 and 5.
"""

import orjson

from repository.formats.format import Format, source_digest
from repository.formats.geometry import box, positions
from repository.formats.text import plain_title
from repository.records.identifiers import subject_iri
from repository.records.snapshot import Json, Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    features = [_feature(place, snapshot, site) for place in _places(snapshot)]
    found = [position for place in _places(snapshot) for position in positions(place.get("geometry") or {})]
    extent = {"bbox": box(found)} if found else {}
    return orjson.dumps({"type": "FeatureCollection", **extent, "features": features})


def has_geometry(snapshot: Snapshot) -> bool:
    """Whether one of its places can be drawn."""
    return any(True for place in _places(snapshot) for _ in positions(place.get("geometry") or {}))


def _places(snapshot: Snapshot) -> list[Json]:
    features: list[Json] = (snapshot.metadata.get("locations") or {}).get("features", [])
    return features


def _feature(place: Json, snapshot: Snapshot, site: Site) -> Json:
    geometry = place.get("geometry") or {}
    said = {name: place[name] for name in ("place", "description") if place.get(name)}
    if place.get("identifiers"):
        said["identifiers"] = [
            {"scheme": entry["scheme"], "identifier": entry["identifier"]} for entry in place["identifiers"]
        ]
    about = {"title": plain_title(snapshot.title), "record": subject_iri(site, snapshot)}
    return {
        "type": "Feature",
        "geometry": _geometry(geometry) if any(True for _ in positions(geometry)) else None,
        "properties": said | about,
    }


def _geometry(geometry: Json) -> Json:
    if "geometries" in geometry:
        return {"type": geometry["type"], "geometries": [_geometry(inner) for inner in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}


FORMAT = Format(
    name="geojson",
    title="GeoJSON",
    media_type="application/geo+json",
    file_name="record.geojson",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=("application/vnd.geo+json",),
    echoed=("application/vnd.geo+json",),
    applies=has_geometry,
)
