"""Records are browsed by type, subject, licence, language, creator and affiliation, in lists that are cut stably."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from record_parts import person, record_id, term
from snapshots import full, hostile, many_authors, minimal, with_metadata

from repository.records.snapshot import Snapshot
from repository.storage.database import Database
from site_builder import axes
from site_builder.projection import SiteProjection
from site_builder.views import feed
from tests.following.contract import closed, withdrawn
from tests.site.site_output import build, built, changes, increment, parsed, rebuilt, settings_in, text_of, tree

ORCID = "0000-0002-1825-0097"
ADA = person("Holm", "Ada")
SAFE = re.compile(r"[a-z0-9._/-]+")


def record(number: int, *creators: Any, **metadata: Any) -> Snapshot:
    date = metadata.pop("publication_date", f"{2000 + number % 3}-05")
    return with_metadata(
        minimal(number), title=f"Rain {number}", publication_date=date, creators=[*(creators or (ADA,))], **metadata
    )


@pytest.fixture
def short_lists(monkeypatch: Any) -> None:
    monkeypatch.setattr(axes, "LIMIT", 3)


def heading(data: bytes) -> str:
    return text_of(parsed(data).xpath("//h1")[0])


def links(data: bytes) -> list[str]:
    """Of what a page shows between its heading and its end."""
    return [link.get("href") for link in parsed(data).xpath("//main//*[preceding::h1]/descendant-or-self::a")]


def reached(served: dict[str, bytes], address: str) -> Iterator[str]:
    """Pages of records that are reached from a list by lists only, each time that one is."""
    page = served[f"{address[1:]}index.html"]
    found = links(page)
    assert len(set(found)) <= max(axes.LIMIT, 40) + 3
    for link in found:
        if link.startswith("/records/"):
            yield link
        elif link.startswith("/browse/"):
            yield from reached(served, link)


def test_every_record_is_reached_from_every_axis_by_lists_that_are_short(
    database: Database, tmp_path: Path, short_lists: None
) -> None:
    names = ["Wang Wei", "Wang, Li", "中井", "Ђурић", "Zhou", "Ada Holm"]
    states = [
        record(
            number, person(f"{names[number % 6]} {number // 12}", affiliations=[{"name": f"Institute {number}"}]),
            subjects=[{"subject": f"rain {number % 7}"}, {"subject": "harbour"}],
            rights=[{"id": "cc-by-4.0", "title": {"en": "CC BY"}}], languages=[term("ces", "Czech")],
        )
        for number in range(40)
    ]  # fmt: skip
    served = built(database, tmp_path, states)
    expected = {f"/records/{state.id}" for state in states}
    for axis in axes.AXES:
        assert set(reached(served, f"/browse/{axis}/")) == expected, axis
    assert sorted(reached(served, "/browse/licences/cc-by-4.0/")) == sorted(expected)
    lists = [data.count(b'class="entry"') for path, data in served.items() if path.startswith("browse/licences/cc")]
    assert max(lists) <= axes.LIMIT
    assert "browse/licences/cc-by-4.0/2000/05/00/index.html" in served
    root = served["browse/index.html"]
    assert all(f'href="/browse/{axis}/"'.encode() in root for axis in axes.AXES)


def test_an_orcid_is_one_person_however_spelled_and_a_name_is_never_taken_for_one(
    database: Database, tmp_path: Path
) -> None:
    states = [
        record(1, person("Holm", "Ada", orcid=ORCID), publication_date="2024"),
        record(2, person("Holm", "A.", orcid=ORCID), publication_date="2001"),
        record(3, person("0000-0002-1825-0097", "")),
        record(4, person("HÓLM", "Áda")),
        record(5, person("Holm", "Ada")),
    ]
    served = built(database, tmp_path, states)
    page = served["browse/creators/0000-0002-1825-0097/index.html"]
    assert heading(page) == "Ada Holm"
    assert b'href="https://orcid.org/0000-0002-1825-0097"' in page
    assert [link for link in links(page) if "records" in link] == [f"/records/{states[n].id}" for n in (0, 1)]
    named = served["browse/creators/name-ada-holm/index.html"]
    assert {f"/records/{states[n].id}" for n in (3, 4)} <= set(links(named))
    assert len([path for path in served if path.startswith("browse/creators/")]) == 4


def test_a_name_is_that_of_the_latest_record_whatever_came_first(database: Database, tmp_path: Path) -> None:
    old = record(1, person("Holm", "A.", orcid=ORCID), publication_date="2001")
    new = record(2, person("Holm", "Ada", orcid=ORCID), publication_date="2002")
    page = "browse/creators/0000-0002-1825-0097/index.html"
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([new, old]))
    assert heading(tree(tmp_path)[page]) == "Ada Holm"
    increment(projection, changes([withdrawn(new)], 10))
    assert heading(tree(tmp_path)[page]) == "A. Holm"
    assert b"Ada" not in tree(tmp_path)["browse/creators/index.html"]
    increment(projection, changes([new], 11))
    assert heading(tree(tmp_path)[page]) == "Ada Holm"


def test_all_lists_of_a_key_bear_its_name_and_its_number(database: Database, tmp_path: Path, short_lists: None) -> None:
    """In several lists the name is that which the first record by place gives it."""
    projection = SiteProjection(settings_in(tmp_path), database)
    states = [record(n, person("Holm", "A.", orcid=ORCID), publication_date=f"20{10 + n}") for n in range(8)]
    build(projection, changes(states))
    page = "browse/creators/0000-0002-1825-0097/{}index.html"
    assert heading(tree(tmp_path)[page.format("2017/")]) == "A. Holm: 2017"
    renamed = record(0, person("Holm", "Ada", orcid=ORCID), publication_date="2010")
    more = record(9, person("Holm", "A.", orcid=ORCID), publication_date="2017")
    later = changes([renamed, more], 20)
    increment(projection, later)
    served = tree(tmp_path)
    assert heading(served[page.format("2017/")]) == heading(served[page.format("2013/")])[:-1] + "7" == "Ada Holm: 2017"
    assert text_of(parsed(served[page.format("")]).xpath("//*[@class='total']")[0]) == "9 records"
    assert served == rebuilt(database, tmp_path / "whole", [*changes(states)[1:], *later])


@pytest.mark.parametrize("fate", [withdrawn, closed])
def test_what_is_withdrawn_or_closed_leaves_all_axes_and_takes_its_keys_along(
    database: Database, tmp_path: Path, fate: Any
) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1)]))
    alone = tree(tmp_path)
    state = full(2)
    increment(projection, changes([state], 5))
    keys = [path for path, _said in axes.keys(state)]
    assert {path.partition("/")[0] for path in keys} == {*axes.AXES}
    assert all(f"browse/{path}/index.html" in tree(tmp_path) for path in keys)
    increment(projection, changes([fate(state)], 9))
    served = tree(tmp_path)
    browsed = {path: data for path, data in served.items() if path.startswith(("browse/", "feeds/"))}
    assert browsed == {path: data for path, data in alone.items() if path.startswith(("browse/", "feeds/"))}
    assert state.id.encode() not in b"".join(browsed.values())


def test_of_a_record_with_3000_authors_the_first_ones_are_keys(database: Database, tmp_path: Path) -> None:
    served = built(database, tmp_path, [many_authors()])
    assert len([path for path in served if path.startswith("browse/creators/name-")]) == axes.NAMED
    assert len([path for path in served if path.startswith("browse/affiliations/")]) <= axes.NAMED + 1


def test_hostile_names_make_harmless_addresses(database: Database, tmp_path: Path) -> None:
    evil = ["../../etc/passwd", "..", "a/b", "%2e%2e%2f", "\x00", "index.html", "letters", "x" * 5000, "\u202eevil"]
    states = [record(10 + n, person(name), subjects=[{"subject": name}]) for n, name in enumerate(evil)]
    states += [hostile(1)]
    states += [record(40 + n, subjects=[{"id": name, "subject": "s"}]) for n, name in enumerate(evil)]
    served = built(database, tmp_path, states)
    paths = [path for path in served if path.startswith(("browse/", "feeds/"))]
    assert all(SAFE.fullmatch(path) and "/.." not in path for path in paths)
    assert all(len(part) <= 255 for path in paths for part in path.split("/"))
    assert {f"/records/{state.id}" for state in states} <= set(reached(served, "/browse/subjects/")) | set(
        reached(served, "/browse/creators/")
    )


NAMES = st.text(max_size=80) | st.sampled_from(["Ada Holm", "ada-holm", "ÁDA  HOLM", "cc-by-4.0", "letters", "!", "?"])


@given(NAMES, NAMES)
@example("a", "a-")
@example("!", "?")
@example("x" * 51, "x" * 52)
@example("ſ", "s")
def test_two_things_never_share_a_key(one: str, other: str) -> None:
    assert (axes.key_of(one) == axes.key_of(other)) == (one == other)
    assert axes.key_of(one) != axes.name_key(other)
    if axes.name_key(one) and axes.name_key(one) == axes.name_key(other):
        assert axes.fold(one) == axes.fold(other)
        assert axes.fold(one) or one.split() == other.split()
    if axes.fold(one) and axes.fold(one) == axes.fold(other):
        assert axes.name_key(one) == axes.name_key(other)
    for key in filter(None, (axes.key_of(one), axes.name_key(one))):
        assert SAFE.fullmatch(key)
        assert key != axes.LETTERS
        assert axes.node_of_key("subjects", key, "2020/05") == f"subjects/{key}/2020-05"
        node = axes.listed_at(f"subjects/{key}", one)
        for length in range(len("subjects?") + 1, len(node)):
            beginning = node[len("subjects?") : length]
            assert axes.node_of_names("subjects", beginning) == node[:length]
            assert axes.url(node[:length]) == f"/browse/subjects/letters/{beginning}/"
            assert axes.beginning(node[:length])


def test_names_are_in_the_order_in_which_people_look_for_them() -> None:
    names = ["Zhou", "Ångström", "angel", "Holm, Ada", "Holm", "Holman"]
    assert sorted(names, key=axes.spelled) == ["angel", "Ångström", "Holm", "Holm, Ada", "Holman", "Zhou"]
    assert axes.fold(unicodedata.normalize("NFD", "Ångström")) == axes.fold("Ångström") == "angstrom"


def test_each_type_has_a_feed_of_its_newest_changes(database: Database, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(feed, "NEWEST", 3)
    article = full(90)
    states = [record(number) for number in range(5)]
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([*states, article]))
    served = tree(tmp_path)
    assert {path for path in served if path.startswith("feeds/")} == {"feeds/dataset.xml", "feeds/publication.xml"}
    root = etree.fromstring(served["feeds/dataset.xml"])
    ids = [entry.findtext("{*}id").rpartition("/")[2] for entry in root.iterfind("{*}entry")]
    assert ids == [state.id for state in (states[4], states[3], states[2])]
    page = parsed(served["browse/types/dataset/index.html"])
    (link,) = page.xpath("//link[@rel='alternate'][@type='application/atom+xml']/@href")
    assert link == root.find("{*}link[@rel='self']").get("href") == "https://repository.example.org/feeds/dataset.xml"
    increment(projection, changes([states[0], withdrawn(article)], 20))
    assert "feeds/publication.xml" not in tree(tmp_path)
    first = etree.fromstring(tree(tmp_path)["feeds/dataset.xml"]).findtext("{*}entry/{*}id")
    assert first is not None
    assert first.endswith(states[0].id)


def test_a_change_that_shows_in_no_list_makes_no_page_of_a_key(
    database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    state = record(1)
    build(projection, changes([state, record(2)]))
    put, made = projection.output.put, list[str]()
    monkeypatch.setattr(projection.output, "put", lambda *arguments: (made.append(arguments[1]), put(*arguments))[1])
    increment(projection, changes([with_metadata(state, description="<p>New</p>")], 10))
    assert not [path for path in made if path.startswith("browse/types")]
    increment(projection, changes([with_metadata(state, title="Snow")], 11))
    assert "browse/types/dataset/index.html" in made
    assert "browse/types/index.html" not in made


def test_a_page_leads_to_the_lists_in_which_its_record_is(database: Database, tmp_path: Path) -> None:
    subjects = [{"subject": "rain"}, {"id": "http://example.org/x", "subject": "Maths", "scheme": "FOS"}]
    said = {"languages": [term("ces", "Czech")], "rights": [{"id": "cc0-1.0", "title": {"en": "CC0"}}]}
    state = record(1, subjects=subjects, **said)
    newer = replace(state.versions[0], id=record_id(77), index=2)
    superseded = record(2, subjects=subjects)
    superseded = replace(superseded, versions=(*superseded.versions, newer))
    served = built(database, tmp_path, [state, superseded])
    hrefs = parsed(served[f"records/{state.id}/index.html"]).xpath("//aside//a/@href")
    browsed = [href for href in hrefs if href.startswith("/browse/")]
    assert len(browsed) == 5
    assert all(f"{href[1:]}index.html" in served for href in browsed)
    assert "http://example.org/x" in hrefs
    old = parsed(served[f"records/{superseded.id}/index.html"]).xpath("//aside//a/@href")
    assert not [href for href in old if href.startswith("/browse/")]
    assert "/vocabularies/resourcetypes/dataset" in old
    assert "/vocabularies/subjects/http:%2F%2Fexample.org%2Fx" in old
