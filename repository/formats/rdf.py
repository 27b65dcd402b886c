"""A record as RDF: DCAT-AP 3 with the vocabularies that it borrows from. All RDF formats and the graph store use it.

The subject is the DOI's IRI if there is a DOI, else the landing page; the landing page is the dcat:CatalogRecord whose
foaf:primaryTopic is the subject. Without a DOI, one node is both.
Specified by: DCAT-AP 3.0; DCAT 3; CiteDCAT-AP for relations.
"""

from collections.abc import Iterator
from itertools import starmap

import pyoxigraph

from repository.formats.access_rights import stated_right
from repository.formats.containers import containers
from repository.formats.dates import bounds
from repository.formats.iris import clean_iri, identifier_iri
from repository.formats.languages import language_iri, language_tag
from repository.formats.licences import licence_iri, licences
from repository.formats.rdf_agents import add_agents, add_funding
from repository.formats.rdf_files import add_distributions
from repository.formats.rdf_graph import (
    ADMS,
    DCAT,
    DCT,
    FOAF,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    VOID,
    WDRS,
    Graph,
    Said,
    Statement,
    date,
    labels,
    moment,
    text,
)
from repository.formats.rdf_places import add_places, period
from repository.formats.rdf_relations import add_relations, add_versions
from repository.formats.text import english, plain, plain_title
from repository.records.identifiers import (
    all_data_iri,
    catalogue_iri,
    concept_iri,
    format_url,
    landing_iri,
    oai_identifier,
    subject_iri,
)
from repository.records.snapshot import Site, Snapshot

__all__ = ["PREFIXES", "graph_of", "statements", "triples"]

_DATES = {
    "accepted": DCT.dateAccepted,
    "available": DCT.available,
    "copyrighted": DCT.dateCopyrighted,
    "created": DCT.created,
    "submitted": DCT.dateSubmitted,
    "valid": DCT.valid,
}
PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"
"""The version of DCAT-AP that the graph obeys."""
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
DOCUMENTS = tuple(
    (file_name, pyoxigraph.NamedNode(_MEDIA_TYPES + media_type))
    for file_name, media_type in (
        ("record.ttl", "text/turtle"),
        ("record.nt", "application/n-triples"),
        ("record.rdf", "application/rdf+xml"),
        ("record.jsonld", "application/ld+json"),
    )
)
"""Files with this graph, and what they are by IANA's list."""
_DESCRIPTIONS = {"table-of-contents": DCT.tableOfContents}

_made_last: tuple[Snapshot, Site, list[Statement], list[pyoxigraph.Triple]] | None = None


def triples(snapshot: Snapshot, site: Site) -> list[pyoxigraph.Triple]:
    """What everybody may know of a public record, each triple once, without blank nodes.

    The graph of the record in a store is named by `landing_iri(site, snapshot.id)`. All serialisations are written from
    this list; the one made last is kept, since building it takes longer than writing it.
    """
    return _made(snapshot, site)[3]


def statements(snapshot: Snapshot, site: Site) -> list[Statement]:
    """The same for who looks into each."""
    return _made(snapshot, site)[2]


def _made(snapshot: Snapshot, site: Site) -> tuple[Snapshot, Site, list[Statement], list[pyoxigraph.Triple]]:
    global _made_last  # noqa: PLW0603 — one graph for all syntaxes of a record
    made = _made_last
    if made is None or made[0] is not snapshot or made[1] != site:
        said = graph_of(snapshot, site).statements()
        made = _made_last = snapshot, site, said, list(starmap(pyoxigraph.Triple, said))
    return made


def graph_of(snapshot: Snapshot, site: Site) -> Graph:
    """The same before it is closed, for formats that say more."""
    graph = Graph(subject_iri(site, snapshot), landing_iri(site, snapshot.id))
    graph.add(RDF.type, DCAT.Dataset)
    graph.add(RDF.type, DCAT.Resource)
    _titles(graph, snapshot)
    _identifiers(graph, snapshot)
    _kind(graph, snapshot, site)
    add_agents(graph, snapshot, site)
    _dates(graph, snapshot)
    _languages(graph, snapshot)
    _subjects(graph, snapshot, site)
    licensed = _rights(graph, snapshot)
    add_relations(graph, snapshot)
    add_versions(graph, snapshot, site)
    add_funding(graph, snapshot)
    add_places(graph, snapshot)
    if snapshot.custom_fields:
        _custom_fields(graph, snapshot)
    if snapshot.files_listed:
        add_distributions(graph, snapshot, site, licensed)
    _catalog_record(graph, snapshot, site)
    return graph


def _titles(graph: Graph, snapshot: Snapshot) -> None:
    metadata = snapshot.metadata
    title = text(plain_title(snapshot.title)) or text(snapshot.id)  # DCAT-AP demands one
    graph.add(DCT.title, title)
    for entry in metadata.get("additional_titles", ()):
        graph.add(DCT.alternative, text(plain_title(entry["title"]), language_tag(snapshot, entry)))
    # DCAT-AP demands a description of every dataset: a record that has none is described by its title
    graph.add(DCT.description, text(plain(metadata.get("description") or "")) or title)
    for entry in metadata.get("additional_descriptions", ()):
        predicate = _DESCRIPTIONS.get((entry.get("type") or {}).get("id", ""), DCT.description)
        graph.add(predicate, text(plain(entry["description"]), language_tag(snapshot, entry)))
    graph.add(DCAT.version, text(metadata.get("version") or ""))


def _identifiers(graph: Graph, snapshot: Snapshot) -> None:
    graph.add(DCT.identifier, text(graph.subject.value))
    for position, entry in enumerate(snapshot.metadata.get("identifiers", ()), 1):
        scheme, notation = entry.get("scheme", ""), text(entry["identifier"])
        if notation is None:
            continue
        iri = identifier_iri(scheme, entry["identifier"])
        node = graph.describe(
            graph.fragment(f"identifier-{position}"),
            (ADMS.Identifier,),
            (SKOS.notation, notation),
            (ADMS.schemaAgency, text(scheme)),
            (RDFS.seeAlso, pyoxigraph.NamedNode(iri) if iri else None),
        )
        graph.add(ADMS.identifier, node)


def _kind(graph: Graph, snapshot: Snapshot, site: Site) -> None:
    kind = snapshot.metadata.get("resource_type")
    if kind:
        iri = concept_iri(site.url, "resourcetypes", kind["id"])
        graph.add(DCT.type, graph.describe(iri, (SKOS.Concept,), *labels(kind)))


def _dates(graph: Graph, snapshot: Snapshot) -> None:
    graph.add(DCT.issued, moment(bounds(snapshot.metadata.get("publication_date", ""))[0]))
    updated = snapshot.updated
    for position, entry in enumerate(snapshot.metadata.get("dates", ()), 1):
        kind, value = (entry.get("type") or {}).get("id", ""), entry["date"]
        if kind == "updated":
            updated = bounds(value)[1]
        elif kind == "coverage":
            graph.add(DCT.temporal, period(graph, f"period-{position}", value))
        elif kind == "collected":
            activity = graph.describe(
                graph.fragment(f"collection-{position}"),
                (PROV.Activity,),
                (RDFS.label, text(entry.get("description") or "")),
                (DCT.temporal, period(graph, f"period-{position}", value)),
            )
            graph.add(PROV.wasGeneratedBy, activity)
        elif kind in _DATES:
            graph.add(_DATES[kind], date(value))
        elif kind != "issued":
            graph.add(DCT.date, date(value))
    if graph.subject.value != graph.landing:
        graph.add(DCT.modified, moment(updated))


def _languages(graph: Graph, snapshot: Snapshot) -> None:
    for entry in snapshot.metadata.get("languages", ()):
        iri = language_iri(snapshot, entry["id"])
        if iri:
            graph.add(DCT.language, graph.describe(iri, (DCT.LinguisticSystem,)))


def _subjects(graph: Graph, snapshot: Snapshot, site: Site) -> None:
    for entry in snapshot.metadata.get("subjects", ()):
        label, identifier = text(entry.get("subject", "")), entry.get("id", "")
        if not identifier:
            graph.add(DCAT.keyword, label)
            continue
        iri = clean_iri(identifier) if identifier.startswith(("http://", "https://")) else ""
        said: list[Said] = [(SKOS.prefLabel, label or text(identifier))]
        name = text(entry.get("scheme") or "")
        if name is not None:
            scheme = concept_iri(site.url, "subjects", entry["scheme"])
            said.append((SKOS.inScheme, graph.describe(scheme, (SKOS.ConceptScheme,), (DCT.title, name))))
        concept = graph.describe(iri or concept_iri(site.url, "subjects", identifier), (SKOS.Concept,), *said)
        graph.add(DCT.subject, concept)
        graph.add(DCAT.theme, concept)  # DCAT-AP knows no other word for it


def _rights(graph: Graph, snapshot: Snapshot) -> list[pyoxigraph.NamedNode]:
    """Licences, copyright and access; returns the licences."""
    licensed = []
    for position, entry in enumerate(licences(snapshot.metadata), 1):
        link = licence_iri(entry)
        iri = link if entry.get("id") else graph.linked(link)
        licence = graph.describe(
            iri or graph.fragment(f"licence-{position}"),
            (DCT.LicenseDocument,),
            (DCT.title, text(english(entry.get("title")) or entry.get("id", ""))),
            (DCT.identifier, text(entry.get("id", ""))),
            (RDFS.seeAlso, pyoxigraph.NamedNode(link) if link and not iri else None),
        )
        graph.add(DCT.license, licence)
        licensed.append(licence)
    notice = text(plain(snapshot.metadata.get("copyright") or ""))
    if notice:
        statement = graph.describe(graph.fragment("copyright"), (DCT.RightsStatement,), (RDFS.label, notice))
        graph.add(DCT.rights, statement)
    right = stated_right(snapshot)
    graph.add(DCT.accessRights, graph.describe(right.authority, (DCT.RightsStatement,)))
    label = (RDFS.label, text(right.title, "en"))
    graph.add(DCT.rights, graph.describe(right.coar, (DCT.RightsStatement,), label))
    return licensed


def _custom_fields(graph: Graph, snapshot: Snapshot) -> None:
    for container in containers(snapshot):
        graph.add(DCT.bibliographicCitation, text(container.citation))
    repository = clean_iri(snapshot.custom_fields.get("code:codeRepository") or "")
    if repository:
        graph.add(SCHEMA.codeRepository, pyoxigraph.NamedNode(repository))
    for language in snapshot.custom_fields.get("code:programmingLanguage") or ():
        graph.add(SCHEMA.programmingLanguage, text(english(language.get("title")) or language["id"]))


def _catalog_record(graph: Graph, snapshot: Snapshot, site: Site) -> None:
    if graph.subject.value != graph.landing:
        page = graph.describe(graph.landing, (FOAF.Document, DCAT.CatalogRecord), *_record_facts(graph, snapshot, site))
        graph.add(DCAT.landingPage, page)
        graph.add(FOAF.isPrimaryTopicOf, page)
        return
    graph.add(RDF.type, DCAT.CatalogRecord)
    for predicate, value in _record_facts(graph, snapshot, site):
        if predicate != DCT.issued:  # the dataset's own, and there may be but one
            graph.add(predicate, value)


def _record_facts(graph: Graph, snapshot: Snapshot, site: Site) -> tuple[Said, ...]:
    return (
        (FOAF.primaryTopic, graph.subject),
        (DCT.identifier, text(oai_identifier(site.oai_domain, snapshot.id))),
        (DCT.issued, moment(snapshot.created)),
        (DCT.modified, moment(snapshot.updated)),
        (DCT.conformsTo, graph.describe(PROFILE, (DCT.Standard,))),
        (DCT.isPartOf, pyoxigraph.NamedNode(catalogue_iri(site))),
        (VOID.inDataset, pyoxigraph.NamedNode(all_data_iri(site))),
        *_documents(graph, snapshot, site),
    )


def _documents(graph: Graph, snapshot: Snapshot, site: Site) -> Iterator[Said]:
    """The files that hold this graph: they describe the subject, and are neither it nor its page."""
    for file_name, media_type in DOCUMENTS:
        facts = ((FOAF.primaryTopic, graph.subject), (DCT.format, media_type))
        yield WDRS.describedby, graph.describe(format_url(site, snapshot.id, file_name), (FOAF.Document,), *facts)
