"""What the setting `objects` may say of a bucket; none of it needs one."""

from urllib.parse import parse_qs, urlsplit

import pytest

from repository.errors import Unreachable, WrongSetting
from repository.storage.objects import open_objects
from repository.storage.objects.s3 import S3Store
from repository.storage.objects.s3_calls import Address


def test_an_address_has_bucket_prefix_endpoint_and_region() -> None:
    assert Address.parse("s3://files") == Address("files", "", "", "us-east-1")
    url = "s3://files/of/us/?endpoint_url=https://s3.example.org:8443&region=eu-west-1"
    assert Address.parse(url) == Address("files", "of/us/", "https://s3.example.org:8443", "eu-west-1")


@pytest.mark.parametrize("url", ["s3://files?secret_key=x", "s3://me:secret@files", "s3://files?endpoint=http://x"])
def test_secrets_and_unknown_options_are_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match=r"endpoint_url and region\. Credentials come from the environment"):
        Address.parse(url)


def test_an_endpoint_that_is_no_address_is_refused() -> None:
    with pytest.raises(WrongSetting, match="objects"):
        open_objects("s3://files?endpoint_url=nowhere")


def test_a_store_that_is_away_is_noticed_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    store = open_objects("s3://files?endpoint_url=http://127.0.0.1:1")
    for call in (lambda: store.put([b"x"]), lambda: store.exists("ab/abc"), lambda: list(store.locations())):
        with pytest.raises(Unreachable, match="does not answer"):
            call()


@pytest.mark.parametrize("token", ["", "session/token=="])
@pytest.mark.parametrize(
    "url", ["s3://files", "s3://files/of us?endpoint_url=https://s3.example.org:443&region=eu-west-1"]
)
def test_our_signature_is_boto3s(monkeypatch: pytest.MonkeyPatch, url: str, token: str) -> None:
    for name, value in (("ACCESS_KEY_ID", "key/with+signs"), ("SECRET_ACCESS_KEY", "secret"), ("SESSION_TOKEN", token)):
        monkeypatch.setenv(f"AWS_{name}", value)
    store = S3Store(url)
    upload = {"location": "ab/abc", "upload": "2~with/signs+="}
    asked: dict[str, object] = {
        "Bucket": "files",
        "Key": store.key("ab/abc"),
        "UploadId": upload["upload"],
        "PartNumber": 7,
    }
    asked["ContentLength"] = 50_000_007
    for _ in range(3):  # both must fall into the same second
        theirs = store.control.generate_presigned_url("upload_part", Params=asked, ExpiresIn=600)
        ours = store.parts.links(upload, [50_000_000 + number for number in range(1, 8)], 600)[6]
        if query(theirs)["X-Amz-Date"] == query(ours)["X-Amz-Date"]:
            break
    assert query(ours) == query(theirs)
    assert ours.partition("?")[0] == theirs.partition("?")[0]


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)
