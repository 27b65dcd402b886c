"""How far each harvest is: kept with the rows of its items, so that the next run goes on from there in any case."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from repository.records.snapshot import Json
from repository.storage.database import in_parts
from repository.storage.models import Harvest, HarvestedItem, Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator wants: `begin` and `until` are days or moments (`YYYY-MM-DDThh:mm:ssZ`), or empty."""

    base_url: str
    set_spec: str = ""
    prefix: str = "oai_dc"
    begin: str = ""
    until: str = ""


@dataclass(slots=True)
class Underway:
    """A list that is being read, from page to page."""

    asked: Json
    """`{begin, until}` of the operator: another wish begins another list."""
    begin: str
    """`from` of the list; empty for everything."""
    until: str
    responded: str = ""
    """responseDate of its first page."""
    token: str = ""
    """Where it goes on; empty: with `resume`."""
    resume: str = ""
    """`from` with which it goes on without a token."""
    last: str = ""
    """The greatest datestamp so far."""
    ordered: bool = True
    """Whether the datestamps have never gone back."""
    risen: bool = False
    """Whether they have gone forward from a page to the next one. Only a list that has, and that has never gone back,
    is taken for one in the order of its datestamps, of which nothing is missed by going on from the last."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An item and the record that it has become."""

    identifier: str
    record_id: str
    datestamp: str


def read(connection: Connection, wanted: Wanted) -> tuple[str, Underway | None]:
    """(moment up to which everything is here, the list that was not read to its end)."""
    statement = select(Harvest.until, Harvest.underway).where(_is(wanted))
    found = connection.execute(statement).one_or_none()
    if found is None:
        return "", None
    return found.until, Underway(**found.underway) if found.underway else None


def write(connection: Connection, wanted: Wanted, until: str, underway: Underway | None) -> None:
    row = {"base_url": wanted.base_url, "set_spec": wanted.set_spec, "prefix": wanted.prefix, "until": until}
    connection.execute(delete(Harvest).where(_is(wanted)))
    connection.execute(insert(Harvest), {**row, "underway": asdict(underway) if underway else None})


def _is(wanted: Wanted) -> ColumnElement[bool]:
    return and_(
        Harvest.base_url == wanted.base_url, Harvest.set_spec == wanted.set_spec, Harvest.prefix == wanted.prefix
    )


def items(connection: Connection, base_url: str, identifiers: Sequence[str]) -> Mapping[str, Taken]:
    """Those of a provider's items that are here, by identifier."""
    statement = select(HarvestedItem.__table__).where(HarvestedItem.base_url == base_url)
    return {
        row.identifier: Taken(row.identifier, row.record_id, row.datestamp)
        for part in in_parts(identifiers)
        for row in connection.execute(statement.where(HarvestedItem.identifier.in_(part)))
    }


def items_of(connection: Connection, base_url: str, record_ids: Sequence[str]) -> Mapping[str, str]:
    """The provider's item that each of the records is, by id of the record."""
    statement = select(HarvestedItem.record_id, HarvestedItem.identifier).where(HarvestedItem.base_url == base_url)
    return {
        row.record_id: row.identifier
        for part in in_parts(record_ids)
        for row in connection.execute(statement.where(HarvestedItem.record_id.in_(part)))
    }


def know(connection: Connection, news: Mapping[str, str]) -> None:
    """Further identities of records, by identity: an import finds the record under them from now on."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [
        {"identity": identity, "record_id": news[identity], "digest": "", "parent_key": "", "run": ""}
        for identity in sorted(news)
    ]
    connection.execute(dialect.insert(Source).on_conflict_do_nothing(), rows)


def keep(connection: Connection, base_url: str, taken: Sequence[Taken], gone: Sequence[str]) -> None:
    """Writes which items have been taken, and forgets those that are gone."""
    if taken:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(HarvestedItem)
        news = {name: statement.excluded[name] for name in ("record_id", "datestamp")}
        rows = {item.identifier: {"base_url": base_url, **asdict(item)} for item in taken}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["base_url", "identifier"], set_=news),
            [rows[identifier] for identifier in sorted(rows)],
        )
    for part in in_parts(gone):
        same = (HarvestedItem.base_url == base_url, HarvestedItem.identifier.in_(part))
        connection.execute(delete(HarvestedItem).where(*same))
