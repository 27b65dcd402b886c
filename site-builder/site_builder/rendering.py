"""From values to HTML, and to an answer with the headers that every page has."""

import re
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from flask import Response, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.nodes import Expr
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from repository.api.context import SESSION_COOKIE
from repository.auth.identity import Identity
from repository.errors import RevisionMismatch
from repository.records.snapshot import Site
from site_builder.assets import world
from site_builder.context import Pages, pages
from site_builder.texts import Texts, counted, number_text
from site_builder.theme import Theme

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; manifest-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No scripts. `connect-src` lets tools that audit a page read robots.txt from within it."""
PUBLIC = "public, max-age=0, must-revalidate"
PERSONAL = "private, no-store"
LARGEST_COMPARED = 3_000_000
"""Bytes of a document that gets an ETag: their digest is made for each answer, in 4 ms for so many."""
PERSONAL_ARGUMENTS = ("access_token", "token", "preview")
_MACROS = (
    "landing_parts", "landing_head", "landing_top", "landing_previews", "landing_map", "landing_body", "landing_side",
)  # fmt: skip
"""Templates whose macros others call by these names: importing them for every page takes a tenth of its time."""
_WORD = re.compile(r"\{\{ t\.(\w+) \}\}")
_BASE = "{{ base }}"
_PATH = "/:@!$&'()*+,;=~"
"""What may stand in a path as it is. Specified by: RFC 3986, 3.3."""
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13)) + b"\x7f"
"""May stand in no HTML. Specified by: HTML Living Standard, 13.2.3.5, control characters."""


class Words(Extension):
    """Sets the words of a language when a template is compiled: a page has some forty of them. What looks like a
    template itself is set when it is rendered."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        said = cast(Texts, self.environment.globals["t"])

        def word(match: re.Match[str]) -> str:
            text: str = getattr(said, match[1])
            return match[0] if "{" in text else escape(text)

        return _WORD.sub(word, source.replace(_BASE, said.base))


def escaped(value: Any) -> str:
    """A value as it stands in HTML: the text that `markupsafe.escape` gives, without an object made of it."""
    kind = type(value)
    if kind is str:
        found: str = _escape_inner(value)
        return found
    return value if kind is Markup else escape(value)


class _Code(CodeGenerator):
    """Escapes by `escaped`: a page has hundreds of values, and to make a Markup of each takes a fifth of its time.

    What it overrides is private to Jinja and MarkupSafe: pyproject.toml says of which versions.
    """

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("escaped = environment.escaped")

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Templates(Environment):
    code_generator_class = _Code
    escaped = staticmethod(escaped)


@lru_cache(maxsize=16)
def environment(words: Texts) -> Environment:
    """The templates with everything that is the same on all pages of a language."""
    made = _Templates(
        loader=PackageLoader("site_builder"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
        extensions=[Words],
    )
    made.globals.update(
        t=words,
        counted=partial(counted, words),
        digits=partial(number_text, language=words.language),
        base=words.base,
        languages=(),
        world=world().path,
    )
    for name in _MACROS:
        made.globals[name] = made.get_template(f"{name}.html").module
    return made


class Fixed(NamedTuple):
    """What is the same on every page of a language, as HTML."""

    head: Markup
    brand: Markup
    foot: Markup


@lru_cache(maxsize=16)
def fixed(words: Texts, theme: Theme, site: Site) -> Fixed:
    parts: Any = environment(words).get_template("fixed.html").module
    return Fixed(parts.head(theme), parts.brand(theme, site), parts.foot(theme, site, theme.texts[words.language]))


def markup(template: str, words: Texts, **values: Any) -> bytes:
    """A rendered template in UTF-8. Whatever a value holds, there are no control characters in it."""
    text = environment(words).get_template(template).render(values)
    return text.encode("utf-8", "replace").translate(None, _CONTROLS)


def html(template: str, code: int = 200, *, cache: str = PUBLIC, **values: Any) -> Response:
    """The answer with a page. Where somebody's session, token or draft was looked at, nobody may keep it."""
    here = pages()
    account = signed_in()
    theme = here.theme
    body = markup(
        template,
        here.words,
        theme=theme,
        fixed=fixed(here.words, theme, here.site),
        site=here.site,
        path=request.path,
        account=account.email if account else "",
        **_in_all_languages(here, is_there=template != _ERROR),
        **values,
    )
    return _page(body, code, cache)


def _page(body: bytes, code: int, cache: str) -> Response:
    response = Response(body, code, content_type="text/html; charset=utf-8")
    if not pages().is_live:
        return response
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return kept(response, cache)


_ERROR = "error.html"


def _in_all_languages(here: Pages, *, is_there: bool) -> dict[str, Any]:
    """Where the same page is in every language, if there are several: its path without their bases, and its query. For
    a page that is not there, the beginning."""
    if len(here.languages) == 1:
        return {}
    bare = quote(request.path.removeprefix(here.base), _PATH) if is_there else "/"
    query = f"?{request.query_string.decode('ascii', 'replace')}" if is_there and request.query_string else ""
    return {"languages": here.languages, "is_there": is_there, "bare_path": bare, "bare_query": query}


def framed(template: str, **values: Any) -> Response:
    """As `html`, for pages of which there are very many: the template is rendered once for each language, with a mark
    where each value and the path belong, and may do nothing with them but set them. The path may have no characters
    that an address has to encode."""
    here = pages()
    if signed_in() or request.query_string:
        return html(template, **values)
    languages = here.languages if len(here.languages) > 1 else ()
    parts = _frame(template, here.words, here.theme, here.site, languages, tuple(values))
    said = {name: escape(value) for name, value in values.items()}
    said |= {"path": escape(request.path), "bare_path": escape(request.path.removeprefix(here.base))}
    body = "".join(said[part] if number % 2 else part for number, part in enumerate(parts))
    return _page(body.encode("utf-8", "replace").translate(None, _CONTROLS), 200, PUBLIC)


@lru_cache(maxsize=64)
def _frame(
    template: str, words: Texts, theme: Theme, site: Site, languages: tuple[Texts, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    """What stands around values, and in between the name of the value that belongs there."""
    marks = {name: f"zq{name}qz" for name in (*names, "path", "bare_path")}
    said = {"site": site, "theme": theme, "fixed": fixed(words, theme, site), "account": "", "languages": languages}
    text = environment(words).get_template(template).render(is_there=True, bare_query="", **said, **marks)
    return tuple(re.split(f"zq({'|'.join(marks)})qz", text))


def macros(template: str) -> Any:
    """The macros of a template in the language of the page."""
    return environment(pages().words).get_template(template).module


def kept(response: Response, cache: str = PUBLIC) -> Response:
    """Says who may keep an answer, and that its media type is not to be guessed."""
    if not pages().is_live:
        return response
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = PERSONAL if is_personal() else cache
    response.vary.update(("Cookie", "Authorization"))
    return response


def document(data: bytes, media_type: str) -> Response:
    """The answer with something for machines; 304 for whoever has it already, if it was made for nobody in particular.
    Raises RevisionMismatch.

    Specified by: RFC 9110, 8.8.3 (ETag), 13.1.1 and 13.1.2.
    """
    response = kept(Response(data, content_type=media_type))
    if pages().is_live and not is_personal() and len(data) <= LARGEST_COMPARED:
        response.set_etag(sha256(media_type.encode() + b"\n" + data).hexdigest()[:32])
        response.make_conditional(request)
        if response.status_code == 412:
            raise RevisionMismatch("The document is another one than If-Match names.")
    return response


def is_personal() -> bool:
    """Whether the answer may depend on who asks."""
    return (
        SESSION_COOKIE in request.cookies
        or "Authorization" in request.headers
        or any(name in request.args for name in PERSONAL_ARGUMENTS)
    )


def signed_in() -> Identity | None:
    """Who asks; nobody where it was not even looked at, as for an address that no view has."""
    found: Identity | None = g.get("identity", None)
    return found


def words() -> Texts:
    return pages().words
