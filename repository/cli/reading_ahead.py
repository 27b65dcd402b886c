"""Documents of a large import are read by a process of their own, so that reading and writing use a core each."""

import multiprocessing
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from repository.following import collect_seldom
from repository.formats.reading import Known, read
from repository.records.deposit import Deposit, Refusal
from repository.services.instance import open_instance
from repository.services.vocabularies import all_terms
from repository.settings import load

LARGE = 4_000_000
"""Bytes of input from which a second process is worth its start."""
SENT_AT_ONCE = 100

Document = Deposit | Refusal
Input = tuple[Path, str]
"""A file, and what reports call it."""


def documents(paths: Sequence[Input], *, fill_missing: bool) -> Iterator[Document]:
    """All documents of the files, in order."""
    if sum(path.stat().st_size for path, _source in paths) < LARGE:
        yield from _read(paths, fill_missing=fill_missing)
        return
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    reader = context.Process(target=_send, args=(sender, paths, fill_missing), daemon=True)
    reader.start()
    sender.close()
    try:
        yield from _received(receiver)
    finally:
        reader.terminate()
        reader.join()
        receiver.close()


def _received(receiver: Connection) -> Iterator[Document]:
    """Until the reader says that it is done; if it died instead, that is an error and no early end."""
    while True:
        try:
            batch: list[Document] | Exception | None = receiver.recv()
        except EOFError as error:
            raise RuntimeError("The process that reads the documents has died.") from error
        if batch is None:
            return
        if isinstance(batch, Exception):
            raise batch
        yield from batch


def _send(sender: Connection, paths: Sequence[Input], fill_missing: bool) -> None:
    """The reader process. The pipe holds little: it waits for whoever takes the documents, so memory stays flat."""
    collect_seldom()
    batch: list[Document] = []
    try:
        for document in _read(paths, fill_missing=fill_missing):
            batch.append(document)
            if len(batch) == SENT_AT_ONCE:
                sender.send(batch)
                batch = []
        sender.send(batch)
        sender.send(None)
    except OSError as error:
        sender.send(error)


def _read(paths: Sequence[Input], *, fill_missing: bool) -> Iterator[Document]:
    instance = open_instance(load())
    try:
        known = Known.from_terms(all_terms(instance), instance.settings.site)
    finally:
        instance.close()
    for path, source in paths:
        yield from read(path, source=source, known=known, fill_missing=fill_missing)
