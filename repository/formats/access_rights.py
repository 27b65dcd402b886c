"""What a record's access status is called in other vocabularies."""

from dataclasses import dataclass

from repository.records.snapshot import Json, Snapshot


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


METADATA_ONLY = _RIGHTS["metadata-only"].eurepo
_BY_TERM = {right.eurepo: right for right in _RIGHTS.values()}


def of_term(iri: str) -> AccessRight | None:
    """The right with this info:eu-repo term."""
    return _BY_TERM.get(iri)


def access_right(snapshot: Snapshot) -> AccessRight | None:
    """The right that follows from the record's status.

    None for a metadata-only record whose own `rights` state the access (imports keep `info:eu-repo` and COAR values
    there): its files lie elsewhere, and elsewhere's word counts.
    """
    status = snapshot.access.get("status", "")
    if status == "metadata-only" and any(states_access(entry) for entry in snapshot.metadata.get("rights", ())):
        return None
    return _RIGHTS.get(status)


def stated_right(snapshot: Snapshot) -> AccessRight:
    """The right, in formats that demand one, or that have no place for `rights` which state it: where `access_right`
    leaves it to the record's own `rights`, what they state, and that of metadata alone if it is none of ours."""
    right = access_right(snapshot)
    if right:
        return right
    said = " ".join(_said(entry) for entry in snapshot.metadata.get("rights", ()))
    found = (each for each in _RIGHTS.values() if each.coar.removeprefix("http://") in said or each.eurepo in said)
    return next(found, _RIGHTS["metadata-only"])


def states_access(entry: Json) -> bool:
    """Whether an entry of `rights` is no licence, but the word of a vocabulary for access."""
    return names_access(_said(entry))


def names_access(said: str) -> bool:
    """Whether a text or a link names a term for access."""
    return _EUREPO in said or _COAR_ANY in said


def _said(entry: Json) -> str:
    return str(entry.get("link", "")) + " ".join((entry.get("title") or {}).values())
