"""What a route takes and answers, declared beside it in the URL table; `openapi.py` makes the document of it.

Schemas are named as in `schemas/api-v1.json`. A route declares its own: what any request can get (400, 401, 429, 500,
503, and 403 where it changes something) is added for all.
"""

from dataclasses import dataclass
from typing import Any

from repository.api.answers import NDJSON, UI
from repository.formats import FORMATS, Format
from repository.formats.citation import STYLES
from repository.ld.negotiation import JSON
from repository.oai.statistics import KEPT_DAYS
from repository.records.snapshot import Json
from repository.search.engine import BESTMATCH, MAX_SIZE, SORTS
from repository.search.facets import FACETS, KINDS
from repository.services import oai_sets, own_records, vocabularies

BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that is no error. A media type without a schema has bytes or text; HEADERS has the headers."""

    status: int
    means: str
    schema: str = ""
    media_types: tuple[str, ...] = (JSON.media_type,)
    others: tuple[str, ...] = ()
    """Further media types, which the schema does not describe."""
    headers: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    """Views whose `record_id` is the answer's `id`: links of the document."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent. Without a schema: bytes."""

    schema: str = ""
    media_types: tuple[str, ...] = (JSON.media_type,)
    required: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    answers: tuple[Answer, ...]
    errors: tuple[int, ...] = ()
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: Body | None = None
    public: bool = False
    """Nobody need be signed in."""


NONE = Contract(())
"""Of a route that is no part of the API."""


def gives(
    *answers: Answer | int,
    takes: Body | None = None,
    query: tuple[str, ...] = (),
    headers: tuple[str, ...] = (),
    public: bool = False,
) -> Contract:
    """A contract in one line: answers, and the numbers of its errors."""
    return Contract(
        answers=tuple(answer for answer in answers if isinstance(answer, Answer)),
        errors=tuple(answer for answer in answers if isinstance(answer, int)),
        query=query,
        headers=headers,
        body=takes,
        public=public,
    )


# Answers

_OF_JSON = (JSON.media_type, UI.media_type)
_NEXT = ("drafts.read", "drafts.save", "drafts.publish", "drafts.discard", "files.announce", "files.list_of_draft")
_AFTER = ("records.read", "records.versions", "drafts.edit", "drafts.new_version", "records.withdraw")
_OF_DOWNLOAD = ("Content-Disposition", "Content-Length", "X-Content-Type-Options", "Cache-Control")
_OF_BYTES = ("ETag", "Last-Modified", "Accept-Ranges", "Content-MD5", "Content-Security-Policy", *_OF_DOWNLOAD)


def _declared(form: Format) -> tuple[str, ...]:
    return (form.api_type.partition(";")[0],) if form.api_type else (form.media_type, *form.echoed)


_OF_FORMATS = tuple(dict.fromkeys(name for form in FORMATS for name in _declared(form)))
_OF_LISTS = (
    NDJSON.media_type,
    *dict.fromkeys(name for form in FORMATS if form.write_list for name in _declared(form)),
)
NOTHING = Answer(204, "Done.", media_types=())
DRAFT = Answer(200, "The draft.", "Draft", _OF_JSON, headers=("ETag",))
NEW_DRAFT = Answer(201, "The draft.", "Draft", _OF_JSON, headers=("ETag",), leads_to=_NEXT)
RECORD = Answer(200, "The record.", "Record", _OF_JSON, _OF_FORMATS, ("Vary",))
PUBLISHED = Answer(202, "The record.", "Record", _OF_JSON, RECORD.others, ("Vary",), _AFTER)
RECORD_OR_DRAFT = Answer(200, "The record or draft.", "RecordOrDraft", _OF_JSON, RECORD.others)
RECORDS = Answer(200, "One page.", "Records", _OF_JSON, _OF_LISTS)
OWN_RECORDS = Answer(200, "One page.", "Records", _OF_JSON)
REVISION = Answer(200, "The revision.", "Revision")
REVISIONS = Answer(200, "All revisions.", "Revisions")
FILE = Answer(200, "The file.", "File")
FILES = Answer(200, "The files.", "FileList")
NEW_FILES = Answer(201, "The files.", "FileList")
CONTENT = Answer(200, "The bytes.", media_types=(), others=("*/*",), headers=_OF_BYTES)
PART = Answer(206, "The bytes of the range.", media_types=(), others=("*/*",), headers=("Content-Range", *_OF_BYTES))
UNCHANGED = Answer(304, "Unchanged.", media_types=(), headers=("ETag",))
ARCHIVE = Answer(200, "A ZIP.", media_types=(), others=("application/zip",), headers=_OF_DOWNLOAD)
TERM = Answer(200, "The term.", "Term", _OF_JSON, headers=("ETag",))
TERMS = Answer(200, "One page.", "Terms", _OF_JSON)
TYPES = Answer(200, "The types.", "VocabularyTypes", _OF_JSON)
ACCOUNT = Answer(200, "The account.", "Account")
SIGNED_IN = Answer(200, "The account, and cookies.", "Account", headers=("Set-Cookie", "Cache-Control"))
SIGNED_OUT = Answer(200, "Done.", "Message", headers=("Set-Cookie",))
PONG = Answer(200, "`OK`.", media_types=(), others=("text/plain",))
STATUS = Answer(200, "The status.", "Status", headers=("Link",))
PARKED = Answer(200, "What is parked.", "Parked")
FAULTS = Answer(200, "What is missing or altered.", "Faults")
HARVESTS = Answer(200, "Requests of harvesters, counted by day.", "Harvests")
SET = Answer(200, "The set.", "OaiSet", headers=("ETag",))
NEW_SET = Answer(201, "The set.", "OaiSet", headers=("ETag",))
SETS = Answer(200, "One page.", "OaiSets")
OAI_FORMATS = Answer(200, "The formats.", "OaiFormats")
BUILD = Answer(200, "The build.", "SiteBuild")
ASKED_BUILD = Answer(202, "The build, which is made as soon as can be.", "SiteBuild", headers=("Location",))
GIVEN_UP = Answer(202, "The build, which ends as soon as can be.", "SiteBuild")
SITE_BUILDS = Answer(200, "One page.", "SiteBuilds")
DOCUMENT = Answer(200, "An OpenAPI 3.1 document.", "Document")

# Bodies

DRAFT_BODY = Body("DraftBody")
ACCESS_BODY = Body("AccessSettings")
WITHDRAWAL_BODY = Body("Withdrawal")
FILES_BODY = Body("FilesBody", required=True)
FILE_BODY = Body("FileBody")
CONTENT_BODY = Body(media_types=(BYTES,))
SET_BODY = Body("OaiSetBody", required=True)
BUILD_BODY = Body("SiteBuildBody", required=True)
LOGIN_BODY = Body("Login", (JSON.media_type, "application/x-www-form-urlencoded"), required=True)

# Parameters

TEXT: Json = {"type": "string", "pattern": "^[^\\x00]*$"}
"""Nothing here has a NUL character in it; PostgreSQL takes none."""
_SEVERAL: Json = {"type": "array", "items": TEXT}


def _one_of(names: Any) -> Json:
    """One of these; empty is as good as absent."""
    return {"type": "string", "enum": ["", *names]}


PARAMETERS: dict[str, tuple[str, Json]] = {
    "q": ("Query in Lucene's syntax; words that are no query are searched for as they are.", TEXT),
    "suggest": ("Beginnings of words, for completing what is being typed; not together with `q`.", TEXT),
    "tags": ("Terms that have one of these tags.", _SEVERAL),
    "page": ("Page, from 1; no more than 10,000 hits can be reached.", {"type": "integer", "minimum": 1}),
    "cursor": ("Where to go on, under an explicit sort, in place of `page`: as `links.next` has it.", TEXT),
    "size": ("Hits of a page; 25 unless told.", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE}),
    "days": ("How many days back; 30 unless told.", {"type": "integer", "minimum": 1, "maximum": KEPT_DAYS}),
    "allversions": ("`1`: all versions, not only the newest of each.", TEXT),
    "sort_direction": ("From the first to the last, or the other way round.", _one_of(("asc", "desc"))),
    "prettyprint": ("`1`: indented JSON.", TEXT),
    "expand": ("`1`: with `expanded`, what is referred to.", TEXT),
    "ln": ("Language of titles in the UI media type: `en`, `cs`; else `Accept-Language` counts.", TEXT),
    "style": (f"Style of a citation (`Accept: text/x-bibliography`): {', '.join(STYLES)}.", TEXT),
    "locale": ("Language of a citation, such as `en-US` or `cs-CZ`.", TEXT),
    "shared_with_me": ("`true`: only what others share with the account.", TEXT),
    "download": ("`1`: never shown in the browser.", TEXT),
    **{name: (f"Facet; values of one are alternatives: {name}.", _SEVERAL) for name in KINDS},
}
SORTED: dict[str, Json] = {
    "sort:records": _one_of((BESTMATCH, *SORTS)),
    "sort:own": _one_of(own_records.SORTS),
    "sort:versions": _one_of(("version",)),
    "sort:terms": _one_of(vocabularies.SORTS),
    "sort:sets": _one_of(oai_sets.SORTS),
}
"""The parameter `sort` has other values in each list: written `sort:<list>`."""
REQUEST_HEADERS: dict[str, tuple[str, Json]] = {
    "If-Match": ("The revision that was read (`ETag`); another one answers 412.", TEXT),
    "Idempotency-Key": (
        "Names this request for 24 hours: sent again, it gets the first answer.",
        {"type": "string", "maxLength": 255},
    ),
    "Range": ("`bytes=…`: a part of the bytes.", TEXT),
}

_JSON = ("prettyprint",)
_RECORD = ("prettyprint", "expand", "ln")
_TERM = ("prettyprint", "ln")
_PAGE = ("page", "size", *_RECORD)
_ONCE = ("Idempotency-Key",)
_SEEN = ("If-Match",)
_WANTED = ("Range", "If-Match")
_CLOSED = (302, 403, 404, 410)
"""What a record answers that moved, is not for everybody, is not there, or was withdrawn."""
_SENT = (413, 415)
"""What a JSON body can be answered."""

# Contracts of drafts and records

CREATE = gives(NEW_DRAFT, 406, 409, *_SENT, takes=DRAFT_BODY, query=_RECORD, headers=_ONCE)
READ_DRAFT = gives(DRAFT, 403, 404, 406, query=_RECORD)
SAVE = gives(DRAFT, 404, 406, 412, *_SENT, takes=DRAFT_BODY, query=_RECORD, headers=_SEEN)
EDIT = gives(NEW_DRAFT, 404, 406, query=_RECORD)
DISCARD = gives(NOTHING, 404, 412, headers=_SEEN)
PUBLISH = gives(PUBLISHED, 404, 406, 409, 413, query=_RECORD, headers=_ONCE)
NEW_VERSION = gives(NEW_DRAFT, 404, 406, 409, 413, query=_RECORD, headers=_ONCE)
GIVE_BACK = gives(DRAFT, 404, 406, query=_RECORD)
SEARCH = gives(
    RECORDS, 406, query=("q", "suggest", "sort:records", *FACETS, "allversions", "cursor", *_PAGE), public=True
)
READ = gives(RECORD, *_CLOSED, 406, query=(*_RECORD, "style", "locale"), public=True)
VERSIONS = gives(RECORDS, *_CLOSED, 406, query=("sort:versions", *_PAGE), public=True)
LATEST = gives(*_CLOSED, public=True)
OWN = gives(OWN_RECORDS, 403, 406, query=("q", "sort:own", *own_records.FACETS, "shared_with_me", *_PAGE))
READ_REVISIONS = gives(REVISIONS, *_CLOSED, query=_JSON)
READ_REVISION = gives(REVISION, *_CLOSED, query=_JSON)
SET_ACCESS = gives(RECORD_OR_DRAFT, *_CLOSED, 406, *_SENT, takes=ACCESS_BODY, query=_RECORD)
WITHDRAW = gives(NOTHING, 404, *_SENT, takes=WITHDRAWAL_BODY)
RESTORE = gives(RECORD, *_CLOSED, 406, query=_RECORD)
REFUSED = gives(*_CLOSED)

# Contracts of files

FILES_OF_DRAFT = gives(FILES, 403, 404, query=_JSON)
ANNOUNCE = gives(NEW_FILES, 404, *_SENT, takes=FILES_BODY, query=_JSON)
IMPORT_FILES = gives(NEW_FILES, 404, query=_JSON)
DELETE = gives(NOTHING, 404)
READ_FILE_OF_DRAFT = gives(FILE, 403, 404, query=_JSON)
DESCRIBE = gives(FILE, 404, *_SENT, takes=FILE_BODY, query=_JSON)
COMMIT = gives(FILE, 404, query=_JSON)
SEND = gives(FILE, 404, *_SENT, 507, takes=CONTENT_BODY, query=_JSON)
_BYTES = (CONTENT, PART, UNCHANGED, 412, 416)
CONTENT_OF_DRAFT = gives(*_BYTES, 302, 403, 404, query=("download",), headers=_WANTED)
CONTENT_OF_RECORD = gives(*_BYTES, *_CLOSED, query=("download",), headers=_WANTED, public=True)
ARCHIVE_OF_DRAFT = gives(ARCHIVE, 403, 404)
ARCHIVE_OF_RECORD = gives(ARCHIVE, *_CLOSED, public=True)
FILES_OF_RECORD = gives(FILES, *_CLOSED, query=_JSON, public=True)
READ_FILE = gives(FILE, *_CLOSED, query=_JSON, public=True)

# Contracts of vocabularies, accounts, and the service

_TERMS = ("q", "suggest", "tags", "sort:terms", "page", "size", *_TERM)
READ_TYPES = gives(TYPES, 406, query=_JSON, public=True)
LIST_TERMS = gives(TERMS, 404, 406, query=_TERMS, public=True)
READ_TERM = gives(TERM, 404, 406, query=_TERM, public=True)
LIST_NAMES = gives(TERMS, 403, 406, query=_TERMS)
READ_NAME = gives(TERM, 403, 404, 406, query=_TERM)
READ_ONLY = gives(403, 404)
LOGIN = gives(SIGNED_IN, *_SENT, takes=LOGIN_BODY, query=_JSON, public=True)
LOGOUT = gives(SIGNED_OUT, 403, query=_JSON, public=True)
ME = gives(ACCOUNT, query=_JSON)
PING = gives(PONG, public=True)
LIST_SETS = gives(SETS, 403, query=("sort:sets", "sort_direction", "page", "size", *_JSON))
DEFINE_SET = gives(NEW_SET, *_SENT, takes=SET_BODY, query=_JSON)
READ_SET = gives(SET, 403, 404, query=_JSON)
REDEFINE_SET = gives(SET, 404, 412, *_SENT, takes=SET_BODY, query=_JSON, headers=_SEEN)
DELETE_SET = gives(NOTHING, 404, 412, headers=_SEEN)
READ_OAI_FORMATS = gives(OAI_FORMATS, 403, query=_JSON)
BUILDS = gives(SITE_BUILDS, 403, query=("page", "size", *_JSON))
ASK_BUILD = gives(ASKED_BUILD, *_SENT, takes=BUILD_BODY, query=_JSON)
READ_BUILD = gives(BUILD, 403, 404, query=_JSON)
CANCEL_BUILD = gives(GIVEN_UP, 404, 409, query=_JSON)
READ_STATUS = gives(STATUS, query=_JSON, public=True)
READ_PARKED = gives(PARKED, 403, query=_JSON)
READ_FAULTS = gives(FAULTS, 403, query=_JSON)
READ_HARVESTS = gives(HARVESTS, 400, 403, query=("days", *_JSON))
DESCRIBED = gives(DOCUMENT, public=True)
