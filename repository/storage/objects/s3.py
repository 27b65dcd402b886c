"""Objects in a bucket of S3 (Ceph, AWS): every object has a key of its own, random and never used again."""

import base64
import hashlib
import io
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Any, BinaryIO, cast

from repository.errors import ColophonError, NotFound, Unreachable
from repository.storage.objects.ownership import MARK, check_mark
from repository.storage.objects.s3_calls import Address, Unclear, asking, calling, connect
from repository.storage.objects.s3_parts import S3Parts
from repository.storage.objects.s3_reading import S3Reader
from repository.storage.objects.store import Stored

PART = 8 << 20
"""Bytes of the first parts of an upload; what is no longer than one goes in a single PUT."""
_PARTS_OF_ONE_SIZE = 1000
"""Then parts grow twofold: S3 takes 10,000. So 56 GiB need parts of 32 MiB at most, and 2.4 TiB can be stored."""
_GROWTH = 6
_BUFFER = 64 << 10
_LOCATION = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
"""What we name. Anything else in the bucket is somebody else's, another instance's below a path of ours perhaps."""


class S3Store:
    """See `ObjectStore`. The bytes are hashed while they pass, and S3 checks each part against its MD5.

    A request without a clear answer is never guessed at: a HEAD of its key, which nobody else uses, decides.
    """

    content_addressed = False

    def __init__(self, url: str) -> None:
        address = Address.parse(url)
        self.bucket, self._prefix = address.bucket, address.prefix
        self.control, self._data, self.credentials = connect(address)
        self.parts = S3Parts(self)
        self._owner, self._may_mark, self._is_own = "", False, True

    def claim(self, owner: str, *, new: bool = False, take_over: bool = False) -> None:
        self._owner, self._may_mark, self._is_own = owner, new, False
        if take_over:
            self._mark()
        self.require_own()

    def require_own(self) -> None:
        """Once for each process that has an owner; of two that mark an empty store at once, one wins."""
        if self._is_own:
            return
        found = self._read_mark()
        if found is None and self._may_mark:
            with suppress(Unreachable):  # another was faster, or the answer was lost: reading it again decides
                self._mark(IfNoneMatch="*")
            found = self._read_mark()
            if found is None:
                raise Unreachable(f"The mark {self.key(MARK)} can't be written to the bucket {self.bucket}.")
        self._check_mark(found)
        self._is_own = True

    def _check_mark(self, found: bytes | None) -> None:
        check_mark(found, self._owner, f"The bucket {self.bucket} (path /{self._prefix})")

    def _mark(self, **condition: str) -> None:
        with asking("mark the bucket"):
            self.control.put_object(
                Bucket=self.bucket, Key=self.key(MARK), Body=f"{self._owner}\n".encode(), **condition
            )

    def _read_mark(self) -> bytes | None:
        try:
            with asking("see whose the bucket is"):
                return bytes(self.control.get_object(Bucket=self.bucket, Key=self.key(MARK))["Body"].read(1000))
        except NotFound:
            return None

    def put(self, chunks: Iterable[bytes]) -> Stored:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        size = 0

        def hashed() -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks:
                sha256.update(chunk)
                md5.update(chunk)
                size += len(chunk)
                yield chunk

        self.require_own()
        location = self.new_location()
        parts = _parts(hashed())
        part, is_last = next(parts)
        if is_last:
            self._put_whole(location, part, sha256.hexdigest(), md5.digest())
        else:
            self._put_parts(location, chain((part,), (part for part, _is_last in parts)))
        return Stored(sha256.hexdigest(), md5.hexdigest(), size, location)

    def _put_whole(self, location: str, content: io.BytesIO, sha256: str, md5: bytes) -> None:
        size = len(content.getbuffer())
        for attempt in (1, 2):
            try:
                content.seek(0)
                with calling("store an object"):
                    self._data.put_object(
                        Bucket=self.bucket,
                        Key=self.key(location),
                        Body=content,  # a stream is sent in small pieces, so that the time limit is one of standstill
                        ContentLength=size,
                        ContentMD5=base64.b64encode(md5).decode(),
                        Metadata={"sha256": sha256},
                    )
            except Unclear as error:
                head = self._head(location)
                if head and head["ContentLength"] == size and head["Metadata"].get("sha256") == sha256:
                    return
                if attempt == 2:
                    raise Unreachable(f"The object store does not answer ({error}).") from error
            else:
                return

    def _put_parts(self, location: str, parts: Iterable[io.BytesIO]) -> None:
        upload, done, size = self.begin_upload(location), list[CompletedPart](), 0
        try:
            for number, part in enumerate(parts, 1):
                done.append({"PartNumber": number, "ETag": self._put_part(location, upload, number, part)})
                size += len(part.getbuffer())
            self.complete_upload(location, upload, done, size)
        except BaseException:
            self.abort_upload(location, upload)
            raise

    def begin_upload(self, location: str) -> str:
        self.require_own()
        with asking("begin an upload"):
            answer = self.control.create_multipart_upload(Bucket=self.bucket, Key=self.key(location))
        return str(answer["UploadId"])

    def _put_part(self, location: str, upload: str, number: int, part: io.BytesIO) -> str:
        md5 = base64.b64encode(hashlib.md5(part.getbuffer(), usedforsecurity=False).digest()).decode()
        for attempt in (1, 2):
            try:
                part.seek(0)
                with calling("store a part"):
                    answer = self._data.upload_part(
                        Bucket=self.bucket,
                        Key=self.key(location),
                        UploadId=upload,
                        PartNumber=number,
                        Body=part,
                        ContentLength=len(part.getbuffer()),
                        ContentMD5=md5,
                    )
                return str(answer["ETag"])
            except Unclear as error:  # the same part sent again replaces itself
                if attempt == 2:
                    raise Unreachable(f"The object store does not answer ({error}).") from error
        raise AssertionError

    def complete_upload(self, location: str, upload: str, parts: list["CompletedPart"], size: int) -> None:
        for attempt in (1, 2):
            try:
                with calling("complete an upload"):
                    self._data.complete_multipart_upload(
                        Bucket=self.bucket,
                        Key=self.key(location),
                        UploadId=upload,
                        MultipartUpload={"Parts": parts},
                    )
                return
            except (Unclear, NotFound) as error:  # not found: the first attempt was carried out, perhaps
                head = self._head(location)
                if head and head["ContentLength"] == size:  # of these very parts: nothing else was ever at this key
                    return
                if attempt == 2:
                    raise Unreachable(f"The object store does not answer ({error}).") from error

    def abort_upload(self, location: str, upload: str) -> None:
        with suppress(ColophonError), asking("abort an upload"):
            self.control.abort_multipart_upload(Bucket=self.bucket, Key=self.key(location), UploadId=upload)

    def _head(self, location: str) -> dict[str, Any] | None:
        """None where there is no such object. Raises Unreachable, also where there is no such bucket."""
        try:
            with asking("look for an object"):
                return dict(self.control.head_object(Bucket=self.bucket, Key=self.key(location)))
        except NotFound:
            self._find_bucket()
            return None

    def reach(self) -> None:
        self._find_bucket()
        if self._owner:
            self._check_mark(self._read_mark())

    def _find_bucket(self) -> None:
        try:
            with asking("find the bucket"):
                self.control.head_bucket(Bucket=self.bucket)
        except NotFound as error:
            raise Unreachable(f"The object store has no bucket {self.bucket}.") from error

    def open(self, location: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        etag = ""
        if stop is None:
            head = self._head(location)
            if head is None:
                raise NotFound(f"The stored bytes {location} are missing.")
            stop, etag = int(head["ContentLength"]), str(head["ETag"])
        reader = S3Reader(self._data, self.bucket, self.key(location), start, stop, etag)
        return cast(BinaryIO, io.BufferedReader(reader, _BUFFER))

    def link(self, location: str, *, media_type: str, disposition: str, seconds: int) -> str:
        asked = {
            "Bucket": self.bucket,
            "Key": self.key(location),
            "ResponseContentType": media_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-store",
        }
        with asking("sign a link"):
            return str(self.control.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds))

    def exists(self, location: str) -> bool:
        return self._head(location) is not None

    def delete(self, location: str) -> None:
        self.require_own()
        with suppress(NotFound), asking("delete an object"):
            self.control.delete_object(Bucket=self.bucket, Key=self.key(location))

    def locations(self) -> Iterator[tuple[str, datetime]]:
        pages = self._data.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._prefix)
        with asking("list the objects"):
            for page in pages:
                for entry in page.get("Contents", ()):
                    location = entry["Key"].removeprefix(self._prefix)
                    if _LOCATION.fullmatch(location):
                        yield location, entry["LastModified"]

    def drop_unfinished(self, before: datetime, is_awaited: Callable[[str], bool]) -> int:
        self.require_own()
        pages = self.control.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=self._prefix)
        dropped = 0
        with asking("list unfinished uploads"):
            for page in pages:
                for upload in page.get("Uploads", ()):
                    location = upload["Key"].removeprefix(self._prefix)
                    is_ours = _LOCATION.fullmatch(location) is not None
                    if is_ours and upload["Initiated"] < before and not is_awaited(location):
                        self.abort_upload(location, upload["UploadId"])
                        dropped += 1
        return dropped

    @staticmethod
    def new_location() -> str:
        name = secrets.token_hex(16)
        return f"{name[:2]}/{name}"

    def size_of(self, location: str) -> int | None:
        head = self._head(location)
        return None if head is None else int(head["ContentLength"])

    def key(self, location: str) -> str:
        return self._prefix + location


CompletedPart = dict[str, str | int]


def _parts(chunks: Iterable[bytes]) -> Iterator[tuple[io.BytesIO, bool]]:
    """The stream in parts, one at least, each with whether it is the last. One buffer has them one after another."""
    part, count, due = io.BytesIO(), 0, PART
    for chunk in chunks:
        view = memoryview(chunk)
        while part.tell() + len(view) > due:
            taken = due - part.tell()
            part.write(view[:taken])
            view = view[taken:]
            yield part, False
            part.seek(0)
            part.truncate()
            count += 1
            due = PART << min(count // _PARTS_OF_ONE_SIZE, _GROWTH)
        part.write(view)
    yield part, True
