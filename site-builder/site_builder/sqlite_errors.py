"""What SQLite says of a file beside the generations, as an error of ours."""

import contextlib
import sqlite3
from collections.abc import Iterator

from repository.errors import StoreFull, Unreachable


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Tells a store that can't be used from an error of ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StoreFull("There is no space left for the site's catalogue.") from error
        raise Unreachable(f"The site's catalogue can't be used: {error}") from error


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of a block or nothing of it."""
    with translated():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
