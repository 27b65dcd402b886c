"""Places and periods of a record as RDF."""

from pyoxigraph import Literal, NamedNode

from repository.formats.dates import bounds
from repository.formats.geometry import box_text, geometry_text, point_text, positions
from repository.formats.iris import identifier_iri
from repository.formats.rdf_graph import DCAT, DCT, GEO, LOCN, RDFS, SKOS, Graph, Said, moment, text
from repository.records.snapshot import Snapshot


def add_places(graph: Graph, snapshot: Snapshot) -> None:
    features = (snapshot.metadata.get("locations") or {}).get("features", ())
    for position, feature in enumerate(features, 1):
        place = graph.fragment(f"place-{position}")
        said: list[Said] = [
            (SKOS.prefLabel, text(feature.get("place") or "")),
            (DCT.description, text(feature.get("description") or "")),
        ]
        geometry = feature.get("geometry") or {}
        found = list(positions(geometry))
        if found and geometry.get("type") == "Point":
            said.append((DCAT.centroid, _wkt(point_text(found[0]))))
        elif found:
            said.append((DCAT.bbox, _wkt(box_text(found))))
        if found:
            whole = (GEO.asWKT, _wkt(geometry_text(geometry)))
            said.append((LOCN.geometry, graph.describe(f"{place}-geometry", (LOCN.Geometry,), whole)))
        for entry in feature.get("identifiers") or ():
            iri = identifier_iri(entry["scheme"], entry["identifier"])
            # not skos:exactMatch, by which a place would be a concept
            said.append((RDFS.seeAlso, NamedNode(iri)) if iri else (LOCN.geographicName, text(entry["identifier"])))
        graph.add(DCT.spatial, graph.describe(place, (DCT.Location,), *said))


def _wkt(value: str) -> Literal:
    return Literal(value, datatype=GEO.wktLiteral)


def period(graph: Graph, name: str, value: str) -> NamedNode:
    """The node of a date or an interval. Specified by: DCAT 3, 6.15."""
    begin, end = bounds(value)
    said = ((DCAT.startDate, moment(begin)), (DCAT.endDate, moment(end)))
    return graph.describe(graph.fragment(name), (DCT.PeriodOfTime,), *said)
