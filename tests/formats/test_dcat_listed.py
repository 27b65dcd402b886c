"""What the catalogue says of a record: a part of its own graph that conforms by itself, bounded whatever the record."""

from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
import rdflib
from corpus_records import corpus_records
from pyoxigraph import NamedNode, RdfFormat, Triple
from rdflib.namespace import DCAT, DCTERMS
from snapshots import SITE, embargoed, files_closed, full, hostile, many_authors, many_files, minimal, with_metadata

from repository.formats import dcat_listed, rdf
from repository.records.identifiers import catalogue_iri, subject_iri
from repository.records.snapshot import Snapshot
from repository.records.structure import schemas_folder

HEADER = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in rdf.PREFIXES.items())
SEE_ALSO = NamedNode("http://www.w3.org/2000/01/rdf-schema#seeAlso")


def graph_of(*snapshots: Snapshot) -> rdflib.Graph:
    text = "".join(dcat_listed.write(snapshot, SITE) for snapshot in snapshots)
    return rdflib.Graph().parse(data=HEADER + text, format="turtle")


def conforms(graph: rdflib.Graph) -> str:
    """Empty if it does, else what is wrong."""
    fine, _report, said = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(schemas_folder() / "dcat-ap-v1.ttl"))
    return "" if fine else said


def long_words() -> Snapshot:
    """Everything that a depositor may make long is long."""
    made = with_metadata(full(), title="t" * 90_000, description="č" * 200_000, publisher="p" * 90_000)
    words = [{"subject": f"{number} " + "w" * 9_000} for number in range(900)]
    authors = [dict(entry, affiliations=[{"name": f"a{n}" * 500} for n in range(300)])
               for entry in made.metadata["creators"] * 40]  # fmt: skip
    return with_metadata(made, subjects=words, creators=authors)


def test_what_is_listed_is_bounded_and_conforms_by_itself() -> None:
    hard = (minimal(1), full(2), embargoed(3), files_closed(4), hostile(5), many_files(1000), many_authors(3000))
    for snapshot in (*hard, long_words()):
        assert len(dcat_listed.write(snapshot, SITE).encode()) <= dcat_listed.LARGEST
        assert conforms(graph_of(snapshot)) == ""


def test_records_of_the_corpus_are_listed_by_a_part_of_their_graph(shared: Path) -> None:
    """But for long texts, and for what says where the whole is."""
    records = corpus_records(shared / "corpus" / "datacite")[::25]
    catalogue = NamedNode(catalogue_iri(SITE))
    whole = 0
    for snapshot in records:
        said = dcat_listed.write(snapshot, SITE)
        assert len(said.encode()) <= dcat_listed.LARGEST
        listed: set[Triple] = {quad.triple for quad in pyoxigraph.parse(HEADER + said, format=RdfFormat.TURTLE)}
        more = listed - set(rdf.triples(snapshot, SITE))
        texts = [triple for triple in more if str(triple.object).rstrip('"').endswith("…")]
        assert all(triple.subject == catalogue or triple.predicate == SEE_ALSO for triple in more - set(texts))
        whole += not texts
    assert whole > 0.9 * len(records) > 40
    assert conforms(graph_of(*records[:30])) == ""


@pytest.mark.parametrize(("number", "told"), [(dcat_listed.FILES, dcat_listed.FILES), (dcat_listed.FILES + 1, 1)])
def test_of_more_files_than_some_the_archive_is_listed(number: int, told: int) -> None:
    snapshot = many_files(number)
    graph = graph_of(snapshot)
    files = list(graph.objects(rdflib.URIRef(subject_iri(SITE, snapshot)), DCAT.distribution))
    assert len(files) == told
    assert told > 1 or str(graph.value(files[0], DCAT.downloadURL)).endswith("/files-archive")
    assert all(graph.value(node, DCAT.accessURL) for node in files)


def test_a_description_is_listed_as_it_is() -> None:
    """Not the beginning, as in feeds."""
    snapshot = with_metadata(minimal(), description="<p>It rains. </p>" * 300)
    graph = graph_of(snapshot)
    (said,) = graph.objects(rdflib.URIRef(subject_iri(SITE, snapshot)), DCTERMS.description)
    assert str(said).count("It rains.") == 300
