"""FAIR Signposting and Memento as a client finds them that has nothing but an address: over HTTP, from a server."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from pathlib import Path

import orjson
import pytest
import requests
from flask import Flask
from signposting import Signposting, find_signposting_html, find_signposting_http
from signposting.linkset import find_signposting_linkset
from sqlalchemy import insert, select
from werkzeug.serving import make_server

from repository.cli.serve import build_app
from repository.records.structure import schemas_folder
from repository.records.visibility import SYSTEM, Viewer
from repository.services import drafts, editions, publishing, reading, withdrawal
from repository.services.accounts import create_token
from repository.services.instance import Instance
from repository.storage.models import File
from site_builder.freezer import SiteFreezer
from tests.instances import UNLIMITED, add_files, body, copy_instance, person, published

MANY = 25_000
SIX_KILOBYTES = 6000
ORCID = {"identifier": "0000-0002-1825-0097", "scheme": "orcid"}
AUTHOR = {"person_or_org": {"type": "personal", "family_name": "Holm", "given_name": "Ada", "identifiers": [ORCID]}}
DESCRIBED = {"creators": [AUTHOR], "rights": [{"id": "cc-by-4.0"}]}


class Served:
    """An instance behind a server that listens where `site.url` says."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.instance = copy_instance(template, folder, site__url=self.url, **UNLIMITED)
        self._server.app = build_app(self.instance)
        self.owner = person(self.instance, "owner")
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.instance.close()

    def page(self, record_id: str) -> str:
        return f"{self.url}/records/{record_id}"


@pytest.fixture(scope="module")
def served(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    found = Served(instance_template, tmp_path_factory.mktemp("served") / "instance")
    yield found
    found.close()


@pytest.fixture(scope="module")
def record(served: Served) -> str:
    """Of two files."""
    return published(served.instance, served.owner, body(**DESCRIBED), {"rain.csv": b"1,2", "a/b c.txt": b"rain"})


@pytest.fixture(scope="module")
def largest(served: Served) -> str:
    """Of 25,000 files of the same bytes, which come to the draft by one statement."""
    instance = served.instance
    draft = drafts.create(instance, served.owner, {**body("Series"), "files": {"enabled": True}})
    add_files(instance, served.owner, draft.id, {"part-00000.csv": b"1,2"})
    with instance.database.write() as connection:
        row = dict(connection.execute(select(File.__table__).where(File.record_id == draft.id)).mappings().one())
        rows = [{**row, "key": f"part-{number:05d}.csv", "id": f"{number:036d}"} for number in range(1, MANY)]
        connection.execute(insert(File.__table__), rows)
    return publishing.publish(instance, served.owner, draft.id).id


def targets(signs: Signposting, relation: str) -> set[str]:
    return {str(sign.target) for sign in signs if str(sign.rel) == relation}


def test_a_client_finds_everything_from_the_page(served: Served, record: str) -> None:
    page = served.page(record)
    in_header, in_html = find_signposting_http(page), find_signposting_html(page)
    assert str(in_header.citeAs.target) == str(in_html.citeAs.target) == page
    assert targets(in_html, "linkset") == targets(in_header, "linkset") == {f"{page}/linkset.json", f"{page}/linkset"}
    assert targets(in_html, "type") == {"https://schema.org/AboutPage", "https://schema.org/Dataset"}
    assert targets(in_html, "author") == {"https://orcid.org/0000-0002-1825-0097"}
    assert targets(in_html, "license") == {"https://creativecommons.org/licenses/by/4.0/"}
    assert targets(in_html, "item") == {f"{page}/files/rain.csv", f"{page}/files/a/b%20c.txt"}
    assert f"{page}/record.ttl" in targets(in_html, "describedby") & targets(in_header, "describedby")
    for sign in in_html.describedBy:
        answer = requests.get(sign.target, timeout=10)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].partition(";")[0] == sign.type


@pytest.mark.parametrize("name", ["linkset.json", "linkset"])
def test_a_linkset_tells_of_the_page_its_files_and_its_descriptions(served: Served, record: str, name: str) -> None:
    page = served.page(record)
    signs = find_signposting_linkset(f"{page}/{name}")
    of_page = signs.for_context(page)
    in_html = find_signposting_html(page)
    for relation in ("cite-as", "type", "author", "license", "describedby", "item", "collection"):
        assert targets(of_page, relation) == targets(in_html, relation), relation
    for file in targets(of_page, "item"):
        assert targets(signs.for_context(file), "collection") == {page}


def test_files_and_descriptions_lead_back_to_the_page(served: Served, record: str) -> None:
    page = served.page(record)
    assert targets(find_signposting_http(f"{page}/files/rain.csv"), "collection") == {page}
    for name in ("record.ttl", "record.jsonld", "datacite.xml"):
        link = requests.get(f"{page}/{name}", timeout=10).headers["Link"]
        first, *others = link.split(", ")
        assert first == f'<{page}>; rel="describes"; type="text/html"'
        assert all('rel="alternate"' in other and "profile=" in other for other in others)


@pytest.mark.parametrize(
    ("accept", "media_type", "name"),
    [
        ("application/ld+json", "application/ld+json", "schema.jsonld"),
        (
            'application/ld+json;profile="https://semiceu.github.io/DCAT-AP/releases/3.0.1/"',
            'application/ld+json;profile="https://semiceu.github.io/DCAT-AP/releases/3.0.1/"',
            "record.jsonld",
        ),
        ("application/n-triples", "application/n-triples", "record.nt"),
        ("application/rdf+xml", "application/rdf+xml", "record.rdf"),
        ("application/linkset+json", "application/linkset+json", "linkset.json"),
        ("application/linkset, text/html;q=0.5", "application/linkset", "linkset"),
    ],
)
def test_accept_chooses(served: Served, record: str, accept: str, media_type: str, name: str) -> None:
    answer = requests.get(served.page(record), headers={"Accept": accept}, timeout=10)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Location"] == f"/records/{record}/{name}"


DCAT_AP = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"


@pytest.mark.parametrize(
    ("profile", "accept", "name"),
    [
        (f"<{DCAT_AP}>", None, "record.ttl"),
        (f"<{DCAT_AP}>", "application/ld+json", "record.jsonld"),
        (f"<{DCAT_AP}>", "application/rdf+xml;q=0.9, text/turtle;q=0.5", "record.rdf"),
        ("<https://schema.org/>", "application/ld+json", "schema.jsonld"),
        ("<http://datacite.org/schema/kernel-4>", "application/json, */*;q=0.1", "datacite.json"),
        ("<https://w3id.org/ro/crate>", None, "ro-crate-metadata.json"),
        ("<http://www.loc.gov/mods/v3>;q=0.5, <http://www.loc.gov/MARC21/slim>;q=0.2", None, "mods.xml"),
        ("<urn:example:unknown>", "text/turtle", "record.ttl"),
    ],
)
def test_profiles_choose(served: Served, record: str, profile: str, accept: str | None, name: str) -> None:
    """Content Negotiation by Profile, 7."""
    headers = {"Accept-Profile": profile, "Accept": accept or "*/*"}
    answer = requests.get(served.page(record), headers=headers, timeout=10)
    assert answer.headers["Content-Location"] == f"/records/{record}/{name}"
    assert "Accept-Profile" in answer.headers["Vary"]
    told = answer.headers["Content-Profile"]
    listed = requests.utils.parse_header_links(answer.headers["Link"])
    assert {"url": f"{served.page(record)}/{name}", "rel": "alternate", "profile": told.strip("<>")}.items() <= next(
        link for link in listed if link["url"].endswith(f"/{name}")
    ).items()
    assert len(answer.headers["Link"]) < 4000


def test_of_25_000_files_the_linksets_name_all_and_the_header_none(served: Served, largest: str, record: str) -> None:
    page = served.page(largest)
    answer = requests.get(page, timeout=30)
    assert len(answer.headers["Link"]) < 4096
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) < SIX_KILOBYTES
    in_json = requests.get(f"{page}/linkset.json", timeout=30).json()["linkset"]
    files = {f"{page}/files/part-{number:05d}.csv" for number in range(MANY)}
    assert {target["href"] for target in in_json[0]["item"]} == files
    in_text = requests.get(f"{page}/linkset", timeout=30).text
    assert in_text.count('; rel="item"; type="text/csv"; anchor=') == MANY
    by_api = requests.get(
        f"{served.url}/api/records/{largest}", headers={"Accept": "application/linkset+json"}, timeout=30
    )
    assert by_api.json()["linkset"] == in_json


def test_the_frozen_linkset_is_whole_too(served: Served, largest: str, record: str) -> None:
    seen = reading.read(served.instance, SYSTEM, largest).snapshot
    database = served.instance.database
    freezer = SiteFreezer(
        served.instance.settings, partial(reading.whole, database), partial(reading.moments, database)
    )
    (frozen,) = freezer.records([seen])
    linkset = orjson.loads(frozen.folders[f"records/{largest}"]["linkset.json"])["linkset"]
    assert len(linkset[0]["item"]) == MANY
    assert linkset == requests.get(f"{served.page(largest)}/linkset.json", timeout=30).json()["linkset"]


def freezer_of(instance: Instance) -> SiteFreezer:
    database = instance.database
    return SiteFreezer(instance.settings, partial(reading.whole, database), partial(reading.moments, database))


def new_version(instance: Instance, viewer: Viewer, record_id: str, title: str, **changes: object) -> str:
    draft = editions.new_version(instance, viewer, record_id)
    drafts.save(instance, viewer, draft.id, {**body(title), **changes})
    return publishing.publish(instance, viewer, draft.id).id


def mementos(served: Served, record_id: str, **headers: str) -> dict[str, datetime]:
    """Addresses and times by a reader of `application/link-format`."""
    answer = requests.get(f"{served.page(record_id)}/timemap", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/link-format"
    found = requests.utils.parse_header_links(answer.text.replace("\n", " "))
    return {link["url"]: parsedate_to_datetime(link["datetime"]) for link in found if "memento" in link["rel"].split()}


def test_versions_are_mementos_of_what_is_behind_them(served: Served) -> None:
    first = published(served.instance, served.owner, body("One"))
    second = new_version(served.instance, served.owner, first, "Two")
    found = mementos(served, first)
    assert list(found) == [served.page(first), served.page(second)]
    assert mementos(served, second) == found
    for address, moment in found.items():
        answer = requests.get(address, timeout=10)
        assert parsedate_to_datetime(answer.headers["Memento-Datetime"]) == moment
        assert abs((datetime.now(UTC) - moment).total_seconds()) < 600
        links = {link["rel"]: link["url"] for link in requests.utils.parse_header_links(answer.headers["Link"])}
        original = requests.get(links["original"], allow_redirects=False, timeout=10)
        assert original.headers["Location"] == f"/records/{second}"
        leads = {link["rel"]: link["url"] for link in requests.utils.parse_header_links(original.headers["Link"])}
        assert leads["original"] == links["original"]
        assert leads["timegate"] == f"{served.page(second)}/timegate"
        assert leads["timemap"] == f"{served.page(second)}/timemap"
        assert links["timemap"].endswith("/timemap")


def test_the_frozen_timemap_is_what_the_service_answers(served: Served) -> None:
    """Wherever the other versions are known from: records are frozen one by one, or together."""
    first = published(served.instance, served.owner, body("One"))
    ids = [first, new_version(served.instance, served.owner, first, "Two")]
    database = served.instance.database
    freezer = SiteFreezer(
        served.instance.settings, partial(reading.whole, database), partial(reading.moments, database)
    )
    snapshots = [reading.read(served.instance, served.owner, record_id).snapshot for record_id in ids]
    together = freezer.records(snapshots)
    for record_id, snapshot, among in zip(ids, snapshots, together, strict=True):
        (alone,) = freezer.records([snapshot])
        answer = requests.get(f"{served.page(record_id)}/timemap", timeout=10).content
        assert answer.count(b"memento") == 2
        folder = f"records/{record_id}"
        assert alone.folders[folder]["timemap"] == among.folders[folder]["timemap"] == answer


def through_the_gate(served: Served, record_id: str, when: datetime | None = None, **headers: str) -> str:
    """Where the time gate leads."""
    asked = {"Accept-Datetime": format_datetime(when, usegmt=True)} if when else {}
    address = f"{served.page(record_id)}/timegate"
    answer = requests.get(address, headers=headers | asked, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    assert "accept-datetime" in answer.headers["Vary"]
    assert "Memento-Datetime" not in answer.headers
    links = {link["rel"]: link["url"] for link in requests.utils.parse_header_links(answer.headers["Link"])}
    assert links["timegate"].endswith("/timegate")
    assert {"original", "timemap"} < set(links)
    return served.url + answer.headers["Location"]


def test_a_timegate_leads_to_the_version_of_a_time(served: Served) -> None:
    first = published(served.instance, served.owner, body("Early"))
    second = new_version(served.instance, served.owner, first, "Late")
    for asked in (first, second):
        assert through_the_gate(served, asked) == served.page(second)
        assert through_the_gate(served, asked, datetime(2999, 1, 1, tzinfo=UTC)) == served.page(second)
        assert through_the_gate(served, asked, datetime(1999, 1, 1, tzinfo=UTC)) == served.page(first)
    page = requests.get(served.page(first), timeout=10)
    links = {link["rel"]: link["url"] for link in requests.utils.parse_header_links(page.headers["Link"])}
    assert links["timegate"].endswith(f"{first}/timegate")
    for wrong in ("yesterday", "2024-02-05", "", "Mon, 31 Feb 2024 10:00:00 GMT"):
        answer = requests.get(f"{served.page(first)}/timegate", headers={"Accept-Datetime": wrong}, timeout=10)
        assert answer.status_code == 400, wrong
        assert "accept-datetime" in answer.headers["Vary"]


def test_a_timegate_leads_to_no_version_that_its_reader_may_not_see(served: Served) -> None:
    first = published(served.instance, served.owner, body("Open"))
    closed = new_version(
        served.instance, served.owner, first, "Closed", access={"record": "restricted", "files": "restricted"}
    )
    assert through_the_gate(served, first) == served.page(first)
    token = create_token(served.instance, "owner@example.org")
    assert through_the_gate(served, first, Authorization=f"Bearer {token}") == served.page(closed)
    assert requests.get(f"{served.page(closed)}/timegate", timeout=10).status_code == 404


def test_a_timemap_names_what_its_reader_may_see(served: Served) -> None:
    first = published(served.instance, served.owner, body("Open"))
    closed = new_version(
        served.instance, served.owner, first, "Closed", access={"record": "restricted", "files": "restricted"}
    )
    third = new_version(served.instance, served.owner, closed, "Open again")
    withdrawal.withdraw(served.instance, SYSTEM, third, {})
    assert list(mementos(served, first)) == [served.page(first)]
    token = create_token(served.instance, "owner@example.org")
    assert list(mementos(served, first, Authorization=f"Bearer {token}")) == [served.page(first), served.page(closed)]
    assert requests.get(f"{served.page(closed)}/timemap", timeout=10).status_code == 404
    draft = drafts.create(served.instance, served.owner, body())
    assert requests.get(f"{served.page(draft.id)}/timemap", timeout=10).status_code == 404


def test_a_format_is_saved_by_its_name_wherever_it_was_asked_for(served: Served, record: str) -> None:
    """RO-Crate 1.2, 2.1: the name of the document is fixed, and tells what it is."""
    profile = 'application/ld+json;profile="https://w3id.org/ro/crate"'
    for address in (served.page(record), f"{served.url}/api/records/{record}"):
        answer = requests.get(address, headers={"Accept": profile}, timeout=10)
        assert answer.headers["Content-Disposition"] == "inline; filename=ro-crate-metadata.json", address
    cited = requests.get(f"{served.page(record)}/citation.txt?style=apa", timeout=10)
    assert cited.headers["Content-Disposition"] == "inline; filename=citation.txt"


def test_contexts_shapes_and_schemas_are_served(served: Served) -> None:
    for path in schemas_folder().iterdir():
        answer = requests.get(f"{served.url}/schemas/{path.name}", timeout=10)
        assert answer.status_code == 200, path.name
        assert answer.content == path.read_bytes()
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    context = requests.get(f"{served.url}/schemas/dcat-ap-v1.jsonld", timeout=10)
    assert context.headers["Content-Type"] == "application/ld+json"
    assert requests.get(f"{served.url}/schemas/nothing.json", timeout=10).status_code == 404
