"""Other people's harvesters get everything from a real server, in every format, and then what has changed."""

import subprocess
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from oaipmh.client import Client
from oaipmh.metadata import MetadataRegistry
from oaipmh_scythe import Scythe

from tests.servers import installed
from tests.system.providing import Header, Provider, providing

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of the compiler: the package has an old string literal
    from sickle import Sickle

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

Harvest = Callable[[str, str, str], Iterator[tuple[Header, bool]]]
"""(address, prefix, from) → headers, each with whether there was metadata."""
SCRIPT = Path(__file__).with_name("harvest.pl")


@pytest.fixture(scope="module")
def provider(instance_template: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(instance_template, tmp_path_factory.mktemp("provider") / "instance", shared) as started:
        yield started


def by_sickle(url: str, prefix: str, begin: str) -> Iterator[tuple[Header, bool]]:
    arguments = {"metadataPrefix": prefix, **({"from": begin} if begin else {})}
    for record in Sickle(url, timeout=60).ListRecords(**arguments):
        header = record.header
        metadata = record.xml.find("{http://www.openarchives.org/OAI/2.0/}metadata")
        yield (header.identifier, header.datestamp, header.deleted), metadata is not None and len(metadata) == 1


def by_scythe(url: str, prefix: str, begin: str) -> Iterator[tuple[Header, bool]]:
    with Scythe(url) as scythe:
        for record in scythe.list_records(metadata_prefix=prefix, from_=begin or None):
            header = record.header  # type: ignore[union-attr]
            metadata = record.xml.find("{http://www.openarchives.org/OAI/2.0/}metadata")
            yield (header.identifier, header.datestamp, header.deleted), metadata is not None and len(metadata) == 1


def by_oaipmh(url: str, prefix: str, begin: str) -> Iterator[tuple[Header, bool]]:
    registry = MetadataRegistry()
    registry.registerReader(prefix, lambda element: element)
    client = Client(url, registry)
    client.updateGranularity()
    since = {"from_": datetime.fromisoformat(begin.removesuffix("Z"))} if begin else {}
    for header, metadata, _about in client.listRecords(metadataPrefix=prefix, **since):
        datestamp = f"{header.datestamp():%Y-%m-%dT%H:%M:%SZ}"
        yield (header.identifier(), datestamp, bool(header.isDeleted())), metadata is not None and len(metadata) == 1


def by_perl(url: str, prefix: str, begin: str) -> Iterator[tuple[Header, bool]]:
    for line in perl(url, prefix, begin):
        identifier, datestamp, deleted, metadata = line.split("\t")
        yield (identifier, datestamp, deleted == "1"), metadata == "1"


def perl(*arguments: str) -> list[str]:
    """HTTP::OAI's part: what the script prints, in lines."""
    installed.require(installed.HTTP_OAI)
    done = subprocess.run(["perl", SCRIPT, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


HARVESTERS = pytest.mark.parametrize(
    "harvest", [by_sickle, by_scythe, by_oaipmh, by_perl], ids=["Sickle", "oaipmh-scythe", "oaipmh", "HTTP::OAI"]
)


def prefixes(provider: Provider) -> list[str]:
    return [entry.metadataPrefix for entry in Sickle(provider.url, timeout=60).ListMetadataFormats()]


def test_all_see_the_same_formats(provider: Provider) -> None:
    expected = prefixes(provider)
    assert {"oai_dc", "datacite"} <= set(expected)
    with Scythe(provider.url) as scythe:
        assert [entry.metadataPrefix for entry in scythe.list_metadata_formats()] == expected  # type: ignore[union-attr]
    assert [prefix for prefix, _schema, _namespace in Client(provider.url).listMetadataFormats()] == expected
    assert perl(provider.url, "formats") == expected


@HARVESTERS
def test_everything_is_harvested_then_what_has_changed(provider: Provider, harvest: Harvest) -> None:
    name = harvest.__name__
    provider.publish(f"{name} changes", f"To be changed, {name}")
    provider.server.wait_for(lambda: f"To be changed, {name}" in latest(provider), 60)
    for prefix in prefixes(provider):
        found = list(harvest(provider.url, prefix, ""))
        assert [header for header, _metadata in found] == provider.headers(prefix), prefix
        assert all(metadata or header[2] for header, metadata in found), prefix
    alive = [identifier for identifier, _datestamp, deleted in provider.headers() if not deleted]
    assert len(alive) > 80

    since = provider.now()
    provider.publish(f"{name} is new", f"New, {name}")
    provider.publish(f"{name} changes", f"Changed, {name}")
    provider.withdraw(alive[0])
    provider.wait_for(3, since)
    for prefix in prefixes(provider):
        found = list(harvest(provider.url, prefix, since))
        assert [header for header, _metadata in found] == provider.headers(prefix, since), prefix
    found = list(harvest(provider.url, "oai_dc", since))
    assert sorted(deleted for (_identifier, _datestamp, deleted), _metadata in found) == [False, False, True]
    assert [header[0] for header, _metadata in found if header[2]] == [alive[0]]


def latest(provider: Provider) -> str:
    """All titles, in oai_dc, of what came last."""
    begin = provider.headers()[-1][1]
    answer = provider.server.get(f"/oai?verb=ListRecords&metadataPrefix=oai_dc&from={begin}")
    return answer.text
