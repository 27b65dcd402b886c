"""Metadata formats: one file each, pure, and this tuple. REST, OAI-PMH, Link headers and downloads follow from it.

A new format is a module with `write` and FORMAT, a line here, and a golden file in tests/formats/golden.
"""

from collections.abc import Iterable

from repository.errors import FieldError
from repository.formats import (
    bibtex,
    ccmm_xml,
    cff,
    citation,
    codemeta,
    croissant,
    csl_json,
    csv_full,
    csv_simple,
    data_package,
    datacite_json,
    datacite_xml,
    dcat_jsonld,
    dcat_ntriples,
    dcat_turtle,
    dcat_xml,
    dublin_core,
    geojson,
    marcxml,
    mods,
    oai_datacite,
    oai_openaire,
    rdf_whole,
    ris,
    ro_crate,
    schema_org,
)
from repository.formats.format import Format, OaiFormat
from repository.formats.linkset import with_linksets
from repository.records.snapshot import Json, Snapshot

__all__ = ["FORMATS", "Format", "OaiFormat", "by_file_name", "by_name", "by_oai_prefix", "hints", "suitable"]

FORMATS: tuple[Format, ...] = with_linksets(
    schema_org.FORMAT,
    dcat_turtle.FORMAT,
    dcat_jsonld.FORMAT,
    dcat_ntriples.FORMAT,
    datacite_json.FORMAT,
    datacite_xml.FORMAT,
    dublin_core.FORMAT,
    oai_datacite.FORMAT,
    oai_openaire.FORMAT,
    marcxml.FORMAT,
    mods.FORMAT,
    dcat_xml.FORMAT,
    rdf_whole.FORMAT,
    ccmm_xml.FORMAT,
    codemeta.FORMAT,
    cff.FORMAT,
    croissant.FORMAT,
    data_package.FORMAT,
    ro_crate.FORMAT,
    geojson.FORMAT,
    csl_json.FORMAT,
    bibtex.FORMAT,
    ris.FORMAT,
    citation.FORMAT,
    csv_simple.FORMAT,
    csv_full.FORMAT,
)
_BY_NAME = {form.name: form for form in FORMATS}
_BY_FILE_NAME = {form.file_name: form for form in FORMATS}
_BY_OAI_PREFIX = {form.oai.prefix: form for form in FORMATS if form.oai}


def by_name(name: str) -> Format | None:
    """`datacite-xml`, as commands and settings call it."""
    return _BY_NAME.get(name)


def by_file_name(file_name: str) -> Format | None:
    """`datacite.xml`, the last segment of `/records/<id>/datacite.xml`."""
    return _BY_FILE_NAME.get(file_name)


def by_oai_prefix(prefix: str) -> Format | None:
    """`oai_dc`, as harvesters call it."""
    return _BY_OAI_PREFIX.get(prefix)


def suitable(snapshot: Snapshot) -> tuple[Format, ...]:
    """The formats in which this record can be had."""
    return tuple(form for form in FORMATS if form.suits(snapshot))


def hints(names: Iterable[str], metadata: Json) -> tuple[FieldError, ...]:
    """What resolved metadata lack for the formats of these names."""
    wanted = (_BY_NAME[name].lacks for name in names)
    return tuple(hint for lacks in wanted if lacks for hint in lacks(metadata))
