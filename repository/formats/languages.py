"""Languages of records and of their texts in the terms of other vocabularies."""

from repository.records.snapshot import Json, Snapshot

_EU_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_LEXVO = "http://lexvo.org/id/iso639-3/"
_FURTHER = (
    "aro ayo brg cal cao cas cav caw cax caz chn ckb cmn crs csb cyb dsb ese fil fur gug gyr hca hif hsb ign ite "
    "ito kmr kxd lec lua min mis mpd mtp mul mzp niu nso pap pau pcp pih prs psm puq rar rey rom sco sdh sip sje "
    "srq swb tet tkl tna tno tpi tpj trn tvl und ure vls yaa yue yuq yuz zlm zxx"
)
EU_FURTHER = frozenset(_FURTHER.split())
"""Languages of the EU's list that have no two-letter code; those that have one are in it. It grows: where a code is
missing here, the language has Lexvo's IRI, which is right as well."""


def language_tag(snapshot: Snapshot, entry: Json) -> str:
    """The tag of a text by its `lang`: two letters where ISO 639-1 has them. Specified by: BCP 47, 2.2.1."""
    code = (entry.get("lang") or {}).get("id", "")
    if not code:
        return ""
    code = snapshot.prop("languages", code, "alpha_2") or code
    return code if len(code) in (2, 3) and code.isascii() and code.isalpha() else ""


def language_iri(snapshot: Snapshot, code: str) -> str:
    """The IRI of a language of ISO 639-3; empty for a code that can't be one."""
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        return ""
    return known_iri(code, snapshot.prop("languages", code, "alpha_2"))


def known_iri(code: str, alpha_2: str) -> str:
    """The same by both codes of the language, of which the second may be empty.

    Specified by: DCAT-AP 3.0.1, controlled vocabularies: the EU's list, as far as it goes; Lexvo has all of ISO 639-3.
    """
    return _EU_LANGUAGE + code.upper() if alpha_2 or code in EU_FURTHER else _LEXVO + code
