"""Files in parts as a client sends them, and a look at what is stored of them."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from repository.records.snapshot import Json
from repository.services.instance import Instance
from repository.storage.models import Blob, File
from tests.api.conftest import Caller
from tests.instances import METADATA

PART = 5 << 20
"""S3 takes no smaller ones, the last excepted."""
CONTENT = os.urandom(2 * PART + 100)


def draft(owner: Caller) -> dict[str, str]:
    """Its links."""
    links: dict[str, str] = owner("POST", "records", json={"metadata": METADATA, "files": {"enabled": True}}).json[
        "links"
    ]
    return links


def announcement(size: int = len(CONTENT), parts: int = 3, part_size: int = PART, **more: Any) -> list[Json]:
    transfer = {"type": "M", "parts": parts, "part_size": part_size}
    return [{"key": "a.bin", "size": size, "transfer": transfer, **more}]


def announce(owner: Caller, links: dict[str, str], **wish: Any) -> Json:
    answer = owner("POST", links["files"], json=announcement(**wish))
    assert answer.status_code == 201, answer.json
    entry: Json = answer.json["entries"][0]
    return entry


def send(owner: Caller, url: str, content: bytes) -> tuple[int, str]:
    """To wherever the link points: to us, or straight to the bucket."""
    octets = {"Content-Type": "application/octet-stream"}
    if url.startswith("http://repository.test"):
        answer = owner("PUT", url, data=content, headers=octets)
        return answer.status_code, answer.text
    direct = httpx.put(url, content=content, headers=octets)
    return direct.status_code, direct.text


def part(number: int, content: bytes = CONTENT) -> bytes:
    return content[(number - 1) * PART : number * PART]


def send_all(owner: Caller, entry: Json, content: bytes = CONTENT) -> None:
    for link in reversed(entry["links"]["parts"]):  # in any order
        assert send(owner, link["url"], part(link["part"], content))[0] == 200


def commit(owner: Caller, entry: Json) -> TestResponse:
    return owner("POST", entry["links"]["commit"])


def left(instance: Instance) -> list[Any]:
    """What is stored besides the bytes that rows name: objects, parts, uploads under way."""
    with instance.database.read() as connection:
        named = set(connection.execute(select(Blob.location)).scalars())
    stored = [location for location, _ in instance.objects.locations() if location not in named]
    if instance.objects.content_addressed:
        return stored + list((instance.settings.home / "objects" / "incoming").iterdir())
    store: Any = instance.objects
    return stored + list(store.control.list_multipart_uploads(Bucket=store.bucket).get("Uploads", ()))


def transfer(instance: Instance, **changed: Any) -> Json:
    """The row's own note of the upload, after the changes that are made here."""
    with instance.database.write() as connection:
        found: Json = connection.execute(select(File.transfer)).scalar_one()
        connection.execute(update(File).values(transfer={**found, **changed}))
    return {**found, **changed}


def let_pass(instance: Instance, seconds: float) -> None:
    """As if so much time had passed since the note was made."""
    until = datetime.fromisoformat(transfer(instance)["until"])
    transfer(instance, until=(until - timedelta(seconds=seconds)).isoformat())


class Reading:
    """Stands in the way of reading back: counts, and does harm."""

    def __init__(self, instance: Instance, monkeypatch: pytest.MonkeyPatch, harm: Callable[[], object]) -> None:
        self.times = 0
        kind: Any = type(instance.objects.parts)
        original = kind.read

        def read(*arguments: Any) -> Any:
            self.times += 1
            harm()
            return original(*arguments)

        monkeypatch.setattr(kind, "read", read)


def failing(error: Exception) -> Callable[[], object]:
    def harm() -> None:
        raise error

    return harm
