"""Colours of the pages: whether they can be read on their backgrounds.

Specified by: WCAG 2.2, relative luminance and contrast ratio; 1.4.3 (at least 4.5 : 1).
"""

import colorsys
import re
from collections.abc import Callable
from typing import Any

from repository.settings.values import Wrong

LIGHT = ("#ffffff", "#f4f6f8")
DARK = ("#14171b", "#1d2127")
"""The backgrounds of both themes, as the style sheet has them: page, and what stands out from it."""
READABLE = 4.5
_CALM = 7.0
"""The contrast of a colour that we choose ourselves."""
_MUTED = 0.6
"""The saturation of one, at most."""
_STEPS = 256


def colour(backgrounds: tuple[str, ...]) -> Callable[[Any], str]:
    """Takes `#1f4b73` or `#abc`, if words in this colour can be read on all of the backgrounds."""

    def parse(value: Any) -> str:
        given = str(value).strip().lower()
        if not re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", given):
            raise Wrong("a colour such as #1f4b73")
        whole = given if len(given) == 7 else "#" + "".join(digit * 2 for digit in given[1:])
        found, worst = min((contrast(whole, background), background) for background in backgrounds)
        if found < READABLE:
            near = nearest(whole, backgrounds, READABLE)
            raise Wrong(
                f"a colour that can be read, with a contrast of at least {READABLE} to {' and '.join(backgrounds)}; "
                f"its contrast to {worst} is {found:.2f}, that of {near} would do"
            )
        return whole

    return parse


def on_dark(accent: str) -> str:
    """The same hue, light enough for the dark theme and not glaring there."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(accent))
    return nearest(_hex(colorsys.hls_to_rgb(hue, lightness, min(saturation, _MUTED))), DARK, _CALM)


def nearest(given: str, backgrounds: tuple[str, ...], least: float) -> str:
    """The colour of the same hue that has this contrast and differs least in lightness."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(given))
    end = 0.0 if luminance(backgrounds[0]) > 0.5 else 1.0
    for step in range(_STEPS + 1):
        found = _hex(colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / _STEPS, saturation))
        if all(contrast(found, background) >= least for background in backgrounds):
            return found
    raise ValueError(f"nothing is readable on {backgrounds}")


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(given: str) -> float:
    """From 0 to 1."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(given))
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _parts(given: str) -> tuple[float, float, float]:
    red, green, blue = (int(given[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
