"""How blocks are divided: cut again and again with bent lines, as lanes grow between plots."""

import numpy as np
import shapely
from numpy.random import Generator
from shapely import LineString, MultiLineString, Point, Polygon, STRtree
from shapely.affinity import rotate
from shapely.ops import nearest_points, split

from demo_county.frame import parts


class Lines:
    """Many lines, of which only the near ones are asked for: overlays with all of them would take minutes."""

    def __init__(self, *geometries) -> None:
        self.parts = shapely.get_parts(np.array(geometries, dtype=object)) if geometries else np.array([])
        self.tree = STRtree(self.parts)

    def near(self, geometry, distance: float = 1.0) -> MultiLineString:
        """The lines within some metres of a geometry."""
        found = self.tree.query(geometry, predicate="dwithin", distance=distance)
        return MultiLineString([self.parts[index] for index in sorted(found)])


def longest_axis(polygon: Polygon) -> tuple[np.ndarray, np.ndarray]:
    """The long and the short side of a polygon's tightest rectangle, as vectors."""
    corners = np.asarray(polygon.minimum_rotated_rectangle.exterior.coords)
    sides = corners[1] - corners[0], corners[2] - corners[1]
    return (sides[0], sides[1]) if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else (sides[1], sides[0])


def bent_cut(polygon: Polygon, rng: Generator, *, bend: float) -> LineString:
    """A line across a polygon near its middle, bent by some metres and turned by some degrees."""
    long, short = longest_axis(polygon)
    middle = np.asarray(polygon.minimum_rotated_rectangle.centroid.coords[0]) + long * rng.uniform(-0.13, 0.13)
    across, along = short / np.hypot(*short), long / np.hypot(*long)
    reach = np.hypot(*short) * 0.75 + 30
    steps = np.array([-1.0, -0.45, -0.1, 0.3, 0.6, 1.0]) * reach
    sway = np.cumsum(rng.normal(0, bend, 6))
    line = LineString(middle + steps[:, None] * across + (sway - sway.mean())[:, None] * along)
    return rotate(line, rng.normal(0, 3.1 * bend**0.5), origin=tuple(middle))


def divide(
    polygon: Polygon, rng: Generator, *, largest: float, bend: float = 3.0, uneven: float = 0.45, slender: float = 42.0
) -> tuple[list[Polygon], list[tuple[LineString, int]]]:
    """Cut a polygon into blocks of at most about `largest` square metres.

    Gives the blocks and the cuts; each cut with its depth: 0 for the first, which later become the wider lanes.
    """
    waiting, blocks, cuts = [(polygon, 0)], [], []
    while waiting:
        piece, depth = waiting.pop()
        if piece.area < largest * (1 + rng.uniform(-uneven, uneven)):
            blocks.append(piece)
            continue
        halves = try_cut(piece, rng, bend=bend, slender=slender)
        if halves is None:
            blocks.append(piece)
            continue
        pieces, lines = halves
        cuts.extend((line, depth) for line in lines)
        waiting.extend((part, depth + 1) for part in pieces)
    return blocks, cuts


def try_cut(piece: Polygon, rng: Generator, *, bend: float, slender: float):
    """One cut that leaves no sliver, or None after a few tries."""
    for _ in range(5):
        line = bent_cut(piece, rng, bend=bend)
        pieces = parts(split(piece, line), "Polygon")
        if len(pieces) < 2 or min(part.area for part in pieces) < (0.16 if slender < 100 else 0.02) * piece.area:
            continue
        if max(part.length**2 / part.area for part in pieces) > slender:
            continue
        lines = parts(line.intersection(piece), "LineString")
        if lines and min(part.length for part in lines) > 8:
            return pieces, lines
    return None


def alley(block: Polygon, lines: Lines, rng: Generator) -> LineString | None:
    """A blind alley from a street at the block's edge towards its middle."""
    streets = lines.near(block)
    edge = block.exterior.intersection(streets.buffer(0.5))
    if edge.length < 20:
        return None
    runs = sorted(parts(edge, "LineString"), key=lambda run: -run.length)
    start = runs[0].interpolate(rng.uniform(0.3, 0.7), normalized=True)
    start = nearest_points(streets, start)[0]
    goal = block.representative_point() if not block.contains(block.centroid) else block.centroid
    goal = Point(goal.x + rng.normal(0, 5), goal.y + rng.normal(0, 5))
    share = rng.uniform(0.75, 1.15)
    elbow = Point(
        start.x + (goal.x - start.x) * 0.5 + rng.normal(0, 2.5), start.y + (goal.y - start.y) * 0.5 + rng.normal(0, 2.5)
    )
    end = Point(start.x + (goal.x - start.x) * share, start.y + (goal.y - start.y) * share)
    line = LineString([start, elbow, end])
    inside = line.length > 14 and block.buffer(-9).contains(end) and block.buffer(1).contains(line)
    return line if inside else None


def row_angle(polygon: Polygon) -> float:
    """The angle, in radians, of rows that run with the block but face south as Chinese apartment rows do."""
    long, short = longest_axis(polygon)
    flat = long if abs(long[0]) * np.hypot(*short) > abs(short[0]) * np.hypot(*long) else short
    angle = np.arctan2(flat[1], flat[0])
    angle = (angle + np.pi / 2) % np.pi - np.pi / 2
    return float(np.clip(angle, -0.38, 0.38))


def rectangle(centre: tuple[float, float], width: float, depth: float, angle: float) -> Polygon:
    """A rectangle of some width along `angle` and some depth across it."""
    along = np.array([np.cos(angle), np.sin(angle)]) * width / 2
    across = np.array([-np.sin(angle), np.cos(angle)]) * depth / 2
    middle = np.asarray(centre)
    return Polygon([middle - along - across, middle + along - across, middle + along + across, middle - along + across])
