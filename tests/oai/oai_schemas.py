"""The XML schema of every response and of what is embedded in it, loaded without network."""

from collections.abc import Sequence
from pathlib import Path

from lxml import etree

_PROTOCOL = (
    ("http://www.openarchives.org/OAI/2.0/", "oai/2.0/OAI-PMH.xsd"),
    ("http://www.openarchives.org/OAI/2.0/oai-identifier", "oai/2.0/oai-identifier.xsd"),
    *(
        (f"http://www.openarchives.org/OAI/2.0/{name}", f"oai/2.0/{name.strip('/')}.xsd")
        for name in ("friends/", "branding/", "provenance", "rights/")
    ),
)
PAYLOADS = (
    ("http://www.openarchives.org/OAI/2.0/oai_dc/", "oai/2.0/oai_dc.xsd"),
    ("http://datacite.org/schema/kernel-4", "datacite/kernel-4.7/metadata.xsd"),
    ("http://schema.datacite.org/oai/oai-1.1/", "datacite/oai/oai-1.1/oai.xsd"),
    ("http://www.loc.gov/MARC21/slim", "marc/MARC21slim.xsd"),
    ("http://www.loc.gov/mods/v3", "loc/mods/3.8/mods-3-8.xsd"),
)
OPENAIRE = "http://namespace.openaire.eu/schema/oaire/"
APART = {OPENAIRE: ((OPENAIRE, "openaire-lit/4.0/openaire.xsd"),)}
"""Payloads that bring a schema of their own for a namespace of the others (DataCite's, Dublin Core's)."""
_OURS = (
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf.xsd"),
    ("https://schema.ccmm.cz/research-data/1.1", "ccmm.xsd"),
)
"""Schemas that the shared folder does not have; they lie in tests/schemas."""
_PLACES = {
    "dublincore.org/schemas/xmls/simpledc20021212.xsd": "dc/simpledc20021212.xsd",
    "www.openarchives.org/OAI/2.0/oai_dc.xsd": "oai/2.0/oai_dc.xsd",
    "www.loc.gov/mods/xml.xsd": "datacite/kernel-4.7/include/xml.xsd",
    "www.loc.gov/standards/xlink/xlink.xsd": "loc/xlink.xsd",
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


def load(folder: Path, payloads: Sequence[tuple[str, str]] = PAYLOADS) -> etree.XMLSchema:
    """The protocol's schema with those of payloads; `folder`: where they lie, as its README says."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Offline(folder))
    ours = Path(__file__).parents[1] / "schemas"
    places = [(namespace, folder / path) for namespace, path in (*_PROTOCOL, *payloads)]
    places += [(namespace, ours / path) for namespace, path in _OURS]
    imports = "".join(f'<xs:import namespace="{namespace}" schemaLocation="{path}"/>' for namespace, path in places)
    root = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(root, parser))
