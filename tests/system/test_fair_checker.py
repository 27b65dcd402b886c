"""Every sample record, held against FAIR-Checker's metrics by a client that asks over HTTP as the tool does."""

import re

import httpx
import orjson
import pytest
from fair_checker import FULL, points
from lxml import html
from pyoxigraph import Quad, RdfFormat, parse

from repository.records.snapshot import Snapshot
from tests.system.running import Running

pytestmark = pytest.mark.long

DESCRIBED = re.compile(r'<([^>]*)>; rel="describedby"; type="([^"]*)"')


def triples(data: bytes | str, form: RdfFormat) -> set[Quad]:
    return {Quad(*quad.triple) for quad in parse(data, format=form)}


def has_context_elsewhere(document: bytes) -> bool:
    """Whether it is in words of a context on another host, as CodeMeta and RO-Crate have it."""
    context = orjson.loads(document)["@context"]
    return any(isinstance(part, str) for part in (context if isinstance(context, list) else [context]))


def found(client: httpx.Client, page: str) -> tuple[dict[str, int], int]:
    """Points by metric, and how many documents the header `Link` led to."""
    answer = client.get(page, headers={"Accept": "*/*"})
    scripts = html.document_fromstring(answer.text).xpath('//script[@type="application/ld+json"]/text()')
    graph = set().union(*(triples(str(script), RdfFormat.JSON_LD) for script in scripts))
    linked = 0
    for address, media_type in DESCRIBED.findall(answer.headers.get("Link", "")):
        form = RdfFormat.from_media_type(media_type)
        if form is not None:
            document = client.get(address).raise_for_status().content
            if form == RdfFormat.JSON_LD and has_context_elsewhere(document):
                continue
            graph |= triples(document, form)
            linked += 1
    return points(page, answer.status_code, graph), linked


def test_every_sample_record_has_all_points_that_its_depositor_did_not_keep_back(running: Running) -> None:
    records: list[Snapshot] = running.public()
    assert len(records) > 30
    full = 0
    with httpx.Client(timeout=60, follow_redirects=True) as client:
        for record in records:
            earned, linked = found(client, f"{running.base}/records/{record.id}")
            assert linked >= 1
            missed = {metric for metric, count in earned.items() if count == 0}
            assert missed == (set() if record.metadata.get("rights") else {"R1.1"}), record.title
            full += sum(earned.values()) == FULL
        gone = client.get(f"{running.base}/records/00000-00000")
        assert sum(points("", gone.status_code, set()).values()) == 0
    assert full > 30
