"""Renderings as they are stored: those that are harvested most as they are, all others deflated.

A stored body tells by its first byte which it is, so that what an older version has written is read as well.
"""

from isal import isal_zlib

_PLAIN = frozenset({"oai_dc", "oai_datacite"})
"""Prefixes whose pages are joined from stored bytes and nothing else."""
_LEVEL = 2


def packed(prefix: str, body: bytes) -> bytes:
    return body if prefix in _PLAIN or not body else isal_zlib.compress(body, _LEVEL)


def unpacked(stored: bytes) -> bytes:
    """Empty for a deleted item."""
    return isal_zlib.decompress(stored) if stored and stored[:1] != b"<" else stored
