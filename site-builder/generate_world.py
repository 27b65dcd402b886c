"""Makes `static/world.svg`, the outline of the land under the places of a record, from `land-110m.json` of the npm
package `world-atlas`: Natural Earth 4.1, 1:110m, which is in the public domain.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python site-builder/generate_world.py package/land-110m.json > site-builder/site_builder/static/world.svg

Degrees, equirectangular: x is the longitude and y the latitude turned over, in fifths of a degree. Corners are left out
in the order of the triangles that they make (Visvalingam and Whyatt, 1993), the least first, until the file is small.
"""

import heapq
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LARGEST = 5_900
"""Bytes."""
SCALE = 5
"""Units of a degree."""
EDGE, BOTTOM = 180 * SCALE, 90 * SCALE
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-900 -450 1800 900">'
GRATICULE = '<path d="{}" fill="none" stroke="#7d8896" stroke-opacity=".6" stroke-width=".9"/>'
LAND = '<path d="{}" fill="#7d8896" fill-opacity=".45"/></svg>\n'
Point = tuple[int, int]


def rings(topology: Any) -> Iterator[list[Point]]:
    """Rings of the land, without the last point, which is the first: cut where the map ends, at the antimeridian.

    Specified by: TopoJSON 1.0, 2.1.
    """
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((round(SCALE * (x * scale_x + shift_x)), round(-SCALE * (y * scale_y + shift_y))))
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            found: list[Point] = []
            for number in ring:
                points = arcs[number] if number >= 0 else arcs[~number][::-1]
                found += points[1:] if found else points
            yield from cut(whole(found))


def whole(ring: list[Point]) -> list[Point]:
    """As it lies on the globe, beyond the end of the map too; one around the pole is closed along the map's edge."""
    turns, last = 0, ring[0][0]
    found = []
    for x, y in ring:
        turns += (last - x > EDGE) - (x - last > EDGE)
        last = x
        found.append((x + 2 * EDGE * turns, y))
    if turns:
        pole = BOTTOM if found[0][1] > 0 else -BOTTOM
        return [*found, (found[-1][0], pole), (found[0][0], pole)]
    return found[:-1]


def cut(ring: list[Point]) -> Iterator[list[Point]]:
    """Its parts on the map, each moved to where it is shown."""
    for turn in (-1, 0, 1):
        moved = [(x + 2 * EDGE * turn, y) for x, y in ring]
        part = beside(beside(moved, EDGE, 1), -EDGE, -1)
        if len(part) >= 3 and len({x for x, _y in part}) > 1:
            yield part


def beside(ring: list[Point], edge: int, side: int) -> list[Point]:
    """What of a ring does not lie beyond an edge. Specified by: Sutherland and Hodgman, 1974."""
    found = []
    for (a, b), (c, d) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        if (a - edge) * side <= 0:
            found.append((a, b))
        if (a - edge) * (c - edge) < 0:
            found.append((edge, round(b + (d - b) * (edge - a) / (c - a))))
    return found


def simplified(found: list[list[Point]]) -> Iterator[list[list[Point]]]:
    """The rings with ever fewer corners."""
    after = [{number: (number + 1) % len(ring) for number in range(len(ring))} for ring in found]
    before = [{following: number for number, following in ring.items()} for ring in after]

    def area(ring: int, corner: int) -> int:
        (a, b), (c, d), (e, f) = (found[ring][at] for at in (before[ring][corner], corner, after[ring][corner]))
        return abs((c - a) * (f - b) - (e - a) * (d - b))

    queue = [(area(ring, corner), ring, corner) for ring in range(len(found)) for corner in after[ring]]
    heapq.heapify(queue)
    while queue:
        yield [[found[ring][corner] for corner in _in_order(after[ring])] for ring in range(len(found)) if after[ring]]
        for _ in range(20):
            if not queue:
                return
            size, ring, corner = heapq.heappop(queue)
            if corner not in after[ring] or size < area(ring, corner):  # another entry has its present size
                continue
            if len(after[ring]) <= 3:  # an island goes whole
                after[ring].clear()
                before[ring].clear()
                continue
            left, right = before[ring].pop(corner), after[ring].pop(corner)
            after[ring][left], before[ring][right] = right, left
            for other in (left, right):
                heapq.heappush(queue, (max(size, area(ring, other)), ring, other))


def _in_order(following: dict[int, int]) -> Iterator[int]:
    first = corner = min(following)
    while True:
        yield corner
        corner = following[corner]
        if corner == first:
            return


def path(found: list[list[Point]]) -> str:
    return "".join(f"M{_steps(ring)}z" for ring in found)


def _steps(ring: list[Point]) -> str:
    (x, y), *rest = ring
    said = f"{x},{y}l"
    for number, (to_x, to_y) in enumerate(rest):
        step_x, step_y = to_x - x, to_y - y
        said += (" " if number and step_x >= 0 else "") + f"{step_x}" + ("" if step_y < 0 else " ") + f"{step_y}"
        x, y = to_x, to_y
    return said


def drawn(found: list[list[Point]]) -> str:
    lines = "".join(f"M{x} -450v900" for x in range(-750, 900, 150))
    lines += "".join(f"M-900 {y}h1800" for y in range(-300, 450, 150))
    return HEAD + GRATICULE.format(lines) + LAND.format(path(found))


def main() -> None:
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for found in simplified(list(rings(topology))):
        made = drawn(found)
        if len(made) <= LARGEST:
            sys.stdout.write(made)
            return


main()
