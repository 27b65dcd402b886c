"""Files that everybody may list, as dcat:Distribution.

Specified by: DCAT-AP 3.0.1, Distribution; RFC 6838, 3 and 3.4, for media types.
"""

import re

from pyoxigraph import Literal, NamedNode

from repository.formats.file_types import FILE_TYPE, file_format
from repository.formats.files import has_files, listed_files
from repository.formats.packing import packing
from repository.formats.rdf_graph import DCAT, DCT, SPDX, XSD, Graph, text
from repository.records.identifiers import archive_url, distribution_iri, file_path
from repository.records.snapshot import Json, Site, Snapshot

_REGISTERED = re.compile(
    r"(?:application|audio|font|haptics|image|message|model|multipart|text|video)/(?!x[.-])[a-z0-9][a-z0-9.+-]*"
)
"""Media types that IANA can have, and so an IRI for; never those that begin with `x-` or `x.`."""
_UNREGISTERED = frozenset(
    {
        "application/msaccess",
        "application/vnd.android.package-archive",
        "audio/midi",
        "audio/mpegurl",
        "image/jpg",
        "image/pict",
        "video/webm",
    }
)
"""Others that names of files lead to, and IANA does not have; there are more that hardly ever occur."""
_IANA = "https://www.iana.org/assignments/media-types/"
_SHA256 = SPDX.checksumAlgorithm_sha256.value


def add_distributions(graph: Graph, snapshot: Snapshot, site: Site, licences: list[NamedNode]) -> None:
    """Of more files than a record names there is one distribution: the archive of all."""
    landing = NamedNode(graph.landing)
    licence = licences[0] if len(licences) == 1 else None  # DCAT-AP allows one
    entries = listed_files(snapshot)
    for entry in entries:
        url = site.url + file_path(snapshot.id, entry["key"])
        media_type, compression, package = _media_types(entry)
        node = graph.describe(
            distribution_iri(site, snapshot.id, entry["key"]),
            (DCAT.Distribution,),
            (DCT.title, text(entry["key"])),
            (DCAT.accessURL, landing),
            (DCAT.downloadURL, NamedNode(url)),
            (DCAT.byteSize, Literal(str(entry["size"]), datatype=XSD.nonNegativeInteger)),
            (DCT.format, _file_type(graph, file_format(entry["key"]))),
            (DCAT.mediaType, _media_type(graph, media_type)),
            (DCAT.compressFormat, _media_type(graph, compression)),
            (DCAT.packageFormat, _media_type(graph, package)),
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
        (DCT.format, _file_type(graph, "ZIP")),
        (DCAT.mediaType, _media_type(graph, "application/zip")),
        (DCAT.packageFormat, _media_type(graph, "application/zip")),
        (DCT.license, licences[0] if len(licences) == 1 else None),
    )
    graph.add(DCAT.distribution, node)


def _media_types(entry: Json) -> tuple[str, str, str]:
    """Of the file, of its compression, of its package; empty for what is not known, or not to IANA.

    What is compressed in a way without a name is not said to be what it contains: it would be taken for that.
    """
    packed = packing(entry["key"])
    compression, whole = _registered(packed.compression), packed.compression or entry.get("mimetype") or ""
    content = packed.content if compression else ""
    return _registered(content or whole), compression, _registered(packed.package)


def _registered(media_type: str) -> str:
    return media_type if _REGISTERED.fullmatch(media_type) and media_type not in _UNREGISTERED else ""


def _media_type(graph: Graph, media_type: str) -> NamedNode | None:
    return graph.describe(_IANA + media_type, (DCT.MediaType,)) if media_type else None


def _file_type(graph: Graph, code: str) -> NamedNode | None:
    return graph.describe(FILE_TYPE + code, (DCT.MediaTypeOrExtent,)) if code else None


def _checksum(graph: Graph, entry: Json, url: str) -> NamedNode | None:
    if not entry.get("sha256"):
        return None
    return graph.describe(
        f"{url}#sha256",
        (SPDX.Checksum,),
        (SPDX.algorithm, graph.describe(_SHA256, (SPDX.ChecksumAlgorithm,))),
        (SPDX.checksumValue, Literal(entry["sha256"], datatype=XSD.hexBinary)),
    )
