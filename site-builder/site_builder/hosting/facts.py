"""What a web server must know to answer from the frozen files as the service would: which paths are files, of which
media type, with which headers. The writers beside this module say it in the words of each kind of host.

All of it goes by the form of an address; nothing is said of a single record. Regular expressions are of the kind that
PCRE, RE2 and JavaScript read alike.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from repository.api.context import SESSION_COOKIE
from repository.api.policy import CLOSED_TO_OTHERS, NOTHING_RUNS, READABLE, Policy
from repository.formats import FORMATS, Format
from repository.formats.signposts import HTML as HTML_TYPE
from repository.formats.signposts import LINK_FORMAT, bare
from repository.ld.negotiation import HTML, Plain, choose
from repository.records.identifiers import landing_path
from repository.settings import Settings
from site_builder.freezer import PAGE, TIMEMAP, TOMBSTONE
from site_builder.rendering import PAGE_POLICY, PERSONAL_ARGUMENTS, PUBLIC
from site_builder.views import catalog, feed, interfaces, stream
from site_builder.views.resource_sets import SOURCE
from site_builder.views.standing import FOR_EVER, SCHEMAS

SUFFIXES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css",
    "js": "text/javascript",
    "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "ico": "image/vnd.microsoft.icon",
    "webmanifest": "application/manifest+json",
    "ttl": catalog.TURTLE,
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "json": "application/json",
    "xml": "application/xml",
    "bib": "application/x-bibtex",
}
"""Media types of files by the ends of their names, as the service declares them."""
COMPRESSED = ("br", "gz")
"""Ends of the names of what lies compressed beside a file, the smaller one first."""
COMPRESSIBLE = (
    *("text/plain", "text/css", "text/javascript", "text/turtle", "image/svg+xml", "application/xml"),
    *("application/atom+xml", "application/rdf+xml", "application/n-triples", "application/json"),
    *("application/ld+json", "application/linkset+json", "application/link-format", "application/schema+json"),
    *("application/vnd.datacite.datacite+xml", "application/x-bibtex", "application/manifest+json"),
    "application/opensearchdescription+xml",
)
"""Media types, beside HTML, of what is text."""
FROZEN = tuple(form for form in FORMATS if form.frozen)
LIVE = ("/api", "/oai", "/oai2d", "/sparql", "/login", "/logout", "/search/results")
"""Beginnings of paths that are never files."""
PERSONAL = rf"(^|&)({'|'.join(PERSONAL_ARGUMENTS)})(=|&|$)"
"""A query that has an argument by which the answer depends on who asks."""
SESSION = rf"(^|; *){SESSION_COOKIE}="
"""A `Cookie` that has a session."""
_SIGNED = r"(;q=[01](\.[0-9]+)?)?(;v=b3)?(;q=[01](\.[0-9]+)?)?"
_BESIDE = (
    r"application/xhtml\+xml",
    r"application/signed-exchange;v=b3",
    r"image/[a-z0-9.+*-]+",
    r"\*/\*",
    r"application/xml;q=0\.[0-9]+",
)
WANTS_PAGE = rf"^(\*/\*|text/html(, ?({'|'.join(_BESIDE)}){_SIGNED})*)?$"
"""An `Accept` as browsers and crawlers send it, or none: it wants the page. Others are weighed by the service."""
_NEGOTIATED_VARY = "Accept, Accept-Profile, Cookie, Authorization"
_BARE = ("records/[^/]+", "about/[^/]+", "search", "deposit", "styleguide", "vocabularies/.*[^/]")
"""Pages whose addresses do not end with a slash, from the root of a language; `site_builder.pages` has them all."""
_PLAIN_VARY = "Cookie, Authorization"
_LANDING = landing_path("{record}")


class Rule(NamedTuple):
    """What holds of files whose path from the root matches, the first that matches."""

    path: str
    """A regular expression; it is found anywhere unless it has `^` and `$`."""
    value: str
    """Empty: nothing is sent. `{record}`: the record's id, `{path}`: the path itself."""


@dataclass(frozen=True, slots=True)
class Header:
    """A field of the answer with a file."""

    name: str
    rules: tuple[Rule, ...]
    otherwise: str = ""
    """Where no rule matches; empty: nothing is sent."""

    @property
    def key(self) -> str:
        """As part of the name of a variable."""
        return self.name.lower().replace("-", "_")

    def set_in_turn(self) -> list[tuple[str, str, str]]:
        """For servers where the last one that sets a field decides: expression (empty: every file), expression of files
        that are spared (empty: none), value."""
        found: list[tuple[str, str, str]] = []
        spared = ""
        for path, value in (*self.rules, Rule("", self.otherwise)):
            if value:
                found.insert(0, (path, spared, value))
            else:
                spared += f"{'|' if spared else ''}{path}"
        return found

    def of(self, path: str, record: str) -> str:
        """The value for one file."""
        found = (rule.value for rule in self.rules if re.search(rule.path, path))
        return filled(next(found, self.otherwise), record, path)


def filled(value: str, record: str, path: str) -> str:
    return value.replace("{record}", record).replace("{path}", path)


@dataclass(frozen=True)
class Facts:
    """Of one instance."""

    url: str
    """`site.url`."""
    root: str
    """The folder that is served."""
    service: str
    """Host and port of `colophon serve`."""
    languages: tuple[str, ...]
    """Those whose pages lie below a folder of their name."""
    always: tuple[tuple[str, str], ...]
    """Headers of every answer."""

    @classmethod
    def of(cls, settings: Settings) -> "Facts":
        policy = [pair for pair in Policy.of(settings).headers if pair[0] != "Content-Security-Policy"]
        service = f"{settings.serve_host}:{settings.serve_port}"
        root = str(settings.site_output / "current")
        return cls(settings.site_url, root, service, settings.site_languages[1:], tuple(policy))

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    @property
    def language(self) -> str:
        """The beginning of paths of pages: nothing, or a language."""
        return f"(?:/(?:{'|'.join(self.languages)}))?" if self.languages else ""

    @property
    def landing(self) -> str:
        """Addresses of landing pages."""
        return f"^{self.language}/records/[^/]+$"

    @property
    def negotiated(self) -> str:
        """Addresses of landing pages that are formats as well, by `Accept`: those of the first language."""
        return "^/records/[^/]+$"

    @property
    def bare(self) -> str:
        """Addresses of pages that do not end with a slash; their file is `index.html` in a folder of that name."""
        return f"^{self.language}/(?:{'|'.join(_BARE)})$"

    @property
    def folder(self) -> str:
        """Addresses of pages that do; the first group is what stands before `index.html`."""
        return "^(/(?:.*/)?)$"

    @property
    def document(self) -> str:
        """Addresses that are names of files."""
        odd = "|".join(_text(path) for path in sorted(interfaces.WITHOUT_SUFFIX))
        return rf"^(?:/.*\.(?:{'|'.join(SUFFIXES)})|{odd}|/records/[^/]+/{TIMEMAP})$"

    @property
    def hidden(self) -> str:
        """What looks like the address of a file and is none."""
        names = f"{_text(PAGE)}|{_text(TOMBSTONE)}"
        return rf"(?:/(?:{names})|^{self.language}/(?:{'|'.join(_BARE)})/)$"

    @property
    def record(self) -> str:
        """Paths below a record; the first group is its id."""
        return f"^{self.language}/records/([^/]+)(?:/|$)"

    @cached_property
    def types(self) -> tuple[Rule, ...]:
        """Media types of files whose name does not end as SUFFIXES says."""
        named = [
            Rule(rf"^/records/[^/]+/{_text(form.file_name)}$", form.media_type)
            for form in FROZEN
            if SUFFIXES.get(form.file_name.rpartition(".")[2]) != form.media_type
        ]
        schemas = "|".join(_text(name) for name in SCHEMAS if name.endswith(".json"))
        return (
            *named,
            Rule(f"^/records/[^/]+/{TIMEMAP}$", LINK_FORMAT),
            Rule(f"^/schemas/(?:{schemas})$", "application/schema+json"),
            Rule(rf"^(?:{stream.ROOT}|{_text(interfaces.VOID)})$", catalog.TURTLE),
            Rule(
                f"^{_text(interfaces.API_CATALOG)}$",
                f'{interfaces.LINKSET}; profile="https://www.rfc-editor.org/info/rfc9727"',
            ),
            Rule(f"^{_text(SOURCE)}$", "application/xml"),
            Rule(rf"^(?:{_text(feed.PATH)}|/feeds/[^/]+\.xml)$", "application/atom+xml"),
            Rule(f"^{_text(interfaces.OPENSEARCH)}$", "application/opensearchdescription+xml"),
        )

    def media_type(self, path: str) -> str:
        found = (rule.value for rule in self.types if re.search(rule.path, path))
        return next(found, "") or SUFFIXES.get(path.rpartition(".")[2], "application/octet-stream")

    @cached_property
    def headers(self) -> tuple[Header, ...]:
        """All that differ from file to file, but for the media type."""
        formats = "|".join(_text(form.file_name) for form in FROZEN)
        page, files = rf"^{self.language}/records/[^/]+/index\.html$", rf"^/records/[^/]+/(?:{formats})$"
        closed = Rule(f"^(?:{'|'.join(CLOSED_TO_OTHERS)})", "")
        concept = rf"^{self.language}/vocabularies/"
        vary = (
            Rule("^/static/", ""),
            Rule(page, _NEGOTIATED_VARY),
            Rule(files, _NEGOTIATED_VARY),
            Rule(rf"{concept}index\.html$", _PLAIN_VARY),
            Rule(concept, "Accept, Cookie, Authorization"),
        )
        located = (Rule(files, "{path}"), Rule(r"^/vocabularies/[^:?%]*\.(?:ttl|jsonld|rdf|nt)$", "{path}"))
        return (
            Header("Content-Security-Policy", (Rule(r"\.html$", PAGE_POLICY),), NOTHING_RUNS),
            Header("Cache-Control", (Rule("^/static/", FOR_EVER),), PUBLIC),
            Header("Vary", vary, _PLAIN_VARY),
            *(Header(name, (closed,), value) for name, value in READABLE),
            Header("Content-Location", located, ""),
            Header(
                "Content-Disposition", tuple(_of(form, f"inline; filename={form.file_name}") for form in FROZEN), ""
            ),
            Header(
                "Content-Profile", tuple(_of(form, f"<{form.profiles[0]}>") for form in FROZEN if form.profiles), ""
            ),
            Header("Link", (Rule(page, self._signposts()), *self._describing()), ""),
        )

    def _signposts(self) -> str:
        """Those that are the same for all records but for the id; as `formats.signposts` writes them."""
        ways = sorted(FORMATS, key=lambda form: form.relation != "linkset")
        links = [
            f'<{self.url}{_LANDING}/{form.file_name}>; rel="{form.relation}"; type="{bare(form.media_type)}"'
            for form in ways
            if form.frozen or form.relation == "linkset"
        ]
        return ", ".join((*links, '<https://schema.org/AboutPage>; rel="type"'))

    def _describing(self) -> tuple[Rule, ...]:
        described = f'<{self.url}{_LANDING}>; rel="describes"; type="{HTML_TYPE}"'
        catalogue = f'<{self.url}{interfaces.API_CATALOG}>; rel="api-catalog"'
        names = "|".join(_text(form.file_name) for form in FROZEN if form.relation == "describedby")
        return (
            Rule(f"^/records/[^/]+/(?:{names})$", described),
            Rule(f"^{_text(interfaces.API_CATALOG)}$", catalogue),
        )

    @cached_property
    def wishes(self) -> dict[str, str]:
        """Of a landing page: what an `Accept` of one plain media type gets from a file, by its name."""
        offers: tuple[Plain | Format, ...] = (HTML, *FORMATS)
        return {
            wish: form.file_name
            for form in FROZEN
            for wish in (form.media_type, *form.accept)
            if ";" not in wish and wish not in form.echoed and choose(wish, offers) is form
        }

    def sent(self, path: str) -> dict[str, str]:
        """All headers of the answer with one file, `Content-Type` among them."""
        match = re.search(self.record, path)
        record = match[1] if match else ""
        found = {header.name: header.of(path, record) for header in self.headers}
        return {"Content-Type": self.media_type(path), **dict(self.always), **{k: v for k, v in found.items() if v}}


def _text(text: str) -> str:
    """As it stands, in a regular expression."""
    return re.escape(text).replace(r"\-", "-")


def _of(form: Format, value: str) -> Rule:
    return Rule(rf"^/records/[^/]+/{_text(form.file_name)}$", value)
