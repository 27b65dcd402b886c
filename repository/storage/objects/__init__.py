"""File bytes, named by their SHA-256: one protocol, and an adapter for each kind of store."""

from urllib.parse import urlsplit

from repository.storage.objects.folder import FolderStore
from repository.storage.objects.store import ObjectStore, Stored, Upload


def open_objects(url: str) -> ObjectStore:
    """The store that the setting `objects` names; it is to be claimed before it is written to."""
    if url.startswith("s3:"):
        from repository.storage.objects.s3 import S3Store  # boto3 costs memory that a folder does not need

        return S3Store(url)
    return FolderStore(urlsplit(url).path, make=False)


__all__ = ["FolderStore", "ObjectStore", "Stored", "Upload", "open_objects"]
