"""Identifiers: which scheme a value belongs to.

A document's own claim is believed if the value bears it out; else the value is looked at, and only what can't be
mistaken is recognised; else the scheme is `other`. What is valid in a scheme is decided by `records.schemes`.
"""

import re

from repository.formats.reading.spelling import compact
from repository.records import schemes

_DOI = re.compile(
    r"(?:https?://(?:(?:dx|www)\.)?doi\.org/|doi\.org/|info:doi/|doi:\s*)?(10\.\d{4,9}(?:\.\d+)*/\S+)",
    re.IGNORECASE | re.ASCII,
)
_URL = re.compile(r"(?:https?|ftp)://[A-Za-z0-9._~%:@-]+(?:[/?#]\S*)?", re.IGNORECASE)
_HANDLE = re.compile(r"(?:https?://hdl\.handle\.net/|info:hdl/|hdl:\s*)(\S+/\S+)", re.IGNORECASE)
_BARE_HANDLE = re.compile(r"\d[\d.]*/\S+", re.ASCII)
_ARXIV_URL = re.compile(r"https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/", re.IGNORECASE)
_ISNI_URL = re.compile(r"(?:https?://)?(?:www\.)?isni\.org/(?:isni/)?", re.IGNORECASE)
_LABEL = re.compile(r"(?:urn:)?(?:e-?|p-?)?is[sb]n(?:-1[03]|-l)?[\s:]*", re.IGNORECASE)

NAMES = {
    compact(name): scheme
    for scheme, names in {
        "ark": "ARK", "arxiv": "arXiv", "ads": "bibcode,ads", "cstr": "CSTR", "crossreffunderid": "Crossref Funder ID",
        "doi": "DOI", "ean13": "EAN13", "eissn": "EISSN,E-ISSN", "grid": "GRID", "handle": "Handle,hdl", "igsn": "IGSN",
        "isbn": "ISBN", "isni": "ISNI", "issn": "ISSN", "istc": "ISTC", "lissn": "LISSN,ISSN-L", "lsid": "LSID",
        "pmid": "PMID", "purl": "PURL", "rrid": "RRID", "upc": "UPC", "url": "URL,URI", "urn": "URN", "w3id": "w3id",
        "wikidata": "Wikidata", "other": "other",
    }.items()
    for name in names.split(",")
}  # fmt: skip
"""What documents call the schemes of records and related resources, compacted → scheme."""

_BEGINNINGS = (
    ("urn:isbn:", "isbn"),
    ("urn:lsid:", "lsid"),
    ("urn:", "urn"),
    ("arxiv:", "arxiv"),
    ("ark:", "ark"),
    ("issn", "issn"),
    ("isbn", "isbn"),
    ("pmid:", "pmid"),
    ("rrid:", "rrid"),
    ("cstr:", "cstr"),
)
"""How values begin that name their own scheme."""


def parse_doi(said: str) -> str:
    """The bare DOI of one in any spelling; empty if it is none."""
    match = _DOI.fullmatch(said)
    return match[1] if match else ""


def is_url(said: str) -> bool:
    return _URL.fullmatch(said) is not None or (" " not in said and schemes.is_web_url(said))


def _in_scheme(said: str, scheme: str) -> str:
    """The value's one spelling, empty if it is none of this scheme."""
    if scheme == "doi":
        return parse_doi(said)
    if scheme == "url":
        return said if _URL.fullmatch(said) or (" " not in said and schemes.is_url(said)) else ""
    if scheme == "handle":
        match = _HANDLE.fullmatch(said)
        said = match[1] if match else said
        if not _BARE_HANDLE.fullmatch(said):
            return ""
    elif scheme in ("issn", "eissn", "lissn", "isbn"):
        said = _LABEL.sub("", said, count=1)
    elif scheme == "arxiv":
        said = _ARXIV_URL.sub("", said, count=1)
    return schemes.normalize(said, scheme) or ""


def classify(said: str, claim: str) -> tuple[str, str, bool]:
    """(identifier, scheme, whether the scheme is the claimed one) of a text that a document calls a `claim`."""
    claimed = NAMES.get(compact(claim), "") if claim else ""
    if claimed and (identifier := _in_scheme(said, claimed)):
        return identifier, claimed, True
    identifier, scheme = detect(said)
    return identifier, scheme, False


def detect(said: str) -> tuple[str, str]:
    """(identifier, scheme) of a value without a claim."""
    if doi := parse_doi(said):
        return doi, "doi"
    if _URL.fullmatch(said):
        return (handle[1], "handle") if (handle := _HANDLE.fullmatch(said)) else (said, "url")
    if handle := _HANDLE.fullmatch(said):
        return handle[1], "handle"
    lower = said[:12].lower()
    for beginning, scheme in _BEGINNINGS:
        if lower.startswith(beginning) and (identifier := _in_scheme(said, scheme)):
            return identifier, scheme
    if len(said) == 9 and said[4] == "-" and (issn := _in_scheme(said, "issn")):
        return issn, "issn"
    if said[:3] in ("978", "979") and (isbn := _in_scheme(said, "isbn")):
        return isbn, "isbn"
    return said, "other"


def person_identifier(said: str, claim: str) -> tuple[str, str]:
    """(identifier, scheme) of a person or an organisation; both empty if it is none that the model has."""
    claimed = compact(claim)
    if claimed:
        return (identifier, claimed) if (identifier := _of_person(said, claimed)) else ("", "")
    if "://" in said:
        for scheme in schemes.PERSON:
            if identifier := _of_person(said, scheme):
                return identifier, scheme
    return "", ""


def _of_person(said: str, scheme: str) -> str:
    if scheme not in schemes.PERSON:
        return ""
    said = said.rstrip("/")
    if scheme == "isni":
        said = _ISNI_URL.sub("", said, count=1).replace(" ", "")
    elif scheme == "orcid":
        said = said.removeprefix("orcid:").removeprefix("ORCID:").strip()
    normal = schemes.normalize(said, scheme) or ""
    # idutils forgives what follows a GND or Wikidata id
    return normal if scheme not in ("gnd", "wikidata") or said.endswith(normal.rpartition(":")[2]) else ""


def ror(said: str, claim: str = "ROR") -> str:
    """The bare ROR id of a valid one; empty if it is none, or is claimed to be something else."""
    if claim.upper() != "ROR" and not (claim == "" and "ror.org/" in said):
        return ""
    return schemes.ror(said.rstrip("/")) or ""
