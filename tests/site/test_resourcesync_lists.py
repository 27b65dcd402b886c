"""ResourceSync: the lists of resources and of changes, of landing pages and of documents and files."""

import hashlib
from pathlib import Path
from typing import Any

from lxml import etree
from snapshots import with_files

from repository.records.identifiers import landing_iri
from tests.site.discovered import GONE, PUBLIC, SITE, xml
from tests.site.site_output import URL

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "rs": "http://www.openarchives.org/rs/terms/"}


def locations(data: bytes) -> list[str]:
    """Paths that a list of ResourceSync names."""
    return [found.removeprefix(f"{URL}/") for found in xml(data).xpath("//s:loc/text()", namespaces=NAMES)]


def test_resource_lists_name_every_page_with_its_digest_and_size(served: dict[str, bytes]) -> None:
    capabilities, _of_documents = locations(served[".well-known/resourcesync"])
    resource_list, change_list = locations(served[capabilities])
    found = {}
    for path in locations(served[resource_list]):
        root = xml(served[path])
        (about,) = root.xpath("rs:md", namespaces=NAMES)
        assert about.get("capability") == "resourcelist"
        assert about.get("at") >= "2024"
        for url in root.xpath("s:url", namespaces=NAMES):
            found[url.findtext("s:loc", namespaces=NAMES)] = url
    assert set(found) == {landing_iri(SITE, state.id) for state in PUBLIC}
    for address, url in found.items():
        page = served[f"{address.removeprefix(URL + '/')}/index.html"]
        facts = url.find("rs:md", namespaces=NAMES)
        assert facts.get("hash") == f"sha-256:{hashlib.sha256(page).hexdigest()}"
        assert int(facts.get("length")) == len(page)
        for link in url.findall("rs:ln", namespaces=NAMES):
            assert link.get("rel") == "describedby"
            assert link.get("href").removeprefix(f"{URL}/") in served
    assert change_list.endswith("changelist.xml")


def listed_documents(served: dict[str, bytes]) -> dict[str, Any]:
    """Address → entry of the lists of documents and files, beginning at the source description."""
    _of_pages, capabilities = locations(served[".well-known/resourcesync"])
    resource_list, change_list = locations(served[capabilities])
    assert change_list in served
    found = {}
    for path in locations(served[resource_list]):
        for url in xml(served[path]).xpath("s:url", namespaces=NAMES):
            found[url.findtext("s:loc", namespaces=NAMES)] = url
    return found


def links_in(url: Any) -> set[tuple[str, str]]:
    return {(link.get("rel"), link.get("href")) for link in url.findall("rs:ln", namespaces=NAMES)}


def test_resource_lists_name_every_frozen_document_and_public_file(served: dict[str, bytes]) -> None:
    found = listed_documents(served)
    records = {state.id for state in PUBLIC}
    frozen = {path for path in served if path.startswith("records/") and path.split("/")[1] in records}
    documents = {f"{URL}/{path}" for path in frozen if "." in path and not path.endswith(".html")}
    assert len(documents) == 5 * len(PUBLIC)
    for address in documents:
        facts, data = found[address].find("rs:md", namespaces=NAMES), served[address.removeprefix(f"{URL}/")]
        assert facts.get("hash") == f"sha-256:{hashlib.sha256(data).hexdigest()}"
        assert int(facts.get("length")) == len(data)
        landing = address.rpartition("/")[0]
        assert links_in(found[address]) == {("describes", landing), ("canonical", landing)}
    files = {address: url for address, url in found.items() if address not in documents}
    assert {address for address in files if "SECRET" in address} == set()
    landing = landing_iri(SITE, with_files(502).id)
    figure = files[f"{landing}/files/figure.png"]
    facts = figure.find("rs:md", namespaces=NAMES)
    assert (facts.get("length"), facts.get("type")) == ("99000", "image/png")
    assert facts.get("hash").startswith("sha-256:")
    assert links_in(figure) == {("describedby", f"{landing}/record.ttl"), ("collection", landing)}


def test_change_lists_tell_of_documents_and_files_what_they_tell_of_pages(served: dict[str, bytes]) -> None:
    told: dict[str, str] = {}
    for path in (*locations(served["resourcesync/documents/changelist.xml"]), "resourcesync/documents/recent.xml"):
        moments = []
        for url in xml(served[path]).xpath("s:url", namespaces=NAMES):
            facts, address = url.find("rs:md", namespaces=NAMES), url.findtext("s:loc", namespaces=NAMES)
            assert told.setdefault(address, facts.get("change")) == facts.get("change")
            moments.append(facts.get("datetime"))
        assert moments == sorted(moments)
    removed = {address for address, change in told.items() if change == "deleted"}
    assert {address for address, change in told.items() if change == "created"} == set(listed_documents(served))
    assert {address.rpartition("/")[0] for address in removed} == {landing_iri(SITE, state.id) for state in GONE}
    assert len(removed) == 5 * len(GONE)


def test_change_lists_tell_what_came_and_what_went(served: dict[str, bytes]) -> None:
    told = {}
    for path in locations(served["resourcesync/changelist.xml"]):
        moments = []
        for url in xml(served[path]).xpath("s:url", namespaces=NAMES):
            facts = url.find("rs:md", namespaces=NAMES)
            told[url.findtext("s:loc", namespaces=NAMES)] = facts.get("change")
            moments.append(facts.get("datetime"))
        assert moments == sorted(moments)
        assert 1 <= len(moments) <= 3
    expected = {landing_iri(SITE, state.id): "created" for state in PUBLIC}
    assert told == expected | {landing_iri(SITE, state.id): "deleted" for state in GONE}


def test_lists_of_resourcesync_obey_their_schema(served: dict[str, bytes], shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "xsd" / "resourcesync" / "1.1" / "resourcesync.xsd"))
    facts = [
        element
        for path, data in served.items()
        if path.startswith(("resourcesync/", "sitemaps/2", ".well-known/resourcesync"))
        for element in xml(data).iter("{http://www.openarchives.org/rs/terms/}*")
    ]
    assert len(facts) > len(PUBLIC)
    for element in facts:
        assert schema.validate(element), (etree.tostring(element), schema.error_log)
