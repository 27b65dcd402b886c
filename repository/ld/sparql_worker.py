"""A process that answers SPARQL queries, one after another, over the newest published copy of the graph store.

It is a child of `sparql_pool`, which kills it when a query takes too long; a query may also crash it. Started as
`python -m repository.ld.sparql_worker`; speaks `messages` over standard input and output. The first message is its
configuration: `{folder, graphs, memory, seconds, result_size, prefixes}`; it answers `{ready, confined}`. Without a
folder it does not answer queries but checks them: it parses them, over nothing, and gives back what a server may be
asked instead, as the body of `{status: 200, forward: <media type>}`.

A request's header is `{results, graph, default_graphs, named_graphs}`: the media type wanted for rows and for triples
(null: none), and the dataset (empty lists: that of the query, or all). Its body is the query. The answer's header is
`{status, media_type}` or `{status, message}`. A worker that has grown too large ends with exit code 0 between queries.
"""

import contextlib
import io
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from repository.ld.confinement import address_space, confine, limit_memory, limit_processor
from repository.ld.messages import Channel, Message
from repository.ld.query_text import NotAllowed, asks_others, is_public, restricted
from repository.ld.snapshots import held, newest

_IDLE = 1.0
"""Seconds after which an idle worker looks for a newer copy."""
_GROWN = 4
"""A worker that has kept more than this part of its memory limit is replaced."""

_RESULTS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
_GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}


class _Refused(Exception):
    """The query is not answered; status and message for who sent it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Result(io.BytesIO):
    """Takes so many bytes and no more."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit
        self._limit = limit

    def write(self, data: Any) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise _Refused(400, f"The result is longer than {self._limit} bytes. Ask for less: LIMIT and OFFSET.")
        return super().write(data)


@dataclass(frozen=True, slots=True)
class _Configuration:
    folder: Path | None
    """Of the embedded store; None where a server has the graphs."""
    graphs: str
    """How the names of graphs begin that may be asked for, where a server has them."""
    memory: int
    seconds: float
    result_size: int
    prefixes: dict[str, str]


class _Copy:
    """The copy of the store that is open; an empty store before the first one is published."""

    def __init__(self, configuration: _Configuration) -> None:
        self._configuration = configuration
        self._held = contextlib.ExitStack()
        self._path: Path | None = None
        self.store = Store()
        self.refresh()
        limit_memory(configuration.memory)
        self._size = address_space()

    def refresh(self) -> None:
        """Opens the newest copy, if it is not open yet. Raises OSError."""
        folder = self._configuration.folder
        if folder is None or newest(folder) == self._path:
            return
        limit_memory(None)
        with contextlib.ExitStack() as stack:
            path = stack.enter_context(held(folder))
            self.store = Store.read_only(str(path)) if path else Store()
            self._path = path
            self._held.close()
            self._held = stack.pop_all()
        limit_memory(self._configuration.memory)

    def has_grown(self) -> bool:
        """Whether this process holds so much memory that a fresh one is better."""
        return address_space() - self._size > self._configuration.memory // _GROWN


def main() -> None:
    channel = _standard_channel()
    try:
        header = channel.receive().header
        configuration = _Configuration(**{**header, "folder": Path(header["folder"]) if header["folder"] else None})
        confined = confine()
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
        copy = _Copy(configuration)
        channel.send(Message({"ready": True, "confined": confined}))
        # what a crash prints is of no use: the pool tells what became of the query
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        while not copy.has_grown():
            _serve(channel, copy, configuration)
    except EOFError:
        return


def _end_with_parent(parent: int) -> None:
    """Ends this process soon after its parent, also in the middle of a query."""
    while os.getppid() == parent:
        time.sleep(_IDLE)
    os._exit(1)


def _standard_channel() -> Channel:
    """Standard output is for messages only: whatever prints goes nowhere."""
    writer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return Channel(0, writer)


def _serve(channel: Channel, copy: _Copy, configuration: _Configuration) -> None:
    """Answers one query, or looks for a newer copy if there is none."""
    asked = channel.readable(_IDLE)
    try:
        copy.refresh()
    except OSError as error:
        if asked:
            channel.receive()
            channel.send(Message({"status": 503, "message": f"The graph store can't be opened: {error}"}))
        return
    if asked:
        channel.send(_answer(copy.store, channel.receive(), configuration))


def _answer(store: Store, request: Message, configuration: _Configuration) -> Message:
    limit_processor(configuration.seconds + 2)
    try:
        return _evaluate(store, request, configuration)
    except NotAllowed as error:
        return Message({"status": 400, "message": str(error)})
    except _Refused as error:
        return Message({"status": error.status, "message": str(error)})
    except SyntaxError as error:
        return Message({"status": 400, "message": f"The query is not valid SPARQL: {error}"})
    except MemoryError:
        return Message({"status": 400, "message": "The query needs too much memory."})
    except (ValueError, RuntimeError, PermissionError) as error:
        return Message({"status": 400, "message": f"The query can't be evaluated: {error}"})
    except OSError as error:
        return Message({"status": 500, "message": f"The graph store can't be read: {error}"})


def _evaluate(store: Store, request: Message, configuration: _Configuration) -> Message:
    try:
        query = request.body.decode()
    except UnicodeDecodeError as error:
        raise _Refused(400, "The query is not UTF-8.") from error
    if asks_others(query):
        raise NotAllowed("SERVICE is not allowed: this endpoint asks no other.")
    results = store.query(query, **_dataset(request.header))
    if isinstance(results, QueryTriples):
        media_type = _wanted(request.header["graph"], _GRAPHS)
    else:
        media_type = _wanted(request.header["results"], _RESULTS)
    if configuration.folder is None:
        return _checked(query, request.header, configuration.graphs, media_type)
    output = _Result(configuration.result_size)
    if isinstance(results, QueryTriples):
        serialize(results, output, _GRAPHS[media_type], prefixes=configuration.prefixes)
    elif isinstance(results, QuerySolutions | QueryBoolean):
        results.serialize(output, _RESULTS[media_type])
    return Message({"status": 200, "media_type": media_type}, output.getvalue())


def _checked(query: str, header: dict[str, Any], graphs: str, media_type: str) -> Message:
    if not all(is_public(name, graphs) for name in (*header["default_graphs"], *header["named_graphs"])):
        raise NotAllowed(f"The dataset may have graphs of records only: {graphs}…")
    return Message({"status": 200, "forward": media_type}, restricted(query, graphs).encode())


def _dataset(header: dict[str, Any]) -> dict[str, Any]:
    """The dataset of the request, which beats that of the query. Specified by: SPARQL 1.1 Protocol, 2.1.4."""
    default, named = header["default_graphs"], header["named_graphs"]
    if not default and not named:
        return {}
    try:
        return {
            "default_graph": [NamedNode(iri) for iri in default],
            "named_graphs": [NamedNode(iri) for iri in named],
        }
    except ValueError as error:
        raise _Refused(400, f"A graph is not named by an IRI: {error}") from error


def _wanted(media_type: str | None, there_are: dict[str, Any]) -> str:
    if media_type is None:
        raise _Refused(406, f"None of the accepted media types can be served. There is: {', '.join(there_are)}.")
    return media_type


if __name__ == "__main__":
    main()
