"""Uploads in parts to S3: clients send the parts to the bucket itself, at links that we sign."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from repository.errors import InvalidInput, NotFound
from repository.storage.objects.s3_calls import asking
from repository.storage.objects.s3_signing import sign_puts
from repository.storage.objects.store import GONE, Stored, Upload, check_parts

if TYPE_CHECKING:
    from repository.storage.objects.s3 import S3Store

_BLOCK = 1 << 20


class S3Parts:
    """See `PartUploads`."""

    least = 5 << 20
    direct = True

    def __init__(self, store: "S3Store") -> None:
        self._store = store

    def begin(self) -> Upload:
        location = self._store.new_location()
        return {"location": location, "upload": self._store.begin_upload(location)}

    def links(self, upload: Upload, sizes: Sequence[int], seconds: int) -> list[str]:
        """boto3 makes the first, for its address, and we sign all."""
        control = self._store.control
        asked = {"Bucket": self._store.bucket, "Key": self._store.key(upload["location"]), "UploadId": upload["upload"]}
        with asking("sign a link"):
            first = control.generate_presigned_url("upload_part", Params={**asked, "PartNumber": 1}, ExpiresIn=seconds)
            credentials = self._store.credentials().get_frozen_credentials()
        bodies = (
            ({"partNumber": str(number), "uploadId": upload["upload"]}, size) for number, size in enumerate(sizes, 1)
        )
        return sign_puts(first.partition("?")[0], bodies, credentials, control.meta.region_name, seconds)

    def put(self, upload: Upload, number: int, chunks: Iterable[bytes], size: int) -> None:
        raise InvalidInput("The parts of this file are sent to the addresses in links.parts.")

    def complete(self, upload: Upload, sizes: Sequence[int]) -> None:
        location, total = upload["location"], sum(sizes)
        asked = {"Bucket": self._store.bucket, "Key": self._store.key(location), "UploadId": upload["upload"]}
        try:
            with asking("list the parts"):
                pages = self._store.control.get_paginator("list_parts").paginate(**asked)
                parts = [part for page in pages for part in page.get("Parts", ())]
        except NotFound as error:  # completed before, and we were not there any more to note it
            if self._store.size_of(location) == total:
                return
            self._store.reach()  # else another bucket under the same name would end every upload
            raise InvalidInput(GONE) from error
        check_parts({part["PartNumber"]: part["Size"] for part in parts}, sizes)
        chosen = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
        self._store.complete_upload(location, upload["upload"], chosen, total)

    def read(self, upload: Upload, step: Callable[[], object]) -> Stored:
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        try:
            with self._store.open(upload["location"]) as stream:
                while block := stream.read(_BLOCK):
                    step()
                    sha256.update(block)
                    md5.update(block)
                    size += len(block)
        except NotFound:
            self._store.reach()
            raise
        return Stored(sha256.hexdigest(), md5.hexdigest(), size, upload["location"])

    def forget(self, upload: Upload) -> None:
        """Nothing is left: the parts have become the object."""

    def abandon(self, upload: Upload) -> None:
        self._store.abort_upload(upload["location"], upload["upload"])
        self._store.delete(upload["location"])

    def sweep(self, before: datetime) -> int:
        try:
            return self._store.drop_unfinished(before, lambda _location: False)
        except NotFound:
            return 0
