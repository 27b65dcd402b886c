"""Pictures, made smaller. Whoever decodes them is another process, see `drawing` and `drawing_child`."""

from site_builder.previews.preview import NOTHING, Draw, Kind, Opened, Preview

LARGEST = 50_000_000
"""Bytes of a picture that is looked at: it is read whole."""


def _make(file: Opened, draw: Draw) -> Preview:
    return draw(file.read(0, file.size)) if file.size else NOTHING


KIND = Kind(
    "picture",
    frozenset(("jpg", "jpeg", "jpe", "png", "gif", "webp", "tif", "tiff")),
    frozenset(("image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff")),
    LARGEST,
    _make,
    (__name__, "site_builder.previews.drawing_child"),
)
