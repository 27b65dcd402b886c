"""OpenSearch, a real one of one node, on free ports, in a folder of its own, for tests.

The distribution of Maven Central that the project's own integration tests use: the server without plugins (no
security, so no TLS and no passwords), and here with few of its modules. It refuses to run as root.
"""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.servers.maven import central, java
from tests.servers.plain import PLAIN
from tests.servers.postgres import UNPRIVILEGED, free_port
from tests.servers.server import Server

VERSION = "3.7.0"
ZIP = central(
    "org.opensearch.distribution.integ-test-zip",
    "opensearch",
    VERSION,
    "zip",
    "c5c8eb3828a2aead77e9d3bb9d280f54c4de190b0b67f0e412c38663627f1b06",
)

_MODULES = ("transport-netty4",)
"""All that we need. `analysis-common` can't be had: on a Java runtime without Thai, such as the wheel's, its analyzer
of that language lets no index be made."""
_CONFIGURATION = """
cluster.name: colophon-tests
discovery.type: single-node
http.port: {port}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
# a developer's disk may be nearly full
cluster.routing.allocation.disk.threshold_enabled: false
"""


class OpenSearchServer(Server):
    """Its indexes stay over `stop` and `start`.

    `memory`: of its heap; `tuned`: with all that makes it fast after some minutes, and slow to start, as measurements
    need it.
    """

    name = "OpenSearch"

    def __init__(self, *, memory: str = "512m", tuned: bool = False) -> None:
        self._memory = memory
        self._tuned = tuned

    def start(self) -> None:
        home = self.folder / f"opensearch-{VERSION}"
        if not home.exists():
            self._unpack(home)
        self.run_beside("opensearch", [*_as_nobody(), *self._command(home)], cwd=home, environment={})
        self.wait_until_it_answers("/_cluster/health?wait_for_status=yellow&timeout=60s", status=200)
        self._ask_for_the_first_time()

    def setting(self, prefix: str, *, port: int = 0) -> str:
        """What `search` is set to; `port`: of a proxy in front."""
        return f"opensearch://127.0.0.1:{port or self.port}/{prefix}"

    def indexes(self) -> list[str]:
        """Names of all that there are."""
        return sorted(row["index"] for row in self.ask("GET", "/_cat/indices?format=json"))

    def empty(self, prefix: str = "") -> None:
        """Drops all indexes and templates, or those whose names begin so."""
        for name in self.indexes():
            if name.startswith(prefix):
                self.ask("DELETE", f"/{name}")
        for found in self.ask("GET", "/_index_template")["index_templates"]:
            if found["name"].startswith(prefix):
                self.ask("DELETE", f"/_index_template/{found['name']}")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request past our own code. Raises HTTPStatusError."""
        answer = httpx.request(method, f"{self.root}{path}", json=body, timeout=60, verify=PLAIN)
        return answer.raise_for_status().json()

    def _ask_for_the_first_time(self) -> None:
        """Which takes a Java machine that has just started longer than a search may take."""
        word = {"term": {"text": "rain"}}
        counts = {"words": {"terms": {"field": "text.keyword", "order": [{"_count": "desc"}, {"_key": "asc"}]}}}
        near = {"words": {"text": "rian", "term": {"field": "text"}}}
        self.ask("PUT", "/warm/_doc/1?refresh=true", {"text": "rain", "number": 1})
        for body in (
            {"query": {"bool": {"must": [word], "should": [{"prefix": {"text": "r"}}], "filter": [word]}}},
            {"query": {"bool": {"filter": [{"match_phrase": {"text": "rain"}}]}}, "aggs": counts, "size": 0},
            {"query": {"range": {"number": {"gte": 0}}}, "sort": [{"number": "desc"}], "suggest": near},
        ):
            self.ask("POST", "/warm/_search", body)
        self.ask("DELETE", "/warm")

    def _unpack(self, home: Path) -> None:
        with zipfile.ZipFile(ZIP.path) as archive:
            archive.extractall(self.folder, list(_used(archive)))
        configuration = home / "config" / "opensearch.yml"
        configuration.write_text(
            _CONFIGURATION.format(port=self.port, transport=free_port(), folder=self.folder), encoding="ascii"
        )
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir()
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, UNPRIVILEGED, UNPRIVILEGED)

    def _command(self, home: Path) -> list[str]:
        """What its own scripts would run, without the two programs that these run before."""
        quick = () if self._tuned else ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        return [
            java(), f"-Xms{self._memory}", f"-Xmx{self._memory}", *quick,
            f"-Djava.io.tmpdir={self.folder}/tmp", "-Djna.nosys=true", "-Dfile.encoding=UTF-8",
            "-Djava.awt.headless=true", "-Dio.netty.noUnsafe=true", "-Dlog4j.shutdownHookEnabled=false",
            "-Dlog4j2.disable.jmx=true", "-javaagent:agent/opensearch-agent.jar",
            "--add-opens=java.base/java.nio=ALL-UNNAMED", f"-Dopensearch.path.home={home}",
            f"-Dopensearch.path.conf={home}/config", "-Dopensearch.distribution.type=zip",
            "-Dopensearch.bundled_jdk=false", "-cp", "lib/*", "org.opensearch.bootstrap.OpenSearch",
        ]  # fmt: skip


def _used(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if "/modules/" not in name or any(f"/modules/{module}/" in name for module in _MODULES):
            yield name


def _as_nobody() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
