"""Two other providers over the same stored records, as WSGI applications: pyoai's fork `oaipmh` and `oai-repo`.

Both read a SQLite file (`COLOPHON_BENCH_RECORDS`) by offset, as their interfaces are made for, and get each record as
finished XML, which spares them all crosswalks.
"""

import gzip
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from lxml import etree

Start = Callable[[str, list[tuple[str, str]]], object]
PAGE = 250
_FORMAT = ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/")


def _records() -> sqlite3.Connection:
    return sqlite3.connect(os.environ["COLOPHON_BENCH_RECORDS"], check_same_thread=False)


def _served(answer: Callable[[dict[str, str]], bytes]) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = answer(dict(parse_qsl(environ["QUERY_STRING"])))
        headers = [("Content-Type", "text/xml")]
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = gzip.compress(body, 1)
            headers.append(("Content-Encoding", "gzip"))
        start("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return application


def pyoai() -> Any:
    from oaipmh import common, metadata, server

    database = _records()

    class Records:
        def identify(self) -> Any:
            moment = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
            return common.Identify(
                "Peer", "http://localhost/", "2.0", ["peer@example.org"], moment, "no", "YYYY-MM-DDThh:mm:ssZ", []
            )

        def listRecords(self, metadataPrefix: str, cursor: int = 0, batch_size: int = 10, **_: Any) -> Any:  # noqa: N802, N803
            rows = database.execute("SELECT id, stamp, body FROM records LIMIT ? OFFSET ?", (batch_size, cursor))
            return [
                (common.Header(None, identifier, datetime.fromtimestamp(stamp, UTC).replace(tzinfo=None), [], False),
                 common.Metadata(None, {"body": body}), None)
                for identifier, stamp, body in rows
            ]  # fmt: skip

    registry = metadata.MetadataRegistry()
    registry.registerWriter("oai_dc", lambda element, found: element.append(etree.fromstring(found.getField("body"))))
    provider = server.BatchingServer(Records(), registry, resumption_batch_size=PAGE)
    return _served(provider.handleRequest)


def oai_repo() -> Any:
    import oai_repo as library

    database = _records()
    total = database.execute("SELECT count(*) FROM records").fetchone()[0]

    class Records(library.DataInterface):
        limit = PAGE

        def get_identify(self) -> Any:
            return library.Identify(
                "Peer", "http://localhost/", ["peer@example.org"], "2020-01-01T00:00:00Z", "no", "YYYY-MM-DDThh:mm:ssZ"
            )

        def is_valid_identifier(self, _identifier: str) -> bool:
            return True

        def get_metadata_formats(self, _identifier: str | None = None) -> Any:
            return [library.MetadataFormat(*_FORMAT)]

        def get_records_header(self, identifiers: list[str]) -> Any:
            found = dict(self._values("stamp", identifiers))
            return [
                library.RecordHeader(identifier, datetime.fromtimestamp(found[identifier], UTC))
                for identifier in identifiers
            ]

        def get_records_metadata(self, identifiers: list[str], _prefix: str) -> Any:
            found = dict(self._values("body", identifiers))
            return [etree.fromstring(found[identifier]) for identifier in identifiers]

        def get_records_abouts(self, identifiers: list[str]) -> Any:
            return [[] for _ in identifiers]

        def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> Any:
            return None, None, None

        def list_identifiers(self, _prefix: str, _from: Any, _until: Any, _set: Any, cursor: int = 0) -> Any:
            rows = database.execute("SELECT id FROM records LIMIT ? OFFSET ?", (PAGE, cursor))
            return [row[0] for row in rows], total, None

        def _values(self, column: str, identifiers: list[str]) -> Any:
            marks = ",".join("?" * len(identifiers))
            return database.execute(f"SELECT id, {column} FROM records WHERE id IN ({marks})", identifiers)

    provider = library.OAIRepository(Records())
    return _served(lambda arguments: bytes(provider.process(arguments)))


if __name__ == "__main__":
    from granian.constants import Interfaces
    from granian.server import Server

    name, port = sys.argv[1:]
    Server(f"oai_peers:{name}", factory=True, port=int(port), interface=Interfaces.WSGI, log_enabled=False).serve()
