"""JSON files as a stream of documents: one document, a list, JSON lines, or an API's answer around a list.

Lines are read one by one, lists element by element, so that memory holds one document at a time.
"""

from collections.abc import Iterator
from typing import IO, Any

import ijson
import orjson

from repository.formats.reading.intake import Refused
from repository.formats.reading.sources import LARGEST, Counted

Found = tuple[str, Any | Refused]
"""Place within the file (`:12` a line, `#3` a position in a list, both from 1; empty for the only one), and value."""
_WHOLE = 1024 * 1024
"""So many bytes are read at once; a larger value is read piece by piece."""
_ENVELOPES = ("data", "hits.hits")
"""Where an API's answer has its list."""


def documents(stream: IO[bytes], start: int) -> Iterator[Found]:
    """Yields the values of a file whose first byte that is not white space stands at `start`."""
    stream.seek(start)
    if stream.read(1) == b"[":
        yield from _elements(stream, start, "item")
        return
    stream.seek(start)
    first = stream.readline(LARGEST + 1)
    if len(first) > LARGEST:
        stream.seek(start)
        in_lines = not _envelope(stream)
    else:
        in_lines = _next_beginning(stream) == b"{" and (first.rstrip().endswith(b"}") or _parses(first))
    if in_lines:
        number = _line_number(stream, start)
        stream.seek(start)
        yield from _lines(stream, number)
    else:
        yield from _single(stream, start)


def _line_number(stream: IO[bytes], start: int) -> int:
    """Number of the line at `start`: white space may come before it."""
    stream.seek(0)
    return stream.read(start).count(b"\n") + 1


def _next_beginning(stream: IO[bytes]) -> bytes:
    """The first byte of the next line that is not blank."""
    while line := stream.readline(_WHOLE):
        if line.strip():
            return line.strip()[:1]
    return b""


def _parses(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def parse(data: bytes) -> Any | Refused:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return Refused("JSON", f"can't be read: {error}")


def _lines(stream: IO[bytes], number: int) -> Iterator[Found]:
    while line := stream.readline(LARGEST + 1):
        place = f":{number}"
        number += 1
        if len(line) > LARGEST:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_WHOLE)
            yield place, Refused("document", f"larger than {LARGEST} bytes")
        elif line.strip():
            yield place, parse(line)


def _single(stream: IO[bytes], start: int) -> Iterator[Found]:
    """One value; if it is an answer around a list, the elements of the list."""
    stream.seek(start)
    data = stream.read(_WHOLE + 1)
    if len(data) <= _WHOLE:
        value = parse(data)
        elements = _enveloped(value)
        if elements is None:
            yield "", value
        else:
            yield from ((f"#{number}", element) for number, element in enumerate(elements, 1))
        return
    stream.seek(start)
    if prefix := _envelope(stream):
        yield from _elements(stream, start, f"{prefix}.item")
        return
    stream.seek(start)
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        yield "", Refused("document", f"larger than {LARGEST} bytes")
    else:
        yield "", parse(data)


def _enveloped(value: Any) -> list[Any] | None:
    """The list in an API's answer, None if it is none."""
    if not isinstance(value, dict):
        return None
    inner = value.get("data")
    hits = value.get("hits")
    if not isinstance(inner, list) and isinstance(hits, dict):
        inner = hits.get("hits")
    return inner if isinstance(inner, list) else None


def _envelope(stream: IO[bytes]) -> str:
    """Where a large value has its list, empty if it has none of those known."""
    counted = Counted(stream)
    try:
        for prefix, event, _ in ijson.parse(counted, use_float=True):
            if event == "start_array" and prefix in _ENVELOPES:
                return str(prefix)
    except (ijson.JSONError, UnicodeDecodeError, Refused):
        pass
    return ""


def _elements(stream: IO[bytes], start: int, prefix: str) -> Iterator[Found]:
    """The elements of a list. After a syntax error the rest can't be told apart: it is refused as one."""
    stream.seek(start)
    counted = Counted(stream)
    number = 0
    try:
        for value in ijson.items(counted, prefix, use_float=True):
            number += 1
            counted.restart()
            yield f"#{number}", value
    except (ijson.JSONError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())[:200]
        yield f"#{number + 1}", Refused("JSON", f"can't be read from here on: {words}")
    except Refused as refused:
        yield f"#{number + 1}", refused
