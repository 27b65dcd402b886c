"""Parts of a document of the Czech Core Metadata Model, each a class of it: the order of elements is the schema's.

Specified by: CCMM 1.1.0, classes Identifier, Person, Organization, TimeReference, Distribution, Location.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from repository.formats.ccmm_terms import (
    AGENT_ROLE,
    IRI_SCHEME,
    MD5,
    MEDIA_TYPE,
    REFERS_TO_PLACE,
    SCHEMES,
    SHA_256,
    TIME_REFERENCE,
)
from repository.formats.dates import bounds, datatype
from repository.formats.file_types import FILE_TYPE, file_type
from repository.formats.files import listed_files
from repository.formats.geometry import box_text, point_text, positions
from repository.formats.iris import agent_iri, clean_iri, identifier_iri, organisation_iri
from repository.formats.xml_text import escape, language
from repository.records.identifiers import distribution_iri, file_path, landing_iri
from repository.records.snapshot import Json, Site, Snapshot

_NO_LANGUAGE = ' xml:lang=""'
"""The schema demands the attribute; so XML says that the language is not known."""


def element(name: str, value: str) -> str:
    """Nothing for an empty value."""
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def said(name: str, value: str, tag: str = "") -> str:
    """A text in a language; nothing for an empty one."""
    return f"<{name}{language(tag) or _NO_LANGUAGE}>{escape(value)}</{name}>" if value else ""


def texts(name: str, values: Mapping[str, str] | None) -> str:
    """The Czech and English of a title, or whatever it has."""
    known = {code: values[code] for code in ("en", "cs") if values.get(code)} if values else {}
    return "".join(said(name, value, code) for code, value in (known or dict(values or {})).items())


def concept(name: str, iri: str, labels: str = "") -> str:
    """A value of a code list: its IRI, then its labels."""
    return f"<{name}><iri>{escape(iri)}</iri>{labels}</{name}>"


def identifier(scheme: str, value: str) -> str:
    """Nothing for an identifier that neither has a scheme in the model nor is an IRI."""
    iri = identifier_iri(scheme, value)
    if scheme in SCHEMES:
        known, label = SCHEMES[scheme]
    elif iri:
        value, (known, label) = iri, IRI_SCHEME
    else:
        return ""
    inner = element("iri", iri) + element("value", value) + concept("scheme", known, said("label", label))
    return f"<identifier>{inner}</identifier>" if value else ""


def relation(agent: str, role: str, labels: str = "") -> str:
    """What an agent is to the record or to its metadata; `role` as in the code list."""
    if not agent:
        return ""
    said_role = concept("role", AGENT_ROLE + role, labels)
    return f"<qualified_relation><relation>{agent}</relation>{said_role}</qualified_relation>"


def party(entry: Json) -> str:
    """A creator or contributor, `{person_or_org, affiliations}`; nothing for one without a name."""
    known = entry["person_or_org"]
    name = known.get("name", "")
    if not name:
        return ""
    identifiers = known.get("identifiers")
    inner = element("iri", agent_iri(identifiers))
    for each in identifiers or ():
        inner += identifier(each.get("scheme", ""), each["identifier"])
    inner += element("name", name)
    if known.get("type") != "personal":
        return f"<organization>{inner}</organization>"
    inner += element("given_name", known.get("given_name") or "") + element("family_name", known.get("family_name", ""))
    inner += "".join(organisation(each, "affiliation") for each in entry.get("affiliations") or ())
    return f"<person>{inner}</person>"


def organisation(known: Json, name: str = "organization") -> str:
    """An affiliation, funder or publisher, `{name, id?, identifiers?}`; nothing for one without a name."""
    label = known.get("name") or known.get("id") or ""
    iri = organisation_iri(known)
    identifiers = identifier("ror", iri.removeprefix("https://ror.org/")) if "//ror.org/" in iri else ""
    return f"<{name}>{element('iri', iri)}{identifiers}{element('name', label)}</{name}>" if label else ""


def time_reference(value: str, kind: str, labels: str = "", information: str = "") -> str:
    """A date or an interval; nothing for a date that the calendar does not have. `kind` as in the code list.

    The model knows days and moments: a year and a month are the intervals from their first to their last day.
    """
    begin, end = bounds(value)
    first, last = _instant(begin, is_last=False), _instant(end, is_last=True)
    if not first or not last:
        return ""
    when = f"<time_instant>{first}</time_instant>"
    if first != last:
        when = f"<time_interval><beginning>{first}</beginning><end>{last}</end></time_interval>"
    return (
        f"<time_reference><temporal_representation>{when}</temporal_representation>"
        f"{concept('date_type', TIME_REFERENCE + kind, labels)}{said('date_information', information)}"
        "</time_reference>"
    )


def _instant(value: str, *, is_last: bool) -> str:
    kind = datatype(value)
    if not kind:
        return ""
    year, month, day = int(value[:4]), int(value[5:7] or (12 if is_last else 1)), value[8:10]
    if not day:
        day = str(calendar.monthrange(year, month)[1] if is_last else 1)
    try:
        on = date(year, month, int(day)).isoformat()
    except ValueError:
        return ""
    return f"<date_time>{value}</date_time>" if kind == "dateTime" else f"<date>{on}</date>"


def location(feature: Json) -> str:
    found = list(positions(feature.get("geometry") or {}))
    inner = element("name", feature.get("place") or "")
    if found:
        is_point = feature["geometry"].get("type") == "Point"
        inner += f"<geometry><wkt>{point_text(found[0]) if is_point else box_text(found)}</wkt></geometry>"
    for each in feature.get("identifiers") or ():
        iri = identifier_iri(each["scheme"], each["identifier"])
        inner += f"<related_object><iri>{escape(iri)}</iri></related_object>" if iri else ""
    return f"<location>{inner}{concept('relation_type', REFERS_TO_PLACE)}</location>" if inner else ""


def distributions(snapshot: Snapshot, site: Site) -> Iterator[str]:
    """Files that everybody may list. Of more than a record names there is none: the model demands sizes."""
    landing = concept("access_url", landing_iri(site, snapshot.id))
    for entry in listed_files(snapshot):
        media_type = clean_iri(MEDIA_TYPE + entry["mimetype"]) if entry.get("mimetype") else ""
        extension = entry.get("ext") or entry["key"].rpartition(".")[2]
        yield (
            "<distribution><distribution_downloadable_file>"
            + element("iri", distribution_iri(site, snapshot.id, entry["key"]))
            + element("title", entry["key"])
            + landing
            + concept("download_url", site.url + file_path(snapshot.id, entry["key"]))
            + concept("format", FILE_TYPE + file_type(extension))
            + (concept("media_type", media_type) if media_type else "")
            + f"<byte_size>{entry['size']}</byte_size>"
            + _checksum(entry)
            + "</distribution_downloadable_file></distribution>"
        )


def _checksum(entry: Json) -> str:
    algorithm, value = SHA_256, entry.get("sha256") or ""
    if entry.get("checksum", "").startswith("md5:"):
        algorithm, value = MD5, entry["checksum"].removeprefix("md5:")
    if not value:
        return ""
    return f"<checksum><checksum_value>{value}</checksum_value>{concept('algorithm', algorithm)}</checksum>"


def joined(parts: Sequence[str]) -> str:
    return "\n".join(part for part in parts if part)
