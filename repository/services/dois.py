"""Who has which DOI: unique over the instance, held from the reservation on."""

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from repository.errors import INVALID, FieldError, InvalidInput
from repository.records.identifiers import doi_key
from repository.records.snapshot import Json
from repository.storage.models import Pid


def hold(connection: Connection, doi: str, holder: str, provider: str, status: str) -> None:
    """Notes who has the DOI; the primary key keeps a second one out. Raises InvalidInput."""
    row = {"scheme": "doi", "value": doi_key(doi), "holder": holder, "provider": provider, "status": status}
    try:
        connection.execute(insert(Pid).values(**row))
    except IntegrityError as error:
        raise InvalidInput(INVALID, [_taken(doi)]) from error


def release(connection: Connection, holder: str) -> None:
    connection.execute(delete(Pid).where(Pid.scheme == "doi", Pid.holder == holder))


def taken(connection: Connection, holder: str, pids: Json) -> tuple[FieldError, ...]:
    """Says so if another record has this DOI: it is unique over the instance."""
    doi = pids.get("doi", {}).get("identifier")
    if not doi:
        return ()
    other = connection.execute(select(Pid.holder).where(Pid.scheme == "doi", Pid.value == doi_key(doi))).scalar()
    if other is None or other == holder:
        return ()
    return (_taken(doi),)


def _taken(doi: str) -> FieldError:
    return FieldError("pids.doi", (f"The DOI {doi} belongs to another record of this repository.",))
