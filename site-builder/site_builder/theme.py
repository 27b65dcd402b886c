"""What an instance says about its pages: colours, logo, description, footer, text pages. All of it comes from its
settings and its folder, and is read again when a file there has changed."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic

import structlog
from markupsafe import Markup

from repository.errors import WrongSetting
from repository.settings import Settings
from repository.settings.colours import DARK, LIGHT
from site_builder import assets
from site_builder.assets import Asset
from site_builder.written import Written, read, snippet

log = structlog.get_logger("site")

_LOOK_SECONDS = 2.0
"""A serving process looks so often whether a file has changed."""
_LOGO_HEIGHT = 40
"""Pixels, as in the style sheet."""


@dataclass(frozen=True, slots=True)
class Logo:
    """An image and the size at which it is shown, pixels."""

    asset: Asset
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """As the files were when they were read; no other one is equal to it."""

    style: Asset
    icon: Asset
    touch_icon: Asset
    favicon: bytes
    logo: Logo | None
    accent: str
    papers: tuple[str, str]
    """The backgrounds of light and dark pages."""
    description: str
    """Plain text, empty where the instance says nothing."""
    footer: Markup
    texts: Mapping[str, tuple[Written, ...]]
    """The text pages by language."""

    @property
    def assets(self) -> tuple[Asset, ...]:
        return (
            self.style,
            assets.icons(),
            assets.world(),
            self.icon,
            self.touch_icon,
            *((self.logo.asset,) if self.logo else ()),
        )

    def text(self, language: str, name: str) -> Written | None:
        return next((page for page in self.texts[language] if page.name == name), None)

    @property
    def digest(self) -> str:
        """Of all of it but what lies in this package."""
        said = (self.style.name, self.logo and self.logo.asset.name, self.description, self.footer, self.texts)
        return sha256(repr(said).encode()).hexdigest()


class Themes:
    """The theme of an instance, as it is now. Any thread may ask. Raises WrongSetting if it can't be read at first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = _signature(settings)
        self._looked = monotonic()
        self.now = _theme(settings)

    def look(self) -> Theme:
        """Reads again whatever has changed. What can't be read is told once, and changes nothing."""
        try:
            seen = _signature(self._settings)
            if seen != self._seen:
                self._seen = seen
                self.now = _theme(self._settings)
        except (WrongSetting, OSError) as error:
            log.warning("what the pages say was not read again", error=str(error))
        return self.now

    def served(self) -> Theme:
        """For whoever waits: the files are looked at now and then."""
        now = monotonic()
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            self.look()
        return self.now


def _files(settings: Settings) -> list[Path]:
    named = [settings.site_logo, settings.site_footer if settings.site_footer.endswith(".md") else ""]
    return [*(settings.home / name for name in named if name), *sorted((settings.home / "pages").glob("*/*.md"))]


def _signature(settings: Settings) -> tuple[tuple[str, int, int], ...]:
    found = ((path, path.stat()) for path in _files(settings) if path.exists())
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)


def _theme(settings: Settings) -> Theme:
    accents = (settings.site_accent, settings.site_accent_dark)
    values = {"site.url": settings.site_url, "site.name": settings.site_name, "contact": settings.oai_admin_email}
    return Theme(
        style=assets.style(f":root {{ --accent: light-dark({accents[0]}, {accents[1]}); }}\n"),
        icon=assets.icon(settings.site_accent),
        touch_icon=assets.touch_icon(settings.site_accent),
        favicon=assets.favicon(settings.site_accent),
        logo=_logo(settings) if settings.site_logo else None,
        accent=settings.site_accent,
        papers=(LIGHT[0], DARK[0]),
        description=settings.site_description,
        footer=_footer(settings),
        texts=read(settings.home / "pages", settings.site_languages, values),
    )


def _footer(settings: Settings) -> Markup:
    text = settings.site_footer
    if text.endswith(".md"):
        text = _bytes(settings, "site.footer", text).decode(errors="replace")
    return Markup(snippet(text))  # noqa: S704 — cleaned


def _bytes(settings: Settings, setting: str, name: str) -> bytes:
    try:
        return (settings.home / name).read_bytes()
    except OSError as error:
        raise WrongSetting(
            f"The setting {setting} names {settings.home / name}, which can't be read: {error}."
        ) from error


def _logo(settings: Settings) -> Logo:
    data = _bytes(settings, "site.logo", settings.site_logo)
    suffix = Path(settings.site_logo).suffix.lower()
    size = _png_size(data) if suffix == ".png" else _svg_size(data)
    if size is None:
        raise WrongSetting(f"The setting site.logo names {settings.site_logo}, which tells no width and height.")
    return Logo(assets.asset(f"logo{suffix}", data), round(_LOGO_HEIGHT * size[0] / size[1]), _LOGO_HEIGHT)


def _png_size(data: bytes) -> tuple[float, float] | None:
    """Specified by: PNG (Third Edition), 11.2.1 (IHDR)."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return (width, height) if width and height else None


def _svg_size(data: bytes) -> tuple[float, float] | None:
    """Of an SVG its `viewBox`, or its width and height in pixels."""
    root = re.search(rb"<svg\b[^>]*>", data)
    if root is None:
        return None
    number = rb"\s*([0-9.]+)"
    box = re.search(rb"""viewBox=["']\s*[-0-9.]+[\s,]+[-0-9.]+[\s,]+([0-9.]+)[\s,]+([0-9.]+)""", root[0])
    sides = [re.search(rb"""\s%s=["']%s(?:px)?["']""" % (side, number), root[0]) for side in (b"width", b"height")]
    found = box.groups() if box else tuple(side[1] for side in sides if side)
    if len(found) != 2 or not all(float(part) for part in found):
        return None
    return float(found[0]), float(found[1])
