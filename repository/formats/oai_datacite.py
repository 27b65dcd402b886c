"""DataCite XML in DataCite's wrapper for OAI-PMH, kernel 4.6, as aggregators of research data read it.

Specified by: DataCite's oai-1.1/oai.xsd and kernel-4.6/metadata.xsd; OpenAIRE Guidelines for Data Archive Managers 2.0.
"""

from repository.formats.access_rights import AccessRight, stated_right
from repository.formats.datacite import attributes
from repository.formats.datacite_older import KERNEL_4_6, older_identifier, older_relations
from repository.formats.datacite_xml import resource
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.openaire import openaire_dates
from repository.formats.text import english
from repository.formats.xml_text import document, escape
from repository.records.snapshot import Json, Site, Snapshot

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
_LOCATION = NAMESPACE + "oai.xsd"
_KERNEL = "http://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
_ROOT = (
    f'<oai_datacite xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{NAMESPACE} {_LOCATION}">'
)


def write(snapshot: Snapshot, site: Site) -> bytes:
    work = attributes_4_6(snapshot, site)
    lines = (
        _ROOT,
        "<schemaVersion>4.6</schemaVersion>",
        # the wrapper demands the symbol of a data centre; the domain names the repository just as well
        f"<datacentreSymbol>{escape(site.oai_domain)}</datacentreSymbol>",
        "<payload>",
        resource(work, _KERNEL),
        "</payload>",
        "</oai_datacite>",
    )
    return document("\n".join(lines))


def attributes_4_6(snapshot: Snapshot, site: Site) -> Json:
    """The record's DataCite attributes in the words of kernel 4.6, and with what OpenAIRE asks of them."""
    work = attributes(snapshot, site)
    work["types"] = _types(snapshot, work["types"])
    work["dates"] = openaire_dates(snapshot, work["dates"])
    work["rightsList"] = _rights(work.get("rightsList", []), stated_right(snapshot))
    work["relatedIdentifiers"] = list(older_relations(work.get("relatedIdentifiers", ()), KERNEL_4_6))
    work["relatedItems"] = [_related_item(item) for item in work.get("relatedItems", ())]
    if "language" in work:
        work["language"] = snapshot.prop("languages", work["language"], "alpha_2") or work["language"]
    return work


def _types(snapshot: Snapshot, types: Json) -> Json:
    """The name of the type where DataCite has no finer word: OpenAIRE wants one beside the general type."""
    general = types["resourceTypeGeneral"]
    title = english((snapshot.metadata.get("resource_type") or {}).get("title"))
    older = KERNEL_4_6.resource_types.get(general)
    specific = types["resourceType"] or (general if older else title)
    return {"resourceTypeGeneral": older or general, "resourceType": specific}


def _rights(rights: list[Json], right: AccessRight) -> list[Json]:
    """The access right once, by its info:eu-repo term."""
    if any(entry.get("rightsUri") == right.eurepo for entry in rights):
        return rights
    return [*rights, {"rights": right.title, "rightsUri": right.eurepo}]


def _related_item(item: Json) -> Json:
    known = item.get("relatedItemIdentifier")
    if not known:
        return item
    label, value = older_identifier(known["relatedItemIdentifierType"], known["relatedItemIdentifier"], KERNEL_4_6)
    rest = {name: part for name, part in item.items() if name != "relatedItemIdentifier"}
    if not value:
        return rest
    return rest | {"relatedItemIdentifier": {"relatedItemIdentifier": value, "relatedItemIdentifierType": label}}


FORMAT = Format(
    name="oai-datacite",
    title="DataCite XML for OAI-PMH",
    media_type="application/x-oai-datacite+xml",
    file_name="oai-datacite.xml",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="oai_datacite", namespace=NAMESPACE, schema=_LOCATION),
)
