"""Items: when they are stamped anew and when not, through rebuilds, new rules, parking and crashes."""

from dataclasses import replace

import pytest
from snapshots import SITE
from sqlalchemy import text

from repository.errors import FieldError
from repository.formats import FORMATS, Format, OaiFormat
from repository.formats.xml_text import DECLARATION
from repository.oai import layers
from repository.oai.errors import NotReady
from repository.oai.rendering import NotWellFormed
from repository.records.snapshot import Json, Site, Snapshot, erased
from tests.conftest import row_count
from tests.oai.harvest_world import OAI, PREFIXES, World, closed, code, mark, numbered, of_type, withdrawn

FIRST = "2023-11-14T22:13:20Z"
LATER = "2023-11-14T22:13:30Z"
RENDERINGS = sum(form.suits(numbered(1)) for form in FORMATS if form.oai)
"""Of one item: in all formats in which it can be had."""
LAYERS = sum(form.oai is not None for form in FORMATS)
"""A deleted item is in all of them."""


def stamps(world: World, prefix: str = "oai_dc") -> dict[str, str]:
    """Datestamps by record id, in the order of the list."""
    return {mark(header): header.findtext(f"{OAI}datestamp", "") for header in world.headers(prefix=prefix)}


def ids(*numbers: int) -> list[str]:
    return [numbered(number).id for number in numbers]


def note(word: str) -> Format:
    """A format whose output can be changed by another word, as by another version of its writer."""

    def write(snapshot: Snapshot, _site: Site) -> bytes:
        return DECLARATION + f'<note xmlns="urn:note">{snapshot.id if word else ""} {word}</note>'.encode()

    oai = OaiFormat("note", "urn:note", "urn:note.xsd")
    return Format("note", "Note", "application/xml", "note.xml", False, write, word, oai=oai)


def rebuild(world: World, generation: str, *snapshots: Snapshot) -> None:
    world.projection.create(generation)
    world.project(*(world.change(snapshot, position=1) for snapshot in snapshots), generation=generation)
    world.projection.activate(generation)
    world.projection.drop(world.generation)
    world.generation = generation


def test_same_output_keeps_stamp_and_place(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    world.put(numbered(1))
    world.put(replace(numbered(2), readers=("7",)))
    world.clock.pass_(10)
    assert stamps(world) == dict.fromkeys(ids(1, 2), FIRST)


def test_changed_metadata_and_sets_get_a_new_stamp(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2), numbered(3))
    world.clock.pass_(10)
    world.put(numbered(1, description="new"), of_type(numbered(2), "software", "Software"))
    world.clock.pass_(10)
    assert list(stamps(world).items()) == [(ids(3)[0], FIRST), (ids(1)[0], LATER), (ids(2)[0], LATER)]


def test_rebuild_keeps_stamps_and_order(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2), numbered(3))
    world.clock.pass_(10)
    world.put(numbered(1, description="new"), withdrawn(numbered(2)))
    world.clock.pass_(10)
    before = [stamps(world, prefix) for prefix in PREFIXES]
    pages = [world.raw(f"verb=ListRecords&metadataPrefix={prefix}".encode()) for prefix in PREFIXES]
    rebuild(world, "g2", numbered(3), withdrawn(numbered(2)), numbered(1, description="new"))
    assert [stamps(world, prefix) for prefix in PREFIXES] == before
    assert [world.raw(f"verb=ListRecords&metadataPrefix={prefix}".encode()) for prefix in PREFIXES] == pages
    assert list(world.projection.generations()) == ["g2"]
    assert row_count(world.database, "oai_renderings") == 3 * RENDERINGS


def test_rebuild_stamps_what_differs_and_shows_it_at_once(any_world: World) -> None:
    """A stamp of minutes ago must not become visible with the switch of generations."""
    world = any_world
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    world.projection.create("g2")
    world.project(
        world.change(numbered(1), position=1),
        world.change(numbered(2, description="lost"), position=2),
        generation="g2",
    )
    world.clock.pass_(10)
    assert list(stamps(world).items()) == [(ids(1)[0], FIRST), (ids(2)[0], LATER)]
    world.clock.pass_(1000)
    before = stamps(world)
    world.projection.activate("g2")
    world.projection.drop("g1")
    assert stamps(world) == before
    assert row_count(world.database, "oai_renderings") == 2 * RENDERINGS


def test_new_rules_stamp_only_what_comes_out_differently(world: World) -> None:
    world.formats = (*FORMATS, note(""))
    world.use_settings()
    rebuild(world, "g2")
    world.put(numbered(1), numbered(2))
    world.put(closed(numbered(2)))
    rules = world.projection.rules()
    world.clock.pass_(10)
    world.formats = (*FORMATS, note("word"))
    world.use_settings()
    assert world.projection.rules() != rules
    assert world.projection.rules().partition(":")[0] == rules.partition(":")[0], "written in place"
    assert len(world.projection.rules()) <= 64
    world.project(world.change(numbered(1), position=1), world.change(closed(numbered(2)), position=3))
    world.clock.pass_(10)
    assert stamps(world) == {"!" + ids(2)[0]: FIRST, ids(1)[0]: LATER}


def test_new_format_is_offered_once_it_is_complete_and_leaves_stamps_alone(world: World) -> None:
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    shape = world.projection.rules().partition(":")[0]
    world.formats = (*FORMATS, note("word"))
    world.use_settings()
    assert world.projection.rules().partition(":")[0] != shape, "asks for a generation beside"
    assert code(world.ask("ListRecords", metadataPrefix="note")) == "cannotDisseminateFormat"
    world.projection.create("g2")
    world.project(world.change(numbered(1), position=1), generation="g2")
    assert code(world.ask("ListRecords", metadataPrefix="note")) == "cannotDisseminateFormat"
    assert "note" not in [element.text for element in world.ask("ListMetadataFormats").iter(f"{OAI}metadataPrefix")]
    world.project(world.change(numbered(2), position=2), generation="g2")
    world.projection.activate("g2")
    assert stamps(world, "note") == stamps(world) == dict.fromkeys(ids(1, 2), FIRST)
    assert "note" in [element.text for element in world.ask("ListMetadataFormats").iter(f"{OAI}metadataPrefix")]


def test_older_change_never_overwrites_a_newer_one(world: World) -> None:
    """A rebuild runs ahead of the increments of the generation that is read."""
    world.put(numbered(1))
    older, newer = world.change(numbered(1, description="x")), world.change(withdrawn(numbered(1)))
    world.projection.create("g2")
    world.project(newer, generation="g2")
    world.project(older)
    world.clock.pass_(10)
    assert world.identifiers() == ["!" + ids(1)[0]]


def test_item_that_was_missing_from_what_is_read_is_stamped_when_it_comes(world: World) -> None:
    """Parked while the generation was filled, taken later: harvesters that came between have not seen it."""
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    rebuild(world, "g2", numbered(1))
    assert world.identifiers() == ids(1)
    world.project(world.change(numbered(2)))
    world.clock.pass_(10)
    assert stamps(world) == {ids(1)[0]: FIRST, ids(2)[0]: LATER}


def test_hidden_item_is_deleted_and_what_was_never_listed_stays_unknown(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    world.hide(numbered(1), numbered(9))
    world.clock.pass_(10)
    assert stamps(world) == {ids(2)[0]: FIRST, "!" + ids(1)[0]: LATER}
    assert row_count(world.database, "oai_items") == 2


def test_hiding_needs_no_rendering(world: World) -> None:
    world.put(numbered(1))
    world.formats = (replace(note(""), write=lambda _snapshot, _site: 1 / 0),)  # type: ignore[arg-type, return-value]
    world.use_settings()
    world.hide(numbered(1))
    assert row_count(world.database, "oai_items") == 1


def test_withdrawn_record_is_deleted_even_if_it_was_never_listed(world: World) -> None:
    world.put(withdrawn(numbered(1)), withdrawn(closed(numbered(2)), is_visible=False), closed(numbered(3)))
    world.clock.pass_(10)
    assert world.identifiers() == ["!" + record for record in ids(1, 2)]


def test_nothing_of_an_erased_record_is_left(any_world: World) -> None:
    world = any_world
    secret = numbered(1, description="CANARY")
    world.put(secret)
    world.projection.create("g2")
    world.project(world.change(secret), generation="g2")
    world.put(erased(withdrawn(secret), {"is_visible": True}))
    with world.database.read() as connection:
        bodies = connection.execute(text("SELECT body, header FROM oai_renderings")).all()
    assert len(bodies) == 2 * RENDERINGS
    assert all(row.body == b"" and b"CANARY" not in row.header for row in bodies)
    world.clock.pass_(10)
    assert world.identifiers(set="type:dataset") == ["!" + ids(1)[0]], "who harvests by set must hear of it too"


def test_first_fill_is_seen_while_it_goes_on(world: World) -> None:
    world.put(numbered(1))
    world.clock.pass_(10)
    assert world.identifiers() == ids(1)


def test_killed_first_fill_leaves_no_gap_into_which_a_harvest_could_fall(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    world.use_settings()  # another process
    world.projection.drop("g1")
    assert world.identifiers() == ids(1, 2), "their stamps are old: whoever came now would never get them"
    world.projection.create("g2")
    world.project(world.change(numbered(1)), world.change(numbered(3)), generation="g2")
    world.clock.pass_(10)
    assert world.identifiers() == ids(1, 2, 3)
    world.project(world.change(numbered(2)), generation="g2")
    world.projection.activate("g2")
    assert stamps(world) == dict.fromkeys(ids(1, 2), FIRST) | {ids(3)[0]: LATER}
    assert list(world.projection.generations()) == ["g2"]
    assert row_count(world.database, "oai_renderings") == 3 * RENDERINGS


def test_restored_items_without_renderings_are_not_taken_for_an_empty_list(world: World) -> None:
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    with world.database.write() as connection:  # a back-up holds only what can't be made again
        connection.execute(text("DELETE FROM oai_renderings"))
        connection.execute(text("DELETE FROM oai_layers"))
    world.use_settings()
    world.projection.create("g2")
    world.project(world.change(numbered(1)), generation="g2")
    for query in (b"verb=ListRecords&metadataPrefix=oai_dc", b"verb=ListIdentifiers&metadataPrefix=datacite"):
        with pytest.raises(NotReady):
            world.raw(query)
    assert code(world.ask("Identify")) is None
    world.project(world.change(numbered(2)), generation="g2")
    world.projection.activate("g2")
    assert stamps(world) == dict.fromkeys(ids(1, 2), FIRST)


@pytest.mark.parametrize("lost", [("items",), ("items", "renderings", "layers"), ("items", "members", "counts")])
def test_where_items_were_lost_everything_is_stamped_now_and_counted_once(
    any_world: World, lost: tuple[str, ...]
) -> None:
    world = any_world
    world.put(*[numbered(number) for number in range(5)])
    world.clock.pass_(100)
    with world.database.write() as connection:
        for table in lost:
            connection.execute(text(f"DELETE FROM oai_{table}"))
    world.use_settings()
    rebuild(world, "g2", *[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    for of_set in ({}, {"set": "type:dataset"}):
        page = world.ask("ListRecords", metadataPrefix="oai_dc", **of_set)
        assert page.find(f".//{OAI}resumptionToken").get("completeListSize") == "5"
        assert sorted(world.identifiers(**of_set)) == sorted(ids(*range(5)))
    assert set(stamps(world).values()) == {"2023-11-14T22:15:00Z"}


def test_generation_is_dropped_in_short_transactions(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = any_world
    monkeypatch.setattr(layers, "_AT_ONCE", 2)
    world.put(*[numbered(number) for number in range(5)])
    rebuild(world, "g2", *[numbered(number) for number in range(5)])
    world.clock.pass_(10)
    assert row_count(world.database, "oai_renderings") == 5 * RENDERINGS
    assert world.identifiers() == ids(*range(5))
    assert world.identifiers(prefix="datacite") == ids(*range(5))
    world.projection.drop("never made")


def test_output_that_is_not_well_formed_is_refused_before_it_can_fail_a_page(world: World) -> None:
    broken = (b"<note>", b"<note>\x01</note>", b"<note>&nbsp;</note>", b"", b"<a/><b/>", b"\xff")
    for output in (*broken, b"<a:b/>", b"<note xsi:type='x'/>", b"<note x='1' x='2'/>"):

        def write(_snapshot: Snapshot, _site: Site, output: bytes = output) -> bytes:
            return DECLARATION + output

        world.formats = (replace(note(""), write=write),)
        world.use_settings()
        with pytest.raises(NotWellFormed, match="note"):
            world.projection.prepare([world.change(numbered(1))])


def test_rules_name_what_the_output_depends_on(world: World) -> None:
    rules = world.projection.rules()
    world.use_settings()
    assert world.projection.rules() == rules
    world.use_settings(site_url="https://elsewhere.example.org")
    assert world.projection.rules() != rules


CCMM = {"rights": [{"title": {"en": "A licence"}}], "subjects": [{"subject": "rain"}]}


def test_an_item_is_offered_in_the_formats_in_which_it_can_be_had(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2, **CCMM))
    world.clock.pass_(10)
    assert world.identifiers() == ids(1, 2)
    assert world.identifiers(prefix="ccmm-xml") == ids(2)
    answer = world.ask("GetRecord", metadataPrefix="ccmm-xml", identifier=f"oai:{SITE.oai_domain}:{ids(1)[0]}")
    assert code(answer) == "cannotDisseminateFormat"
    answer = world.ask("GetRecord", metadataPrefix="ccmm-xml", identifier=f"oai:{SITE.oai_domain}:{ids(2)[0]}")
    assert code(answer) is None
    assert answer.find(".//{https://schema.ccmm.cz/research-data/1.1}dataset") is not None


def test_an_item_that_gets_a_format_or_loses_one_is_stamped_anew(any_world: World) -> None:
    """Though no format that it has before and after says anything else."""

    def formats(needs: str) -> tuple[Format, ...]:
        def lacks(_metadata: Json) -> tuple[FieldError, ...]:
            return (FieldError("metadata.subjects", ("No.",)),) if needs else ()

        first, second = replace(note("a"), rules=needs), replace(note("a"), name="other", rules=needs)
        other = OaiFormat("other", "urn:other", "urn:other.xsd")
        return first, replace(second, file_name="other.xml", oai=other, lacks=lacks)

    world = any_world
    for needs, there in (("much", []), ("", ids(1)), ("more", ["!" + ids(1)[0]])):
        world.formats = formats(needs)
        world.use_settings()
        if needs == "much":
            world.projection.create("g2")
            world.generation = "g2"
            world.project(world.change(numbered(1)))
            world.projection.activate("g2")
        else:
            world.put(numbered(1))
        world.clock.pass_(10)
        assert world.identifiers(prefix="other") == there, needs
        (stamp,) = stamps(world, "note").values()
        assert stamp == {"much": FIRST, "": LATER, "more": "2023-11-14T22:13:40Z"}[needs]
