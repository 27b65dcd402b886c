"""The database's clock, by which leases expire and retries are due: processes on several machines agree on it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, type_coerce

from repository.storage.database import Moment


def moment(connection: Connection, seconds: float = 0.0) -> ColumnElement[datetime]:
    """SQL for the moment in so many seconds from now; not the start of the transaction, in the form that is stored."""
    now: ColumnElement[Any]
    if connection.dialect.name == "sqlite":
        now = func.strftime("%Y-%m-%d %H:%M:%f000", "now", f"{seconds:+.3f} seconds")
    else:
        now = func.clock_timestamp() + literal(timedelta(seconds=seconds))
    return type_coerce(now, Moment)
