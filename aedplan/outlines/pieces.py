"""The straight pieces of street around some origins, and how far one has walked at their ends.

An edge is cut where the walks from its two ends meet, where each limit is reached, and at every bend, so that along a
piece the walk grows or shrinks evenly and belongs to one band: 0 within the first limit, 1 within the second, and so on.
Metres.
"""

from typing import NamedTuple

import numpy as np

from ..anchors import Anchors, pieces_of
from ..kernels.compiled import form_of
from ..kernels.cutting import cut_edges
from ..network import StreetNetwork
from ..reach import borrow, columns_of, give_back
from ..walks import walk

FAR_M = 1e9
"""The walk to where none of the limits leads."""
_FAR_MM = round(FAR_M * 1000)


class Pieces(NamedTuple):
    """P pieces of street.

    ends  (P, 6) x, y, x, y of both ends, and the metres walked to them; FAR_M or more beyond the last limit
    band  (P,) ascending; how many limits end before the piece is reached
    """

    ends: np.ndarray
    band: np.ndarray

    def within(self, limits: int) -> np.ndarray:
        """(p, 6) the ends of the pieces that the longest of so many limits reaches."""
        reached: np.ndarray = self.ends[: np.searchsorted(self.band, limits)]
        return reached


class _Edges(NamedTuple):
    """Edges that are walked: their numbers, ascending (n,), and the millimetres walked to both ends of each (n, 2)."""

    number: np.ndarray
    walked_mm: np.ndarray


def street_pieces(
    streets: StreetNetwork, origins: Anchors, limits_m: np.ndarray, *, margin_m: float = 0.0, fast: bool = False
) -> Pieces:
    """The pieces that can be walked from any of the origins, and with a margin the unreached ones around them.

    limits_m  (L,) ascending
    margin_m  how far from the reached ones to look for others
    fast      compiled, for many origins; what is reached is the same
    """
    limit_mm = round(float(limits_m[-1]) * 1000)
    edges = (_one_walk if fast and len(origins) == 1 else _walks)(streets, origins, limit_mm)
    ends, band = form_of(cut_edges, fast)(_shape_of(streets), edges, _marks(edges.number, origins), limits_m)
    if margin_m > 0 and len(edges.number):
        beyond = _beyond(streets, edges.number, _box(streets, origins, edges.number, float(limits_m[-1])), margin_m)
        ends, band = np.concatenate([ends, beyond]), np.concatenate([band, np.full(len(beyond), len(limits_m))])
    order = np.argsort(band, kind="stable")
    return Pieces(ends[order], band[order])


def _shape_of(streets: StreetNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return streets.vertex_xy, streets.vertex_start, streets.walk_mm


def _walks(streets: StreetNetwork, origins: Anchors, limit_mm: int) -> _Edges:
    """The edges that have an origin or a node that was reached."""
    reached = walk(streets, origins, limit_mm=limit_mm).distance_mm
    nodes = np.fromiter(reached, np.int64, len(reached))
    first, size = streets.start[nodes], streets.start[nodes + 1] - streets.start[nodes]
    slots = np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum())
    number = _distinct(np.concatenate([streets.way[slots] >> 1, origins.edge]))
    walked = [reached.get(node, _FAR_MM) for node in streets.ends[number].ravel().tolist()]
    return _Edges(number, np.array(walked, dtype=np.int64).reshape(-1, 2))


def _one_walk(streets: StreetNetwork, origin: Anchors, limit_mm: int) -> _Edges:
    """As `_walks` of one origin, compiled."""
    from ..kernels.walks import edges_walked

    scratch = borrow(len(streets.xy))
    number, walked_mm = edges_walked(streets.arcs, streets.ends, columns_of(origin), limit_mm, _FAR_MM, scratch.here)
    give_back(scratch)
    order = np.argsort(number)
    return _Edges(number[order], walked_mm[order])


def _marks(edges: np.ndarray, origins: Anchors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where origins stand on edges: first (n+1,), walk from end 0 and metres off the street in mm, ascending on an edge."""
    order = np.lexsort([origins.along_mm[:, 0], origins.edge])
    first = np.searchsorted(origins.edge[order], np.append(edges, np.iinfo(np.int32).max))
    return first, origins.along_mm[order, 0].astype(np.int64), origins.off_mm[order].astype(np.int64)


def _box(streets: StreetNetwork, origins: Anchors, edges: np.ndarray, limit_m: float) -> np.ndarray:
    """West, south, east, north of what can be reached: of the edges, and of the limit as the crow flies."""
    low, high = streets.boxes
    west_south, east_north = low[:, edges].min(axis=1), high[:, edges].max(axis=1)
    nearest_low, nearest_high = low[:, origins.edge].min(axis=1), high[:, origins.edge].max(axis=1)
    return np.concatenate(
        [np.maximum(west_south, nearest_low - limit_m), np.minimum(east_north, nearest_high + limit_m)]
    )


def _beyond(streets: StreetNetwork, edges: np.ndarray, box: np.ndarray, margin_m: float) -> np.ndarray:
    """(p, 6) the pieces of other edges whose boxes, or whose cells of the grid where there is one, touch a box."""
    wide = box + margin_m * np.array([-1, -1, 1, 1])
    piece = _pieces_by_grid(streets, wide) if "grid" in vars(streets) else _pieces_by_boxes(streets, wide)
    edge = np.searchsorted(streets.vertex_start, piece, side="right") - 1
    at = np.minimum(np.searchsorted(edges, edge), len(edges) - 1)
    piece = piece[edges[at] != edge]
    ends = np.full((len(piece), 6), FAR_M)
    ends[:, :2], ends[:, 2:4] = streets.vertex_xy[piece], streets.vertex_xy[piece + 1]
    return ends


def _pieces_by_boxes(streets: StreetNetwork, box: np.ndarray) -> np.ndarray:
    low, high = streets.boxes
    west, south, east, north = box
    return pieces_of(
        streets, np.flatnonzero((low[0] <= east) & (high[0] >= west) & (low[1] <= north) & (high[1] >= south))
    )


def _pieces_by_grid(streets: StreetNetwork, box: np.ndarray) -> np.ndarray:
    (first, held), corner, cell_m, (columns, rows) = streets.grid
    west, south, east, north = np.floor((box - np.tile(corner, 2)) / cell_m).astype(np.int64).tolist()
    begin = np.arange(max(south, 0), min(north + 1, rows)) * columns
    left, right = first[begin + min(max(west, 0), columns)], first[begin + min(max(east + 1, 0), columns)]
    parts = [held[a:b] for a, b in zip(left.tolist(), right.tolist(), strict=True)]
    return _distinct(np.concatenate([held[:0], *parts]))


def _distinct(numbers: np.ndarray) -> np.ndarray:
    """The different ones of some numbers, ascending; as np.unique, which would load numpy.ma for one click."""
    ascending = np.sort(numbers)
    return ascending[np.diff(ascending, prepend=-1) > 0]
