"""Linksets: the same links in both forms, all of them, by RFC 9264's rules and FAIR Signposting's profile."""

from pathlib import Path
from typing import Any

import pytest
from corpus_records import corpus_records
from hypothesis import given
from linkset_rules import Link, read_json, read_text
from record_parts import file_entry, person
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, embargoed, files_closed, full, hostile, many_authors, many_files, minimal, with_files

from repository.formats import by_name, suitable
from repository.formats.files import with_all_files
from repository.formats.signposts import LONGEST_HEADER, authors, header, items, signposts
from repository.records.snapshot import Neighbour, Site, Snapshot

MAKERS = (minimal, full, hostile, with_files, files_closed, embargoed, many_authors)
MANY = 25_000


def written(name: str, snapshot: Snapshot) -> bytes:
    form = by_name(name)
    assert form is not None
    return form.write(snapshot, SITE)


def links(snapshot: Snapshot) -> set[Link]:
    """What both forms say."""
    found = read_json(written("linkset-json", snapshot))
    assert read_text(written("linkset", snapshot)) == found
    return found


def targets(found: set[Link], relation: str, anchor: str) -> set[str]:
    return {link[2] for link in found if link[:2] == (anchor, relation)}


def landing(snapshot: Snapshot) -> str:
    return f"{SITE.url}/records/{snapshot.id}"


def in_header(snapshot: Snapshot, site: Site = SITE) -> str:
    return header(list(signposts(snapshot, site, suitable(snapshot))))


@pytest.fixture(scope="module")
def largest() -> Snapshot:
    """A record with its whole list of files, more than a snapshot carries."""
    entries = [file_entry(f"series/part {position:05d}.csv", position) for position in range(MANY)]
    return with_all_files(many_files(MANY), entries)


@pytest.mark.parametrize("make", MAKERS)
def test_both_forms_keep_the_rules_and_say_the_same(make: Any) -> None:
    assert links(make())


@given(any_snapshot())
def test_both_forms_of_any_record_keep_the_rules_and_say_the_same(snapshot: Snapshot) -> None:
    assert links(snapshot)


def test_records_of_the_corpus_have_sound_linksets(shared: Path) -> None:
    for snapshot in corpus_records(shared / "corpus" / "datacite"):
        assert links(snapshot)
        assert len(in_header(snapshot)) <= LONGEST_HEADER


def test_the_page_is_linked_with_all_that_signposting_knows() -> None:
    state = full()
    found, page = links(state), landing(state)
    assert targets(found, "cite-as", page) == {f"https://doi.org/10.5072/{state.id}"}
    assert targets(found, "type", page) == {"https://schema.org/AboutPage", "https://schema.org/ScholarlyArticle"}
    assert targets(found, "author", page) == {"https://orcid.org/0000-0002-1825-0097", "https://ror.org/02ex6cf31"}
    assert targets(found, "item", page) == {f"{page}/files/rain.csv", f"{page}/files/figure%201.png"}
    assert targets(found, "collection", page) == {f"{SITE.url}/"}
    assert targets(found, "timemap", page) == {f"{page}/timemap"}
    assert targets(found, "original", page) == {f"{SITE.url}/records/{state.parent_id}"}
    assert targets(found, "license", page) == set(), "two licences are no single one"


def test_each_description_and_each_file_leads_back() -> None:
    state = full()
    found, page = links(state), landing(state)
    described = targets(found, "describedby", page)
    assert described == {f"{page}/{form.file_name}" for form in suitable(state) if form.relation == "describedby"}
    assert all(targets(found, "describes", document) == {page} for document in described)
    assert all(targets(found, "collection", file) == {page} for file in targets(found, "item", page))


def test_without_a_doi_the_page_itself_is_to_be_cited() -> None:
    assert targets(links(minimal()), "cite-as", landing(minimal())) == {landing(minimal())}


@pytest.mark.parametrize("make", [files_closed, embargoed, minimal])
def test_closed_files_and_no_files_are_not_linked(make: Any) -> None:
    assert not [link for link in links(make()) if link[1] == "item"]


def test_hidden_files_are_not_linked() -> None:
    assert len(targets(links(with_files()), "item", landing(with_files()))) == 2


def test_closed_versions_are_not_linked() -> None:
    versions = (
        Neighbour("00000-00001", 1, "published", closed=True),
        Neighbour("00000-00195", 2, "published", closed=False),
        Neighbour("00000-00003", 3, "published", closed=True),
    )
    assert not [link for link in links(minimal(index=2, versions=versions)) if link[2][-5:] in ("00001", "00003")]


def test_a_format_that_the_record_lacks_is_not_linked() -> None:
    assert f"{landing(minimal())}/ccmm.xml" not in targets(links(minimal()), "describedby", landing(minimal()))


def test_linksets_name_all_of_25_000_files(largest: Snapshot) -> None:
    found, page = links(largest), landing(largest)
    files = {f"{page}/files/series/part%20{position:05d}.csv" for position in range(MANY)}
    assert targets(found, "item", page) == files
    assert {link[0] for link in found if link[1:3] == ("collection", page)} == files


def test_the_header_is_as_long_with_25_000_files_as_with_one(largest: Snapshot) -> None:
    one = with_all_files(largest, list(largest.files["entries"].values())[:1])
    assert in_header(largest) == in_header(one)


def test_the_header_names_no_authors(largest: Snapshot) -> None:
    state = many_authors()
    some = minimal(7, metadata={**state.metadata, "creators": state.metadata["creators"][:1]})
    assert in_header(state) == in_header(some)


@pytest.mark.parametrize("length", [10, 60, 200, 2000])
def test_the_header_stays_short_and_keeps_what_matters_most(length: int) -> None:
    site = Site(url=f"https://{'a' * length}.org", name="Long", oai_domain="example.org")
    field = in_header(full(), site)
    assert len(field) <= LONGEST_HEADER
    assert field.isascii()
    assert field.startswith(f'<https://doi.org/10.5072/{full().id}>; rel="cite-as"')
    assert length == 2000 or field.count('rel="linkset"') == 2


def test_links_are_ascii_whatever_an_iri_holds() -> None:
    licence = {"title": {"en": "House"}, "link": "https://example.org/lizenz/straße"}
    state = minimal(metadata={**minimal().metadata, "rights": [licence]})
    assert '<https://example.org/lizenz/stra%C3%9Fe>; rel="license"' in in_header(state)


def test_a_statement_of_access_is_no_licence() -> None:
    right = {"title": {"en": "open access"}, "link": "http://purl.org/coar/access_right/c_abf2"}
    licence = {"title": {"en": "House"}, "link": "https://example.org/licence"}
    only_access = minimal(metadata={**minimal().metadata, "rights": [right]})
    both = minimal(metadata={**minimal().metadata, "rights": [right, licence]})
    assert 'rel="license"' not in in_header(only_access)
    assert '<https://example.org/licence>; rel="license"' in in_header(both)


def test_an_author_is_linked_once() -> None:
    twice = [person("A", orcid="0000-0002-1825-0097"), person("B", orcid="0000-0002-1825-0097")]
    state = minimal(metadata={**minimal().metadata, "creators": twice})
    assert [link.href for link in authors(state)] == ["https://orcid.org/0000-0002-1825-0097"]


def test_a_media_type_that_is_none_is_left_out() -> None:
    hostile_types = [link.media_type for link in items(hostile(), SITE)]
    assert hostile_types == ["", ""]
