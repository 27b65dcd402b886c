"""Rules for hosts: made from the settings, the same that the documents show, and in agreement with the service.

nginx, Caddy and Apache are run with theirs in tests/deployment/test_web_servers.py. Here are those of hosts that can't
be run: the CloudFront function is run by Node, and `_headers` read as its hosts read it.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from repository.cli.serve import build_app
from repository.errors import NotAcceptable
from repository.following import run_until_current
from repository.formats import FORMATS, Format
from repository.ld.negotiation import HTML, accepted
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from repository.services.sampling import deposit_samples
from repository.settings import Settings, load
from repository.storage.database import Database
from site_builder.changed import address_of
from site_builder.hosting import BY_NAME, HOSTS, Facts, cloudfront, rules
from site_builder.hosting.facts import COMPRESSED
from site_builder.projection import SiteProjection, open_projection
from tests.cli.shell import Shell
from tests.deployment.test_web_servers import BROWSERS, WISHES
from tests.instances import body, copy_instance, person, published
from tests.servers.front import DEPLOYMENT
from tests.servers.node import NODE
from tests.site.site_output import build, settings_in

EXAMPLES = {"site.url": "https://repository.example.org", "site.languages": ["en", "cs"]}
"""The settings of the documents' examples."""
PATHS = (
    "/index.html", "/about/index.html", "/records/abc/index.html", "/cs/records/abc/index.html", "/robots.txt",
    "/records/abc/schema.jsonld", "/records/abc/record.ttl", "/records/abc/datacite.xml", "/records/abc/linkset.json",
    "/records/abc/record.bib", "/records/abc/timemap", "/feed.xml", "/ldes", "/.well-known/api-catalog",
    "/.well-known/void", "/schemas/record-v1.json", "/static/site.0123456789.css", "/sitemaps/2024-05.xml",
    "/catalog/2024-05.ttl", "/deposit/index.html", "/vocabularies/licenses/mit/index.html",
)  # fmt: skip
OF_OBJECTS = {"Content-Type", "Cache-Control", "Content-Disposition"}
"""Headers that objects in a bucket have themselves."""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(Path("/srv/colophon"), environment={"COLOPHON_SECRET": "s" * 40}, overrides=EXAMPLES)


@pytest.fixture(scope="module")
def facts(settings: Settings) -> Facts:
    return Facts.of(settings)


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_the_example_of_the_documents_is_what_the_command_prints(host: Any, settings: Settings) -> None:
    """`colophon site rules` with the settings of EXAMPLES writes the file anew."""
    shown = DEPLOYMENT / host.path
    assert shown.read_text(encoding="utf-8") == rules(settings, host.name)


def test_rules_lie_beside_the_site_and_follow_the_settings(database: Database, tmp_path: Path) -> None:
    build(SiteProjection(settings_in(tmp_path), database), [])
    folder = tmp_path / "site" / "hosting"
    for host in HOSTS:
        assert (folder / host.path).read_text(encoding="utf-8") == rules(settings_in(tmp_path), host.name)
    assert "hosting" not in {path.name for path in (tmp_path / "site" / "current").iterdir()}
    moved = settings_in(tmp_path, **{"serve.port": 5001})
    projection = SiteProjection(moved, database)
    with projection.leading():
        projection.activate("g1")
    assert "server 127.0.0.1:5001;" in (folder / "nginx.conf").read_text(encoding="utf-8")


def test_the_command_prints_the_rules_of_one_host(instance_template: Path, tmp_path: Path) -> None:
    shell = Shell.over(instance_template, tmp_path)
    printed = shell("site", "rules", "caddy", COLOPHON_SERVE_PORT="5002")
    home = shell.folder / "instance"
    assert printed == rules(load(home, environment={}, overrides={"serve.port": 5002}), "caddy")
    assert "127.0.0.1:5002" in printed


def test_rules_name_no_record_and_links_stay_small(facts: Facts) -> None:
    """A `Link` has the same length for every record, far below what CDNs take."""
    links = {len(facts.sent(f"/records/{record}/index.html")["Link"]) for record in ("abc12-3def4", "zzzzz-zzzzz")}
    assert len(links) == 1
    assert max(links) <= 4000
    assert all(
        relation in facts.sent("/records/x/index.html")["Link"] for relation in ("linkset", "describedby", "type")
    )


@pytest.mark.long
def test_the_table_says_of_every_frozen_file_what_the_service_says(instance_template: Path, tmp_path: Path) -> None:
    """In two languages. Of links the service says more; `Memento-Datetime` differs from record to record."""
    opened = copy_instance(instance_template, tmp_path / "instance", site__languages="en,cs")
    owner = person(opened, "owner")
    deposit_samples(opened, owner)
    gone = published(opened, owner, body("Withdrawn again"))
    withdrawal.withdraw(opened, SYSTEM, gone, {"note": "A mistake."})
    run_until_current(opened.database, [open_projection(opened)])
    client, facts = build_app(opened).test_client(), Facts.of(opened.settings)
    served = (opened.settings.site_output / "current").resolve()
    files = [path.relative_to(served).as_posix() for path in sorted(served.rglob("*")) if path.is_file()]
    wrong = []
    for file in (file for file in files if not file.endswith(COMPRESSED)):
        answer, said = client.get(address_of(file, facts.bare)), facts.sent(f"/{file}")
        assert answer.status_code == (410 if file.endswith("tombstone.html") else 200), file
        for name in ("Content-Type", *(header.name for header in facts.headers)):
            there, here = fields(answer.headers.get(name), name), fields(said.get(name), name)
            if ":" in file and name == "Content-Location":  # a concept whose id is an address: no path tells it
                continue
            if not (here <= there if name == "Link" else here == there):
                wrong.append((file, name, here ^ there))
    assert len(files) > 500
    assert wrong == []
    opened.close()


def fields(value: str | None, name: str) -> set[str]:
    """The members of a field that is a list; others whole."""
    if name not in ("Vary", "Link"):
        return {value or ""}
    return {part.strip().lower() for part in (value or "").split(", " if name == "Link" else ",")} - {""}


# Netlify and Cloudflare


def read_headers(text: str) -> list[tuple[str, dict[str, str]]]:
    """Blocks of `_headers`: the path, and its fields."""
    blocks: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if line.startswith("/"):
            blocks.append((line, {}))
        elif line.startswith("  "):
            name, _colon, value = line.strip().partition(": ")
            blocks[-1][1][name] = value
        else:
            assert not line or line.startswith("#"), line
    return blocks


def told(blocks: list[tuple[str, dict[str, str]]], path: str) -> dict[str, str]:
    """The headers of one path: a field in two blocks is put together with a comma."""
    found: dict[str, str] = {}
    for pattern, fields in blocks:
        match = re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(":id", "(?P<id>[^/]+)"), path)
        if match is None:
            continue
        for name, value in fields.items():
            said = value.replace(":id", match.groupdict().get("id") or ":id")
            found[name] = f"{found[name]}, {said}" if name in found else said
    return found


@pytest.mark.parametrize("name", ["netlify", "cloudflare"])
def test_headers_of_static_hosts_say_what_the_table_says(name: str, facts: Facts) -> None:
    blocks = read_headers(BY_NAME[name].write(facts))
    assert len(blocks) <= 100
    assert all(len(line) <= 2000 for line in BY_NAME[name].write(facts).splitlines())
    for path in PATHS:
        address = path.removesuffix("/index.html") if "/records/" in path else path
        sent, said = facts.sent(path), told(blocks, address)
        for field, value in said.items():
            if field == "Content-Security-Policy":
                assert value == facts.sent("/index.html")[field], path  # one for all: that of pages
            elif not (path.startswith("/deposit") and field.startswith("Access-Control")):
                assert value == sent[field], f"{path}: {field}"
        assert {"X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy"} <= {*said}
        is_named = path in ("/records/abc/datacite.xml", "/ldes", "/feed.xml", "/records/abc/timemap")
        assert not is_named or said["Content-Type"] == sent["Content-Type"], path
    assert ("Link" in told(blocks, "/records/abc")) == (name == "cloudflare")


# CloudFront


def run(facts: Facts, folder: Path, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the function makes of events; `origin` is the one it chose."""
    module = folder / "node_modules" / "cloudfront"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"type": "module", "main": "index.js"}')
    (module / "index.js").write_text("export default { selectRequestOriginById(name) { globalThis.origin = name; } };")
    called = """
import fs from 'node:fs';
const events = JSON.parse(fs.readFileSync(process.argv[2]));
console.log(JSON.stringify(events.map((event) => {
  globalThis.origin = '';
  return { answer: handler(event), origin: globalThis.origin };
})));
"""
    (folder / "function.mjs").write_text(cloudfront.write(facts) + called, encoding="utf-8")
    (folder / "events.json").write_text(json.dumps(events))
    done = subprocess.run(
        [NODE, folder / "function.mjs", folder / "events.json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def asking(path: str, accept: str | None = None, **more: Any) -> dict[str, Any]:
    headers = {} if accept is None else {"accept": {"value": accept}}
    request = {"method": "GET", "uri": path, "querystring": {}, "headers": headers, "cookies": {}, **more}
    return {"context": {"eventType": "viewer-request", "requestId": "r1"}, "request": request}


def of_service(wish: str) -> str:
    """What the service would choose for a record: a file's name, empty for the page, `live` for what is no file."""
    if '"' in wish:  # what may name a profile is weighed by the service
        return "live"
    try:
        offer = accepted(wish, (HTML, *FORMATS))
    except NotAcceptable:
        return "live"
    if isinstance(offer, Format):
        return offer.file_name if offer.frozen else "live"
    return ""


def test_a_function_is_no_larger_than_cloudfront_takes(facts: Facts) -> None:
    assert len(cloudfront.write(facts).encode()) <= cloudfront.LARGEST


@pytest.mark.service
def test_the_function_chooses_as_the_service_does(facts: Facts, tmp_path: Path) -> None:
    wishes = (*WISHES, *BROWSERS, "application/*", "text/*;q=0.1, text/turtle;q=0.2", "text/html;q=0, */*;q=0.5",
              "garbage", "text/turtle;q=x, text/html", "text/turtle; q=1.0", "application/ld+json, text/html;q=0.9",
              "application/xhtml+xml", "application/n-triples;q=0.9, text/turtle;q=0.8")  # fmt: skip
    found = run(facts, tmp_path, [asking("/records/abc", wish) for wish in wishes])
    chosen = [
        "live" if one["origin"] else one["answer"]["uri"].removeprefix("/records/abc").lstrip("/") for one in found
    ]
    assert dict(zip(wishes, chosen, strict=True)) == {wish: of_service(wish) for wish in wishes}
    assert {"live", "", "record.ttl", "schema.jsonld"} <= {*chosen}


@pytest.mark.service
def test_the_function_finds_objects_and_passes_on_what_is_personal(facts: Facts, tmp_path: Path) -> None:
    expected = {
        "/": "/index.html", "/browse/2024/": "/browse/2024/index.html", "/cs/": "/cs/index.html", "/search": "/search",
        "/feed.xml": "/feed.xml", "/ldes": "/ldes", "/cs/records/abc": "/cs/records/abc",
        "/records/abc/record.ttl": "/records/abc/record.ttl",
    }  # fmt: skip
    passed = [
        asking(path)
        for path in (
            "/api/records",
            "/oai",
            "/about",
            "/records/abc/",
            "/records/abc/index.html",
            "/records/abc/files/a.csv",
            "/records/abc/latest",
            "/records/abc/record.nt",
            "/search/results",
            "/login",
        )
    ]
    passed += [
        asking("/records/abc", cookies={"session": {"value": "x"}}),
        asking("/records/abc", querystring={"token": {"value": "x"}}),
        asking("/records/abc", method="OPTIONS"),
        asking("/records/abc", headers={"authorization": {"value": "Bearer x"}}),
        asking("/records/abc", headers={"accept-profile": {"value": "<https://schema.org/>"}}),
        asking("/cs/records/abc", "text/turtle"),
    ]
    found = run(facts, tmp_path, [*map(asking, expected), *passed])
    assert [one["answer"]["uri"] for one in found[: len(expected)]] == [*expected.values()]
    assert [one["origin"] for one in found] == [""] * len(expected) + [cloudfront.ORIGIN] * len(passed)
    keys = [one["answer"]["headers"]["x-colophon-live"]["value"] for one in found[len(expected) :]]
    assert keys == ["r1" if is_personal else "1" for is_personal in (*[False] * 10, *[True] * 4, False, False)]


@pytest.mark.service
def test_the_function_adds_the_headers_of_the_table(facts: Facts, tmp_path: Path) -> None:
    def telling(path: str, **headers: str) -> dict[str, Any]:
        had = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
        response = {"statusCode": 200, "headers": had}
        return {
            "context": {"eventType": "viewer-response"},
            "request": {"uri": path, "headers": {}},
            "response": response,
        }

    def address(path: str) -> str:
        bare = path.removesuffix("/index.html")
        return bare if re.search(facts.bare, bare) else path

    gone, own = telling("/records/abc", x_amz_meta_status="410"), telling("/x", content_security_policy="own")
    *found, tombstone, live = run(facts, tmp_path, [*(telling(address(path)) for path in PATHS), gone, own])
    for path, one in zip(PATHS, found, strict=True):
        said = {name: value["value"] for name, value in one["answer"]["headers"].items()}
        expected = {name.lower(): value for name, value in facts.sent(path).items() if name not in OF_OBJECTS}
        assert said == expected, path
    assert tombstone["answer"]["statusCode"] == 410
    assert "link" not in tombstone["answer"]["headers"]
    assert "x-amz-meta-status" not in tombstone["answer"]["headers"]
    assert live["answer"]["headers"] == {"content-security-policy": {"value": "own"}}
