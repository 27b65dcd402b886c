"""A process that makes pictures smaller, one after another: bytes that anybody uploaded are decoded nowhere else.

It is a child of `drawing`, which kills it when a picture takes too long. It can reach no network and start no program,
and has so much memory and processor time. Started as `python -m site_builder.previews.drawing_child`; speaks
`repository.ld.messages` over standard input and output: the body of a message is a file, the answer's header is
`{width, height}` with the picture in WebP as its body, or `{}` where there is none to be had.
"""

import contextlib
import io
import os
import warnings
from typing import cast

from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from repository.ld.confinement import confine, limit_memory, limit_processor
from repository.ld.messages import Channel, Message

SIDE = 640
"""Pixels of the longer side, at most."""
MEMORY = 600_000_000
"""Bytes beside those of the process at its start."""
SECONDS = 10
"""Of processor time for one picture."""
_PIXELS = 80_000_000
"""Of a picture that has to be decoded whole; one in JPEG is made smaller while it is."""
_PIXELS_OF_JPEG = 1_000_000_000
_FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        GifImagePlugin.GifImageFile,
        WebPImagePlugin.WebPImageFile,
        TiffImagePlugin.TiffImageFile,
    )
)
"""Loaded by name: to load the forty others as well takes several times as long as all the rest."""
_ORIENTATION = 0x0112
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Specified by: Exif 2.32, 4.6.4, tag Orientation."""
_QUALITY = 75


def main() -> None:
    writer = os.dup(1)
    for stream in (1, 2):  # whatever prints goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    channel = Channel(0, writer)
    _drawn(Image.new("RGB", (2, 2)))  # what is loaded when it is first used is loaded before there is a limit
    confine()
    limit_memory(MEMORY)
    with contextlib.suppress(EOFError):
        while True:
            asked = channel.receive()
            limit_processor(SECONDS)
            channel.send(_answer(asked.body))


def _answer(data: bytes) -> Message:
    """Nothing for what is no picture: decoders raise whatever they like."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            most = _PIXELS_OF_JPEG if image.format == "JPEG" else _PIXELS
            if image.width * image.height > most:
                return Message()
            width, height, picture = _drawn(image)
    except Exception:
        return Message()
    return Message({"width": width, "height": height}, picture)


def _drawn(image: Image.Image) -> tuple[int, int, bytes]:
    """Without anything that a camera or a program has noted: where it was taken, by whom, with what."""
    small = _small(image)
    turned = _TURNED.get(image.getexif().get(_ORIENTATION, 1))  # read last: TIFF is turned while it is decoded
    if turned is not None:
        small = small.transpose(turned)
    bare = Image.new(small.mode, small.size)
    bare.paste(small)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=_QUALITY)
    return bare.width, bare.height, out.getvalue()


def _small(image: Image.Image) -> Image.Image:
    """In eight bits a colour. Values of measurements become shades from the least to the greatest."""
    is_clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    colours = "RGBA" if is_clear else "RGB"
    if image.mode in ("1", "P", "PA"):  # what lies between two entries of a palette is no colour
        image = image.convert(colours)
    elif image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = image.convert("F")
    image.thumbnail((SIDE, SIDE))
    if image.mode == "F":
        least, greatest = cast(tuple[float, float], image.getextrema())
        scale = 255.0 / ((greatest - least) or 1.0)
        image = image.point(lambda value: value * scale + -least * scale).convert("L")
    return image.convert(colours)


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None  # the limits above, which also hold where the library only warns
    main()
