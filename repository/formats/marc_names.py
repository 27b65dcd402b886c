"""MARC's names: main and added entries of people, organisations, funders, and of a meeting."""

from collections.abc import Iterator

from repository.formats.iris import agent_iri, clean_iri, identifier_iri, organisation_iri
from repository.formats.library_kinds import Kind
from repository.formats.library_terms import contributor_role, creator_role
from repository.formats.marc_fields import field, tidy
from repository.records.snapshot import Json, Snapshot

_NAMED = 3
"""So many creators are named in the statement of responsibility; of the others, only their number."""
_AGENCIES = {"gnd": "DE-588"}
"""MARC's organisation codes for the authority files that have one; other identifiers are marked with the scheme."""
_UNKNOWN = "[Name not known]"


def responsibility(snapshot: Snapshot) -> str:
    """`Josiah Carberry, Harbour Institute [and 3 others]`; empty without creators."""
    creators = snapshot.metadata.get("creators", ())
    names = [_direct(entry["person_or_org"]) for entry in creators[:_NAMED]]
    more = len(creators) - len(names)
    others = f" [and {more} other{'s' if more > 1 else ''}]" if more else ""
    return ", ".join(filter(None, names)) + others


def _direct(party: Json) -> str:
    if party.get("family_name"):
        return f"{party.get('given_name', '')} {party['family_name']}".strip()
    return str(party.get("name", ""))


def name_fields(snapshot: Snapshot, kind: Kind) -> Iterator[str]:
    """100 or 110 for the first creator, 700 and 710 for all others, contributors and funders among them."""
    block = "1"
    for entry in snapshot.metadata.get("creators", ()):
        yield _name(block, entry, creator_role(snapshot, entry, kind))
        block = "7"
    for entry in snapshot.metadata.get("contributors", ()):
        yield _name("7", entry, contributor_role(snapshot, entry))
    for name, iri in dict.fromkeys(_funders(snapshot)):
        yield field("710", "2 ", ("a", name), ("e", "funder"), ("1", iri), ("4", "fnd"))


def _name(block: str, entry: Json, role: tuple[str, str]) -> str:
    party = entry["person_or_org"]
    name = tidy(party.get("name", "")) or _UNKNOWN
    if party.get("type") != "personal":
        tag, indicators = f"{block}10", "2 "
    else:
        tag, indicators = f"{block}00", "1 " if party.get("family_name") else "0 "
    term, code = role
    subfields = [("a", name), ("e", term)]
    affiliations = "; ".join(filter(None, (known.get("name", "") for known in entry.get("affiliations") or ())))
    if affiliations:
        subfields.append(("u", affiliations))
    identifiers = party.get("identifiers")
    if identifiers:
        subfields += [
            ("0", f"({_AGENCIES.get(known['scheme'], known['scheme'])}){known['identifier']}") for known in identifiers
        ]
        subfields.append(("1", agent_iri(identifiers)))
    subfields.append(("4", code))
    return field(tag, indicators, *subfields)


def _funders(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for entry in snapshot.metadata.get("funding", ()):
        funder = entry.get("funder") or {}
        yield funder.get("name", ""), organisation_iri(funder)


def meeting_fields(snapshot: Snapshot) -> Iterator[str]:
    meeting = (snapshot.custom_fields or {}).get("meeting:meeting") or {}
    name = meeting.get("title") or meeting.get("acronym", "")
    if not name:
        return
    known: Json = next(iter(meeting.get("identifiers") or ()), {})
    iri = identifier_iri(known.get("scheme", ""), known.get("identifier", "")) or clean_iri(meeting.get("url", ""))
    acronym = meeting.get("acronym", "") if meeting.get("title") else ""
    yield field(
        "711",
        "2 ",
        ("a", name),
        ("n", " ".join(filter(None, (meeting.get("session", ""), meeting.get("session_part", ""))))),
        ("d", meeting.get("dates", "")),
        ("c", meeting.get("place", "")),
        ("g", acronym),
        ("1", iri),
    )
