"""Metadata of any kind: one bad record never fails a page."""

import unicodedata

from hypothesis import HealthCheck, given, settings
from lxml import etree
from snapshot_strategies import snapshots
from snapshots import (
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    many_files,
    minimal,
    record_closed,
    with_files,
    with_metadata,
)

from repository.formats import FORMATS
from repository.records.snapshot import Snapshot
from tests.oai.conftest import Check
from tests.oai.harvest_world import ALL_PREFIXES, OAI, PREFIXES, World, code, mark, suiting


def check(world: World, valid: Check, *states: Snapshot) -> bytes:
    """Puts records between two good ones; every page must be valid and hold all of them. Returns all that was sent."""
    good = suiting(1), suiting(2)
    world.put(good[0], *states, good[1])
    world.clock.pass_(5)
    sent = b""
    for prefix in ALL_PREFIXES:
        found = []
        for page in world.pages(prefix=prefix):
            sent += etree.tostring(page)
            valid(etree.tostring(page))
            found += [mark(header) for header in page.iter(f"{OAI}header")]
        there = [state.id for state in states if prefix in PREFIXES or suits_everywhere(state)]
        assert found == [good[0].id, *there, good[1].id], prefix
    return sent


def suits_everywhere(state: Snapshot) -> bool:
    return all(form.suits(state) for form in FORMATS if form.oai)


def made_to_suit(state: Snapshot) -> Snapshot:
    """The record with what every format needs, beside what it has."""
    said = state.metadata
    rights = [*said.get("rights", ()), *suiting(1).metadata["rights"]]
    return with_metadata(state, rights=rights, subjects=[*said.get("subjects", ()), {"subject": "rain"}])


def test_hostile_metadata_is_disseminated_validly(world: World, valid: Check) -> None:
    states = [made_to_suit(state) for state in (hostile(), full(), with_files())]
    assert all(suits_everywhere(state) for state in states)
    check(world, valid, *states)


def test_what_only_readers_may_know_is_nowhere(world: World, valid: Check) -> None:
    closed = record_closed()
    world.put(closed)
    sent = check(world, valid, *[made_to_suit(state) for state in (files_closed(), embargoed(), with_files())])
    assert b"SECRET" not in sent
    assert closed.id.encode() not in sent


def test_every_character_of_unicode_is_either_sent_or_left_out(world: World, valid: Check) -> None:
    """Pieces of a hundred thousand code points as titles; what XML forbids is left out, all else arrives."""
    states, texts = [], []
    for number, start in enumerate(range(0, 0x110000, 100_000)):
        characters = [chr(point) for point in range(start, min(start + 100_000, 0x110000))]
        text = "".join(c for c in characters if unicodedata.category(c) != "Cs")
        states.append(made_to_suit(with_metadata(minimal(10 + number), title="x" + text + "y")))
        texts.append(text)
    check(world, valid, *states)
    for state, text in zip(states, texts, strict=True):
        identifier = f"oai:repository.example.org:{state.id}"
        answer = world.ask("GetRecord", metadataPrefix="oai_dc", identifier=identifier)
        title = answer.findtext(".//{http://purl.org/dc/elements/1.1/}title", "")
        gone = set(text) - set(title)
        assert {ord(c) for c in gone if ord(c) >= 0x20} <= {0xFFFE, 0xFFFF}
        assert "\r" not in gone or "\n" in title  # parsers read a carriage return as a line feed


def test_large_metadata_are_disseminated(world: World, valid: Check) -> None:
    abstract = with_metadata(minimal(30), description="<p>" + "ř & ]]> &amp; " * 80_000 + "</p>")
    check(world, valid, *[made_to_suit(state) for state in (many_authors(), abstract, many_files())])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_any_public_record_gives_a_valid_page(world: World, valid: Check, state: Snapshot) -> None:
    """In each format that it suits; CCMM wants a title with a letter and a date, which not every one of these has."""
    state = made_to_suit(state)
    world.put(state)
    for form in FORMATS:
        if form.oai is None:
            continue
        identifier = f"oai:repository.example.org:{state.id}"
        answer = world.ask("GetRecord", metadataPrefix=form.oai.prefix, identifier=identifier)
        assert (answer.find(f".//{OAI}metadata") is not None) == form.suits(state)
        # two of the states may be of one record: what it was in before, it is deleted in
        is_lost = answer.find(f".//{OAI}header[@status='deleted']") is not None
        assert code(answer) == (None if form.suits(state) or is_lost else "cannotDisseminateFormat")
        valid(etree.tostring(answer))
