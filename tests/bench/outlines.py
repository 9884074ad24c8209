"""Do outlines tell the truth? Street points every 10 m, each reachable or not by exact walks, each inside or outside."""

from collections.abc import Iterator

import numpy as np
from bench import ours
from bench.settings import Settings
from bench.table import Promise, Row
from bench.worlds_big import HEIDELBERG, World, positions, spots, walks_mm

import aedplan as ap
from aedplan.anchors import Anchors
from aedplan.network import StreetNetwork
from aedplan.outlines.isochrones import outlines

EVERY_M = 10.0
NEAR_M = ours.LIMIT_M + 100.0
"""No outline goes further than the limit in a straight line, plus the strip beside the street."""

INSIDE = Promise("outline_inside", "outlines: unreachable street inside, of all street inside", most=4, unit=" %")
MISSED = Promise("outline_missed", "outlines: reachable street missed, of all reachable street", most=1, unit=" %")


def street_points(streets: StreetNetwork) -> Anchors:
    """Points every 10 m along every edge, the first 5 m from its beginning; an edge below 10 m has its middle."""
    length, walk = np.asarray(streets.length_mm, dtype=np.float64), walks_mm(streets).astype(np.float64)
    counts = np.maximum(1, (length / (EVERY_M * 1000)).astype(np.int64))
    edge = np.repeat(np.arange(len(length)), counts)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = ((number + 0.5) / counts[edge] * walk[edge]).astype(np.int64)
    along = np.column_stack([begin, walk[edge].astype(np.int64) - begin]).astype(np.int32)
    return Anchors(edge.astype(np.int32), along, np.zeros(len(edge), dtype=np.int32))


def counted(streets: StreetNetwork, count: int) -> tuple[int, int, int, int]:
    """Street points of all outlines: inside, inside but unreachable, reachable, reachable but outside."""
    import shapely
    from scipy.spatial import cKDTree

    points = street_points(streets)
    xy, origins = positions(streets, points), spots(streets, count, seed=5)
    reached = ours.reach(streets, origins, points)
    tree = cKDTree(xy)
    totals = np.zeros(4, dtype=np.int64)
    for number, centre in enumerate(positions(streets, origins)):
        near = np.array(tree.query_ball_point(centre, NEAR_M), dtype=np.int64)
        truth = np.isin(near, reached.point[reached.start[number] : reached.start[number + 1]])
        outline = outlines(streets, ours.part(origins, [number]), [ours.LIMIT_M])[0]
        inside = shapely.contains_xy(outline, xy[near, 0], xy[near, 1])
        totals += [inside.sum(), (inside & ~truth).sum(), truth.sum(), (truth & ~inside).sum()]
    return totals[0], totals[1], totals[2], totals[3]


def rows(world: World, settings: Settings) -> Iterator[Row]:
    """Both shares on Porto, and on Heidelberg as the second town."""
    places = {world.name: world.streets}
    if HEIDELBERG.is_file():
        places["Heidelberg"] = ap.read_streets(HEIDELBERG)
    counts = {name: counted(streets, settings.outlines) for name, streets in places.items()}
    inside = {name: 100 * wrong / max(1, painted) for name, (painted, wrong, _, _) in counts.items()}
    missed = {name: 100 * out / max(1, reachable) for name, (_, _, reachable, out) in counts.items()}
    painted = sum(inside for inside, *_ in counts.values())
    how = f"{settings.outlines} origins each, 312 m, {painted:,} points every 10 m inside; the truth from exact walks: "
    yield INSIDE.row(max(inside.values()), how + ", ".join(f"{name} {share:.2f} %" for name, share in inside.items()))
    yield MISSED.row(max(missed.values()), ", ".join(f"{name} {share:.2f} %" for name, share in missed.items()))
