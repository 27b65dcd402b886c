"""A small OAI-PMH provider over real HTTP, which does what providers in the wild do: for tests of the harvester."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from tests.servers.listening import listening

Arguments = dict[str, str]
SECONDS = "YYYY-MM-DDThh:mm:ssZ"
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>{responded}</responseDate><request{attributes}>{url}</request>"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire; `cut`: the connection ends after so many bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None


@dataclass(slots=True)
class Record:
    """An item; without `metadata` it is deleted."""

    identifier: str
    datestamp: str
    metadata: str = ""

    @property
    def header(self) -> str:
        status = "" if self.metadata else ' status="deleted"'
        identifier = f"<identifier>{escape(self.identifier)}</identifier>"
        return f"<header{status}>{identifier}<datestamp>{self.datestamp}</datestamp></header>"

    @property
    def whole(self) -> str:
        metadata = f"<metadata>{self.metadata}</metadata>" if self.metadata else ""
        return f"<record>{self.header}{metadata}</record>"


def dublin_core(title: str, *further: str) -> str:
    """Metadata of the format oai_dc; `further` are elements such as `<dc:identifier>…</dc:identifier>`."""
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>Holm, Ada</dc:creator>'
        f"<dc:date>2024</dc:date><dc:type>Dataset</dc:type>{''.join(further)}</oai_dc:dc>"
    )


def numbered(number: int, datestamp: str = "", title: str = "", *further: str) -> Record:
    """Item `oai:small:<number>`, a day later than the one before it."""
    day = datestamp or f"2024-01-{number:02}T00:00:00Z"
    return Record(f"oai:small:{number}", day, dublin_core(title or f"Document {number}", *further))


@dataclass(slots=True)
class SmallProvider:
    """Started on entry, stopped on exit. Whoever asks gets `disturb`'s answer first, if it has any.

    Tokens are `<offset>|<from>[|<until>]`, of which those in `forgotten` (by offset) are refused.
    """

    records: list[Record] = field(default_factory=list)
    page: int = 2
    granularity: str = SECONDS
    responded: str = "2024-06-01T00:00:00Z"
    forgotten: set[int] = field(default_factory=set)
    disturb: Callable[[Arguments], Answer | None] = lambda _arguments: None
    requests: list[Arguments] = field(default_factory=list)
    path: str = "/oai"
    address: str = "127.0.0.1"
    _server: ThreadingHTTPServer | None = None
    _running: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else a body waits 40 ms for the acknowledgement of its head

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                arguments = dict(parse_qsl(parts.query))
                if parts.path == provider.path:
                    provider.requests.append(arguments)
                    answer = provider.disturb(arguments) or Answer(provider.answer(arguments).encode())
                else:
                    answer = Answer(status=404)
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut])
                self.close_connection = answer.cut is not None

            def log_message(self, *_parts: object) -> None:
                pass

        self._server = self._running.enter_context(listening(Handler, self.address))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://{self.address}:{self._server.server_port}{self.path}"

    def asked(self, verb: str = "ListRecords") -> list[Arguments]:
        """Arguments of all requests of a verb, without it."""
        return [
            {name: value for name, value in arguments.items() if name != "verb"}
            for arguments in self.requests
            if arguments.get("verb") == verb
        ]

    def answer(self, arguments: Arguments) -> str:
        verb = arguments.get("verb", "")
        if verb == "Identify":
            inner = f"<Identify><granularity>{self.granularity}</granularity></Identify>"
        elif verb == "GetRecord":
            found = [record for record in self.records if record.identifier == arguments["identifier"]]
            inner = f"<GetRecord>{found[0].whole}</GetRecord>" if found else self.error("idDoesNotExist")
        elif arguments.get("metadataPrefix", "oai_dc") != "oai_dc":
            inner = self.error("cannotDisseminateFormat")
        else:
            inner = self._list(verb, arguments)
        return self.response(inner, arguments)

    def error(self, code: str) -> str:
        return f'<error code="{code}">no</error>'

    def response(self, inner: str, arguments: Arguments) -> str:
        prefix = ' metadataPrefix="oai_dc"' if "error" not in inner[:6] else ""
        return _OPEN.format(responded=self.responded, attributes=prefix, url=self.url) + inner + "</OAI-PMH>"

    def _list(self, verb: str, arguments: Arguments) -> str:
        fresh = f"0|{arguments.get('from', '')}|{arguments.get('until', '')}"
        offset, begin, until = (arguments.get("resumptionToken", fresh) + "||").split("|")[:3]
        wanted = [
            record
            for record in self.records
            if record.datestamp >= begin and record.datestamp[: len(until)] <= (until or "9999")
        ]
        first = int(offset)
        if first in self.forgotten:
            return self.error("badResumptionToken")
        if not wanted:
            return self.error("noRecordsMatch")
        shown = wanted[first : first + self.page]
        parts = [record.whole if verb == "ListRecords" else record.header for record in shown]
        if len(wanted) > first + self.page:
            parts.append(
                f"<resumptionToken>{first + self.page}|{begin}{f'|{until}' if until else ''}</resumptionToken>"
            )
        elif first:
            parts.append("<resumptionToken/>")
        return f"<{verb}>{''.join(parts)}</{verb}>"
