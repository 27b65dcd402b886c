"""Small documents of our own, and what to ask of what became of them."""

from typing import Any

from repository.records.deposit import Deposit

ORCID = "0000-0002-1825-0097"
ROR = "03yrm5c26"
OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'


def datacite(**fields: Any) -> dict[str, Any]:
    """A DataCite document with what is required; None takes a field away."""
    document = {
        "doi": "10.1234/Rain",
        "types": {"resourceTypeGeneral": "Dataset"},
        "creators": [{"name": "Carberry, Josiah", "nameType": "Personal"}],
        "titles": [{"title": "Rain in the harbour"}],
        "publisher": "Harbour Institute",
        "publicationYear": 2020,
    }
    return {key: value for key, value in (document | fields).items() if value is not None}


def resource(inner: str, kernel: str = "4") -> str:
    """A DataCite XML document with what is required."""
    return f"""<resource xmlns="http://datacite.org/schema/kernel-{kernel}">
      <identifier identifierType="DOI">10.1234/Rain</identifier>
      <creators><creator><creatorName>Carberry, Josiah</creatorName></creator></creators>
      <titles><title>Rain in the harbour</title></titles>
      <publisher>Harbour Institute</publisher><publicationYear>2020</publicationYear>
      <resourceType resourceTypeGeneral="Dataset">Dataset</resourceType>{inner}</resource>"""


def dc(inner: str, *, complete: bool = True) -> str:
    """An oai_dc record, with what is required unless not `complete`."""
    required = """<dc:title>Rain in the harbour</dc:title><dc:creator>Carberry, Josiah</dc:creator>
      <dc:date>2020-05-01</dc:date><dc:type>Dataset</dc:type>"""
    return f"""<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
      xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">
      {required if complete else ""}{inner}</oai_dc:dc>"""


def oai_record(number: int, metadata: str, status: str = "") -> str:
    body = f"<metadata>{metadata}</metadata>" if metadata else ""
    return f"""<record><header{status}><identifier>oai:harbour.example:{number}</identifier>
      <datestamp>2021-02-03T04:05:06Z</datestamp><setSpec>rain</setSpec></header>{body}</record>"""


def oai_response(*records: str) -> str:
    return f"""<OAI-PMH {OAI}><responseDate>2024-01-01T00:00:00Z</responseDate>
      <request verb="ListRecords" metadataPrefix="oai_dc">https://harbour.example/oai</request>
      <ListRecords>{"".join(records)}<resumptionToken>next</resumptionToken></ListRecords></OAI-PMH>"""


def invenio(**fields: Any) -> dict[str, Any]:
    """An InvenioRDM record with what is required; `metadata` is added to the required ones."""
    metadata = {
        "resource_type": {"id": "dataset"},
        "creators": [{"person_or_org": {"type": "personal", "family_name": "Carberry", "given_name": "Josiah"}}],
        "title": "Rain in the harbour",
        "publication_date": "2020-05",
    } | fields.pop("metadata", {})
    return {"metadata": {key: value for key, value in metadata.items() if value is not None}, **fields}


def metadata(deposit: Deposit) -> dict[str, Any]:
    found: dict[str, Any] = deposit.body["metadata"]
    return found


def notes(deposit: Deposit) -> list[str]:
    """The texts of the notes."""
    return [
        entry["description"]
        for entry in metadata(deposit).get("additional_descriptions", [])
        if entry["type"] == {"id": "other"}
    ]
