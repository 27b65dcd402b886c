"""What each reader shows, as values to compare: those of two repositories with the same records are equal.

Stamps and sequences of OAI-PMH are left out: they tell when something was read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store
from sqlalchemy import select

from repository.formats import FORMATS
from repository.ld.places import graph_folder, is_embedded
from repository.ld.snapshots import held
from repository.oai import clock, items, lists
from repository.oai.bodies import unpacked
from repository.oai.layers import layers
from repository.records.visibility import ANONYMOUS, SYSTEM, Viewer
from repository.search.engine import Search
from repository.search.engines import open_engine
from repository.services.instance import Instance
from repository.storage.models import Account, RecordRow
from site_builder.output import COMPRESSED
from tests.ld.graph_stores import BOOK

_STAMP = re.compile(rb"<datestamp>[^<]*</datestamp>")
_IDENTIFIER = re.compile(rb"<identifier>oai:[^:]*:([^<]*)</identifier>")
_SPEC = re.compile(rb"<setSpec>([^<]*)</setSpec>")
_PARTIAL = {form.oai.prefix for form in FORMATS if form.oai and form.is_partial}
_DELETED = b'status="deleted"'
QUERIES = (
    "", "rain", "snow", "příval", "metadata.title:snow", "holm", "metadata.creators.person_or_org.name:ng*",
    "access.status:open", "access.status:embargoed", "access.status:restricted", "access.status:metadata-only",
    "access.embargo.active:true", "versions.index:[2 TO *]", "versions.is_latest:true", "versions.is_latest:false",
    "metadata.publication_date:[2020-02 TO 2021]", "metadata.resource_type.id:software", "revision_id:[2 TO *]",
    "files.enabled:true", "files.count:1", "files.types:csv", 'files.entries.key:"a.csv"',
    "parent.access.settings.allow_user_requests:true", "_exists_:metadata.description", "pids.doi.identifier:10.1234*",
)  # fmt: skip


def searches(instance: Instance) -> dict[Any, Any]:
    """Hits, totals and facets of many searches by each kind of viewer, and of one search for each record. What was
    perhaps meant is left out: engines tell it each in its way."""
    engine = open_engine(instance.settings.search)
    with instance.database.read() as connection:
        accounts = connection.execute(select(Account.id).where(Account.admin.is_(False)).order_by(Account.id)).scalars()
        viewers = [ANONYMOUS, SYSTEM, *(Viewer(str(account)) for account in accounts)]
        ids = connection.execute(select(RecordRow.id).order_by(RecordRow.id)).scalars().all()
    asked = [
        Search(query, viewer=viewer, all_versions=every, sort="newest", size=1000)
        for query in (*QUERIES, *(f"id:{record_id}" for record_id in ids))
        for viewer in viewers
        for every in (False, True)
    ]
    return {
        (search.text, search.viewer, search.all_versions): replace(engine.search(search), correction="")
        for search in asked
    }


def oai_items(instance: Instance) -> dict[str, dict[str, Any]]:
    """Identifier → prefix → `<record>` without its stamp; of a deleted one only that it is. Lists and counts agree."""
    found: dict[str, dict[str, Any]] = {}
    with clock.reading(instance.database) as (connection, moment):
        visible = layers(connection, moment.generation)
        for layer in visible:
            for _key, header, body in items.page(connection, layer.id, None, 0, 1 << 39, 1000, whole=True):
                entry = found.setdefault(_id_in(header), {})
                assert layer.prefix not in entry, "an item stands in its list twice"
                entry[layer.prefix] = "deleted" if _DELETED in header else _STAMP.sub(b"", header) + unpacked(body)
                entry.setdefault("sets", set(_SPEC.findall(header)))
        for spec, members in _members(found).items():
            for layer in visible:
                in_format = sorted(record_id for record_id in members if layer.prefix in found[record_id])
                list_id = lists.list_id(connection, spec.decode(), layer.prefix if layer.partial else "")
                if list_id is None:
                    assert not in_format
                    continue
                page = items.page(connection, layer.id, list_id, 0, 1 << 39, 1000, whole=False)
                assert sorted(_id_in(header) for _key, header in page) == in_format
                assert lists.count(connection, list_id, 0, 1 << 39) == len(in_format)
    return {record_id: _comparable(entry) for record_id, entry in found.items()}


def _id_in(header: bytes) -> str:
    match = _IDENTIFIER.search(header)
    assert match is not None
    return match[1].decode()


def _members(found: Mapping[str, dict[str, Any]]) -> dict[bytes, list[str]]:
    """By set, and of the list of everything."""
    members: dict[bytes, list[str]] = {b"": list(found)} if found else {}
    for record_id, entry in found.items():
        for spec in entry["sets"]:
            members.setdefault(spec, []).append(record_id)
    return members


def _comparable(entry: dict[str, Any]) -> dict[str, Any]:
    """A deleted item keeps the sets that it has been in, and the formats in which not every record can be had: another
    one of the same record may have been in none."""
    return {
        name: value for name, value in entry.items() if name != "sets" and not (name in _PARTIAL and value == "deleted")
    }


def graphs(instance: Instance) -> dict[str, set[str]]:
    """Name of each graph → its triples, as queries see them; the default graph has the empty name."""
    found: dict[str, set[str]] = {"": set()}
    for quad in quads(instance.settings.graph):
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        found.setdefault(name, set()).add(str(quad.triple))
    found.pop(BOOK, None)
    return found


def quads(setting: str) -> list[Quad]:
    """All that a graph store shows to queries."""
    if is_embedded(setting):
        with held(graph_folder(setting)) as path:
            assert path is not None
            return list(Store.read_only(str(path)))
    store = Store()
    wanted = {"Accept": "application/n-quads"}
    answer = httpx.get(f"{setting.removeprefix('sparql+')}/data", headers=wanted, timeout=60)
    store.load(answer.raise_for_status().content, RdfFormat.N_QUADS)
    return list(store)


def frozen_files(instance: Instance) -> dict[str, bytes]:
    """Path below the folder that is served → bytes. What is compressed of them is made when there is time for it."""
    root: Path = (instance.settings.site_output / "current").resolve()
    files = (path for path in root.rglob("*") if path.is_file() and path.suffix not in COMPRESSED)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


CONTENTS: Mapping[str, Callable[[Instance], Mapping[Any, Any]]] = {
    "search": searches,
    "oai": oai_items,
    "ld": graphs,
    "site": frozen_files,
}
"""Name of each reader → what it shows."""
