"""The table of all settings: a row has name, meaning, what is allowed, and the default. docs/settings.md shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from repository.settings import colours, values
from repository.settings.secret import old_secrets, read_secret


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings; `default` may depend on the home folder and on settings above it."""

    name: str
    meaning: str
    parse: Callable[[Any], Any]
    default: Callable[[Path, Mapping[str, Any]], Any]
    default_text: str

    @property
    def variable(self) -> str:
        return "COLOPHON_" + self.name.replace(".", "_").upper()

    @property
    def attribute(self) -> str:
        return self.name.replace(".", "_")


def _row(name: str, meaning: str, parse: Callable[[Any], Any], default: Any) -> Setting:
    text = ", ".join(default) if isinstance(default, tuple) else str(default)
    return Setting(name, meaning, parse, lambda _home, _above: default, text)


SETTINGS: tuple[Setting, ...] = (
    _row("serve.host", "address to listen on", values.text, "127.0.0.1"),
    _row("serve.port", "port to listen on", values.whole(1, 65535), 5000),
    _row("serve.workers", "web worker processes", values.whole(1, 64), 1),
    _row("serve.threads", "requests that one web worker answers at once", values.whole(1, 512), 16),
    _row("serve.proxies", "proxies in front, each of which adds to `X-Forwarded-For`", values.whole(0, 10), 0),
    Setting(
        "site.url",
        "public address of the instance, in all absolute links",
        values.url("http", "https"),
        lambda _home, above: f"http://{above['serve.host']}:{above['serve.port']}",
        "from host and port",
    ),
    _row(
        "site.hosts",
        "what requests may name as their host beside that of `site.url`",
        values.hosts,
        ("localhost", "127.0.0.1", "[::1]"),
    ),
    _row("site.name", "name of the repository", values.text, "Colophon"),
    _row("site.languages", "languages of the pages, the first is the default", values.languages, ("en",)),
    Setting(
        "site.output",
        "folder of the frozen site",
        lambda value: Path(values.text(value)).absolute() if not isinstance(value, Path) else value,
        lambda home, _above: home / "static-build",
        "`static-build` in the instance",
    ),
    _row("site.processes", "processes that render pages while the whole site is built", values.whole(1, 64), 2),
    _row("site.compressed", "makes `.gz` and `.br` beside the files of the frozen site", values.truth, "true"),
    _row(
        "site.metadata_licence",
        "URL of the licence of all metadata, told to harvesters; empty to say nothing",
        values.address,
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    _row("site.description", "what the repository is, in a sentence: on the home page", values.text, ""),
    _row("site.logo", "SVG or PNG file in the instance, shown before the name", values.image, ""),
    _row("site.footer", "text at the end of every page, or a Markdown file in the instance, `….md`", values.text, ""),
    _row("site.accent", "colour of links and buttons on light pages", colours.colour(colours.LIGHT), "#1f4b73"),
    Setting(
        "site.accent_dark",
        "the same on dark pages",
        colours.colour(colours.DARK),
        lambda _home, above: colours.on_dark(above["site.accent"]),
        "made from `site.accent`",
    ),
    _row(
        "security.contact",
        "e-mail or web address that `security.txt` names; without it there is none",
        values.contact,
        "",
    ),
    _row(
        "security.expires",
        "day from which `security.txt` is out of date, at most a year ahead: 2027-12-31",
        values.day,
        "",
    ),
    _row(
        "site.deploy",
        "where the site is deployed to: `file:///…`, or `s3://bucket/path?endpoint_url=…&region=…&encoding=gzip`",
        values.optional(values.url("file", "s3")),
        "",
    ),
    _row("site.purge_webhook", "URL that is told which addresses have changed", values.webhook, ""),
    _row("site.purge_secret", "signs what the webhook gets", values.optional(values.secret), ""),
    Setting(
        "database",
        "`sqlite:///…` or `postgresql+psycopg://…`",
        values.url("sqlite", "postgresql+psycopg"),
        lambda home, _above: f"sqlite:///{home / 'colophon.sqlite'}",
        "`colophon.sqlite` in the instance",
    ),
    Setting(
        "objects",
        "file bytes: `file:///…` or `s3://bucket?endpoint_url=…&region=…`",
        values.url("file", "s3"),
        lambda home, _above: f"file://{home / 'objects'}",
        "`objects` in the instance",
    ),
    Setting(
        "search",
        "search index: `tantivy:///…`, or `opensearch://host:9200/prefix` or `opensearch+https://…` of a cluster",
        values.url("tantivy", "opensearch", "opensearch+https"),
        lambda home, _above: f"tantivy://{home / 'search'}",
        "`search` in the instance",
    ),
    Setting(
        "graph",
        "RDF store: `oxigraph:///…`, or `sparql+http://host/dataset` or `sparql+https://…` of a server",
        values.url("oxigraph", "sparql+http", "sparql+https"),
        lambda home, _above: f"oxigraph://{home / 'graph'}",
        "`graph` in the instance",
    ),
    Setting(
        "secret",
        "signs OAI-PMH resumption tokens; made by `colophon init`, kept in the file `secret` of the instance",
        values.secret,
        lambda home, _above: read_secret(home),
        "generated",
    ),
    Setting(
        "oai.domain",
        "namespace of the OAI identifiers `oai:<domain>:<id>`; never change it",
        values.domain,
        lambda _home, above: urlsplit(above["site.url"]).hostname or "localhost",
        "host of `site.url`",
    ),
    Setting(
        "oai.admin_email",
        "address that OAI-PMH's Identify names",
        values.email,
        lambda _home, above: f"admin@{above['oai.domain']}",
        "`admin@` the OAI domain",
    ),
    _row("oai.page_size", "records in one OAI-PMH response, at most", values.whole(1, 5000), 250),
    Setting(
        "oai.concurrency",
        "harvest requests that one web worker answers at once; others get 503 and are told to come again",
        values.whole(1, 512),
        lambda _home, above: max(2, above["serve.threads"] // 2),
        "half of `serve.threads`, at least 2",
    ),
    _row("oai.friends", "base URLs of other OAI-PMH providers that Identify recommends", values.addresses, ()),
    _row("oai.icon", "URL of an image for the repository, in Identify", values.address, ""),
    Setting(
        "oai.old_secrets",
        "earlier values of `secret`, with which resumption tokens may still be signed",
        values.secrets,
        lambda home, _above: old_secrets(home),
        "from `secret.old`",
    ),
    _row("doi.prefix", "DOI prefix of the instance; without it no DOIs are made", values.doi_prefix, ""),
    _row("api.max_json", "largest JSON body, bytes", values.whole(1000, 10**9), 10_000_000),
    _row("api.origins", "other sites whose pages may use the API with a token (CORS); `*` is all", values.origins, ()),
    _row("files.max_count", "files of one record", values.whole(1, 10**6), 50_000),
    _row("files.max_request", "files named in one request", values.whole(1, 10**4), 100),
    _row("files.max_size", "bytes of one file", values.whole(1, 10**15), 50 * 10**9),
    _row("files.max_total", "bytes of all files of one record", values.whole(1, 10**16), 200 * 10**9),
    _row(
        "files.redirect",
        "downloads are answered by a redirect to the bucket, where objects are in S3",
        values.truth,
        "false",
    ),
    _row("files.check_days", "days after which bytes are read back and hashed again", values.whole(1, 3650), 90),
    _row(
        "files.check_rate", "bytes a second that the reader process reads back", values.whole(10**4, 10**11), 20_000_000
    ),
    _row("curation.hints", "formats whose needs the `errors` of drafts name as hints: ccmm-xml", values.hints, ()),
    _row(
        "limits.guest",
        "API requests from one address without a token or session",
        values.limit,
        "500/minute, 5000/hour",
    ),
    _row("limits.account", "API requests of one account", values.limit, "1000/minute, 25000/hour"),
    _row("limits.login", "attempts to sign in from one address", values.limit, "10/minute"),
    _row("limits.login_account", "attempts from one address to sign in to one account", values.limit, "30/hour"),
    _row("metrics.public", "whether everybody may read `/metrics`, not only admins", values.truth, "false"),
    _row(
        "sentry.dsn",
        "where unexpected errors are reported to, a DSN of Sentry; empty to report none",
        values.address,
        "",
    ),
    _row("sparql.workers", "SPARQL query processes", values.whole(1, 32), 2),
    _row("sparql.timeout", "longest SPARQL query, seconds", values.seconds, 10.0),
    _row("sparql.memory", "memory of one SPARQL query beyond the open store, bytes", values.whole(2**24, 2**40), 2**29),
)
