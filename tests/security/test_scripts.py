"""Whatever somebody writes into a record or names a file, it runs in nobody's browser.

CVE-2019-1020003, DSpace #9638.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.formats import FORMATS, suitable
from repository.projections import open_projections
from repository.records.snapshot import Json
from repository.records.visibility import SYSTEM
from repository.services import drafts, publishing, reading
from repository.services.accounts import create_token
from repository.services.instance import Instance
from tests.full_record import FULL_CUSTOM_FIELDS, FULL_METADATA
from tests.instances import UNLIMITED, add_files, copy_instance, person, published
from tests.site.test_hostile_pages import PAYLOADS, check

STEERING = ("id", "scheme", "type", "publication_date", "date", "identifier", "coordinates")
LINKS = ("link", "url", "codeRepository")
NAMES = (
    '"><img src=x onerror=alert(1)>.csv', "<script>alert(1)<.txt", "' onmouseover='alert(1).csv",
    "javascript:alert(1).txt", "{{7*7}}.csv", "<!--.csv", "]]>.csv", "</title><svg onload=alert(1)>.csv",
)  # fmt: skip
KINDS = ("publication-article", "dataset", "software")
"""Formats are for some of them only."""
ACTIVE = (
    ("page.html", b"<script>alert(1)</script>"),
    ("page.xhtml", b"<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>"),
    ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("image.svgz", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("data.xml", b"<?xml-stylesheet href='x.xsl' type='text/xsl'?><a/>"),
    ("code.js", b"alert(1)"), ("code.mjs", b"alert(1)"), ("code.wasm", b"\0asm"), ("style.css", b"*{}"),
    ("mail.mht", b"x"), ("page.htm", b"<script>alert(1)</script>"), ("page.HTML", b"<script>alert(1)</script>"),
    ("page.shtml", b"x"), ("app.swf", b"x"), ("none", b"<script>alert(1)</script>"), ("feed.rss", b"<rss/>"),
    ("map.kml", b"<kml/>"), ("look.xslt", b"<a/>"), ("app.hta", b"x"), ("proxy.pac", b"x"), ("part.htc", b"x"),
    ("add-on.xpi", b"PK"), ("applet.jar", b"PK"), ("start.jnlp", b"<jnlp/>"), ("mail.eml", b"x"), ("root.crt", b"x"),
    ("pages.appcache", b"x"), ("types.dtd", b"x"), ("view.xul", b"<a/>"),
)  # fmt: skip


def spoiled(value: Any, payload: str, name: str = "") -> Any:
    """Every text with the payload in it; those that become links are scripts as well."""
    if isinstance(value, dict):
        return {key: spoiled(inner, payload, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [spoiled(inner, payload, name) for inner in value]
    if not isinstance(value, str) or name in STEERING:
        return value
    return f"javascript:alert(1)//{payload}" if name in LINKS else f"{value} {payload}"


def body(payload: str, kind: str = "publication-article") -> Json:
    """A request with every field of the model."""
    metadata = spoiled(FULL_METADATA, payload) | {"resource_type": {"id": kind}}
    for name in ("identifiers", "related_identifiers"):
        first = metadata[name][0]
        metadata[name] += [
            {**first, "scheme": "url", "identifier": address}
            for address in (
                f"javascript:alert(1)//{payload}",
                f"https://example.org/{payload}",
                f"data:text/html,{payload}",
            )
        ]
    return {
        "metadata": metadata,
        "custom_fields": spoiled(FULL_CUSTOM_FIELDS, payload),
        "files": {"enabled": True},
    }


@pytest.fixture(scope="module")
def attacked(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, list[str]]]:
    """A record for each payload, as far as it can be stored, read by all readers."""
    instance = copy_instance(instance_template, tmp_path_factory.mktemp("attacked") / "instance", **UNLIMITED)
    owner = person(instance, "owner")
    ids = []
    for payload in PAYLOADS:
        draft = drafts.create(instance, owner, body(payload, KINDS[len(ids) % len(KINDS)]))
        wrong = {error.field.split(".")[1] for error in draft.errors if error.field.startswith("metadata.")}
        assert not wrong & {"title", "creators", "publisher", "description"}, draft.errors
        add_files(instance, owner, draft.id, dict.fromkeys(NAMES, b"a"))
        kept = {name: draft.body[name] for name in ("metadata", "custom_fields", "files")}
        saved = drafts.save(instance, owner, draft.id, kept)  # wrong values are left out of a stored draft
        assert saved.errors == ()
        ids.append(publishing.publish(instance, owner, draft.id).id)
    run_until_current(instance.database, open_projections(instance))
    yield instance, ids
    instance.close()


@pytest.fixture(scope="module")
def client(attacked: tuple[Instance, list[str]]) -> FlaskClient:
    return build_app(attacked[0]).test_client()


def pages(instance: Instance, ids: list[str]) -> list[str]:
    found = ["/", "/browse/", "/search/results?q=", "/search/results?q=rain&allversions=true", "/about/", "/deposit"]
    found += [
        f"/search/results?q={word}"
        for word in ("%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Cimg%20src=x%20onerror=x%3E")
    ]
    found += [f"/nosuch/{name}" for name in ("%3Cscript%3E", "%22onload=")]
    found += [f"/login?next=/{mark}" for mark in ("%22%3E%3Cscript%3E", "'onload=x")]
    return found + [f"/records/{record_id}" for record_id in ids]


def test_no_page_holds_a_script_of_others(client: FlaskClient, attacked: tuple[Instance, list[str]]) -> None:
    token = create_token(attacked[0], "owner@example.org")
    shown = 0
    for path in pages(*attacked):
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            answer = client.get(path, headers={"Accept": "text/html", **headers})
            assert answer.mimetype == "text/html", path
            assert "script-src" not in answer.headers["Content-Security-Policy"]
            page = check(answer.data)
            shown += "alert(1)" in page.text_content()
    assert shown > len(PAYLOADS)


def test_a_preview_holds_no_script_of_others(client: FlaskClient, attacked: tuple[Instance, list[str]]) -> None:
    instance, _ids = attacked
    token = create_token(instance, "owner@example.org")
    owner_calls = {"Authorization": f"Bearer {token}"}
    for payload in PAYLOADS:
        draft = client.post("/api/records", json=body(payload), headers=owner_calls).get_json()["id"]
        answer = client.get(f"/records/{draft}?preview=1", headers={"Accept": "text/html", **owner_calls})
        assert answer.status_code == 200
        check(answer.data)


def test_frozen_pages_hold_no_script_of_others(attacked: tuple[Instance, list[str]]) -> None:
    instance, ids = attacked
    root = (instance.settings.site_output / "current").resolve()
    frozen = [path for path in root.rglob("*.html") if path.is_file()]
    assert len(frozen) > len(ids)
    for path in frozen:
        check(path.read_bytes())


def test_formats_and_harvests_are_data(client: FlaskClient, attacked: tuple[Instance, list[str]]) -> None:
    """XML in which only our own elements are, JSON that is JSON; none of them with a type that runs."""
    instance, ids = attacked
    harvests = [f"/oai?verb=ListRecords&metadataPrefix={form.oai.prefix}" for form in FORMATS if form.oai]
    states = [reading.read(instance, SYSTEM, record_id).snapshot for record_id in ids]
    formats = [f"/records/{state.id}/{form.file_name}" for state in states for form in suitable(state)]
    assert {path.rpartition("/")[2] for path in formats} == {form.file_name for form in FORMATS}
    for path in [*formats, *harvests, "/sitemap.xml", "/api/records?size=100", *(f"/api/records/{one}" for one in ids)]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.mimetype not in ("text/html", "application/xhtml+xml", "image/svg+xml"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.mimetype.endswith("xml"):
            for element in etree.fromstring(answer.data).iter(etree.Element):
                name = etree.QName(element)
                assert name.namespace, path
                assert name.namespace not in ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"), path
                assert name.localname.lower() not in ("script", "img", "svg"), path
        elif answer.mimetype.endswith("json"):
            orjson.loads(answer.data)


def test_html_that_is_kept_is_harmless(client: FlaskClient, attacked: tuple[Instance, list[str]]) -> None:
    """Descriptions are HTML, also for clients that show them as they come."""
    for record_id in attacked[1]:
        metadata = client.get(f"/api/records/{record_id}").get_json()["metadata"]
        described = [
            metadata["description"],
            *(more["description"] for more in metadata.get("additional_descriptions", [])),
        ]
        for text in described:
            check(f"<title>x</title>{text}".encode())
            assert not re.search(r"<[^>]*\b(?:on\w+|style|src)\s*=", text)


def test_no_link_of_a_record_is_a_script(client: FlaskClient, attacked: tuple[Instance, list[str]]) -> None:
    for record_id in attacked[1]:
        link = client.get(f"/records/{record_id}", headers={"Accept": "text/html"}).headers["Link"]
        assert "javascript:" not in link
        page = client.get(f"/records/{record_id}", headers={"Accept": "text/html"})
        assert not re.search(r"""(?:href|action|content)=["']?\s*javascript:""", page.text, re.IGNORECASE)


@pytest.mark.parametrize(("key", "content"), ACTIVE, ids=[key for key, _content in ACTIVE])
def test_what_may_hold_scripts_is_only_saved(app: Flask, instance: Instance, key: str, content: bytes) -> None:
    request = {"metadata": {**FULL_METADATA}, "files": {"enabled": True}}
    record_id = published(instance, person(instance, "owner"), request, {key: content})
    for path in (f"/records/{record_id}/files/{key}", f"/api/records/{record_id}/files/{key}/content"):
        for query in ("", "?download=1", "?download=0", "?download="):
            answer = app.test_client().get(path + query, buffered=True)
            assert answer.data == content
            assert answer.headers["Content-Disposition"].startswith("attachment;"), path
            packed = key.endswith(("gz", "bz2"))  # named for what it is packed by, which nothing shows
            assert answer.headers["Content-Type"] == ("application/gzip" if packed else "application/octet-stream")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


SAVED = ("a.py", "a.wav", "a.nc", "a.zip", "a.tsv", "a.obj", "a.ttl", "a.jsonld", "a.docx", "a.ps", "a.sql", "a")
"""Keys of data that no browser runs. The system knows the media types of some of them only where it has a list."""


def test_data_is_saved_as_the_type_that_formats_declare_and_never_shown(app: Flask, instance: Instance) -> None:
    request = {"metadata": {**FULL_METADATA}, "files": {"enabled": True}}
    record_id = published(instance, person(instance, "owner"), request, dict.fromkeys(SAVED, b"<script>alert(1)"))
    listed = app.test_client().get(f"/records/{record_id}/linkset.json").get_json(force=True)["linkset"]
    types = {link["href"].rpartition("/")[2]: link["type"] for part in listed for link in part.get("item", ())}
    assert {"text/x-python", "audio/x-wav", "application/x-netcdf", "application/zip"} <= set(types.values())
    for key in SAVED:
        for path in (f"/records/{record_id}/files/{key}", f"/api/records/{record_id}/files/{key}/content"):
            for query in ("", "?download=1", "?download=0"):
                answer = app.test_client().get(path + query, buffered=True)
                assert answer.mimetype == types[key], path
                assert answer.headers["Content-Disposition"].startswith("attachment;"), path
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_what_is_shown_keeps_its_type_whatever_it_holds(app: Flask, instance: Instance) -> None:
    request = {"metadata": {**FULL_METADATA}, "files": {"enabled": True}}
    record_id = published(instance, person(instance, "owner"), request, {"a.txt": b"<script>alert(1)</script>"})
    answer = app.test_client().get(f"/records/{record_id}/files/a.txt", buffered=True)
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
