"""Files are read one document at a time, whatever is around the documents, and a broken one does not stop the rest."""

import io
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import orjson
import pytest

from repository.formats.reading import Known, json_documents, read, sources
from repository.records.deposit import Deposit, Refusal
from tests.formats_reading.samples import datacite, dc, invenio, oai_record

pytestmark = pytest.mark.long

Read = Callable[..., list[Deposit | Refusal]]


def document(number: int) -> bytes:
    return orjson.dumps(datacite(doi=f"10.1234/{number}", note="rain " * 200))


def sources_of(items: list[Deposit | Refusal]) -> list[str]:
    return [item.source for item in items]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (document(1), ["file"]),
        (b"\xef\xbb\xbf\n " + document(1) + b"\n", ["file"]),
        (b"\n" + document(1) + b"\n\n" + document(2), ["file:2", "file:4"]),
        (b"[" + document(1) + b",\n" + document(2) + b"]", ["file#1", "file#2"]),
        (b'{"meta": {"total": 2}, "data": [' + document(1) + b"]}", ["file#1"]),
        (b'{"hits": {"total": 1, "hits": [' + orjson.dumps(invenio()) + b"]}}", ["file#1"]),
        (orjson.dumps(datacite(), option=orjson.OPT_INDENT_2), ["file"]),
        (b"[]", []),
    ],
)
def test_documents_are_found_in_every_packing(read_file: Read, content: bytes, expected: list[str]) -> None:
    items = read_file(content)
    assert sources_of(items) == expected
    assert all(isinstance(item, Deposit) for item in items)


def test_a_broken_line_is_refused_and_the_next_goes_on(read_file: Read) -> None:
    lines = [
        document(1),
        b'{"doi": "10.1/x", ',
        b"[1]",
        b'"text"',
        b'{"\\ud800": 1}',
        b'{"a": NaN}',
        document(2),
        b'{"x": 1}',
    ]
    items = read_file(b"\n".join(lines))
    assert sources_of(items) == [f"file:{number}" for number in range(1, 9)]
    assert [type(item) for item in items] == [Deposit, *[Refusal] * 5, Deposit, Refusal]
    assert [item.field for item in items if isinstance(item, Refusal)] == [
        "JSON",
        "document",
        "document",
        "JSON",
        "JSON",
        "document",
    ]


def test_a_broken_first_line_does_not_hide_the_lines_after_it(read_file: Read) -> None:
    items = read_file(b'{"doi": oops}\n' + document(2))
    assert [type(item) for item in items] == [Refusal, Deposit]


def test_a_broken_list_gives_what_comes_before_the_break(read_file: Read) -> None:
    items = read_file(b"[" + document(1) + b"," + document(2) + b', {"doi": }, ' + document(3) + b"]")
    assert [type(item) for item in items] == [Deposit, Deposit, Refusal]
    assert items[-1].source == "file#3"


def test_a_document_that_is_too_large_is_refused_and_the_next_goes_on(
    read_file: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_documents, "LARGEST", 5000)
    large = orjson.dumps(datacite(note="x" * 6000))
    for lines in ([document(1), large, document(2)], [large, document(1), large]):
        items = read_file(b"\n".join(lines))
        assert [isinstance(item, Refusal) for item in items] == [line is large for line in lines]
        assert all("larger than" in item.reason for item in items if isinstance(item, Refusal))


def test_a_large_record_of_a_response_is_refused(read_file: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LARGEST", 100_000)
    (refusal,) = read_file(f"<records>{dc('x' * 500_000)}</records>")
    assert isinstance(refusal, Refusal)
    assert "larger than" in refusal.reason


def test_deep_json_is_refused(read_file: Read) -> None:
    deep = b'{"doi": "10.1234/x", "a": ' + b"[" * 500 + b"]" * 500 + b"}"
    for content in (deep, b"[" + deep + b"]"):
        (refusal,) = read_file(content)
        assert isinstance(refusal, Refusal)


def test_a_stream_that_cannot_seek_is_read(known: Known) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    items = list(read(Pipe(document(1) + b"\n" + document(2)), "stdin", known))
    assert sources_of(items) == ["stdin:1", "stdin:2"]


def test_a_missing_file_is_the_callers_matter(tmp_path: Path, known: Known) -> None:
    with pytest.raises(FileNotFoundError):
        list(read(tmp_path / "absent", "absent", known))


def json_lines(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield document(number) + b"\n"


def json_list(count: int) -> Iterator[bytes]:
    yield b"["
    for number in range(count):
        yield document(number) + (b",\n" if number < count - 1 else b"]")


def api_answer(count: int) -> Iterator[bytes]:
    yield b'{"meta": {"total": 1}, "data": '
    yield from json_list(count)
    yield b"}"


def search_answer(count: int) -> Iterator[bytes]:
    yield b'{"took": 3, "hits": {"hits": '
    yield from json_list(count)
    yield b"}}"


def response(count: int) -> Iterator[bytes]:
    yield b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    for number in range(count):
        yield oai_record(number, dc(f"<dc:description>{'rain ' * 200}</dc:description>")).encode()
    yield b"</ListRecords></OAI-PMH>"


def most_memory(stream: IO[bytes], known: Known, count: int) -> int:
    """The most bytes that are held while all documents of a file are read."""
    tracemalloc.start()
    taken = sum(isinstance(item, Deposit) for item in read(stream, "file", known))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken == count
    return most


@pytest.mark.parametrize("packing", [json_lines, json_list, api_answer, search_answer, response])
def test_memory_does_not_grow_with_the_file(
    tmp_path: Path, known: Known, packing: Callable[[int], Iterator[bytes]]
) -> None:
    path = tmp_path / "file"
    used = []
    for count in (1500, 6000):
        with path.open("wb") as file:
            file.writelines(packing(count))
        with path.open("rb") as stream:
            used.append(most_memory(stream, known, count))
    assert path.stat().st_size > 6_000_000
    assert used[1] < used[0] + 500_000
