"""The journal, book or meeting that a document appeared in → the bundles for them among the custom fields."""

from repository.formats.reading.identifiers import classify
from repository.formats.reading.intake import take, text
from repository.formats.reading.spelling import compact
from repository.records import schemes
from repository.records.snapshot import Json

JOURNAL, IMPRINT, MEETING = "journal:journal", "imprint:imprint", "meeting:meeting"
_BUNDLES = {"journal": JOURNAL, "book": IMPRINT, "conferenceproceeding": MEETING}
_PARTS = {JOURNAL: ("volume", "issue"), IMPRINT: ("edition",), MEETING: ()}
_NUMBERS = {JOURNAL: "issn", IMPRINT: "isbn"}
_IDENTIFIER, _ITEM_IDENTIFIER = ("identifier", "identifierType"), ("relatedItemIdentifier", "relatedItemIdentifierType")

_SAID_OF_MEETINGS = {"relatedItemType", "relationType", "title", "titles", *_ITEM_IDENTIFIER}


def take_container(entry: Json, kind: str, custom_fields: Json) -> bool:
    """Fills the bundle for an entry of this kind (`Journal`, `Book`, `ConferenceProceeding`), unless it is filled
    already, and tells whether.

    `entry` is DataCite's container or relatedItem; what is not taken stays in it. Proceedings are the meeting only
    where no more is said of them than what a meeting has a place for.
    """
    bundle = _BUNDLES.get(compact(kind), "")
    if bundle == MEETING and not entry.keys() <= _SAID_OF_MEETINGS:
        return False
    if not bundle or bundle in custom_fields or not (title := _take_title(entry)):
        return False
    found: Json = {"title": title}
    found |= {key: said for key in _PARTS[bundle] if (said := take(entry, key))}
    if bundle != MEETING and (pages := "-".join(filter(None, (take(entry, "firstPage"), take(entry, "lastPage"))))):
        found["pages"] = pages
    _take_identifier(entry, bundle, found)
    custom_fields[bundle] = found
    return True


def _take_identifier(entry: Json, bundle: str, found: Json) -> None:
    """ISSN, ISBN, or what identifies a meeting, if there is a place for it: of a container `{identifier,
    identifierType}`, of a related item likewise or in an object of its own."""
    inner = entry.get(_ITEM_IDENTIFIER[0])
    holders = ((entry, _IDENTIFIER), (inner if isinstance(inner, dict) else entry, _ITEM_IDENTIFIER))
    for holder, (key, type_key) in holders:
        said = text(holder.get(key))
        identifier, scheme, borne_out = classify(said, text(holder.get(type_key)))
        if not said or not borne_out or compact(identifier) != compact(said):
            continue
        if bundle != MEETING:
            if scheme != _NUMBERS[bundle]:
                continue
            found[scheme] = identifier
        elif scheme == "url" and schemes.is_web_url(identifier):
            found["url"] = identifier
        else:
            found["identifiers"] = [{"scheme": scheme, "identifier": identifier}]
        del holder[key], holder[type_key]
        return


def _take_title(entry: Json) -> str:
    titles = entry.get("titles")
    first = titles[0] if isinstance(titles, list) and titles else titles
    if isinstance(first, str) and isinstance(titles, list):
        titles[0] = first = {"title": first}
    return take(entry, "title") or (take(first, "title") if isinstance(first, dict) else "")
