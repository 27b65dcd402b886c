"""Signed texts for URLs: what the server hands out and takes back without remembering it.

Specified by: RFC 2104 (HMAC), RFC 4648, 5 (base64url, without padding).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

_MAC_BYTES = 16
_LONGEST = 2_000
"""Characters of a signed text."""


class Signatures:
    """Signs with `secret`, and reads what it or one of the `earlier` secrets has signed. `purpose` keeps the texts of
    one use apart from those of another, and those of one layout from those of the next."""

    def __init__(self, purpose: str, secret: str, earlier: Sequence[str] = ()) -> None:
        self._keys = [hmac.digest(each.encode(), purpose.encode(), hashlib.sha256) for each in (secret, *earlier)]

    def sign(self, payload: bytes) -> str:
        return _text(_mac(self._keys[0], payload) + payload)

    def read(self, text: str) -> bytes | None:
        """What was signed; None for anything that was not."""
        data = _bytes(text)
        mac, payload = data[:_MAC_BYTES], data[_MAC_BYTES:]
        return payload if any(hmac.compare_digest(mac, _mac(key, payload)) for key in self._keys) else None


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, hashlib.sha256)[:_MAC_BYTES]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Empty for what `_text` does not write: the decoder alone passes over strange characters and trailing bits."""
    try:
        data = base64.urlsafe_b64decode(text[:_LONGEST].encode("ascii") + b"==")
    except ValueError:
        return b""
    return data if _text(data) == text else b""
