"""People, organisations and grants of a record as RDF."""

from pyoxigraph import NamedNode

from repository.formats.iris import agent_iri, organisation_iri
from repository.formats.rdf_graph import (
    DCAT,
    DCT,
    FOAF,
    ORG,
    PROV,
    RDFS,
    SCHEMA,
    SKOS,
    VCARD,
    Graph,
    Said,
    labels,
    text,
)
from repository.formats.schema_org_parts import award_iri
from repository.formats.text import english
from repository.records.identifiers import concept_iri
from repository.records.snapshot import Json, Site, Snapshot

_PERSON = (FOAF.Agent, FOAF.Person)
_ORGANISATION = (FOAF.Agent, FOAF.Organization)
_UNKNOWN = ":unkn"
"""A name of nothing but characters that XML can't hold; DCAT-AP demands one. Specified by: DataCite 4.6, appendix 3."""


def add_agents(graph: Graph, snapshot: Snapshot, site: Site) -> None:
    """Creators, contributors with their roles, contact points, publisher."""
    metadata = snapshot.metadata
    for position, entry in enumerate(metadata.get("creators", ()), 1):
        creator = _agent(graph, entry, f"creator-{position}")
        graph.add(DCT.creator, creator)
        graph.add(PROV.wasAttributedTo, creator)
    for position, entry in enumerate(metadata.get("contributors", ()), 1):
        contributor = _agent(graph, entry, f"contributor-{position}")
        graph.add(DCT.contributor, contributor)
        kind = snapshot.prop("contributorsroles", (entry.get("role") or {}).get("id", ""), "datacite")
        if kind:
            _role(graph, site, entry, kind, contributor, position)
    name = text(metadata.get("publisher") or "")
    if name:
        graph.add(DCT.publisher, graph.describe(graph.fragment("publisher"), _ORGANISATION, (FOAF.name, name)))


def _agent(graph: Graph, entry: Json, name: str) -> NamedNode:
    party = entry["person_or_org"]
    said: list[Said] = [(FOAF.name, text(party.get("name", "")) or text(_UNKNOWN))]
    personal = party.get("type") == "personal"
    if personal:
        said.append((FOAF.givenName, text(party.get("given_name") or "")))
        said.append((FOAF.familyName, text(party.get("family_name") or "")))
    for affiliation in entry.get("affiliations") or ():
        said.append((ORG.memberOf, _organisation(graph, affiliation)))
    iri = agent_iri(party.get("identifiers")) or graph.fragment(name)
    return graph.describe(iri, _PERSON if personal else _ORGANISATION, *said)


def _organisation(graph: Graph, organisation: Json) -> NamedNode | None:
    """An affiliation or a funder; those without an IRI are one node for each name."""
    label = text(organisation.get("name") or organisation.get("id") or "")
    if label is None:
        return None
    iri = organisation_iri(organisation) or graph.organisation(label.value)
    return graph.describe(iri, _ORGANISATION, (FOAF.name, label))


def _role(graph: Graph, site: Site, entry: Json, kind: str, contributor: NamedNode, position: int) -> None:
    """The contributor's role, a term of our vocabulary; `kind` is what DataCite calls it."""
    iri = concept_iri(site.url, "contributorsroles", entry["role"]["id"])
    attribution = graph.describe(
        graph.fragment(f"attribution-{position}"),
        (PROV.Attribution,),
        (PROV.agent, contributor),
        (DCAT.hadRole, graph.describe(iri, (DCAT.Role, SKOS.Concept), *labels(entry["role"]))),
    )
    graph.add(PROV.qualifiedAttribution, attribution)
    if kind == "RightsHolder":
        graph.add(DCT.rightsHolder, contributor)
    elif kind == "ContactPerson":
        name = (VCARD.fn, text(entry["person_or_org"].get("name", "")))
        graph.add(DCAT.contactPoint, graph.describe(graph.fragment(f"contact-{position}"), (VCARD.Kind,), name))


def add_funding(graph: Graph, snapshot: Snapshot) -> None:
    for position, entry in enumerate(snapshot.metadata.get("funding", ()), 1):
        funder = _organisation(graph, entry.get("funder") or {})
        award = entry.get("award") or {}
        if not award:
            graph.add(SCHEMA.funder, funder)
            continue
        link = award_iri(award)
        iri = link if award.get("id") else graph.linked(link)
        grant = graph.describe(
            iri or graph.fragment(f"grant-{position}"),
            (SCHEMA.Grant, PROV.Entity),
            (RDFS.seeAlso, NamedNode(link) if link and not iri else None),
            (SCHEMA.identifier, text(award.get("number") or "")),
            (SCHEMA.name, text(english(award.get("title")))),
            (SCHEMA.funder, funder),
        )
        graph.add(SCHEMA.funding, grant)
        graph.add(PROV.wasInfluencedBy, grant)
