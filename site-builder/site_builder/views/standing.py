"""Pages that do not depend on records."""

from typing import Any

import orjson
from flask import Response, redirect

from repository.errors import NotFound
from repository.formats import FORMATS
from repository.records.structure import schemas_folder
from site_builder.context import Pages, pages
from site_builder.rendering import document, environment, html, kept, words
from site_builder.written import FIRST

SCHEMAS = {
    "dcat-ap-v1.jsonld": "application/ld+json",
    "dcat-ap-v1.ttl": "text/turtle",
    "record-v1.json": "application/schema+json",
    "api-v1.json": "application/schema+json",
}
"""Files of `schemas/` and what they are. Another version has another name."""
FOR_EVER = "public, max-age=31536000, immutable"


SECURITY = "/.well-known/security.txt"
_OF_THE_INSTANCE = ("/manifest.webmanifest", "/favicon.ico")


def addresses(here: Pages) -> tuple[str, ...]:
    """The standing pages that depend on the instance."""
    texts = here.theme.texts[here.languages[0].language]
    return (*(page.path for page in texts), *_OF_THE_INSTANCE, *((SECURITY,) if all(here.security) else ()))


def about() -> Response:
    return _text(FIRST)


def text(name: str) -> Response:
    """A text page. Raises NotFound."""
    if name == FIRST:
        raise NotFound
    return _text(name)


def _text(name: str) -> Response:
    here = pages()
    page = here.theme.text(here.language, name)
    if page is None:
        raise NotFound
    templates = environment(here.words)
    formats = templates.get_template("formats.html").module.table(FORMATS)  # type: ignore[attr-defined]
    return html(
        "text.html",
        page=page,
        written=here.theme.texts[here.language],
        text=page.filled(here.base, formats),
    )


def security() -> Response:
    """Raises NotFound where the settings say no contact or no day. Specified by: RFC 9116."""
    here = pages()
    contact, expires = here.security
    if not (contact and expires):
        raise NotFound
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires}T00:00:00Z",
        f"Preferred-Languages: {', '.join(here.theme.texts)}",
        f"Canonical: {here.site.url}{SECURITY}",
        "",
    )
    return kept(Response("\n".join(lines), content_type="text/plain; charset=utf-8"))


def manifest() -> Response:
    """Specified by: W3C Web Application Manifest."""
    here = pages()
    theme = here.theme
    said: dict[str, Any] = {
        "name": here.site.name,
        "short_name": here.site.name[:12],
        "description": theme.description or words().lead,
        "lang": here.language,
        "start_url": "/",
        "display": "browser",
        "theme_color": theme.accent,
        "background_color": theme.papers[0],
        "icons": [
            {"src": theme.icon.path, "type": theme.icon.media_type, "sizes": "any"},
            {"src": theme.touch_icon.path, "type": theme.touch_icon.media_type, "sizes": "180x180"},
        ],
    }
    return document(orjson.dumps(said, option=orjson.OPT_INDENT_2), "application/manifest+json")


def favicon() -> Response:
    return document(pages().theme.favicon, "image/vnd.microsoft.icon")


def styleguide() -> Response:
    return html("styleguide.html")


def deposit() -> Response:
    return html("deposit.html", contact=pages().contact)


def communities() -> Response:
    """Records belong to none yet."""
    return html("communities.html")


def upload(record_id: str) -> Response:
    response: Response = redirect(f"{pages().base}/deposit?id={record_id}", 302)  # type: ignore[assignment]
    return kept(response)


def not_found() -> Response:
    """What a web server in front answers with 404; here it is a page like any other."""
    said = words()
    text, said_in = said.not_found_explained, said.language
    return html("error.html", heading=said.not_found, text=text, said_in=said_in, status=404)


def asset(name: str) -> Response:
    found = next((asset for asset in pages().theme.assets if asset.name == name), None)
    if found is None:
        raise NotFound
    response = Response(found.data, content_type=found.media_type)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def schema(name: str) -> Response:
    """A context, shapes or a JSON Schema: whoever reads our documents may need it, we never fetch it."""
    media_type = SCHEMAS.get(name)
    if media_type is None:
        raise NotFound
    return document((schemas_folder() / name).read_bytes(), media_type)
