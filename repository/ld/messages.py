"""Messages between web workers, the query service and its children: a JSON header and a body of bytes.

Eight bytes go before: the lengths of header and body, big-endian. Time limits hold for a whole message.
"""

import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

_LENGTHS = struct.Struct(">II")
_LONGEST_HEADER = 1_000_000
_LONGEST_BODY = 64_000_000


@dataclass(frozen=True, slots=True)
class Message:
    header: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""


class Channel:
    """Two file descriptors, which stay the caller's: to read from, and to write to; they may be the same socket.

    `seconds` limits a whole message; None waits for ever. Raises TimeoutError, EOFError where the other side has closed
    or died, and ValueError for what is no message.
    """

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer
        for descriptor in (reader, writer):
            os.set_blocking(descriptor, False)

    def send(self, message: Message, seconds: float | None = None) -> None:
        header = orjson.dumps(message.header)
        left = memoryview(_LENGTHS.pack(len(header), len(message.body)) + header + message.body)
        end = _end(seconds)
        while left:
            _wait(self._writer, select.POLLOUT, end)
            try:
                left = left[os.write(self._writer, left) :]
            except BlockingIOError:
                continue
            except (BrokenPipeError, ConnectionResetError) as error:
                raise EOFError("the other side has closed") from error

    def receive(self, seconds: float | None = None) -> Message:
        end = _end(seconds)
        lengths: tuple[int, int] = _LENGTHS.unpack(self._read(_LENGTHS.size, end))
        if lengths[0] > _LONGEST_HEADER or lengths[1] > _LONGEST_BODY:
            raise ValueError(f"a message of {sum(lengths)} bytes is too long")
        header = orjson.loads(self._read(lengths[0], end))
        if not isinstance(header, dict):
            raise TypeError("the header of a message is no JSON object")
        return Message(header, self._read(lengths[1], end))

    def readable(self, seconds: float) -> bool:
        """Whether there is something to read, or the other side has closed, within this time."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _read(self, size: int, end: float | None) -> bytes:
        data = bytearray()
        while len(data) < size:
            _wait(self._reader, select.POLLIN, end)
            try:
                piece = os.read(self._reader, min(size - len(data), 1 << 20))
            except BlockingIOError:
                continue
            except ConnectionResetError as error:
                raise EOFError("the other side has closed") from error
            if not piece:
                raise EOFError("the other side has closed")
            data += piece
        return bytes(data)


def _end(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds


def _wait(descriptor: int, event: int, end: float | None) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(None if end is None else max(0.0, end - time.monotonic()) * 1000):
        raise TimeoutError("no message in time")


def start(module: str) -> tuple[subprocess.Popen[bytes], Channel]:
    """A process that runs a module and speaks over its standard input and output. Raises OSError."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for the parent, which ends its children
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("pipes were asked for")
    return process, Channel(process.stdout.fileno(), process.stdin.fileno())
