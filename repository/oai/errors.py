"""What a harvester is told when its request can't be answered: always HTTP 200 with an `<error>`.

Specified by: OAI-PMH 2.0, 3.6 Error and Exception Conditions.
"""

from typing import Literal

from repository.errors import ColophonError

Code = Literal[
    "badVerb",
    "badArgument",
    "badResumptionToken",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noMetadataFormats",
    "noRecordsMatch",
    "noSetHierarchy",
]


class ProtocolError(ColophonError):
    """An error condition of the protocol; the message is for the person who reads the harvester's log."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotReady(ColophonError):
    """There are items, but no complete generation of their renderings: an empty list would be a lie."""
