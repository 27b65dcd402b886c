"""Whose fault an exception is: the store's, which costs only lag, or a change's, which is parked."""

import errno

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from repository.errors import StoreFull, Unreachable
from repository.following.lease import LeaseLost

_OF_THE_STORE = (Unreachable, StoreFull, OperationalError, InterfaceError, PoolTimeout, OSError, LeaseLost)

_OF_THE_CHANGE = (
    errno.ENAMETOOLONG,
    errno.EINVAL,
    errno.EILSEQ,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ELOOP,
)
"""What an operating system says of a name or a value that it was given."""

_LONGEST = 2000


def is_of_the_store(error: BaseException) -> bool:
    return isinstance(error, _OF_THE_STORE) and not (isinstance(error, OSError) and error.errno in _OF_THE_CHANGE)


def describe(error: BaseException) -> str:
    """Kind and text of an error as any database takes it: no NUL, no lone surrogate, not too long."""
    text = f"{type(error).__name__}: {error}"[:_LONGEST]
    return text.replace("\0", "").encode("utf-8", "replace").decode()
