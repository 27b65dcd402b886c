"""Schemas that the formats must conform to."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

Load = Callable[..., etree.XMLSchema]


@pytest.fixture(scope="session")
def load_schema(shared: Path) -> Load:
    """Several schemas as one, loaded without network: (namespace, path below the folder of schemas) of each."""
    spec = importlib.util.spec_from_file_location("schema_set", shared / "xsd" / "schema_set.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda *parts: module.load(list(parts))


@pytest.fixture(scope="session")
def schema(load_schema: Load) -> etree.XMLSchema:
    """DataCite's kernel 4.7, oai_dc, MARCXML and MODS in one schema."""
    return load_schema(
        ("http://datacite.org/schema/kernel-4", "datacite/kernel-4.7/metadata.xsd"),
        ("http://www.openarchives.org/OAI/2.0/oai_dc/", "oai/2.0/oai_dc.xsd"),
        ("http://www.loc.gov/MARC21/slim", "marc/MARC21slim.xsd"),
        ("http://www.loc.gov/mods/v3", "loc/mods/3.8/mods-3-8.xsd"),
    )


@pytest.fixture(scope="session")
def oai_datacite_schema(load_schema: Load) -> etree.XMLSchema:
    """DataCite's kernel 4.6 and its wrapper, whose payload is checked too."""
    return load_schema(
        ("http://datacite.org/schema/kernel-4", "datacite/kernel-4.6/metadata.xsd"),
        ("http://schema.datacite.org/oai/oai-1.1/", "datacite/oai/oai-1.1/oai.xsd"),
    )


@pytest.fixture(scope="session")
def openaire_schema(load_schema: Load) -> etree.XMLSchema:
    """OpenAIRE's profile for literature, which brings a kernel 4.1 of its own."""
    return load_schema(("http://namespace.openaire.eu/schema/oaire/", "openaire-lit/4.0/openaire.xsd"))
