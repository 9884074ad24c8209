"""Gated compounds (小区): a wall, one or two gates, a loop inside, rows of apartments facing south."""

import numpy as np
from shapely import LineString, Point, Polygon
from shapely.ops import nearest_points, substring

from demo_county.fabric import divide, row_angle
from demo_county.frame import Area, Block, County, Street, parts
from demo_county.houses import along_edge, houses, slabs
from demo_county.names import NameStock

WALL, LOOP = 20.5, 9.0  # metres from street centre to wall, from wall to loop road
SCHOOL_SHARE = 0.16  # of the parts that are about as big as a school
PRIVATE = {"access": "private"}


def fill_superblock(county: County, block: Polygon, streets, names: NameStock) -> None:
    """Part a big block by side streets and walls, and fill each part with a compound or a school."""
    pieces, cuts = divide(block, county.rng, largest=98_000, bend=4.0, uneven=0.35)
    for line, depth in cuts:
        ends = [Point(line.coords[0]), Point(line.coords[-1])]
        joined = min(end.distance(streets) for end in ends) < 0.5
        if joined and county.rng.random() < (0.8 if depth == 0 else 0.55):
            kind = "residential" if county.rng.random() < 0.7 else "service"
            tags = {"highway": kind} | ({"name": next(names.street)} if kind == "residential" else {})
            county.streets.append(Street(line, tags))
            streets = streets.union(line)
    for piece in pieces:
        if 9_000 < piece.area < 45_000 and county.rng.random() < SCHOOL_SHARE:
            county.blocks.append(Block(piece, "school"))
        else:
            fill_compound(county, piece, streets, next(names.compound))


def fill_compound(county: County, block: Polygon, streets, name: str) -> None:
    """One compound: shops outside its wall, its own roads inside, gates between."""
    rng = county.rng
    ground = largest_part(block.buffer(-WALL, join_style="mitre"))
    loop_ground = largest_part(ground.buffer(-LOOP).buffer(-6).buffer(6)) if ground else None
    if loop_ground is None or loop_ground.area < 2500:
        county.buildings += houses(
            along_edge(block, rng, setback=8, depth=(9, 13), width=(14, 34)), rng, levels=(3, 6), kind="residential"
        )
        return
    loop_ground = loop_ground.simplify(2.0)
    county.areas.append(Area(ground.simplify(1.0), {"landuse": "residential", "residential": "gated", "name": name}))
    county.blocks.append(Block(ground, "compound", name))
    tall = rng.random() < 0.45
    spacing = float(rng.uniform(44, 52) if tall else rng.uniform(31, 36))
    draw_inside(county, loop_ground, spacing, tall)
    opened = open_gates(county, block, ground, loop_ground, streets, name, count=2 if ground.area > 22_000 else 1)
    shops = along_edge(block, rng, setback=10.5, depth=(7, 9), width=(32, 78), gap=0.3)
    shops = [shop for shop in shops if shop.distance(streets) < 16 and shop.distance(opened) > 5]
    county.buildings += houses(shops, rng, levels=(1, 3), kind="retail", lived_in=0.0)


def draw_inside(county: County, ground: Polygon, spacing: float, tall: bool) -> None:
    """The loop, the ways between the rows, and the apartment rows."""
    rng = county.rng
    county.streets.append(Street(LineString(ground.exterior.coords), {"highway": "service"} | PRIVATE))
    angle = row_angle(ground)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corners = np.asarray(ground.exterior.coords)
    low, high = (corners @ across).min(), (corners @ across).max()
    middle = (corners @ along).mean()
    for number, row in enumerate(np.arange(low + spacing, high - spacing * 0.55, spacing)):
        line = LineString([along * (middle - 600) + across * row, along * (middle + 600) + across * row])
        for part in parts(line.intersection(ground), "LineString"):
            if rng.random() < 0.62:
                draw_row_way(county, part, number)
    storeys = (17, 32) if tall else (6, 11)
    width = (24, 32) if tall else (36, 62)
    room = largest_part(ground.buffer(-4))
    lowest = (np.asarray(room.exterior.coords) @ across).min()
    rows = slabs(
        room,
        rng,
        spacing=spacing,
        depth=17 if tall else 12.5,
        width=width,
        angle=angle,
        start=0.5 - (lowest - low) / spacing,
    )
    county.buildings += houses(rows, rng, levels=storeys, kind="apartments", lived_in=0.55 if tall else 0.8)
    add_paths(county, ground, rows)


def draw_row_way(county: County, line: LineString, number: int) -> None:
    """The way between two rows: mostly through, some blind; car roads and footpaths in turn."""
    rng = county.rng
    if line.length < 25:
        return
    if rng.random() < 0.34:
        share, first = rng.uniform(0.55, 0.85), rng.random() < 0.5
        line = substring(line, *((0, share) if first else (1 - share, 1)), normalized=True)
    kind = "service" if number % 2 == 0 else "footway"
    county.streets.append(Street(line, {"highway": kind} | PRIVATE))


def add_paths(county: County, ground: Polygon, rows: list[Polygon]) -> None:
    """Footpaths across the rows through gaps between the buildings, where a gap lets them through."""
    angle = row_angle(ground)
    across = np.array([-np.sin(angle), np.cos(angle)])
    for _ in range(6):
        start = np.array(ground.centroid.coords[0]) + county.rng.normal(0, ground.area**0.5 / 5, 2)
        line = LineString([start - across * 500, start + across * 500])
        clear = [
            part
            for part in parts(line.intersection(ground), "LineString")
            if part.length > 60 and all(part.distance(house) > 2.5 for house in rows)
        ]
        if clear:
            county.streets.append(Street(clear[0], {"highway": "footway"} | PRIVATE))
            return


def open_gates(
    county: County, block: Polygon, ground: Polygon, loop_ground: Polygon, streets, name: str, *, count: int
) -> LineString:
    """Join the loop to the streets outside at one or two gates; gives the lines of the drives."""
    fronts = sorted(parts(block.exterior.intersection(streets.buffer(0.4)), "LineString"), key=lambda run: -run.length)
    fronts = [run for run in fronts if run.length > 45]
    drives, wall = [], ground.exterior
    for run in fronts[:1] * 6 + fronts[1:] * 3:
        outside = nearest_points(streets, run.interpolate(county.rng.uniform(0.25, 0.75), normalized=True))[0]
        inside = nearest_points(loop_ground.exterior, outside)[0]
        drive = LineString([outside, inside])
        gates = parts(drive.intersection(wall), "Point")
        far = all(drive.distance(other) > 110 for other in drives)
        if len(gates) != 1 or drive.length > 75 or not far:
            continue
        gate = gates[0]
        county.streets.append(Street(LineString([outside, gate, inside]), {"highway": "service"} | PRIVATE))
        county.gates.append((gate, name))
        drives.append(drive)
        if len(drives) == count:
            break
    if not drives:
        drives.append(open_any_gate(county, ground, loop_ground, streets, name))
    return LineString([xy for drive in drives for xy in drive.coords])


def open_any_gate(county: County, ground: Polygon, loop_ground: Polygon, streets, name: str) -> LineString:
    """The shortest drive to any street, for a compound without a front of its own."""
    outside, inside = nearest_points(streets, loop_ground.exterior)
    drive = LineString([outside, inside])
    gate = (parts(drive.intersection(ground.exterior), "Point") or [drive.interpolate(0.5, normalized=True)])[0]
    county.streets.append(Street(LineString([outside, gate, inside]), {"highway": "service"} | PRIVATE))
    county.gates.append((gate, name))
    return drive


def largest_part(geometry) -> Polygon | None:
    """The biggest polygon of what is left after shrinking."""
    found = parts(geometry, "Polygon")
    return max(found, key=lambda part: part.area) if found else None
