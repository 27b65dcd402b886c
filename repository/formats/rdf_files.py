"""Files that everybody may list, as dcat:Distribution."""

import re

from pyoxigraph import Literal, NamedNode

from repository.formats.files import has_files, listed_files
from repository.formats.packing import packing
from repository.formats.rdf_graph import DCAT, DCT, SPDX, XSD, Graph, text
from repository.records.identifiers import archive_url, distribution_iri, file_path
from repository.records.snapshot import Json, Site, Snapshot

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_IANA = "https://www.iana.org/assignments/media-types/"
_SHA256 = SPDX.checksumAlgorithm_sha256.value


def add_distributions(graph: Graph, snapshot: Snapshot, site: Site, licences: list[NamedNode]) -> None:
    """Of more files than a record names there is one distribution: the archive of all."""
    landing = NamedNode(graph.landing)
    licence = licences[0] if len(licences) == 1 else None  # DCAT-AP allows one
    entries = listed_files(snapshot)
    for entry in entries:
        url, packed = site.url + file_path(snapshot.id, entry["key"]), packing(entry["key"])
        node = graph.describe(
            distribution_iri(site, snapshot.id, entry["key"]),
            (DCAT.Distribution,),
            (DCT.title, text(entry["key"])),
            (DCAT.accessURL, landing),
            (DCAT.downloadURL, NamedNode(url)),
            (DCAT.byteSize, Literal(str(entry["size"]), datatype=XSD.nonNegativeInteger)),
            (DCAT.mediaType, _media_type(graph, packed.content or packed.compression or entry.get("mimetype") or "")),
            (DCAT.compressFormat, _media_type(graph, packed.compression)),
            (DCAT.packageFormat, _media_type(graph, packed.package)),
            (SPDX.checksum, _checksum(graph, entry, url)),
            (DCT.license, licence),
        )
        graph.add(DCAT.distribution, node)
    if not entries and has_files(snapshot):
        add_archive(graph, snapshot, site, licences)


def add_archive(graph: Graph, snapshot: Snapshot, site: Site, licences: list[NamedNode]) -> None:
    """All files as one distribution."""
    node = graph.describe(
        graph.fragment("archive"),
        (DCAT.Distribution,),
        (DCAT.accessURL, NamedNode(graph.landing)),
        (DCAT.downloadURL, NamedNode(archive_url(site, snapshot.id))),
        (DCAT.mediaType, _media_type(graph, "application/zip")),
        (DCAT.packageFormat, _media_type(graph, "application/zip")),
        (DCT.license, licences[0] if len(licences) == 1 else None),
    )
    graph.add(DCAT.distribution, node)


def _media_type(graph: Graph, media_type: str) -> NamedNode | None:
    return graph.describe(_IANA + media_type, (DCT.MediaType,)) if _MEDIA_TYPE.fullmatch(media_type) else None


def _checksum(graph: Graph, entry: Json, url: str) -> NamedNode | None:
    if not entry.get("sha256"):
        return None
    return graph.describe(
        f"{url}#sha256",
        (SPDX.Checksum,),
        (SPDX.algorithm, graph.describe(_SHA256, (SPDX.ChecksumAlgorithm,))),
        (SPDX.checksumValue, Literal(entry["sha256"], datatype=XSD.hexBinary)),
    )
