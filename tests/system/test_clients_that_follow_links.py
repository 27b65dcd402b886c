"""Clients that know only the address of the site: one follows links, others mirror by ResourceSync and LDES."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from lxml import etree, html
from resync.capability_list import CapabilityList
from resync.change_list import ChangeList
from resync.client import Client
from resync.resource_list_builder import ResourceListBuilder
from resync.source_description import SourceDescription
from resync.w3c_datetime import datetime_to_str, str_to_datetime

from repository.formats import suitable
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from site_builder.views import resource_sets
from tests.instances import body, published
from tests.servers import node
from tests.system.running import Running

pytestmark = pytest.mark.long

LINK = re.compile(r'<([^>]+)>\s*;\s*rel="([^"]+)"')
FROZEN = ("schema.jsonld", "record.ttl", "datacite.xml", "record.bib", "linkset.json")
LISTED = "/*/*[not(*[local-name()='md'][@change='deleted'])]/*[local-name()='loc']/text()"
"""Addresses of a sitemap but for those that a list of changes says are gone."""
FOLLOWED = {"sitemap", "describedby", "linkset", "item", "api-catalog", "alternate", "search"}


def links_of(answer: httpx.Response) -> set[tuple[str, str]]:
    """Relation and absolute address of every link: of the header, of the head of a page, of a sitemap, of a linkset."""
    address = str(answer.url)
    found = {(relation, urljoin(address, target)) for target, relation in LINK.findall(answer.headers.get("Link", ""))}
    kind = answer.headers["Content-Type"].partition(";")[0]
    if kind == "text/html":
        for link in html.document_fromstring(answer.text).xpath("//head/link[@rel][@href]"):
            found.add((link.get("rel"), urljoin(address, link.get("href"))))
    elif kind == "application/linkset+json":
        for context in answer.json()["linkset"]:
            for relation, targets in context.items():
                found |= {(relation, target["href"]) for target in targets if relation != "anchor"}
    elif kind == "application/xml" and b"sitemaps.org" in answer.content:
        listed = etree.fromstring(answer.content).xpath(LISTED)
        found |= {("sitemap", text) for text in listed}
    return found


@pytest.mark.both
def test_who_follows_links_from_the_home_page_gets_the_metadata_and_files_of_every_record(running: Running) -> None:
    many = published(running.instance, running.owner, body("Many files"), {f"{n}.csv": b"1" for n in range(130)})
    running.build_site()
    public = running.public()
    waiting, fetched = [f"{running.base}/"], dict[str, httpx.Response]()
    with httpx.Client(timeout=60) as client:
        while waiting:
            address = waiting.pop()
            if address in fetched or not address.startswith(running.base):
                continue
            answer = fetched[address] = client.get(address)
            assert answer.status_code == 200, address
            waiting += [target for relation, target in links_of(answer) if relation in FOLLOWED]
    assert len(public) >= 30
    for snapshot in public:
        page = f"{running.base}/records/{snapshot.id}"
        for form in suitable(snapshot):
            assert f"{page}/{form.file_name}" in fetched, form.name
        if snapshot.files_listed:
            files = [address for address in fetched if address.startswith(f"{page}/files/")]
            assert len(files) == len(snapshot.files["entries"]), snapshot.title
    assert f"{running.base}/records/{many}/files/129.csv" in fetched
    for path in ("catalog.ttl", "ldes", "feed.xml", "opensearch.xml", ".well-known/void", ".well-known/api-catalog"):
        assert f"{running.base}/{path}" in fetched


@pytest.mark.service
def test_ldes_client_replicates_the_stream_and_then_reads_only_what_is_new(running: Running, tmp_path: Path) -> None:
    program = node.package("ldes-client", "0.3.0") / "dist" / "bin" / "cli.js"

    def members() -> list[str]:
        """What the client, which remembers what it has seen, takes for new: activity and address of the record."""
        command = [node.NODE, program, f"{running.base}/ldes", "--save", tmp_path / "state"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        kinds = dict(re.findall(r"<(\S+)> <\S+#type> <https://www.w3.org/ns/activitystreams#(\w+)>", done.stdout))
        objects = re.findall(r"<(\S+)> <https://www.w3.org/ns/activitystreams#object> <(\S+)>", done.stdout)
        return sorted(f"{kinds[member]} {address}" for member, address in objects)

    removed = published(running.instance, running.owner, body("To be removed"))
    running.build_site()
    first = members()
    assert len(first) > 30
    assert f"Create {running.base}/records/{removed}" in first
    added = published(running.instance, running.owner, body("Added"))
    withdrawal.withdraw(running.instance, SYSTEM, removed, {"removal_reason": {"id": "retracted"}})
    running.build_site()
    expected = [("Create", added), ("Delete", removed)]
    assert members() == [f"{kind} {running.base}/records/{record_id}" for kind, record_id in expected]


PAGES, DOCUMENTS = 0, 1
"""The sets of resources, in the order in which the source description names them."""


class Mirror:
    """A client that maps a set of resources of the site to a folder, and knows nothing but the address of the site."""

    def __init__(self, running: Running, folder: Path, number: int = PAGES) -> None:
        self._mappings = [running.base, str(folder)]
        source, capabilities = SourceDescription(), CapabilityList()
        source.read(uri=f"{running.base}/.well-known/resourcesync")
        capabilities.read(uri=[entry.uri for entry in source][number])
        self._resource_list = capabilities.capability_info("resourcelist").uri
        self._recent = capabilities.capability_info("changelist").link_href("current")
        self._last = -1.0

    def _client(self, hashes: tuple[str, ...] = ("sha-256",)) -> Client:
        client = Client(hashes=list(hashes))
        client.set_mappings(self._mappings)
        client.sitemap_name = self._resource_list
        return client

    def visit(self) -> str:
        """Takes over what changed since the last visit, or everything, and tells which."""
        recent = ChangeList()
        recent.read(uri=self._recent)
        last, self._last = self._last, max(entry.ts_datetime for entry in recent)
        if str_to_datetime(recent.md_from) > last:
            self._client().baseline_or_audit(allow_deletion=True)
            return "everything"
        self._take_changes(last)
        return "changes"

    def _take_changes(self, since: float) -> None:
        """Of lists of changes the client can't compare digests."""
        self._client(hashes=()).incremental(
            allow_deletion=True, change_list_uri=self._recent, from_datetime=datetime_to_str(since)
        )

    def differences(self) -> tuple[int, int, int]:
        """What of the mirror is changed, gone and new in what the site lists: by digest, size and name."""
        client = self._client()
        listed = client.find_resource_list()
        here = ResourceListBuilder(set_hashes=["sha-256"], mapper=client.mapper).from_disk()
        _same, *rest = here.compare(listed)
        changed, gone, new = map(len, rest)
        return changed, gone, new


@pytest.mark.both
def test_resync_mirrors_all_pages_and_then_only_what_changed(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mirror"
    withdrawn_later = published(running.instance, running.owner, body("To be withdrawn"))
    running.build_site()
    mirror = Mirror(running, folder)
    assert mirror.visit() == "everything"
    assert mirror.differences() == (0, 0, 0)
    assert b"To be withdrawn" in (folder / "records" / withdrawn_later).read_bytes()

    added = published(running.instance, running.owner, body("New in the meantime"))
    withdrawal.withdraw(running.instance, SYSTEM, withdrawn_later, {"removal_reason": {"id": "retracted"}})
    running.build_site()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert mirror.visit() == "changes"
    assert b"New in the meantime" in (folder / "records" / added).read_bytes()
    assert not (folder / "records" / withdrawn_later).exists()
    touched = {
        path.name for path in folder.rglob("*") if path.is_file() and before.get(path) != path.stat().st_mtime_ns
    }
    assert touched == {added}
    assert mirror.differences() == (0, 0, 0)


def test_resync_begins_anew_when_more_changed_than_the_list_of_the_last_changes_holds(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(resource_sets, "NEWEST", 3)
    published(running.instance, running.owner, body("The last one of the first visit"))
    running.build_site()
    mirror = Mirror(running, tmp_path / "mirror")
    assert mirror.visit() == "everything"
    for number in range(4):
        published(running.instance, running.owner, body(f"New {number}"))
    running.build_site()
    assert mirror.visit() == "everything"
    assert mirror.differences() == (0, 0, 0)


def test_resync_mirrors_all_documents_and_files_and_then_only_what_changed(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mirror"
    content = b"day,mm\n1,3\n"
    gone = published(running.instance, running.owner, body("To be withdrawn"), {"rain 1.csv": content})
    running.build_site()
    mirror = Mirror(running, folder, DOCUMENTS)
    assert mirror.visit() == "everything"
    assert mirror.differences() == (0, 0, 0)
    assert (folder / "records" / gone / "files" / "rain%201.csv").read_bytes() == content
    assert b"To be withdrawn" in (folder / "records" / gone / "datacite.xml").read_bytes()

    added = published(running.instance, running.owner, body("New in the meantime"), {"b.csv": content})
    withdrawal.withdraw(running.instance, SYSTEM, gone, {"removal_reason": {"id": "retracted"}})
    running.build_site()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert mirror.visit() == "changes"
    made = {path for path in folder.rglob("*") if path.is_file() and before.get(path) != path.stat().st_mtime_ns}
    assert {path.relative_to(folder).parts[1] for path in made} == {added}
    assert {path.name for path in made} == {*FROZEN, "b.csv"}
    assert {path.name for path in (folder / "records" / gone).rglob("*") if path.is_file()} == {"rain%201.csv"}
