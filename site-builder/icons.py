"""Draws `touch-icon.png` and `favicon.ico` in the shapes of `icon.svg`, with a palette from the accent to white.

python site-builder/icons.py
"""

import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent / "site_builder" / "static"
SHADES = 16
"""Of the palette; one more entry is transparent."""
GRAIN = 8
"""Points looked at in a pixel, in each direction."""


def is_white(x: float, y: float) -> bool:
    """Whether a point of the 32 × 32 drawing is paper: a sheet with a folded corner and two lines of text."""
    if not (9 <= x <= 23 and 7 <= y <= 25) or x - 18 > y - 7:
        return False
    is_fold = (abs(x - 18) <= 0.8 and y <= 12.8) or (abs(y - 12) <= 0.8 and x >= 17.2)
    is_text = 12 <= x <= 20 and min(abs(y - 16), abs(y - 20)) <= 0.8
    return not (is_fold or is_text)


def is_inside(x: float, y: float, radius: float = 6) -> bool:
    """Whether it is within the rounded square."""
    dx, dy = (max(radius - side, side - (32 - radius), 0) for side in (x, y))
    return dx * dx + dy * dy <= radius * radius


def png(size: int, *, is_rounded: bool) -> bytes:
    rows = b""
    for row in range(size):
        rows += b"\0"
        for column in range(size):
            points = [
                ((column + (a + 0.5) / GRAIN) * 32 / size, (row + (b + 0.5) / GRAIN) * 32 / size)
                for a in range(GRAIN)
                for b in range(GRAIN)
            ]
            share = sum(is_white(*point) for point in points) / len(points)
            is_seen = not is_rounded or 2 * sum(is_inside(*point) for point in points) >= len(points)
            rows += bytes([round(share * (SHADES - 1)) if is_seen else SHADES])
    palette = bytes(3 * (SHADES + 1))  # `assets.recoloured` fills it
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", b"\xff" * SHADES + b"\0"),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def ico(image: bytes, size: int) -> bytes:
    """One PNG as an icon file."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, size, size, SHADES + 1, 0, 1, 8, len(image), 22) + image


if __name__ == "__main__":
    (FOLDER / "touch-icon.png").write_bytes(png(180, is_rounded=False))
    (FOLDER / "favicon.ico").write_bytes(ico(png(32, is_rounded=True), 32))
