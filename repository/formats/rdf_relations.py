"""Relations of a record to other works, and to the other versions of itself, as RDF."""

from pyoxigraph import NamedNode

from repository.formats.iris import identifier_iri
from repository.formats.rdf_graph import DCAT, DCT, OWL, PROV, SCHEMA, Graph, text
from repository.records.identifiers import doi_iri, landing_iri
from repository.records.snapshot import Neighbour, Site, Snapshot
from repository.records.visibility import beside, latest, visible_versions

_RELATIONS = {
    "Cites": DCT.references,
    "Collects": DCT.hasPart,
    "Compiles": DCT.hasPart,
    "HasPart": DCT.hasPart,
    "HasTranslation": SCHEMA.workTranslation,
    "HasVersion": DCT.hasVersion,
    "IsCitedBy": DCT.isReferencedBy,
    "IsCollectedBy": DCT.isPartOf,
    "IsCompiledBy": DCT.isPartOf,
    "IsDerivedFrom": PROV.wasDerivedFrom,
    "IsIdenticalTo": OWL.sameAs,
    "IsNewVersionOf": DCT.replaces,
    "IsObsoletedBy": DCT.isReplacedBy,
    "IsOriginalFormOf": DCT.hasFormat,
    "IsPartOf": DCT.isPartOf,
    "IsPreviousVersionOf": DCT.isReplacedBy,
    "IsPublishedIn": DCT.isPartOf,
    "IsReferencedBy": DCT.isReferencedBy,
    "IsRequiredBy": DCT.isRequiredBy,
    "IsReviewedBy": DCT.isReferencedBy,
    "IsSourceOf": PROV.hadDerivation,
    "IsTranslationOf": SCHEMA.translationOfWork,
    "IsVariantFormOf": DCT.isFormatOf,
    "IsVersionOf": DCAT.isVersionOf,
    "Obsoletes": DCT.replaces,
    "References": DCT.references,
    "Requires": DCT.requires,
    "Reviews": DCT.references,
}
"""DataCite's relationType → property; dct:relation for all others."""


def add_relations(graph: Graph, snapshot: Snapshot) -> None:
    """Related works and references; those that have no IRI become text."""
    for entry in snapshot.metadata.get("related_identifiers", ()):
        relation = snapshot.prop("relationtypes", entry["relation_type"]["id"], "datacite")
        iri = identifier_iri(entry.get("scheme", ""), entry["identifier"])
        if iri:
            graph.add(_RELATIONS.get(relation, DCT.relation), NamedNode(iri))
        else:
            graph.add(SCHEMA.citation, text(entry["identifier"]))
    for entry in snapshot.metadata.get("references", ()):
        iri = identifier_iri(entry.get("scheme", ""), entry.get("identifier", ""))
        if iri:
            graph.add(DCT.references, NamedNode(iri))
        graph.add(SCHEMA.citation, text(entry["reference"]))


def add_versions(graph: Graph, snapshot: Snapshot, site: Site) -> None:
    """The concept behind the versions, the version before, the version after. Specified by: DCAT 3, 11.1, and 7
    for the way back, which Dublin Core's isVersionOf is not: that one may lead to an edition or an adaptation."""
    parent_doi = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    parent = doi_iri(parent_doi) if parent_doi else landing_iri(site, snapshot.parent_id)
    said = [(DCAT.hasVersion, graph.subject)]
    newest = latest(visible_versions(snapshot))
    if newest:
        is_this = newest.id == snapshot.id
        said.append((DCAT.hasCurrentVersion, graph.subject if is_this else _iri(newest, site)))
    graph.add(DCAT.isVersionOf, graph.describe(parent, (), *said))
    before, after = beside(snapshot)
    graph.add(DCAT.previousVersion, _iri(before, site) if before else None)
    graph.add(DCT.isReplacedBy, _iri(after, site) if after else None)


def _iri(version: Neighbour, site: Site) -> NamedNode:
    return NamedNode(doi_iri(version.doi) if version.doi else landing_iri(site, version.id))
