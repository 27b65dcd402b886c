"""What a record's access status is called in other vocabularies."""

from collections.abc import Iterator
from dataclasses import dataclass

from repository.records.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class AccessRight:
    """One status: title, COAR concept, EU authority code, info:eu-repo term, COAR's label."""

    title: str
    coar: str
    authority: str
    eurepo: str
    label: str


_COAR = "http://purl.org/coar/access_right/"
_COAR_ANY = "purl.org/coar/access_right/"
_AUTHORITY = "http://publications.europa.eu/resource/authority/access-right/"
_EUREPO = "info:eu-repo/semantics/"
_RIGHTS = {
    "open": AccessRight("Open Access", _COAR + "c_abf2", _AUTHORITY + "PUBLIC", _EUREPO + "openAccess", "open access"),
    "embargoed": AccessRight(
        "Embargoed Access",
        _COAR + "c_f1cf",
        _AUTHORITY + "NON_PUBLIC",
        _EUREPO + "embargoedAccess",
        "embargoed access",
    ),
    "restricted": AccessRight(
        "Restricted Access",
        _COAR + "c_16ec",
        _AUTHORITY + "RESTRICTED",
        _EUREPO + "restrictedAccess",
        "restricted access",
    ),
    "metadata-only": AccessRight(
        "Metadata Only",
        _COAR + "c_14cb",
        _AUTHORITY + "NON_PUBLIC",
        _EUREPO + "closedAccess",
        "metadata only access",
    ),
}


def access_right(snapshot: Snapshot) -> AccessRight | None:
    """The right that follows from the record's status.

    None for a metadata-only record whose own `rights` state the access (imports keep `info:eu-repo` and COAR values
    there): its files lie elsewhere, and elsewhere's word counts.
    """
    status = snapshot.access.get("status", "")
    if status == "metadata-only" and any(states_access(said) for said in _said(snapshot)):
        return None
    return _RIGHTS.get(status)


def main_access_right(snapshot: Snapshot) -> AccessRight:
    """The one right that formats want which demand one: as `access_right`, else what the record itself states.

    Metadata-only where neither is known.
    """
    right = access_right(snapshot)
    if right:
        return right
    for said in _said(snapshot):
        for stated in _RIGHTS.values():
            if stated.eurepo in said or stated.coar.removeprefix("http://") in said:
                return stated
    return _RIGHTS["metadata-only"]


def states_access(said: str) -> bool:
    """Whether a text or a link of `rights` is a term for an access status, and no licence."""
    return _EUREPO in said or _COAR_ANY in said


def _said(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("rights", ()):
        yield entry.get("link", "") + " ".join((entry.get("title") or {}).values())
