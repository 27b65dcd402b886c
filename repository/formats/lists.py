"""Several records in one document, written piece by piece, so that a list without end needs no memory."""

from collections.abc import Callable, Iterable, Iterator

from repository.records.snapshot import Site, Snapshot

Write = Callable[[Snapshot, Site], bytes]
WritePieces = Callable[[Iterable[Snapshot], Site], Iterator[bytes]]
WriteList = Callable[[Iterable[Snapshot], Site], bytes]


def pieces_of(write: Write, start: bytes = b"", between: bytes = b"", end: bytes = b"") -> WritePieces:
    """What stands before the first record, each record, what stands behind the last."""

    def write_pieces(snapshots: Iterable[Snapshot], site: Site) -> Iterator[bytes]:
        before = start
        for snapshot in snapshots:
            yield before + write(snapshot, site)
            before = between
        yield end if before is between else start + end

    return write_pieces


def list_of(write_pieces: WritePieces) -> WriteList:
    """The same at once."""
    return lambda snapshots, site: b"".join(write_pieces(snapshots, site))
