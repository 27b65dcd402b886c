"""Who may see what of a record: the one place where it is decided.

| state | landing page | API, formats | OAI | RDF, feeds, sitemap | search |
|---|---|---|---|---|---|
| open | full | 200 | item | in | everybody |
| files closed | full, a notice for files | 200, no file entries | item | in, no distributions | everybody |
| record closed | none | 403 | deleted if it was ever listed | out | its readers |
| withdrawn | tombstone, 410 | 410 | deleted | out | nobody |
| withdrawn, tombstone hidden | none | 404 | deleted | out | nobody |
| erased | tombstone without metadata, 410 | 410 | deleted | out | nobody |

Nothing here reads the clock: an embargo that ends is lifted by a change of its own.
"""

from dataclasses import dataclass
from typing import Literal

from repository.records.snapshot import Json, Neighbour, Snapshot

Sight = Literal["full", "without_files", "forbidden", "tombstone", "absent"]
Status = Literal["open", "embargoed", "restricted", "metadata-only"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `auth` makes it from a token or a session; nobody is `ANONYMOUS`."""

    account: str = ""
    """Account id, empty for nobody."""
    groups: tuple[str, ...] = ()
    admin: bool = False
    link: str = ""
    """Secret link through which the viewer came."""


ANONYMOUS = Viewer()
SYSTEM = Viewer(admin=True)
"""The commands of an operator, and imports."""


def may_read_closed(viewer: Viewer, readers: tuple[str, ...]) -> bool:
    return viewer.admin or (viewer.account != "" and viewer.account in readers)


def sight(snapshot: Snapshot, viewer: Viewer = ANONYMOUS) -> Sight:
    """What this viewer gets to see of the record."""
    if snapshot.state == "erased":
        return "tombstone"
    if snapshot.state == "withdrawn":
        return "tombstone" if (snapshot.tombstone or {}).get("is_visible", True) else "absent"
    if may_read_closed(viewer, snapshot.readers):
        return "full"
    if snapshot.closed:
        return "forbidden"
    return "without_files" if snapshot.files_closed else "full"


def is_public(snapshot: Snapshot) -> bool:
    """Whether the record belongs into what everybody can list: OAI items, graphs, feeds, sitemap, the search of all."""
    return snapshot.state == "published" and not snapshot.closed


def has_public_page(snapshot: Snapshot) -> bool:
    """Whether `/records/<id>` shows everybody something: the landing page, or a tombstone."""
    return is_public(snapshot) or sight(snapshot) == "tombstone"


def visible_versions(snapshot: Snapshot, viewer: Viewer = ANONYMOUS) -> tuple[Neighbour, ...]:
    """The versions that this viewer may know of, by index; withdrawn ones are listed, as tombstones."""
    reads_closed = may_read_closed(viewer, snapshot.readers)
    return tuple(
        version
        for version in snapshot.versions
        if (version.state == "erased")
        or (version.state == "withdrawn" and not version.hidden)
        or (version.state == "published" and (reads_closed or not version.closed))
    )


def latest(versions: tuple[Neighbour, ...]) -> Neighbour | None:
    """The newest published one of `visible_versions`."""
    return next((version for version in reversed(versions) if version.state == "published"), None)


def is_listed(snapshot: Snapshot) -> bool:
    """Whether it is in lists for people, which show the newest version that everybody can see."""
    newest = latest(visible_versions(snapshot))
    return is_public(snapshot) and (newest is None or newest.id == snapshot.id)


def public_versions(snapshot: Snapshot) -> list[Neighbour]:
    """The published ones that everybody may know of, by index."""
    return [version for version in visible_versions(snapshot) if version.state == "published"]


def beside(snapshot: Snapshot) -> tuple[Neighbour | None, Neighbour | None]:
    """The published versions before and after that everybody may know of, whichever are between."""
    versions = public_versions(snapshot)
    before = [version for version in versions if version.index < snapshot.index]
    after = [version for version in versions if version.index > snapshot.index]
    return (before[-1] if before else None), (after[0] if after else None)


def access_status(access: Json, files_enabled: bool) -> Status:
    """The one word for it that answers, facets and notices show."""
    if access["embargo"]["active"]:
        return "embargoed"
    if access["record"] == "public" and not files_enabled:
        return "metadata-only"
    return "open" if access["record"] == access["files"] == "public" else "restricted"
