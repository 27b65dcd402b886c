"""Whether a list of a provider still comes to an end."""

from collections.abc import Iterable
from hashlib import blake2b

_PAGES = 100
"""So many pages in a row may bring nothing that the list has not had before; providers whose tokens are offsets repeat
some when records are added meanwhile."""
_OCTETS = 1 << 24
_MARKS = 4


class Progress:
    """Of one list, page by page.

    What has come is remembered in 16 MiB, however long the list is (a Bloom filter). Of ten million identifiers, one in
    200 that are new is taken for one that has come: no matter, as only whole pages count, and a hundred of them.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The list begins anew."""
        self._seen = bytearray(_OCTETS)
        self._idle = 0

    def is_endless(self, identifiers: Iterable[str], *, repeated: bool) -> bool:
        """Takes note of a page that is not the last one. `repeated`: it leads to where it came from."""
        found = [self._is_new(identifier) for identifier in identifiers]
        self._idle = 0 if any(found) else self._idle + 1
        return self._idle >= (1 if repeated else _PAGES)

    def _is_new(self, identifier: str) -> bool:
        digest = blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=4 * _MARKS).digest()
        new = False
        for start in range(0, len(digest), 4):
            octet, bit = divmod(int.from_bytes(digest[start : start + 4]) % (8 * _OCTETS), 8)
            new |= not self._seen[octet] >> bit & 1
            self._seen[octet] |= 1 << bit
        return new
