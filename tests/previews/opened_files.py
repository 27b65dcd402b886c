"""Files for previews, which note what is read of them."""

from dataclasses import dataclass, field
from pathlib import Path

from repository.records.snapshot import Json
from site_builder.previews.drawing import Drawing
from site_builder.previews.kinds import kind_of
from site_builder.previews.preview import NOTHING, Opened, Preview


@dataclass
class Bytes:
    """A file of this content; `parts` are the pairs of positions between which it was read."""

    data: bytes
    parts: list[tuple[int, int]] = field(default_factory=list)

    def read(self, start: int, stop: int) -> bytes:
        assert 0 <= start <= stop <= len(self.data)
        self.parts.append((start, stop))
        return self.data[start:stop]

    @property
    def octets_read(self) -> int:
        return sum(stop - start for start, stop in self.parts)

    def opened(self) -> Opened:
        return Opened(len(self.data), self.read)


def entry(key: str, data: bytes, media_type: str = "") -> Json:
    return {"key": key, "size": len(data), "mimetype": media_type}


def previewed(key: str, data: bytes, drawing: Drawing | None = None, media_type: str = "") -> Preview:
    """As the builder makes it, of a file of this name."""
    kind = kind_of(entry(key, data, media_type))
    if kind is None:
        return NOTHING
    return kind.make(Bytes(data).opened(), drawing.draw if drawing else _refuse)


def _refuse(data: bytes) -> Preview:
    raise AssertionError("a picture, where none was expected")


def corpus(shared: Path) -> Path:
    return shared / "corpus" / "files"
