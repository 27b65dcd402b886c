"""OAI-PMH over HTTP: methods, addresses, headers, compression, and unmodified clients over a real server."""

import gzip
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from oaipmh.client import Client
from oaipmh.error import IdDoesNotExistError, NoRecordsMatchError
from oaipmh.metadata import MetadataRegistry, oai_dc_reader
from sqlalchemy import text
from werkzeug.serving import make_server

from repository.oai.resource import create_blueprint
from tests.oai.harvest_world import (
    ALL_PREFIXES,
    BASE_URL,
    OAI,
    PREFIXES,
    World,
    attributes,
    closed,
    code,
    numbered,
    of_type,
    withdrawn,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of the compiler: the package has an old string literal
    from sickle import Sickle
    from sickle.oaiexceptions import BadArgument, NoRecordsMatch

QUERY = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
XML = "text/xml; charset=utf-8"


@pytest.fixture
def harbour(world: World) -> World:
    """Seventeen items, three of them deleted."""
    world.put(*[numbered(number) for number in range(12)])
    world.put(*[of_type(numbered(number), "software", "Software") for number in range(12, 17)])
    world.clock.pass_(10)
    world.put(withdrawn(numbered(3)), closed(numbered(4)), withdrawn(numbered(16)))
    world.clock.pass_(10)
    return world


@pytest.fixture
def app(harbour: World) -> Flask:
    app = Flask("oai")
    app.config["MAX_CONTENT_LENGTH"] = 10
    app.register_blueprint(create_blueprint(harbour.database, harbour.settings, harbour.formats, harbour.clock))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Base URL of a real server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oai"
    server.shutdown()
    thread.join()
    server.server_close()


def test_get_and_post_give_the_same_answer(client: FlaskClient) -> None:
    got = client.get("/oai", query_string=QUERY)
    posted = client.post("/oai", data=QUERY)
    assert got.status_code == posted.status_code == 200
    assert got.content_type == posted.content_type == XML
    assert got.data == posted.data
    assert len(list(etree.fromstring(got.data).iter(f"{OAI}record"))) == 3


def test_both_addresses_call_themselves_as_they_were_called(client: FlaskClient) -> None:
    for path in ("/oai", "/oai2d", "/oai/"):
        answer = etree.fromstring(client.get(path, query_string={"verb": "Identify"}).data)
        expected = BASE_URL.removesuffix("/oai") + path
        assert answer.findtext(f".//{OAI}baseURL") == answer.findtext(f"{OAI}request") == expected


def test_protocol_errors_are_200(client: FlaskClient) -> None:
    for query in (b"", b"verb=%ff", b"verb=GetMetadata", b"verb=ListRecords&metadataPrefix=x", b"\xff\x00&&&="):
        got = client.get("/oai", environ_overrides={"QUERY_STRING": query.decode("latin-1")})
        posted = client.post("/oai", data=query, content_type="application/x-www-form-urlencoded")
        assert (got.status_code, got.content_type) == (posted.status_code, posted.content_type) == (200, XML)
        assert code(etree.fromstring(got.data)) == code(etree.fromstring(posted.data)) is not None


def test_form_may_be_of_any_length_and_kind(client: FlaskClient) -> None:
    """Also where the application limits bodies: 413 would break a harvester."""
    for content_type in ("application/x-www-form-urlencoded", ""):
        long = client.post("/oai", data=b"verb=Identify&x=" + b"a" * 1_000_000, content_type=content_type)
        assert (long.status_code, code(etree.fromstring(long.data))) == (200, "badArgument")
    for content_type in ("application/json", "multipart/form-data", "text/plain; charset=nonsense"):
        other = client.post("/oai", data=b"{", content_type=content_type)
        assert (other.status_code, code(etree.fromstring(other.data))) == (200, "badVerb")


def test_arguments_of_post_are_read_from_form_and_query_together(client: FlaskClient) -> None:
    assert code(etree.fromstring(client.post("/oai?verb=Identify").data)) is None
    both = client.post("/oai?verb=ListRecords", data={"metadataPrefix": "oai_dc"})
    assert code(etree.fromstring(both.data)) is None
    assert code(etree.fromstring(client.post("/oai?verb=Identify", data={"verb": "Identify"}).data)) == "badVerb"


def test_answer_is_compressed_where_that_is_accepted(client: FlaskClient) -> None:
    plain = client.get("/oai", query_string=QUERY)
    assert "Content-Encoding" not in plain.headers
    for accepted in ("gzip", "br, gzip;q=0.5", "*", "deflate, gzip"):
        packed = client.get("/oai", query_string=QUERY, headers={"Accept-Encoding": accepted})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["Content-Length"] == str(len(packed.data))
    for refused in ("identity", "gzip;q=0", "br", ""):
        assert (
            "Content-Encoding"
            not in client.get("/oai", query_string=QUERY, headers={"Accept-Encoding": refused}).headers
        )
    assert plain.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"


def test_harvester_is_asked_to_come_again_while_records_are_prepared(client: FlaskClient, harbour: World) -> None:
    with harbour.database.write() as connection:
        connection.execute(text("UPDATE oai_clock SET generation = 'lost'"))
    answer = client.get("/oai", query_string=QUERY)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def expected_headers(world: World, **arguments: str) -> list[tuple[str, str, bool]]:
    return [
        (
            header.findtext(f"{OAI}identifier", ""),
            header.findtext(f"{OAI}datestamp", ""),
            attributes(header).get("status") == "deleted",
        )
        for header in world.headers(**arguments)
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sickle_harvests_everything_and_then_what_changed(address: str, harbour: World, method: str) -> None:
    sickle = Sickle(address, http_method=method, timeout=30)
    assert sickle.Identify().deletedRecord == "persistent"
    assert {entry.metadataPrefix for entry in sickle.ListMetadataFormats()} == set(ALL_PREFIXES)
    assert [entry.setSpec for entry in sickle.ListSets()] == [
        "access", "access:metadata-only", "community", "openaire", "openaire_data", "type", "type:dataset",
        "type:software",
    ]  # fmt: skip
    for prefix in PREFIXES:
        records = list(sickle.ListRecords(metadataPrefix=prefix))
        found = [(record.header.identifier, record.header.datestamp, record.deleted) for record in records]
        assert found == expected_headers(harbour, prefix=prefix)
        assert len(found) == 17
        assert all(record.deleted or record.metadata for record in records)
    headers = list(sickle.ListIdentifiers(metadataPrefix="oai_dc", set="type:software"))
    assert [(header.identifier, header.datestamp, header.deleted) for header in headers] == expected_headers(
        harbour, set="type:software"
    )
    first = sickle.GetRecord(metadataPrefix="oai_dc", identifier=records[0].header.identifier)
    assert first.metadata["title"] == ["Record 0"]
    since = sickle.Identify().xml.getparent().findtext(f"{OAI}responseDate")
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(**{"metadataPrefix": "oai_dc", "from": since})
    harbour.put(numbered(20), numbered(1, description="changed"), withdrawn(numbered(2)))
    harbour.clock.pass_(5)
    changed = [
        (record.header.identifier.rpartition(":")[2], record.deleted)
        for record in sickle.ListRecords(**{"metadataPrefix": "oai_dc", "from": since})
    ]
    assert changed == [(numbered(20).id, False), (numbered(1).id, False), (numbered(2).id, True)]
    with pytest.raises(BadArgument):
        sickle.ListRecords(**{"metadataPrefix": "oai_dc", "from": "yesterday"})


@pytest.mark.parametrize("by_get", [True, False])
def test_oaipmh_client_harvests_everything_and_then_what_changed(address: str, harbour: World, by_get: bool) -> None:
    registry = MetadataRegistry()
    registry.registerReader("oai_dc", oai_dc_reader)
    client = Client(address, registry, force_http_get=by_get)
    client.updateGranularity()
    identify = client.identify()
    assert identify.deletedRecord() == "persistent"
    assert identify.adminEmails() == ["admin@repository.example.org"]
    records = list(client.listRecords(metadataPrefix="oai_dc"))
    found = [
        (header.identifier(), f"{header.datestamp():%Y-%m-%dT%H:%M:%SZ}", bool(header.isDeleted()))
        for header, _metadata, _about in records
    ]
    assert found == expected_headers(harbour)
    assert next(metadata["title"] for _header, metadata, _about in records if metadata) == ["Record 0"]
    assert len(list(client.listIdentifiers(metadataPrefix="datacite", set="type:software"))) == 5
    since = datetime(2023, 11, 14, 22, 13, 40, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(NoRecordsMatchError):
        client.listRecords(metadataPrefix="oai_dc", from_=since)
    with pytest.raises(IdDoesNotExistError):
        client.getRecord(metadataPrefix="oai_dc", identifier="oai:repository.example.org:nothing")
    harbour.put(numbered(20))
    harbour.clock.pass_(5)
    ((header, metadata, _about),) = client.listRecords(metadataPrefix="oai_dc", from_=since)
    assert header.identifier().endswith(numbered(20).id)
    assert metadata["title"] == ["Record 20"]
