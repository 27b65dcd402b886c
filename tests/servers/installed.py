"""Servers and tools that the tests of mark `service` need from the distribution: what is missing is installed, or told.

`python -m tests.servers.installed` is the first thing that `make test` does. Root installs what is missing. Anybody
else is told the command, and the tests of that server are left out and listed; under CI=true both are an error.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.servers import fuseki, opensearch
from tests.servers.maven import Artifact


@dataclass(frozen=True, slots=True)
class Server:
    """A server or tool of the tests: programs that it consists of, and the Debian packages that hold them."""

    name: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]

    libraries: tuple[str, ...] = ()
    """Modules of Perl that it consists of."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Its programs that are not on this machine; some lie where only root looks."""
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
        programs = tuple(program for program in self.programs if shutil.which(program, path=path) is None)
        return programs or tuple(library for library in self.libraries if not _perl_has(library))

    @property
    def command(self) -> str:
        return f"apt-get install --no-install-recommends {' '.join(self.packages)}"

    @property
    def installable(self) -> bool:
        return os.getuid() == 0 and shutil.which("apt-get") is not None

    def install(self) -> None:
        """As root. Raises CalledProcessError if apt-get fails."""
        # RUNLEVEL: what is installed is not started, where there is no systemd either
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        for command in (("apt-get", "-qq", "update"), ("apt-get", "-qq", "-y", *self.command.split()[1:])):
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, timeout=900)


@dataclass(frozen=True, slots=True)
class Download:
    """A server that comes from Maven Central, and for which nobody needs to be root."""

    name: str
    artifact: Artifact
    command: str = "python -m tests.servers.installed"
    installable: bool = True

    @property
    def missing(self) -> tuple[str, ...]:
        return () if self.artifact.path.exists() else (str(self.artifact.path),)

    def install(self) -> None:
        self.artifact.download()


CEPH = Server(
    "Ceph",
    ("ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"),
    ("ceph-mon", "ceph-mgr", "ceph-osd", "radosgw"),
)
STRACE = Server("strace", ("strace",), ("strace",))
FAKETIME = Server("faketime", ("faketime",), ("faketime",))
HTTP_OAI = Server("HTTP::OAI", ("perl",), ("libhttp-oai-perl",), ("HTTP::OAI",))
EXT4 = Server("ext4", ("mkfs.ext4",), ("e2fsprogs",))
SYSTEMD = Server("systemd", ("systemd-analyze",), ("systemd",))
NGINX = Server("nginx", ("nginx",), ("nginx",))
CADDY = Server("Caddy", ("caddy",), ("caddy",))
APACHE = Server("Apache", ("apache2",), ("apache2",))
CHROMIUM = Server("Chromium", ("chromium",), ("chromium", "fonts-dejavu-core", "fonts-liberation"))
FUSEKI = Download("Fuseki", fuseki.JAR)
OPENSEARCH = Download("OpenSearch", opensearch.ZIP)
SERVERS: tuple[Server | Download, ...] = (
    CEPH, STRACE, FAKETIME, EXT4, HTTP_OAI, SYSTEMD, NGINX, CADDY, APACHE, CHROMIUM, FUSEKI, OPENSEARCH,
)  # fmt: skip


def _perl_has(library: str) -> bool:
    return subprocess.run(["perl", f"-M{library}", "-e1"], capture_output=True, check=False).returncode == 0


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


def require(server: Server | Download) -> None:
    """Leaves the test out that asks, with the command that would mend it, where it is not installed."""
    if server.missing:
        leave_out(f"{server.name} is not installed (no {server.missing[0]}); {_who(server)}{server.command}")


def _who(server: Server | Download) -> str:
    return "as root: " if isinstance(server, Server) else ""


def leave_out(message: str) -> None:
    """Skips the test that asks; fails it where CI=true."""
    if in_ci():
        pytest.fail(message)
    pytest.skip(message)


def main() -> int:
    """Exit code 0 if the tests may run, 1 if a server that CI needs is missing."""
    failed = False
    for server in SERVERS:
        if not server.missing:
            continue
        if server.installable:
            print(f"== {server.name}: {server.command}")
            try:
                server.install()
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError, ValueError) as error:
                print(f"{server.name} could not be installed: {error}", file=sys.stderr)
        if server.missing:
            failed = True
            told = f"{_who(server)}{server.command}"
            print(f"{server.name} is missing: its tests are left out. {told[0].upper() + told[1:]}", file=sys.stderr)
    return 1 if failed and in_ci() else 0


if __name__ == "__main__":
    sys.exit(main())
