"""Schemes of identifiers: detected, checked with their checksums, and brought to one spelling.

`idutils` knows the schemes; it takes up to 45 µs to detect one, so its answers are kept, and it is asked only about
texts of a sensible length. What is rejected here beyond it: URLs that no browser should follow, digits of other scripts
in numbers, ROR ids with a wrong checksum.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

from repository.records.identifiers import parse_doi


@cache
def _idutils() -> ModuleType:
    """Loaded at the first identifier that must be checked: its tables take a third of a second."""
    return import_module("idutils")


_LONGEST = 2048
_URL_SCHEMES = frozenset(
    "http https ftp ftps sftp git svn ssh rsync s3 gs irods ipfs gsiftp doi hdl".split()  # noqa: SIM905
)
_ORCID_URL = re.compile(r"(?:https?://)?(?:www\.)?orcid\.org/", re.IGNORECASE)
_ROR = re.compile(r"(?:https?://)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})", re.ASCII)
_ROR_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_GRID = re.compile(r"grid\.\d{1,8}\.[0-9a-f]{1,4}", re.ASCII)
_WIKIDATA = re.compile(
    r"(?:wikidata:|https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q\d{1,12})", re.ASCII | re.IGNORECASE
)
_GEONAMES = re.compile(r"(?:https?://(?:www|sws)\.geonames\.org/)?(\d{1,12})(?:/.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme: `read` gives the one spelling of a valid identifier, None for any other text."""

    name: str
    label: str
    read: Callable[[str], str | None]


def is_url(text: str, schemes: frozenset[str] = _URL_SCHEMES) -> bool:
    """Whether the text is an absolute URL of a harmless kind."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc) and " " not in parts.netloc


def is_web_url(text: str) -> bool:
    return is_url(text, frozenset(("http", "https", "ftp")))


def ror(text: str) -> str | None:
    """The bare ROR id, if its checksum is right. Specified by: ROR identifier pattern, ISO 7064 MOD 97-10."""
    match = _ROR.fullmatch(text.strip().lower())
    if not match:
        return None
    number = 0
    for character in match[1][1:7]:
        number = number << 5 | _ROR_DIGITS.index(character)
    return match[1] if 98 - number * 100 % 97 == int(match[1][7:]) else None


def orcid(text: str) -> str | None:
    """The bare ORCID iD, if its checksum is right. Specified by: ISO 7064 MOD 11-2."""
    bare = _ORCID_URL.sub("", text.strip(), count=1)
    if not bare.isascii() or not _idutils().is_orcid(bare):
        return None
    return str(_idutils().normalize_orcid(bare)).upper()


def _any(text: str) -> str | None:
    return text or None


def _url(text: str) -> str | None:
    return text if is_url(text) else None


def _geonames(text: str) -> str | None:
    match = _GEONAMES.fullmatch(text)
    return match[1] if match else None


def _wikidata(text: str) -> str | None:
    match = _WIKIDATA.fullmatch(text)
    return match[1].upper() if match else None


def _isbn(text: str) -> str | None:
    if not text.isascii() or not _idutils().is_isbn(text):
        return None
    return str(_idutils().normalize_isbn(text) or text)


def _issn(text: str) -> str | None:
    return str(_idutils().normalize_issn(text)) if text.isascii() and _idutils().is_issn(text) else None


def _by(name: str, *, numeric: bool = False) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if numeric and not text.isascii():
            return None
        check = getattr(_idutils(), f"is_{name}")
        try:
            if not check(text):
                return None
            normal = str(_idutils().normalize_pid(text, name) or text)
            return normal if check(normal) else text
        except ValueError:  # `urlsplit` of a bracket
            return None

    return read


TABLE = (
    Scheme("ark", "ARK", _by("ark")),
    Scheme("arxiv", "arXiv", _by("arxiv")),
    Scheme("ads", "Bibcode", _by("ads")),
    Scheme("crossreffunderid", "Crossref Funder ID", _any),
    Scheme("cstr", "CSTR", _by("cstr")),
    Scheme("doi", "DOI", parse_doi),
    Scheme("ean13", "EAN13", _by("ean13", numeric=True)),
    Scheme("eissn", "EISSN", _issn),
    Scheme("grid", "GRID", _any),
    Scheme("handle", "Handle", _by("handle")),
    Scheme("igsn", "IGSN", _any),
    Scheme("isbn", "ISBN", _isbn),
    Scheme("isni", "ISNI", _by("isni", numeric=True)),
    Scheme("issn", "ISSN", _issn),
    Scheme("istc", "ISTC", _by("istc", numeric=True)),
    Scheme("lissn", "LISSN", _issn),
    Scheme("lsid", "LSID", _by("lsid")),
    Scheme("pmid", "PMID", _by("pmid", numeric=True)),
    Scheme("purl", "PURL", _by("purl")),
    Scheme("rrid", "RRID", _by("rrid")),
    Scheme("upc", "UPC", _any),
    Scheme("url", "URL", _url),
    Scheme("urn", "URN", _by("urn")),
    Scheme("w3id", "W3ID", _any),
    Scheme("wikidata", "Wikidata", _wikidata),
    Scheme("other", "Other", _any),
    Scheme("orcid", "ORCID", orcid),
    Scheme("gnd", "GND", _by("gnd", numeric=True)),
    Scheme("ror", "ROR", ror),
    Scheme("geonames", "GeoNames", _geonames),
    Scheme("pic", "PIC", _any),
    Scheme("edmo", "EDMO", _any),
)
SCHEMES = {scheme.name: scheme for scheme in TABLE}

RECORD = tuple(scheme.name for scheme in TABLE[:26])
"""Schemes of `identifiers`, `related_identifiers` and `references`."""
PERSON = ("orcid", "isni", "gnd", "ror", "wikidata")
AFFILIATION = ("ror", "grid", "gnd", "isni", "pic", "edmo")
FUNDER = ("ror", "grid", "gnd", "isni", "doi")
AWARD = ("url", "doi")
LOCATION = ("wikidata", "geonames")
SUBJECT = ("gnd", "url")


@lru_cache(maxsize=4096)
def normalize(value: str, scheme: str) -> str | None:
    """The one spelling of an identifier; None if it is not valid in this scheme, or the scheme is unknown."""
    known = SCHEMES.get(scheme)
    if known is None or not value or len(value) > _LONGEST:
        return None
    return known.read(value)


def is_valid(value: str, scheme: str) -> bool:
    return normalize(value, scheme) is not None


@lru_cache(maxsize=4096)
def detect(value: str, allowed: tuple[str, ...] = RECORD) -> str | None:
    """The scheme of an identifier that comes without one: the first of those allowed here that fits, None if none."""
    if not value or len(value) > _LONGEST:
        return None
    try:
        found: list[str] = _idutils().detect_identifier_schemes(value)
    except ValueError:  # `urlsplit` of a bracket
        found = []
    if _GRID.fullmatch(value):
        found.insert(0, "grid")
    if _GEONAMES.fullmatch(value):
        found.append("geonames")
    if _WIKIDATA.fullmatch(value):
        found.insert(0, "wikidata")
    if _ORCID_URL.match(value) or _ROR.fullmatch(value):
        found[:0] = ["orcid", "ror"]
    return next((name for name in found if name in allowed and normalize(value, name)), None)
