"""Languages of records and of their texts in the terms of other vocabularies."""

from repository.records.snapshot import Json, Snapshot

_EU_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_LEXVO = "http://lexvo.org/id/iso639-3/"


def language_tag(snapshot: Snapshot, entry: Json) -> str:
    """The tag of a text by its `lang`: two letters where ISO 639-1 has them. Specified by: BCP 47, 2.2.1."""
    code = (entry.get("lang") or {}).get("id", "")
    code = snapshot.prop("languages", code, "alpha_2") or code
    return code if len(code) in (2, 3) and code.isascii() and code.isalpha() else ""


def language_iri(snapshot: Snapshot, code: str) -> str:
    """The IRI of a language of ISO 639-3; empty for a code that can't be one."""
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        return ""
    # the EU's list has the languages that have a two-letter code as well; Lexvo has all of ISO 639-3
    known = snapshot.prop("languages", code, "alpha_2")
    return _EU_LANGUAGE + code.upper() if known else _LEXVO + code
