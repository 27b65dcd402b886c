"""Style sheet, icons and logo: served under names that carry their digest, so that they may be cached for ever."""

import hashlib
import mimetypes
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
ACCENT = "#1f4b73"
"""The colour in our drawings, in whose place an instance's own is put."""
_PALETTE = b"PLTE"


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    """`site.1a2b3c4d5e.css`"""
    data: bytes
    media_type: str

    @property
    def path(self) -> str:
        return f"/static/{self.name}"


def asset(name: str, data: bytes) -> Asset:
    """`name` as it would be without the digest."""
    stem, _, suffix = name.rpartition(".")
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(f"{stem}.{hashlib.sha256(data).hexdigest()[:10]}.{suffix}", data, media_type)


def style(more: str) -> Asset:
    """The style sheet, with the rules of an instance behind ours."""
    sheet = _file("site.css").decode().replace("icons.svg", icons().name)
    return asset("site.css", (sheet + more).encode())


@cache
def icons() -> Asset:
    """Small drawings that stand before words."""
    return asset("icons.svg", _file("icons.svg"))


@cache
def world() -> Asset:
    """The outline of the land under maps, see `generate_world.py`: 360 degrees by 180."""
    return asset("world.svg", _file("world.svg"))


def icon(accent: str) -> Asset:
    """The icon of the site."""
    return asset("icon.svg", _file("icon.svg").replace(ACCENT.encode(), accent.encode()))


def touch_icon(accent: str) -> Asset:
    """The same for screens of telephones."""
    return asset("touch-icon.png", recoloured(_file("touch-icon.png"), accent))


def favicon(accent: str) -> bytes:
    """The same for those who ask for `/favicon.ico` without having read a page."""
    return recoloured(_file("favicon.ico"), accent)


@cache
def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def recoloured(image: bytes, accent: str) -> bytes:
    """A PNG, or an icon that holds one, with a palette from the accent to white; the last entry is transparent.

    Specified by: PNG (Third Edition), 11.2.2 (PLTE).
    """
    kind = image.index(_PALETTE)
    start, (length,) = kind + 4, struct.unpack(">I", image[kind - 4 : kind])
    shades = length // 3 - 1
    parts = [int(accent[at : at + 2], 16) for at in (1, 3, 5)]
    mixed = [[round(part + (255 - part) * shade / (shades - 1)) for part in parts] for shade in range(shades)]
    palette = b"".join(map(bytes, mixed)) + bytes(3)
    checksum = struct.pack(">I", zlib.crc32(_PALETTE + palette))
    return image[:start] + palette + checksum + image[start + length + 4 :]
