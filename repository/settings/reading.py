"""The settings of one instance, and how they are read from its file and the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repository.errors import WrongSetting
from repository.settings.table import SETTINGS
from repository.settings.values import Limit, Wrong

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
    site_compressed: bool
    site_metadata_licence: str
    site_description: str
    site_logo: str
    site_footer: str
    site_accent: str
    site_accent_dark: str
    security_contact: str
    security_expires: str
    site_deploy: str
    site_purge_webhook: str
    site_purge_secret: str
    database: str
    objects: str
    search: str
    graph: str
    secret: str
    oai_domain: str
    oai_admin_email: str
    oai_concurrency: int
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
    sentry_dsn: str
    sparql_workers: int
    sparql_timeout: float
    sparql_memory: int
    curation_hints: tuple[str, ...]
    custom_fields: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def site(self) -> Site:
        return Site(self.site_url, self.site_name, self.oai_domain, self.site_metadata_licence)

    @property
    def lent_threads(self) -> int:
        """How many of a web worker's threads one kind of long requests may hold: the others stay quick."""
        return max(1, self.serve_threads // 4)


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
        except Wrong as error:
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
