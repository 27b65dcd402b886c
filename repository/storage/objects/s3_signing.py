"""Signs many links at once. boto3 takes a millisecond for each, and a file may have ten thousand parts.

Specified by: AWS Signature Version 4, query parameters
(https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def sign_puts(
    url: str, bodies: Iterable[tuple[dict[str, str], int]], credentials: Any, region: str, seconds: int
) -> list[str]:
    """The URL (its path quoted, without a query) with each query and its signature; `credentials` are botocore's.

    With each query comes the length of the body: a request with another Content-Length, or none, is refused.
    """
    parts, now = urlsplit(url), datetime.now(UTC)
    host = parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])  # as clients send it
    scope = f"{now:%Y%m%d}/{region}/s3/aws4_request"
    common = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "content-length;host",
    }
    if credentials.token:
        common["X-Amz-Security-Token"] = credentials.token
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    links = []
    for query, length in bodies:
        pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in (common | query).items())
        text = "&".join(f"{name}={value}" for name, value in pairs)
        headers = f"content-length:{length}\nhost:{host}\n\ncontent-length;host"
        request = f"PUT\n{parts.path}\n{text}\n{headers}\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        signature = _hmac(key, f"AWS4-HMAC-SHA256\n{common['X-Amz-Date']}\n{scope}\n{digest}").hex()
        links.append(f"{url}?{text}&X-Amz-Signature={signature}")
    return links


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
