"""A file's key is a name and never a path: any key comes back unchanged, and nothing else on the disk is touched."""

import io
import zipfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.services.accounts import create_account, create_token
from repository.services.instance import Instance
from tests.instances import body

NASTY = (
    "../../etc/passwd", "..", ".", "../colophon.sqlite", "/etc/passwd", "//etc/passwd", "a/../../b", "..\\..\\b",
    "C:\\x", "a//b",
    "a/", "~/.ssh/id", "$(id)", "`id`", "a;b", "content", "commit", "a/content", "a/commit", "%2e%2e%2fb",
    "a?b#c", "a&b=c", 'a"b', "a'b", "a\\b", "<script>alert(1)</script>.html", "a\u202etxt.exe", "\u0301", "🜚.csv",
    "con", "a\r\nX-Evil: 1", "a\nb", "a\tb", "á.csv", "a;filename=evil.html", " a", "a ", "x" * 255,
)  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(["..", ".", "/", "\\", "a", "content", "commit", "%2e", "\r\n", '"', ";", "~"]), st.characters()
)


def keys() -> st.SearchStrategy[str]:
    return st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(lambda key: len(key) <= 255)


@pytest.fixture
def client(app: Flask, instance: Instance) -> FlaskClient:
    account = create_account(instance, "owner@example.org", "correct horse")
    made = app.test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {create_token(instance, account.email)}"
    return made


def outside(instance: Instance) -> dict[str, bytes]:
    """Everything beside the instance's object folder, database and counters, up to the folder above the instance."""
    home = instance.settings.home
    return {
        str(path.relative_to(home.parent)): path.read_bytes()
        for path in sorted(home.parent.rglob("*"))
        if path.is_file() and not path.is_relative_to(home / "objects") and ".sqlite" not in path.name
        and not path.is_relative_to(home / "run")
    }  # fmt: skip


def send(client: FlaskClient, instance: Instance, key: str) -> bool:
    """Whether a file of this key is taken; if so it is sent, read in every way, published, and read again."""
    before = outside(instance)
    draft = client.post("/api/records", json={**body(), "files": {"enabled": True}}).get_json()["id"]
    files = f"/api/records/{draft}/draft/files"
    announced = client.post(files, json=[{"key": key}])
    assert announced.status_code in (201, 400), announced.text
    if announced.status_code == 400:
        assert outside(instance) == before
        return False
    assert [entry["key"] for entry in announced.get_json()["entries"]] == [key]
    content = repr(key).encode()
    at = f"{files}/{quote(key, safe='/')}"
    sent = client.put(f"{at}/content", data=content, content_type="application/octet-stream")
    assert sent.status_code == 200, sent.text
    assert client.post(f"{at}/commit").get_json()["key"] == key
    listed = client.get(files).get_json()["entries"]
    assert [entry["key"] for entry in listed] == [key]
    if not key.endswith(("/content", "/commit")):  # whose address is that of another file's content
        assert client.get(at).get_json()["key"] == key
    published = client.post(f"/api/records/{draft}/draft/actions/publish")
    assert list(published.get_json()["files"]["entries"]) == [key]
    for path in (f"/api/records/{draft}/files/{quote(key)}/content", f"/records/{draft}/files/{quote(key)}"):
        with closing(client.get(path, buffered=True)) as got:
            assert got.data == content, path
            assert "X-Evil" not in got.headers
            disposition = got.headers["Content-Disposition"]
            assert disposition.isascii()
            assert disposition.isprintable()
            assert disposition.partition(";")[0] in ("attachment", "inline")
    page = client.get(f"/records/{draft}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    with closing(client.get(f"/api/records/{draft}/files-archive", buffered=True)) as archive:
        (info,) = zipfile.ZipFile(io.BytesIO(archive.data)).infolist()
    member = Path(info.filename)
    assert not member.is_absolute()
    assert ".." not in member.parts
    assert ".." not in info.filename.replace("\\", "/").split("/")
    assert outside(instance) == before
    return True


@pytest.mark.parametrize("key", NASTY)
def test_a_nasty_key_is_a_name_or_is_refused(client: FlaskClient, instance: Instance, key: str) -> None:
    send(client, instance, key)


def test_ordinary_keys_are_taken(client: FlaskClient, instance: Instance) -> None:
    for key in ("a.csv", "data/a.csv", "á b.csv", "a..b", "..a", "🜚.csv"):
        assert send(client, instance, key), key


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=keys())
def test_any_key_is_a_name_or_is_refused(client: FlaskClient, instance: Instance, key: str) -> None:
    send(client, instance, key)
