"""Sets that admins define: who is in them, and what is stamped when they are defined, redefined and deleted."""

from dataclasses import replace

import pytest
from lxml import etree
from sqlalchemy import text

from repository.formats import FORMATS, Format, OaiFormat
from repository.formats.xml_text import DECLARATION
from repository.records.snapshot import Site, Snapshot, erased
from tests.conftest import row_count
from tests.oai.conftest import Check
from tests.oai.harvest_world import OAI, PREFIXES, World, attributes, closed, code, mark, numbered, of_type, withdrawn

FIRST = "2023-11-14T22:13:20Z"
LATER = "2023-11-14T22:13:30Z"
AFTER = "2023-11-14T22:13:40Z"


def ids(*numbers: int) -> list[str]:
    return [numbered(number).id for number in numbers]


def software(number: int) -> Snapshot:
    return of_type(numbered(number), "software", "Software")


def stamps(world: World, **arguments: str) -> dict[str, str]:
    return {mark(header): header.findtext(f"{OAI}datestamp", "") for header in world.headers(**arguments)}


def specs(world: World, record_id: str) -> list[str | None]:
    """The setSpecs in the header of a record."""
    (header,) = [header for header in world.headers() if mark(header).lstrip("!") == record_id]
    return [element.text for element in header.iter(f"{OAI}setSpec")]


def listed(world: World) -> dict[str, tuple[str, str]]:
    """Name and description of each set by spec."""
    return {
        entry.findtext(f"{OAI}setSpec", ""): (entry.findtext(f"{OAI}setName", ""), "".join(entry[2].itertext()))
        for entry in world.ask("ListSets").iter(f"{OAI}set")
    }


@pytest.fixture
def programs(any_world: World) -> World:
    """Four records, two of them software, and ten seconds later a set of the software."""
    world = any_world
    world.put(numbered(0), software(1), numbered(2), software(3))
    world.clock.pass_(10)
    world.define("programs", "type:software", "Programs & <b>tools</b>", "What runs")
    return world


def test_defined_set_is_listed_at_once_and_has_items_when_they_are_written(programs: World, valid: Check) -> None:
    valid(programs.raw(b"verb=ListSets"))
    assert listed(programs)["programs"] == ("Programs & <b>tools</b>", "What runs")
    assert code(programs.ask("ListRecords", metadataPrefix="oai_dc", set="programs")) == "noRecordsMatch"
    programs.pass_over()
    programs.clock.pass_(10)
    for page in programs.pages(set="programs"):
        valid(etree.tostring(page))
    assert programs.identifiers(set="programs") == ids(1, 3)
    assert specs(programs, ids(1)[0])[-3:] == ["programs", "type", "type:software"]


def test_only_items_that_enter_a_new_set_are_stamped(programs: World) -> None:
    programs.pass_over()
    programs.clock.pass_(10)
    assert list(stamps(programs).items()) == [(one, FIRST) for one in ids(0, 2)] + [(one, LATER) for one in ids(1, 3)]
    programs.pass_over()
    programs.clock.pass_(10)
    assert set(stamps(programs).values()) == {FIRST, LATER}


def test_redefinition_stamps_who_enters_and_who_leaves(programs: World) -> None:
    programs.put(of_type(numbered(4), "software", "Software"), of_type(numbered(5), "image-photo", "Photo"))
    programs.pass_over()
    programs.clock.pass_(10)
    programs.define("programs", "type:image OR (type:software AND year:[2024 TO 2024] AND NOT access:open)")
    programs.pass_over()
    programs.define("programs", "type:image")
    programs.pass_over()
    programs.clock.pass_(10)
    assert stamps(programs, set="programs") == {ids(5)[0]: AFTER}
    assert stamps(programs) == dict.fromkeys(ids(0, 2), FIRST) | dict.fromkeys(ids(1, 3, 4, 5), AFTER)
    assert "programs" not in specs(programs, ids(1)[0])


def test_record_enters_and_leaves_a_defined_set_by_its_own_change(programs: World) -> None:
    programs.pass_over()
    programs.clock.pass_(10)
    programs.put(software(0), numbered(1))
    programs.clock.pass_(10)
    assert programs.identifiers(set="programs") == ids(3, 0)
    assert stamps(programs) == {ids(2)[0]: FIRST, ids(3)[0]: LATER, ids(0)[0]: AFTER, ids(1)[0]: AFTER}


def test_list_of_a_defined_set_has_its_size_on_every_page(programs: World) -> None:
    programs.put(*[software(number) for number in range(10, 16)])
    programs.pass_over()
    programs.clock.pass_(10)
    pages = list(programs.pages("ListIdentifiers", set="programs"))
    tokens = [attributes(page.find(f".//{OAI}resumptionToken")) for page in pages]
    assert [(token["completeListSize"], token["cursor"]) for token in tokens] == [("8", "0"), ("8", "3"), ("8", "6")]


def test_deleted_set_is_listed_until_its_last_item_has_left(programs: World) -> None:
    programs.pass_over()
    programs.clock.pass_(10)
    programs.undefine("programs")
    assert "programs" in listed(programs), "its items are in it still, and headers say so"
    programs.pass_over()
    programs.clock.pass_(10)
    assert "programs" not in listed(programs)
    assert code(programs.ask("ListRecords", metadataPrefix="oai_dc", set="programs")) == "noRecordsMatch"
    assert stamps(programs) == dict.fromkeys(ids(0, 2), FIRST) | dict.fromkeys(ids(1, 3), AFTER)
    assert not any("programs" in specs(programs, one) for one in ids(0, 1, 2, 3))


def test_tombstones_stay_in_a_set_that_is_redefined_and_leave_one_that_is_deleted(
    programs: World, valid: Check
) -> None:
    programs.pass_over()
    gone = erased(withdrawn(software(3)), {"is_visible": True})
    programs.put(withdrawn(software(1)), gone, closed(software(7)))
    programs.clock.pass_(10)
    programs.define("programs", "type:dataset")
    programs.pass_over()
    programs.clock.pass_(10)
    tombstones = {f"!{one}": LATER for one in ids(1, 3)}
    assert stamps(programs, set="programs") == tombstones | dict.fromkeys(ids(0, 2), AFTER)
    programs.undefine("programs")
    programs.pass_over()
    programs.clock.pass_(10)
    moved = "2023-11-14T22:13:50Z"
    assert stamps(programs) == {f"!{one}": moved for one in ids(1, 3)} | dict.fromkeys(ids(0, 2), moved)
    assert "programs" not in listed(programs)
    for page in programs.pages():
        valid(etree.tostring(page))
    assert row_count(programs.database, "oai_items") == 4


def test_hidden_item_stays_in_its_sets_as_a_tombstone(programs: World) -> None:
    programs.pass_over()
    programs.hide(software(1))
    programs.clock.pass_(10)
    assert programs.identifiers(set="programs") == [*ids(3), *(f"!{one}" for one in ids(1))]


def test_another_name_stamps_nobody_and_is_shown_at_once(programs: World) -> None:
    programs.pass_over()
    rules = programs.projection.rules()
    with programs.database.write() as connection:
        connection.execute(text("UPDATE oai_sets SET name = 'Software', description = ''"))
    assert programs.projection.rules() == rules
    assert listed(programs)["programs"] == ("Software", "Records of the set Software.")


def test_every_definition_changes_the_rules_even_back_to_what_they_were(programs: World) -> None:
    """Else items that were written between would stay as they are for ever."""
    seen = [programs.projection.rules()]
    for query in ("type:dataset", "type:software", "type:software"):
        programs.define("programs", query)
        seen.append(programs.projection.rules())
    programs.undefine("programs")
    seen.append(programs.projection.rules())
    programs.define("programs", "type:software")
    seen.append(programs.projection.rules())
    assert len(set(seen)) == len(seen)
    assert {rules.partition(":")[0] for rules in seen} == {seen[0].partition(":")[0]}, "written in place"
    assert max(map(len, seen)) <= 64


def test_process_that_knew_older_definitions_writes_by_the_present_ones(programs: World) -> None:
    """Definitions are changed by others: a reader that leads again must not write what it remembers."""
    programs.pass_over()
    stale = programs.projection
    programs.use_settings()
    programs.define("programs", "type:dataset")
    programs.pass_over()
    programs.clock.pass_(10)
    before = stamps(programs)
    programs.projection = stale
    programs.put(software(8), numbered(9))
    programs.pass_over()
    programs.clock.pass_(10)
    assert {one: stamp for one, stamp in stamps(programs).items() if one in before} == before
    assert sorted(programs.identifiers(set="programs")) == sorted(ids(0, 2, 9))


def test_query_that_is_read_no_more_empties_its_set_and_stops_nobody(programs: World) -> None:
    programs.pass_over()
    programs.define("programs", "title:rain")
    programs.pass_over()
    programs.clock.pass_(10)
    assert programs.identifiers(set="programs") == []


def counted(rendered: list[str], word: str = "") -> Format:
    """A format that notes for whom it is called."""

    def write(snapshot: Snapshot, _site: Site) -> bytes:
        rendered.append(snapshot.id)
        return DECLARATION + f'<note xmlns="urn:note">{snapshot.title} {word}</note>'.encode()

    oai = OaiFormat("note", "urn:note", "urn:note.xsd")
    return Format("note", "Note", "application/xml", "note.xml", False, write, word, oai=oai)


def with_note(world: World, rendered: list[str], word: str = "") -> None:
    world.formats = (*FORMATS, counted(rendered, word))
    world.use_settings()


def fill(world: World, generation: str) -> None:
    """A whole new generation."""
    world.projection.create(generation)
    world.project(*world.last.values(), generation=generation)
    world.projection.activate(generation)
    world.projection.drop(world.generation)
    world.generation = generation


def bodies(world: World) -> dict[str, list[str]]:
    return {
        prefix: sorted(etree.tostring(record[1]).decode() for page in world.pages(prefix=prefix)
                       for record in page.iter(f"{OAI}record"))
        for prefix in ("oai_dc", "datacite", "note")
    }  # fmt: skip


def test_pass_for_sets_renders_nothing_and_loses_no_format(programs: World) -> None:
    rendered: list[str] = []
    with_note(programs, rendered)
    fill(programs, "g2")
    programs.clock.pass_(10)
    before = bodies(programs)
    assert len(rendered) == 4
    programs.define("programs", "type:software")
    programs.pass_over()
    programs.undefine("programs")
    programs.pass_over()
    programs.clock.pass_(10)
    assert bodies(programs) == before
    assert len(rendered) == 4
    assert row_count(programs.database, "oai_renderings") == 4 * (len(PREFIXES) + 1)
    programs.put(numbered(0))
    assert rendered[4:] == ids(0), "a change of its own is rendered"


def test_rebuild_renders_everything(programs: World) -> None:
    rendered: list[str] = []
    with_note(programs, rendered)
    for generation in ("g2", "g3"):
        rendered.clear()
        fill(programs, generation)
        assert sorted(rendered) == ids(0, 1, 2, 3)


def test_rendering_that_is_missing_is_made_again_by_the_same_rules(programs: World) -> None:
    rendered: list[str] = []
    with_note(programs, rendered)
    fill(programs, "g2")
    with programs.database.write() as connection:
        gone = "SELECT max(key) FROM oai_renderings"
        connection.execute(text(f"DELETE FROM oai_renderings WHERE key = ({gone})"))
    programs.pass_over()
    assert len(rendered) == 5
    programs.clock.pass_(10)
    assert len(programs.identifiers(prefix="note")) == 4


def test_format_that_was_added_later_is_stamped_when_its_output_changes(programs: World) -> None:
    """What an item had when it was first written must not hide what has come since."""
    with_note(programs, [])
    fill(programs, "g2")
    programs.clock.pass_(10)
    with_note(programs, [], "changed")
    programs.pass_over()
    programs.clock.pass_(10)
    assert all("changed" in body for body in bodies(programs)["note"])
    assert set(stamps(programs).values()) == {AFTER}


def test_record_that_is_closed_or_opened_moves_between_the_sets_of_access(any_world: World) -> None:
    world = any_world
    world.put(numbered(1))
    world.clock.pass_(10)
    files_restricted = {**numbered(1).access, "files": "restricted", "status": "restricted"}
    world.put(replace(numbered(1), access=files_restricted))
    world.clock.pass_(10)
    assert world.identifiers(set="access:metadata-only") == []
    assert stamps(world, set="access:restricted") == stamps(world, set="access") == {ids(1)[0]: LATER}
