"""Buildings: rows of houses along a block's edge, slabs that face south, sheds."""

import itertools

import numpy as np
from numpy.random import Generator
from shapely import Polygon
from shapely.prepared import prep

from demo_county.fabric import rectangle, row_angle
from demo_county.frame import Building, parts

STOREY_HOMES = 1 / 38  # residents per square metre of floor: about 38 m2 each


def along_edge(
    block: Polygon,
    rng: Generator,
    *,
    setback: float,
    depth: tuple[float, float],
    width: tuple[float, float],
    gap: float = 0.12,
) -> list[Polygon]:
    """Rectangles along the inside of a block's edge, `setback` metres behind it, now and then a gap."""
    found: list[Polygon] = []
    allowed = prep(block.buffer(-setback + 0.3))
    for ring in parts(block.buffer(-setback, join_style="mitre").simplify(3.0), "Polygon"):
        corners = np.asarray(ring.exterior.coords)
        if ring.exterior.is_ccw:
            corners = corners[::-1]
        for start, end in itertools.pairwise(corners):
            place_row(found, allowed, start, end, rng, depth, width, gap)
    return found


def place_row(
    found: list[Polygon],
    allowed,
    start: np.ndarray,
    end: np.ndarray,
    rng: Generator,
    depth: tuple[float, float],
    width: tuple[float, float],
    gap: float,
) -> None:
    """Fill one straight edge with houses that touch no earlier house; the block lies to the right of the edge."""
    length = float(np.hypot(*(end - start)))
    direction = (end - start) / max(length, 1e-9)
    inward = np.array([direction[1], -direction[0]])
    angle = float(np.arctan2(direction[1], direction[0]))
    at = rng.uniform(0, 3)
    while at + width[0] < length:
        wide = min(rng.uniform(*width), length - at)
        deep = rng.uniform(*depth)
        if rng.random() > gap:
            centre = start + direction * (at + wide / 2) + inward * (deep / 2)
            house = rectangle(tuple(centre), wide - 1.0, deep, angle)
            if allowed.contains(house) and not any(house.intersects(other) for other in found):
                found.append(house)
        at += wide


def slabs(
    ground: Polygon,
    rng: Generator,
    *,
    spacing: float,
    depth: float,
    width: tuple[float, float],
    start: float = 0.5,
    angle: float | None = None,
) -> list[Polygon]:
    """Rows of long buildings that face south, `spacing` metres from row to row."""
    angle = row_angle(ground) if angle is None else angle
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corners = np.asarray(ground.exterior.coords)
    left, right = (corners @ along).min(), (corners @ along).max()
    low, high = (corners @ across).min(), (corners @ across).max()
    inside, found = prep(ground), []
    rows = np.arange(low + spacing * start, high, spacing)
    for row in rows:
        at = left + rng.uniform(0, 12)
        while at < right:
            wide = rng.uniform(*width)
            house = rectangle(tuple(along * (at + wide / 2) + across * row), wide, depth, angle)
            if inside.contains(house):
                found.append(house)
                at += wide + rng.uniform(9, 17)
            else:
                at += 6
    return found


def houses(
    polygons: list[Polygon], rng: Generator, *, levels: tuple[int, int], kind: str = "house", lived_in: float = 1.0
) -> list[Building]:
    """Polygons made into buildings with storeys and, when people live there, residents."""
    made = []
    for polygon in polygons:
        storeys = int(rng.integers(levels[0], levels[1] + 1))
        made.append(
            Building(
                polygon,
                {"building": kind, "building:levels": str(storeys)},
                polygon.area * storeys * STOREY_HOMES * lived_in,
            )
        )
    return made
