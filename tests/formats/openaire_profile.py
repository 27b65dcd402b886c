"""What OpenAIRE's literature guidelines call mandatory, and mandatory where the record has it."""

from typing import Any

from repository.formats.text import clean, plain
from repository.records.snapshot import Snapshot

OAIRE = "{http://namespace.openaire.eu/schema/oaire/}"
DATACITE = "{http://datacite.org/schema/kernel-4}"
DC = "{http://purl.org/dc/elements/1.1/}"
_MANDATORY = {
    "title": f"{DATACITE}titles/{DATACITE}title",
    "creator": f"{DATACITE}creators/{DATACITE}creator/{DATACITE}creatorName",
    "publication date": f"{DATACITE}dates/{DATACITE}date[@dateType='Issued']",
    "resource type": f"{OAIRE}resourceType",
    "resource identifier": f"{DATACITE}identifier",
    "access rights": f"{DATACITE}rights",
}
_ONCE = ("publication date", "resource type", "resource identifier", "access rights")
_APPLICABLE = {
    "contributors": f"{DATACITE}contributors/{DATACITE}contributor",
    "funding": f"{OAIRE}fundingReferences/{OAIRE}fundingReference",
    "languages": f"{DC}language",
    "publisher": f"{DC}publisher",
    "description": f"{DC}description",
    "subjects": f"{DATACITE}subjects/{DATACITE}subject",
}


def missing(root: Any, snapshot: Snapshot) -> list[str]:
    """Names of the properties that should be there and are not, or are there empty or too often."""
    found = {name: root.findall(path) for name, path in _MANDATORY.items()}
    wrong = [name for name, elements in found.items() if not elements or not all(entry.text for entry in elements)]
    wrong += [name for name in _ONCE if len(found[name]) > 1]
    wrong += [name for name, path in _APPLICABLE.items() if _has(snapshot, name) and root.find(path) is None]
    if snapshot.files_listed and snapshot.files["count"] and root.find(f"{OAIRE}file") is None:
        wrong.append("files")
    if snapshot.access.get("status") == "embargoed":
        kinds = [entry.get("dateType") for entry in root.iter(f"{DATACITE}date")]
        wrong += [name for name in ("Accepted", "Available") if kinds.count(name) != 1]
    return wrong


def _has(snapshot: Snapshot, name: str) -> bool:
    value = snapshot.metadata.get(name)
    if name == "subjects":
        return any(clean(entry.get("subject", "")) for entry in value or ())
    return bool(clean(plain(value)) if isinstance(value, str) else value)
