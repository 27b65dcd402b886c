"""Sets of OAI-PMH that admins define by a query: listed, defined, redefined, removed.

Who is in a set is written by the reader `oai`, which is told of each change by a request in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput, NotFound, RevisionMismatch
from repository.following import leave
from repository.records.sets import SETS, SPEC, DefinedSet, read_query
from repository.records.snapshot import Json
from repository.records.text import clean
from repository.records.visibility import Viewer
from repository.services.instance import Instance
from repository.storage import oai_sets

SORTS = oai_sets.SORTS
UNKNOWN = "There is no such set."
READER = "oai"
_LONGEST = {"name": 255, "search_pattern": 4096, "description": 10_000}
"""Characters."""


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    sets: Sequence[DefinedSet]


def list_sets(
    instance: Instance, viewer: Viewer, sort: str = "name", descending: bool = False, offset: int = 0, size: int = 25
) -> Page:
    """Some of the sets; `sort`: one of SORTS. Raises Forbidden."""
    require(viewer, "oai_sets.manage")
    with instance.database.snapshot() as connection:
        return Page(*oai_sets.page(connection, sort, descending, offset, size))


def read(instance: Instance, viewer: Viewer, set_id: int) -> DefinedSet:
    """Raises Forbidden, NotFound."""
    require(viewer, "oai_sets.manage")
    with instance.database.read() as connection:
        found = oai_sets.one(connection, set_id)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def find(instance: Instance, viewer: Viewer, spec: str) -> DefinedSet:
    """The set of this spec. Raises Forbidden, NotFound."""
    require(viewer, "oai_sets.manage")
    with instance.database.read() as connection:
        found = oai_sets.by_spec(connection, spec)
    if found is None:
        raise NotFound(f"There is no set {spec} that was defined.")
    return found


def define(instance: Instance, viewer: Viewer, body: Json) -> DefinedSet:
    """A new set: `{name, spec, search_pattern, description?}`. Raises Forbidden, InvalidInput."""
    require(viewer, "oai_sets.manage")
    values = _checked(body, {"spec": body.get("spec")})
    now = datetime.now(UTC)
    with instance.database.write() as connection:
        oai_sets.lock(connection)
        if oai_sets.by_spec(connection, values["spec"]) is not None:
            raise InvalidInput(INVALID, [FieldError("spec", (f"There is a set {values['spec']} already.",))])
        set_id = oai_sets.add(connection, {**values, "revision_id": 1, "created": now, "updated": now})
        oai_sets.grow(connection)
        leave(connection, READER, "rules")
    return DefinedSet(set_id, **values, revision_id=1, created=now, updated=now)


def redefine(instance: Instance, viewer: Viewer, set_id: int, body: Json, revision: int | None = None) -> DefinedSet:
    """Another name, description or query; the spec stays.

    Raises Forbidden, NotFound, InvalidInput, RevisionMismatch.
    """
    old = read(instance, viewer, set_id)
    if body.get("spec", old.spec) != old.spec:
        raise InvalidInput(INVALID, [FieldError("spec", ("The spec of a set can't be changed.",))])
    values = _checked(body, {})
    with instance.database.write() as connection:
        oai_sets.lock(connection)
        old = _seen(oai_sets.one(connection, set_id), revision)
        values |= {"revision_id": old.revision_id + 1, "updated": datetime.now(UTC)}
        oai_sets.change(connection, set_id, values)
        if values["search_pattern"] != old.search_pattern:
            oai_sets.grow(connection)
            leave(connection, READER, "rules")
    return DefinedSet(set_id, old.spec, **values, created=old.created)


def remove(instance: Instance, viewer: Viewer, set_id: int, revision: int | None = None) -> None:
    """Its items leave it, and when they have, it is listed no more. Raises Forbidden, NotFound, RevisionMismatch."""
    require(viewer, "oai_sets.manage")
    with instance.database.write() as connection:
        oai_sets.lock(connection)
        _seen(oai_sets.one(connection, set_id), revision)
        oai_sets.remove(connection, set_id)
        oai_sets.grow(connection)
        leave(connection, READER, "rules")


def _seen(found: DefinedSet | None, revision: int | None) -> DefinedSet:
    if found is None:
        raise NotFound(UNKNOWN)
    if revision is not None and revision != found.revision_id:
        raise RevisionMismatch
    return found


def _checked(body: Json, more: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says, cleaned. Raises InvalidInput with all that is wrong; what it says beside is left alone."""
    description = body.get("description")
    given = {
        "name": body.get("name"),
        "search_pattern": body.get("search_pattern"),
        "description": "" if description is None else description,
        **more,
    }
    values = {name: clean(value) for name, value in given.items() if isinstance(value, str)}
    wrong = {name: _wrong(name, values.get(name), given[name]) for name in given}
    if any(wrong.values()):
        raise InvalidInput(INVALID, [FieldError(name, (message,)) for name, message in wrong.items() if message])
    return values


def _wrong(name: str, value: str | None, given: Any) -> str:
    """What is wrong with a value, cleaned and as it came; empty if nothing is."""
    if value is None:
        return "Missing data for required field." if given is None else "Not a valid string."
    if name == "spec":
        return _wrong_spec(value)
    if not value and name != "description":
        return "Must not be empty."
    if len(value) > _LONGEST[name]:
        return f"Must be at most {_LONGEST[name]} characters long."
    if name == "search_pattern":
        try:
            read_query(value)
        except InvalidInput as error:
            return error.message
    return ""


def _wrong_spec(spec: str) -> str:
    if not SPEC.fullmatch(spec):
        return "Must be 1 to 100 letters, digits and -_.!~*'(), without a colon: parent sets are our own."
    if spec in {family.spec for family in SETS}:
        return f"The set {spec} is one of those that there always are."
    return ""
