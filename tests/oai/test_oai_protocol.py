"""The protocol, sentence by sentence: verbs, arguments, errors; every response is valid against its schema."""

from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from snapshots import SITE

from repository.formats import FORMATS, by_oai_prefix
from repository.formats.rdf_xml import NAMESPACE as RDF
from repository.storage.database import Database
from tests.oai.conftest import Check
from tests.oai.harvest_world import (
    BASE_URL,
    OAI,
    PREFIXES,
    START,
    World,
    attributes,
    closed,
    code,
    mark,
    numbered,
    of_type,
    withdrawn,
)

ONE = f"oai:{SITE.oai_domain}:{numbered(1).id}"
GONE = f"oai:{SITE.oai_domain}:{numbered(2).id}"
LIST = "verb=ListRecords&metadataPrefix=oai_dc"
GET = "verb=GetRecord&metadataPrefix=oai_dc"


@pytest.fixture
def harbour(world: World) -> World:
    """Five items: two articles, the second of the datasets withdrawn; all in the past."""
    world.put(*[numbered(number) for number in (1, 2, 3)])
    world.put(*[of_type(numbered(number), "publication-article", "Journal article") for number in (4, 5)])
    world.clock.pass_(10)
    world.put(withdrawn(numbered(2)))
    world.clock.pass_(10)
    return world


ERRORS = (
    # a bad verb: missing, unknown, repeated, control characters
    ("", "badVerb"),
    ("verb=", "badVerb"),
    ("verb", "badVerb"),
    ("Verb=Identify", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=GetMetadata", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&verb=ListSets", "badVerb"),
    ("verb=Identify%00", "badVerb"),
    ("verb=Identify%0A", "badVerb"),
    ("verb=%FF%FE", "badVerb"),
    ("verb=%EF%BF%BF", "badVerb"),
    ("verb=Identify%20", "badVerb"),
    ("metadataPrefix=oai_dc", "badVerb"),
    ("verb=nothing&metadataPrefix=", "badVerb"),
    ("\xff\xfe=\x00&;&=&&", "badVerb"),
    # a bad argument: unknown, repeated, missing, empty
    ("verb=Identify&test=test", "badArgument"),
    ("verb=Identify&identifier=" + ONE, "badArgument"),
    ("verb=ListSets&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListSets&resumptionToken=", "badArgument"),
    ("verb=ListMetadataFormats&identifier=", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListIdentifiers", "badArgument"),
    ("verb=ListRecords&metadataPrefix=", "badArgument"),
    (LIST + "&metadataPrefix=oai_dc", "badArgument"),
    (LIST + "&from=2021-01-01&from=2021-01-02", "badArgument"),
    (LIST + "&identifier=" + ONE, "badArgument"),
    (LIST + "&set=", "badArgument"),
    (LIST + "&from=", "badArgument"),
    (LIST + "&%FF=1", "badArgument"),
    (LIST + "&set=%00", "badArgument"),
    ("verb=GetRecord&identifier=" + ONE, "badArgument"),
    (GET, "badArgument"),
    (GET + "&identifier=" + ONE + "&set=type", "badArgument"),
    # a bad argument: an exclusive token with others
    ("verb=ListRecords&resumptionToken=junk&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords&resumptionToken=junk&until=1990-01-10", "badArgument"),
    ("verb=ListRecords&resumptionToken=a&resumptionToken=a", "badArgument"),
    ("verb=ListRecords&resumptionToken=", "badArgument"),
    ("verb=ListRecords&resumptionToken=%00", "badArgument"),
    ("verb=GetRecord&resumptionToken=junk", "badArgument"),
    ("verb=Identify&resumptionToken=junk", "badArgument"),
    # bad arguments that are dates
    (LIST + "&from=2021-01-01&until=2021-01-02T00:00:00Z", "badArgument"),
    (LIST + "&from=2021-01-01T00:00:00Z&until=2021-01-02", "badArgument"),
    (LIST + "&from=2021-01-02&until=2021-01-01", "badArgument"),
    (LIST + "&from=2021-01-01T00:00:01Z&until=2021-01-01T00:00:00Z", "badArgument"),
    (LIST + "&from=2021-01-01T00:00:00.5Z", "badArgument"),
    (LIST + "&from=2021-01-01T00:00:00%2B01:00", "badArgument"),
    (LIST + "&from=2021-01-01T00:00:00", "badArgument"),
    (LIST + "&from=2021-01-01T00:00Z", "badArgument"),
    (LIST + "&from=2021-1-1", "badArgument"),
    (LIST + "&from=2021", "badArgument"),
    (LIST + "&from=2021-01", "badArgument"),
    (LIST + "&until=2021-02-30", "badArgument"),
    (LIST + "&until=2021-13-01", "badArgument"),
    (LIST + "&until=2021-01-01T24:00:00Z", "badArgument"),
    (LIST + "&until=2021-01-01T23:59:60Z", "badArgument"),
    (LIST + "&until=0000-01-01", "badArgument"),
    (LIST + "&until=junk", "badArgument"),
    (LIST + "&from=%D9%A2021-01-01", "badArgument"),
    (LIST + "&from=+2021-01-01", "badArgument"),
    # bad arguments that are ill-formed
    (LIST + "&set=a%20b", "badArgument"),
    (LIST + "&set=:a", "badArgument"),
    (LIST + "&set=a::b", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai%20dc", "badArgument"),
    ('verb=GetRecord&metadataPrefix=oai_dc&identifier=invalid"id', "badArgument"),
    (GET + "&identifier=%C5%99", "badArgument"),
    (GET + "&identifier=a%25b", "badArgument"),
    # each of the others in its place
    ("verb=ListRecords&metadataPrefix=really_wrong", "cannotDisseminateFormat"),
    ("verb=ListIdentifiers&metadataPrefix=OAI_DC", "cannotDisseminateFormat"),
    ("verb=GetRecord&metadataPrefix=really_wrong&identifier=" + ONE, "cannotDisseminateFormat"),
    (GET + "&identifier=really_wrong", "idDoesNotExist"),
    (GET + "&identifier=oai:elsewhere.example:" + numbered(1).id, "idDoesNotExist"),
    (GET + f"&identifier=oai:{SITE.oai_domain}:" + numbered(77).id, "idDoesNotExist"),
    (GET + f"&identifier=oai:{SITE.oai_domain}:", "idDoesNotExist"),
    (GET + "&identifier=" + numbered(1).id, "idDoesNotExist"),
    (GET + "&identifier=" + ONE.upper(), "idDoesNotExist"),
    ("verb=ListMetadataFormats&identifier=really_wrong", "idDoesNotExist"),
    ("verb=ListMetadataFormats&identifier=" + GONE, "noMetadataFormats"),
    (LIST + "&set=really_wrong_set", "noRecordsMatch"),
    (LIST + "&set=type:nothing", "noRecordsMatch"),
    (LIST + "&until=1990-01-10", "noRecordsMatch"),
    (LIST + "&from=2999-01-01", "noRecordsMatch"),
    (LIST + "&from=9999-12-31T23:59:59Z&until=9999-12-31T23:59:59Z", "noRecordsMatch"),
    (LIST + "&set=type:publication-article&from=2023-11-14T22:13:25Z", "noRecordsMatch"),
    ("verb=ListRecords&resumptionToken=junktoken", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=%C5%99%F0%9F%98%80", "badResumptionToken"),
    ("verb=ListSets&resumptionToken=junktoken", "badResumptionToken"),
)


@pytest.mark.parametrize(("query", "expected"), ERRORS)
def test_erroneous_request_gets_its_code(query: str, expected: str, harbour: World, valid: Check) -> None:
    answer = valid(harbour.raw(query.encode("latin-1")))
    assert code(answer) == expected
    assert answer.findtext(f"{OAI}error"), "a sentence for the harvester's operator"
    shown = attributes(answer.find(f"{OAI}request"))
    if expected in ("badVerb", "badArgument"):
        assert shown == {}
    else:
        assert shown["verb"] in query
        assert len(shown) == query.count("=")


def test_arguments_are_echoed_verbatim(harbour: World, valid: Check) -> None:
    arguments = {
        "verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2023-11-14", "until": "2023-11-15", "set": "type",
    }  # fmt: skip
    request = valid(harbour.raw(urlencode(arguments).encode())).find(f"{OAI}request")
    assert attributes(request) == arguments
    assert request.text == BASE_URL


def test_token_is_echoed_alone_and_escaped(harbour: World, valid: Check) -> None:
    answer = valid(harbour.raw(b"verb=ListRecords&resumptionToken=" + quote("<\"&'>").encode()))
    assert attributes(answer.find(f"{OAI}request")) == {"verb": "ListRecords", "resumptionToken": "<\"&'>"}


def test_envelope_names_its_schema_and_dates_itself(harbour: World) -> None:
    body = harbour.raw(b"verb=Identify")
    declaration, instruction, rest = body.split(b"\n", 2)
    assert declaration == b'<?xml version="1.0" encoding="UTF-8"?>'
    assert instruction == b'<?xml-stylesheet type="text/xsl" href="/oai/style.xsl"?>'
    assert rest.startswith(b'<OAI-PMH xmlns="')
    root = etree.fromstring(body)
    assert root.prefix is None
    assert root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation") == (
        "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
    )
    assert root.findtext(f"{OAI}responseDate") == "2023-11-14T22:13:40Z"


def test_identify_describes_the_repository(harbour: World, valid: Check) -> None:
    identify = valid(harbour.raw(b"verb=Identify")).find(f"{OAI}Identify")
    texts = {str(child.tag).removeprefix(OAI): child.text for child in identify}
    assert texts.pop("description") is None
    assert texts == {
        "repositoryName": SITE.name,
        "baseURL": BASE_URL,
        "protocolVersion": "2.0",
        "adminEmail": f"admin@{SITE.oai_domain}",
        "earliestDatestamp": "2023-11-14T22:13:20Z",
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
        "compression": "gzip",
    }
    (oai_identifier,) = identify.find(f"{OAI}description")
    assert oai_identifier.prefix is None
    assert oai_identifier.tag == "{http://www.openarchives.org/OAI/2.0/oai-identifier}oai-identifier"


def test_base_url_is_the_one_that_was_called(harbour: World) -> None:
    identify = etree.fromstring(harbour.provider.answer(b"verb=Identify", f"{SITE.url}/oai2d").body)
    assert identify.findtext(f"{OAI}Identify/{OAI}baseURL") == f"{SITE.url}/oai2d"
    assert identify.findtext(f"{OAI}request") == f"{SITE.url}/oai2d"


def test_identify_of_a_host_without_domain_is_valid(database: Database, tmp_path: Path, valid: Check) -> None:
    world = World(database, tmp_path)
    for url, email in (
        ("http://localhost:5000", "admin@localhost.invalid"),
        ("http://127.0.0.1:5000", "admin@127.0.0.1"),
    ):
        world.use_settings(site_url=url)
        identify = valid(world.raw(b"verb=Identify")).find(f"{OAI}Identify")
        assert identify.findtext(f"{OAI}adminEmail") == email
        assert identify.find(f"{OAI}description") is None


def test_earliest_datestamp_follows_the_items(world: World) -> None:
    world.put(numbered(1))
    world.clock.pass_(100)
    world.put(numbered(2))
    assert world.ask("Identify").findtext(f".//{OAI}earliestDatestamp") == "2023-11-14T22:13:20Z"
    world.put(numbered(1, description="changed"))
    assert world.ask("Identify").findtext(f".//{OAI}earliestDatestamp") == "2023-11-14T22:15:00Z"


def test_formats_advertise_their_own_namespace_and_schema(harbour: World, valid: Check) -> None:
    for query in ("verb=ListMetadataFormats", "verb=ListMetadataFormats&identifier=" + ONE):
        listed = {
            entry.findtext(f"{OAI}metadataPrefix"): (
                entry.findtext(f"{OAI}metadataNamespace"),
                entry.findtext(f"{OAI}schema"),
            )
            for entry in valid(harbour.raw(query.encode())).iter(f"{OAI}metadataFormat")
        }
        offered = [form for form in FORMATS if "identifier" not in query or form.suits(numbered(1))]
        assert listed.keys() == {form.oai.prefix for form in offered if form.oai}
        listed.pop("ccmm-xml", None)  # the record lacks what it needs
        for prefix, (namespace, schema) in listed.items():
            form = by_oai_prefix(str(prefix))
            assert form is not None
            assert form.oai is not None
            assert (form.oai.namespace, form.oai.schema) == (namespace, schema)
            answer = valid(harbour.raw(f"verb=GetRecord&metadataPrefix={prefix}&identifier={ONE}".encode()))
            (payload,) = answer.find(f".//{OAI}metadata")
            assert etree.QName(payload).namespace == namespace
            if namespace == RDF:  # which allows its root no attributes
                continue
            location = payload.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "").split()
            assert location == [namespace, schema]


def test_sets_are_listed_with_parents_names_and_descriptions(harbour: World, valid: Check) -> None:
    answer = valid(harbour.raw(b"verb=ListSets"))
    found = [
        (entry.findtext(f"{OAI}setSpec"), entry.findtext(f"{OAI}setName"), "".join(entry[2].itertext()))
        for entry in answer.iter(f"{OAI}set")
    ]
    assert found == [
        ("access", "Access", "Records by what of them is open to everybody."),
        ("access:metadata-only", "Metadata only", "Records with the access status Metadata only."),
        ("community", "Communities", "Records that belong to a community."),
        ("openaire", "OpenAIRE", "Literature for OpenAIRE: open, or the outcome of a funded project."),
        ("openaire_data", "OpenAIRE", "Research data for OpenAIRE."),
        ("type", "Resource types", "Records that have a resource type."),
        ("type:dataset", "Dataset", "Records of the type Dataset."),
        ("type:publication-article", "Journal article", "Records of the type Journal article."),
    ]


def test_repository_without_sets_says_so(database: Database, tmp_path: Path, valid: Check) -> None:
    world = World(database, tmp_path, sets=())
    for query in (b"verb=ListSets", b"verb=ListRecords&metadataPrefix=oai_dc&set=type"):
        assert code(valid(world.raw(query))) == "noSetHierarchy"


def test_empty_repository_answers_every_verb(world: World, valid: Check) -> None:
    assert code(valid(world.raw(b"verb=Identify"))) is None
    assert code(valid(world.raw(b"verb=ListSets"))) is None
    assert code(valid(world.raw(b"verb=ListMetadataFormats"))) is None
    assert code(valid(world.raw(LIST.encode()))) == "noRecordsMatch"
    assert code(valid(world.raw(f"{GET}&identifier={ONE}".encode()))) == "idDoesNotExist"


def test_get_record_agrees_with_both_lists(harbour: World, valid: Check) -> None:
    for prefix in PREFIXES:
        records = [record for page in harbour.pages(prefix=prefix) for record in page.iter(f"{OAI}record")]
        headers = harbour.headers(prefix=prefix)
        assert len(records) == len(headers) == 5
        for record, header in zip(records, headers, strict=True):
            identifier = header.findtext(f"{OAI}identifier")
            query = urlencode({"verb": "GetRecord", "metadataPrefix": prefix, "identifier": identifier})
            single = valid(harbour.raw(query.encode())).find(f".//{OAI}record")
            assert etree.tostring(single, method="c14n") == etree.tostring(record, method="c14n")
            assert etree.tostring(single[0], method="c14n") == etree.tostring(header, method="c14n")


def test_headers_name_all_sets(harbour: World) -> None:
    sets = {mark(header): [spec.text for spec in header.iter(f"{OAI}setSpec")] for header in harbour.headers()}
    access = ["access", "access:metadata-only"]
    assert sets[numbered(1).id] == [*access, "openaire_data", "type", "type:dataset"]
    assert sets["!" + numbered(2).id] == [*access, "openaire_data", "type", "type:dataset"]
    assert sets[numbered(4).id] == [*access, "type", "type:publication-article"]


def test_deleted_record_has_a_header_only(harbour: World, valid: Check) -> None:
    for prefix in PREFIXES:
        answer = valid(harbour.raw(f"verb=GetRecord&metadataPrefix={prefix}&identifier={GONE}".encode()))
        (record,) = answer.iter(f"{OAI}record")
        assert [child.tag for child in record] == [f"{OAI}header"]
        assert record[0].get("status") == "deleted"
        assert record[0].findtext(f"{OAI}datestamp") == "2023-11-14T22:13:30Z"


def test_record_closed_before_it_was_listed_is_unknown(harbour: World) -> None:
    secret = closed(numbered(9))
    harbour.put(secret)
    harbour.clock.pass_(10)
    assert secret.id not in " ".join(harbour.identifiers())
    identifier = f"oai:{SITE.oai_domain}:{secret.id}"
    assert code(harbour.ask("GetRecord", identifier=identifier, metadataPrefix="oai_dc")) == "idDoesNotExist"


def test_all_pages_are_valid(harbour: World, valid: Check) -> None:
    for verb in ("ListRecords", "ListIdentifiers"):
        for prefix in PREFIXES:
            for page in harbour.pages(verb, prefix):
                valid(etree.tostring(page))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(
            st.tuples(
                st.sampled_from(
                    [b"verb", b"identifier", b"metadataPrefix", b"from", b"until", b"set", b"resumptionToken", b"x"]
                ),
                st.one_of(
                    st.sampled_from(
                        [b"ListRecords", b"GetRecord", b"ListSets", b"Identify", b"oai_dc", b"2023-11-14", b"type"]
                    ),
                    st.text(max_size=12).map(lambda text: quote(text).encode()),
                    st.text("%:/?#[]@!$&'()*+,;=aA0. \"<>{}|\\^`", max_size=12).map(lambda text: quote(text).encode()),
                    st.binary(max_size=12),
                ),
            ),
            max_size=4,
        ).map(lambda pairs: b"&".join(name + b"=" + value for name, value in pairs)),
    )
)
def test_whatever_bytes_arrive_the_answer_is_valid(harbour: World, valid: Check, query: bytes) -> None:
    valid(harbour.raw(query))


def test_endless_arguments_are_refused(harbour: World) -> None:
    assert code(etree.fromstring(harbour.raw(b"verb=Identify&x=" + b"a" * 70_000))) == "badArgument"


def test_from_until_and_datestamp_return_the_record(harbour: World) -> None:
    for header in harbour.headers():
        stamp = header.findtext(f"{OAI}datestamp", "")
        assert mark(header) in harbour.identifiers(from_=stamp, until=stamp)


def test_day_of_until_is_whole(world: World) -> None:
    world.put(numbered(1))  # 2023-11-14T22:13:20Z
    world.clock.seconds = START + 6_399  # 23:59:59
    world.put(numbered(2))
    world.clock.seconds += 1
    world.put(numbered(3))
    world.clock.seconds += 100
    one, two, three = (numbered(number).id for number in (1, 2, 3))
    assert world.identifiers(until="2023-11-14") == [one, two]
    assert world.identifiers(from_="2023-11-14", until="2023-11-14") == [one, two]
    assert world.identifiers(from_="2023-11-15") == [three]
    assert world.identifiers(from_="2023-11-14T23:59:59Z", until="2023-11-15T00:00:00Z") == [two, three]
