"""Software as CITATION.cff, the file that code hosts show as "cite this".

Every text is a double-quoted scalar, so that nothing in it can be taken for YAML: a block writer of these few lines
is simpler than what a library would have to be told.
Specified by: Citation File Format 1.2.0; YAML 1.2, 5.1 and 7.3.1.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from repository.formats.dates import datatype
from repository.formats.format import Format, source_digest
from repository.formats.iris import agent_iri, clean_iri, identifier_iri, of_web
from repository.formats.kinds import is_software
from repository.formats.licences import licence_iri, licences, spdx_id
from repository.formats.text import clean, plain, plain_title
from repository.records.identifiers import doi_iri, landing_iri
from repository.records.snapshot import Json, Site, Snapshot

_MESSAGE = "If you use this software, please cite it as below."
_LATER_LICENCES = frozenset(("CC-PDM-1.0",))
"""Of those that are shipped, what SPDX had not in May 2021, whose list CFF 1.2.0 holds."""
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")
_ORCID = re.compile(r"https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_SWHID = re.compile(r"swh:1:(?:snp|rel|rev|dir|cnt):[0-9a-fA-F]{40}")
_ESCAPED = re.compile(r'["\\]|[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')


def write(snapshot: Snapshot, site: Site) -> bytes:
    return ("\n".join(_mapping(document(snapshot, site))) + "\n").encode()


def document(snapshot: Snapshot, site: Site) -> Json:
    """As Python values, keys without a value left out."""
    metadata = snapshot.metadata
    begin = str(metadata.get("publication_date", "")).partition("/")[0]
    doi = snapshot.doi if _DOI.fullmatch(snapshot.doi) else ""
    whole: Json = {
        "cff-version": "1.2.0",
        "message": _MESSAGE,
        "type": "software",
        "title": clean(plain_title(snapshot.title)),
        "abstract": clean(plain(metadata.get("description") or "")),
        "authors": _unique(map(_party, metadata.get("creators", ()))),
        "contact": _unique(map(_party, filter(_is_contact, metadata.get("contributors", ())))),
        "version": clean(metadata.get("version") or ""),
        "date-released": begin if datatype(begin) == "date" else "",
        "doi": doi,
        "identifiers": _unique(_own_first(doi, [*_identifiers(snapshot, "" if doi else snapshot.doi)])),
        "keywords": _unique(clean(entry.get("subject") or "") for entry in metadata.get("subjects", ())),
        **_licence(licences(metadata)),
        "repository-code": of_web(clean_iri(snapshot.custom_fields.get("code:codeRepository") or "")),
        "url": landing_iri(site, snapshot.id),
    }
    return {name: value for name, value in whole.items() if value}


def _party(entry: Json) -> Json:
    """A person or an entity. Who has only one name has a family name."""
    party = entry["person_or_org"]
    orcid = agent_iri(party.get("identifiers"))
    found: Json = {"orcid": orcid if _ORCID.fullmatch(orcid) else ""}
    name = _name(party.get("name"))
    if party.get("type") == "personal":
        found["family-names"] = _name(party.get("family_name")) or name
        found["given-names"] = _name(party.get("given_name"))
        names = (_name(each.get("name")) for each in entry.get("affiliations") or ())
        found["affiliation"] = "; ".join(filter(None, names))
    else:
        found["name"] = name
        found["website"] = "" if found["orcid"] else of_web(orcid)
    order = ("family-names", "given-names", "name", "affiliation", "orcid", "website")
    return {key: found[key] for key in order if found.get(key)}


def _name(name: str | None) -> str:
    """Words with one space between them: programs cut names at each, to make initials."""
    return " ".join(clean(name or "").split())


def _is_contact(entry: Json) -> bool:
    return (entry.get("role") or {}).get("id") == "contactperson"


def _own_first(doi: str, found: list[Json]) -> list[Json]:
    """Programs cite the first DOI that is listed, and `doi` only if there is none."""
    others = [entry for entry in found if entry["type"] == "doi"]
    return [{"type": "doi", "value": doi, "description": "This version"}, *found] if doi and others else found


def _identifiers(snapshot: Snapshot, doi: str) -> Iterator[Json]:
    """The DOI if it is one that `doi` may not hold, that of all versions, and the depositor's own."""
    if doi:
        yield {"type": "url", "value": doi_iri(doi)}
    parent = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    if parent:
        kind, value = ("doi", parent) if _DOI.fullmatch(parent) else ("url", doi_iri(parent))
        yield {"type": kind, "value": value, "description": "All versions"}
    for entry in snapshot.metadata.get("identifiers", ()):
        scheme, value = entry.get("scheme", ""), clean(entry["identifier"])
        link = of_web(identifier_iri(scheme, value))
        if _SWHID.fullmatch(value):
            yield {"type": "swh", "value": value}
        elif scheme == "doi" and _DOI.fullmatch(value):
            yield {"type": "doi", "value": value}
        elif link:
            yield {"type": "url", "value": link}
        elif value:
            yield {"type": "other", "value": value} | ({"description": scheme} if scheme else {})


def _licence(rights: list[Json]) -> Json:
    """Of several nothing is said: CFF would take it that each of them suffices."""
    if len(rights) != 1:
        return {}
    known = spdx_id(rights[0])
    if known and known not in _LATER_LICENCES:
        return {"license": known}
    return {"license-url": of_web(licence_iri(rights[0]))}


def _unique(values: Iterable[Any]) -> list[Any]:
    """In their order, each once, empty ones left out: lists of CFF are sets."""
    found: list[Any] = []
    for value in values:
        if value and value not in found:
            found.append(value)
    return found


def _mapping(values: Json) -> Iterator[str]:
    """The lines of a block mapping; lists hold texts or mappings of texts."""
    for name, value in values.items():
        if isinstance(value, list):
            yield f"{name}:"
            for inner in value:
                lines = list(_mapping(inner)) if isinstance(inner, dict) else [_scalar(inner)]
                yield from (f"  {'  ' if number else '- '}{line}" for number, line in enumerate(lines))
        else:
            yield f"{name}: {_scalar(value)}"


def _scalar(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    return "\\n" if character == "\n" else f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


FORMAT = Format(
    name="cff",
    title="Citation File Format",
    media_type="application/yaml",
    file_name="CITATION.cff",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=("application/vnd.cff+yaml", "application/x-yaml", "text/yaml", "text/x-yaml"),
    applies=is_software,
)
