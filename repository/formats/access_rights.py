"""What a record's access status is called in other vocabularies."""

from dataclasses import dataclass

from repository.records.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class AccessRight:
    """One status: title, COAR concept, EU authority code, info:eu-repo term."""

    title: str
    coar: str
    authority: str
    eurepo: str


_COAR = "http://purl.org/coar/access_right/"
_AUTHORITY = "http://publications.europa.eu/resource/authority/access-right/"
_EUREPO = "info:eu-repo/semantics/"
_RIGHTS = {
    "open": AccessRight("Open Access", _COAR + "c_abf2", _AUTHORITY + "PUBLIC", _EUREPO + "openAccess"),
    "embargoed": AccessRight(
        "Embargoed Access", _COAR + "c_f1cf", _AUTHORITY + "NON_PUBLIC", _EUREPO + "embargoedAccess"
    ),
    "restricted": AccessRight(
        "Restricted Access", _COAR + "c_16ec", _AUTHORITY + "RESTRICTED", _EUREPO + "restrictedAccess"
    ),
    "metadata-only": AccessRight(
        "Metadata Only", _COAR + "c_14cb", _AUTHORITY + "NON_PUBLIC", _EUREPO + "closedAccess"
    ),
}


def access_right(snapshot: Snapshot) -> AccessRight | None:
    """The right that follows from the record's status.

    None for a metadata-only record whose own `rights` state the access (imports keep `info:eu-repo` and COAR values
    there): its files lie elsewhere, and elsewhere's word counts.
    """
    status = snapshot.access.get("status", "")
    if status == "metadata-only":
        for entry in snapshot.metadata.get("rights", ()):
            said = entry.get("link", "") + " ".join((entry.get("title") or {}).values())
            if _EUREPO in said or "purl.org/coar/access_right/" in said:
                return None
    return _RIGHTS.get(status)
