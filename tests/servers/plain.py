"""HTTP without TLS."""

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For `verify` of httpx where only `http` is spoken: else each client, and each `httpx.get`, reads the certificates of
the world first, which takes the processor 30 ms."""
