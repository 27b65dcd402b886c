"""Pictures are made smaller by a process of their own, which whatever is in them can't make do anything else."""

import io
import os
import signal
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from site_builder.previews.drawing import Drawing
from site_builder.previews.preview import NOTHING, Preview
from tests.previews.opened_files import corpus, previewed


@pytest.fixture(scope="module")
def drawing() -> Iterator[Drawing]:
    opened = Drawing()
    yield opened
    opened.close()


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def image_of(preview: Preview) -> Image.Image:
    assert preview.form == "picture"
    image = Image.open(io.BytesIO(preview.picture))
    assert image.format == "WEBP"
    assert image.size == (preview.width, preview.height)
    return image.convert("RGB")


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """As its header tells, whatever is in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))

    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("png_text.png", (64, 48)), ("tiff_multipage.tif", (16, 16)), ("geotiff_utm33.tif", (30, 20)),
        ("jpeg_exif_gps.jpg", (48, 64)),  # the camera was held upright
    ],
)  # fmt: skip
def test_small_pictures_of_the_corpus_stay_as_large_as_they_are(
    drawing: Drawing, shared: Path, name: str, size: tuple[int, int]
) -> None:
    assert image_of(previewed(name, (corpus(shared) / name).read_bytes(), drawing)).size == size


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "TIFF"])
def test_large_pictures_are_made_smaller(drawing: Drawing, form: str) -> None:
    data = saved(Image.new("RGB", (2000, 500), (200, 30, 30)), form)
    image = image_of(previewed(f"a.{form.lower()}", data, drawing))
    assert image.size == (640, 160)
    red, green, blue = image.getpixel((300, 80))  # type: ignore[misc]
    assert abs(red - 200) < 12
    assert abs(green - 30) < 12
    assert abs(blue - 30) < 12


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_a_picture_stands_as_the_camera_was_held_and_does_not_tell_where(drawing: Drawing, form: str) -> None:
    image = Image.new("RGB", (800, 400), "white")
    image.paste("black", (0, 0, 400, 400))  # the left half; a camera turned to the right sees it above
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRET-PLACE"
    exif.get_ifd(0x8825)[2] = (50.0, 5.0, 0.0)
    preview = previewed(f"a.{form.lower()}", saved(image, form, exif=exif), drawing)
    turned = image_of(preview)
    assert turned.size == (320, 640)
    assert turned.getpixel((160, 100))[0] < 40  # type: ignore[index]
    assert turned.getpixel((160, 540))[0] > 215  # type: ignore[index]
    with Image.open(io.BytesIO(preview.picture)) as made:
        assert not made.getexif()
        assert "xmp" not in made.info
    assert b"SECRET" not in preview.picture


def test_measurements_become_shades(drawing: Drawing) -> None:
    values = Image.new("I;16", (100, 10))
    for x in range(100):
        for y in range(10):
            values.putpixel((x, y), 30_000 + x)
    image = image_of(previewed("a.tif", saved(values, "TIFF"), drawing))
    assert image.getpixel((2, 5))[0] < 20  # type: ignore[index]
    assert image.getpixel((97, 5))[0] > 235  # type: ignore[index]


def test_what_is_clear_stays_clear(drawing: Drawing) -> None:
    preview = previewed("a.png", saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), drawing)
    with Image.open(io.BytesIO(preview.picture)) as made:
        assert made.mode == "RGBA"


HOSTILE = {
    "not one": b"not a picture",
    "empty": b"\x89PNG\r\n\x1a\n",
    "huge": png(100_000, 100_000),
    "a bomb": png(10_000, 9_000, bytes(9_000 * 10_001)),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_do_harm_is_not_shown_and_harms_no_other(drawing: Drawing, name: str) -> None:
    assert previewed("a.png", HOSTILE[name], drawing) == NOTHING
    good = saved(Image.new("L", (10, 10)), "PNG")
    assert previewed("b.png", good, drawing).form == "picture"


def test_a_picture_that_is_cut_off_is_not_shown(drawing: Drawing) -> None:
    data = saved(Image.effect_noise((900, 900), 60), "JPEG")
    assert previewed("a.jpg", data[: len(data) // 2], drawing) == NOTHING
    assert previewed("a.jpg", data, drawing).form == "picture"


def test_a_process_that_was_killed_is_started_again() -> None:
    own = Drawing()
    good = saved(Image.new("L", (10, 10)), "PNG")
    assert own.draw(good).form == "picture"
    assert own._process is not None
    os.kill(own._process.pid, signal.SIGKILL)
    assert own.draw(good).form == "picture"
    number = own._process.pid
    own.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_the_process_cannot_reach_the_network_or_take_all_memory(drawing: Drawing) -> None:
    good = saved(Image.new("L", (10, 10)), "PNG")
    drawing.draw(good)
    assert drawing._process is not None
    folder = Path(f"/proc/{drawing._process.pid}")
    assert "Seccomp:\t2" in (folder / "status").read_text()
    (limit,) = [line.split() for line in (folder / "limits").read_text().splitlines() if "address space" in line]
    assert int(limit[3]) < 3_000_000_000
