"""What is said about a record's metadata beside them: where they come from, and under which licence they are.

Specified by: OAI-PMH 2.0, 2.5 Record (about); guidelines on provenance; guidelines on rights expressions, 3.
"""

import re

from repository.formats.xml_text import attribute, escape
from repository.records.snapshot import Json, Site, Snapshot

_PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
_RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"<>{}|\\^`]+")

NAMESPACES = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "oai_datacite": "http://schema.datacite.org/oai/oai-1.1/",
    "datacite": "http://datacite.org/schema/kernel-4",
}
"""Of the formats that are imported, by the prefix under which they were harvested."""


def containers(snapshot: Snapshot, site: Site) -> bytes:
    """The `<about>` element of a record, empty where there is nothing to say.

    The licence of metadata that were harvested is not ours to tell.
    """
    return (_provenance(snapshot) or _rights(site.metadata_licence)).encode()


def _provenance(snapshot: Snapshot) -> str:
    """Of a record that was harvested; one that was imported from files has no provider to name."""
    origin = snapshot.origin or {}
    namespace = NAMESPACES.get(origin.get("prefix", ""), "")
    known = _URI.fullmatch(origin.get("base_url", "")) and _URI.fullmatch(origin.get("identifier", ""))
    if not namespace or not known or not _STAMP.fullmatch(origin.get("datestamp", "")):
        return ""
    return _about("provenance", _PROVENANCE, "provenance.xsd", _description(origin, namespace, snapshot.created))


def _description(origin: Json, namespace: str, harvested: str) -> str:
    """Altered, always: records are taken apart when they come and written anew when they go."""
    fields = (
        ("baseURL", origin["base_url"]),
        ("identifier", origin["identifier"]),
        ("datestamp", origin["datestamp"]),
        ("metadataNamespace", namespace),
    )
    elements = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields)
    return f'<originDescription harvestDate="{harvested[:19]}Z" altered="true">{elements}</originDescription>'


def _rights(licence: str) -> str:
    return _about("rights", _RIGHTS, "rights.xsd", f"<rightsReference{attribute('ref', licence)}/>") if licence else ""


def _about(name: str, namespace: str, schema: str, content: str) -> str:
    location = f"{namespace} http://www.openarchives.org/OAI/2.0/{schema}"
    return (
        f'<about><{name} xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{location}">{content}</{name}></about>'
    )
