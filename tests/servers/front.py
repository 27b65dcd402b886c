"""nginx, Caddy and Apache from the distribution, with the rules that the site builder makes, in front of a service."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from repository.settings import Settings
from site_builder.hosting import rules
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

APACHE_MODULES = Path("/usr/lib/apache2/modules")
_APACHE = (
    "mpm_event", "authz_core", "mime", "dir", "rewrite", "headers", "filter", "deflate", "proxy", "proxy_http",
)  # fmt: skip
_APACHE_CONF = """
{modules}
{user}
ServerName 127.0.0.1
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
Mutex file:{folder} default
TypesConfig /etc/mime.types
Listen 127.0.0.1:{port}
KeepAlive On
MaxKeepAliveRequests 0
<Directory />
    Require all denied
</Directory>
# as Debian has it
AddType application/x-gzip .gz .tgz
AddLanguage br .br
Include {rules}
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
def fronting(name: str, settings: Settings, service: int) -> Iterator[Front]:
    """`nginx`, `caddy` or `apache` before the service at a port, over the frozen site of these settings. Links are to
    the front itself."""
    with tempfile.TemporaryDirectory(prefix=f"colophon-{name}-") as made:
        front = Front(name, free_port(), Path(made))
        said = replace(settings, site_url=front.base, serve_host="127.0.0.1", serve_port=service)
        command, environment = {"nginx": nginx, "caddy": caddy, "apache": apache}[name](front, said)
        with (front.folder / "output.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})
        try:
            _wait(front, process)
            yield front
        finally:
            process.terminate()
            process.wait(30)


def ruled(front: Front, settings: Settings, *changes: tuple[str, str]) -> Path:
    """The file with the rules, in which that is changed which an operator must."""
    text = rules(settings, front.name)
    for given, own in changes:
        assert text.count(given) == 1, given
        text = text.replace(given, own)
    path = front.folder / "colophon.conf"
    path.write_text(text, encoding="utf-8")
    return path


def nginx(front: Front, settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Its command, and variables, after its files have been written."""
    listening = ("listen 80;", f"listen 127.0.0.1:{front.port};")
    ruled(front, settings, listening, ("server_name 127.0.0.1;", "server_name 127.0.0.1 localhost;"))
    user = "user root;" if os.getuid() == 0 else ""  # folders of tests are closed to others
    (front.folder / "nginx.conf").write_text(_NGINX.format(folder=front.folder, user=user), encoding="utf-8")
    command = ["nginx", "-p", str(front.folder), "-c", str(front.folder / "nginx.conf"), "-g", "daemon off;"]
    return command, {"PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"}


def caddy(front: Front, settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Its command and the variables that its configuration names."""
    variables = {
        "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "XDG_DATA_HOME": str(front.folder),
        "XDG_CONFIG_HOME": str(front.folder),
    }
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(ruled(front, settings))], variables


def apache(front: Front, settings: Settings) -> tuple[list[str], dict[str, str]]:
    """As `nginx`. Apache reads no files as root, and folders of tests are closed to others: it gets a copy."""
    front.folder.chmod(0o755)
    site = settings.site_output
    if os.getuid() == 0:
        site = front.folder / "site"
        shutil.copytree((settings.site_output / "current").resolve(), site / "current")
    address = ("<VirtualHost *:80>", f"<VirtualHost 127.0.0.1:{front.port}>")
    path = ruled(front, replace(settings, site_output=site), address)
    user = "User www-data\nGroup www-data" if os.getuid() == 0 else ""
    modules = "\n".join(f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in _APACHE)
    said = _APACHE_CONF.format(folder=front.folder, port=front.port, modules=modules, user=user, rules=path)
    (front.folder / "apache2.conf").write_text(said, encoding="utf-8")
    command = ["apache2", "-d", str(front.folder), "-f", str(front.folder / "apache2.conf"), "-DFOREGROUND"]
    return command, {"PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"}


def _wait(front: Front, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(front.base, timeout=5)
            return
        assert process.poll() is None, f"{front.name} ended:\n{front.log()}"
        assert time.monotonic() < deadline, f"{front.name} does not answer:\n{front.log()}"
        time.sleep(0.05)
