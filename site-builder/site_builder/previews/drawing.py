"""The process that makes pictures smaller, seen from its parent."""

import contextlib
import subprocess

import structlog

from repository.ld.messages import Channel, Message, start
from site_builder.previews.preview import NOTHING, Preview

log = structlog.get_logger("site")

_SECONDS = 30.0
"""For one picture, by the clock on the wall: its own limit is in processor time."""
_LARGEST = 500_000
"""Bytes of a picture that is taken from it."""


class Drawing:
    """Starts the process with the first picture and ends it when it is closed. For one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None

    def draw(self, data: bytes) -> Preview:
        """The picture that these bytes are; NOTHING where they are none, or cost too much. Raises OSError where no
        process can be started, TimeoutError where the machine has too much to do: both say nothing of the picture.

        A picture that ends a process which has drawn others before gets one of its own: it may not be to blame.
        """
        is_fresh = self._channel is None
        channel = self._channel or self._start()
        try:
            channel.send(Message({}, data), _SECONDS)
            answer = channel.receive(_SECONDS)
        except TimeoutError:
            self.close()
            raise
        except (EOFError, ValueError, TypeError) as error:
            self.close()
            if not is_fresh:
                return self.draw(data)
            log.warning("a picture ended the process that was to make it smaller", octets=len(data), error=repr(error))
            return NOTHING
        header, picture = answer.header, answer.body
        if not picture or len(picture) > _LARGEST or not picture.startswith(b"RIFF"):
            return NOTHING
        return Preview("picture", width=int(header["width"]), height=int(header["height"]), picture=picture)

    def close(self) -> None:
        process, self._process, self._channel = self._process, None, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def _start(self) -> Channel:
        self._process, self._channel = start("site_builder.previews.drawing_child")
        return self._channel
