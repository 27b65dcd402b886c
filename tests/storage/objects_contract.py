"""What every store of objects must do; each adapter's test module runs all of RULES on it."""

import contextlib
import copy
import hashlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from repository.errors import InvalidInput, NotFound, Unreachable, WrongSetting
from repository.storage.objects import FolderStore, ObjectStore
from repository.storage.objects.ownership import MARK

Rule = Callable[[ObjectStore], None]


def bytes_come_back_with_their_digests(store: ObjectStore) -> None:
    content = os.urandom(300_000)
    stored = store.put([content[:100_000], b"", content[100_000:]])
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.md5 == hashlib.md5(content).hexdigest()
    assert stored.size == len(content)
    with store.open(stored.location) as stream:
        assert stream.read() == content


def no_bytes_are_bytes_too(store: ObjectStore) -> None:
    stored = store.put([])
    assert stored.size == 0
    with store.open(stored.location) as stream:
        assert stream.read() == b""


def a_stream_can_be_read_from_anywhere(store: ObjectStore) -> None:
    stored = store.put([b"0123456789"])
    with store.open(stored.location) as stream:
        stream.seek(4)
        assert stream.read(3) == b"456"
        stream.seek(-2, io.SEEK_END)
        assert stream.read() == b"89"
    with store.open(stored.location, start=3, stop=7) as stream:
        assert stream.read(4) == b"3456"
    with store.open(stored.location, stop=10) as stream:
        assert stream.read() == b"0123456789"


def a_large_stream_that_breaks_leaves_nothing(store: ObjectStore) -> None:
    def broken() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(1 << 20)
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.put(broken())
    assert list(store.locations()) == []


def what_is_larger_than_one_request_comes_back(store: ObjectStore) -> None:
    blocks = [os.urandom(3_000_000) for _ in range(7)]  # no boundary of a block is one of a part
    content = b"".join(blocks)
    stored = store.put(blocks)
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with store.open(stored.location) as stream:
        assert stream.read() == content
        stream.seek(15_000_000)
        assert stream.read(1_000_000) == content[15_000_000:16_000_000]
        assert stream.tell() == 16_000_000
        stream.seek(-7, io.SEEK_END)
        assert stream.read() == content[-7:]
        assert stream.read() == b""


def equal_bytes_have_one_location_or_one_each(store: ObjectStore) -> None:
    first, second = store.put([b"same"]), store.put([b"sa", b"me"])
    assert (first.sha256, first.md5, first.size) == (second.sha256, second.md5, second.size)
    assert (first.location == second.location) == store.content_addressed
    assert {location for location, _ in store.locations()} == {first.location, second.location}


def one_of_two_locations_can_be_deleted(store: ObjectStore) -> None:
    first, second = store.put([b"same"]), store.put([b"same"])
    if first.location != second.location:
        store.delete(second.location)
        assert not store.exists(second.location)
    with store.open(first.location) as stream:
        assert stream.read() == b"same"


def a_stream_that_breaks_leaves_nothing(store: ObjectStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.put(broken())
    assert list(store.locations()) == []


def what_was_deleted_is_not_found(store: ObjectStore) -> None:
    stored = store.put([b"gone"])
    assert store.exists(stored.location)
    store.delete(stored.location)
    store.delete(stored.location)
    assert not store.exists(stored.location)
    with pytest.raises(NotFound):
        store.open(stored.location)


def all_that_is_stored_can_be_listed_with_its_time(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    locations = {store.put([bytes([number])]).location for number in range(5)}
    listed = dict(store.locations())
    assert set(listed) == locations
    assert all(before <= moment <= datetime.now(UTC) + timedelta(seconds=5) for moment in listed.values())


def what_is_stored_is_not_unfinished(store: ObjectStore) -> None:
    stored = store.put([b"whole"])
    assert store.drop_unfinished(datetime.now(UTC) + timedelta(hours=1), lambda _location: False) == 0
    assert store.exists(stored.location)


def many_can_store_the_same_bytes_at_once(store: ObjectStore) -> None:
    content = os.urandom(50_000)
    found = []
    threads = [threading.Thread(target=lambda: found.append(store.put([content]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({stored.sha256 for stored in found}) == 1
    assert len({stored.location for stored in found}) == (1 if store.content_addressed else 8)
    for stored in found:
        with store.open(stored.location) as stream:
            assert stream.read() == content


def a_store_is_of_one_instance(store: ObjectStore) -> None:
    stored = store.put([b"of nobody yet"])
    store.claim("one", new=True)
    store.claim("one")
    with pytest.raises(WrongSetting, match=r"instance \(one; this one is two\).*init --take-over"):
        store.claim("two", new=True)
    assert [location for location, _ in store.locations()] == [stored.location], "the mark is no object"
    store.claim("two", take_over=True)
    with store.open(stored.location) as stream:
        assert stream.read() == b"of nobody yet"
    with pytest.raises(WrongSetting):
        store.claim("one")


def of_two_that_claim_a_store_at_once_one_wins(store: ObjectStore) -> None:
    """And however many processes the winner opens at once, all of them agree."""
    won: list[str] = []

    def claim(name: str) -> None:
        with contextlib.suppress(WrongSetting):
            copy.copy(store).claim(name, new=True)
            won.append(name)

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("one", "two") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 4
    assert len(set(won)) == 1


def who_claims_a_store_a_moment_later_is_refused(store: ObjectStore) -> None:
    """The other one was seen by neither look before."""
    kind: Any = type(store)
    mark = kind._mark

    with pytest.MonkeyPatch.context() as patch:

        def overtaken(*arguments: Any, **options: Any) -> None:
            patch.setattr(kind, "_mark", mark)
            copy.copy(store).claim("one", new=True)
            mark(*arguments, **options)

        patch.setattr(kind, "_mark", overtaken)
        with pytest.raises(WrongSetting):
            store.claim("two", new=True)
    store.claim("one")


def a_store_without_its_mark_is_not_written_to(store: ObjectStore) -> None:
    """A disk that is not mounted, a bucket that is another one: until the mark is there, and without asking anew."""
    assert remove_mark(store) is None
    with pytest.raises(Unreachable, match=r"bears no mark .* mounted"):
        store.claim("one")
    changes: tuple[Callable[[], object], ...] = (
        lambda: store.put([b"x"]),
        lambda: store.delete("ab/abc"),
        store.parts.begin,
        lambda: store.drop_unfinished(datetime.now(UTC), lambda _location: False),
        lambda: store.parts.sweep(datetime.now(UTC)),
        store.reach,
    )
    for change in changes:
        with pytest.raises(Unreachable, match="bears no mark"):
            change()
    assert list(store.locations()) == []
    copy.copy(store).claim("one", new=True)
    store.put([b"x"])
    store.reach()


def a_store_that_has_lost_its_mark_is_not_reached(store: ObjectStore) -> None:
    store.claim("one", new=True)
    store.reach()
    mark = remove_mark(store)
    assert mark
    with pytest.raises(Unreachable, match="bears no mark"):
        store.reach()
    copy.copy(store).claim("two", new=True)
    with pytest.raises(WrongSetting):
        store.reach()


def no_upload_is_gone_where_the_mark_is(store: ObjectStore) -> None:
    """It may lie in the right bucket or on the right disk, while this is another one."""
    store.claim("one", new=True)
    upload = store.parts.begin()
    store.parts.abandon(upload)
    asked: tuple[tuple[type[Exception], Callable[[], object]], ...] = (
        (NotFound, lambda: store.parts.read(upload, lambda: None)),
        (InvalidInput, lambda: store.parts.complete(upload, [4])),
    )
    for gone, ask in asked:
        with pytest.raises(gone):
            ask()
    remove_mark(store)
    for _gone, ask in asked:
        with pytest.raises(Unreachable, match="bears no mark"):
            ask()


def remove_mark(store: ObjectStore) -> bytes | None:
    if isinstance(store, FolderStore):
        path = store.root / MARK
        found = path.read_bytes() if path.exists() else None
        path.unlink(missing_ok=True)
        return found
    from repository.storage.objects.s3 import S3Store

    assert isinstance(store, S3Store)
    found = store._read_mark()
    store.control.delete_object(Bucket=store.bucket, Key=store.key(MARK))
    return found


def within(store: ObjectStore, path: str) -> ObjectStore:
    """Another store whose objects all lie below a path of this one."""
    if isinstance(store, FolderStore):
        return FolderStore(store.root / path)
    from repository.storage.objects.s3 import S3Store

    assert isinstance(store, S3Store)
    return S3Store(f"s3://{store.bucket}/{store.key(path)}?endpoint_url={store.control.meta.endpoint_url}")


def write_foreign(store: ObjectStore, path: str) -> None:
    """Something that no store of ours has written."""
    if isinstance(store, FolderStore):
        (store.root / path).parent.mkdir(parents=True, exist_ok=True)
        (store.root / path).write_bytes(b"foreign")
        return
    from repository.storage.objects.s3 import S3Store

    assert isinstance(store, S3Store)
    store.control.put_object(Bucket=store.bucket, Key=store.key(path), Body=b"foreign")


def what_others_have_below_a_store_is_neither_listed_nor_dropped(store: ObjectStore) -> None:
    """Production in a bucket or folder, staging in a path of it; and what somebody else keeps there."""
    store.claim("production", new=True)
    own = store.put([b"own"])
    for path in ("staging", "ab", "ab/cd"):
        inner = within(store, path)
        inner.claim(path, new=True)
        stored, upload = inner.put([b"staged"]), inner.parts.begin()
        assert [location for location, _ in store.locations()] == [own.location]
        assert store.drop_unfinished(datetime.now(UTC) + timedelta(hours=1), lambda _location: False) == 0
        assert store.parts.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0
        assert [location for location, _ in inner.locations()] == [stored.location]
        assert inner.parts.sweep(datetime.now(UTC) + timedelta(hours=1)) == 1, f"{upload} is still there"
    for path in ("readme", "ab/readme", f"ab/cd/{'g' * 64}", f"ab/{'a' * 31}", f"AB/{'A' * 32}", "ab/cd/notes.txt"):
        write_foreign(store, path)
    assert [location for location, _ in store.locations()] == [own.location]


RULES: tuple[Rule, ...] = (
    a_store_without_its_mark_is_not_written_to,
    a_store_that_has_lost_its_mark_is_not_reached,
    no_upload_is_gone_where_the_mark_is,
    what_others_have_below_a_store_is_neither_listed_nor_dropped,
    bytes_come_back_with_their_digests,
    no_bytes_are_bytes_too,
    a_stream_can_be_read_from_anywhere,
    equal_bytes_have_one_location_or_one_each,
    one_of_two_locations_can_be_deleted,
    a_stream_that_breaks_leaves_nothing,
    a_large_stream_that_breaks_leaves_nothing,
    what_is_larger_than_one_request_comes_back,
    what_was_deleted_is_not_found,
    all_that_is_stored_can_be_listed_with_its_time,
    what_is_stored_is_not_unfinished,
    many_can_store_the_same_bytes_at_once,
    a_store_is_of_one_instance,
    of_two_that_claim_a_store_at_once_one_wins,
    who_claims_a_store_a_moment_later_is_refused,
)
