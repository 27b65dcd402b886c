"""The beginning of a text in Markdown. Specified by: CommonMark 0.31, with the tables of GitHub."""

import re
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import escape

from repository.records.text import clean_html
from site_builder.previews import decoding
from site_builder.previews.decoding import decoded
from site_builder.previews.preview import HTML, NOTHING, Draw, Kind, Opened, Preview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_SOURCE = 2_500
"""Characters that are shown."""
_LONGEST = 1_000
"""Characters of a line; longer ones are no prose."""
_HEADING = re.compile(r"(?<=<h|/h)[1-6](?=>)")
_RELATIVE = re.compile(r'<a href="(?!https?://|mailto:)[^"]*"(?: title="[^"]*")?>(.*?)</a>', re.DOTALL)


def preview(data: bytes, *, is_whole: bool) -> Preview:
    text = decoded(data, is_whole=is_whole)
    if text is None or not text.strip():
        return NOTHING
    lines = text.split("\n")
    if any(len(line) > _LONGEST for line in lines[:100]):
        return NOTHING
    taken, left = [], _SOURCE
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        taken.append(line)
    html = _rendered("\n".join(taken))
    if not html or len(html.encode()) > HTML:
        return NOTHING
    rest = any(line.strip() for line in lines[len(taken) :])
    return Preview("prose", html, is_whole=is_whole and not rest)


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # costs memory that whoever only reads the cache does not need

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("image", _instead_of_picture)
    return reader


def _instead_of_picture(
    renderer: "RendererHTML", tokens: "Sequence[Token]", number: int, options: "OptionsDict", env: "EnvType"
) -> str:
    """Pictures lie elsewhere: what their author has said of them stays."""
    return str(escape(renderer.renderInlineAsText(tokens[number].children, options, env)))


def _rendered(source: str) -> str:
    """Cleaned as every description is. Headings go below those of the page, and links that lead to other files of
    their author's folder, which are nowhere here, become text."""
    html = clean_html(_reader().render(source))
    html = _RELATIVE.sub(r"\1", html)
    return _HEADING.sub(lambda level: str(min(6, int(level[0]) + 2)), html)


def _make(file: Opened, _draw: Draw) -> Preview:
    data = file.beginning()
    return preview(data, is_whole=len(data) == file.size)


KIND = Kind(
    "prose",
    frozenset(("md", "markdown", "mkd")),
    frozenset(("text/markdown",)),
    2**62,
    _make,
    (__name__, decoding.__name__),
)
