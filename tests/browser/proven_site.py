"""The demo and every kind of page, served as it would be: frozen files as a host sends them, the service behind."""

import contextlib
import gzip
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask
from snapshots import embargoed, files_closed, full, many_authors, many_files, minimal
from werkzeug.serving import WSGIRequestHandler, make_server

from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.formats.signposts import bare
from repository.projections import open_projections
from repository.records.snapshot import Json
from repository.services import drafts, editions, publishing, sampling
from site_builder.hosting.facts import COMPRESSIBLE, Facts
from tests.following.contract import withdrawn
from tests.instances import UNLIMITED, add_files, body, copy_instance, person, published
from tests.ld.sparql_service import fill, query_service
from tests.records_in_store import append

UNBROKEN = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4
"""A title or a name of a file that nothing divides."""
IRI = f"https://example.org/{'a1b2c3d4e5' * 20}"
DESCRIBED: Json = {
    "rights": [{"id": "cc-by-4.0"}],
    "subjects": [{"subject": "rain"}, {"subject": UNBROKEN[:120]}],
    "languages": [{"id": "eng"}],
    "description": f"<p>How much it rained, see <a href='{IRI}'>{IRI}</a>.</p><h2>Days</h2><p>All of them.</p>",
    "related_identifiers": [
        {"identifier": IRI, "scheme": "url", "relation_type": {"id": "references"}, "resource_type": {"id": "dataset"}}
    ],
    "locations": {"features": [{"geometry": {"type": "Point", "coordinates": [12.57, 55.68]}, "place": "Copenhagen"}]},
}
FILES = {"rain.csv": b"day,mm\n1,3\n", "a folder/notes.txt": b"It rained.\n", f"{UNBROKEN}.bin": bytes(2048)}
STATES = {
    "landing of everything": full(),
    "landing, files restricted": files_closed(),
    "landing, files embargoed": embargoed(),
    "landing of 3,000 authors": many_authors(),
    "landing of 1,000 files": many_files(),
    "landing of the least": minimal(20),
    "tombstone": withdrawn(minimal(21)),
}
STANDING = {
    "home": "/",
    "dates and axes": "/browse/",
    "keys of an axis": "/browse/creators/",
    "records of a key": "/browse/types/dataset/",
    "records of a year": "/browse/2024/",
    "vocabularies": "/vocabularies/",
    "vocabulary": "/vocabularies/resourcetypes",
    "concept": "/vocabularies/resourcetypes/dataset",
    "communities": "/communities/",
    "about": "/about/",
    "policies": "/about/policies",
    "help": "/about/help",
    "developers": "/about/developers",
    "search": "/search",
    "results": "/search/results?q=rain",
    "no results": "/search/results?q=snow",
    "deposit": "/deposit",
    "login": "/login",
    "query": "/sparql",
    "rows of a query": f"/sparql?query={quote('SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 40')}",
    "triples of a query": f"/sparql?query={quote('CONSTRUCT WHERE { ?s ?p ?o } LIMIT 40')}",
    "query with a mistake": "/sparql?query=SELEC",
    "not found": "/nothing/here",
    "style page": "/styleguide",
}
IN_ENGLISH = ("style page",)
"""Kinds of pages that are for those who make them."""
COMPRESSED = ("text/html", *COMPRESSIBLE)


class Frozen:
    """Files of the generation that is served, with the headers that a host sends; what is no file the service answers.

    Of the rules of hosts only what browsers need.
    """

    def __init__(self, root: Path, facts: Facts, service: Any) -> None:
        self._root, self._facts, self._service = root, facts, service

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # WSGI gives the bytes of a path as Latin-1
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        for name, status in () if environ["QUERY_STRING"] or "/.." in path else self._names(path):
            file = self._root / name
            if file.is_file():
                data = file.read_bytes()
                headers = self._facts.sent(f"/{name}")
                if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") and bare(headers["Content-Type"]) in COMPRESSED:
                    data = gzip.compress(data, 6)
                    headers["Content-Encoding"] = "gzip"
                headers["Content-Length"] = str(len(data))
                start_response(status, list(headers.items()))
                return [data]
        answer: Iterable[bytes] = self._service(environ, start_response)
        return answer

    def _names(self, path: str) -> list[tuple[str, str]]:
        name = path.strip("/")
        pages = [(f"{name}/index.html".lstrip("/"), "200 OK"), (f"{name}/tombstone.html", "410 Gone")]
        return pages if path.endswith("/") else [(name, "200 OK"), *pages]


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


class ProvenSite:
    """Listens where `site.url` says: a browser takes `localhost` for as safe as HTTPS."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._server = make_server("localhost", 0, Flask("not yet"), threaded=True, request_handler=Quiet)
        self.url = f"http://localhost:{self._server.server_port}"
        self.instance = copy_instance(template, folder, site__url=self.url, site__languages=("en", "cs"), **UNLIMITED)
        self.kinds = {**STANDING, **self._records()}
        """A path for every kind of page."""
        self._run("search", "site")
        self.root = self.instance.settings.site_output / "current"
        fill(self.instance.settings, [full()])
        self._ended = contextlib.ExitStack()
        self._ended.enter_context(query_service(self.instance.settings))
        service = build_app(self.instance)
        self._server.app = Frozen(self.root, Facts.of(self.instance.settings), service)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._ended.close()
        self.instance.close()

    def address(self, kind: str, language: str = "en") -> str:
        return f"{self.url}{'' if language == 'en' else f'/{language}'}{self.kinds[kind]}"

    def _records(self) -> dict[str, str]:
        """Records in two versions with their bytes, and states that come to the log as they are."""
        instance, owner = self.instance, person(self.instance, "owner")
        older = published(instance, owner, body(f"Rain of {UNBROKEN}", **DESCRIBED), FILES)
        draft = editions.new_version(instance, owner, older)
        request = body("Rain, once more", **DESCRIBED, publication_date="2024-06-01")
        drafts.save(instance, owner, draft.id, {**request, "files": {"enabled": True}})
        add_files(instance, owner, draft.id, FILES)
        newer = publishing.publish(instance, owner, draft.id).id
        sampling.deposit_samples(instance, owner)
        for state in STATES.values():
            append(instance.database, ("withdrawn" if state.state == "withdrawn" else "published", state))
        records = {"landing": newer, "landing of an older version": older}
        ids = {**records, **{kind: state.id for kind, state in STATES.items()}}
        return {kind: f"/records/{record_id}" for kind, record_id in ids.items()}

    def _run(self, *names: str) -> None:
        for outcome in run_until_current(self.instance.database, open_projections(self.instance, names)):
            assert outcome.error == "", outcome
