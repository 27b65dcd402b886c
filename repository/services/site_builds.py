"""Builds of the static site, asked for, watched and cancelled by admins; the leader of the reader `site` makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput
from repository.following import builds
from repository.following.builds import Asked, Build
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services.instance import Instance

READER = "site"


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    builds: Sequence[Build]


def ask(instance: Instance, viewer: Viewer, body: Json) -> Build:
    """`{kind: full | changed}`. One that waits already serves who asks for the same. Raises Forbidden, InvalidInput."""
    require(viewer, "builds.manage")
    kinds: tuple[Asked, ...] = get_args(Asked)
    for kind in kinds:
        if body.get("kind") == kind:
            return builds.ask(instance.database, READER, kind, viewer.account)
    raise InvalidInput(INVALID, [FieldError("kind", (f"Must be one of: {', '.join(kinds)}.",))])


def history(instance: Instance, viewer: Viewer, offset: int, size: int) -> Page:
    """The newest first. Raises Forbidden."""
    require(viewer, "builds.manage")
    return Page(*builds.history(instance.database, READER, offset, size))


def read(instance: Instance, viewer: Viewer, build_id: int) -> Build:
    """Raises Forbidden, NotFound."""
    require(viewer, "builds.manage")
    return builds.build(instance.database, READER, build_id)


def cancel(instance: Instance, viewer: Viewer, build_id: int) -> Build:
    """Raises Forbidden, NotFound; Conflict where it is over, or is one that the reader makes by itself."""
    require(viewer, "builds.manage")
    return builds.cancel(instance.database, READER, build_id)
