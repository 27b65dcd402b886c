"""The OAI reader keeps every rule of a projection, on SQLite and on PostgreSQL; stamps are left out of comparison."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from snapshots import minimal

from repository.formats import FORMATS
from repository.oai import clock, items
from repository.oai.layers import layers
from repository.oai.projection import OaiProjection
from repository.records.snapshot import Site
from repository.storage.database import Database
from tests.following.contract import RULES, Reader

SITE = Site("https://repository.example.org", "Example Repository", "repository.example.org")
RENDERINGS = sum(form.suits(minimal()) for form in FORMATS if form.oai)
"""Of one record: in all formats in which it can be had."""
_STAMP = re.compile(rb"<datestamp>[^<]*</datestamp>")
_IDENTIFIER = re.compile(rb"<identifier>oai:[^:]*:([^<]*)</identifier>")


def make_oai(database: Database, _folder: Path) -> OaiProjection:
    return OaiProjection(database, SITE)


def contents(projection: OaiProjection) -> Mapping[str, dict[str, bytes]]:
    """Record id → prefix → record, as harvesters get them from the visible generation."""
    found: dict[str, dict[str, bytes]] = {}
    with clock.reading(projection._database) as (connection, moment):
        for layer in layers(connection, moment.generation):
            for _key, header, body in items.page(connection, layer.id, None, 0, 1 << 39, 1000, whole=True):
                if b'status="deleted"' in header:
                    assert body == b""
                    continue
                record_id = _IDENTIFIER.search(header)
                assert record_id is not None
                found.setdefault(record_id[1].decode(), {})[layer.prefix] = _STAMP.sub(b"", header) + body
    assert all(len(formats) == RENDERINGS for formats in found.values())
    return found


READER = Reader(make=make_oai, contents=contents)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_oai_keeps(rule: Callable[[Reader, Database, Path], None], any_database: Database, tmp_path: Path) -> None:
    rule(READER, any_database, tmp_path)
