"""Settings: one frozen dataclass of typed values, read once from `colophon.toml` and the environment.

`COLOPHON_<SETTING>` overrides a setting of the file (`site.output` → `COLOPHON_SITE_OUTPUT`). A wrong value names
itself, where it was found, and what is allowed. docs/settings.md lists them all.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from repository.errors import WrongSetting
from repository.secret import old_secrets, read_secret

FILE_NAME = "colophon.toml"


@dataclass(frozen=True, slots=True)
class Site:
    """What formats must know of the instance they write for."""

    url: str
    """Absolute, without a trailing slash."""
    name: str
    oai_domain: str
    metadata_licence: str = ""
    """URL of the licence under which metadata are given out; empty where that is not said."""


class Limit(NamedTuple):
    """Requests that somebody may send in a minute and in an hour; 0 is any number."""

    minute: int
    hour: int


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of an instance, checked. Sizes are in bytes, times in seconds."""

    home: Path
    site_url: str
    site_hosts: tuple[str, ...]
    site_name: str
    site_output: Path
    site_languages: tuple[str, ...]
    site_processes: int
    site_metadata_licence: str
    database: str
    objects: str
    search: str
    graph: str
    secret: str
    oai_domain: str
    oai_admin_email: str
    oai_page_size: int
    oai_friends: tuple[str, ...]
    oai_icon: str
    oai_old_secrets: tuple[str, ...]
    doi_prefix: str
    api_max_json: int
    api_origins: tuple[str, ...]
    files_max_count: int
    files_max_request: int
    files_max_size: int
    files_max_total: int
    files_redirect: bool
    files_check_days: int
    files_check_rate: int
    limits_guest: Limit
    limits_account: Limit
    limits_login: Limit
    limits_login_account: Limit
    serve_host: str
    serve_port: int
    serve_workers: int
    serve_threads: int
    serve_proxies: int
    metrics_public: bool
    sparql_workers: int
    sparql_timeout: float
    sparql_memory: int
    custom_fields: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def site(self) -> Site:
        return Site(self.site_url, self.site_name, self.oai_domain, self.site_metadata_licence)


class _Wrong(ValueError):
    """What is allowed; the reader adds which setting it is and where it was found."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("a text")
    return value


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        try:
            if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
                raise ValueError
            number = int(value)
        except (TypeError, ValueError) as error:
            raise _Wrong(f"a whole number from {low} to {high}") from error
        if not low <= number <= high:
            raise _Wrong(f"a whole number from {low} to {high}")
        return number

    return parse


def _truth(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise _Wrong("true or false")
    return str(value).lower() == "true"


def _seconds(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise _Wrong("a number of seconds above 0") from error
    if not 0 < number < 1e6:
        raise _Wrong("a number of seconds above 0")
    return number


def _url(*schemes: str) -> Callable[[Any], str]:
    allowed = "a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes)

    def parse(value: Any) -> str:
        text = _text(value).rstrip("/") if "http" in schemes else _text(value)
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise _Wrong(allowed) from error
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise _Wrong(allowed)
        return text

    return parse


def _address(value: Any) -> str:
    """A web address as it is written, or nothing."""
    if value != "" and not re.fullmatch(r"https?://[^/\s\"<>]+[^\s\"<>]*", _text(value)):
        raise _Wrong("a URL that starts with http:// or https://, or nothing")
    return _text(value)


def _addresses(value: Any) -> tuple[str, ...]:
    return tuple(_address(part) for part in _list(value))


def _doi_prefix(value: Any) -> str:
    if value != "" and not re.fullmatch(r"10\.\d{4,9}(\.\d+)*", _text(value)):
        raise _Wrong("a DOI prefix such as 10.5072, or nothing")
    return _text(value)


def _domain(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)*|[0-9.]+", _text(value)):
        raise _Wrong("a domain name such as repository.example.org")
    return _text(value)


def _email(value: Any) -> str:
    if not re.fullmatch(r"\S+@\S+", _text(value)):
        raise _Wrong("an e-mail address")
    return _text(value)


def _list(value: Any) -> tuple[str, ...]:
    """A list of the file, or the words of a variable with commas between them."""
    return tuple(part.strip() for part in (value.split(",") if isinstance(value, str) else value) if part.strip())


def _hosts(value: Any) -> tuple[str, ...]:
    given = _list(value)
    if any(not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", host) for host in given):
        raise _Wrong(
            "a list of host names and addresses without ports, such as repository.example.org, 10.0.0.7, [::1]"
        )
    return given


def _origins(value: Any) -> tuple[str, ...]:
    given = _list(value)
    if any(origin != "*" and not re.fullmatch(r"https?://[^/\s*]+", origin) for origin in given):
        raise _Wrong("a list of origins such as https://app.example.org, or *")
    return given


def _languages(value: Any) -> tuple[str, ...]:
    given = tuple(value.split(",")) if isinstance(value, str) else tuple(value)
    if not given or any(language not in ("en", "cs") for language in given):
        raise _Wrong("a list of en and cs")
    return given


def _limit(value: Any) -> Limit:
    found = {"minute": 0, "hour": 0}
    for part in filter(None, (part.strip() for part in _text(value).split(","))):
        match = re.fullmatch(r"([1-9][0-9]{0,8})/(minute|hour)", part)
        if match is None or found[match[2]]:
            raise _Wrong("such as 500/minute, 5000/hour, or one of them, or nothing for no limit")
        found[match[2]] = int(match[1])
    return Limit(**found)


def _secret(value: Any) -> str:
    if len(_text(value)) < 32:
        raise _Wrong("a text of at least 32 characters")
    return _text(value)


def _secrets(value: Any) -> tuple[str, ...]:
    return tuple(_secret(part) for part in _list(value))


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
    _row("serve.host", "address to listen on", _text, "127.0.0.1"),
    _row("serve.port", "port to listen on", _whole(1, 65535), 5000),
    _row("serve.workers", "web worker processes", _whole(1, 64), 1),
    _row("serve.threads", "requests that one web worker answers at once", _whole(1, 512), 16),
    _row("serve.proxies", "proxies in front, each of which adds to `X-Forwarded-For`", _whole(0, 10), 0),
    Setting(
        "site.url",
        "public address of the instance, in all absolute links",
        _url("http", "https"),
        lambda _home, above: f"http://{above['serve.host']}:{above['serve.port']}",
        "from host and port",
    ),
    _row(
        "site.hosts",
        "what requests may name as their host beside that of `site.url`",
        _hosts,
        ("localhost", "127.0.0.1", "[::1]"),
    ),
    _row("site.name", "name of the repository", _text, "Colophon"),
    _row("site.languages", "languages of the pages, the first is the default: en, cs", _languages, ("en",)),
    Setting(
        "site.output",
        "folder of the frozen site",
        lambda value: Path(_text(value)).absolute() if not isinstance(value, Path) else value,
        lambda home, _above: home / "static-build",
        "`static-build` in the instance",
    ),
    _row("site.processes", "processes that render pages while the whole site is built", _whole(1, 64), 2),
    _row(
        "site.metadata_licence",
        "URL of the licence of all metadata, told to harvesters; empty to say nothing",
        _address,
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    Setting(
        "database",
        "`sqlite:///…` or `postgresql+psycopg://…`",
        _url("sqlite", "postgresql+psycopg"),
        lambda home, _above: f"sqlite:///{home / 'colophon.sqlite'}",
        "`colophon.sqlite` in the instance",
    ),
    Setting(
        "objects",
        "file bytes: `file:///…` or `s3://bucket?endpoint_url=…&region=…`",
        _url("file", "s3"),
        lambda home, _above: f"file://{home / 'objects'}",
        "`objects` in the instance",
    ),
    Setting(
        "search",
        "search index: `tantivy:///…`",
        _url("tantivy"),
        lambda home, _above: f"tantivy://{home / 'search'}",
        "`search` in the instance",
    ),
    Setting(
        "graph",
        "RDF store: `oxigraph:///…`",
        _url("oxigraph"),
        lambda home, _above: f"oxigraph://{home / 'graph'}",
        "`graph` in the instance",
    ),
    Setting(
        "secret",
        "signs OAI-PMH resumption tokens; made by `colophon init`, kept in the file `secret` of the instance",
        _secret,
        lambda home, _above: read_secret(home),
        "generated",
    ),
    Setting(
        "oai.domain",
        "namespace of the OAI identifiers `oai:<domain>:<id>`; never change it",
        _domain,
        lambda _home, above: urlsplit(above["site.url"]).hostname or "localhost",
        "host of `site.url`",
    ),
    Setting(
        "oai.admin_email",
        "address that OAI-PMH's Identify names",
        _email,
        lambda _home, above: f"admin@{above['oai.domain']}",
        "`admin@` the OAI domain",
    ),
    _row("oai.page_size", "records in one OAI-PMH response", _whole(1, 5000), 100),
    _row("oai.friends", "base URLs of other OAI-PMH providers that Identify recommends", _addresses, ()),
    _row("oai.icon", "URL of an image for the repository, in Identify", _address, ""),
    Setting(
        "oai.old_secrets",
        "earlier values of `secret`, with which resumption tokens may still be signed; `colophon secret rotate` keeps"
        " them in the file `secret.old` of the instance",
        _secrets,
        lambda home, _above: old_secrets(home),
        "from `secret.old`",
    ),
    _row("doi.prefix", "DOI prefix of the instance; without it no DOIs are made", _doi_prefix, ""),
    _row("api.max_json", "largest JSON body, bytes", _whole(1000, 10**9), 10_000_000),
    _row("api.origins", "other sites whose pages may use the API with a token (CORS); `*` is all", _origins, ()),
    _row("files.max_count", "files of one record", _whole(1, 10**6), 50_000),
    _row("files.max_request", "files named in one request", _whole(1, 10**4), 100),
    _row("files.max_size", "bytes of one file", _whole(1, 10**15), 50 * 10**9),
    _row("files.max_total", "bytes of all files of one record", _whole(1, 10**16), 200 * 10**9),
    _row(
        "files.redirect", "downloads are answered by a redirect to the bucket, where objects are in S3", _truth, "false"
    ),
    _row("files.check_days", "days after which bytes are read back and hashed again", _whole(1, 3650), 90),
    _row("files.check_rate", "bytes a second that the reader process reads back", _whole(10**4, 10**11), 20_000_000),
    _row("limits.guest", "API requests from one address without a token or session", _limit, "500/minute, 5000/hour"),
    _row("limits.account", "API requests of one account", _limit, "1000/minute, 25000/hour"),
    _row("limits.login", "attempts to sign in from one address", _limit, "10/minute"),
    _row("limits.login_account", "attempts from one address to sign in to one account", _limit, "30/hour"),
    _row("metrics.public", "whether everybody may read `/metrics`, not only admins", _truth, "false"),
    _row("sparql.workers", "SPARQL query processes", _whole(1, 32), 2),
    _row("sparql.timeout", "longest SPARQL query, seconds", _seconds, 10.0),
    _row("sparql.memory", "memory of one SPARQL query beyond the open store, bytes", _whole(2**24, 2**40), 2**29),
)

_NAMES = {setting.name: setting for setting in SETTINGS}


def home_folder() -> Path:
    """The instance's folder: `COLOPHON_HOME`, or `./instance`."""
    return Path(os.environ.get("COLOPHON_HOME", "instance")).absolute()


def load(
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Reads the settings of the instance in `home`.

    `overrides` (options of a command, tests) beat the environment, which beats the file. Raises WrongSetting.
    """
    home = home or home_folder()
    path = home / FILE_NAME
    in_file, custom_fields = _read_file(path)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        name = setting.name
        if overrides and name in overrides:
            value, source = overrides[name], "the command"
        elif setting.variable in environment:
            value, source = environment[setting.variable], f"the environment variable {setting.variable}"
        elif name in in_file:
            value, source = in_file[name], str(path)
        else:
            value, source = setting.default(home, values), "the default"
        try:
            values[name] = setting.parse(value)
        except _Wrong as error:
            raise WrongSetting(f"The setting {name} from {source} is {value!r}; it must be {error}.") from error
    attributes = {_NAMES[name].attribute: value for name, value in values.items()}
    return Settings(home=home, custom_fields=custom_fields, **attributes)


def _read_file(path: Path) -> tuple[dict[str, Any], tuple[Mapping[str, Any], ...]]:
    if not path.exists():
        return {}, ()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path} is not valid TOML: {error}.") from error
    custom_fields = tables.pop("custom_fields", [])
    if not isinstance(custom_fields, list) or not all(isinstance(entry, dict) for entry in custom_fields):
        raise WrongSetting(f"custom_fields from {path} must be a list of tables, [[custom_fields]].")
    found: dict[str, Any] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": inner_value for inner, inner_value in value.items()}
        else:
            found[name] = value
    unknown = sorted(set(found) - set(_NAMES))
    if unknown:
        raise WrongSetting(f"{path} has the unknown setting {unknown[0]}; there are: {', '.join(sorted(_NAMES))}.")
    return found, tuple(custom_fields)
