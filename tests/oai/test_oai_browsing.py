"""People who open the address in a browser can read the answers and click through them."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from snapshots import with_metadata

from repository.oai.resource import create_blueprint
from tests.oai.harvest_world import World, numbered, of_type, withdrawn

BROWSER = {"Sec-Fetch-Dest": "document"}


@pytest.fixture
def client(world: World) -> FlaskClient:
    world.put(*[numbered(number) for number in range(7)], of_type(numbered(8), "software", "Software & more"))
    world.put(withdrawn(numbered(3)))
    world.clock.pass_(5)
    app = Flask("oai")
    app.register_blueprint(create_blueprint(world.database, world.settings, world.formats, world.clock))
    return app.test_client()


def page(client: FlaskClient, address: str) -> etree._Element:
    answer = client.get(address, headers=BROWSER)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    return html.fromstring(answer.get_data())


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def test_every_link_of_every_page_leads_to_an_answer(client: FlaskClient) -> None:
    open_, seen, records, next_pages = ["/oai?verb=Identify"], set(), set(), 0
    while open_:
        address = open_.pop()
        if address in seen:
            continue
        seen.add(address)
        root = page(client, address)
        assert root.xpath("//*[@class='error']/strong/text()") in ([], ["noRecordsMatch"]), address
        next_pages += len(root.xpath("//a[@rel='next']"))
        records |= set(root.xpath("//div[@class='header']//code/text()"))
        open_ += [path_of(link) for link in root.xpath("//a/@href") if urlsplit(link).path == "/oai"]
    verbs = {match[1] for address in seen if (match := re.search(r"verb=(\w+)", address))}
    assert verbs == {"Identify", "ListSets", "ListMetadataFormats", "ListIdentifiers", "ListRecords", "GetRecord"}
    assert len(records) == 8
    assert next_pages >= 4


def test_errors_and_deletions_are_shown(client: FlaskClient, world: World) -> None:
    root = page(client, "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:1")
    assert "idDoesNotExist" in root.xpath("string(//*[@class='error'])")
    assert page(client, "/oai?verb=%3Cscript%3E").xpath("string(//*[@class='error']/strong)") == "badVerb"
    identifier = f"oai:{world.settings.oai_domain}:{numbered(3).id}"
    gone = page(client, f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={identifier}")
    assert gone.xpath("string(//strong[@class='deleted'])") == "deleted"


def test_other_formats_are_shown_as_xml_with_their_namespaces(client: FlaskClient, world: World) -> None:
    identifier = f"oai:{world.settings.oai_domain}:{numbered(1).id}"
    root = page(client, f"/oai?verb=GetRecord&metadataPrefix=datacite&identifier={identifier}")
    text = unescape(root.xpath("string(//article/pre)"))
    assert 'xmlns="http://datacite.org/schema/kernel-4"' in text
    assert "<title" in text
    assert "Record 1" in text


def test_harvesters_get_xml_that_names_the_stylesheet(client: FlaskClient) -> None:
    for headers in ({}, {"Accept": "text/html"}, {"Sec-Fetch-Dest": "empty"}):
        answer = client.get("/oai?verb=Identify", headers=headers)
        assert answer.content_type == "text/xml; charset=utf-8"
        named = re.search(rb'<\?xml-stylesheet type="text/xsl" href="([^"]+)"\?>', answer.data)
        assert named
        sheet = client.get(named[1].decode())
        assert (sheet.status_code, sheet.content_type) == (200, "text/xsl; charset=utf-8")
        assert b"<xsl:stylesheet" in sheet.data


def test_nothing_of_a_record_becomes_a_script(world: World, client: FlaskClient) -> None:
    world.put(
        with_metadata(
            numbered(20), title='<script>alert(1)</script>"><img src=x onerror=alert(1)>', publisher="javascript:x"
        )
    )
    world.clock.pass_(5)
    identifier = f"oai:{world.settings.oai_domain}:{numbered(20).id}"
    for prefix in ("oai_dc", "datacite"):
        root = page(client, f"/oai?verb=GetRecord&metadataPrefix={prefix}&identifier={identifier}")
        assert not root.xpath("//script | //img | //@onerror | //a[starts-with(@href, 'javascript')]")
        assert "<script>alert(1)</script>" in unescape(root.xpath("string(//article)"))
    policy = client.get("/oai?verb=Identify").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
