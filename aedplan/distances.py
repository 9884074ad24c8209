"""How far it is on foot between a few origins and any place at all, from a table made once.

The table holds the walk from every origin to every node of the streets; the walk to a place is then two looks into it,
one for each end of the place's edge. Exact: equal to Dijkstra's on the same network, in whole millimetres. Made for a
service that answers many questions about the same devices and should start at once, so it waits for no compiler; for a
single question `reach` and `nearest` need no table.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .anchors import Anchors
from .checks import read_only
from .network import LONGEST_EDGE_MM, NOWHERE, StreetNetwork
from .reach import as_anchors
from .walks import walk

NO_WAY = -1
"""What the table holds where a node cannot be walked to."""

_CHUNK = 64  # origins searched at once, to keep their distances in floating point small


@dataclass(frozen=True)
class WalkTable:
    """Walks between O origins and the N nodes of one network.

    distance_mm  (O, N) int32, metres off the street at the origin included; NO_WAY where there is none under 2,147 km
    origins      where the origins join the streets
    """

    distance_mm: np.ndarray
    origins: Anchors


def walk_table(streets: StreetNetwork, origins: np.ndarray | Anchors) -> WalkTable:
    """The walks from every origin to every node; 4 bytes for each pair.

    origins  (O, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets

    Raises InputError for coordinates outside the world.
    """
    from scipy.sparse.csgraph import dijkstra

    anchors, nodes = as_anchors(streets, origins), len(streets.xy)
    by_node = np.full((nodes, len(anchors)), NO_WAY, dtype=np.int32)  # so the walks from one place lie side by side
    graph = _graph_with_origins(streets, anchors)
    for first in range(0, len(anchors), _CHUNK):
        rows = np.arange(first, min(first + _CHUNK, len(anchors)))
        walked = dijkstra(graph, indices=nodes + rows, limit=float(LONGEST_EDGE_MM))[:, :nodes]
        walked += anchors.off_mm[rows, None]
        by_node[:, rows] = np.where(walked <= LONGEST_EDGE_MM, walked, NO_WAY).T
    return WalkTable(read_only(by_node).T, anchors)


def walk_table_plainly(streets: StreetNetwork, origin: Anchors) -> WalkTable:
    """As `walk_table` for one origin, by plain Dijkstra: for the first who asks, before scipy has been read in."""
    found = walk(streets, origin, limit_mm=LONGEST_EDGE_MM).distance_mm
    distance = np.full((1, len(streets.xy)), NO_WAY, dtype=np.int32)
    distance[0, list(found)] = list(found.values())
    return WalkTable(read_only(distance), origin)


def _graph_with_origins(streets: StreetNetwork, origins: Anchors) -> Any:
    """(N+O, N+O) scipy CSR of millimetres: the streets, and from each origin one-way steps to the ends of its edge.

    Of several edges between the same two nodes the shortest stays. Whole millimetres are exact in floating point.
    """
    from scipy.sparse import csr_array

    size = len(streets.xy) + len(origins)
    ends = streets.ends[origins.edge]
    number = np.arange(len(streets.xy), size)
    tail = np.concatenate([streets.ends[:, 0], streets.ends[:, 1], number, number]).astype(np.int64)
    head = np.concatenate([streets.ends[:, 1], streets.ends[:, 0], ends[:, 0], ends[:, 1]])
    walk = np.concatenate([streets.walk_mm, streets.walk_mm, origins.along_mm[:, 0], origins.along_mm[:, 1]])
    order = np.lexsort([walk, head, tail])
    pair = (tail * size + head)[order]
    order = order[np.concatenate([[True], pair[1:] != pair[:-1]])]
    start = np.concatenate([[0], np.cumsum(np.bincount(tail[order], minlength=size))])
    return csr_array((walk[order].astype(float), head[order], start), shape=(size, size))


def walks_from(streets: StreetNetwork, table: WalkTable, points: np.ndarray | Anchors) -> np.ndarray:
    """(P, O) metres walked between points and the table's origins, off the street on both sides; inf where no way.

    points  (P, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets

    Raises InputError for coordinates outside the world.
    """
    point, origin = as_anchors(streets, points), table.origins
    best = np.full((len(point), len(origin)), NOWHERE)
    for side in (0, 1):
        to_node = table.distance_mm[:, streets.ends[point.edge, side]].T.astype(np.int64)
        np.minimum(best, to_node + point.along_mm[:, [side]], out=best, where=to_node != NO_WAY)
    np.minimum(best, _along_shared_edge(point, origin), out=best, where=point.edge[:, None] == origin.edge[None, :])
    return np.where(best < NOWHERE, (best + point.off_mm[:, None]) / 1000, np.inf)


def _along_shared_edge(point: Anchors, origin: Anchors) -> Any:
    """(P, O) millimetres straight along the edge, meant for pairs that lie on the same one."""
    between = point.along_mm[:, 0].astype(np.int64)[:, None] - origin.along_mm[:, 0][None, :]
    return np.abs(between) + origin.off_mm[None, :]
