"""A format that becomes one that not every record can be had in, or is taken away for a while: its lists stay whole."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import etree
from sqlalchemy import text

from repository.errors import FieldError
from repository.formats import FORMATS, Format, OaiFormat
from repository.formats.xml_text import DECLARATION
from repository.records.snapshot import Json, Site, Snapshot
from tests.oai.harvest_world import OAI, World, attributes, code, numbered, of_type, withdrawn

PREFIX = "note"


def note(needs_subjects: bool) -> Format:
    def write(snapshot: Snapshot, _site: Site) -> bytes:
        return DECLARATION + f'<note xmlns="urn:note">{snapshot.id}</note>'.encode()

    def lacks(metadata: Json) -> tuple[FieldError, ...]:
        return () if metadata.get("subjects") else (FieldError("metadata.subjects", ("No.",)),)

    oai = OaiFormat(PREFIX, "urn:note", "urn:note.xsd")
    whole = Format(PREFIX, "Note", "application/xml", "note.xml", False, write, "same", oai=oai)
    return replace(whole, lacks=lacks) if needs_subjects else whole


WITHOUT = tuple(form for form in FORMATS if form.oai and form.oai.prefix in ("oai_dc", "oai_datacite"))
WHOLE, PARTIAL = (*WITHOUT, note(False)), (*WITHOUT, note(True))


def suiting(number: int) -> Snapshot:
    return numbered(number, subjects=[{"subject": "rain"}])


def ids(*numbers: int) -> list[str]:
    return [numbered(number).id for number in numbers]


def gone(*numbers: int) -> list[str]:
    return ["!" + one for one in ids(*numbers)]


def generations() -> Iterator[str]:
    return iter(f"g{number}" for number in range(2, 100))


def use(world: World, formats: tuple[Format, ...]) -> None:
    world.formats = formats
    world.use_settings()


def fill(world: World, generation: str) -> None:
    """A generation beside, as the reader makes it when the shape of the rules has changed."""
    world.projection.create(generation)
    world.pass_over_into(generation)
    world.projection.activate(generation)
    world.projection.drop(world.generation)
    world.generation = generation


def sizes(world: World, **arguments: str) -> set[str]:
    """What every page says of the length of its list; the real length must be the same."""
    pages = list(world.pages(prefix=PREFIX, **arguments))
    given = sum(len(list(page.iter(f"{OAI}header"))) for page in pages)
    told = [page.find(f".//{OAI}resumptionToken") for page in pages]
    found = {attributes(element)["completeListSize"] for element in told if element is not None}
    assert found <= {str(given)}
    return found


def counts_are_right(world: World) -> None:
    """Of every list, whole blocks included."""
    query = """SELECT l.id, (SELECT coalesce(sum(c.number), 0) FROM oai_counts c WHERE c.list_id = l.id) counted,
        (SELECT count(*) FROM oai_members m WHERE m.list_id = l.id) there FROM oai_lists l"""
    with world.database.read() as connection:
        rows = connection.execute(text(query)).all()
    assert [row.counted for row in rows] == [row.there for row in rows]


@pytest.fixture
def whole(any_world: World) -> World:
    """Eight items in a format that every record can be had in, one of which is deleted; even ones have subjects."""
    world = any_world
    use(world, WHOLE)
    fill(world, "g2")
    world.put(*[suiting(number) if number % 2 == 0 else numbered(number) for number in range(8)])
    world.put(withdrawn(numbered(7)), withdrawn(suiting(6)))
    world.clock.pass_(10)
    assert world.identifiers(prefix=PREFIX) == [*ids(0, 1, 2, 3, 4, 5), *gone(7, 6)]
    return world


def test_a_format_that_becomes_partial_asks_for_a_generation_beside(whole: World) -> None:
    shape = whole.projection.rules().partition(":")[0]
    use(whole, PARTIAL)
    assert whole.projection.rules().partition(":")[0] != shape


def test_a_format_that_becomes_partial_keeps_its_list(whole: World) -> None:
    stamps = [header.findtext(f"{OAI}datestamp") for header in whole.headers(set="type:dataset")]
    use(whole, PARTIAL)
    assert whole.identifiers(prefix=PREFIX) == [*ids(0, 1, 2, 3, 4, 5), *gone(7, 6)], "as it was until all is there"
    for generation in ("g3", "g4"):
        fill(whole, generation)
        whole.clock.pass_(10)
        for arguments in ({}, {"set": "type:dataset"}, {"set": "type"}):
            found = whole.identifiers(prefix=PREFIX, **arguments)
            assert found == [*ids(0, 2, 4), *gone(7, 6, 1, 3, 5)], "what has lost the format is deleted in it"
            assert sizes(whole, **arguments) == {"8"}
        counts_are_right(whole)
    # who keeps the format is not stamped anew
    others = [header.findtext(f"{OAI}datestamp") for header in whole.headers(prefix=PREFIX)]
    assert [stamp for stamp in others if stamp in stamps] == [stamps[0]] * 3 + [stamps[-1]] * 2, (
        "others are not stamped"
    )


def test_changes_while_a_format_becomes_partial_are_counted(whole: World) -> None:
    use(whole, PARTIAL)
    whole.projection.create("g3")
    whole.put(of_type(suiting(2), "software", "Software"), numbered(4), suiting(5), withdrawn(suiting(0)), suiting(9))
    whole.pass_over_into("g3")
    whole.projection.activate("g3")
    whole.generation = "g3"
    whole.clock.pass_(10)
    assert whole.identifiers(prefix=PREFIX, set="type:software") == ids(2)
    assert set(whole.identifiers(prefix=PREFIX)) == {*ids(2, 5, 9), *gone(4, 0, 7, 6, 1, 3)}
    assert sizes(whole) == {"9"}
    counts_are_right(whole)


def test_a_format_that_every_record_gets_has_them_all(whole: World) -> None:
    use(whole, PARTIAL)
    fill(whole, "g3")
    whole.clock.pass_(10)
    use(whole, WHOLE)
    assert whole.identifiers(prefix=PREFIX) == [*ids(0, 2, 4), *gone(7, 6, 1, 3, 5)], "as it was until all is there"
    fill(whole, "g4")
    whole.put(suiting(9))
    whole.clock.pass_(10)
    assert whole.identifiers(prefix=PREFIX) == [*ids(0, 2, 4), *gone(7, 6), *ids(1, 3, 5, 9)]
    assert sizes(whole) == {"9"}
    use(whole, PARTIAL)
    fill(whole, "g5")
    whole.clock.pass_(10)
    assert whole.identifiers(prefix=PREFIX) == [*ids(0, 2, 4), *gone(7, 6), *ids(9), *gone(1, 3, 5)]
    assert sizes(whole) == {"9"}
    counts_are_right(whole)


def test_what_happens_while_a_format_is_away_is_told_when_it_is_back(any_world: World) -> None:
    world, names = any_world, generations()
    use(world, PARTIAL)
    fill(world, next(names))
    world.put(*[suiting(number) if number < 5 else numbered(number) for number in range(8)])
    world.clock.pass_(10)
    assert world.identifiers(prefix=PREFIX) == ids(0, 1, 2, 3, 4)
    use(world, WITHOUT)
    world.put(withdrawn(suiting(0)), numbered(1), of_type(suiting(2), "software", "Software"), withdrawn(numbered(5)))
    fill(world, next(names))
    world.clock.pass_(10)
    stamps = [header.findtext(f"{OAI}datestamp") for header in world.headers()]
    assert len(set(stamps)) == 2, "that a format is taken away stamps nothing anew"
    world.put(numbered(6, description="new"), withdrawn(numbered(9)), suiting(10))
    assert code(world.ask("ListRecords", metadataPrefix=PREFIX)) == "cannotDisseminateFormat"
    world.clock.pass_(10)
    use(world, PARTIAL)
    fill(world, next(names))
    world.clock.pass_(10)
    found = world.identifiers(prefix=PREFIX)
    assert set(found) == {*ids(2, 3, 4, 10), *gone(0, 1)}
    assert len(found) == 6
    assert sizes(world) == {"6"}
    assert world.identifiers(prefix=PREFIX, set="type:software") == ids(2)
    counts_are_right(world)
    world.put(withdrawn(suiting(2)), numbered(3))
    world.clock.pass_(10)
    assert set(world.identifiers(prefix=PREFIX)) == {*ids(4, 10), *gone(0, 1, 2, 3)}
    assert sizes(world) == {"6"}
    counts_are_right(world)


def test_sets_go_on_while_a_format_is_away(any_world: World) -> None:
    """The short way, in which nothing is rendered, sees past the format that is not there."""
    world, names = any_world, generations()
    use(world, PARTIAL)
    fill(world, next(names))
    world.put(*[suiting(number) for number in range(3)])
    use(world, WITHOUT)
    fill(world, next(names))
    world.define("dry", "type:dataset")
    world.pass_over()
    world.clock.pass_(10)
    use(world, PARTIAL)
    fill(world, next(names))
    world.clock.pass_(10)
    assert set(world.identifiers(prefix=PREFIX, set="dry")) == set(ids(0, 1, 2))
    assert etree.tostring(world.ask("ListSets")).count(b"<setSpec>dry<") == 1
    counts_are_right(world)
