"""Rules of the contract suite: what is offered while somebody types, or has mistyped."""

from pathlib import Path

import pytest
from record_parts import access, person

from repository.errors import InvalidInput
from repository.records.snapshot import Neighbour
from repository.records.visibility import ANONYMOUS
from repository.search.engine import Search
from tests.search.kit import READER, STRANGER, Kit, found, indexed, record

SUGGESTED = (
    ("ra", (0, 1)), ("Rain ov", (0,)), ("ov rain", ()), ("over rai", (0,)), ("nov", (0,)), ("Eva Nová", (0,)),
    ("rain nov", (0,)), ("novak rai", ()), ("buck", ()), ("10.1234/RA", (0,)), ("https://doi.org/10.1234/rain.h", (0,)),
    ("00001-0", (1,)), ("0000-0001", ()), ("rain*", (0, 1)), ("rain OR notes", (1,)),
    ("harbou", (0,)), ("", (0, 1, 2)), ("secret", ()), ("!", ()),
    ("a b c d e f g h i j k l m n o p q r s", ()),
)  # fmt: skip


def beginnings_of_titles_names_and_identifiers_are_found(kit: Kit, folder: Path) -> None:
    states = [
        record(
            0, {"title": "Rain over the harbour", "creators": [person("Nováková", "Eva")], "description": "Bucket."}
        ),
        record(1, {"title": "Rain or notes", "creators": [person("Holm", "Ada")]}),
        record(2, {"title": "Fog", "creators": [person("Holm", "Ada")]}),
        record(
            3,
            {"title": "Secret rain", "creators": [person("Secretan", "Ada")]},
            access=access("restricted", "restricted", "restricted"),
            readers=("7",),
            versions=(Neighbour("00003-00000", 1, "published", closed=True),),
        ),
    ]
    states[0].pids["doi"] = {"identifier": "10.1234/Rain.Harbour-7", "provider": "external"}
    with indexed(kit, folder, states) as (_index, engine):
        for prefix, want in SUGGESTED:
            for viewer in (ANONYMOUS, STRANGER):
                ids = found(engine, prefix=prefix, viewer=viewer)
                assert sorted(ids) == [states[number].id for number in want], prefix
        assert found(engine, prefix="secret", viewer=READER) == [states[3].id]
        assert engine.search(Search(prefix="ra")).sort_by == "bestmatch"
        assert found(engine, prefix="ra", sort="oldest") == [states[0].id, states[1].id]
    titled = [record(n, {"title": "Fog", "creators": [person("Rainer", "Ada")]}) for n in range(5)]
    titled.insert(2, record(9, {"title": "Rain"}))
    with indexed(kit, folder / "ranked", titled) as (_index, engine):
        assert found(engine, prefix="rai")[0] == titled[2].id


def corrections_lead_to_hits(kit: Kit, folder: Path) -> None:
    """Whatever an engine offers in place of a text without hits finds something, for the same viewer."""
    states = [record(0, {"title": "Precipitation over the harbour"})]
    states.append(
        record(
            1,
            {"title": "Evapotranspiration of secrets"},
            access=access("restricted", "restricted", "restricted"),
            readers=("7",),
            versions=(Neighbour("00001-00000", 1, "published", closed=True),),
        )
    )
    with indexed(kit, folder, states) as (_index, engine):
        for text in ("precipitaton", "evapotranspiraton", "precipitaton harbor", "title:precipitaton", "zzzz", "~"):
            for viewer in (ANONYMOUS, STRANGER, READER):
                hits = engine.search(Search(text, viewer=viewer))
                if hits.correction:
                    assert hits.total == 0
                    assert engine.search(Search(hits.correction, viewer=viewer)).total > 0, (text, hits.correction)
                    assert viewer == READER or "evapo" not in hits.correction
        assert engine.search(Search("precipitation")).correction == ""
        with pytest.raises(InvalidInput):
            engine.search(Search("*a"))


def corrections_are_as_if_closed_records_were_not_there(kit: Kit, folder: Path) -> None:
    """Neither a word that only they have, nor many that resemble what is sought, change what others are offered."""
    near = [f"harbou{letter}" for letter in "abcdefghijklmnopqt"]
    public = [record(0, {"title": "Precipitation over the harbour"}), record(1, {"title": "Harbour"})]
    closed = [
        record(
            number,
            {"title": " ".join(near)},
            access=access("restricted", "restricted", "restricted"),
            readers=("7",),
            versions=(Neighbour(f"{number:05d}-00000", 1, "published", closed=True),),
        )
        for number in range(10, 14)
    ]
    with (
        indexed(kit, folder / "without", public) as (_index, without),
        indexed(kit, folder / "with", [*public, *closed]) as (_other, engine),
    ):
        for text in (*near, "harbouz", "harbouz precipitation"):
            for viewer in (ANONYMOUS, STRANGER):
                search = Search(text, viewer=viewer)
                assert engine.search(search).correction == without.search(search).correction, text
        assert without.search(Search("harbouz")).correction == "harbour"
        assert len(found(engine, near[0], viewer=READER)) == len(closed)
