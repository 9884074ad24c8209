"""Outside the town: villages, fields, tracks, and the island that no bridge reaches."""

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon
from shapely.ops import nearest_points

from demo_county.fabric import Lines, alley, divide
from demo_county.frame import Area, Block, County, Street, blob, curve, parts, spline
from demo_county.houses import along_edge, houses
from demo_county.names import ISLAND_VILLAGE, SUBURBS, VILLAGES
from demo_county.terrain import ISLAND


def fill_country(county: County, faces: list[Polygon]) -> None:
    """Villages first, then the fields around them."""
    roads = Lines(*[street.line for street in county.streets if street.level == 0])
    woods = shapely.unary_union(
        [
            area.polygon
            for area in county.areas
            if area.tags.get("natural") == "wood" or area.tags.get("landuse") == "forest"
        ]
    )
    patches = []
    for number, (name, centre, radii) in enumerate(VILLAGES):
        patch = blob(centre, radii, county.rng, rough=0.3, turn=number * 0.7)
        arm = (
            county.rng.normal(0, 1, 2) * 0.8 * np.array(radii)
        )  # a second patch beside the first: villages are not round
        patch = patch.union(
            blob(
                (centre[0] + arm[0], centre[1] + arm[1]),
                (radii[0] * 0.62, radii[1] * 0.5),
                county.rng,
                rough=0.3,
                turn=number * 1.1,
            )
        )
        patch = patch.difference(county.water.buffer(25))
        patches.append(patch)
        fill_village(county, name, patch, roads, faces)
    for number, (centre, radii) in enumerate(SUBURBS):
        patch = blob(centre, radii, county.rng, rough=0.38, turn=0.2 * (number % 3 - 1)).difference(
            county.water.buffer(25)
        )
        patches.append(patch)
        fill_village(county, "", patch, roads, faces)
    fill_island(county)
    taken = shapely.unary_union([*patches, woods, county.water]).buffer(6)
    for face in faces:
        fill_fields(county, face, taken)


def fill_village(county: County, name: str, patch: Polygon, roads, faces: list[Polygon]) -> None:
    """One village on both sides of its road."""
    named = {"name": name} if name else {}
    if name:
        county.labels.append((patch.centroid.coords[0], {"place": "village"} | named))
    for face in faces:
        for piece in parts(patch.intersection(face), "Polygon"):
            if piece.area > 1500:
                county.areas.append(Area(piece, {"landuse": "residential"} | named))
                fill_village_part(county, name, piece, roads)


def fill_village_part(county: County, name: str, piece: Polygon, roads) -> None:
    """Lanes and houses of a village on one side of a road."""
    rng = county.rng
    blocks, cuts = divide(piece, rng, largest=6000, bend=4.4)
    join_lanes(county, roads.near(piece, 400.0), [line for line, _ in cuts])
    for line, depth in cuts:
        kind = "residential" if depth == 0 else str(rng.choice(["living_street", "footway", "path", "footway"]))
        tags = {"highway": kind} | ({"name": f"{name}路"} if depth == 0 and name else {})
        county.streets.append(Street(line, tags))
    streets = Lines(roads.near(piece), *(line for line, _ in cuts))
    for block in blocks:
        blind = alley(block, streets, rng) if rng.random() < 0.28 else None
        if blind is not None:
            county.streets.append(Street(blind, {"highway": "footway"}))
        county.blocks.append(Block(block, "village", name))
        rows = along_edge(block, rng, setback=5.0, depth=(9, 12), width=(16, 32), gap=0.44)
        county.buildings += houses(rows, rng, levels=(2, 5), lived_in=1.7)


def join_lanes(county: County, roads: MultiLineString, lanes: list[LineString]) -> None:
    """A link to the nearest road or joined lane for every lane that would hang in the air."""
    joined, waiting = list(roads.geoms), list(lanes)
    while waiting and joined:
        hub = MultiLineString(joined)
        lane = min(waiting, key=hub.distance)
        if lane.distance(hub) > 0.5:
            start, end = nearest_points(hub, lane)
            sway = county.rng.normal(0, 0.08 * start.distance(end), 2)
            knee = ((start.x + end.x) / 2 + sway[0], (start.y + end.y) / 2 + sway[1])
            link = curve([start.coords[0], knee, end.coords[0]])
            county.streets.append(Street(link, {"highway": "residential"}))
        joined.append(lane)
        waiting.remove(lane)


def fill_island(county: County) -> None:
    """A hamlet on the river island: people live there, no bridge leads there."""
    island = Polygon(spline(ISLAND, closed=True)).buffer(-14)
    county.labels.append((island.centroid.coords[0], {"place": "hamlet", "name": ISLAND_VILLAGE}))
    county.areas.append(Area(island.buffer(6), {"landuse": "residential", "name": ISLAND_VILLAGE}))
    blocks, cuts = divide(island, county.rng, largest=5200, bend=2.5)
    for line, _ in cuts:
        county.streets.append(Street(line, {"highway": "footway", "name": ISLAND_VILLAGE}))
    county.streets.append(Street(LineString(island.exterior.coords), {"highway": "path", "name": ISLAND_VILLAGE}))
    for block in blocks:
        rows = along_edge(block, county.rng, setback=5.0, depth=(8, 10), width=(12, 18), gap=0.5)
        county.buildings += houses(rows, county.rng, levels=(1, 2), lived_in=0.9)


def fill_fields(county: County, face: Polygon, taken) -> None:
    """Fields, with a track along some of their edges and a farmhouse here and there."""
    rng = county.rng
    for open_land in parts(face.difference(taken), "Polygon"):
        if open_land.area < 9000:
            continue
        fields, cuts = divide(open_land, rng, largest=68_000, bend=7.0, uneven=0.6, slender=160.0)
        for line, depth in cuts:
            if depth < 3 and rng.random() < 0.62:
                county.streets.append(Street(line, {"highway": "track"}))
        for field in fields:
            draw_field(county, field)


def draw_field(county: County, field: Polygon) -> None:
    """One field in its colour; some hold a farmhouse."""
    rng = county.rng
    use = str(rng.choice(["farmland", "farmland", "farmland", "orchard", "meadow", ""]))
    for part in parts(field.buffer(-5, join_style="mitre").simplify(9), "Polygon"):
        if use and part.area > 2500:
            county.areas.append(Area(Polygon(part.exterior), {"landuse": use}))
        if rng.random() < 0.2:
            yard = along_edge(part, rng, setback=4, depth=(9, 11), width=(12, 18), gap=0.4)
            county.buildings += houses(yard[: int(rng.integers(1, 4))], rng, levels=(2, 4), lived_in=0.35)
