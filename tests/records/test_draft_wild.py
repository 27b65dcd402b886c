"""A draft is read from any JSON at all: nothing raises, what is stored has the right structure and reads as itself."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.records import custom_fields, structure
from repository.records.draft import Rules, check, load, merge, missing, references
from repository.records.metadata import FIELDS
from repository.records.metadata_terms import resolve, term_props

pytestmark = pytest.mark.long

OWN = custom_fields.compile_fields(
    [
        {"name": "own:text", "kind": "text"},
        {"name": "own:whole", "kind": "integer", "multiple": True},
        {"name": "own:number", "kind": "double"},
        {"name": "own:yes", "kind": "boolean"},
        {"name": "own:day", "kind": "iso_date"},
        {"name": "own:when", "kind": "edtf_date", "multiple": True},
        {"name": "own:language", "kind": "vocabulary", "vocabulary": "languages", "multiple": True},
    ]
)
RULES = Rules(today=date(2026, 11, 24), doi_prefix="10.5072", custom_fields=OWN)


class Terms(Mapping[tuple[str, str], dict[str, Any]]):
    """Every vocabulary has the terms `known` and `cc-by-4.0`."""

    def __getitem__(self, reference: tuple[str, str]) -> dict[str, Any]:
        if reference[1] not in ("known", "cc-by-4.0"):
            raise KeyError(reference)
        return {"id": reference[1], "title": {"en": "Known"}, "name": "Known", "subject": "Known", "props": {"a": "b"}}

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0


TERMS = Terms()
KEYS = (
    *FIELDS, "id", "name", "type", "scheme", "identifier", "identifiers", "person_or_org", "given_name", "family_name",
    "role", "affiliations", "lang", "date", "relation_type", "resource_type", "link", "features", "geometry", "place",
    "coordinates", "geometries", "funder", "award", "number", "reference", "props", "icon", "en", "record", "files",
    "embargo", "active", "until", "reason", "doi", "oai", "provider", "client", "enabled", "order", "default_preview",
    "note", "subject", "issn", "university", "receiver", "default", "communities", "_schema", "a.b",
)  # fmt: skip
VALUES = (
    "<p>a</p>", "<b>x", "a & b", "\x00\n\x07", "a\tb", "<pre>\n\nx</pre>", "<a href='java&#7;script:x'>&#824;</a>",
    "<i>&nbsp;",
)  # fmt: skip

text = st.one_of(
    st.sampled_from(["Rain", "Děšť v přístavu", *VALUES]), st.text(max_size=12), st.text(st.characters(), max_size=4)
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), text, text, text, st.sampled_from([10**400, -1.5, 12.57])
)
keys = st.one_of(st.sampled_from(KEYS), st.sampled_from(KEYS), st.text(max_size=5))
wild = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=12,
)


def some(choice: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what belongs there, sometimes anything."""
    return st.integers(0, 24).flatmap(lambda number: wild if number == 24 else choice)


def of(*values: Any) -> st.SearchStrategy[Any]:
    return some(st.sampled_from(values))


def shaped(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return some(st.fixed_dictionaries({}, optional=parts))


def listed(item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return some(st.lists(item, max_size=3))


words = some(text)
names = of("known", "known", "known", "nosuch", "")
dates = of("2020", "2020-02", "2020-02-28", "2020-01/2020-06", "2020-02-30", "2020-02-28T12:00:00Z", "2021/2020")
term = some(st.one_of(st.just({"id": "known"}), st.just({"id": "known"}), shaped(id=names, title=wild)))
identifier = {
    "identifier": of(
        "10.1234/a", "https://doi.org/10.1234/A", "0000-0002-1825-0097", "978-3-16-148410-0", "1234-5679", "2618425",
        "https://example.org/", "http://[", "zzz", "Q42", "02ex6cf31", "urn:nbn:cz:x", "arXiv:2001.00001",
    ),
    "scheme": of("doi", "orcid", "isbn", "issn", "url", "geonames", "ror", "other", "DOI", "", "nosuch"),
}  # fmt: skip
identifiers = listed(shaped(**identifier))
kind = st.sampled_from(["personal", "organizational"])
person = st.one_of(
    st.fixed_dictionaries({"type": kind, "name": text, "family_name": text}, optional={"given_name": words}),
    shaped(type=some(kind), name=words, given_name=words, family_name=words, identifiers=identifiers),
)
agents = listed(
    some(
        st.fixed_dictionaries(
            {"person_or_org": person},
            optional={"role": term, "affiliations": listed(shaped(id=names, name=words)), "x": wild},
        )
    )
)
position = st.lists(st.sampled_from([-180.5, -180, 0, 12.57, 55.68, 91, 1e300, float("nan"), "1"]), max_size=4)
line = st.one_of(st.lists(position, max_size=5), st.just([[0, 0], [1, 0], [1, 1], [0, 0]]))
geometry = shaped(
    type=of("Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint", "GeometryCollection", "Circle"),
    coordinates=some(st.one_of(position, line, st.lists(line, max_size=2), st.lists(st.lists(line, max_size=2)))),
    geometries=st.lists(st.just({"type": "Point", "coordinates": [1, 2]}), max_size=2),
)
translations = some(st.dictionaries(st.sampled_from(["en", "cs", "!"]), words, max_size=2))
metadata = st.fixed_dictionaries(
    {"title": some(st.just("A title")), "resource_type": term, "publication_date": dates, "creators": agents},
    optional={
        "contributors": agents,
        "publisher": words,
        "additional_titles": listed(shaped(title=words, type=term, lang=term)),
        "additional_descriptions": listed(shaped(description=words, type=term, lang=term)),
        "description": words,
        "copyright": words,
        "dates": listed(shaped(date=dates, type=term, description=words)),
        "languages": listed(term),
        "identifiers": identifiers,
        "related_identifiers": listed(shaped(**identifier, relation_type=term, resource_type=term)),
        "references": listed(shaped(reference=words, **identifier)),
        "subjects": listed(shaped(id=names, subject=words)),
        "rights": listed(shaped(id=names, title=translations, description=translations, link=words)),
        "funding": listed(
            shaped(
                funder=shaped(id=names, name=words),
                award=shaped(id=names, number=words, title=translations, identifiers=identifiers),
            )
        ),
        "locations": shaped(features=listed(shaped(geometry=geometry, place=words, identifiers=identifiers))),
        "sizes": listed(words),
        "formats": wild,
        "version": words,
        "surplus": wild,
    },
)
pid = shaped(identifier=of("10.1234/a", "10.5072/a", "x"), provider=of("external", "datacite", "nosuch"), client=words)
custom = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys([*OWN, "thesis:university", "no:such"], wild),
        "own:language": listed(term),
        "own:whole": listed(of(1, -(2**70), 2.5, True)),
        "own:day": dates,
        "own:when": listed(dates),
        "journal:journal": shaped(title=words, issn=of("1234-5679", "12")),
        "thesis:thesis": shaped(university=words, date_submitted=of("2020~", "1984-06?/2004-08?", "x")),
        "meeting:meeting": shaped(title=words, url=of("https://a.example/", "x"), identifiers=identifiers),
        "code:programmingLanguage": listed(term),
    },
)
embargo = shaped(active=of(True, False, None), until=of("2001-01-01", "2999-01-01", "soon", None), reason=words)
protection = of("public", "restricted", "secret")
body = st.fixed_dictionaries(
    {"metadata": some(metadata)},
    optional={
        "custom_fields": some(custom),
        "access": shaped(record=protection, files=protection, embargo=embargo),
        "pids": shaped(doi=pid, oai=pid, nosuch=wild),
        "files": shaped(enabled=of(True, False, 1), order=listed(words), default_preview=words),
        "media_files": wild,
        "parent": wild,
        "review": wild,
        "internal_notes": listed(shaped(id=words, note=words)),
        "unknown": wild,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(some(body))
def test_any_json_is_read_stored_in_the_right_structure_and_read_again_as_itself(sent: Any) -> None:
    named = references(sent)
    loaded = load(sent, None, TERMS, RULES)
    structure.check_draft(loaded.body())
    orjson.dumps(loaded.body())
    assert all("\x00" not in name for _, name in named)
    again = load(loaded.body(), loaded.body(), TERMS, RULES)
    assert again.body() == loaded.body()
    assert load(sent, None, TERMS, RULES) == loaded
    if not check(loaded.body(), TERMS, RULES):
        structure.check_record(loaded.body())
    merge(loaded.errors, missing(loaded, RULES))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(some(body))
def test_what_is_shown_of_any_draft_can_be_sent_back_unchanged(sent: Any) -> None:
    stored = load(sent, None, TERMS, RULES).body()
    shown, custom = resolve(stored["metadata"], stored["custom_fields"], TERMS, OWN)
    term_props(stored["metadata"], stored["custom_fields"], TERMS, OWN)
    before = load(stored, stored, TERMS, RULES)
    back = load({**stored, "metadata": shown, "custom_fields": custom}, stored, TERMS, RULES)
    assert back == before


@pytest.mark.parametrize("sent", [None, [], "x", 1, True, {"metadata": []}, {"access": 3}, {"pids": [1]}])
def test_a_body_of_a_wrong_shape_is_named(sent: Any) -> None:
    assert load(sent, None, TERMS, RULES).errors
