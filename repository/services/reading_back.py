"""Stored bytes are read back and compared with their row: one way for fixity, back-ups and restoring.

An object that is missing, altered or can't be read is one object's fault, and the others go on. Whether it is the store
instead that fails, the store is asked: then it raises Unreachable, and nothing is said of the object.
"""

import hashlib
from collections.abc import Callable, Iterator

from repository.errors import NotFound, Unreachable
from repository.storage.objects import ObjectStore

UNREADABLE = "unreadable"
"""So begin the faults that may be the store's all the same, where it answers and gives back nothing."""
_CHUNK = 1 << 20


class Faulty(Exception):
    """Bytes that are not what they should be; `fault` is `missing`, `altered: …` or `unreadable: …`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def content(objects: ObjectStore, location: str, sha256: str, size: int) -> Iterator[bytes]:
    """The bytes, hashed meanwhile. Raises Faulty, at the end if they are others; Unreachable."""
    digest, count = hashlib.sha256(), 0
    for chunk in _chunks(objects, location):
        digest.update(chunk)
        count += len(chunk)
        yield chunk
    if count != size:
        raise Faulty(f"altered: {count} bytes instead of {size}")
    if digest.hexdigest() != sha256:
        raise Faulty(f"altered: SHA-256 is {digest.hexdigest()}")


def fault_of(
    objects: ObjectStore, location: str, sha256: str, size: int, pace: Callable[[int], object] = lambda _octets: None
) -> str:
    """What is wrong with the bytes; empty if nothing. `pace` gets the number of bytes of each chunk that was read."""
    try:
        for chunk in content(objects, location, sha256, size):
            pace(len(chunk))
    except Faulty as faulty:
        return faulty.fault
    return ""


def can_be_read(objects: ObjectStore, location: str) -> bool:
    """Whether the store gives back the beginning of an object. Raises Unreachable where it does not answer at all."""
    try:
        next(_chunks(objects, location), b"")
    except Faulty:
        return False
    return True


def _chunks(objects: ObjectStore, location: str) -> Iterator[bytes]:
    try:
        with objects.open(location) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except NotFound:
        objects.reach()
        raise Faulty("missing") from None
    except Unreachable as error:
        objects.reach()
        raise Faulty(f"{UNREADABLE}: {error.message}") from error
    except OSError as error:
        objects.reach()
        raise Faulty(f"{UNREADABLE}: {error.strerror}") from error
