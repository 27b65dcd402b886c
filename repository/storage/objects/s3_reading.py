"""Bytes of an S3 object as a seekable stream: one GET that flows, begun anew where the reader goes elsewhere."""

import io
from typing import TYPE_CHECKING, Any

from repository.errors import Unreachable
from repository.storage.objects.s3_calls import Unclear, calling

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ATTEMPTS = 3
"""GETs in a row that may break off without a byte."""


class S3Reader(io.RawIOBase):
    """The object's bytes from any place up to `stop`. A GET that breaks off is taken up where it was, in the same
    object: all that is read has one ETag. Raises Unreachable, NotFound.

    Nothing is asked for before the first read.
    """

    def __init__(self, client: Any, bucket: str, key: str, start: int, stop: int, etag: str = "") -> None:
        self._client, self._bucket, self._key, self._stop = client, bucket, key, stop
        self._position, self._etag = start, etag
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._stop}[whence]
        if start + offset < 0:
            raise ValueError(f"negative seek position {start + offset}")
        if start + offset != self._position:
            self._drop()
            self._position = start + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        if self._position >= self._stop or not len(view):
            return 0
        for attempt in range(_ATTEMPTS):
            try:
                with calling("read an object"):
                    if self._body is None:
                        self._body = self._get()
                    count = int(self._body.readinto(view))
                if count:
                    self._position += count
                    return count
                self._drop()  # it ended early
            except Unclear as error:
                self._drop()
                if attempt == _ATTEMPTS - 1:
                    raise Unreachable(f"The object store broke off ({error}).") from error
        raise Unreachable("The object store broke off (read an object: no bytes).")

    def _get(self) -> Any:
        span = f"bytes={self._position}-{self._stop - 1}"
        condition = {"IfMatch": self._etag} if self._etag else {}
        answer = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=span, **condition)
        self._etag = answer["ETag"]
        return answer["Body"]

    def _drop(self) -> None:
        """Closes the connection with what is still unread in it."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        self._drop()
        super().close()
