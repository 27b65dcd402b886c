"""MODS: the record as libraries exchange it beside MARC, in words instead of positions. Specified by: MODS 3.8.

`usage="primary display"` is the value that readers of every version know; 3.8 still allows it.
"""

from collections.abc import Iterator

from repository.formats.access_rights import access_right
from repository.formats.dates import bounds, datatype
from repository.formats.files import listed_files
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.iris import clean_iri
from repository.formats.library_kinds import Kind, kind_of
from repository.formats.library_languages import bibliographic
from repository.formats.library_places import places
from repository.formats.library_terms import IDENTIFIER_SOURCES, article_length, subject_source, subtitles
from repository.formats.licences import licence_iri
from repository.formats.mods_names import names
from repository.formats.mods_related import related_items
from repository.formats.mods_xml import element, text_element
from repository.formats.text import clean, english, plain, plain_title
from repository.formats.xml_text import attribute, document, escape
from repository.records.identifiers import file_path, landing_iri, oai_identifier
from repository.records.snapshot import Json, Site, Snapshot

NAMESPACE = "http://www.loc.gov/mods/v3"
_LOCATION = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"
_ROOT = (
    f'<mods xmlns="{NAMESPACE}" xmlns:xlink="http://www.w3.org/1999/xlink" '
    f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{NAMESPACE} {_LOCATION}" '
    'version="3.8">'
)


def write(snapshot: Snapshot, site: Site) -> bytes:
    return document("\n".join((_ROOT, *filter(None, _elements(snapshot, site)), "</mods>")))


def _elements(snapshot: Snapshot, site: Site) -> Iterator[str]:
    kind = kind_of(snapshot)
    yield from _titles(snapshot)
    yield from names(snapshot, kind)
    yield from _kinds(snapshot, kind)
    yield from _origin(snapshot, kind)
    yield from _languages(snapshot)
    yield _physical(snapshot)
    yield from _descriptions(snapshot)
    yield from _notes(snapshot)
    yield from _subjects(snapshot)
    yield from related_items(snapshot)
    yield from _identifiers(snapshot, site)
    yield from _locations(snapshot, site)
    yield from _conditions(snapshot)
    yield _record(snapshot, site)


def _titles(snapshot: Snapshot) -> Iterator[str]:
    title = clean(plain_title(snapshot.title))
    article = article_length(title, snapshot)
    first = next(subtitles(snapshot), None)
    inner = element("nonSort", escape(title[:article]), ' xml:space="preserve"') + text_element(
        "title", title[article:] or "[Title not known]"
    )
    if first:
        inner += text_element("subTitle", plain_title(first["title"]), _language(first))
    yield f'<titleInfo usage="primary">{inner}</titleInfo>'
    for entry in snapshot.metadata.get("additional_titles", ()):
        if entry is not first:
            yield element("titleInfo", text_element("title", plain_title(entry["title"])), _title_type(entry))


def _title_type(entry: Json) -> str:
    kind = entry.get("type") or {}
    if kind.get("id") == "translated-title":
        return ' type="translated"' + _language(entry)
    if kind.get("id") == "alternative-title":
        return ' type="alternative"' + _language(entry)
    return attribute("otherType", english(kind.get("title"))) + _language(entry)


def _language(entry: Json) -> str:
    """MODS's own attribute `lang`, which holds a bibliographic code."""
    return attribute("lang", bibliographic(entry["lang"]["id"])) if entry.get("lang") else ""


def _kinds(snapshot: Snapshot, kind: Kind) -> Iterator[str]:
    collection = ' collection="yes"' if kind.level == "c" else ""
    yield text_element("typeOfResource", kind.resource, collection)
    if kind.genre:
        yield text_element("genre", kind.genre, ' authority="marcgt"')
    term = snapshot.metadata.get("resource_type") or {"id": ""}
    concept = snapshot.prop("resourcetypes", term["id"], "coar")
    authority = ' authority="coar"' + attribute("valueURI", concept) if concept else ""
    yield text_element("genre", english(term.get("title")), authority)


_DATES = {
    "created": "dateCreated",
    "valid": "dateValid",
    "updated": "dateModified",
    "copyrighted": "copyrightDate",
}


def _origin(snapshot: Snapshot, kind: Kind) -> Iterator[str]:
    metadata = snapshot.metadata
    imprint = (snapshot.custom_fields or {}).get("imprint:imprint") or {}
    own = {} if imprint.get("title") else imprint  # with a title it is the book that the work is in
    inner = element("place", text_element("placeTerm", own.get("place", ""), ' type="text"'))
    inner += text_element("publisher", metadata.get("publisher", ""))
    if metadata.get("publication_date"):
        inner += _date("dateIssued", metadata["publication_date"], key=True)
    for entry in metadata.get("dates", ()):
        name = (entry.get("type") or {}).get("id", "")
        if name in _DATES:
            inner += _date(_DATES[name], entry["date"])
        elif name != "coverage":
            inner += _date("dateOther", entry["date"], attribute("type", name))
    embargo = snapshot.access.get("embargo") or {}
    if embargo.get("active") and embargo.get("until"):
        inner += _date("dateOther", embargo["until"], ' type="embargo end"')
    inner += text_element("edition", metadata.get("version", "")) + text_element("edition", own.get("edition", ""))
    issuance = "serial" if kind.level == "s" else "monographic"
    yield f'<originInfo eventType="publication">{inner}<issuance>{issuance}</issuance></originInfo>'


def _date(name: str, date: str, attributes: str = "", *, key: bool = False) -> str:
    """One element, or two for a range; the key date is where it begins."""
    begin, end = bounds(date)
    first = attributes + (' keyDate="yes"' if key else "")
    if begin == end:
        return text_element(name, begin, _encoding(begin) + first)
    return text_element(name, begin, f'{_encoding(begin)} point="start"{first}') + text_element(
        name, end, f'{_encoding(end)} point="end"{attributes}'
    )


def _encoding(date: str) -> str:
    return ' encoding="w3cdtf"' if datatype(date) else ""


def _languages(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("languages", ()):
        code = bibliographic(entry["id"])
        authority = ' type="code" authority="iso639-2b"' if code else ' type="code" authority="iso639-3"'
        inner = text_element("languageTerm", code or entry["id"], authority)
        inner += text_element("languageTerm", english(entry.get("title")), ' type="text"')
        yield element("language", inner)


def _physical(snapshot: Snapshot) -> str:
    files = listed_files(snapshot)
    sizes = list(snapshot.metadata.get("sizes", ()))
    if files and not sizes:
        sizes.append(f"{len(files)} file{'s' if len(files) > 1 else ''}")
    formats = dict.fromkeys((*snapshot.metadata.get("formats", ()), *(entry.get("mimetype", "") for entry in files)))
    inner = "".join(
        text_element("internetMediaType", name) if "/" in name else text_element("form", name) for name in formats
    )
    return element("physicalDescription", inner + "".join(text_element("extent", size) for size in sizes))


def _descriptions(snapshot: Snapshot) -> Iterator[str]:
    yield text_element("abstract", plain(snapshot.metadata.get("description") or ""))
    for entry in snapshot.metadata.get("additional_descriptions", ()):
        text, kind = plain(entry["description"]), (entry.get("type") or {}).get("id", "")
        if kind == "abstract":
            yield text_element("abstract", text, _language(entry))
        elif kind == "table-of-contents":
            yield text_element("tableOfContents", text, _language(entry))
        elif kind == "series-information":
            inner = element("titleInfo", text_element("title", text))
            yield element("relatedItem", inner, ' type="series"')
        else:
            yield text_element("note", text, attribute("type", _NOTES.get(kind, "")) + _language(entry))


_NOTES = {"methods": "methodology", "technical-info": "system details"}


def _notes(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("funding", ()):
        funder, award = entry.get("funder") or {}, entry.get("award") or {}
        funding = (funder.get("name", ""), english(award.get("title")), award.get("number", ""))
        yield text_element("note", ", ".join(filter(None, funding)), ' type="funding"')
    thesis = (snapshot.custom_fields or {}).get("thesis:thesis") or {}
    degree = (str(thesis.get(name) or "") for name in ("type", "university", "department", "date_defended"))
    yield text_element("note", ", ".join(filter(None, degree)), ' type="thesis"')


def _subjects(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("subjects", ()):
        source, identifier = subject_source(entry.get("scheme", "")), str(entry.get("id") or "")
        authority = attribute("authority", source)
        if identifier.startswith(("http://", "https://")):
            authority += attribute("valueURI", clean_iri(identifier))
        yield element("subject", text_element("topic", entry.get("subject", "")), authority)
    for place in places(snapshot):
        inner = text_element("geographic", place.name, attribute("valueURI", place.iri))
        inner += element("cartographics", text_element("coordinates", place.statement))
        yield element("subject", inner)
    for entry in snapshot.metadata.get("dates", ()):
        if (entry.get("type") or {}).get("id") == "coverage":
            yield element("subject", _date("temporal", entry["date"]))


def _identifiers(snapshot: Snapshot, site: Site) -> Iterator[str]:
    yield text_element("identifier", snapshot.doi, ' type="doi"')
    yield text_element("identifier", oai_identifier(site.oai_domain, snapshot.id), ' type="oai"')
    imprint = (snapshot.custom_fields or {}).get("imprint:imprint") or {}
    found = [(scheme, pid["identifier"]) for scheme, pid in snapshot.pids.items() if scheme not in ("doi", "oai")]
    found += [(entry.get("scheme", ""), entry["identifier"]) for entry in snapshot.metadata.get("identifiers", ())]
    if not imprint.get("title"):
        found.append(("isbn", imprint.get("isbn", "")))
    for scheme, value in found:
        yield text_element("identifier", value, attribute("type", IDENTIFIER_SOURCES.get(scheme, scheme)))


def _locations(snapshot: Snapshot, site: Site) -> Iterator[str]:
    primary = ' usage="primary display" access="object in context"'
    links = text_element("url", landing_iri(site, snapshot.id), primary)
    for entry in listed_files(snapshot):
        label = attribute("displayLabel", entry["key"]) + attribute("note", f"{entry['size']} bytes")
        links += text_element("url", site.url + file_path(snapshot.id, entry["key"]), ' access="raw object"' + label)
    yield f"<location>{links}</location>"


def _conditions(snapshot: Snapshot) -> Iterator[str]:
    right = access_right(snapshot)
    if right:
        restriction = ' type="restriction on access"' + attribute("xlink:href", right.coar)
        yield text_element("accessCondition", right.title, restriction)
    use = ' type="use and reproduction"'
    for entry in snapshot.metadata.get("rights", ()):
        link = licence_iri(entry)
        title = english(entry.get("title")) or entry.get("id", "")
        yield text_element("accessCondition", title, use + attribute("xlink:href", link))
    notice = plain(snapshot.metadata.get("copyright") or "")
    yield text_element("accessCondition", notice, use + ' displayLabel="Copyright"')


def _record(snapshot: Snapshot, site: Site) -> str:
    inner = text_element("recordContentSource", site.name)
    inner += text_element("recordCreationDate", snapshot.created[:10], ' encoding="w3cdtf"')
    inner += text_element("recordChangeDate", snapshot.updated[:10], ' encoding="w3cdtf"')
    inner += text_element("recordIdentifier", snapshot.id, attribute("source", site.oai_domain))
    english_code = '<languageTerm type="code" authority="iso639-2b">eng</languageTerm>'
    return f"<recordInfo>{inner}<languageOfCataloging>{english_code}</languageOfCataloging></recordInfo>"


FORMAT = Format(
    name="mods",
    title="MODS 3.8",
    media_type="application/mods+xml",
    file_name="mods.xml",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="mods", namespace=NAMESPACE, schema=_LOCATION),
)
