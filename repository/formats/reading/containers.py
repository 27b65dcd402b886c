"""The journal or book that a document appeared in → the bundles `journal:journal` and `imprint:imprint`."""

from repository.formats.reading.identifiers import classify
from repository.formats.reading.intake import take, text
from repository.formats.reading.spelling import compact
from repository.records.snapshot import Json

JOURNAL, IMPRINT = "journal:journal", "imprint:imprint"
_BUNDLES = {"journal": JOURNAL, "book": IMPRINT}


def take_container(entry: Json, kind: str, custom_fields: Json) -> bool:
    """Fills the bundle for an entry of this kind (`Journal`, `Book`), unless it is filled already, and tells whether.

    `entry` is DataCite's container or relatedItem; what is not taken stays in it.
    """
    bundle = _BUNDLES.get(compact(kind), "")
    if not bundle or bundle in custom_fields or not (title := _take_title(entry)):
        return False
    found: Json = {"title": title}
    if bundle == JOURNAL:
        found |= {key: said for key in ("volume", "issue") if (said := take(entry, key))}
    if pages := "-".join(filter(None, (take(entry, "firstPage"), take(entry, "lastPage")))):
        found["pages"] = pages
    _take_number(entry, "issn" if bundle == JOURNAL else "isbn", found)
    custom_fields[bundle] = found
    return True


def _take_number(entry: Json, scheme: str, found: Json) -> None:
    """ISSN or ISBN of DataCite's container: `{identifier, identifierType}`."""
    if compact(text(entry.get("identifierType"))) != scheme:
        return
    number, _, borne_out = classify(text(entry.get("identifier")), scheme)
    if borne_out:
        found[scheme] = number
        del entry["identifier"], entry["identifierType"]


def _take_title(entry: Json) -> str:
    titles = entry.get("titles")
    first = titles[0] if isinstance(titles, list) and titles else titles
    return take(entry, "title") or (take(first, "title") if isinstance(first, dict) else "")
