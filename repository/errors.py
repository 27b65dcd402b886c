"""Everything that can go wrong for a caller, as one tree. One place maps it to HTTP, one to OAI-PMH.

ColophonError
├── InvalidInput            what was sent can't be taken; carries the fields and why         (400)
├── NotSignedIn             no identity, or a token that is unknown or has expired           (401)
├── Forbidden               the caller may not do this                                       (403)
├── NotFound                nothing there, or nothing that the caller may know of            (404)
├── Conflict                others are at the same thing: the request may be sent again       (409)
├── Gone                    withdrawn or erased; carries the tombstone                       (410)
├── RevisionMismatch        somebody else saved first (`If-Match`)                           (412)
├── TooLarge                a body or file beyond the limit                                  (413)
├── WrongMediaType          a request body of a type that is not read here                   (415)
├── TooMany                 more requests than are allowed in a while                        (429)
├── NotAcceptable           none of the wanted media types can be made; carries those that can (406)
├── Moved                   the thing has another address now                                (302)
├── StoreFull               the disk or the bucket takes no more                             (507)
├── Busy                    others are at what takes long; later there is room               (503)
├── Unreachable             a store does not answer                                          (503, exit code 3)
└── WrongSetting            a setting has a value that can't be used                         (exit code 2)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INVALID = "A validation error occurred."
"""What InvalidInput says where its fields say the rest; clients know these words from InvenioRDM."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: the dotted path of its field (list positions are numbers) and what is wrong with it."""

    field: str
    messages: tuple[str, ...]
    severity: str = ""
    """`info` for a hint that hinders nothing; empty for what must be mended before publishing."""

    def to_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"field": self.field, "messages": list(self.messages)}
        return said | {"severity": self.severity} if self.severity else said


class ColophonError(Exception):
    """Root of the tree; `message` is a sentence for the caller."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(ColophonError):
    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class NotSignedIn(ColophonError):
    pass


class Forbidden(ColophonError):
    def __init__(self, message: str = "Permission denied.") -> None:
        super().__init__(message)


class NotFound(ColophonError):
    def __init__(self, message: str = "The persistent identifier does not exist.") -> None:
        super().__init__(message)


class Conflict(ColophonError):
    pass


class Gone(ColophonError):
    def __init__(self, tombstone: Mapping[str, Any], message: str = "Record deleted") -> None:
        super().__init__(message)
        self.tombstone = tombstone


class RevisionMismatch(ColophonError):
    def __init__(self, message: str = "The resource was changed by somebody else since you read it.") -> None:
        super().__init__(message)


class TooLarge(ColophonError):
    pass


class WrongMediaType(ColophonError):
    pass


class TooMany(ColophonError):
    pass


class NotAcceptable(ColophonError):
    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__("None of the accepted media types can be served. There is: " + ", ".join(offered) + ".")
        self.offered = tuple(offered)


class Moved(ColophonError):
    def __init__(self, record_id: str) -> None:
        super().__init__("Found")
        self.record_id = record_id


class StoreFull(ColophonError):
    pass


class Busy(ColophonError):
    pass


class Unreachable(ColophonError):
    pass


class WrongSetting(ColophonError):
    pass
