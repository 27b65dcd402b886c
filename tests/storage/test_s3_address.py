"""What the setting `objects` may say of a bucket; none of it needs one."""

import pytest

from repository.errors import Unreachable, WrongSetting
from repository.storage.objects import open_objects
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
