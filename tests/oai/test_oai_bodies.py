"""How bodies are stored is nothing that harvesters see."""

import re

import pytest
from sqlalchemy import text

from repository.oai.bodies import packed, unpacked
from repository.oai.layers import key, layers
from tests.oai.harvest_world import ALL_PREFIXES, World, numbered

LIST = b"verb=ListRecords&metadataPrefix=mods"
BODY = b"<metadata><a>" + "žluťoučký kůň ".encode() * 40 + b"</a></metadata>"


@pytest.mark.parametrize("prefix", ALL_PREFIXES)
def test_bodies_of_every_format_come_back_and_take_no_more_space(prefix: str) -> None:
    assert unpacked(packed(prefix, BODY)) == BODY
    assert len(packed(prefix, BODY)) <= len(BODY)
    assert packed(prefix, b"") == b""


def test_what_is_harvested_most_is_stored_as_it_is_sent() -> None:
    assert {prefix for prefix in ALL_PREFIXES if packed(prefix, BODY) == BODY} == {"oai_dc", "oai_datacite"}


def test_bodies_that_an_older_version_has_not_packed_are_given_and_move_with_their_items(any_world: World) -> None:
    world = any_world
    world.put(numbered(1))
    world.clock.pass_(10)
    before = bodies(world)
    assert b"Record 1" in before[0]
    with world.database.write() as connection:
        place = {"key": key(next(layer.id for layer in layers(connection) if layer.prefix == "mods"), 1)}
        stored = connection.execute(text("SELECT body FROM oai_renderings WHERE key = :key"), place).scalar_one()
        assert b"Record 1" not in stored
        old = {"body": unpacked(stored), **place}
        connection.execute(text("UPDATE oai_renderings SET body = :body WHERE key = :key"), old)
    assert bodies(world) == before

    world.define("ones", "type:dataset")
    world.pass_over()
    world.clock.pass_(10)
    assert b"<setSpec>ones</setSpec>" in world.raw(LIST)
    assert bodies(world) == before


def bodies(world: World) -> list[bytes]:
    return re.findall(rb"(?s)<metadata>.*?</metadata>", world.raw(LIST))
