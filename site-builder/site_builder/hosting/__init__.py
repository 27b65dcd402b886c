"""Rules for hosts of the frozen site, made from one table of facts. HOSTS: every kind of host, one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repository.settings import Settings
from site_builder.hosting import apache, caddy, cloudfront, netlify, nginx
from site_builder.hosting.facts import Facts


@dataclass(frozen=True, slots=True)
class Host:
    """A kind of host, or one of its files of rules."""

    name: str
    path: str
    """Of the file, in the folder of rules."""
    write: Callable[[Facts], str]


HOSTS: tuple[Host, ...] = (
    Host("nginx", "nginx.conf", nginx.write),
    Host("caddy", "Caddyfile", caddy.write),
    Host("apache", "apache.conf", apache.write),
    Host("netlify", "netlify/_headers", netlify.write_headers),
    Host("netlify-redirects", "netlify/_redirects", netlify.write_redirects),
    Host("cloudflare", "cloudflare/_headers", netlify.write_headers_with_records),
    Host("cloudfront", "cloudfront.js", cloudfront.write),
)
BY_NAME = {host.name: host for host in HOSTS}
FOLDER = "hosting"
"""Beside the generations, so that a web server does not serve it."""


def rules(settings: Settings, name: str) -> str:
    """The rules for the kind of host of this name. Raises KeyError."""
    return BY_NAME[name].write(Facts.of(settings))


def in_root(settings: Settings, name: str) -> dict[str, bytes]:
    """The files of a host that reads its rules from the root of what is published, by their names."""
    facts = Facts.of(settings)
    wanted = [host for host in HOSTS if host.path.startswith(f"{name}/")]
    return {host.path.rpartition("/")[2]: host.write(facts).encode() for host in wanted}


def write_rules(settings: Settings) -> None:
    """Writes all of them to the folder in `site.output`; a file whose rules are the same stays as it is."""
    facts = Facts.of(settings)
    for host in HOSTS:
        path, text = settings.site_output / FOLDER / host.path, host.write(facts)
        if not _has(path, text):
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)


def _has(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (FileNotFoundError, UnicodeDecodeError):
        return False


__all__ = ["BY_NAME", "HOSTS", "Facts", "Host", "in_root", "rules", "write_rules"]
