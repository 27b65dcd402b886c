"""Calls to an S3 store: two clients with their time limits, and what its errors mean to us."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from urllib3.exceptions import HTTPError

from repository.errors import NotFound, StoreFull, Unreachable, WrongSetting
from repository.storage.objects.s3_limits import keep_limits

_FULL = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"})
_ABSENT = frozenset({"NoSuchKey", "NoSuchUpload", "404", "InvalidRange"})
"""The last one: the object ends before the bytes that were asked for."""
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError)
_OPTIONS = frozenset({"endpoint_url", "region"})


class Unclear(Exception):
    """A request was sent, and nobody knows whether it was carried out: no answer, half an answer, or a 5xx."""


@dataclass(frozen=True, slots=True)
class Address:
    """What the setting `objects` names: `s3://bucket/prefix?endpoint_url=…&region=…`."""

    bucket: str
    prefix: str
    """Before every key: empty, or ends with a slash."""
    endpoint: str
    region: str

    @classmethod
    def parse(cls, url: str, setting: str = "objects") -> "Address":
        """`setting`: where it stands. Raises WrongSetting for what it does not know, such as secrets, which do not
        belong into a URL."""
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        unknown = sorted(set(query) - _OPTIONS)
        if unknown or parts.username or parts.password:
            wrong = f"the option {unknown[0]}" if unknown else "credentials"
            raise WrongSetting(
                f"The setting {setting} has {wrong}; an s3:// URL may have endpoint_url and region. Credentials come "
                "from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or from boto3's files."
            )
        prefix = parts.path.strip("/")
        return cls(
            bucket=parts.netloc,
            prefix=f"{prefix}/" if prefix else "",
            endpoint=query.get("endpoint_url", [""])[0],
            region=query.get("region", ["us-east-1"])[0],
        )


def connect(address: Address, setting: str = "objects") -> tuple[Any, Any, Callable[[], Any]]:
    """Two clients; making them sends nothing. The first is for short calls without bodies, which end within 10 s.

    The second moves bytes: as long as enough of them flow it waits, and it repeats nothing by itself. With them comes
    what gives the credentials of the moment. Raises WrongSetting.
    """
    try:
        session = boto3.Session(region_name=address.region)
        endpoint = address.endpoint or None
        control = session.client("s3", endpoint_url=endpoint, config=_limits(address, short=True))
        data = session.client("s3", endpoint_url=endpoint, config=_limits(address, short=False))
    except (ValueError, ProfileNotFound) as error:
        raise WrongSetting(f"The setting {setting} can't be used: {error}.") from error
    keep_limits(control, short=True)
    keep_limits(data, short=False)
    return control, data, session.get_credentials


def _limits(address: Address, *, short: bool) -> Config:
    style: Any = {"addressing_style": "path" if address.endpoint else "auto"}
    limits: dict[str, Any] = (
        {"connect_timeout": 1.5, "read_timeout": 3, "retries": {"total_max_attempts": 2, "mode": "standard"}}
        if short
        else {"connect_timeout": 4, "read_timeout": 8, "retries": {"total_max_attempts": 1, "mode": "standard"}}
    )
    return Config(
        s3=style,
        signature_version="s3v4",
        max_pool_connections=64,
        request_checksum_calculation="when_required",  # Ceph knows no trailers; Content-MD5 it checks
        response_checksum_validation="when_required",
        **limits,
    )


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Turns an error of the call into ours. Raises NotFound, StoreFull, Unclear, Unreachable."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _FULL or status == 507:
            raise StoreFull("The object store has no more space.") from error
        if code in _ABSENT:
            raise NotFound(f"The object store has nothing there ({what}).") from error
        if status >= 500 or code == "RequestTimeout":
            raise Unclear(f"{what}: {status} {code}") from error
        message = f"The object store refuses to {what}: {status} {code}. Check bucket, credentials and the clock."
        raise Unreachable(message) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        message = "There are no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        raise Unreachable(message) from error
    except _NEVER_SENT as error:
        raise Unreachable(f"The object store does not answer ({what}: {type(error).__name__}).") from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise Unclear(f"{what}: {type(error).__name__}") from error


@contextmanager
def asking(what: str) -> Iterator[None]:
    """As `calling`, where it does no harm whether the call was carried out: Unclear is Unreachable then."""
    try:
        with calling(what):
            yield
    except Unclear as error:
        raise Unreachable(f"The object store does not answer ({error}).") from error
