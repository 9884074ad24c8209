"""The streets of a neighbourhood in a compact file, so that a phone can find the nearest device on foot without a network.

Numbers are whole decimetres, each told as its difference from the one before. `static/walk.js` reads the file; its walks
are those of the service, within rounding, while they stay within the neighbourhood.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from aedplan import StreetNetwork
from aedplan.anchors import pieces_of
from aedplan.coordinates import project, unproject

from ..bodies import Body, json_body
from ..published import Published

FORMAT = 1
MOST_RADIUS_M, USUAL_RADIUS_M = 2000, 1500
UNIT_M = 0.1
TOLERANCE_M = 0.3
"""A drawn line may lie so far from the street: it only says where somebody joins it, how long it is stands beside it."""


@lru_cache(maxsize=64)
def walk_body(published: Published, lon: float, lat: float, radius_m: int) -> Body:
    """The file of the streets around WGS-84 lon, lat, as it is sent."""
    return json_body(walk_file(published.streets, (lon, lat), radius_m), "application/json")


def walk_file(streets: StreetNetwork, centre: tuple[float, float], radius_m: float) -> dict[str, Any]:
    """The streets around a place: every edge of which some part lies within the radius.

    plane   how degrees become decimetres: x and y as polynomials of longitude and latitude less the centre's
    nodes   x, y of each node
    edges   of each edge: its first node, its second less the first, by how much the walk is longer than the line drawn,
            how many vertices lie between, and x, y of each
    """
    at = project(np.array([centre]), streets.crs)[0]
    edges = _edges_within(streets, at, radius_m)
    node, ends = np.unique(streets.ends[edges], return_inverse=True)
    places = _whole(streets.xy[node] - at)
    told: list[int] = []
    before = 0
    for edge, (first, last) in zip(edges.tolist(), ends.reshape(-1, 2).tolist(), strict=True):
        line = _line(streets, edge, at, places[first], places[last])
        steps = np.diff(line, axis=0)
        drawn = round(float(np.sqrt((steps * steps).sum(axis=1)).sum()))
        longer = round(int(streets.walk_mm[edge]) / 100) - drawn
        told += [first - before, last - first, longer, len(line) - 2, *steps[:-1].ravel().tolist()]
        before = first
    return {
        "format": FORMAT,
        "centre": list(centre),
        "radius_m": radius_m,
        "unit_m": UNIT_M,
        "plane": _plane(streets, centre, at),
        "nodes": np.diff(places, axis=0, prepend=0).ravel().tolist(),
        "edges": told,
    }


def _whole(metres: np.ndarray) -> np.ndarray:
    whole: np.ndarray = np.rint(metres / UNIT_M).astype(np.int64)
    return whole


def _edges_within(streets: StreetNetwork, at: np.ndarray, radius_m: float) -> np.ndarray:
    """(n,) numbers of the edges that come within a radius of a place, ascending."""
    low, high = streets.boxes
    outside = np.maximum(np.maximum(low - at[:, None], at[:, None] - high), 0.0)
    near = np.flatnonzero((outside**2).sum(axis=0) <= radius_m**2)
    if not len(near):
        return near
    piece = pieces_of(streets, near)
    first = streets.vertex_xy[piece]
    step = streets.vertex_xy[piece + 1] - first
    length_2 = (step * step).sum(axis=1)
    along = ((at - first) * step).sum(axis=1)
    share = np.divide(along, length_2, out=np.zeros(len(along)), where=length_2 > 0).clip(0.0, 1.0)
    off = at - first - share[:, None] * step
    edge = np.searchsorted(streets.vertex_start, piece, side="right") - 1
    return np.unique(edge[(off * off).sum(axis=1) <= radius_m**2])


def _line(streets: StreetNetwork, edge: int, at: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """(n, 2) the line of an edge in whole decimetres, from its first node to its last, without needless vertices."""
    xy = streets.vertex_xy[streets.vertex_start[edge] : streets.vertex_start[edge + 1]] - at
    inner = xy[_bends(xy)][1:-1]
    return np.concatenate([[first], _whole(inner), [last]])


def _bends(xy: np.ndarray) -> list[int]:
    """The vertices without which a line would lie more than TOLERANCE_M elsewhere (Douglas and Peucker 1973)."""
    kept, open_ = {0, len(xy) - 1}, [(0, len(xy) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        off = _off_line(xy[first + 1 : last], xy[first], xy[last])
        worst = int(np.argmax(off))
        if off[worst] > TOLERANCE_M:
            middle = first + 1 + worst
            kept.add(middle)
            open_ += [(first, middle), (middle, last)]
    return sorted(kept)


def _off_line(points: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """(n,) metres from points to a straight piece."""
    step = last - first
    length_2 = float(step @ step)
    share = ((points - first) @ step / length_2).clip(0.0, 1.0) if length_2 > 0 else np.zeros(len(points))
    return np.asarray(np.hypot(*(points - first - share[:, None] * step).T))


def _plane(streets: StreetNetwork, centre: tuple[float, float], at: np.ndarray) -> dict[str, list[float]]:
    """How degrees become decimetres around a place: fitted within 6 km, where they are true to a few centimetres.

    x, y  factors of a, b, aa, ab, bb, where a and b are longitude and latitude less the centre's
    """
    side = np.linspace(-6000.0, 6000.0, 9)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    a, b = (unproject(at + grid, streets.crs) - np.array(centre)).T
    terms = np.column_stack([a, b, a * a, a * b, b * b])
    factors = np.linalg.lstsq(terms, grid / UNIT_M, rcond=None)[0]
    return {"x": [float(f"{one:.9g}") for one in factors[:, 0]], "y": [float(f"{one:.9g}") for one in factors[:, 1]]}
