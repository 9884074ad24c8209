"""The straight pieces of street around some origins, and how far one has walked at their ends.

An edge is cut where the walks from its two ends meet, where each limit is reached, and at every bend, so that along a
piece the walk grows or shrinks evenly and belongs to one band: 0 within the first limit, 1 within the second, and so on.
Metres.
"""

from typing import NamedTuple

import numpy as np

from .anchors import Anchors
from .network import StreetNetwork
from .walks import Walk, walk

FAR_M = 1e9
"""The walk to where none of the limits leads."""
SHORTEST_M = 1e-6
"""Shorter pieces come from rounding and are dropped."""


class Pieces(NamedTuple):
    """P pieces of street.

    ends  (P, 6) x, y, x, y of both ends, and the metres walked to them; FAR_M or more beyond the last limit
    band  (P,) ascending; how many limits end before the piece is reached
    """

    ends: np.ndarray
    band: np.ndarray

    def within(self, limits: int) -> np.ndarray:
        """(p, 6) the ends of the pieces that the longest of so many limits reaches."""
        reached: np.ndarray = self.ends[self.band < limits]
        return reached


class _Parts(NamedTuple):
    """Edges, or the parts of an edge that origins divide: where on the edge they begin and end, and the walks to there."""

    edge: np.ndarray
    low: np.ndarray
    high: np.ndarray
    walked_low: np.ndarray
    walked_high: np.ndarray


def street_pieces(streets: StreetNetwork, origins: Anchors, limits_m: np.ndarray, *, margin_m: float = 0.0) -> Pieces:
    """The pieces that can be walked from any of the origins, and with a margin the unreached ones around them.

    limits_m  (L,) ascending
    margin_m  how far from the reached ones to look for others
    """
    walked = walk(streets, origins, limit_mm=round(float(limits_m[-1]) * 1000))
    edges = _edges_walked(streets, walked, origins)
    if margin_m > 0 and len(edges):
        edges = np.union1d(edges, _edges_near(streets, _box(streets, origins, edges, float(limits_m[-1])), margin_m))
    parts = _divided(streets, _whole(streets, walked, edges), origins)
    return _cut(streets, parts, limits_m)


def _edges_walked(streets: StreetNetwork, walked: Walk, origins: Anchors) -> np.ndarray:
    """Ascending numbers of the edges that have an origin or a node that was reached."""
    slots = [slot for node in walked.distance_mm for slot in range(streets.start[node], streets.start[node + 1])]
    return np.unique(np.concatenate([streets.way[slots] >> 1, origins.edge]).astype(np.int64))


def _box(streets: StreetNetwork, origins: Anchors, edges: np.ndarray, limit_m: float) -> np.ndarray:
    """West, south, east, north of what can be reached: of the edges, and of the limit as the crow flies."""
    low, high = streets.boxes
    west_south, east_north = low[:, edges].min(axis=1), high[:, edges].max(axis=1)
    nearest_low, nearest_high = low[:, origins.edge].min(axis=1), high[:, origins.edge].max(axis=1)
    return np.concatenate(
        [np.maximum(west_south, nearest_low - limit_m), np.minimum(east_north, nearest_high + limit_m)]
    )


def _edges_near(streets: StreetNetwork, box: np.ndarray, margin_m: float) -> np.ndarray:
    """Ascending numbers of the edges whose boxes touch another."""
    low, high = streets.boxes
    west, south, east, north = box + margin_m * np.array([-1, -1, 1, 1])
    found: np.ndarray = np.flatnonzero((low[0] <= east) & (high[0] >= west) & (low[1] <= north) & (high[1] >= south))
    return found


def _whole(streets: StreetNetwork, walked: Walk, edges: np.ndarray) -> _Parts:
    """Edges as one part each."""
    reached = walked.distance_mm
    ends = [reached.get(node, FAR_M * 1000) / 1000 for node in streets.ends[edges].ravel().tolist()]
    low, high = np.array(ends, dtype=float).reshape(-1, 2).T
    return _Parts(edges, np.zeros(len(edges)), streets.walk_mm[edges] / 1000, low, high)


def _divided(streets: StreetNetwork, parts: _Parts, origins: Anchors) -> _Parts:
    """The parts with the edges of the origins divided at them."""
    rows = {int(edge): row for row, edge in enumerate(parts.edge)}
    marks: dict[int, list[tuple[float, float]]] = {}
    for edge, at, off in zip(origins.edge, origins.along_mm[:, 0], origins.off_mm, strict=True):
        marks.setdefault(rows[int(edge)], []).append((int(at) / 1000, int(off) / 1000))
    fresh: list[tuple[float, ...]] = []
    for row, spots in marks.items():
        edge, low, high, walked_low, walked_high = (column[row] for column in parts)
        at, walks = zip(*sorted([(low, walked_low), *spots, (high, walked_high)]), strict=True)
        least = [min(walk + abs(there - here) for there, walk in zip(at, walks, strict=True)) for here in at]
        fresh += [(edge, *at[i : i + 2], *least[i : i + 2]) for i in range(len(at) - 1)]
    kept = np.delete(np.arange(len(parts.edge)), list(marks))
    columns = np.array(fresh).reshape(-1, 5).T
    joined = [np.concatenate([old[kept], new]) for old, new in zip(parts, columns, strict=True)]
    return _Parts(joined[0].astype(np.int64), *joined[1:])


def _cut(streets: StreetNetwork, parts: _Parts, limits_m: np.ndarray) -> Pieces:
    """The parts cut at bends, where walks from both ends meet, and where limits are reached."""
    vertex, x, y = _vertices(streets, parts)
    base = np.cumsum(streets.walk_mm[parts.edge] / 1000 + 1) - streets.walk_mm[parts.edge] / 1000
    meet = (parts.high + parts.low + parts.walked_high - parts.walked_low) / 2
    stops = [parts.low, parts.high, np.where(np.minimum(parts.walked_low, parts.walked_high) < FAR_M, meet, -1.0)]
    stops += [parts.low + limit - parts.walked_low for limit in limits_m]
    stops += [parts.high - limit + parts.walked_high for limit in limits_m]
    owner = np.concatenate([vertex[0].astype(np.int64), np.tile(np.arange(len(base)), len(stops))])
    at = np.concatenate([vertex[1], *stops])
    real = (at >= parts.low[owner]) & (at <= parts.high[owner])
    owner, at = owner[real], at[real]
    order = np.argsort(base[owner] + at, kind="stable")
    owner, at = owner[order], at[order]
    knots = base[vertex[0].astype(np.int64)] + vertex[1]
    x, y = (np.interp(base[owner] + at, knots, column) for column in (x, y))
    walked = np.minimum(
        parts.walked_low[owner] + at - parts.low[owner], parts.walked_high[owner] + parts.high[owner] - at
    )
    joined = (np.diff(owner) == 0) & (np.diff(at) > SHORTEST_M)
    ends = np.column_stack([x[:-1], y[:-1], x[1:], y[1:], walked[:-1], walked[1:]])[joined]
    band = np.searchsorted(limits_m, (ends[:, 4] + ends[:, 5]) / 2)
    order = np.argsort(band, kind="stable")
    return Pieces(ends[order], band[order])


def _vertices(streets: StreetNetwork, parts: _Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The vertices of the edges of all parts: (2, V) number of the part and walk from end 0; x (V,); y (V,)."""
    first = streets.vertex_start[parts.edge]
    sizes = streets.vertex_start[parts.edge + 1] - first
    begins = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    x, y = streets.vertex_xy[np.arange(len(owner)) + (first - begins)[owner]].T
    steps = np.hypot(np.diff(x, prepend=0.0), np.diff(y, prepend=0.0))
    steps[begins] = 0.0
    drawn = np.cumsum(steps)
    drawn -= drawn[begins][owner]
    whole = drawn[begins + sizes - 1]
    pace = np.where(whole > 0, streets.walk_mm[parts.edge] / 1000 / np.where(whole > 0, whole, 1.0), 0.0)
    return np.stack([owner.astype(float), drawn * pace[owner]]), x, y
