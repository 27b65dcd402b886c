"""Statements of the hottest paths: compiled once, run by the database's driver itself, their rows its plain tuples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select

_Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    constants: Mapping[str, Any]
    order: Sequence[str] | None
    """Names of its parameters, where the driver takes them by their place."""

    def arguments(self, given: Mapping[str, Any]) -> Any:
        values = {**self.constants, **given}
        return values if self.order is None else [values[name] for name in self.order]


class Hot:
    """A statement that reads numbers, text and bytes, which need no conversion; its parameters need none either.

    For a row that is found by its key the engine takes several times as long as the database. Where the driver refuses,
    the engine is asked for the same: errors are then those that it tells.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> _Rows:
        if not connection.in_transaction():
            connection.begin()  # the driver would be outside of what the engine believes
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        driver: Any = connection.connection.dbapi_connection
        try:
            return driver.execute(compiled.text, compiled.arguments(parameters)).fetchall()  # type: ignore[no-any-return]
        except connection.dialect.loaded_dbapi.Error:
            return connection.execute(self.statement, parameters).all()

    def _compile(self, connection: Connection) -> _Compiled:
        made = self.statement.compile(dialect=connection.dialect)
        constants = {name: value for name, value in made.params.items() if value is not None}
        compiled = _Compiled(str(made), constants, getattr(made, "positiontup", None))
        return self._compiled.setdefault(connection.dialect.name, compiled)
