"""The one table of permissions: each action and the predicate that allows it. Services ask it, once."""

from collections.abc import Callable
from dataclasses import dataclass

from repository.errors import Forbidden
from repository.records.visibility import Viewer


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about, as far as permissions care."""

    owner: str = ""
    """Account id of the owner; empty where there is none (imports without an owner: only admins edit)."""
    withdrawn: bool = False


def signed_in(viewer: Viewer, _subject: Subject) -> bool:
    return viewer.account != "" or viewer.admin


def owner(viewer: Viewer, subject: Subject) -> bool:
    return viewer.admin or (subject.owner != "" and viewer.account == subject.owner)


def owner_while_published(viewer: Viewer, subject: Subject) -> bool:
    return viewer.admin or (owner(viewer, subject) and not subject.withdrawn)


def admin(viewer: Viewer, _subject: Subject) -> bool:
    return viewer.admin


PERMISSIONS: dict[str, Callable[[Viewer, Subject], bool]] = {
    "draft.create": signed_in,
    "draft.read": owner,
    "draft.save": owner,
    "draft.delete": owner,
    "draft.publish": owner,
    "draft.upload": owner,
    "record.edit": owner_while_published,
    "record.version": owner_while_published,
    "record.manage": owner,
    "record.revisions": admin,
    "record.withdraw": admin,
    "record.restore": admin,
    "record.erase": admin,
    "own_records.list": signed_in,
    "names.read": signed_in,
    "oai_sets.manage": admin,
    "projections.read": admin,
    "builds.manage": admin,
    "faults.read": admin,
    "harvests.read": admin,
    "service.measure": admin,
}


def allowed(viewer: Viewer, action: str, subject: Subject) -> bool:
    return PERMISSIONS[action](viewer, subject)


def require(viewer: Viewer, action: str, subject: Subject | None = None) -> None:
    """Raises Forbidden."""
    if not PERMISSIONS[action](viewer, subject or Subject()):
        raise Forbidden
