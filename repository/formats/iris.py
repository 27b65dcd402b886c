"""Identifiers of other people's things as IRIs: ORCID iDs, RORs, related works, links that depositors typed."""

import re

from repository.records.identifiers import doi_iri, parse_doi

_PART = r"[\w\-.~!$&'()*+,;=:@/]++|%[0-9A-Fa-f]{2}"
_NAME = r"[\w\-.~!$&'()*+,;=]++"
_AUTHORITY = rf"(?:{_NAME}@)?{_NAME}(?::[0-9]+)?(?=[/?#]|\Z)"
_IRI = re.compile(
    rf"(?!(?i:javascript|data|vbscript):)[A-Za-z][A-Za-z0-9+.\-]*:"
    rf"(?://{_AUTHORITY}|(?!//)(?=.))(?:{_PART})*+(?:\?(?:{_PART}|\?)*+)?(?:\#(?:{_PART}|\?)*+)?"
)
_SAFE = re.compile(r"[A-Za-z0-9.\-]+")
_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})|[^\w\-.~!$&'()*+,;=:@/?%]")
_ROR = re.compile(r"0[0-9a-hj-km-np-tv-z]{6}[0-9]{2}")
_NAMES = {
    "orcid": "https://orcid.org/",
    "ror": "https://ror.org/",
    "isni": "https://isni.org/isni/",
    "gnd": "https://d-nb.info/gnd/",
    "wikidata": "http://www.wikidata.org/entity/",
    "grid": "https://www.grid.ac/institutes/",
    "geonames": "https://sws.geonames.org/",
}
_WORKS = {
    "ads": "https://ui.adsabs.harvard.edu/abs/",
    "arxiv": "https://arxiv.org/abs/",
    "ark": "https://n2t.net/",
    "cstr": "https://www.cstr.cn/",
    "eissn": "https://portal.issn.org/resource/ISSN/",
    "handle": "https://hdl.handle.net/",
    "igsn": "https://igsn.org/",
    "isbn": "urn:isbn:",
    "issn": "https://portal.issn.org/resource/ISSN/",
    "lissn": "https://portal.issn.org/resource/ISSN/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
    "raid": "https://raid.org/",
    "rrid": "https://scicrunch.org/resolver/",
    "swhid": "https://archive.softwareheritage.org/",
}
_PREFIXES = _NAMES | _WORKS
_WHOLE = ("lsid", "purl", "url", "urn", "w3id")
"""Schemes whose values are IRIs themselves."""


def clean_iri(text: str) -> str:
    """The text as an IRI, what may not stand in one percent-encoded; empty if it can't become a harmless one.

    That is: no scheme, a scheme that browsers execute, an impossible host (a password before it, IPv6).
    Specified by: RFC 3987, 2.2; letters and digits of any script stay, everything else beyond ASCII is encoded.
    """
    text = text.strip()
    if _IRI.fullmatch(text):
        return text
    head, mark, fragment = text.partition("#")
    encoded = _ENCODED.sub(_percent, head) + mark + _ENCODED.sub(_percent, fragment)
    return encoded if _IRI.fullmatch(encoded) else ""


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "ignore"))


def clickable(iri: str) -> str:
    """The IRI if a browser can go there; a URN, for example, only names."""
    return iri if iri.startswith(("https://", "http://", "ftp://")) else ""


def of_web(iri: str) -> str:
    """The IRI if it is an address of HTTP, as some formats want it."""
    return iri if iri.startswith(("https://", "http://")) else ""


def identifier_iri(scheme: str, value: str) -> str:
    """Where an identifier leads, or the IRI that it is; empty for schemes that have neither."""
    value = value.strip()
    if scheme in ("doi", "crossreffunderid"):
        doi = parse_doi(value)
        return doi_iri(doi) if doi else ""
    if scheme in _WHOLE or value.startswith(("https://", "http://")):
        return clean_iri(value)
    prefix = _PREFIXES.get(scheme)
    if not prefix or not value:
        return ""
    if scheme == "arxiv":
        value = value.removeprefix("arXiv:")
    elif scheme == "isni":
        value = value.replace(" ", "")
    elif scheme == "geonames":
        value += "/"
    if _SAFE.fullmatch(value):
        return prefix + value
    return clean_iri(prefix + _ENCODED.sub(_percent, value.replace("?", "%3F")))


def agent_iri(identifiers: list[dict[str, str]] | None) -> str:
    """The IRI that names a person or an organisation best: ORCID and ROR before the others."""
    if not identifiers:
        return ""
    known = {entry["scheme"]: entry["identifier"] for entry in identifiers if entry.get("scheme") in _NAMES}
    for scheme in ("orcid", "ror", "isni", "gnd", "wikidata", "grid"):
        if scheme in known:
            return identifier_iri(scheme, known[scheme])
    return ""


def organisation_iri(organisation: dict[str, object]) -> str:
    """The IRI of an affiliation or a funder: its id where that is a ROR, else the best of its identifiers."""
    identifier = organisation.get("id")
    if isinstance(identifier, str) and _ROR.fullmatch(identifier):
        return _NAMES["ror"] + identifier
    identifiers = organisation.get("identifiers")
    return agent_iri(identifiers) if isinstance(identifiers, list) else ""
