"""What Identify and each record say beside the protocol: friends, branding, provenance, licence."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
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
    "harvested": "2024-03-01T00:00:07Z",
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
        assert description.get("harvestDate") == ORIGIN["harvested"]
        assert description.get("altered") == "true"
        assert {etree.QName(child).localname: child.text for child in description} == {
            "baseURL": ORIGIN["base_url"],
            "identifier": ORIGIN["identifier"],
            "datestamp": ORIGIN["datestamp"],
            "metadataNamespace": "http://www.openarchives.org/OAI/2.0/oai_dc/",
        }
        assert not list(root.iter(_RIGHTS)), "the licence of other people's metadata is not ours to tell"


def test_an_origin_that_is_not_told_whole_or_well_is_not_told(world: World, valid: Check) -> None:
    wrong = [
        {"datestamp": "yesterday"}, {"identifier": "no uri"}, {"prefix": "unheard"}, {"base_url": "no uri"},
        {"datestamp": "2024-13-01"}, {"datestamp": "2023-02-29T10:00:00Z"}, {"datestamp": "2024-01-01T24:00:00Z"},
        {"prefix": "unheard", "namespace": "no uri"},
    ]  # fmt: skip
    world.put(*[replace(numbered(number), origin=ORIGIN | change) for number, change in enumerate(wrong)])
    world.clock.pass_(2)
    world.page_size = 20
    world.use_settings()
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    assert not list(root.iter(f"{_PROVENANCE}provenance"))
    assert not list(root.iter(_RIGHTS)), "they are other people's metadata all the same"


def test_what_was_imported_from_files_is_under_our_licence(world: World, valid: Check) -> None:
    world.put(replace(numbered(1), origin={"source": "records.jsonl", "identity": "doi:10.1234/x"}))
    world.clock.pass_(2)
    assert len(list(valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc")).iter(_RIGHTS))) == 1


@pytest.mark.parametrize(
    ("origin", "namespace"),
    [
        ({"prefix": "own_words", "namespace": "urn:own"}, "urn:own"),
        ({"prefix": "oai_dc", "namespace": "http://purl.org/dc/elements/1.1/"}, "http://purl.org/dc/elements/1.1/"),
        ({"prefix": "datacite"}, "http://datacite.org/schema/kernel-4"),
    ],
)
def test_the_namespace_is_that_of_the_document(
    world: World, valid: Check, origin: dict[str, str], namespace: str
) -> None:
    world.put(replace(numbered(1), origin=ORIGIN | origin))
    world.clock.pass_(2)
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    assert root.findtext(f".//{_PROVENANCE}metadataNamespace") == namespace


def test_a_harvest_of_which_the_moment_is_not_known_was_when_the_record_was_made(world: World, valid: Check) -> None:
    for harvested in ("", "2024-02-30T00:00:00Z", "soon"):
        world.put(replace(numbered(1), origin=ORIGIN | {"harvested": harvested}))
        world.clock.pass_(2)
        root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
        (description,) = root.iter(f"{_PROVENANCE}originDescription")
        assert description.get("harvestDate") == numbered(1).created[:19] + "Z"


def origin_of(number: int, **other: str) -> dict[str, str]:
    """What the source says of where it had the record from."""
    return {
        "base_url": f"https://source{number}.example/oai?a=1&b=2", "identifier": f"oai:source{number}.example:1",
        "datestamp": "2022-01-01", "namespace": "urn:x&y", "harvested": "2022-06-01T00:00:00Z", "altered": "false",
    } | other  # fmt: skip


def test_where_the_source_had_it_from_is_told_inside(world: World, valid: Check) -> None:
    told = [origin_of(1), origin_of(2, altered="true"), origin_of(3)]
    world.put(replace(numbered(1), origin=ORIGIN | {"provenance": told}))
    world.clock.pass_(2)
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    (element,) = root.findall(f".//{_PROVENANCE}provenance/{_PROVENANCE}originDescription")
    for source in told:
        (element,) = element.findall(f"{_PROVENANCE}originDescription")
        assert element.findtext(f"{_PROVENANCE}baseURL") == source["base_url"]
        assert element.findtext(f"{_PROVENANCE}metadataNamespace") == source["namespace"]
        assert (element.get("altered"), element.get("harvestDate")) == (source["altered"], source["harvested"])
    assert not element.findall(f"{_PROVENANCE}originDescription")


@pytest.mark.parametrize(
    "wrong",
    [{"datestamp": "2024-13-01"}, {"base_url": ""}, {"harvested": "then"}, {"altered": "perhaps"}, {"namespace": " "}],
)
def test_the_chain_is_told_as_far_as_it_is_whole(world: World, valid: Check, wrong: dict[str, str]) -> None:
    told = [origin_of(1), origin_of(2, **wrong), origin_of(3)]
    world.put(replace(numbered(1), origin=ORIGIN | {"provenance": told}))
    world.clock.pass_(2)
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    assert len(list(root.iter(f"{_PROVENANCE}originDescription"))) == 2


def test_a_chain_without_end_is_cut(world: World, valid: Check) -> None:
    told = [origin_of(number) for number in range(5000)]
    world.put(replace(numbered(1), origin=ORIGIN | {"provenance": told}))
    world.clock.pass_(2)
    root = valid(answer(world, verb="ListRecords", metadataPrefix="oai_dc"))
    assert 5 < len(list(root.iter(f"{_PROVENANCE}originDescription"))) < 100


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
