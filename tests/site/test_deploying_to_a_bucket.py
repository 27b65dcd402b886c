"""The frozen site is brought to a bucket of a real Ceph: right headers, only what changes, and only where it may."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snapshots import minimal, with_files, with_metadata

from repository.errors import StoreFull, Unreachable, WrongSetting
from repository.storage.database import Database
from site_builder import deploying
from site_builder.changed import Journal
from site_builder.deploying.bucket import BucketTarget
from site_builder.deploying.target import bring, renew
from site_builder.hosting import Facts
from site_builder.projection import SiteProjection
from tests.following.contract import closed, withdrawn
from tests.servers.ceph import CephServer
from tests.servers.postgres import free_port
from tests.site.site_output import URL, build, changes, increment, settings_in, tree

pytestmark = pytest.mark.service
STATES = (*(minimal(number) for number in range(6)), with_files(20))
MARK = ".colophon/site.json"


@pytest.fixture
def projection(database: Database, tmp_path: Path) -> SiteProjection:
    made = SiteProjection(settings_in(tmp_path), database)
    build(made, changes(STATES))
    return made


@pytest.fixture
def bucket(ceph: CephServer) -> str:
    return ceph.create_bucket()


@pytest.fixture
def url(ceph: CephServer, bucket: str) -> str:
    return f"s3://{bucket}/site?endpoint_url={ceph.endpoint}"


def objects(ceph: CephServer, bucket: str, prefix: str = "site/") -> dict[str, dict[str, Any]]:
    """All below the prefix, by key: what a GET answers, with its body."""
    found = {}
    pages = ceph.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for entry in (entry for page in pages for entry in page.get("Contents", ())):
        got = ceph.client.get_object(Bucket=bucket, Key=entry["Key"])
        found[entry["Key"].removeprefix(prefix)] = {**got, "bytes": got["Body"].read()}
    return {name: one for name, one in found.items() if name != MARK}


def expected(folder: Path) -> dict[str, bytes]:
    """The files of the tree by their keys."""
    below, themselves = ("records/", "about/", "vocabularies/"), ("search", "deposit", "styleguide")
    found = {}
    for name, data in tree(folder).items():
        place, _slash, last = name.rpartition("/")
        is_bare = place.startswith(below) or place in themselves
        found[place if is_bare and last in ("index.html", "tombstone.html") else name] = data
    return found


def deployed(folder: Path, url: str) -> deploying.Deployed:
    return deploying.deploy(settings_in(folder), url)


def test_objects_are_the_site_with_its_headers_and_only_what_changes_is_sent(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str
) -> None:
    first = deployed(tmp_path, url)
    found = objects(ceph, bucket)
    assert {name: one["bytes"] for name, one in found.items()} == expected(tmp_path)
    assert first.tally.sent == len(found)
    page, turtle = found[f"records/{STATES[0].id}"], found[f"records/{STATES[0].id}/record.ttl"]
    assert (page["ContentType"], page["CacheControl"]) == (
        "text/html; charset=utf-8",
        "public, max-age=0, must-revalidate",
    )
    assert (turtle["ContentType"], turtle["ContentDisposition"]) == ("text/turtle", "inline; filename=record.ttl")
    assert found[".well-known/api-catalog"]["ContentType"].startswith("application/linkset+json; profile=")
    (style,) = (one for name, one in found.items() if name.endswith(".css"))
    assert (style["ContentType"], style["CacheControl"]) == ("text/css", "public, max-age=31536000, immutable")
    assert (deployed(tmp_path, url).tally.sent, deployed(tmp_path, url).tally.unchanged) == (0, len(found))

    ceph.client.put_object(Bucket=bucket, Key="site/static/site.0000000000.css", Body=b"body {}")
    ceph.client.put_object(Bucket=bucket, Key="site/records/left-over", Body=b"x")
    before = expected(tmp_path)
    increment(
        projection, changes([withdrawn(STATES[1]), closed(STATES[2]), with_metadata(STATES[3], title="Hail")], 50)
    )
    done = deployed(tmp_path, url)
    after = objects(ceph, bucket)
    assert {name: one["bytes"] for name, one in after.items()} == {
        **expected(tmp_path), "static/site.0000000000.css": b"body {}",
    }  # fmt: skip
    assert done.tally.sent == sum(before.get(name) != data for name, data in expected(tmp_path).items())
    tombstone = after[f"records/{STATES[1].id}"]
    assert (tombstone["Metadata"]["status"], tombstone["ContentType"]) == ("410", "text/html; charset=utf-8")
    assert "status" not in after[f"records/{STATES[3].id}"]["Metadata"]
    assert not [name for name in after if name.startswith(f"records/{STATES[2].id}")]


def test_texts_are_stored_compressed_where_that_is_wished(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str
) -> None:
    deployed(tmp_path, url)
    zipped = deployed(tmp_path, f"{url}&encoding=gzip")
    found = objects(ceph, bucket)
    assert zipped.tally.sent == len(found)
    images = {name for name, one in found.items() if one["ContentType"].startswith("image/") and "svg" not in name}
    assert images == {name for name, one in found.items() if one.get("ContentEncoding") != "gzip"} != {*found}
    plain = {name: one["bytes"] for name, one in found.items()}
    unzipped = {name: data if name in images else gzip.decompress(data) for name, data in plain.items()}
    assert unzipped == expected(tmp_path)
    assert deployed(tmp_path, f"{url}&encoding=gzip").tally.sent == 0


class Interrupted(Exception):
    pass


class Failing(BucketTarget):
    threads = 1
    left = 15

    def put(self, *given: Any) -> int:
        if self.left == 0:
            raise Interrupted
        self.left -= 1
        return super().put(*given)


def test_an_interrupted_deployment_sends_only_the_rest(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str
) -> None:
    served, facts = (tmp_path / "site" / "current").resolve(), Facts.of(settings_in(tmp_path))
    with pytest.raises(Interrupted):
        bring(served, Failing(url, facts), lambda: True, {})
    there = len(objects(ceph, bucket))
    assert there == 15
    done = deployed(tmp_path, url)
    assert (done.tally.sent, done.tally.unchanged) == (len(expected(tmp_path)) - there, there)
    # the same where all headers have changed: what has the new ones already is spared
    with pytest.raises(Interrupted):
        bring(served, Failing(f"{url}&encoding=gzip", facts), lambda: True, {})
    assert deployed(tmp_path, f"{url}&encoding=gzip").tally.unchanged == 15


def test_objects_whose_etag_tells_nothing_are_told_by_their_metadata(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str
) -> None:
    """As in a bucket that encrypts with keys of a key service: an upload in parts has such an ETag too."""
    deployed(tmp_path, url)
    key, body = "site/robots.txt", tree(tmp_path)["robots.txt"]
    had = ceph.client.head_object(Bucket=bucket, Key=key)["Metadata"]
    upload = ceph.client.create_multipart_upload(Bucket=bucket, Key=key, Metadata=had)["UploadId"]
    part = ceph.client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=body)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    ceph.client.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=parts)
    assert ceph.client.head_object(Bucket=bucket, Key=key)["ETag"].strip('"') != hashlib.md5(body).hexdigest()
    assert deployed(tmp_path, url).tally.sent == 0


def test_a_bucket_that_holds_something_else_is_left_alone(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str
) -> None:
    ceph.client.put_object(Bucket=bucket, Key="site/ab/thesis", Body=b"the only copy")
    with pytest.raises(WrongSetting, match="something else"):
        deployed(tmp_path, url)
    assert {*objects(ceph, bucket)} == {"ab/thesis"}
    beside = url.replace("/site?", "/another?")
    deployed(tmp_path, beside)
    assert len(objects(ceph, bucket)) == len(expected(tmp_path)) + 2  # the mark of another path is one of them
    for wrong in (f"{url}&secret_key=x", f"{url}&encoding=zip"):
        with pytest.raises(WrongSetting, match=r"site\.deploy"):
            deployed(tmp_path, wrong)


def test_a_bucket_that_does_not_answer_is_told(projection: SiteProjection, tmp_path: Path, ceph: CephServer) -> None:
    for place in (
        f"s3://nobody-{free_port()}?endpoint_url={ceph.endpoint}",
        f"s3://x?endpoint_url=http://127.0.0.1:{free_port()}",
    ):
        with pytest.raises(Unreachable):
            deployed(tmp_path, place)


@pytest.fixture
def journal(projection: SiteProjection) -> Iterator[Journal]:
    with Journal.open(projection.output.own) as opened:
        yield opened


def test_what_follows_keeps_a_tombstone_in_the_place_of_its_page(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str, journal: Journal
) -> None:
    settings = settings_in(tmp_path)
    deploying.follow(settings, url, journal)
    increment(projection, changes([withdrawn(STATES[1])], 50))
    deploying.follow(settings, url, journal)
    increment(projection, changes([closed(STATES[2]), STATES[1]], 60))
    deploying.follow(settings, url, journal)
    found = objects(ceph, bucket)
    assert {name: one["bytes"] for name, one in found.items()} == expected(tmp_path)
    assert "status" not in found[f"records/{STATES[1].id}"]["Metadata"]


class Full(BucketTarget):
    threads = 1

    def put(self, *given: Any) -> int:
        if (done := given[3]) is not None and done.size == len(given[0]):
            return super().put(*given)
        raise StoreFull("The bucket takes no more.")


def test_a_full_bucket_loses_what_may_not_be_seen_any_more(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str, journal: Journal
) -> None:
    facts = Facts.of(settings_in(tmp_path))
    number = deployed(tmp_path, url).number
    increment(projection, changes([withdrawn(STATES[1]), closed(STATES[2])], 50))
    served = (tmp_path / "site" / "current").resolve()
    paths = [change.file for change in journal.since(number) if change.file]
    with pytest.raises(StoreFull):
        renew(served, Full(url, facts), lambda: True, paths)
    ids = [state.id for state in STATES]
    assert not [name for name in objects(ceph, bucket) if name.startswith((f"records/{ids[1]}", f"records/{ids[2]}"))]
    deployed(tmp_path, url)
    assert objects(ceph, bucket)[f"records/{ids[1]}"]["Metadata"]["status"] == "410"
    increment(projection, changes([withdrawn(STATES[3]), closed(STATES[4])], 60))
    with pytest.raises(StoreFull):
        bring(served, Full(url, facts), lambda: True, {})
    found = objects(ceph, bucket)
    assert not [name for name in found if name.startswith((f"records/{ids[3]}", f"records/{ids[4]}"))]
    assert found[f"records/{ids[1]}"]["Metadata"]["status"] == "410"


def test_a_bucket_of_another_site_is_refused(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str
) -> None:
    deployed(tmp_path, url)
    moved = settings_in(tmp_path, **{"site.url": "https://data.example.org"})
    with pytest.raises(WrongSetting, match=f"holds the site {URL}"):
        deploying.deploy(moved, url)


def test_headers_that_have_changed_are_brought_to_all_objects_by_what_follows(
    projection: SiteProjection, tmp_path: Path, ceph: CephServer, bucket: str, url: str, journal: Journal
) -> None:
    settings = settings_in(tmp_path)
    deploying.follow(settings, url, journal)
    mark = json.dumps({"site": settings.site_url, "headers": "of an earlier version"}).encode()
    ceph.client.put_object(Bucket=bucket, Key=f"site/{MARK}", Body=mark)
    key = f"site/records/{STATES[0].id}"
    ceph.client.put_object(Bucket=bucket, Key=key, Body=expected(tmp_path)[f"records/{STATES[0].id}"])
    increment(projection, changes([with_metadata(STATES[3], title="Hail")], 50))
    deploying.follow(settings, url, journal)
    assert ceph.client.head_object(Bucket=bucket, Key=key)["ContentType"] == "text/html; charset=utf-8"
