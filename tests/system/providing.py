"""A real `colophon serve` with real records, as a provider that is harvested, and changes for harvesters to see."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
from lxml import etree

from repository.formats.reading import Known, read
from repository.records.deposit import Deposit
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from repository.services.importing import import_documents
from repository.services.instance import Instance, open_instance
from repository.services.vocabularies import all_terms
from repository.settings import load
from tests.instances import METADATA
from tests.servers.colophon import ColophonServer, running
from tests.servers.plain import PLAIN

OAI = "{http://www.openarchives.org/OAI/2.0/}"
RECORDS = 90
PAGE = 10
Header = tuple[str, str, bool]
"""(identifier, datestamp, deleted)"""


@dataclass(frozen=True, slots=True)
class Provider:
    """The server, and the same instance opened here: whatever is done with it, the server's readers follow."""

    server: ColophonServer
    instance: Instance

    @property
    def url(self) -> str:
        return f"{self.server.base}/oai"

    def headers(self, prefix: str = "oai_dc", begin: str = "") -> list[Header]:
        """Of a list, as plain requests and lxml find them."""
        arguments = {"verb": "ListIdentifiers", "metadataPrefix": prefix, **({"from": begin} if begin else {})}
        found: list[Header] = []
        while True:
            root = etree.fromstring(httpx.get(self.url, params=arguments, timeout=60, verify=PLAIN).content)
            for header in root.iter(f"{OAI}header"):
                said = (header.findtext(f"{OAI}identifier", ""), header.findtext(f"{OAI}datestamp", ""))
                found.append((*said, header.get("status") == "deleted"))
            token = root.findtext(f"{OAI}ListIdentifiers/{OAI}resumptionToken")
            if not token:
                return found
            arguments = {"verb": "ListIdentifiers", "resumptionToken": token}

    def wait_for(self, number: int, begin: str = "") -> None:
        """Until so many items are listed."""
        self.server.wait_for(lambda: len(self.headers(begin=begin)) == number, 120)

    def now(self) -> str:
        root = etree.fromstring(httpx.get(self.url, params={"verb": "Identify"}, timeout=60, verify=PLAIN).content)
        return root.findtext(f"{OAI}responseDate", "")

    def publish(self, name: str, title: str) -> None:
        """A record, new or changed, that can be had in every format."""
        sufficient = {"rights": [{"id": "cc-by-4.0"}], "subjects": [{"subject": "rain"}]}
        body = {"metadata": {**METADATA, **sufficient, "title": title}}
        digest = sha256(title.encode()).hexdigest()
        done = import_documents(self.instance, [Deposit(f"test:{name}", f"source:{name}", digest, body)])
        assert done.refused == 0

    def withdraw(self, identifier: str) -> None:
        withdrawal.withdraw(self.instance, SYSTEM, identifier.rpartition(":")[2], {})


@contextlib.contextmanager
def providing(template: Path, home: Path, shared: Path) -> Iterator[Provider]:
    """With RECORDS real records of DataCite."""
    server = ColophonServer.over(template, home, oai__page_size=PAGE)
    instance = open_instance(load(home, environment={}, overrides={**server.overrides, "site.url": server.base}))
    known = Known.from_terms(all_terms(instance))
    paths = sorted((shared / "corpus" / "datacite").rglob("*.xml"))
    documents = (entry for path in paths for entry in read(path, path.name, known, fill_missing=True))
    taken: dict[str, Deposit] = {}
    for entry in documents:
        if isinstance(entry, Deposit):
            taken.setdefault(entry.identity, entry)
        if len(taken) == RECORDS + 30:
            break
    done = import_documents(instance, taken.values())
    assert done.added >= RECORDS
    try:
        with running(server):
            provider = Provider(server, instance)
            provider.wait_for(done.added)
            yield provider
    finally:
        instance.close()
