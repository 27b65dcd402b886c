"""Every record of the corpus, held against FAIR-Checker's metrics: what its page and the links of its header say."""

import re
from pathlib import Path

import pytest
from corpus_records import corpus_records
from fair_checker import points
from pyoxigraph import Quad, RdfFormat, parse
from snapshots import SITE

from repository.formats import FORMATS, suitable
from repository.formats.licences import licences
from repository.formats.schema_org import inline
from repository.formats.signposts import header, signposts
from repository.records.identifiers import landing_iri
from repository.records.snapshot import Snapshot

pytestmark = pytest.mark.long

BY_FILE = {form.file_name: form for form in FORMATS}
DESCRIBED = re.compile(r'/([^/>]+)>; rel="describedby"; type="text/turtle"')


def graph(record: Snapshot) -> set[Quad]:
    """Of the page's JSON-LD, and of the Turtle to which the header leads."""
    (turtle,) = DESCRIBED.findall(header(list(signposts(record, SITE, suitable(record)))))
    documents = (
        (inline(record, SITE), RdfFormat.JSON_LD),
        (BY_FILE[turtle].write(record, SITE), RdfFormat.TURTLE),
    )
    return {Quad(*quad.triple) for data, form in documents for quad in parse(data, format=form)}


@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_has_all_points_but_for_a_licence_that_is_not_given(
    shared: Path, folder: str
) -> None:
    records = corpus_records(shared / "corpus" / folder)
    assert len(records) > 500
    licensed = 0
    for record in records:
        earned = points(landing_iri(SITE, record.id), 200, graph(record))
        missed = {metric for metric, count in earned.items() if count == 0}
        assert missed == (set() if licences(record.metadata) else {"R1.1"}), (record.title, missed)
        licensed += not missed
    assert licensed > len(records) / 4
