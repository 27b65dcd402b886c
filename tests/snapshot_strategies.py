"""Hypothesis strategies for Snapshots: every combination of fields that can be stored, with any text."""

from typing import Any

from full_record import FULL_PROPS
from hypothesis import strategies as st
from record_parts import NO_FILES, access, file_entry, files, term
from snapshots import minimal

from repository.records.snapshot import Snapshot

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
"""Any text that JSON can carry, control characters too; lone surrogates never reach a snapshot."""
MARKUP = st.lists(st.sampled_from(["<p>", "</p>", "<b>", "&amp;", "&lt;", "<", "&", "]]>", "a b", "é", "<br/>"])).map(
    lambda parts: "".join(parts) or "x"
)
PROSE = TEXT | MARKUP
YEARS = st.integers(1000, 2100).map(str)
DAYS = st.dates().map(str)
DATES = YEARS | DAYS | DAYS.map(lambda day: day[:7]) | st.tuples(YEARS, YEARS).map(lambda pair: "/".join(sorted(pair)))
SCHEMES = ("url", "doi", "handle", "ark", "arxiv", "isbn", "issn", "pmid", "urn", "other", "wikidata", "orcid", "swhid")
IDENTIFIERS = st.fixed_dictionaries({"scheme": st.sampled_from(SCHEMES), "identifier": TEXT})
NAME_IDENTIFIERS = st.fixed_dictionaries(
    {"scheme": st.sampled_from(["orcid", "isni", "gnd", "ror", "wikidata"]), "identifier": TEXT}
)
AFFILIATIONS = st.fixed_dictionaries({"name": TEXT}, optional={"id": TEXT, "identifiers": st.lists(NAME_IDENTIFIERS)})
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-90, 90)
POSITIONS = st.lists(NUMBERS, min_size=2, max_size=3)
GEOMETRIES = (
    st.fixed_dictionaries({"type": st.just("Point"), "coordinates": POSITIONS})
    | st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": st.lists(st.lists(POSITIONS, max_size=6))})
    | st.fixed_dictionaries({"type": st.just("MultiPoint"), "coordinates": st.lists(POSITIONS)})
)


def _terms(vocabulary: str, *others: str) -> st.SearchStrategy[dict[str, Any]]:
    """Terms whose properties a generated snapshot carries, and others without any."""
    return st.sampled_from([*FULL_PROPS[vocabulary], *others]).map(lambda identifier: term(identifier, "A title"))


_PERSON = st.fixed_dictionaries(
    {"type": st.just("personal"), "name": TEXT, "family_name": TEXT},
    optional={"given_name": TEXT, "identifiers": st.lists(NAME_IDENTIFIERS, max_size=3)},
)
_ORGANISATION = st.fixed_dictionaries(
    {"type": st.just("organizational"), "name": TEXT}, optional={"identifiers": st.lists(NAME_IDENTIFIERS, max_size=3)}
)


def _parties(roles: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"person_or_org": _PERSON | _ORGANISATION},
        optional={"affiliations": st.lists(AFFILIATIONS, max_size=3), "role": roles},
    )


_LANGUAGES = _terms("languages", "not a language")
_LOCATION = st.fixed_dictionaries(
    {"place": TEXT}, optional={"geometry": GEOMETRIES, "description": TEXT, "identifiers": st.lists(IDENTIFIERS)}
)
_AWARD = st.fixed_dictionaries(
    {"number": TEXT}, optional={"title": st.fixed_dictionaries({"en": TEXT}), "identifiers": st.lists(IDENTIFIERS)}
)
_RELATED = st.fixed_dictionaries(
    {"identifier": TEXT, "scheme": st.sampled_from(SCHEMES), "relation_type": _terms("relationtypes", "strange")},
    optional={"resource_type": _terms("resourcetypes", "strange")},
)
METADATA = st.fixed_dictionaries(
    {
        "resource_type": _terms("resourcetypes", "strange"),
        "title": PROSE,
        "publication_date": DATES,
        "creators": st.lists(_parties(_terms("creatorsroles")), min_size=1, max_size=4),
    },
    optional={
        "contributors": st.lists(_parties(_terms("contributorsroles", "strange")), max_size=3),
        "additional_titles": st.lists(
            st.fixed_dictionaries({"title": PROSE, "type": _terms("titletypes", "odd")}, optional={"lang": _LANGUAGES})
        ),
        "description": PROSE,
        "additional_descriptions": st.lists(
            st.fixed_dictionaries(
                {"description": PROSE, "type": _terms("descriptiontypes", "odd")}, optional={"lang": _LANGUAGES}
            )
        ),
        "rights": st.lists(
            st.fixed_dictionaries({"title": st.fixed_dictionaries({"en": TEXT})}, optional={"link": TEXT})
        ),
        "copyright": PROSE,
        "subjects": st.lists(
            st.fixed_dictionaries({"subject": TEXT})
            | st.fixed_dictionaries({"id": TEXT, "subject": TEXT, "scheme": TEXT}),
        ),
        "languages": st.lists(_LANGUAGES),
        "dates": st.lists(
            st.fixed_dictionaries({"date": DATES, "type": _terms("datetypes", "odd")}, optional={"description": TEXT})
        ),
        "version": TEXT,
        "publisher": TEXT,
        "identifiers": st.lists(IDENTIFIERS),
        "related_identifiers": st.lists(_RELATED),
        "sizes": st.lists(TEXT),
        "formats": st.lists(TEXT),
        "locations": st.fixed_dictionaries({"features": st.lists(_LOCATION, max_size=3)}),
        "funding": st.lists(
            st.fixed_dictionaries(
                {"funder": st.fixed_dictionaries({"name": TEXT}, optional={"id": TEXT})}, optional={"award": _AWARD}
            )
        ),
        "references": st.lists(
            st.fixed_dictionaries({"reference": TEXT}) | IDENTIFIERS.map(lambda known: {"reference": "x"} | known)
        ),
    },
)
CUSTOM_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "journal:journal": st.dictionaries(st.sampled_from(["title", "issue", "volume", "pages", "issn"]), TEXT),
        "imprint:imprint": st.dictionaries(st.sampled_from(["title", "isbn", "pages", "place", "edition"]), TEXT),
        "meeting:meeting": st.dictionaries(st.sampled_from(["title", "acronym", "dates", "place", "url"]), TEXT),
        "thesis:thesis": st.dictionaries(st.sampled_from(["university", "department", "type"]), TEXT),
        "code:codeRepository": TEXT,
    },
)
DOIS = st.tuples(st.integers(1000, 99999), st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)).map(
    lambda parts: f"10.{parts[0]}/{parts[1]}"
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Published, public records, with files or without, with a DOI or without."""
    pids = {"doi": {"identifier": draw(DOIS), "provider": "external"}} if draw(st.booleans()) else {}
    entries = [file_entry(key, size) for key, size in draw(st.dictionaries(TEXT, st.integers(0, 10**15))).items()]
    return minimal(
        draw(st.integers(0, 2**40 - 1)),
        metadata=draw(METADATA),
        custom_fields=draw(CUSTOM_FIELDS),
        pids=pids,
        access=access(status="open" if entries else "metadata-only"),
        files=files(*entries) if entries else NO_FILES,
        props=FULL_PROPS,
    )
