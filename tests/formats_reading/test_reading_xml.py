"""DataCite XML, oai_dc, and OAI-PMH responses."""

from collections.abc import Callable
from typing import Any

import pytest

from repository.errors import FieldError
from repository.records.deposit import Deposit, Refusal
from tests.formats_reading.samples import ORCID, dc, metadata, notes, oai_record, oai_response, resource

ReadOne = Callable[..., Deposit]
Read = Callable[..., list[Deposit | Refusal]]


WHOLE = f"""
        <contributors><contributor contributorType="Sponsor">
          <contributorName nameType="Organizational">Harbour Office</contributorName></contributor>
          <contributor contributorType="Editor"><contributorName nameType="Personal">Berg, Eva</contributorName>
          <nameIdentifier nameIdentifierScheme="ORCID" schemeURI="https://orcid.org">{ORCID}</nameIdentifier>
          <affiliation affiliationIdentifier="https://ror.org/03yrm5c26" affiliationIdentifierScheme="ROR">Rain
            Office</affiliation></contributor></contributors>
        <subjects><subject xml:lang="en" subjectScheme="FOR">rain</subject></subjects>
        <dates><date dateType="Collected" dateInformation="by hand">2019/2020</date></dates>
        <language>en</language>
        <alternateIdentifiers><alternateIdentifier alternateIdentifierType="local">7</alternateIdentifier>
        </alternateIdentifiers>
        <relatedIdentifiers><relatedIdentifier relatedIdentifierType="DOI" relationType="Cites"
          relationTypeInformation="in passing">10.1234/x</relatedIdentifier></relatedIdentifiers>
        <sizes><size>2 GB</size></sizes><formats><format>text/csv</format></formats><version>1</version>
        <rightsList><rights rightsURI="https://creativecommons.org/licenses/by/4.0/" xml:lang="en"/></rightsList>
        <descriptions><description descriptionType="Abstract">Drops,<br/>counted &lt; 7</description></descriptions>
        <geoLocations><geoLocation><geoLocationPlace>Harbour</geoLocationPlace><geoLocationBox>
          <westBoundLongitude>14</westBoundLongitude><eastBoundLongitude>15</eastBoundLongitude>
          <southBoundLatitude>50</southBoundLatitude><northBoundLatitude>51</northBoundLatitude>
          </geoLocationBox></geoLocation></geoLocations>
        <fundingReferences><fundingReference><funderName>Rain Council</funderName>
          <funderIdentifier funderIdentifierType="Other">rc</funderIdentifier>
          <awardNumber awardURI="https://rain.example/1">R-1</awardNumber></fundingReference></fundingReferences>"""


def test_datacite_xml_says_what_datacite_json_says(
    read_one: ReadOne, problems: Callable[[Deposit], tuple[FieldError, ...]]
) -> None:
    deposit = read_one(resource(WHOLE))
    assert problems(deposit) == ()
    found = metadata(deposit)
    assert deposit.identity == "doi:10.1234/rain"
    assert found["resource_type"] == {"id": "dataset"}
    assert found["contributors"] == [
        {"person_or_org": {"type": "organizational", "name": "Harbour Office"}, "role": {"id": "sponsor"}},
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Berg",
                "given_name": "Eva",
                "name": "Berg, Eva",
                "identifiers": [{"scheme": "orcid", "identifier": ORCID}],
            },
            "affiliations": [{"id": "03yrm5c26", "name": "Rain Office"}],
            "role": {"id": "editor"},
        },
    ]
    assert found["dates"] == [{"date": "2019/2020", "type": {"id": "collected"}, "description": "by hand"}]
    assert found["identifiers"] == [{"identifier": "7", "scheme": "other"}]
    assert found["rights"] == [{"id": "cc-by-4.0"}]
    assert found["description"] == "Drops,<br>counted &lt; 7"
    assert found["locations"]["features"][0]["place"] == "Harbour"
    assert found["funding"] == [
        {
            "funder": {"name": "Rain Council"},
            "award": {"number": "R-1", "identifiers": [{"identifier": "https://rain.example/1", "scheme": "url"}]},
        }
    ]
    assert set(notes(deposit)) == {
        "subjects.0.lang: en",
        "subjects.0.subjectScheme: FOR",
        "alternateIdentifiers.0.alternateIdentifierType: local",
        "relatedIdentifiers.0.relationTypeInformation: in passing",
        "rightsList.0.lang: en",
        "fundingReferences.0.funderIdentifier: rc",
        "fundingReferences.0.funderIdentifierType: Other",
    }


@pytest.mark.parametrize("kernel", ["2.0", "2.2", "3", "3.0", "4", "4.0", "4.7"])
def test_every_kernel_is_read(read_one: ReadOne, kernel: str) -> None:
    assert read_one(resource("<rights>CC0</rights>", kernel)).body == read_one(resource("<rights>CC0</rights>")).body
    without_namespace = resource("").replace(' xmlns="http://datacite.org/schema/kernel-4"', "")
    assert read_one(without_namespace).identity == "doi:10.1234/rain"


def test_kernel_3_points_and_boxes_are_texts(read_one: ReadOne) -> None:
    inner = """<geoLocations><geoLocation><geoLocationPoint>50.25 14.5</geoLocationPoint>
      <geoLocationBox>50 14 51 15</geoLocationBox></geoLocation></geoLocations>"""
    features = metadata(read_one(resource(inner, "3")))["locations"]["features"]
    assert features[0] == {"geometry": {"type": "Point", "coordinates": [14.5, 50.25]}}
    assert features[1]["geometry"]["coordinates"][0][:2] == [[14.0, 50.0], [15.0, 50.0]]


def test_stray_text_and_unknown_elements_become_notes(read_one: ReadOne) -> None:
    deposit = read_one(resource("stray <own a='1'>x<!-- no value --><b/>y</own>"))
    assert set(notes(deposit)) == {"#text: stray", "own.a: 1", "own.#text: x y"}


MANY = """<dc:title>Second title</dc:title><dc:creator>Harbour Institute</dc:creator>
      <dc:contributor>Berg, Eva</dc:contributor><dc:subject>rain</dc:subject><dc:description>Drops</dc:description>
      <dc:description>More</dc:description><dc:publisher>Harbour Institute</dc:publisher>
      <dc:publisher>Another</dc:publisher><dc:date>2019-01-02T03:04:05Z</dc:date><dc:type>Text</dc:type>
      <dc:format>text/csv</dc:format><dc:identifier>https://doi.org/10.1234/Rain</dc:identifier>
      <dc:identifier>Letters 3, 4</dc:identifier><dc:source>2049-3630</dc:source><dc:source>A diary</dc:source>
      <dc:language>eng</dc:language><dc:relation>https://harbour.example/2</dc:relation>
      <dc:relation>info:eu-repo/grantAgreement/EC/FP7/283595</dc:relation>
      <dc:coverage>Prague</dc:coverage><dc:coverage>1850-1890</dc:coverage>
      <dc:rights>info:eu-repo/semantics/openAccess</dc:rights>
      <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dcterms:extent>3</dcterms:extent>"""


def test_oai_dc_in_a_response(read_file: Read, problems: Callable[[Deposit], tuple[FieldError, ...]]) -> None:
    (deposit,) = read_file(oai_response(oai_record(1, dc(MANY))))
    assert isinstance(deposit, Deposit)
    assert problems(deposit) == ()
    assert deposit.source == "file#oai:harbour.example:1"
    assert deposit.identity == "doi:10.1234/rain"
    assert deposit.origin == {
        "source": "file#oai:harbour.example:1",
        "identity": "doi:10.1234/rain",
        "base_url": "https://harbour.example/oai",
        "identifier": "oai:harbour.example:1",
        "datestamp": "2021-02-03T04:05:06Z",
        "prefix": "oai_dc",
        "namespace": "http://www.openarchives.org/OAI/2.0/oai_dc/",
        "harvested": "2024-01-01T00:00:00Z",
    }
    found = metadata(deposit)
    assert found["title"] == "Rain in the harbour"
    assert found["additional_titles"] == [{"title": "Second title", "type": {"id": "other"}}]
    assert [entry["person_or_org"]["type"] for entry in found["creators"]] == ["personal", "organizational"]
    assert found["contributors"][0]["role"] == {"id": "other"}
    assert (found["description"], found["publisher"]) == ("Drops", "Harbour Institute")
    assert found["publication_date"] == "2020-05-01"
    assert found["dates"] == [{"date": "2019-01-02T03:04:05Z", "type": {"id": "other"}}]
    assert found["resource_type"] == {"id": "dataset"}
    assert found["identifiers"] == [
        {"identifier": "Letters 3, 4", "scheme": "other"},
        {"identifier": "oai:harbour.example:1", "scheme": "other"},
    ]
    assert found["related_identifiers"] == [
        {"identifier": "https://harbour.example/2", "scheme": "url", "relation_type": {"id": "other"}},
        {"identifier": "2049-3630", "scheme": "issn", "relation_type": {"id": "ispartof"}},
    ]
    assert found["funding"] == [
        {"funder": {"name": "European Commission"}, "award": {"number": "283595", "program": "FP7"}}
    ]
    assert found["locations"] == {"features": [{"place": "Prague"}]}
    assert found["rights"] == [{"title": {"en": "info:eu-repo/semantics/openAccess"}}, {"id": "cc-by-4.0"}]
    assert {
        "publisher.1: Another",
        "type.1: Text",
        "source.1: A diary",
        "coverage.1: 1850-1890",
        "extent: 3",
        "setSpec: rain",
    } <= set(notes(deposit))


def test_the_oai_identifier_identifies_a_record_without_a_doi(read_file: Read) -> None:
    records = oai_record(1, dc("")), oai_record(2, dc("")), oai_record(3, "", ' status="deleted"')
    one, two, deleted = read_file(oai_response(*records))
    assert isinstance(one, Deposit)
    assert isinstance(two, Deposit)
    assert (one.identity, two.identity) == ("oai:harbour.example:1", "oai:harbour.example:2")
    assert one.digest != two.digest
    assert deleted == Refusal("file#oai:harbour.example:3", "header.status", "deleted at the source")


def test_a_new_datestamp_alone_is_no_change(read_one: ReadOne) -> None:
    response = oai_response(oai_record(1, dc("")))
    assert read_one(response).digest == read_one(response.replace("2021-02-03", "2022-02-03")).digest


def test_a_missing_date_is_taken_from_the_datestamp(read_one: ReadOne, read_file: Read) -> None:
    response = oai_response(oai_record(1, dc("<dc:title>Rain</dc:title>", complete=False)))
    (refusal,) = read_file(response)
    assert isinstance(refusal, Refusal)
    found = metadata(read_one(response, fill_missing=True))
    assert found["publication_date"] == "2021-02-03"
    (refusal,) = read_file(dc("<dc:title>Rain</dc:title>", complete=False), fill_missing=True)
    assert refusal == Refusal(
        "file", "metadata.publication_date", "missing: the document has no date of publication that can be read"
    )


def test_provenance_about_a_record_is_kept(read_one: ReadOne) -> None:
    about = "<about><provenance><originDescription altered='true'><baseURL>http://x</baseURL></originDescription>"
    record = oai_record(1, dc("")).replace("</record>", f"{about}</provenance></about></record>")
    found = notes(read_one(oai_response(record)))
    assert "about.0.provenance.originDescription.baseURL: http://x" in found
    assert "about.0.provenance.originDescription.altered: true" in found


def test_responses_may_carry_datacite(read_one: ReadOne) -> None:
    payload = f"""<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.1/"><payload>{resource("")}</payload>
      </oai_datacite>"""
    for inner in (payload, resource("")):
        deposit = read_one(oai_response(oai_record(1, inner)))
        assert deposit.identity == "doi:10.1234/rain"
        assert deposit.origin["identifier"] == "oai:harbour.example:1"


def test_records_may_stand_without_their_response(read_one: ReadOne, read_file: Read) -> None:
    assert read_one(dc("")).identity.startswith("sha256:")
    assert read_one(oai_record(1, dc(""))).identity == "oai:harbour.example:1"
    many = read_file(f"<records>{dc('')}{resource('')}</records>")
    assert [item.source for item in many] == ["file#1", "file#2"]
    assert all(isinstance(item, Deposit) for item in many)


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (oai_response(), ("OAI-PMH", "holds no records")),
        (
            oai_response().replace("<ListRecords>", "<error code='noRecordsMatch'>none</error><ListRecords>"),
            ("OAI-PMH error", "noRecordsMatch: none"),
        ),
        (oai_response(oai_record(1, "<marc xmlns='m'/>")), ("metadata", "the format {m}marc is not read here")),
        (oai_response(oai_record(1, "")), ("metadata", "missing: the record has none")),
        (oai_response(oai_record(1, dc("", complete=False))), ("dc", "is empty")),
        ("<html><body/></html>", ("html", "the format html is not read here")),
        ("", ("file", "is empty")),
        (" \n ", ("file", "is empty")),
        ("title: Rain", ("file", "is neither JSON nor XML")),
    ],
)
def test_what_holds_no_record_is_refused(read_file: Read, content: str, refused: tuple[str, str]) -> None:
    (refusal,) = read_file(content)
    assert isinstance(refusal, Refusal)
    assert (refusal.field, refusal.reason) == refused


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE resource>",
        '<!DOCTYPE resource [<!ENTITY a "boom">]>',
        '<!DOCTYPE resource [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE resource SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_a_document_type_is_refused(read_file: Read, doctype: str) -> None:
    document = f"<?xml version='1.0'?>{doctype}" + resource("<version>&a;</version>" if "ENTITY" in doctype else "")
    (refusal,) = read_file(document)
    assert isinstance(refusal, Refusal)
    assert refusal.field == "DOCTYPE"


def test_entities_that_explode_are_refused_at_once(read_file: Read) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<!DOCTYPE resource [<!ENTITY l0 "rain">{entities}]><resource a="&l11;"/>'
    (refusal,) = read_file(document)
    assert isinstance(refusal, Refusal)


def test_a_response_that_breaks_off_gives_the_records_before_the_break(read_file: Read) -> None:
    whole = oai_response(*(oai_record(number, dc("")) for number in range(3)))
    *taken, refusal = read_file(whole[: whole.index("harbour.example:2") + 5])
    assert [type(item) for item in taken] == [Deposit, Deposit]
    assert isinstance(refusal, Refusal)
    assert refusal.field == "XML"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-2"])
def test_other_encodings_are_read(read_one: ReadOne, encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    content = f"<?xml version='1.0' encoding='{declared}'?>\n" + resource("<version>déšť</version>")
    assert metadata(read_one(content.encode(encoding)))["version"] == "déšť"


def test_deep_nesting_is_refused(read_file: Read) -> None:
    (refusal,) = read_file(resource("<a>" * 200 + "</a>" * 200))
    assert isinstance(refusal, Refusal)
    assert "nested" in refusal.reason


def test_a_repeated_element_where_one_is_allowed_is_not_lost(read_one: ReadOne) -> None:
    inner: Any = "<version>1</version><version>2</version><publisher>Another</publisher>"
    deposit = read_one(resource(inner))
    said = {*notes(deposit), metadata(deposit).get("version"), metadata(deposit).get("publisher")}
    assert {"version.0: 1", "version.1: 2", "publisher.0: Harbour Institute", "publisher.1: Another"} <= said
