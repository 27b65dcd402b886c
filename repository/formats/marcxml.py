"""MARC 21 bibliographic records as MARCXML: what a catalogue takes in without a hand touching it.

Specified by: MARC 21 Format for Bibliographic Data, update 38; MARCXML 1.2. Field 980 is a local one, written
as InvenioRDM writes it, for its clients; its 909 with the indicators `CO` is not, since no MARCXML may have capitals
there: the OAI identifier is in 024. Titles and names carry no ISBD punctuation (Leader/18 is `c`).
"""

from collections.abc import Iterator

from repository.formats.access_rights import access_right
from repository.formats.files import listed_files
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.iris import clean_iri, identifier_iri
from repository.formats.library_kinds import CONTENT, Kind, kind_of
from repository.formats.library_languages import bibliographic
from repository.formats.library_places import places
from repository.formats.library_terms import IDENTIFIER_SOURCES, article_length, subject_source, subtitles
from repository.formats.marc_fields import control_fields, copyright_year, field, leader, statement, tidy
from repository.formats.marc_links import HOSTS, hosts, linking_fields
from repository.formats.marc_names import meeting_fields, name_fields, responsibility
from repository.formats.text import english, plain, plain_title
from repository.formats.xml_text import document
from repository.records.identifiers import doi_iri, file_path, landing_iri, oai_identifier
from repository.records.snapshot import Json, Site, Snapshot

NAMESPACE = "http://www.loc.gov/MARC21/slim"
_LOCATION = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
_ROOT = (
    f'<record xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{NAMESPACE} {_LOCATION}" type="Bibliographic">'
)
_UNTITLED = "[Title not known]"


def write(snapshot: Snapshot, site: Site) -> bytes:
    kind = kind_of(snapshot)
    related = [entry.get("relation_type", {}).get("id") for entry in snapshot.metadata.get("related_identifiers", ())]
    hosted = bool(hosts(snapshot)) or any(name in HOSTS for name in related)
    lines = [_ROOT, f"<leader>{leader(snapshot, kind, hosted=hosted)}</leader>"]
    lines += control_fields(snapshot, kind, site.oai_domain)
    fields = [line for line in _fields(snapshot, site, kind) if line]
    fields.sort(key=_tag)  # fields of one tag stay in their order
    return document("\n".join((*lines, *fields, "</record>")))


def _tag(line: str) -> str:
    return line[16:19]


def _fields(snapshot: Snapshot, site: Site, kind: Kind) -> Iterator[str]:
    yield field("040", "  ", ("a", site.oai_domain), ("b", "eng"), ("c", site.oai_domain))
    yield from _identifiers(snapshot, site)
    yield from _languages(snapshot)
    yield from name_fields(snapshot, kind)
    yield from meeting_fields(snapshot)
    yield from _titles(snapshot)
    yield from _publication(snapshot)
    yield from _physical(snapshot, kind)
    yield from _notes(snapshot)
    yield from _rights(snapshot)
    yield from _subjects(snapshot)
    yield from _places(snapshot)
    yield from linking_fields(snapshot)
    yield from _locations(snapshot, site)
    yield from _kinds(snapshot, kind)


def _identifiers(snapshot: Snapshot, site: Site) -> Iterator[str]:
    if snapshot.doi:
        yield field("024", "7 ", ("a", snapshot.doi), ("2", "doi"))
    for scheme, pid in snapshot.pids.items():
        if scheme not in ("doi", "oai"):
            yield _identifier(scheme, pid["identifier"])
    for entry in snapshot.metadata.get("identifiers", ()):
        yield _identifier(entry.get("scheme", ""), entry["identifier"])
    imprint = (snapshot.custom_fields or {}).get("imprint:imprint") or {}
    if not imprint.get("title"):  # with a title it is the book that the work is in: field 773
        yield _identifier("isbn", imprint.get("isbn", ""))
    yield field("024", "8 ", ("a", oai_identifier(site.oai_domain, snapshot.id)), ("q", "oai"))


def _identifier(scheme: str, value: str) -> str:
    if scheme == "isbn":
        return field("020", "  ", ("a", value.replace("-", "")))
    if scheme in ("issn", "eissn"):
        return field("022", "  ", ("a", value))
    if scheme == "lissn":
        return field("022", "  ", ("a", value), ("l", value))
    if scheme in ("upc", "ean13"):
        return field("024", "1 " if scheme == "upc" else "3 ", ("a", value))
    source = IDENTIFIER_SOURCES.get(scheme)
    if source:
        return field("024", "7 ", ("a", value), ("2", source))
    return field("024", "8 ", ("a", value), ("q", scheme))


def _languages(snapshot: Snapshot) -> Iterator[str]:
    languages = snapshot.metadata.get("languages", ())
    codes = list(dict.fromkeys(filter(None, (bibliographic(entry["id"]) for entry in languages))))
    if codes:
        yield field("041", "  ", *(("a", code) for code in codes))
    for entry in languages:
        if not bibliographic(entry["id"]):
            yield field("041", " 7", ("a", entry["id"]), ("2", "iso639-3"))
    names = [english(entry.get("title")) for entry in languages]
    if any(names):
        yield field("546", "  ", ("a", ", ".join(filter(None, names))))


def _titles(snapshot: Snapshot) -> Iterator[str]:
    title = tidy(plain_title(snapshot.title)) or _UNTITLED
    first = next(subtitles(snapshot), None)
    subtitle = plain_title(first["title"]) if first else ""
    indicators = f"{int(bool(snapshot.metadata.get('creators')))}{article_length(title, snapshot)}"
    yield field("245", indicators, ("a", title), ("b", subtitle), ("c", responsibility(snapshot)))
    for entry in snapshot.metadata.get("additional_titles", ()):
        if entry is not first:
            kind = "1" if (entry.get("type") or {}).get("id") == "translated-title" else " "
            yield field("246", f"3{kind}", ("a", plain_title(entry["title"])))


def _publication(snapshot: Snapshot) -> Iterator[str]:
    metadata = snapshot.metadata
    imprint = (snapshot.custom_fields or {}).get("imprint:imprint") or {}
    place = "" if imprint.get("title") else imprint.get("place", "")
    published = metadata.get("publication_date", "")
    yield statement("264", " 1", ("a", place), ("b", metadata.get("publisher", "")), ("c", published))
    year = copyright_year(snapshot)
    yield field("264", " 4", ("c", f"©{year}" if year else ""))
    yield field("250", "  ", ("a", metadata.get("version", "")))
    if not imprint.get("title"):
        yield field("250", "  ", ("a", imprint.get("edition", "")))
    for entry in metadata.get("dates", ()):
        yield from _date((entry.get("type") or {}).get("id", ""), entry)


def _date(kind: str, entry: Json) -> Iterator[str]:
    begin, _, end = entry["date"].partition("/")
    if kind == "created":
        yield field("046", "  ", ("k", begin), ("l", end), ("2", "edtf"))
    elif kind == "valid":
        yield field("046", "  ", ("m", begin), ("n", end), ("2", "edtf"))
    elif kind == "collected":
        yield field("518", "  ", ("o", "Collected"), ("d", entry["date"]), ("p", entry.get("description", "")))
    elif kind == "coverage":
        yield field("648", " 4", ("a", entry["date"].replace("/", "-") if len(entry["date"]) == 9 else entry["date"]))
    elif kind != "copyrighted":
        named = english((entry.get("type") or {}).get("title")) or "Date"
        described = f" ({entry['description']})" if entry.get("description") else ""
        yield field("500", "  ", ("a", f"{named}: {entry['date']}{described}"))


def _physical(snapshot: Snapshot, kind: Kind) -> Iterator[str]:
    sizes, files = snapshot.metadata.get("sizes", ()), listed_files(snapshot)
    extent = ", ".join(sizes) or (f"{len(files)} file{'s' if len(files) > 1 else ''}" if files else "")
    if kind.record_type == "r":
        yield field("300", "  ", ("a", extent))
    else:
        yield field("300", "  ", ("a", f"1 online resource ({extent})" if extent else "1 online resource"))
    yield field("336", "  ", ("a", CONTENT[kind.content]), ("b", kind.content), ("2", "rdacontent"))
    if kind.record_type == "r":
        yield field("337", "  ", ("a", "unmediated"), ("b", "n"), ("2", "rdamedia"))
        yield field("338", "  ", ("a", "object"), ("b", "nr"), ("2", "rdacarrier"))
    else:
        yield field("337", "  ", ("a", "computer"), ("b", "c"), ("2", "rdamedia"))
        yield field("338", "  ", ("a", "online resource"), ("b", "cr"), ("2", "rdacarrier"))
    if kind.file_type:
        yield field("347", "  ", ("a", kind.file_type), ("2", "rdaft"))
    formats = dict.fromkeys((*snapshot.metadata.get("formats", ()), *(entry.get("mimetype", "") for entry in files)))
    total = f"{sum(entry['size'] for entry in files)} bytes" if files else ""
    yield statement("347", "  ", *(("b", name) for name in formats), ("c", total))


_NOTES = {
    "abstract": ("520", "3 "),
    "methods": ("567", "  "),
    "series-information": ("490", "0 "),
    "table-of-contents": ("505", "0 "),
    "technical-info": ("538", "  "),
}


def _notes(snapshot: Snapshot) -> Iterator[str]:
    metadata, fields = snapshot.metadata, snapshot.custom_fields or {}
    yield field("520", "3 ", ("a", plain(metadata.get("description") or "")))
    for entry in metadata.get("additional_descriptions", ()):
        tag, indicators = _NOTES.get((entry.get("type") or {}).get("id", ""), ("500", "  "))
        yield field(tag, indicators, ("a", plain(entry["description"])))
    thesis = fields.get("thesis:thesis") or {}
    degree = [("b", "type"), ("c", "university"), ("d", "date_defended"), ("g", "department")]
    yield statement("502", "  ", *((code, str(thesis.get(name) or "")) for code, name in degree))
    for language in fields.get("code:programmingLanguage") or ():
        yield field("753", "  ", ("b", english(language.get("title"))))
    references = len(metadata.get("references", ()))
    if references:
        yield field("504", "  ", ("a", "Includes bibliographical references"), ("b", str(references)))
    for entry in metadata.get("funding", ()):
        award = entry.get("award") or {}
        named = ": ".join(filter(None, ((entry.get("funder") or {}).get("name", ""), english(award.get("title")))))
        yield field("536", "  ", ("a", named), ("c", award.get("number", "")))


_TERMS = {
    "open": ("0 ", "Unrestricted online access"),
    "embargoed": ("1 ", "Online access with authorization"),
    "restricted": ("1 ", "Online access with authorization"),
}


def _rights(snapshot: Snapshot) -> Iterator[str]:
    right = access_right(snapshot)
    if right:
        indicators, term = _TERMS.get(snapshot.access["status"], ("1 ", ""))
        embargo = snapshot.access.get("embargo") or {}
        until = str(embargo.get("until") or "").replace("-", "") if embargo.get("active") else ""
        source = "star" if term else ""
        yield field("506", indicators, ("a", right.title), ("f", term), ("g", until), ("u", right.coar), ("2", source))
    for entry in snapshot.metadata.get("rights", ()):
        props, term = entry.get("props") or {}, _creative_commons(entry.get("id", ""))
        link = clean_iri(props.get("url") or entry.get("link") or "")
        title = english(entry.get("title")) or entry.get("id", "")
        yield field("540", "  ", ("a", title), ("f", term), ("u", link), ("2", "cc" if term else ""))
    notice = plain(snapshot.metadata.get("copyright") or "")
    if notice:
        holders = (
            entry["person_or_org"].get("name", "")
            for entry in snapshot.metadata.get("contributors", ())
            if (entry.get("role") or {}).get("id") == "rightsholder"
        )
        year = copyright_year(snapshot)
        yield field("542", "1 ", ("f", notice), *(("d", name) for name in holders), ("g", year))


def _creative_commons(licence: str) -> str:
    """`cc-by-nc-4.0` → `CC BY-NC 4.0`, as the list `cc` has them; empty for other licences."""
    name, dash, version = licence.upper().rpartition("-")
    if not dash or not name.startswith(("CC-", "CC0")) or not version.replace(".", "").isdigit():
        return ""
    return f"{name.replace('CC-', 'CC ', 1)} {version}"


def _subjects(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("subjects", ()):
        word, identifier = entry.get("subject", ""), str(entry.get("id") or "")
        source = subject_source(entry.get("scheme", ""))
        if not source:
            yield field("653", "  ", ("a", word), ("0", identifier))
        elif source in ("mesh", "lcsh"):
            yield field("650", " 2" if source == "mesh" else " 0", ("a", word), ("0", identifier))
        else:
            yield field("650", " 7", ("a", word), ("0", identifier), ("2", source))


def _places(snapshot: Snapshot) -> Iterator[str]:
    for place in places(snapshot):
        yield field("651", " 4", ("a", place.name), ("1", place.iri))
        if place.box:
            west, south, east, north = (f"{degrees:+011.6f}" for degrees in place.box)
            yield field("034", "0 ", ("a", "a"), ("d", west), ("e", east), ("f", north), ("g", south))
            yield field("255", "  ", ("c", f"({place.statement})"))


def _locations(snapshot: Snapshot, site: Site) -> Iterator[str]:
    status = snapshot.access.get("status", "")
    access = "0" if status == "open" else "1" if status in ("embargoed", "restricted") else ""
    doi = doi_iri(snapshot.doi) if snapshot.doi else ""
    landing = landing_iri(site, snapshot.id)
    yield field("856", "40", ("3", "Landing page"), ("u", landing), ("g", doi), ("7", access))
    for entry in listed_files(snapshot):
        link = site.url + file_path(snapshot.id, entry["key"])
        media, size = entry.get("mimetype", ""), f"{entry['size']} bytes"
        yield field("856", "40", ("3", entry["key"]), ("u", link), ("q", media), ("s", size), ("7", access))
    for entry in snapshot.metadata.get("identifiers", ()):
        if entry.get("scheme") == "url":
            yield field("856", "4 ", ("u", identifier_iri("url", entry["identifier"])))
    code = clean_iri((snapshot.custom_fields or {}).get("code:codeRepository") or "")
    yield field("856", "42", ("u", code), ("3", "Source code"))


def _kinds(snapshot: Snapshot, kind: Kind) -> Iterator[str]:
    """655 for catalogues, 980 for InvenioRDM's clients."""
    if kind.genre:
        yield field("655", " 7", ("a", kind.genre), ("2", "marcgt"))
    term = snapshot.metadata.get("resource_type") or {"id": ""}
    concept = snapshot.prop("resourcetypes", term["id"], "coar")
    scheme = ("0", concept), ("2", "coar" if concept else "")
    yield field("655", " 7" if concept else " 4", ("a", english(term.get("title"))), *scheme)
    main, _, specific = term["id"].partition("-")
    main = snapshot.prop("resourcetypes", term["id"], "marc21_type") or main
    specific = snapshot.prop("resourcetypes", term["id"], "marc21_subtype") or specific
    yield field("980", "  ", ("a", main), ("b", specific))


FORMAT = Format(
    name="marcxml",
    title="MARC 21 XML",
    media_type="application/marcxml+xml",
    file_name="marc.xml",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="marcxml", namespace=NAMESPACE, schema=_LOCATION),
)
