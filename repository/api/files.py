"""Files of drafts and records over REST: announced, sent, committed, downloaded whole, in part, or as an archive."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import ClientDisconnected
from zipstream import ZIP_STORED, ZipStream

from repository.api import transfers as in_parts
from repository.api.answers import json_answer, nothing
from repository.api.bodies import is_whole, json_body, json_object
from repository.api.context import instance, viewer
from repository.api.links import Links
from repository.api.shapes import file_json, files_json
from repository.errors import INVALID, FieldError, Forbidden, InvalidInput, RevisionMismatch, TooLarge, WrongMediaType
from repository.records.snapshot import Json
from repository.services import reading, transfers, uploads
from repository.services.files import FileEntry
from repository.storage.objects import ObjectStore

CHUNK = 1 << 20
"""Bytes read at once from a client or a store."""
LINK_SECONDS = 60
"""So long a link to bytes in the store lives: whoever gets hold of it may read them."""
COMPARED = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")
"""Request headers with an ETag or a date to compare."""
_LARGEST = (1 << 63) - 1
"""Bytes that can be announced; the databases know no larger numbers."""
INLINE = frozenset(
    {"text/plain", "text/csv", "text/markdown", "application/pdf", "application/json"}
    | {"image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff"}
    | {"audio/mpeg", "audio/ogg", "audio/flac", "video/mp4", "video/webm"}
)
"""Media types that a browser may show on our own origin; everything else is offered for download."""
ACTIVE = re.compile(
    r"^(?:message|multipart)/|/(?:css|hta|wasm|x-component|(?:.*\+)?xml(?:-.*)?)$|html|java|ecmascript|jscript|livescript"
    r"|vbscript|flash|silverlight|cache-manifest|xpinstall|autoconfig|x509|pkix|pem-cert",
    re.IGNORECASE,
)
"""Media types of what a browser runs, or takes for an order to change itself: add-ons, proxies, certificates. Formats
declare them, but such bytes are sent as octets: who saves them decides what they are."""


def list_of_draft(record_id: str) -> Response:
    return _list(uploads.list_files(instance(), viewer(), record_id))


def announce(record_id: str) -> Response:
    files = _announced(json_body())
    listed = uploads.announce(instance(), viewer(), record_id, files)
    return _list(listed, 201, {file["key"] for file in files})


def import_previous(record_id: str) -> Response:
    return _list(uploads.import_previous(instance(), viewer(), record_id), 201)


def _list(listed: uploads.Listed, status: int = 200, announced: Collection[str] = ()) -> Response:
    draft, entries = listed
    body = files_json(draft.id, draft.body["files"], entries, Links.here(), draft=True, announced=announced)
    return json_answer(body, status)


def delete_all(record_id: str) -> Response:
    uploads.remove(instance(), viewer(), record_id)
    return nothing()


def read_of_draft(record_id: str, key: str) -> Response:
    return _file(uploads.read_file(instance(), viewer(), record_id, key))


def describe(record_id: str, key: str) -> Response:
    return _file(uploads.describe(instance(), viewer(), record_id, key, _description("", json_object())))


def delete(record_id: str, key: str) -> Response:
    uploads.remove(instance(), viewer(), record_id, key)
    return nothing()


def write_content(record_id: str, key: str) -> Response:
    if request.mimetype not in ("", "application/octet-stream"):
        raise WrongMediaType(f"File content is sent as application/octet-stream, not as {request.mimetype}.")
    return _file(uploads.write_content(instance(), viewer(), record_id, key, _received()))


def commit(record_id: str, key: str) -> Response:
    return _file(transfers.commit(instance(), viewer(), record_id, key))


def write_part(record_id: str, key: str, number: int) -> Response:
    file = transfers.write_part(instance(), viewer(), record_id, key, number, _received())
    return json_answer(file_json(file, Links.here(), draft=True))


def content_of_draft(record_id: str, key: str) -> Response:
    file = uploads.read_file(instance(), viewer(), record_id, key)
    if not file.has_bytes:
        raise InvalidInput(f"File {key} has no content yet.")
    return send(file, cacheable=False)


def archive_of_draft(record_id: str) -> Response:
    _draft, entries = uploads.list_files(instance(), viewer(), record_id)
    return _archive(record_id, entries)


def list_of_record(record_id: str) -> Response:
    record, entries = reading.files(instance(), viewer(), record_id)
    return json_answer(files_json(record_id, record.snapshot.files, entries, Links.here(), draft=False))


def read_of_record(record_id: str, key: str) -> Response:
    _record, file = reading.file(instance(), viewer(), record_id, key)
    return json_answer(file_json(file, Links.here(), draft=False))


def content_of_record(record_id: str, key: str) -> Response:
    record, file = reading.file(instance(), viewer(), record_id, key)
    return send(file, cacheable=not record.snapshot.files_closed)


def archive_of_record(record_id: str) -> Response:
    _record, entries = reading.files(instance(), viewer(), record_id)
    return _archive(record_id, entries)


def refuse_change(record_id: str, key: str = "") -> Response:
    """The files of a published record are fixed."""
    reading.read(instance(), viewer(), record_id)
    raise Forbidden


def _file(file: FileEntry) -> Response:
    return json_answer(file_json(file, Links.here(), draft=True, parts=True))


def _received() -> Iterator[bytes]:
    """The bytes of the body. A cut-off body ends like a complete one, so what arrived is compared with its length."""
    expected, received = request.content_length, 0
    limit = instance().settings.files_max_size
    if (expected or 0) > limit:
        raise TooLarge(f"A file may have {limit} bytes; this one has {expected}.")
    try:
        while chunk := request.stream.read(CHUNK):
            received += len(chunk)
            if received > limit:
                raise TooLarge(f"A file may have {limit} bytes.")
            yield chunk
    except ClientDisconnected as error:
        message = f"The upload was cut off after {received} of {expected} bytes. Nothing was stored."
        raise InvalidInput(message) from error
    if expected is not None and received != expected:
        raise InvalidInput(f"The upload was cut off after {received} of {expected} bytes. Nothing was stored.")


def _announced(body: Any) -> list[Json]:
    """The files that a request names, checked. Raises InvalidInput with paths such as `0.key`."""
    if not isinstance(body, list):
        raise InvalidInput(INVALID, [FieldError("_schema", ("The body must be a list of files.",))])
    files: list[Json] = []
    errors: list[FieldError] = []
    for position, entry in enumerate(body):
        try:
            files.append(_one_announced(position, entry))
        except InvalidInput as error:
            errors += error.errors
    if errors:
        raise InvalidInput(INVALID, errors)
    return files


def _one_announced(position: int, entry: Any) -> Json:
    if not isinstance(entry, dict):
        raise InvalidInput(INVALID, [FieldError(f"{position}", ("Must be an object.",))])
    errors = []
    if not isinstance(entry.get("key"), str):
        missing = "key" not in entry
        message = "Missing data for required field." if missing else "Not a valid string."
        errors.append(FieldError(f"{position}.key", (message,)))
    if entry.get("size") is not None and not (is_whole(entry["size"]) and 0 <= entry["size"] <= _LARGEST):
        errors.append(FieldError(f"{position}.size", ("Must be a number of bytes.",)))
    if entry.get("checksum") is not None and not isinstance(entry["checksum"], str):
        errors.append(FieldError(f"{position}.checksum", ('Must be a text such as "md5:…".',)))
    transfer, wrong = in_parts.announced(f"{position}.", entry)
    errors += wrong
    if errors:
        raise InvalidInput(INVALID, errors)
    kept = {name: entry[name] for name in ("key", "size", "checksum") if entry.get(name) is not None}
    if "size" in kept:
        kept["size"] = int(kept["size"])  # 5.0 is 5
    return {**kept, **transfer, **_description(f"{position}.", entry)}


def _description(prefix: str, body: Json) -> Json:
    """`metadata` and `access` of a file, as far as they are given. Raises InvalidInput."""
    metadata, access = body.get("metadata"), body.get("access")
    if metadata is not None and not isinstance(metadata, dict):
        raise InvalidInput(INVALID, [FieldError(f"{prefix}metadata", ("Must be an object.",))])
    if access is not None and not (isinstance(access, dict) and isinstance(access.get("hidden", False), bool)):
        raise InvalidInput(INVALID, [FieldError(f"{prefix}access.hidden", ("Not a valid boolean.",))])
    return {name: body[name] for name in ("metadata", "access") if name in body}


def send(file: FileEntry, *, cacheable: bool) -> Response:
    """The bytes, whole or by Range, with ETag, Last-Modified and a file name that every client understands.

    What is not to be shown has its own media type all the same, unless it is active.

    With `files.redirect` a store that hands out bytes itself does so, under the same name and media type, but only to
    who saves them: what a browser shows needs headers that a bucket does not send.
    """
    shown = file.mimetype in INLINE and not request.args.get("download")
    media_type = "application/octet-stream" if ACTIVE.search(file.mimetype) else file.mimetype
    headers = Headers()
    headers.set("Content-Disposition", "inline" if shown else "attachment", **_file_name(file.key))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response = Response(mimetype=media_type, headers=headers)
    elsewhere = "" if shown else _elsewhere(file, response.headers["Content-Type"], headers["Content-Disposition"])
    if elsewhere:
        return Response(status=302, headers={"Location": elsewhere, "Cache-Control": "private, no-store"})
    size = response.content_length = file.size or 0
    response.last_modified = file.updated
    response.set_etag(f"md5:{file.md5}")
    response.headers["Content-MD5"] = file.md5
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate" if cacheable else "private, no-store"
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    if response.status_code == 412:
        raise RevisionMismatch("The file has other bytes than those that If-Match names.")
    if request.method != "HEAD" and response.status_code in (200, 206):
        span = response.content_range
        response.response = _Span(file, span.start or 0, span.stop or 0) if span else _Span(file, 0, size)
        response.direct_passthrough = True
    return response


class _Span:
    """Bytes of a file from `start` to `stop`, as an answer sends them. Some are read at once, so that bytes that are
    missing, or a store that is down, are told instead of an answer that breaks off."""

    def __init__(self, file: FileEntry, start: int, stop: int) -> None:
        self._left = stop - start
        self._stream = instance().objects.open(file.location, start=start, stop=stop)
        try:
            self._first = self._read()
        except BaseException:
            self._stream.close()
            raise

    def _read(self) -> bytes:
        block = self._stream.read(min(CHUNK, self._left))
        self._left -= len(block)
        return block

    def __iter__(self) -> Iterator[bytes]:
        block = self._first
        while block:
            yield block
            block = self._read()

    def close(self) -> None:
        self._stream.close()


def _elsewhere(file: FileEntry, media_type: str, disposition: str) -> str:
    """Where the store itself hands out the bytes for a short while. Empty: nowhere, or the client may have them.

    A bucket knows other ETags and dates than ours: whoever names one is answered here.
    """
    if not instance().settings.files_redirect or request.method != "GET" or any(map(request.headers.get, COMPARED)):
        return ""
    objects = instance().objects
    return objects.link(file.location, media_type=media_type, disposition=disposition, seconds=LINK_SECONDS)


def _file_name(key: str) -> dict[str, str]:
    """The last segment of the key, for old clients in ASCII and for all others as it is. Specified by: RFC 6266."""
    name = key.rsplit("/", 1)[-1] or "file"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or "file"
    return {"filename": plain} | ({"filename*": f"UTF-8''{quote(name, safe='')}"} if plain != name else {})


def _archive(record_id: str, entries: tuple[FileEntry, ...]) -> Response:
    """All files as one ZIP, stored and not compressed: its length is known before the first byte is sent."""
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for file in entries:
        if file.completed:
            archive.add(_bytes(instance().objects, file), file.key, size=file.size)
    headers = {
        "Content-Length": str(len(archive)),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(record_id)}.zip; filename={record_id}.zip",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(iter(archive), headers=headers, content_type="application/zip")


def _bytes(objects: ObjectStore, file: FileEntry) -> Iterator[bytes]:
    with objects.open(file.location, stop=file.size) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
