"""A format in which not every record can be had is as good to harvest as the others: sizes, pages, deletions, sets."""

from dataclasses import replace

import pytest
from lxml import etree

from repository.formats import FORMATS
from tests.oai.harvest_world import OAI, World, closed, code, numbered, of_type, suiting, withdrawn

PREFIX = "ccmm-xml"


def ids(*numbers: int) -> list[str]:
    return [numbered(number).id for number in numbers]


def tokens(world: World, **arguments: str) -> list[tuple[str | None, str | None]]:
    """Size and cursor of every page."""
    found = [page.find(f".//{OAI}resumptionToken") for page in world.pages(prefix=PREFIX, **arguments)]
    return [(token.get("completeListSize"), token.get("cursor")) for token in found if token is not None]


def answer_of(world: World, number: int) -> etree._Element:
    identifier = f"oai:{world.settings.oai_domain}:{numbered(number).id}"
    return world.ask("GetRecord", metadataPrefix=PREFIX, identifier=identifier)


def formats_of(world: World, number: int) -> set[str | None]:
    identifier = f"oai:{world.settings.oai_domain}:{numbered(number).id}"
    answer = world.ask("ListMetadataFormats", identifier=identifier)
    return {entry.findtext(f"{OAI}metadataPrefix") for entry in answer.iter(f"{OAI}metadataFormat")}


def fill(world: World, generation: str) -> None:
    world.projection.create(generation)
    world.project(*world.last.values(), generation=generation)
    world.projection.activate(generation)
    world.projection.drop(world.generation)
    world.generation = generation


@pytest.fixture
def mixed(any_world: World) -> World:
    """Ten items, the even ones of which can be had in the format; every other of these is software."""
    world = any_world
    for number in range(10):
        state = suiting(number) if number % 2 == 0 else numbered(number)
        world.put(of_type(state, "software", "Software") if number % 4 == 0 else state)
    world.clock.pass_(10)
    return world


def test_lists_have_the_right_size_and_no_page_is_short(mixed: World) -> None:
    assert mixed.identifiers(prefix=PREFIX) == ids(0, 2, 4, 6, 8)
    assert tokens(mixed) == [("5", "0"), ("5", "3")]
    assert mixed.identifiers(prefix=PREFIX, set="type:software") == ids(0, 4, 8)
    assert tokens(mixed, set="type:software") == []
    assert tokens(mixed, set="type") == [("5", "0"), ("5", "3")]
    assert "ccmm" not in str(etree.tostring(mixed.ask("ListSets"))), "the lists behind it are no sets"


def test_who_loses_the_format_is_deleted_in_it_and_nowhere_else(mixed: World) -> None:
    mixed.put(numbered(2))
    mixed.clock.pass_(10)
    assert mixed.identifiers(prefix=PREFIX) == [*ids(0, 4, 6, 8), "!" + ids(2)[0]]
    assert "!" + ids(2)[0] not in mixed.identifiers()
    assert PREFIX not in formats_of(mixed, 2)
    header = answer_of(mixed, 2).find(f".//{OAI}header")
    assert header is not None
    assert header.get("status") == "deleted"
    mixed.put(suiting(2))
    mixed.clock.pass_(10)
    assert mixed.identifiers(prefix=PREFIX) == ids(0, 4, 6, 8, 2)
    assert PREFIX in formats_of(mixed, 2)


def test_a_deleted_item_is_deleted_where_it_was_and_only_there(mixed: World) -> None:
    mixed.put(withdrawn(suiting(6)), withdrawn(numbered(7)), closed(suiting(0)), withdrawn(numbered(20)))
    mixed.clock.pass_(10)
    gone = ["!" + one for one in ids(6, 0)]
    assert mixed.identifiers(prefix=PREFIX) == [*ids(2, 4, 8), *gone]
    assert {"!" + one for one in ids(6, 7, 0, 20)} <= set(mixed.identifiers())
    assert code(answer_of(mixed, 7)) == "cannotDisseminateFormat"
    assert tokens(mixed) == [("5", "0"), ("5", "3")]
    mixed.put(suiting(7))
    mixed.clock.pass_(10)
    assert mixed.identifiers(prefix=PREFIX)[-1] == ids(7)[0]


def test_a_new_generation_has_the_same_lists(mixed: World) -> None:
    mixed.put(numbered(2), withdrawn(suiting(6)))
    mixed.clock.pass_(10)
    before = [etree.tostring(page) for page in mixed.pages(prefix=PREFIX)]
    fill(mixed, "g2")
    fill(mixed, "g3")
    assert [etree.tostring(page) for page in mixed.pages(prefix=PREFIX)] == before


def test_a_format_that_comes_later_has_its_lists_from_the_beginning(any_world: World) -> None:
    world = any_world
    world.formats = tuple(form for form in FORMATS if form.name != PREFIX)
    world.use_settings()
    fill(world, "g2")
    world.put(*[suiting(number) if number % 2 == 0 else numbered(number) for number in range(9)])
    world.put(withdrawn(suiting(0)))
    world.clock.pass_(10)
    stamps = [header.findtext(f"{OAI}datestamp") for header in world.headers()]
    world.formats = FORMATS
    world.use_settings()
    for generation in ("g3", "g4"):
        fill(world, generation)
        world.clock.pass_(10)
        assert world.identifiers(prefix=PREFIX) == ids(2, 4, 6, 8)
        assert tokens(world) == [("4", "0"), ("4", "3")]
        assert [header.findtext(f"{OAI}datestamp") for header in world.headers()] == stamps
    world.put(numbered(4))
    world.clock.pass_(10)
    assert world.identifiers(prefix=PREFIX) == [*ids(2, 6, 8), "!" + ids(4)[0]]


def test_sets_that_are_redefined_reach_the_format_too(mixed: World) -> None:
    mixed.put(numbered(2))
    mixed.define("dry", "type:dataset")
    mixed.pass_over()
    mixed.clock.pass_(10)
    assert mixed.identifiers(prefix=PREFIX, set="dry") == ["!" + ids(2)[0], *ids(6)]
    assert answer_of(mixed, 6).find(f".//{OAI}metadata") is not None
    mixed.undefine("dry")
    mixed.pass_over()
    mixed.clock.pass_(10)
    assert code(mixed.ask("ListRecords", metadataPrefix=PREFIX, set="dry")) == "noRecordsMatch"
    assert set(mixed.identifiers(prefix=PREFIX)) == {*ids(0, 4, 6, 8), "!" + ids(2)[0]}
    assert tokens(mixed)[0] == ("5", "0")


def test_a_token_of_a_format_that_is_no_longer_offered_is_refused(mixed: World) -> None:
    token = mixed.ask("ListRecords", metadataPrefix=PREFIX).findtext(f".//{OAI}resumptionToken")
    mixed.formats = tuple(form for form in FORMATS if form.name != PREFIX)
    mixed.use_settings()
    assert code(mixed.ask("ListRecords", resumptionToken=str(token))) == "badResumptionToken"


def test_a_change_of_a_record_that_never_had_it_moves_nothing_in_it(mixed: World) -> None:
    before = mixed.identifiers(prefix=PREFIX)
    mixed.put(replace(numbered(3), revision_id=2))
    mixed.put(numbered(5, description="new"))
    mixed.clock.pass_(10)
    assert mixed.identifiers(prefix=PREFIX) == before
