"""Text pages: Markdown that we ship, and that an instance puts in its place or adds to it.

`<instance>/pages/<language>/<name>.md` is read before `shipped/<language>/<name>.md`. Where a language lacks a page, it
is that of the first language of the instance, ours in English, or whichever there is. A page may name
`{{ site.url }}`, `{{ site.name }}`, `{{ contact }}`, `{{ base }}` (where the pages of its language begin) and
`{{ formats }}` (a table).

Specified by: CommonMark 0.31, with tables.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from repository.errors import WrongSetting
from repository.formats.text import plain
from repository.records.text import ATTRIBUTES, TAGS

FOLDER = Path(__file__).parent / "shipped"
FIRST = "about"
"""The page at `/about/`; the others are below it."""
_SHIPPED = (FIRST, "policies", "help", "developers")
_ENGLISH = "en"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
PLACES = ("site.url", "site.name", "contact", "base", "formats")
_PLACE = re.compile(r"\{\{ *(" + "|".join(map(re.escape, PLACES)) + r") *\}\}")
# letters only, so that neither Markdown nor the cleaner of HTML changes them, in an address neither
_MARK = re.compile(r"zzput([a-z]+)zz")
_MARKS = {place.replace(".", ""): place for place in PLACES}
_HEADINGS = {f"h{level}": {"id"} for level in range(1, 7)}
_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={**ATTRIBUTES, **_HEADINGS, "code": {"class"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_DESCRIBED = 200
"""Characters of a page that results of search engines show."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text page in one language."""

    name: str
    title: str
    language: str
    """Of the text, which may be another one than was asked for."""
    html: str
    """Clean, with marks where `{{ base }}` and `{{ formats }}` stood."""
    summary: str
    """The beginning of its first paragraph, plain text."""

    @property
    def path(self) -> str:
        return "/about/" if self.name == FIRST else f"/about/{self.name}"

    def filled(self, base: str, formats: Markup) -> Markup:
        return Markup(_filled(self.html, {"base": escape(base), "formats": formats}))  # noqa: S704 — cleaned


def read(folder: Path, languages: Iterable[str], values: Mapping[str, str]) -> dict[str, tuple[Written, ...]]:
    """The text pages by language, ours first, then the others by name.

    `folder`: `pages` in the instance; `values`: what is put for the names in PLACES, but for the last two.
    Raises WrongSetting for a file that is no text.
    """
    listed = tuple(languages)
    first = listed[0]
    own = sorted(
        {path.stem for language in listed for path in (folder / language).glob("*.md") if _NAME.fullmatch(path.stem)}
    )
    names = [*_SHIPPED, *(name for name in own if name not in _SHIPPED)]
    found = {}
    for language in listed:
        others = (folder / other for other in listed)
        sources = [folder / language, FOLDER / language, folder / first, FOLDER / _ENGLISH, *others]
        pages = (_read(name, sources, values) for name in names)
        found[language] = tuple(page for page in pages if page is not None)
    return found


def _read(name: str, folders: Iterable[Path], values: Mapping[str, str]) -> Written | None:
    for folder in folders:
        path = folder / f"{name}.md"
        if path.is_file():
            try:
                return written(name, folder.name, path.read_text(encoding="utf-8"), values)
            except UnicodeDecodeError as error:
                raise WrongSetting(f"{path} is no text in UTF-8: {error}.") from error
    return None


def written(name: str, language: str, text: str, values: Mapping[str, str]) -> Written:
    tokens = _MARKDOWN.parse(_marked(text))
    title = next((_words(inline) for _opening, inline in _headings(tokens)), name)
    used: dict[str, int] = {}
    for opening, inline in _headings(tokens):
        opening.attrSet("id", _anchor(_words(inline), used))
    html = _CLEANER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return Written(
        name=name,
        title=_filled(title, values),
        language=language,
        # a table is no part of a paragraph
        html=_filled(
            re.sub(r"<p>(zzputformatszz)</p>", r"\1", html),
            {place: str(escape(value)) for place, value in values.items()},
        ),
        summary=_filled(_summary(html), values),
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    """With these values where their marks are; marks of other values stay."""
    return _MARK.sub(lambda mark: values.get(_MARKS.get(mark[1], ""), mark[0]), text)


def _summary(html: str) -> str:
    paragraph = re.search(r"<p>(.*?)</p>", html, re.DOTALL)
    text = " ".join(plain(paragraph[1]).split()) if paragraph else ""
    return text if len(text) <= _DESCRIBED else text[: _DESCRIBED - 1].rsplit(" ", 1)[0] + "…"


def snippet(text: str) -> str:
    """Markdown without placeholders as clean HTML."""
    return _CLEANER.clean(_MARKDOWN.render(text))


def _marked(text: str) -> str:
    return _PLACE.sub(lambda place: f"zzput{place[1].replace('.', '')}zz", text)


def _headings(tokens: list[Token]) -> Iterable[tuple[Token, Token]]:
    return ((one, after) for one, after in pairwise(tokens) if one.type == "heading_open")


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))


def _anchor(words: str, used: dict[str, int]) -> str:
    """A name for links to a heading, which no other heading of the page has."""
    name = re.sub(r"[^\w]+", "-", _MARK.sub("", words).lower()).strip("-") or "part"
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name}-{used[name]}"
