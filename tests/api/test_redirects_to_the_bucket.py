"""With `files.redirect` the bucket hands out the bytes: to the same people, under the same name and media type."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.cli.serve import build_app
from repository.services.accounts import create_token
from repository.services.instance import Instance
from tests.instances import body, copy_instance, person, published
from tests.servers.ceph import CephServer

pytestmark = pytest.mark.service

FILES = {"rain.csv": b"a,b\n1,2\n", "page.html": b"<script>1</script>", "Déšť 1.txt": b"rain"}
RESTRICTED = {"record": "public", "files": "restricted"}
Ask = Callable[..., TestResponse]
EVERYWHERE = ("/records/{}/files/{}", "/api/records/{}/files/{}/content")


@pytest.fixture
def redirecting(tmp_path: Path, instance_template: Path, ceph: CephServer) -> Iterator[Instance]:
    url = f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", objects=url, files__redirect="true")
    yield opened
    opened.close()


@pytest.fixture
def client(redirecting: Instance) -> FlaskClient:
    return build_app(redirecting).test_client()


@pytest.mark.parametrize("address", EVERYWHERE)
@pytest.mark.parametrize(
    ("key", "media_type", "disposition"),
    [
        ("rain.csv", "text/csv; charset=utf-8", "attachment; filename=rain.csv"),
        ("page.html", "application/octet-stream", "attachment; filename=page.html"),
        (
            "Déšť 1.txt",
            "text/plain; charset=utf-8",
            "attachment; filename=\"Dest 1.txt\"; filename*=UTF-8''D%C3%A9%C5%A1%C5%A5%201.txt",
        ),
    ],
)
def test_the_bucket_hands_out_the_bytes(
    redirecting: Instance, client: FlaskClient, address: str, key: str, media_type: str, disposition: str
) -> None:
    record_id = published(redirecting, person(redirecting, "owner"), body(), FILES)
    answer = client.get(address.format(record_id, quote(key)), query_string={"download": "1"})
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert int(parse_qs(urlsplit(answer.headers["Location"]).query)["X-Amz-Expires"][0]) <= 60
    given = httpx.get(answer.headers["Location"])
    assert (given.status_code, given.content) == (200, FILES[key])
    assert given.headers["Content-Type"] == media_type
    assert given.headers["Content-Disposition"] == disposition
    assert given.headers["Cache-Control"] == "private, no-store"
    part = httpx.get(answer.headers["Location"], headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.content) == (206, FILES[key][1:3])


@pytest.mark.parametrize("address", EVERYWHERE)
def test_what_a_browser_shows_is_answered_here_with_what_keeps_it_harmless(
    redirecting: Instance, client: FlaskClient, address: str
) -> None:
    """The bucket sends neither of these headers for us."""
    record_id = published(redirecting, person(redirecting, "owner"), body(), FILES)
    answer = client.get(address.format(record_id, "rain.csv"), buffered=True)
    assert (answer.status_code, answer.data) == (200, FILES["rain.csv"])
    assert answer.headers["Content-Disposition"] == "inline; filename=rain.csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-MD5"]
    assert client.get(address.format(record_id, "page.html")).status_code == 302


@pytest.mark.parametrize("address", EVERYWHERE)
def test_who_names_an_etag_or_a_date_is_answered_here(redirecting: Instance, client: FlaskClient, address: str) -> None:
    """They are ours, and the bucket has others: it would send bytes that were not asked for."""
    record_id = published(redirecting, person(redirecting, "owner"), body(), FILES)
    path = address.format(record_id, "page.html")
    etag = client.head(path).headers["ETag"]
    old = "Mon, 01 Jan 2001 00:00:00 GMT"
    for headers, expected in (
        ({"If-Match": etag}, 200), ({"If-Match": '"other"'}, 412), ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": f"W/{etag}"}, 304), ({"If-Modified-Since": old}, 200),
        ({"If-Range": '"other"', "Range": "bytes=0-1"}, 200), ({"If-Range": etag, "Range": "bytes=0-1"}, 206),
    ):  # fmt: skip
        assert client.get(path, headers=headers, buffered=True).status_code == expected, headers


@pytest.mark.parametrize("address", EVERYWHERE)
def test_the_bucket_says_of_a_file_what_we_do(redirecting: Instance, client: FlaskClient, address: str) -> None:
    keys = (
        "a.csv",
        "a.pdf",
        "a.json",
        "a.html",
        "a.svg",
        "a.xml",
        "a.ttl",
        "a.obj",
        "a",
        "čísla/雨.md",
        'it\'s "so"; a=b, %41.txt',
        "雨",
    )
    record_id = published(redirecting, person(redirecting, "owner"), body(), dict.fromkeys(keys, b"rain"))
    here = build_app(replace(redirecting, settings=replace(redirecting.settings, files_redirect=False))).test_client()
    for key in keys:
        for query in ({"download": "1"},):
            path = address.format(record_id, quote(key))
            ours = here.get(path, query_string=query, buffered=True)
            theirs = httpx.get(client.get(path, query_string=query).headers["Location"])
            assert theirs.content == ours.data
            for name in ("Content-Type", "Content-Disposition", "Content-Length"):
                assert theirs.headers[name] == ours.headers[name], key
            asked = client.head(path, query_string=query)
            assert asked.status_code == 200
            for name in ("Content-Type", "Content-Disposition", "Content-Length", "ETag"):
                assert asked.headers[name] == ours.headers[name], key


@pytest.mark.parametrize("address", EVERYWHERE)
def test_only_who_may_read_is_sent_there(redirecting: Instance, client: FlaskClient, address: str) -> None:
    request = {**body(), "access": RESTRICTED}
    record_id = published(redirecting, person(redirecting, "owner"), request, FILES)
    refused = client.get(address.format(record_id, "rain.csv"))
    assert refused.status_code in (403, 404)
    assert "Location" not in refused.headers
    token = create_token(redirecting, "owner@example.org")
    saving = {"download": "1"}
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get(address.format(record_id, "rain.csv"), query_string=saving).status_code in (403, 404)
    answer = client.get(address.format(record_id, "rain.csv"), headers=bearer, query_string=saving)
    assert httpx.get(answer.headers["Location"]).content == FILES["rain.csv"]


def test_who_has_the_bytes_already_and_who_asks_for_headers_is_answered_here(
    redirecting: Instance, client: FlaskClient
) -> None:
    record_id = published(redirecting, person(redirecting, "owner"), body(), FILES)
    path = f"/api/records/{record_id}/files/rain.csv/content"
    head = client.head(path)
    assert (head.status_code, head.headers["Content-Length"]) == (200, "8")
    assert client.get(path, headers={"If-None-Match": head.headers["ETag"]}).status_code == 304


def test_a_folder_hands_out_nothing_itself(instance: Instance) -> None:
    redirected = replace(instance, settings=replace(instance.settings, files_redirect=True))
    record_id = published(instance, person(instance, "owner"), body(), FILES)
    answer = build_app(redirected).test_client().get(f"/api/records/{record_id}/files/rain.csv/content", buffered=True)
    assert (answer.status_code, answer.data) == (200, FILES["rain.csv"])
