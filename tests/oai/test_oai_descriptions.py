"""What Identify and each record say beside the protocol: friends, branding, provenance, licence."""

from dataclasses import replace
from urllib.parse import urlencode

from lxml import etree

from repository.records.snapshot import Site
from tests.oai.conftest import Check
from tests.oai.harvest_world import World, numbered

_FRIENDS = "{http://www.openarchives.org/OAI/2.0/friends/}baseURL"
_BRANDING = "{http://www.openarchives.org/OAI/2.0/branding/}"
_PROVENANCE = "{http://www.openarchives.org/OAI/2.0/provenance}"
_RIGHTS = "{http://www.openarchives.org/OAI/2.0/rights/}rightsReference"


def answer(world: World, **arguments: str) -> bytes:
    return world.raw(urlencode(arguments).encode())


ORIGIN = {
    "source": "oai_dc",
    "identity": "oai:elsewhere.example:1",
    "base_url": "https://elsewhere.example/oai?a=1&b=2",
    "identifier": "oai:elsewhere.example:1",
    "datestamp": "2023-02-01T10:00:00Z",
    "prefix": "oai_dc",
}


def test_friends_and_branding_come_from_the_settings(world: World, valid: Check) -> None:
    plain = valid(answer(world, verb="Identify"))
    assert not list(plain.iter(_FRIENDS))
    assert not list(plain.iter(f"{_BRANDING}url"))
    world.use_settings(
        oai_friends=["https://one.example/oai", "https://two.example/oai?x=1&y=2"], oai_icon="https://x.example/i.png"
    )
    told = valid(answer(world, verb="Identify"))
    assert [friend.text for friend in told.iter(_FRIENDS)] == [
        "https://one.example/oai",
        "https://two.example/oai?x=1&y=2",
    ]
    assert [told.findtext(f".//{_BRANDING}{name}") for name in ("url", "link", "title")] == [
        "https://x.example/i.png",
        world.settings.site_url,
        world.settings.site_name,
    ]


def test_a_harvested_record_tells_where_it_comes_from(world: World, valid: Check) -> None:
    world.put(replace(numbered(1), origin=ORIGIN))
    world.clock.pass_(2)
    for verb in (
        {"verb": "ListRecords"},
        {"verb": "GetRecord", "identifier": f"oai:{world.settings.oai_domain}:{numbered(1).id}"},
    ):
        root = valid(answer(world, metadataPrefix="oai_dc", **verb))
        (description,) = root.iter(f"{_PROVENANCE}originDescription")
        assert description.get("harvestDate") == numbered(1).created[:19] + "Z"
        assert description.get("altered") == "true"
        assert {etree.QName(child).localname: child.text for child in description} == {
            "baseURL": ORIGIN["base_url"],
            "identifier": ORIGIN["identifier"],
            "datestamp": ORIGIN["datestamp"],
            "metadataNamespace": "http://www.openarchives.org/OAI/2.0/oai_dc/",
        }
        assert not list(root.iter(_RIGHTS)), "the licence of other people's metadata is not ours to tell"


def test_an_origin_that_is_not_told_whole_or_well_is_not_told(world: World, valid: Check) -> None:
    wrong = [{"datestamp": "yesterday"}, {"base_url": ""}, {"identifier": "no uri"}, {"prefix": "unheard"}]
    world.put(*[replace(numbered(number), origin=ORIGIN | change) for number, change in enumerate(wrong)])
    world.clock.pass_(2)
    world.page_size = 10
    world.use_settings()
    assert not list(valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc")).iter(f"{_PROVENANCE}provenance"))


def test_the_licence_of_the_metadata_is_told_and_its_change_is_a_change(world: World, valid: Check) -> None:
    world.put(numbered(1))
    world.clock.pass_(2)
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    assert [reference.get("ref") for reference in root.iter(_RIGHTS)] == [world.settings.site_metadata_licence]
    before = world.projection.rules()
    world.use_settings(site_metadata_licence="")
    assert world.projection.rules() != before
    world.put(numbered(1))
    world.clock.pass_(2)
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    assert not list(root.iter(_RIGHTS))


def test_the_licence_is_cc0_unless_it_is_set(world: World) -> None:
    assert world.settings.site == Site(
        world.settings.site_url,
        world.settings.site_name,
        world.settings.oai_domain,
        "https://creativecommons.org/publicdomain/zero/1.0/",
    )
