"""Fixtures of the OAI-PMH tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from repository.storage.database import Database
from tests.oai import oai_schemas
from tests.oai.harvest_world import OAI, World

Check = Callable[[bytes], etree._Element]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def any_world(any_database: Database, tmp_path: Path) -> World:
    """On SQLite and on PostgreSQL."""
    return World(any_database, tmp_path)


@pytest.fixture(scope="session")
def oai_schema(shared: Path) -> etree.XMLSchema:
    return oai_schemas.load(shared / "xsd")


@pytest.fixture(scope="session")
def schemas_apart(shared: Path) -> dict[str, etree.XMLSchema]:
    """Namespace of a payload → schema of the responses that carry it."""
    return {name: oai_schemas.load(shared / "xsd", payloads) for name, payloads in oai_schemas.APART.items()}


@pytest.fixture
def valid(oai_schema: etree.XMLSchema, schemas_apart: dict[str, etree.XMLSchema]) -> Check:
    """Parses a response, and fails where it is not valid against the schemas of the protocol and its payloads."""

    def check(body: bytes) -> etree._Element:
        root = etree.fromstring(body)
        payload = root.find(f".//{OAI}metadata/*")
        namespace = "" if payload is None else etree.QName(payload).namespace
        schemas_apart.get(namespace or "", oai_schema).assertValid(root)
        return root

    return check
