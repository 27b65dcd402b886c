"""From values to HTML, and to an answer with the headers that every page has."""

import re
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from flask import Response, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import escape

from repository.api.context import SESSION_COOKIE
from repository.auth.identity import Identity
from repository.errors import RevisionMismatch
from site_builder import assets
from site_builder.context import pages
from site_builder.texts import Texts, counted, number_text

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
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
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13)) + b"\x7f"
"""May stand in no HTML. Specified by: HTML Living Standard, 13.2.3.5, control characters."""


class Words(Extension):
    """Sets the words of a language when a template is compiled: a page has some forty of them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        said = self.environment.globals["t"]
        return _WORD.sub(lambda match: escape(getattr(said, match[1])), source)


@lru_cache(maxsize=16)
def environment(words: Texts) -> Environment:
    """The templates with everything that is the same on all pages of a language."""
    made = Environment(
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
        base="",
        style=assets.STYLE.path,
        icon=assets.ICON.path,
        world=assets.WORLD.path,
    )
    for name in _MACROS:
        made.globals[name] = made.get_template(f"{name}.html").module
    return made


def markup(template: str, words: Texts, **values: Any) -> bytes:
    """A rendered template in UTF-8. Whatever a value holds, there are no control characters in it."""
    text = environment(words).get_template(template).render(values)
    return text.encode("utf-8", "replace").translate(None, _CONTROLS)


def html(template: str, code: int = 200, *, cache: str = PUBLIC, **values: Any) -> Response:
    """The answer with a page. Where somebody's session, token or draft was looked at, nobody may keep it."""
    here = pages()
    account = signed_in()
    body = markup(
        template,
        here.words,
        site=here.site,
        path=request.path,
        account=account.email if account else "",
        **values,
    )
    response = Response(body, code, content_type="text/html; charset=utf-8")
    if not here.is_live:
        return response
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return kept(response, cache)


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
