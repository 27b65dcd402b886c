"""Who is asked: the repository over HTTP, SQLite FTS5 in this process, and OpenSearch by `query_string`.

Each thread has an asker of its own. `total` reads the number of hits out of an answer, when the clock stands.
"""

import http.client
import itertools
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import orjson
from search_queries import Asked

from repository.records.snapshot import Json
from repository.search.facets import FACETS, MOST_KEYS
from repository.search.opensearch_schema import facet_field, number_field

PAGE, SUGGESTED = 25, 10
"""Hits that are shown."""


class Asker(Protocol):
    def search(self, asked: Asked) -> Any: ...

    def suggest(self, asked: Asked) -> Any: ...

    def total(self, answer: Any) -> int: ...


class OverHttp:
    """Whole answers, of records as the API shows them."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def search(self, asked: Asked) -> bytes:
        return self._get([("q", asked.text), *asked.selected, ("size", str(PAGE))])

    def suggest(self, asked: Asked) -> bytes:
        return self._get([("suggest", asked.text), ("size", str(SUGGESTED))])

    def total(self, answer: bytes) -> int:
        return int(orjson.loads(answer)["hits"]["total"])

    def _get(self, pairs: Iterable[tuple[str, str]]) -> bytes:
        self._connection.request("GET", "/api/records?" + urlencode([pair for pair in pairs if pair[1]]))
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {body[:300]!r} to {pairs}")
        return body


class QueryString:
    """An index that we have filled, asked as one would without us: 25 ids, the total, and counts by facet."""

    def __init__(self, url: str, index: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._index = index

    def search(self, asked: Asked) -> bytes:
        chosen = [{"term": {facet_field(name): {"value": key}}} for name, key in asked.selected]
        text = asked.raw or asked.text
        must = [_query_string(text)] if text else []
        counted = {
            name: {"terms": {"field": facet_field(name), "size": MOST_KEYS if not kind.by_key else 10_000}}
            for name, kind in FACETS.items()
        }
        body: Json = {
            "query": {"bool": {"must": must, "filter": [*chosen, {"term": {"values": {"value": "_public=true"}}}]}},
            "size": PAGE, "_source": False, "track_total_hits": True, "aggs": counted,
        }  # fmt: skip
        return self._ask(body if text else {**body, "sort": [{number_field("created"): "desc"}]})

    def suggest(self, asked: Asked) -> bytes:
        return self._ask(
            {"query": _query_string(asked.raw), "size": SUGGESTED, "_source": False, "track_total_hits": True}
        )

    def total(self, answer: bytes) -> int:
        return int(orjson.loads(answer)["hits"]["total"]["value"])

    def _ask(self, body: Json) -> bytes:
        self._connection.request(
            "POST", f"/{self._index}/_search", json.dumps(body), {"Content-Type": "application/json"}
        )
        answer = self._connection.getresponse()
        found = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {found[:300]!r} to {body}")
        return found


def _query_string(text: str) -> Json:
    return {"query_string": {"query": text, "fields": ["title^3", "names^2", "everything"]}}


class Fts5:
    """The same words and keys in SQLite: 25 records, the total, and counts by facet, in three statements."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)

    def search(self, asked: Asked) -> tuple[list[Any], int, list[Any]]:
        where, values = [], []
        if asked.match:
            where.append("texts MATCH ?")
            values.append(asked.match)
        spans = [asked.years] if asked.years else []
        for facet, low, high in [
            *((name, key, key) for name, key in asked.selected),
            *(("publication_date", str(first), str(last)) for first, last in spans),
        ]:
            where.append("texts.rowid IN (SELECT record FROM keys WHERE facet = ? AND key BETWEEN ? AND ?)")
            values += [facet, low, high]
        matching = f"FROM texts WHERE {' AND '.join(where) or 'true'}"
        order = "bm25(texts, 3, 2, 1)" if asked.match else "rowid DESC"
        chosen = f"SELECT rowid AS record {matching} ORDER BY {order} LIMIT {PAGE}"
        hits = self._all(f"SELECT body FROM ({chosen}) JOIN bodies USING (record)", values)
        total = self._all(f"SELECT count(*) {matching}", values)[0][0]
        found = f"WITH found AS MATERIALIZED (SELECT texts.rowid AS record {matching}) "
        counted = "SELECT facet, key, count(*) FROM found CROSS JOIN keys USING (record) GROUP BY facet, key"
        return hits, total, self._all(found + counted, values)

    def suggest(self, asked: Asked) -> tuple[list[Any], int]:
        within = "SELECT rowid AS record FROM texts WHERE texts MATCH ?"
        chosen = f"{within} ORDER BY bm25(texts, 3, 2, 1) LIMIT {SUGGESTED}"
        hits = self._all(f"SELECT body FROM ({chosen}) JOIN bodies USING (record)", [asked.match])
        return hits, self._all(f"SELECT count(*) FROM ({within})", [asked.match])[0][0]

    def total(self, answer: Sequence[Any]) -> int:
        return int(answer[1])

    def _all(self, statement: str, values: Sequence[str]) -> list[Any]:
        return self._database.execute(statement, values).fetchall()


def fill(path: Path, documents: Iterable[tuple[Json, bytes]]) -> None:
    """Search documents and what is shown of them into a new database, in batches as an index would get them."""
    database = sqlite3.connect(path)
    database.executescript("""
        PRAGMA journal_mode = WAL;
        CREATE VIRTUAL TABLE texts USING fts5 (title, names, everything, content='', tokenize='unicode61');
        CREATE TABLE keys (record INTEGER, facet TEXT, key TEXT, PRIMARY KEY (record, facet, key)) WITHOUT ROWID;
        CREATE INDEX by_key ON keys (facet, key, record);
        CREATE TABLE bodies (record INTEGER PRIMARY KEY, body BLOB);
    """)
    numbered = enumerate(documents, 1)
    while batch := list(itertools.islice(numbered, 1_000)):
        texts = [(n, *("\n".join(one[name]) for name in ("title", "names", "everything"))) for n, (one, _) in batch]
        keys = [(n, name, str(key)) for n, (one, _) in batch for name, given in one["facets"].items() for key in given]
        database.executemany("INSERT INTO texts (rowid, title, names, everything) VALUES (?, ?, ?, ?)", texts)
        database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", keys)
        database.executemany("INSERT INTO bodies VALUES (?, ?)", [(n, body) for n, (_, body) in batch])
        database.commit()
    database.close()
