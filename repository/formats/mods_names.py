"""Names of MODS: creators, contributors, funders, and the meeting at which a work was presented."""

from collections.abc import Iterator

from repository.formats.iris import clean_iri, identifier_iri, organisation_iri
from repository.formats.library_kinds import Kind
from repository.formats.library_terms import contributor_role, creator_role
from repository.formats.mods_xml import element, text_element
from repository.formats.xml_text import attribute
from repository.records.snapshot import Json, Snapshot

_RELATORS = "http://id.loc.gov/vocabulary/relators"
_FUNDER = ("funder", "fnd")


def names(snapshot: Snapshot, kind: Kind) -> Iterator[str]:
    usage = ' usage="primary"'
    for entry in snapshot.metadata.get("creators", ()):
        yield _name(entry, creator_role(snapshot, entry, kind), usage)
        usage = ""
    for entry in snapshot.metadata.get("contributors", ()):
        yield _name(entry, contributor_role(snapshot, entry), "")
    funders = (entry.get("funder") or {} for entry in snapshot.metadata.get("funding", ()))
    for name, iri in dict.fromkeys((funder.get("name", ""), organisation_iri(funder)) for funder in funders):
        part = text_element("namePart", name)
        if part:
            yield f'<name type="corporate"{attribute("valueURI", iri)}>{part}{_role(_FUNDER)}</name>'
    yield _meeting((snapshot.custom_fields or {}).get("meeting:meeting") or {})


def _name(entry: Json, role: tuple[str, str], usage: str) -> str:
    party = entry["person_or_org"]
    personal = party.get("type") == "personal"
    parts = ""
    if personal:
        parts = text_element("namePart", party.get("family_name", ""), ' type="family"')
        parts += text_element("namePart", party.get("given_name", ""), ' type="given"')
    parts = parts or text_element("namePart", party.get("name", "")) or "<namePart>[Name not known]</namePart>"
    if personal:
        parts += text_element("displayForm", party.get("name", ""))
    parts += _role(role)
    for known in party.get("identifiers") or ():
        iri = identifier_iri(known["scheme"], known["identifier"])
        type_uri = attribute("typeURI", iri.removesuffix(known["identifier"]) if iri else "")
        parts += text_element("nameIdentifier", known["identifier"], attribute("type", known["scheme"]) + type_uri)
    for affiliation in entry.get("affiliations") or ():
        value = attribute("valueURI", organisation_iri(affiliation))
        parts += text_element("affiliation", affiliation.get("name", ""), value)
    return f'<name type="{"personal" if personal else "corporate"}"{usage}>{parts}</name>'


def _role(role: tuple[str, str]) -> str:
    """The word is the repository's own, the code is the list's."""
    term, code = role
    authority = f' type="code" authority="marcrelator" authorityURI="{_RELATORS}" valueURI="{_RELATORS}/{code}"'
    inner = text_element("roleTerm", term, ' type="text"')
    return element("role", inner + text_element("roleTerm", code, authority))


def _meeting(meeting: Json) -> str:
    parts = (meeting.get("title") or meeting.get("acronym", ""), meeting.get("place", ""))
    inner = text_element("namePart", ", ".join(filter(None, parts)) if parts[0] else "")
    if not inner:
        return ""
    inner += text_element("namePart", meeting.get("dates", ""), ' type="date"')
    known: Json = next(iter(meeting.get("identifiers") or ()), {})
    inner += text_element("nameIdentifier", known.get("identifier", ""), attribute("type", known.get("scheme", "")))
    link = attribute("xlink:href", clean_iri(meeting.get("url") or ""))
    return f'<name type="conference"{link}>{inner}</name>'
