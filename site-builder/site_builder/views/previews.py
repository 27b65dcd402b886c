"""Pictures made smaller, for whoever may see the files that they are of."""

import re

from flask import Response

from repository.errors import Forbidden, NotFound
from site_builder.context import pages
from site_builder.landing.files import listed_entries
from site_builder.rendering import document

_NAME = re.compile(r"([0-9a-f]{64})\.webp")
_ID = re.compile(r"[0-9a-z-]{1,40}")


def picture(record_id: str, name: str) -> Response:
    """`/records/<id>/previews/<sha256>.webp`. Raises NotFound, Forbidden, Gone."""
    found = _NAME.fullmatch(name)
    if found is None or not _ID.fullmatch(record_id):
        raise NotFound
    source = pages().source
    record = source.record(record_id)
    if not record.files_visible:
        raise Forbidden
    if all(entry.get("sha256") != found[1] for entry in listed_entries(record.snapshot.files)):
        raise NotFound
    data = source.picture(found[1])
    if not data:
        raise NotFound
    return document(data, "image/webp")
