"""File bytes, named by their SHA-256: one protocol, and an adapter for each kind of store."""

from urllib.parse import urlsplit

from repository.storage.objects.folder import FolderStore
from repository.storage.objects.store import ObjectStore, Stored


def open_objects(url: str) -> ObjectStore:
    """The store that the setting `objects` names."""
    return FolderStore(urlsplit(url).path)


__all__ = ["FolderStore", "ObjectStore", "Stored", "open_objects"]
