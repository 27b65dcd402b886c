"""How a file is packed, by its name: compressed, or many files in one.

Specified by: DCAT 3, 6.8.15 (compressFormat) and 6.8.16 (packageFormat); IANA, media types.
"""

import mimetypes
import re
from dataclasses import dataclass

COMPRESSIONS = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/x-brotli",
}
"""Names that `mimetypes` has for compressions → media types of the bytes."""
_PACKAGES = frozenset({"application/zip", "application/x-tar", "application/x-7z-compressed", "application/vnd.rar"})
_SUFFIX = re.compile(r"\.(?:gz|tgz|taz|tz|svgz|bz2|tbz2|xz|txz|br|zip|tar|7z|rar)$", re.IGNORECASE)
_TYPES = mimetypes.MimeTypes()
"""What Python knows by itself, so that a record looks the same on every machine."""
_TYPES.add_type("application/x-7z-compressed", ".7z")
_TYPES.add_type("application/vnd.rar", ".rar")


@dataclass(frozen=True, slots=True)
class Packing:
    """Media types; empty for what there is not, or is not known."""

    content: str = ""
    """Of what is compressed."""
    compression: str = ""
    package: str = ""


_LOOSE = Packing()


def packing(key: str) -> Packing:
    """`a.csv.gz`, `a.tar.gz`, `a.zip`."""
    if not _SUFFIX.search(key):  # as nearly always, and the look-up takes longer than the rest of a file
        return _LOOSE
    media_type, compression = _TYPES.guess_type(f"/{key.lower()}")
    compressed = COMPRESSIONS.get(compression or "", "")
    is_package = media_type in _PACKAGES
    if not compressed and not is_package:
        return _LOOSE
    return Packing(
        content="" if is_package or not compressed else media_type or "",
        compression=compressed,
        package=(media_type or "") if is_package else "",
    )
