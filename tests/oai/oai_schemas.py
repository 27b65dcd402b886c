"""The XML schema of every response and of what is embedded in it, loaded without network."""

from pathlib import Path

from lxml import etree

_PARTS = (
    ("http://www.openarchives.org/OAI/2.0/", "oai/2.0/OAI-PMH.xsd"),
    ("http://www.openarchives.org/OAI/2.0/oai_dc/", "oai/2.0/oai_dc.xsd"),
    ("http://www.openarchives.org/OAI/2.0/oai-identifier", "oai/2.0/oai-identifier.xsd"),
    *(
        (f"http://www.openarchives.org/OAI/2.0/{name}", f"oai/2.0/{name.strip('/')}.xsd")
        for name in ("friends/", "branding/", "provenance", "rights/")
    ),
    ("http://datacite.org/schema/kernel-4", "datacite/kernel-4.7/metadata.xsd"),
)
_PLACES = {
    "dublincore.org/schemas/xmls/simpledc20021212.xsd": "dc/simpledc20021212.xsd",
    "www.openarchives.org/OAI/2.0/oai_dc.xsd": "oai/2.0/oai_dc.xsd",
    "www.w3.org/2009/01/xml.xsd": "datacite/kernel-4.7/include/xml.xsd",
    "www.w3.org/2001/xml.xsd": "datacite/kernel-4.7/include/xml.xsd",
    "www.w3.org/2001/03/xml.xsd": "datacite/kernel-4.7/include/xml.xsd",
}


class _Offline(etree.Resolver):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, system_url, public_id, context):  # type: ignore[no-untyped-def]
        if not system_url or not system_url.startswith("http"):
            return None
        return self.resolve_filename(str(self.folder / _PLACES[system_url.partition("//")[2]]), context)


def load(folder: Path) -> etree.XMLSchema:
    """`folder`: where the schemas lie, as its README says."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Offline(folder))
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{folder / path}"/>' for namespace, path in _PARTS
    )
    root = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(root, parser))
