"""FAIR-Checker's metrics, each worth two points, over the RDF that it finds of a landing page.

Three of the twelve ask registries of ontologies on other hosts, and are not here. The tool itself no package registry
has.
Specified by: FAIR-Checker (doi:10.1186/s13326-023-00289-5): F1A, F1B, F2A, A1.1, A1.2, I1, I3, R1.1, R1.2.
"""

from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Quad, Store

ASKS_REGISTRIES = ("F2B", "I2", "R1.3")
_NAMESPACES = {
    "cc": "http://creativecommons.org/ns#",
    "dct": "http://purl.org/dc/terms/",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "http://schema.org/",  # the tool knows no https here, which is what schema.org itself recommends
    "xhv": "http://www.w3.org/1999/xhtml/vocab#",
}
_ONE_OF = {
    "F1B": "dct:identifier schema:identifier",
    "A1.2": "odrl:hasPolicy dct:rights dct:accessRights dct:license schema:license",
    "R1.1": "schema:license dct:license cc:license xhv:license",
    "R1.2": (
        "prov:wasGeneratedBy prov:wasDerivedFrom prov:wasAttributedTo prov:used prov:wasInformedBy "
        "prov:wasAssociatedWith prov:startedAtTime prov:endedAtTime dct:hasVersion dct:creator dct:contributor "
        "pav:hasVersion pav:hasCurrentVersion pav:createdBy pav:authoredBy pav:retrievedFrom pav:importedFrom "
        "pav:createdWith pav:retrievedBy pav:importedBy pav:curatedBy pav:createdAt pav:previousVersion"
    ),
}
"""Properties of which one must be there."""
_AUTHORITIES = 3
"""Hosts of IRIs; there must be more."""
_PERSISTENT = ("doi.", "w3id.", "purl.")
FULL = 18


def points(address: str, status: int, graph: set[Quad]) -> dict[str, int]:
    """By metric: of a page at an address that answered with a status."""
    met = {"F1A": status == 200, "A1.1": status != 404, "F2A": bool(graph), "I1": bool(graph)}
    store = Store()
    store.bulk_extend(graph)
    prologue = "".join(f"PREFIX {name}: <{iri}> " for name, iri in _NAMESPACES.items())
    for metric, names in _ONE_OF.items():
        met[metric] = bool(store.query(f"{prologue} ASK {{ VALUES ?p {{ {names} }} ?s ?p ?o }}"))
    met["F1B"] |= any(part in urlsplit(address).netloc for part in _PERSISTENT)
    nodes = {term.value for quad in graph for term in (quad.subject, quad.object) if isinstance(term, NamedNode)}
    met["I3"] = len({urlsplit(node).netloc for node in nodes}) > _AUTHORITIES
    return {metric: 2 * is_met for metric, is_met in met.items()}
