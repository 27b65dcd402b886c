"""Schemas that the formats must conform to."""

import importlib.util
from pathlib import Path

import pytest
from lxml import etree


@pytest.fixture(scope="session")
def schema(shared: Path) -> etree.XMLSchema:
    """DataCite's kernel 4.7, oai_dc, MARCXML and MODS in one schema, loaded without network."""
    spec = importlib.util.spec_from_file_location("schema_set", shared / "xsd" / "schema_set.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    parts = [
        ("http://datacite.org/schema/kernel-4", "datacite/kernel-4.7/metadata.xsd"),
        ("http://www.openarchives.org/OAI/2.0/oai_dc/", "oai/2.0/oai_dc.xsd"),
        ("http://www.loc.gov/MARC21/slim", "marc/MARC21slim.xsd"),
        ("http://www.loc.gov/mods/v3", "loc/mods/3.8/mods-3-8.xsd"),
    ]
    loaded: etree.XMLSchema = module.load(parts)
    return loaded
