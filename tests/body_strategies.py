"""Hypothesis strategies for what an import takes: bodies that validation lets pass whole, with any shipped term."""

from typing import Any

from hypothesis import strategies as st
from snapshot_strategies import DATES, PROSE, TEXT

from repository import vocabularies
from repository.formats.reading.intake import text

WORDS = TEXT.map(text).filter(bool)
"""Texts of one line, without runs of spaces."""
TITLES = (WORDS | st.sampled_from(["1 < 2 & 3", "A <i>b</i> c", "&lt;p&gt; & <p>"])).map("Rain {}".format).map(text)
DESCRIPTIONS = (PROSE | st.sampled_from(['&lt;p&gt; of &amp;amp; &lt;a href="x"&gt;', "<p>a</p><p>1 &lt; 2</p>"])).map(
    "Rain {}".format
)
IDENTIFIERS = st.sampled_from((
    ("ark", "ark:/12345/x9"),
    ("arxiv", "arXiv:2001.00001"),
    ("ads", "2011ApJS..192...18K"),
    ("crossreffunderid", "10.13039/501100000780"),
    ("cstr", "CSTR:31253.11.sciencedb.j00001"),
    ("doi", "10.1234/Rain"),
    ("doi", "10.5072/a<b>&c"),
    ("ean13", "4006381333931"),
    ("eissn", "2049-3630"),
    ("grid", "grid.5509.9"),
    ("handle", "2117/12345"),
    ("igsn", "AU1101"),
    ("isbn", "978-3-16-148410-0"),
    ("isni", "0000000121032683"),
    ("issn", "2049-3630"),
    ("istc", "0A9200212B4A1057"),
    ("lissn", "2049-3630"),
    ("lsid", "urn:lsid:ubio.org:namebank:11815"),
    ("other", "Letters 3, 4"),
    ("pmid", "12082125"),
    ("purl", "http://purl.org/rain/1"),
    ("rrid", "RRID:AB_90755"),
    ("upc", "123601057072"),
    ("url", "https://example.org/a?b=c&d=<e>#f"),
    ("url", "ftp://example.org/rain"),
    ("urn", "urn:nbn:de:101:1-201102033592"),
    ("w3id", "https://w3id.org/rain"),
    ("wikidata", "Q42"),
)).map(lambda pair: {"scheme": pair[0], "identifier": pair[1]})  # fmt: skip
NUMBERS = st.floats(-90, 90) | st.integers(-90, 90)
POSITIONS = st.tuples(NUMBERS, NUMBERS).map(list)
RINGS = st.lists(POSITIONS, min_size=3, max_size=5).map(lambda ring: [*ring, ring[0]])
GEOMETRIES = (
    st.fixed_dictionaries({"type": st.just("Point"), "coordinates": POSITIONS})
    | st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": st.lists(RINGS, min_size=1, max_size=2)})
    | st.fixed_dictionaries({"type": st.just("MultiPoint"), "coordinates": st.lists(POSITIONS, min_size=1)})
)


def _some(vocabulary: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from([{"id": str(term["id"])} for term in vocabularies.load(vocabulary)])


def _lists(entries: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(entries, max_size=most, unique_by=repr)


_LANGUAGES = st.sampled_from([{"id": code} for code in ("eng", "ces", "deu", "zho", "ara")])
_NAME_IDENTIFIERS = st.sampled_from((
    [],
    [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
    [{"scheme": "isni", "identifier": "0000000121032683"}, {"scheme": "gnd", "identifier": "gnd:118540238"}],
    [{"scheme": "wikidata", "identifier": "Q42"}, {"scheme": "ror", "identifier": "03yrm5c26"}],
))  # fmt: skip
_PERSON = st.fixed_dictionaries(
    {"type": st.just("personal"), "family_name": WORDS, "identifiers": _NAME_IDENTIFIERS},
    optional={"given_name": WORDS},
)
_ORGANISATION = st.fixed_dictionaries(
    {"type": st.just("organizational"), "name": WORDS, "identifiers": _NAME_IDENTIFIERS}
)
_AFFILIATIONS = st.fixed_dictionaries({"name": WORDS}) | st.sampled_from([
    {"id": term["id"]} for term in list(vocabularies.load("affiliations"))[:20]
])  # fmt: skip


def _people(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"person_or_org": _PERSON | _ORGANISATION, **more},
        optional={"affiliations": _lists(_AFFILIATIONS), **({} if more else {"role": _some("creatorsroles")})},
    )


_FUNDERS = st.fixed_dictionaries({"name": WORDS}) | st.sampled_from([
    {"id": term["id"]} for term in list(vocabularies.load("funders"))[:20]
])  # fmt: skip
_AWARDS = st.fixed_dictionaries(
    {"number": WORDS},
    optional={
        "title": st.dictionaries(st.sampled_from(["en", "cs"]), WORDS, min_size=1),
        "identifiers": st.sampled_from((
            [{"scheme": "url", "identifier": "https://example.org/award"}],
            [{"scheme": "url", "identifier": "https://example.org/a"}, {"scheme": "doi", "identifier": "10.1234/a"}],
        )),
        "acronym": WORDS,
        "program": WORDS,
    },
) | st.fixed_dictionaries({"title": st.fixed_dictionaries({"en": WORDS})}) | _some("awards")  # fmt: skip
_LINKS = st.sampled_from(("https://example.org/licence", "http://rightsstatements.org/vocab/NoC-US/1.0/"))
_RIGHTS = _some("licenses") | st.fixed_dictionaries(
    {"title": st.dictionaries(st.sampled_from(["en", "cs", "de"]), TITLES, min_size=1, max_size=1)},
    optional={"link": _LINKS, "description": st.fixed_dictionaries({"en": WORDS})},
) | st.sampled_from([
    {"title": {"en": f"info:eu-repo/semantics/{word}Access"}} for word in ("open", "embargoed", "restricted", "closed")
])  # fmt: skip
METADATA = st.fixed_dictionaries(
    {
        "resource_type": _some("resourcetypes"),
        "title": TITLES,
        "publication_date": DATES,
        "creators": st.lists(_people(), min_size=1, max_size=3),
        "description": DESCRIPTIONS,
    },
    optional={
        "contributors": _lists(_people(role=_some("contributorsroles"))),
        "additional_titles": _lists(
            st.fixed_dictionaries({"title": TITLES, "type": _some("titletypes")}, optional={"lang": _LANGUAGES})
        ),
        "additional_descriptions": _lists(
            st.fixed_dictionaries(
                {"description": DESCRIPTIONS, "type": _some("descriptiontypes")}, optional={"lang": _LANGUAGES}
            )
        ),
        "rights": _lists(_RIGHTS),
        "copyright": TITLES,
        "subjects": _lists(st.fixed_dictionaries({"subject": WORDS}) | _some("subjects")),
        "languages": _lists(_LANGUAGES),
        "dates": _lists(
            st.fixed_dictionaries({"date": DATES, "type": _some("datetypes")}, optional={"description": WORDS})
        ),
        "version": WORDS,
        "publisher": WORDS,
        "identifiers": _lists(IDENTIFIERS),
        "related_identifiers": _lists(
            st.builds(
                lambda known, rest: known | rest,
                IDENTIFIERS,
                st.fixed_dictionaries(
                    {"relation_type": _some("relationtypes")}, optional={"resource_type": _some("resourcetypes")}
                ),
            )
        ),
        "sizes": _lists(WORDS),
        "formats": _lists(WORDS),
        "locations": st.fixed_dictionaries({
            "features": _lists(
                st.fixed_dictionaries({"place": WORDS}, optional={"geometry": GEOMETRIES, "description": WORDS})
                | st.fixed_dictionaries({"geometry": GEOMETRIES})
            )
        }),
        "funding": _lists(st.fixed_dictionaries({"funder": _FUNDERS}, optional={"award": _AWARDS})),
        "references": _lists(
            st.fixed_dictionaries({"reference": WORDS}) | IDENTIFIERS.map(lambda known: {"reference": "x"} | known)
        ),
    },
)  # fmt: skip
CUSTOM_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "journal:journal": st.fixed_dictionaries(
            {"title": WORDS},
            optional={
                "issue": WORDS,
                "volume": WORDS,
                "pages": st.sampled_from(("1-11", "e12", "200 p.", "A-12")),
                "issn": st.just("2049-3630"),
            },
        ),
        "imprint:imprint": st.fixed_dictionaries(
            {"title": WORDS}, optional={"isbn": st.just("978-3-16-148410-0"), "edition": WORDS, "place": WORDS}
        ),
        "meeting:meeting": st.fixed_dictionaries(
            {"title": WORDS}, optional={"place": WORDS, "url": st.just("https://example.org/rain24")}
        ),
        "thesis:thesis": st.fixed_dictionaries({"university": WORDS}),
    },
)
