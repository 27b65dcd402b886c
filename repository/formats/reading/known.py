"""What the readers must know of the instance's vocabularies: ids, and the spellings that lead to them.

The readers do no I/O; the import service makes one `Known` a run from the terms of its database.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from repository.formats.reading.spelling import compact, url_key
from repository.records.identifiers import parse_landing_iri, parse_oai_identifier
from repository.records.snapshot import Json, Site
from repository.records.vocabularies import Reference

BIBLIOGRAPHIC_CODES = {
    "alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld", "fre": "fra",
    "geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri", "may": "msa", "per": "fas",
    "rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym",
}  # fmt: skip
"""ISO 639-2/B codes that differ from the terminological code of the same language."""

_CREATIVE_COMMONS = re.compile(r"cc-(by[a-z-]*?)-(\d\.\d)(?:-(\w+))?")


@dataclass(frozen=True, slots=True)
class Known:
    """Vocabulary ids and spellings. `names` grows while reading: the first name by which a run's documents call an
    unknown organisation is the one it will get."""

    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Vocabulary type → ids."""
    languages: Mapping[str, str] = field(default_factory=dict)
    """Code (ISO 639-3, -2/B, -1) or name, lower case → id."""
    licenses: Mapping[str, str] = field(default_factory=dict)
    """`spelling.compact` of an id or title, or `spelling.url_key` of an address → id."""
    license_titles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Id → compacted spellings that say no more than the id does."""
    coar_types: Mapping[str, str] = field(default_factory=dict)
    """Last segment of a COAR resource type's IRI, compacted → id; the broader type where several share it."""
    funders: Mapping[str, str] = field(default_factory=dict)
    """Crossref funder DOI, lower case → id."""
    names: dict[Reference, str] = field(default_factory=dict)
    """Names of affiliations, funders and subjects."""
    resource_types: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """DataCite's `resourceTypeGeneral` and `resourceType`, compacted, where a term has both → id."""
    subject_schemes: Mapping[str, str] = field(default_factory=dict)
    """Id of a subject → the name of its scheme."""
    site: Site | None = None
    """The repository that takes the documents, where that is known."""

    @staticmethod
    def from_terms(terms: Iterable[tuple[str, Json]], site: Site | None = None) -> "Known":
        """Of (vocabulary type, term) pairs, terms shaped as in `repository/vocabularies`."""
        ids: dict[str, set[str]] = {}
        languages: dict[str, str] = {}
        language_names: dict[str, str] = {}
        licenses = _Licenses()
        coar_types: dict[str, str] = {}
        funders: dict[str, str] = {}
        names: dict[Reference, str] = {}
        resource_types: dict[tuple[str, str], str] = {}
        subject_schemes: dict[str, str] = {}
        for vocabulary, term in terms:
            identifier = str(term["id"])
            ids.setdefault(vocabulary, set()).add(identifier)
            if vocabulary == "languages":
                languages[identifier] = identifier
                if short := str((term.get("props") or {}).get("alpha_2") or ""):
                    languages[short] = identifier
                for title in _titles(term):
                    language_names.setdefault(title.lower(), identifier)
            elif vocabulary == "resourcetypes":
                props = term.get("props") or {}
                pair = compact(str(props.get("datacite_general", ""))), compact(str(props.get("datacite_type", "")))
                resource_types.setdefault(pair, identifier)
                if not props.get("datacite_type"):
                    coar_types.setdefault(compact(str(props.get("coar") or "").rpartition("/")[2]), identifier)
            elif vocabulary == "licenses":
                licenses.add(identifier, term)
            elif vocabulary == "subjects":
                names[vocabulary, identifier] = str(term.get("subject") or "")
                subject_schemes[identifier] = str(term.get("scheme") or "")
            elif vocabulary in ("affiliations", "funders"):
                names[vocabulary, identifier] = str(term.get("name") or "")
                if vocabulary == "funders":
                    funders |= dict.fromkeys(_dois(term), identifier)
        languages |= {code: id_ for code, id_ in BIBLIOGRAPHIC_CODES.items() if id_ in languages}
        return Known(
            ids={vocabulary: frozenset(found) for vocabulary, found in ids.items()},
            languages={name: id_ for name, id_ in language_names.items() if len(name) > 3} | languages,
            licenses=licenses.spellings,
            license_titles={id_: frozenset(found) for id_, found in licenses.titles.items()},
            coar_types=coar_types,
            funders=funders,
            names=names,
            resource_types={pair: id_ for pair, id_ in resource_types.items() if all(pair)},
            subject_schemes=subject_schemes,
            site=site,
        )

    def has(self, vocabulary: str, term: str) -> bool:
        return term in self.ids.get(vocabulary, ())

    def is_own(self, said: str) -> bool:
        """Whether this is the address or the OAI identifier of a record of the repository that takes the documents."""
        if self.site is None:
            return False
        return bool(parse_landing_iri(self.site, said) or parse_oai_identifier(self.site.oai_domain, said))


class _Licenses:
    """Spellings of licences: ids and titles first come first served, so that an id is never another one's title."""

    def __init__(self) -> None:
        self.spellings: dict[str, str] = {}
        self.titles: dict[str, set[str]] = {}

    def add(self, identifier: str, term: Json) -> None:
        says_no_more = {compact(identifier)} | {compact(title) for title in _titles(term)}
        self.titles[identifier] = says_no_more
        for spelling in says_no_more:
            self.spellings.setdefault(spelling, identifier)
        for address in (str((term.get("props") or {}).get("url") or ""), *_addresses(identifier)):
            if address:
                self.spellings.setdefault(url_key(address), identifier)


def _addresses(identifier: str) -> tuple[str, ...]:
    """Where a licence with this SPDX id is found besides the address in the vocabulary."""
    places = (f"https://spdx.org/licenses/{identifier}", f"https://opensource.org/licenses/{identifier}")
    if identifier == "cc0-1.0":
        return (*places, "https://creativecommons.org/publicdomain/zero/1.0")
    if parts := _CREATIVE_COMMONS.fullmatch(identifier):
        kind, version, country = parts.groups()
        return (*places, "/".join(filter(None, ("https://creativecommons.org/licenses", kind, version, country))))
    return places


def _titles(term: Json) -> tuple[str, ...]:
    titles = term.get("title") or {}
    return tuple(str(title) for title in titles.values() if title) if isinstance(titles, dict) else ()


def _dois(term: Json) -> tuple[str, ...]:
    return tuple(
        str(entry.get("identifier", "")).lower()
        for entry in term.get("identifiers") or ()
        if entry.get("scheme") == "doi"
    )
