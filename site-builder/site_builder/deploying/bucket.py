"""A bucket of S3 that the site is published to, for a CDN or the bucket's own web server in front.

An object is called as its address is, so a page whose address does not end with a slash is no `index.html`:
`records/abc`, beside `records/abc/record.ttl`; any other page is, as web servers of buckets expect. A tombstone takes
the place of its page, and bears the status with which it is to be answered as metadata.
"""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from repository.errors import NotFound, Unreachable, WrongSetting
from repository.storage.objects.s3_calls import Address, Unclear, asking, calling, connect
from site_builder.deploying.target import File, Held, check_site
from site_builder.freezer import PAGE, TOMBSTONE
from site_builder.hosting.facts import COMPRESSED, COMPRESSIBLE, Facts

SETTING = "site.deploy"
_MARK = ".colophon/site.json"
_ATTEMPTS = 3
_ENCODINGS = ("", "gzip")


class BucketTarget:
    """See `Target`. Objects are compared by their ETag, which is the MD5 of what was put; where a bucket has others (by
    its way of encrypting), by metadata of their own, which takes a request each."""

    threads = 16

    def __init__(self, url: str, facts: Facts) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        self._encoding = options.pop("encoding", "")
        if self._encoding not in _ENCODINGS:
            raise WrongSetting(f"The setting {SETTING} has the encoding {self._encoding}; there is gzip.")
        address = Address.parse(parts._replace(query=urlencode(options)).geturl(), SETTING)
        self._bucket, self._prefix = address.bucket, address.prefix
        self._control, self._data, _credentials = connect(address, SETTING)
        self._facts, self._bare = facts, re.compile(facts.bare)
        self._are_headers_new = False

    def is_known(self) -> bool:
        mark = self._read_mark()
        return mark is not None and mark.get("headers") == self._headers

    def claim(self) -> None:
        """What was put with other headers is put again; objects that have the present ones already are spared."""
        mark = self._read_mark()
        if mark is None:
            with asking("list the bucket"):
                found = self._control.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
            if found.get("Contents"):
                raise WrongSetting(f"{self._place} holds something else than a site. Name another path.")
            self._write_mark()
        self._are_headers_new = mark is not None and mark.get("headers") != self._headers

    def _read_mark(self) -> dict[str, Any] | None:
        try:
            with asking("look for the site's mark"):
                body = self._control.get_object(Bucket=self._bucket, Key=self._prefix + _MARK)["Body"].read(10_000)
        except NotFound:
            return None
        mark = dict(json.loads(body))
        check_site(str(mark.get("site")), self._facts.url, self._place, _MARK)
        return mark

    @property
    def _place(self) -> str:
        return f"The bucket {self._bucket} (path /{self._prefix})"

    def _write_mark(self) -> None:
        body = json.dumps({"site": self._facts.url, "headers": self._headers}).encode()
        with asking("mark the bucket"):
            self._control.put_object(
                Bucket=self._bucket, Key=self._prefix + _MARK, Body=body, ContentType="application/json"
            )

    @property
    def _headers(self) -> str:
        """Digest of what decides the headers of objects."""
        decisive = (self._facts.types, self._facts.headers, self._encoding)
        return hashlib.sha256(repr(decisive).encode()).hexdigest()[:16]

    def name_of(self, path: str) -> str:
        folder, _slash, name = path.rpartition("/")
        if name.rpartition(".")[2] in COMPRESSED:
            return ""
        return folder if name in (PAGE, TOMBSTONE) and self._bare.search(f"/{folder}") else path

    def folders(self) -> list[str]:
        found = self._listed("", "/", "CommonPrefixes")
        names = (entry["Prefix"].removeprefix(self._prefix).rstrip("/") for entry in found)
        return [name for name in names if not name.startswith(".")]

    def held(self, folder: str) -> Iterator[Held]:
        delimiter, below = ("", f"{folder}/") if folder else ("/", "")
        for entry in self._listed(below, delimiter, "Contents"):
            yield Held(entry["Key"].removeprefix(self._prefix), entry["Size"], entry["ETag"].strip('"'))

    def _listed(self, below: str, delimiter: str, what: str) -> Iterator[dict[str, Any]]:
        pages = self._data.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + below, Delimiter=delimiter
        )
        with asking("list the bucket"):
            for page in pages:
                yield from page.get(what, ())

    def put(self, data: bytes, time: int, file: File, held: Held | None) -> int:
        sent = self._facts.sent(f"/{file.path}")
        is_text = sent["Content-Type"].partition(";")[0] in ("text/html", *COMPRESSIBLE)
        coding = self._encoding if is_text else ""
        body = gzip.compress(data, 6, mtime=0) if coding else data
        digest = hashlib.md5(body, usedforsecurity=False)
        if held is not None and held.size == len(body) and self._is_same(file.name, held, digest.hexdigest()):
            return -1
        said = {
            "ContentType": sent["Content-Type"],
            "CacheControl": sent["Cache-Control"],
            "ContentDisposition": sent.get("Content-Disposition", ""),
            "ContentEncoding": coding,
        }
        status = {"status": "410"} if file.path.endswith(f"/{TOMBSTONE}") else {}
        self._repeated(
            "store an object",
            lambda: self._data.put_object(
                Bucket=self._bucket,
                Key=self._prefix + file.name,
                Body=body,
                ContentMD5=base64.b64encode(digest.digest()).decode(),
                Metadata={"md5": digest.hexdigest(), "headers": self._headers, **status},
                **{name: value for name, value in said.items() if value},
            ),
        )
        return len(body)

    def _is_same(self, name: str, held: Held, digest: str) -> bool:
        """A page and a tombstone of the same bytes do not occur: whatever else differs, the digest of headers tells."""
        if held.mark == digest and not self._are_headers_new:
            return True
        with suppress(NotFound), asking("look at an object"):
            found = self._control.head_object(Bucket=self._bucket, Key=self._prefix + name)["Metadata"]
            return bool(found.get("md5") == digest and found.get("headers") == self._headers)
        return False

    def remove(self, name: str) -> None:
        with suppress(NotFound):
            self._repeated(
                "remove an object", lambda: self._data.delete_object(Bucket=self._bucket, Key=self._prefix + name)
            )

    @staticmethod
    def _repeated(what: str, call: Callable[[], object]) -> None:
        """A call that may be carried out more than once."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with calling(what):
                    call()
                return
            except Unclear as error:
                if attempt == _ATTEMPTS:
                    raise Unreachable(f"The bucket {SETTING} does not answer ({error}).") from error

    def finish(self) -> None:
        if self._are_headers_new:
            self._write_mark()
            self._are_headers_new = False
