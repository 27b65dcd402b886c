"""The graph of one record as it goes to a store."""

from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class RecordGraph:
    """What a record's named graph is as of one position of the change log."""

    name: str
    """IRI of the graph: the landing page."""
    position: int
    triples: bytes | None
    """Canonical N-Triples, a line each, without blank nodes; None: the record is not in the store."""

    def digest(self) -> bytes:
        """16 bytes; empty graphs and absent ones differ."""
        content = b"absent" if self.triples is None else b"graph" + self.triples
        return blake2b(content, digest_size=16).digest()
