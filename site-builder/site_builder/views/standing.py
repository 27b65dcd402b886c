"""Pages that do not depend on records."""

from flask import Response, redirect

from repository.errors import NotFound
from repository.formats import FORMATS
from repository.records.structure import schemas_folder
from site_builder.assets import BY_NAME
from site_builder.context import pages
from site_builder.rendering import document, html, kept, words

SCHEMAS = {
    "dcat-ap-v1.jsonld": "application/ld+json",
    "dcat-ap-v1.ttl": "text/turtle",
    "record-v1.json": "application/schema+json",
    "api-v1.json": "application/schema+json",
}
"""Files of `schemas/` and what they are. Another version has another name."""
FOR_EVER = "public, max-age=31536000, immutable"


def about() -> Response:
    return html("about.html", formats=FORMATS, contact=pages().contact)


def deposit() -> Response:
    return html("deposit.html", contact=pages().contact)


def upload(record_id: str) -> Response:
    response: Response = redirect(f"/deposit?id={record_id}", 302)  # type: ignore[assignment]
    return kept(response)


def not_found() -> Response:
    """What a web server in front answers with 404; here it is a page like any other."""
    said = words()
    return html("error.html", heading=said.not_found, text=said.not_found_explained, status=404)


def asset(name: str) -> Response:
    found = BY_NAME.get(name)
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
