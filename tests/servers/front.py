"""nginx and Caddy from the distribution, with the configurations that the project ships, in front of a service."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.postgres import free_port

DEPLOYMENT = Path(__file__).resolve().parents[2] / "docs" / "deployment"
START_SECONDS = 30.0
_NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/colophon.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Front:
    """A web server that is running."""

    name: str
    port: int
    folder: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))


@contextlib.contextmanager
def fronting(name: str, frozen: Path, service: int) -> Iterator[Front]:
    """`nginx` or `caddy` before the service at a port; `frozen` is the folder `current` of the site."""
    with tempfile.TemporaryDirectory(prefix=f"colophon-{name}-") as made:
        front = Front(name, free_port(), Path(made))
        start = nginx if name == "nginx" else caddy
        command, environment = start(front, frozen, service)
        with (front.folder / "output.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})
        try:
            _wait(front, process)
            yield front
        finally:
            process.terminate()
            process.wait(30)


def nginx(front: Front, frozen: Path, service: int) -> tuple[list[str], dict[str, str]]:
    """Its command, after its files have been written: what the operator is to change is changed, and nothing else."""
    configuration = (DEPLOYMENT / "nginx.conf").read_text(encoding="utf-8")
    for given, own in (
        ("server 127.0.0.1:5000;", f"server 127.0.0.1:{service};"),
        ("listen 80;", f"listen 127.0.0.1:{front.port};"),
        ("server_name repository.example.org;", "server_name 127.0.0.1 localhost;"),
        ("<https://repository.example.org/", f"<{front.base}/"),
        ("root /srv/colophon/static-build/current;", f"root {frozen};"),
    ):
        assert configuration.count(given) == 1, given
        configuration = configuration.replace(given, own)
    (front.folder / "colophon.conf").write_text(configuration, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # folders of tests are closed to others
    (front.folder / "nginx.conf").write_text(_NGINX.format(folder=front.folder, user=user), encoding="utf-8")
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
    return ["nginx", "-p", str(front.folder), "-c", str(front.folder / "nginx.conf"), "-g", "daemon off;"], {
        "PATH": path
    }


def caddy(front: Front, frozen: Path, service: int) -> tuple[list[str], dict[str, str]]:
    """Its command and the variables that its configuration names."""
    variables = {
        "COLOPHON_ADDRESS": front.base,
        "COLOPHON_FROZEN": str(frozen),
        "COLOPHON_SERVICE": f"127.0.0.1:{service}",
        "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "XDG_DATA_HOME": str(front.folder),
        "XDG_CONFIG_HOME": str(front.folder),
    }
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(DEPLOYMENT / "Caddyfile")], variables


def _wait(front: Front, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(front.base, timeout=5)
            return
        assert process.poll() is None, f"{front.name} ended:\n{front.log()}"
        assert time.monotonic() < deadline, f"{front.name} does not answer:\n{front.log()}"
        time.sleep(0.05)
