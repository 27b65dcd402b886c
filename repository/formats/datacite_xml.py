"""DataCite XML, kernel 4.7, from the same attributes as DataCite JSON. Specified by: its metadata.xsd.

A record without a DOI has its landing page in the mandatory `identifier`, with the type URL: the schema takes any
type, and calling a URL a DOI would be a lie.
"""

from collections.abc import Iterator

from repository.formats.datacite import SCHEMA, attributes
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.xml_text import attribute, document, escape, language
from repository.records.snapshot import Json, Site, Snapshot

_LOCATION = "http://schema.datacite.org/meta/kernel-4.7/metadata.xsd"
_ROOT = (
    f'<resource xmlns="{SCHEMA}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{SCHEMA} {_LOCATION}">'
)


def write(snapshot: Snapshot, site: Site) -> bytes:
    return document(resource(attributes(snapshot, site)))


def resource(work: Json) -> str:
    """The element `resource` of a record's DataCite attributes, a line for each element that has text."""
    publisher, kind = work["publisher"]["name"], work["types"]
    general, specific = kind["resourceTypeGeneral"], escape(kind["resourceType"])
    identifier, identifier_type = (work["doi"], "DOI") if "doi" in work else (work["url"], "URL")
    lines = [
        _ROOT,
        f'<identifier identifierType="{identifier_type}">{escape(identifier)}</identifier>',
        f'<resourceType resourceTypeGeneral="{general}">{specific}</resourceType>',
        *_wrapped("titles", [_title(title) for title in work["titles"]]),
        "<creators>",
        *(line for creator in work["creators"] for line in _party("creator", creator)),
        "</creators>",
        *_wrapped("contributors", [line for entry in work.get("contributors", ()) for line in _contributor(entry)]),
        f"<publisher>{escape(publisher)}</publisher>",
        f"<publicationYear>{work['publicationYear']}</publicationYear>",
        *_wrapped("subjects", [_subject(subject) for subject in work.get("subjects", ())]),
        *_wrapped("dates", [_date(date) for date in work["dates"]]),
        *_language(work.get("language", "")),
        *_wrapped("alternateIdentifiers", [_alternate(entry) for entry in work["alternateIdentifiers"]]),
        *_wrapped("relatedIdentifiers", [_related(entry) for entry in work.get("relatedIdentifiers", ())]),
        *_wrapped("sizes", [f"<size>{escape(size)}</size>" for size in work.get("sizes", ())]),
        *_wrapped("formats", [f"<format>{escape(name)}</format>" for name in work.get("formats", ())]),
        *([f"<version>{escape(work['version'])}</version>"] if "version" in work else ()),
        *_wrapped("rightsList", [_rights(rights) for rights in work.get("rightsList", ())]),
        *_wrapped("descriptions", [_description(entry) for entry in work.get("descriptions", ())]),
        *_wrapped("geoLocations", [line for place in work.get("geoLocations", ()) for line in _place(place)]),
        *_wrapped(
            "fundingReferences", [line for entry in work.get("fundingReferences", ()) for line in _funding(entry)]
        ),
        *_wrapped("relatedItems", [line for item in work.get("relatedItems", ()) for line in _related_item(item)]),
        "</resource>",
    ]
    return "\n".join(lines)


def _wrapped(name: str, lines: list[str]) -> list[str]:
    return [f"<{name}>", *lines, f"</{name}>"] if lines else []


def _title(title: Json) -> str:
    attributes = attribute("titleType", title.get("titleType", "")) + language(title.get("lang", ""))
    return f"<title{attributes}>{escape(title['title'])}</title>"


def _party(element: str, party: Json) -> Iterator[str]:
    yield f"<{element}>"
    yield from _names(element, party)
    yield f"</{element}>"


def _contributor(party: Json) -> Iterator[str]:
    yield f'<contributor contributorType="{party["contributorType"]}">'
    yield from _names("contributor", party)
    yield "</contributor>"


def _names(element: str, party: Json) -> Iterator[str]:
    name_type = attribute("nameType", party.get("nameType", ""))
    yield f"<{element}Name{name_type}>{escape(party['name'])}</{element}Name>"
    for name in ("givenName", "familyName"):
        if name in party:
            yield f"<{name}>{escape(party[name])}</{name}>"
    for known in party.get("nameIdentifiers", ()):
        scheme = attribute("nameIdentifierScheme", known["nameIdentifierScheme"])
        scheme += attribute("schemeURI", known.get("schemeUri", ""))
        yield f"<nameIdentifier{scheme}>{escape(known['nameIdentifier'])}</nameIdentifier>"
    for affiliation in party.get("affiliation", ()):
        scheme = attribute("affiliationIdentifier", affiliation.get("affiliationIdentifier", ""))
        scheme += attribute("affiliationIdentifierScheme", affiliation.get("affiliationIdentifierScheme", ""))
        scheme += attribute("schemeURI", affiliation.get("schemeUri", ""))
        yield f"<affiliation{scheme}>{escape(affiliation['name'])}</affiliation>"


def _subject(subject: Json) -> str:
    scheme = attribute("subjectScheme", subject.get("subjectScheme", ""))
    scheme += attribute("valueURI", subject.get("valueUri", ""))
    return f"<subject{scheme}>{escape(subject.get('subject', ''))}</subject>"


def _date(date: Json) -> str:
    information = attribute("dateInformation", date.get("dateInformation", ""))
    return f'<date dateType="{date["dateType"]}"{information}>{escape(date["date"])}</date>'


def _language(code: str) -> list[str]:
    return [f"<language>{code}</language>"] if language(code) else []


def _alternate(entry: Json) -> str:
    label = attribute("alternateIdentifierType", entry["alternateIdentifierType"])
    return f"<alternateIdentifier{label}>{escape(entry['alternateIdentifier'])}</alternateIdentifier>"


def _related(entry: Json) -> str:
    kind = attribute("resourceTypeGeneral", entry.get("resourceTypeGeneral", ""))
    return (
        f'<relatedIdentifier relatedIdentifierType="{entry["relatedIdentifierType"]}" '
        f'relationType="{entry["relationType"]}"{kind}>{escape(entry["relatedIdentifier"])}</relatedIdentifier>'
    )


def _rights(rights: Json) -> str:
    attributes = (
        attribute("rightsURI", rights.get("rightsUri", ""))
        + attribute("rightsIdentifier", rights.get("rightsIdentifier", ""))
        + attribute("rightsIdentifierScheme", rights.get("rightsIdentifierScheme", ""))
        + attribute("schemeURI", rights.get("schemeUri", ""))
    )
    return f"<rights{attributes}>{escape(rights['rights'])}</rights>"


def _description(entry: Json) -> str:
    attributes = attribute("descriptionType", entry["descriptionType"]) + language(entry.get("lang", ""))
    return f"<description{attributes}>{escape(entry['description'])}</description>"


def _place(place: Json) -> Iterator[str]:
    yield "<geoLocation>"
    if "geoLocationPlace" in place:
        yield f"<geoLocationPlace>{escape(place['geoLocationPlace'])}</geoLocationPlace>"
    for name in ("geoLocationPoint", "geoLocationBox"):
        if name in place:
            yield _coordinates(name, place[name])
    if "geoLocationPolygon" in place:
        points = "".join(_coordinates("polygonPoint", entry["polygonPoint"]) for entry in place["geoLocationPolygon"])
        yield f"<geoLocationPolygon>{points}</geoLocationPolygon>"
    yield "</geoLocation>"


def _coordinates(element: str, values: Json) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f"<{element}>{inner}</{element}>"


def _funding(entry: Json) -> Iterator[str]:
    yield "<fundingReference>"
    yield f"<funderName>{escape(entry['funderName'])}</funderName>"
    if "funderIdentifier" in entry:
        kind = attribute("funderIdentifierType", entry["funderIdentifierType"])
        yield f"<funderIdentifier{kind}>{escape(entry['funderIdentifier'])}</funderIdentifier>"
    if "awardNumber" in entry:
        link = attribute("awardURI", entry.get("awardUri", ""))
        yield f"<awardNumber{link}>{escape(entry['awardNumber'])}</awardNumber>"
    if "awardTitle" in entry:
        yield f"<awardTitle>{escape(entry['awardTitle'])}</awardTitle>"
    yield "</fundingReference>"


def _related_item(item: Json) -> Iterator[str]:
    yield f'<relatedItem relatedItemType="{item["relatedItemType"]}" relationType="{item["relationType"]}">'
    if "relatedItemIdentifier" in item:
        known = item["relatedItemIdentifier"]
        label = attribute("relatedItemIdentifierType", known["relatedItemIdentifierType"])
        yield f"<relatedItemIdentifier{label}>{escape(known['relatedItemIdentifier'])}</relatedItemIdentifier>"
    yield from _wrapped("titles", [_title(title) for title in item["titles"]])
    for name in ("volume", "issue", "firstPage", "lastPage", "edition"):  # the schema fixes this order
        if name in item:
            yield f"<{name}>{escape(item[name])}</{name}>"
    yield "</relatedItem>"


FORMAT = Format(
    name="datacite-xml",
    title="DataCite XML",
    media_type="application/vnd.datacite.datacite+xml",
    file_name="datacite.xml",
    frozen=True,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="datacite", namespace=SCHEMA, schema=_LOCATION),
)
