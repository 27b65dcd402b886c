"""The code lists of the Czech Core Metadata Model: a value that is not in them may not be written.

Specified by: CCMM 1.1.0 and the code lists at https://vocabs.ccmm.cz/.
"""

import re

_LISTS = "https://vocabs.ccmm.cz/registry/codelist/"
ALTERNATE_TITLE = _LISTS + "AlternateTitle/"
AGENT_ROLE = _LISTS + "AgentRole/"
DESCRIPTION_TYPE = _LISTS + "DescriptionType/"
REFERS_TO_PLACE = _LISTS + "LocationRelation/Refers"
RELATION_TYPE = _LISTS + "RelationType/"
SUBJECT_CATEGORY = _LISTS + "SubjectCategory/"
TIME_REFERENCE = _LISTS + "TimeReference/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
MD5 = "http://www.wikidata.org/entity/Q185235"
SHA_256 = "http://www.wikidata.org/entity/Q110651361"

SCHEMES = {
    "arxiv": ("https://arxiv.org/", "arXiv"),
    "doi": ("https://doi.org/", "DOI"),
    "eissn": ("https://www.issn.org/", "ISSN"),
    "handle": ("https://handle.net/", "Handle"),
    "isbn": ("https://www.isbn-international.org/", "ISBN"),
    "isni": ("https://isni.org/", "ISNI"),
    "issn": ("https://www.issn.org/", "ISSN"),
    "lissn": ("https://www.issn.org/", "ISSN"),
    "orcid": ("https://orcid.org/", "ORCID"),
    "ror": ("https://ror.org/", "ROR"),
}
"""Our schemes → IRI and label of the identifier scheme."""
IRI_SCHEME = ("urn:iri", "IRI")
"""Of identifiers whose own scheme the model does not know, and which are IRIs or lead to one."""

_FIELD = re.compile(r"https?://www\.oecd\.org/science/inno/38235147\.pdf\?([1-6])(?:\.(\d{1,2}))?")


def subject_category(subject: str) -> tuple[str, str]:
    """IRI and code of a subject of the OECD's Fields of Science in the model's own list; empty for any other.

    `…38235147.pdf?1.2` is `…/10000/10200`, 10200.
    """
    match = _FIELD.fullmatch(subject)
    if match is None:
        return "", ""
    division, group = f"{match[1]}0000", f"{match[1]}{int(match[2] or 0):02d}00"
    return SUBJECT_CATEGORY + (division if division == group else f"{division}/{group}"), group
