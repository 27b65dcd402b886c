"""Elements of DataCite XML, each made from a part of the attributes that `datacite` gives; none for an empty part.

Lines of text without a namespace prefix. Specified by: metadata.xsd of DataCite's kernel 4.
"""

from collections.abc import Iterable, Iterator

from repository.formats.xml_text import attribute, escape, language
from repository.records.snapshot import Json

Parts = Iterable[Json]


def titles(entries: Parts) -> list[str]:
    return _wrapped("titles", [_title(entry) for entry in entries])


def creators(entries: Parts) -> list[str]:
    return _wrapped("creators", [line for entry in entries for line in _party("creator", "", entry)])


def contributors(entries: Parts) -> list[str]:
    lines = [
        line
        for entry in entries
        for line in _party("contributor", f' contributorType="{entry["contributorType"]}"', entry)
    ]
    return _wrapped("contributors", lines)


def subjects(entries: Parts) -> list[str]:
    return _wrapped("subjects", [_subject(entry) for entry in entries])


def dates(entries: Parts) -> list[str]:
    return _wrapped("dates", [_date(entry) for entry in entries])


def alternate_identifiers(entries: Parts) -> list[str]:
    return _wrapped("alternateIdentifiers", [_alternate(entry) for entry in entries])


def related_identifiers(entries: Parts) -> list[str]:
    return _wrapped("relatedIdentifiers", [_related(entry) for entry in entries])


def texts(list_name: str, name: str, values: Iterable[str]) -> list[str]:
    """`<sizes><size>…</size></sizes>`."""
    return _wrapped(list_name, [f"<{name}>{escape(value)}</{name}>" for value in values])


def rights_list(entries: Parts) -> list[str]:
    return _wrapped("rightsList", [_rights(entry) for entry in entries])


def descriptions(entries: Parts) -> list[str]:
    return _wrapped("descriptions", [_description(entry) for entry in entries])


def geo_locations(entries: Parts) -> list[str]:
    return _wrapped("geoLocations", [line for entry in entries for line in _place(entry)])


def funding_references(entries: Parts) -> list[str]:
    return _wrapped("fundingReferences", [line for entry in entries for line in _funding(entry)])


def related_items(entries: Parts) -> list[str]:
    return _wrapped("relatedItems", [line for entry in entries for line in _related_item(entry)])


def _wrapped(name: str, lines: list[str]) -> list[str]:
    return [f"<{name}>", *lines, f"</{name}>"] if lines else []


def _title(title: Json) -> str:
    attributes = attribute("titleType", title.get("titleType", "")) + language(title.get("lang", ""))
    return f"<title{attributes}>{escape(title['title'])}</title>"


def _party(element: str, attributes: str, party: Json) -> Iterator[str]:
    yield f"<{element}{attributes}>"
    yield from _names(element, party)
    yield f"</{element}>"


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
        + language(rights.get("lang", ""))
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
