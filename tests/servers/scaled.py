"""The scaled deployment for tests: PostgreSQL, Ceph, OpenSearch and Fuseki, an instance of its own in all of them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.servers.ceph import CephServer
from tests.servers.fuseki import FusekiServer
from tests.servers.opensearch import OpenSearchServer
from tests.servers.postgres import PostgresServer

Store = Literal["objects", "search", "graph"]
STORES: tuple[Store, ...] = ("objects", "search", "graph")
"""Those that are reached by HTTP."""


@dataclass(frozen=True, slots=True)
class ScaledSet:
    """The servers; each instance has a database, a bucket, indexes and a dataset of its own."""

    postgres: PostgresServer
    ceph: CephServer
    opensearch: OpenSearchServer
    fuseki: FusekiServer
    template: str
    """Name of a database with the schema and the vocabularies, to be copied."""

    def stores(self, through: Mapping[Store, int] | None = None) -> dict[str, Any]:
        """Settings of a new, empty instance with two web workers; `through`: ports of proxies in front of a store."""
        ports: dict[Store, int] = {**self.ports, **(through or {})}
        return {
            "database": self.postgres.create_database(template=self.template),
            "objects": f"s3://{self.ceph.create_bucket()}?endpoint_url=http://127.0.0.1:{ports['objects']}",
            "search": self.opensearch.setting(f"t{secrets.token_hex(4)}", port=ports["search"]),
            "graph": f"sparql+http://127.0.0.1:{ports['graph']}/{self.fuseki.create_dataset()}",
            "serve__workers": 2,
        }

    def drop(self, stores: Mapping[str, Any]) -> None:
        """Takes away what an instance had, but for its bucket: the servers serve many of them."""
        self.postgres.drop_database(stores["database"])
        self.opensearch.empty(_last(stores["search"]))
        self.fuseki.drop_dataset(_last(stores["graph"]))

    @property
    def ports(self) -> dict[Store, int]:
        return {"objects": self.ceph.port, "search": self.opensearch.port, "graph": self.fuseki.port}


@dataclass(frozen=True, slots=True)
class Kind:
    """On which stores the tests of a module run, once on each."""

    name: Literal["embedded", "scaled"]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """With `__` for the dot, as `ColophonServer.over` and `copy_instance` take them."""

    @property
    def readers_beside(self) -> int:
        """Of a server: on the scaled set two processes run the readers."""
        return 1 if self.name == "scaled" else 0


def _last(url: str) -> str:
    return url.rpartition("/")[2]
