"""What is said about a record's metadata beside them: where they come from, and under which licence they are.

Specified by: OAI-PMH 2.0, 2.5 Record (about); guidelines on provenance; guidelines on rights expressions, 3.
"""

import re
from itertools import takewhile

from repository.formats.xml_text import attribute, escape
from repository.oai.arguments import seconds
from repository.records.snapshot import Json, Site, Snapshot

_PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
_RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"<>{}|\\^`]+")

NAMESPACES = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "oai_datacite": "http://schema.datacite.org/oai/oai-1.1/",
    "datacite": "http://datacite.org/schema/kernel-4",
}
"""Of the formats that are imported, by the prefix under which they were harvested: for records that don't tell it."""
_LONGEST_CHAIN = 20
"""Steps of a record's way that are told."""


def containers(snapshot: Snapshot, site: Site) -> bytes:
    """The `<about>` element of a record, empty where there is nothing to say.

    The licence of metadata that were harvested is not ours to tell, be their provenance known whole or not.
    """
    origin = snapshot.origin or {}
    if not origin.get("base_url"):  # made here, or imported from files: there is no provider to name
        return _rights(site.metadata_licence).encode()
    return _provenance(origin, snapshot.created[:19] + "Z").encode()


def _provenance(origin: Json, created: str) -> str:
    """Altered, always: records are taken apart when they come and written anew when they go."""
    namespace = origin.get("namespace") or NAMESPACES.get(origin.get("prefix", ""), "")
    harvested = origin.get("harvested", "")
    own = origin | {
        "namespace": namespace,
        "harvested": harvested if seconds(harvested) is not None else created,
        "altered": "true",
    }
    content = ""
    for told in reversed(list(takewhile(_is_whole, [own, *origin.get("provenance", ())][:_LONGEST_CHAIN]))):
        content = _description(told, content)
    return _about("provenance", _PROVENANCE, "provenance.xsd", content) if content else ""


def _is_whole(told: Json) -> bool:
    """Whether it can be written as an originDescription."""
    return (
        all(_URI.fullmatch(told.get(name, "")) for name in ("base_url", "identifier", "namespace"))
        and all(seconds(told.get(name, "")) is not None for name in ("datestamp", "harvested"))
        and told.get("altered") in ("true", "false")
    )


def _description(told: Json, before: str) -> str:
    """One step of a record's way; `before`: the steps by which it came there."""
    fields = (
        ("baseURL", told["base_url"]),
        ("identifier", told["identifier"]),
        ("datestamp", told["datestamp"]),
        ("metadataNamespace", told["namespace"]),
    )
    elements = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields)
    dates = f'harvestDate="{told["harvested"]}" altered="{told["altered"]}"'
    return f"<originDescription {dates}>{elements}{before}</originDescription>"


def _rights(licence: str) -> str:
    return _about("rights", _RIGHTS, "rights.xsd", f"<rightsReference{attribute('ref', licence)}/>") if licence else ""


def _about(name: str, namespace: str, schema: str, content: str) -> str:
    location = f"{namespace} http://www.openarchives.org/OAI/2.0/{schema}"
    return (
        f'<about><{name} xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{location}">{content}</{name}></about>'
    )
