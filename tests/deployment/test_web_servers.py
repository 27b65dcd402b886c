"""nginx, Caddy and Apache in front of a real service: from the disk comes what the service would have sent, no more.

The samples are served, and beside them records that are closed, withdrawn, or have files.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import brotli
import httpx
import pytest

from repository.auth import identity
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from repository.services.instance import open_instance
from repository.services.sampling import deposit_samples
from repository.settings import Settings, load
from site_builder.hosting import Facts
from site_builder.hosting.facts import COMPRESSED
from tests.instances import METADATA, body, published
from tests.servers import installed
from tests.servers.colophon import ColophonServer, running
from tests.servers.front import Front, fronting
from tests.servers.postgres import free_port
from tests.system.test_fair_checker import found

pytestmark = pytest.mark.service

CONTENT = b"day,mm\n1,3\n" * 1000
KEY = "rain gauge//2024 Ä.csv"
"""Two slashes in a row, a space, and a letter beyond ASCII."""
ALIKE = (
    "Content-Type", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "Cache-Control",
    "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Content-Location", "Strict-Transport-Security",
    "Content-Disposition", "Content-Profile",
)  # fmt: skip
SQUEEZED = "about/index.html"
"""The page beside which it lies compressed."""
BROWSERS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3;q=0.7"
    ),
)
WISHES = (
    *BROWSERS, "*/*", "text/html", "", "text/turtle", "text/html;q=0.5, text/turtle", "application/ld+json",
    'text/html, application/ld+json;profile="https://schema.org"', "application/json", "text/html, application/xml",
    "text/*", "application/x-bibtex, text/html", "application/vnd.datacite.datacite+xml", "image/png", "*/*;q=0",
    "text/html, text/turtle;q=0.9", "application/linkset+json", "text/turtle;q=0.2, application/n-triples;q=0.3",
    "TEXT/TURTLE", "application/x-turtle", "application/n-triples",
)  # fmt: skip
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}


@dataclass(frozen=True, slots=True)
class Site:
    """A service whose readers have come to the present."""

    server: ColophonServer
    open: str
    closed: str
    withdrawn: str

    @property
    def settings(self) -> Settings:
        return load(self.server.home, environment={}, overrides={**self.server.overrides, "site.url": self.server.base})

    @property
    def frozen(self) -> Path:
        return self.settings.site_output / "current"

    def addresses(self) -> Iterator[str]:
        """Of everything that is frozen, tombstones included."""
        for path in sorted(self.frozen.resolve().rglob("*")):
            name = path.relative_to(self.frozen.resolve()).as_posix()
            if path.is_file() and path.suffix[1:] not in COMPRESSED and ":" not in name:  # ids that are addresses
                yield address_of(name)


def address_of(name: str) -> str:
    folder, _, last = f"/{name}".rpartition("/")
    if last not in ("index.html", "tombstone.html"):
        return f"/{name}"
    return (
        folder
        if re.fullmatch(r"/(records|about)/[^/]+|/search|/deposit|/styleguide|/vocabularies/.+", folder)
        else f"{folder}/"
    )


@pytest.fixture(scope="module")
def site(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("fronted") / "instance"
    server = ColophonServer.over(instance_template, home, serve__proxies=1, limits__guest="100000/hour")
    instance = open_instance(load(home, environment={}, overrides={**server.overrides, "site.url": server.base}))
    with instance.database.read() as connection:
        found = identity.by_token(connection, server.tokens["owner"])
    assert found is not None
    deposit_samples(instance, found.viewer)
    closed = {"record": "restricted", "files": "restricted"}
    made = Site(
        server,
        published(instance, found.viewer, body("Open to all"), {KEY: CONTENT}),
        published(instance, found.viewer, {**body("Closed to most"), "access": closed}, {"a.csv": CONTENT}),
        published(instance, found.viewer, body("Withdrawn again")),
    )
    withdrawal.withdraw(instance, SYSTEM, made.withdrawn, {"note": "A mistake."})
    instance.close()
    with running(server):
        server.wait_for(lambda: all(reader["lag"] == 0 and reader["generation"] for reader in readers(server)), 120)
        page = made.frozen / SQUEEZED
        page.with_name(f"{page.name}.gz").write_bytes(gzip.compress(page.read_bytes()))
        page.with_name(f"{page.name}.br").write_bytes(brotli.compress(page.read_bytes()))
        yield made


def readers(server: ColophonServer) -> list[dict[str, object]]:
    found: list[dict[str, object]] = server.get("/api/status").json()["projections"]
    return found


def require(name: str) -> None:
    installed.require({"nginx": installed.NGINX, "caddy": installed.CADDY, "apache": installed.APACHE}[name])


@pytest.fixture(scope="module", params=["nginx", "caddy", "apache"])
def front(request: pytest.FixtureRequest, site: Site) -> Iterator[Front]:
    require(request.param)
    with fronting(request.param, site.settings, site.server.port) as started:
        yield started


@pytest.fixture(scope="module")
def alone(front: Front, site: Site) -> Iterator[Front]:
    """The same server where nobody answers behind it."""
    with fronting(front.name, site.settings, free_port()) as started:
        yield started


def links(answer: httpx.Response, base: str) -> set[tuple[str, str]]:
    """(relation, absolute address) of all in the header."""
    found = re.findall(r'<([^>]*)>[^,<]*?rel="([^"]+)"', answer.headers.get("Link", ""))
    return {(relation, urljoin(base, address)) for address, relation in found}


def vary(answer: httpx.Response) -> set[str]:
    said = ",".join(answer.headers.get_list("Vary")).split(",")
    return {name.strip().lower() for name in said} - {"", "accept-encoding"}


def test_what_is_frozen_comes_from_the_disk_as_the_service_would_send_it(site: Site, alone: Front) -> None:
    with httpx.Client(base_url=alone.base) as disk, httpx.Client(base_url=site.server.base) as service:
        addresses = list(site.addresses())
        assert len(addresses) > 200
        for address in addresses:
            there, here = service.get(address), disk.get(address)
            assert here.status_code == there.status_code, address
            assert here.content == there.content, address
            for name in ALIKE:
                assert here.headers.get(name) == there.headers.get(name), f"{address}: {name}"
            assert vary(here) == vary(there), address
            url = f"{site.server.base}{address}"
            said = {(relation, link.replace(alone.base, site.server.base)) for relation, link in links(here, url)}
            assert said <= links(there, url), address
            is_page = re.fullmatch(r"/records/[^/]+", address) and here.status_code == 200
            assert not is_page or {"linkset", "describedby"} <= {relation for relation, _address in said}
        gone = disk.get(f"/records/{site.withdrawn}")
        assert (gone.status_code, "A mistake." in gone.text) == (410, True)


def test_fair_checker_finds_of_a_page_from_the_disk_what_it_needs(site: Site, alone: Front) -> None:
    """It follows only links that are whole addresses, and of all documents those whose type it knows."""
    with httpx.Client() as client:
        earned, linked = found(client, f"{alone.base}/records/{site.open}")
    assert linked == 2
    assert {metric for metric, points in earned.items() if points == 0} <= {"R1.1"}


def test_pages_that_nobody_changed_are_not_sent_again(site: Site, alone: Front) -> None:
    with httpx.Client(base_url=alone.base) as client:
        first = client.get(f"/records/{site.open}")
        again = client.get(f"/records/{site.open}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        head = client.head(f"/records/{site.open}")
        assert (head.status_code, head.content) == (200, b"")
        zipped = client.get(f"/records/{site.open}", headers={"Accept-Encoding": "gzip"})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert "accept-encoding" in ",".join(zipped.headers.get_list("Vary")).lower()


def test_who_asks_for_one_format_and_nothing_else_gets_its_file(site: Site, alone: Front) -> None:
    wishes = Facts.of(site.settings).wishes
    assert {*wishes.values()} == {"schema.jsonld", "record.ttl", "datacite.xml", "record.bib", "linkset.json"}
    for wish in wishes:
        headers = {"Accept": wish}
        there, here = (
            httpx.get(f"{base}/records/{site.open}", headers=headers) for base in (site.server.base, alone.base)
        )
        assert (here.status_code, here.content) == (200, there.content), wish
        for name in ALIKE:
            assert here.headers.get(name) == there.headers.get(name), f"{wish}: {name}"
        assert vary(here) == vary(there), wish
        asking_more = {**headers, "Accept-Profile": "<https://schema.org/>"}
        assert httpx.get(f"{alone.base}/records/{site.open}", headers=asking_more).status_code in (502, 503), wish


def test_what_lies_compressed_beside_a_page_is_sent_to_who_takes_it(site: Site, alone: Front) -> None:
    page = (site.frozen / SQUEEZED).read_bytes()
    has_brotli = alone.name != "nginx"  # which needs a module that the distribution does not bring
    for wanted, coding in (("gzip", "gzip"), ("gzip, br", "br" if has_brotli else "gzip"), ("identity", None)):
        headers = {"Accept-Encoding": wanted}
        with httpx.stream("GET", f"{alone.base}/about/", headers=headers) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers.get("Content-Encoding") == coding, wanted
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8", wanted
        assert answer.headers.get("Content-Language") is None, wanted
        assert "accept-encoding" in ",".join(answer.headers.get_list("Vary")).lower(), wanted
        assert UNPACK[coding](raw) == page, wanted
    assert httpx.get(f"{alone.base}/about/index.html.gz").status_code in (502, 503)


def test_nothing_but_addresses_of_the_site_comes_from_the_disk(site: Site, alone: Front) -> None:
    """Where nobody answers behind it, everything else is an error of the gateway."""
    for path in (
        "/about", "/search/", f"/records/{site.open}/",
        f"/records/{site.open}/index.html", f"/records/{site.withdrawn}/tombstone.html", "/index.html",
        f"/records/{site.closed}", f"/records/{site.closed}/record.ttl", "/nowhere", "/.builder/lock",
        "/%2e%2e/.builder/lock", f"/records/{site.open}/files/{KEY}", "/api/records", "/oai?verb=Identify", "/sparql",
        "/login", "/search/results", "/healthz", f"/records/{site.open}?preview=1", f"/records/{site.open}?token=x",
        "/?access_token=x", f"/records/{site.open}?a=b&access_token=x",
    ):  # fmt: skip
        assert httpx.get(f"{alone.base}{path}").status_code in (400, 404, 502, 503), path
    for headers in ({"Cookie": "session=x"}, {"Cookie": "a=b; session=x"}, {"Authorization": "Bearer x"}):
        assert httpx.get(f"{alone.base}/records/{site.open}", headers=headers).status_code in (502, 503), headers
    assert httpx.get(f"{alone.base}/records/{site.open}", headers={"Cookie": "other=1"}).status_code == 200
    assert httpx.post(f"{alone.base}/").status_code in (502, 503)


@pytest.mark.parametrize("wish", WISHES)
def test_whatever_is_wished_for_is_what_the_service_would_give(site: Site, front: Front, wish: str) -> None:
    for address in (f"/records/{site.open}", f"/records/{site.withdrawn}", "/vocabularies/resourcetypes", "/"):
        there, here = (
            httpx.get(f"{base}{address}", headers={"Accept": wish}) for base in (site.server.base, front.base)
        )
        assert here.status_code == there.status_code, address
        assert here.headers.get("Content-Type") == there.headers.get("Content-Type"), address
        assert here.content == there.content, address
        assert vary(here) == vary(there), address


@pytest.mark.parametrize("wish", BROWSERS)
def test_browsers_get_pages_from_the_disk(site: Site, alone: Front, wish: str) -> None:
    for address in (f"/records/{site.open}", "/", "/browse/", "/search"):
        assert httpx.get(f"{alone.base}{address}", headers={"Accept": wish}).status_code == 200, address
    assert httpx.get(f"{alone.base}/records/{site.withdrawn}", headers={"Accept": wish}).status_code == 410
    weighed = {"Accept": "text/turtle;q=0.9, text/html;q=0.8"}
    assert httpx.get(f"{alone.base}/records/{site.open}", headers=weighed).status_code in (502, 503)


def test_the_service_answers_through_it_as_without_it(site: Site, front: Front) -> None:
    asked = (
        "/api/records?q=rain", f"/api/records/{site.open}", f"/api/records/{site.closed}", "/oai?verb=Identify",
        "/oai2d?verb=ListMetadataFormats", "/oai/style.css", "/nowhere", "/api/nowhere", f"/records/{site.closed}",
        f"/records/{site.open}/record.nt", f"/records/{site.open}/latest", "/search/results?q=rain", "/login",
        "/healthz", "/sparql", "/catalog.jsonld", f"/records/{site.open}/tombstone.html", "/index.html", "/about",
        "/search/", f"/records/{site.open}/", f"/records/{site.open}?token=x", f"/records/{site.withdrawn}/record.ttl",
        "/vocabularies/licenses/cc-by-4.0", "/vocabularies/licenses/cc-by-4.0.ttl", "/vocabularies/licenses.rdf",
    )  # fmt: skip
    for path in asked:
        there, here = (httpx.get(f"{base}{path}") for base in (site.server.base, front.base))
        assert here.status_code == there.status_code, path
        for name in (*ALIKE, "Location", "Link", "WWW-Authenticate"):
            said = here.headers.get(name, "").replace(front.base, site.server.base)
            assert said == there.headers.get(name, ""), f"{path}: {name}"
        assert vary(here) == vary(there), path


def test_pages_of_other_sites_may_ask_as_the_service_lets_them(site: Site, front: Front) -> None:
    asking = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "GET"}
    for path in (f"/records/{site.open}", "/feed.xml", "/api/records", "/deposit"):
        there, here = (httpx.options(f"{base}{path}", headers=asking) for base in (site.server.base, front.base))
        assert here.status_code == there.status_code, path
        assert {name: value for name, value in here.headers.items() if name.startswith("access-control")} == {
            name: value for name, value in there.headers.items() if name.startswith("access-control")
        }, path


def test_files_pass_whole_and_in_part(site: Site, front: Front) -> None:
    address = f"{front.base}/records/{site.open}/files/rain%20gauge//2024%20%C3%84.csv"
    whole = httpx.get(address)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    assert httpx.get(f"{front.base}/records/{site.closed}/files/a.csv").status_code == 403


def test_who_may_see_a_closed_record_sees_it(site: Site, front: Front) -> None:
    owner = {"Authorization": f"Bearer {site.server.tokens['owner']}"}
    page = httpx.get(f"{front.base}/records/{site.closed}", headers=owner)
    assert (page.status_code, "Closed to most" in page.text) == (200, True)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Closed to most" not in httpx.get(f"{front.base}/records/{site.closed}").text
    own = httpx.get(f"{front.base}/records/{site.open}", headers=owner)
    assert own.headers["Cache-Control"] == "private, no-store"


def test_a_record_is_deposited_through_it(site: Site, front: Front) -> None:
    owner = {"Authorization": f"Bearer {site.server.tokens['owner']}"}
    content = b"x" * (12 << 20)
    with httpx.Client(base_url=front.base, headers=owner, timeout=60) as client:
        request = {"metadata": {**METADATA, "title": "Through a proxy"}, "files": {"enabled": True}}
        draft = client.post("/api/records", json=request).json()["id"]
        files = f"/api/records/{draft}/draft/files"
        client.post(files, json=[{"key": "big.bin"}]).raise_for_status()
        octets = {"Content-Type": "application/octet-stream"}
        client.put(f"{files}/big.bin/content", content=content, headers=octets).raise_for_status()
        assert client.post(f"{files}/big.bin/commit").json()["size"] == len(content)
        assert client.post(f"/api/records/{draft}/draft/actions/publish").status_code == 202
    assert httpx.get(f"{front.base}/records/{draft}").status_code == 200
    assert httpx.get(f"{front.base}/api/records/{draft}/files/big.bin/content").content == content


def test_the_service_learns_the_visitors_address_from_it_and_from_nobody_else(site: Site, front: Front) -> None:
    """Requests are counted by address: whoever writes another one into the header is the same visitor."""
    forged = ("203.0.113.9", "203.0.113.10", "203.0.113.11, 203.0.113.12")
    answers = [httpx.get(f"{front.base}/api/ping", headers={"X-Forwarded-For": address}) for address in forged]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    assert left == [left[0], left[0] - 1, left[0] - 2]
