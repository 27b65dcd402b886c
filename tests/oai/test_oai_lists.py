"""Lists: pages and their tokens, bounds, sets, and what happens to a list while records change."""

from collections.abc import Mapping
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Connection, event

from repository.oai.lists import BLOCK_BITS
from repository.storage.database import Database
from repository.storage.hot import Hot
from tests.conftest import row_count
from tests.oai.conftest import Check
from tests.oai.harvest_world import OAI, PREFIXES, World, attributes, closed, code, mark, numbered, of_type, withdrawn

pytestmark = pytest.mark.both


def ids(*numbers: int) -> list[str]:
    return [numbered(number).id for number in numbers]


def token(answer: etree._Element) -> etree._Element | None:
    return answer.find(f".//{OAI}resumptionToken")


def text(answer: etree._Element) -> str:
    element = token(answer)
    assert element is not None
    assert element.text
    return element.text


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
@pytest.mark.parametrize("total", [1, 2, 3, 4, 5, 6, 7, 9])
def test_pages_count_right_and_end_with_an_empty_token(world: World, valid: Check, verb: str, total: int) -> None:
    world.put(*[numbered(number) for number in range(total)])
    world.clock.pass_(5)
    pages = list(world.pages(verb))
    given = [[mark(header) for header in page.iter(f"{OAI}header")] for page in pages]
    assert [record for page in given for record in page] == ids(*range(total))
    assert [len(page) for page in given] == [3] * (total // 3) + ([total % 3] if total % 3 else [])
    if total <= 3:
        assert token(pages[0]) is None
        return
    for number, page in enumerate(pages):
        valid(etree.tostring(page))
        shown = attributes(token(page))
        assert shown["completeListSize"] == str(total)
        assert shown["cursor"] == str(3 * number)
        if number < len(pages) - 1:
            assert shown["expirationDate"] == "2023-11-21T22:13:25Z"
            assert token(page).text
        else:
            assert "expirationDate" not in shown
            assert not token(page).text


def test_token_can_be_used_again_and_by_anybody(world: World) -> None:
    world.put(*[numbered(number) for number in range(7)])
    world.clock.pass_(5)
    first = text(world.ask("ListRecords", metadataPrefix="oai_dc"))
    world.use_settings()
    for _ in range(3):
        answer = world.ask("ListRecords", resumptionToken=first)
        assert [mark(header) for header in answer.iter(f"{OAI}header")] == ids(3, 4, 5)


def test_token_keeps_every_argument_of_its_list(world: World) -> None:
    for number in range(12):
        world.put(of_type(numbered(number), "software", "Software") if number % 2 else numbered(number))
        world.clock.pass_(1)
    world.clock.pass_(5)
    arguments = {"set": "type:software", "from_": "2023-11-14T22:13:22Z", "until": "2023-11-14T22:13:30Z"}
    assert world.identifiers(**arguments) == ids(3, 5, 7, 9)
    assert [len(list(page.iter(f"{OAI}record"))) for page in world.pages(**arguments)] == [3, 1]
    for page in world.pages(**arguments, prefix="datacite"):
        for metadata in page.iter(f"{OAI}metadata"):
            assert metadata[0].tag == "{http://datacite.org/schema/kernel-4}resource"


def test_set_contains_the_items_of_its_children_only(any_world: World) -> None:
    world = any_world
    world.put(*[of_type(numbered(number), ("dataset", "software", "video")[number % 3], "x") for number in range(9)])
    world.clock.pass_(5)
    assert world.identifiers(set="type") == ids(*range(9))
    assert world.identifiers(set="type:software") == ids(1, 4, 7)
    assert world.identifiers(set="type:soft") == []
    for verb in ("ListRecords", "ListIdentifiers"):
        assert [mark(h) for h in world.headers(verb, set="type:video")] == ids(2, 5, 8)
        assert [attributes(token(p))["completeListSize"] for p in world.pages(verb, set="type")] == ["9"] * 3


def test_item_that_changes_its_set_leaves_the_old_one(world: World) -> None:
    world.put(*[numbered(number) for number in range(2)])
    world.clock.pass_(5)
    world.put(of_type(numbered(0), "software", "Software"))
    world.clock.pass_(5)
    assert world.identifiers(set="type:dataset") == ids(1)
    assert world.identifiers(set="type:software") == ids(0)
    assert world.identifiers(set="type") == ids(1, 0)
    assert world.headers(set="type:software")[0].findtext(f"{OAI}datestamp") == "2023-11-14T22:13:25Z"


def test_set_that_nobody_is_in_any_more_is_not_listed(world: World) -> None:
    world.put(numbered(0))
    world.put(of_type(numbered(0), "software", "Software"))
    specs = [element.text for element in world.ask("ListSets").iter(f"{OAI}setSpec")]
    assert [spec for spec in specs if spec.startswith("type")] == ["type", "type:software"]


def test_set_takes_the_name_that_its_type_has_now(world: World) -> None:
    world.put(of_type(numbered(0), "software", "Software"))
    world.put(of_type(numbered(1), "software", "Computer programs"))
    names = [element.text for element in world.ask("ListSets").iter(f"{OAI}setName")]
    assert names[-2:] == ["Resource types", "Computer programs"]


def test_last_second_is_not_in_any_list_yet(world: World) -> None:
    world.put(numbered(1))
    for arguments in ({}, {"until": "2023-11-14T22:13:20Z"}, {"until": "2999-01-01"}, {"from_": "2023-11-14"}):
        assert world.identifiers(**arguments) == []
    world.clock.pass_(1.5)
    assert world.identifiers(until="2999-01-01") == ids(1)


def test_list_is_bounded_by_the_moment_at_which_it_was_begun(any_world: World) -> None:
    world = any_world
    world.put(*[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    first = world.ask("ListIdentifiers", metadataPrefix="oai_dc", until="2999-01-01")
    world.clock.pass_(10)
    world.put(numbered(0, description="changed"), numbered(4, description="changed"), numbered(8))
    world.clock.pass_(10)
    rest = world.ask("ListIdentifiers", resumptionToken=text(first))
    assert [mark(header) for header in rest.iter(f"{OAI}header")] == ids(3)
    response_date = first.findtext(f"{OAI}responseDate", "")
    assert world.identifiers(from_=response_date) == ids(0, 4, 8)


@pytest.mark.parametrize("spec", [{}, {"set": "type:dataset"}])
def test_list_whose_whole_rest_was_stamped_anew_still_gives_a_record(
    any_world: World, valid: Check, spec: dict[str, str]
) -> None:
    world = any_world
    world.put(*[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    first = world.ask("ListRecords", metadataPrefix="oai_dc", **spec)
    for text_ in ("once", "twice"):  # however often
        world.put(*[numbered(number, description=text_) for number in range(5)])
        world.clock.pass_(10)
    last = world.ask("ListRecords", resumptionToken=text(first))
    valid(etree.tostring(last))
    assert [mark(header) for header in last.iter(f"{OAI}header")] == ids(3)
    assert not token(last).text


def begun(world: World, until: str) -> str:
    """Token of the second page of a list that ends at a moment."""
    world.put(*[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    return text(world.ask("ListRecords", metadataPrefix="oai_dc", until=until))


def stamps(answer: etree._Element) -> list[str]:
    return [header.findtext(f"{OAI}datestamp", "") for header in answer.iter(f"{OAI}header")]


FIRST, LATER = "2023-11-14T22:13:20Z", "2023-11-14T22:13:30Z"


def test_last_page_of_a_list_with_an_end_has_nothing_from_behind_it(any_world: World, valid: Check) -> None:
    """Where the whole rest was stamped anew, a record that was given before is given once more."""
    token_ = begun(any_world, until=FIRST)
    any_world.put(*[numbered(number, description="changed") for number in (0, 3, 4)])
    any_world.clock.pass_(10)
    last = any_world.ask("ListRecords", resumptionToken=token_)
    valid(etree.tostring(last))
    assert [mark(header) for header in last.iter(f"{OAI}header")] == ids(2)
    assert stamps(last) == [FIRST]
    assert not token(last).text


def test_what_was_stamped_anew_before_the_end_is_preferred(any_world: World) -> None:
    token_ = begun(any_world, until="2999-01-01T00:00:00Z")
    any_world.put(*[numbered(number, description="changed") for number in (0, 3, 4)])
    any_world.clock.pass_(10)
    last = any_world.ask("ListRecords", resumptionToken=token_)
    assert [mark(header) for header in last.iter(f"{OAI}header")] == ids(3)
    assert stamps(last) == [LATER]


def test_list_with_an_end_of_which_nothing_is_left_gives_what_was_in_it(any_world: World) -> None:
    token_ = begun(any_world, until=FIRST)
    any_world.put(*[numbered(number, description="changed") for number in range(5)])
    any_world.clock.pass_(10)
    last = any_world.ask("ListRecords", resumptionToken=token_)
    assert [mark(header) for header in last.iter(f"{OAI}header")] == ids(3)


def test_no_record_from_before_the_beginning_ends_a_list(any_world: World) -> None:
    any_world.put(numbered(9))
    any_world.clock.pass_(10)
    any_world.put(*[numbered(number) for number in range(5)])
    any_world.clock.pass_(10)
    first = any_world.ask("ListRecords", metadataPrefix="oai_dc", from_=LATER, until=LATER)
    any_world.put(*[numbered(number, description="changed") for number in range(5)])
    any_world.clock.pass_(10)
    last = any_world.ask("ListRecords", resumptionToken=text(first))
    assert [mark(header) for header in last.iter(f"{OAI}header")] == ids(3)


@pytest.mark.parametrize("days", [6, 9])
def test_moves_are_remembered_as_long_as_a_token_can_ask_for_them(any_world: World, days: int) -> None:
    world = any_world
    world.put(*[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    first = world.ask("ListRecords", metadataPrefix="oai_dc")
    world.put(*[numbered(number, description="changed") for number in range(5)])
    assert row_count(world.database, "oai_moves") == 5
    world.clock.pass_(days * 86_400)
    world.put(numbered(7))
    world.put(numbered(7, description="changed"))
    world.clock.pass_(10)
    last = world.ask("ListRecords", resumptionToken=text(first))
    if days == 6:
        assert row_count(world.database, "oai_moves") == 6
        assert [mark(header) for header in last.iter(f"{OAI}header")] == ids(3)
    else:
        assert row_count(world.database, "oai_moves") == 1
        assert code(last) == "badResumptionToken"


def test_old_moves_go_some_at_a_time(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repository.oai.moves.AT_ONCE", 3)
    any_world.put(*[numbered(number) for number in range(8)])
    any_world.put(*[numbered(number, description="changed") for number in range(8)])
    any_world.clock.pass_(100 * 86_400)
    left = []
    for number in range(4):
        any_world.put(numbered(20, description=f"change {number}"))
        left.append(row_count(any_world.database, "oai_moves"))
    assert left == [5, 3, 2, 3]


def test_list_whose_whole_rest_has_left_it_says_that_nothing_matches(world: World) -> None:
    world.put(*[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    first = world.ask("ListRecords", metadataPrefix="oai_dc", set="type:dataset")
    world.put(*[of_type(numbered(number), "software", "Software") for number in range(5)])
    world.clock.pass_(10)
    assert code(world.ask("ListRecords", resumptionToken=text(first))) == "noRecordsMatch"


def test_withdrawn_record_is_deleted_in_every_list_for_ever(any_world: World) -> None:
    world = any_world
    world.put(*[numbered(number) for number in range(3)])
    world.clock.pass_(10)
    world.put(withdrawn(numbered(1)), closed(numbered(2)))
    world.clock.pass_(100_000_000)
    gone = ["!" + record for record in ids(1, 2)]
    for verb in ("ListRecords", "ListIdentifiers"):
        for prefix in PREFIXES:
            assert [mark(h) for h in world.headers(verb, prefix)] == ids(0) + gone
            assert [mark(h) for h in world.headers(verb, prefix, set="type:dataset")] == ids(0) + gone
            assert [mark(h) for h in world.headers(verb, prefix, from_="2023-11-14T22:13:30Z")] == gone


def test_restored_record_comes_back(world: World) -> None:
    world.put(numbered(1))
    world.put(withdrawn(numbered(1)))
    world.clock.pass_(10)
    world.put(numbered(1))
    world.clock.pass_(10)
    assert world.identifiers() == ids(1)
    assert world.headers()[0].findtext(f"{OAI}datestamp") == "2023-11-14T22:13:30Z"


def test_list_size_is_right_wherever_a_list_begins_and_ends(database: Database, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Blocks of four instead of thousands, so that ends, whole blocks and emptied ones all occur."""
    monkeypatch.setattr("repository.oai.lists.BLOCK_BITS", 2)
    assert BLOCK_BITS == 12
    world = World(database, tmp_path, page_size=5)
    for number in range(30):
        world.put(of_type(numbered(number), "software", "Software") if number % 3 == 0 else numbered(number))
        world.clock.pass_(1)
    for number in range(8, 17):
        world.put(numbered(number, description="changed"))
    world.clock.pass_(60)
    stamps = sorted({header.findtext(f"{OAI}datestamp", "") for header in world.headers()})
    for start in stamps[::4]:
        for end in stamps[3::5]:
            if start > end:
                continue
            for spec in ({}, {"set": "type"}, {"set": "type:software"}):
                pages = list(world.pages("ListIdentifiers", from_=start, until=end, **spec))
                total = sum(len(list(page.iter(f"{OAI}header"))) for page in pages)
                sizes = {attributes(token(page))["completeListSize"] for page in pages if token(page) is not None}
                assert sizes <= {str(total)}
                assert bool(sizes) == (total > 5)


def test_page_costs_the_same_number_of_statements_at_any_depth(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put(*[numbered(number) for number in range(30)])
    world.clock.pass_(5)
    statements: list[str] = []
    by_driver = Hot.rows

    @event.listens_for(world.database.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        statements.append(statement)

    def note_hot(hot: Hot, connection: Connection, parameters: Mapping[str, Any]) -> Any:
        statements.append(str(hot.statement))
        return by_driver(hot, connection, parameters)

    monkeypatch.setattr(Hot, "rows", note_hot)
    costs = []
    for _page in world.pages("ListRecords"):
        costs.append([statement for statement in statements if statement.startswith("SELECT")])
        statements.clear()
    assert {len(cost) for cost in costs[1:]} == {2}, "the clock, and one range of renderings"
    assert not any("count(" in statement or "sum(" in statement for cost in costs[1:] for statement in cost)
