"""Places on a map: in the right part of the world, whatever their shapes, also where the world is cut."""

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from snapshots import full, minimal, with_metadata

from repository.records.snapshot import Json, Snapshot
from site_builder.assets import world
from site_builder.freezer import SiteFreezer
from site_builder.landing.geography import coordinates_text, shapes
from site_builder.landing.place_map import PlaceMap, place_map
from site_builder.texts import ENGLISH
from tests.site.site_output import parsed, settings_in, text_of

PRAGUE, FIJI = [14.42, 50.09], [178.4, -18.1]


def placed(*geometries: Json, **feature: Any) -> Json:
    return {"locations": {"features": [{"geometry": geometry, **feature} for geometry in geometries]}}


def drawn(*geometries: Json) -> PlaceMap:
    found = place_map(placed(*geometries), ENGLISH)
    assert found is not None
    return found


def point(position: list[float]) -> Json:
    return {"type": "Point", "coordinates": position}


def box(west: float, south: float, east: float, north: float) -> Json:
    """As a box comes from DataCite, whose west may be greater than its east."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def corners(path: str) -> list[tuple[float, float]]:
    """Longitude and latitude of what a path is drawn through."""
    return [(float(x), -float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


def seen(found: PlaceMap) -> tuple[float, float, float, float]:
    """West, south, east, north of what the map shows."""
    x, y, width, height = map(float, found.view.split())
    return x, -(y + height), x + width, -y


def inside(found: PlaceMap, longitude: float, latitude: float) -> bool:
    west, south, east, north = seen(found)
    return west <= longitude <= east and south <= latitude <= north


def test_a_point_is_marked_in_the_middle_of_its_part_of_the_world() -> None:
    found = drawn(point(PRAGUE))
    assert corners(found.points) == [(14.42, 50.09)]
    west, south, east, north = seen(found)
    assert abs((west + east) / 2 - 14.42) <= 1
    assert abs((south + north) / 2 - 50.09) <= 1
    assert (east - west, north - south) == (60, 30)


def test_a_point_is_told_once() -> None:
    for position in ([174.8, -41.3], [-0.1, 0.3], [12.57, 55.68], [-179.9, 7.7]):
        assert " – " not in coordinates_text(shapes(point(position)), ENGLISH)


@pytest.mark.parametrize("position", [[0, 89], [0, -90], [-179.9, 0], [180, 90]])
def test_at_the_edge_of_the_world_no_more_than_the_world_is_shown(position: list[float]) -> None:
    found = drawn(point(position))
    _west, south, _east, north = seen(found)
    assert -90 <= south < north <= 90
    assert all(inside(found, *corner) for corner in corners(found.points))


def test_places_all_over_are_on_a_map_of_the_world() -> None:
    found = drawn(point(PRAGUE), point([-70, -30]), point([-120, 40]))
    assert found.view == "-180 -90 360 180"
    assert found.worlds == (-180,)


def test_areas_and_lines_are_drawn_and_small_ones_marked() -> None:
    found = drawn(box(10, 54, 13, 56.5), {"type": "LineString", "coordinates": [[10, 54], [12, 55]]})
    assert corners(found.areas)[:4] == [(10, 54), (13, 54), (13, 56.5), (10, 56.5)]
    assert found.areas.endswith("z")
    assert corners(found.lines) == [(10, 54), (12, 55)]
    assert found.points == ""
    assert corners(drawn(box(10, 54, 10.1, 54.1)).points) == [(10, 54)]


ACROSS: dict[str, Json] = {
    "a box whose west is greater than its east": box(170, -20, -170, -10),
    "cut in two": {
        "type": "MultiPolygon",
        "coordinates": [box(170, -20, 180, -10)["coordinates"], box(-180, -20, -170, -10)["coordinates"]],
    },
    "points on both sides": {"type": "MultiPoint", "coordinates": [[170, -20], [-170, -10]]},
    "a line": {"type": "LineString", "coordinates": [[170, -20], [-170, -10]]},
}


@pytest.mark.parametrize("shape", ACROSS)
def test_what_lies_across_the_antimeridian_is_drawn_in_one_piece(shape: str) -> None:
    found = drawn(ACROSS[shape])
    west, _south, east, _north = seen(found)
    assert east - west == 60
    assert west < 170
    assert east > 190
    assert {longitude for longitude, _latitude in corners(found.areas + found.lines + found.points)} <= {170, 180, 190}
    assert found.worlds == (-180, 180)
    assert coordinates_text(shapes(ACROSS[shape]), ENGLISH) == "20° S, 170° E – 10° S, 170° W"


def test_a_box_around_the_world_is_not_across(tmp_path: Path) -> None:
    for wide in (box(-180, -90, 180, 90), box(-170, -60, 170, 80)):
        found = drawn(wide)
        assert found.view == "-180 -90 360 180"
        west = wide["coordinates"][0][0][0]
        assert coordinates_text(shapes(wide), ENGLISH).split(", ")[1].startswith(f"{-west}° W")
    clockwise = {"type": "Polygon", "coordinates": [box(-180, -90, 180, 90)["coordinates"][0][::-1]]}
    assert drawn(clockwise).view == "-180 -90 360 180"


def test_a_map_of_very_many_places_stays_small() -> None:
    many = {"type": "MultiPoint", "coordinates": [[number % 360 - 180, number % 90] for number in range(5000)]}
    ring = [[number / 1000, (number * 7 % 100) / 10] for number in range(3000)]
    found = drawn(many, {"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    assert len(found.areas + found.lines + found.points) < 4_000
    assert len(corners(found.points)) > 50


@pytest.mark.parametrize("geometry", [
    {}, {"type": "Point"}, {"type": "Point", "coordinates": []}, {"type": "Polygon", "coordinates": [[]]},
    {"type": "GeometryCollection", "geometries": []}, {"type": "Unknown", "coordinates": [1, 2]},
    {"type": "Point", "coordinates": [999, 999]},
])  # fmt: skip
def test_places_without_coordinates_have_no_map(geometry: Json) -> None:
    assert place_map(placed(geometry, place="Nowhere"), ENGLISH) is None


def page_of(tmp_path: Path, state: Snapshot) -> Any:
    freezer = SiteFreezer(settings_in(tmp_path), lambda state: state, lambda ids: {})
    (record,) = freezer.records([state])
    return parsed(record.files[0].data)


def test_the_map_on_a_page_is_named_and_beside_its_names_and_coordinates(tmp_path: Path) -> None:
    page = page_of(tmp_path, full())
    (drawing,) = page.find_class("map")
    assert drawing.get("role") == "img"
    title = page.xpath(f"//*[@id='{drawing.get('aria-labelledby')}']")
    assert [text_of(found) for found in title] == ["Map of Copenhagen"]
    (outline,) = drawing.xpath(".//*[local-name() = 'image']")
    assert outline.get("href") == world().path
    section = text_of(drawing.getparent())
    assert "Copenhagen" in section
    assert "55.68° N, 12.57° E" in section
    assert not [name for element in drawing.iter() for name in element.attrib if name == "style"]
    assert len(etree.tostring(drawing)) < 2_000


def test_a_page_without_places_has_no_map(tmp_path: Path) -> None:
    assert page_of(tmp_path, minimal()).find_class("map") == []
    named = with_metadata(minimal(), locations={"features": [{"place": "Copenhagen"}]})
    assert page_of(tmp_path, named).find_class("map") == []


def test_the_outline_of_the_land_is_small_and_names_nothing_from_elsewhere() -> None:
    assert len(world().data) < 6_000
    root = etree.fromstring(world().data)
    assert not root.xpath("//@href | //*[local-name() = 'script']")


def test_there_is_land_and_sea_where_they_are() -> None:
    """The outline is what it should be, and the right way up."""
    path = etree.fromstring(world().data)[-1].get("d")
    rings = [ring for ring in (outline(part) for part in path.split("z")) if ring]

    def is_land(longitude: float, latitude: float) -> bool:
        return sum(contains(ring, longitude * 5, -latitude * 5) for ring in rings) % 2 == 1

    land = {
        "Prague": (14.4, 50.1),
        "Chad": (18, 15),
        "Peru": (-75, -10),
        "Australia": (134, -25),
        "Ohio": (-83, 40),
        "Antarctica": (20, -85),
        "Chukotka": (177, 67),
        "Far Chukotka": (-175, 66.5),
    }
    sea = {
        "Atlantic": (-30, 30),
        "Pacific": (-140, 0),
        "Indian": (80, -20),
        "Southern": (0, -55),
        "Bengal": (88, 12),
        "Arctic": (0, 74),
        "Laptev": (-150, 73),
        "Kara": (170, 73),
    }
    assert {name: is_land(*position) for name, position in land.items()} == dict.fromkeys(land, True)
    assert {name: is_land(*position) for name, position in sea.items()} == dict.fromkeys(sea, False)


def outline(part: str) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+", part)]
    found: list[tuple[float, float]] = []
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        found.append((found[-1][0] + x, found[-1][1] + y) if found else (x, y))
    return found


def contains(ring: list[tuple[float, float]], x: float, y: float) -> bool:
    found = False
    for (a, b), (c, d) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (b > y) != (d > y) and x < (c - a) * (y - b) / (d - b) + a:
            found = not found
    return found
