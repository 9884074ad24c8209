"""How far it is on foot between a few origins and any place at all, from a table made once.

The table holds the walk from every origin to every node of the streets; the walk to a place is then two looks into it,
one for each end of the place's edge. Exact: equal to Dijkstra's on the same network, in whole millimetres. Made for a
service that answers many questions about the same devices; for a single question `reach` and `nearest` need no table.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import read_only
from .network import LONGEST_EDGE_MM, Anchors, StreetNetwork
from .reach import as_anchors, columns_of, graph_of

NO_WAY = -1
"""What the table holds where a node cannot be walked to."""


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
    from .tabling import node_distances

    anchors = as_anchors(streets, origins)
    distance = np.full((len(anchors), len(streets.xy)), NO_WAY, dtype=np.int32)
    node_distances(graph_of(streets), streets.ends, columns_of(anchors), LONGEST_EDGE_MM, distance)
    return WalkTable(read_only(distance), anchors)


def walks_from(streets: StreetNetwork, table: WalkTable, points: np.ndarray | Anchors) -> np.ndarray:
    """(P, O) metres walked between points and the table's origins, off the street on both sides; inf where no way.

    points  (P, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets

    Raises InputError for coordinates outside the world.
    """
    from .kernels import NOWHERE

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
