"""Where points join the streets: on an edge, never merely at a node; the metres off the street count as walking."""

import sys
from dataclasses import dataclass

import numpy as np

from .checks import lonlat_faults, read_only
from .coordinates import project
from .errors import raise_faults
from .network import LONGEST_EDGE_MM, StreetNetwork, millimetres


@dataclass(frozen=True)
class Anchors:
    """Where P points join the network: on an edge, never merely at a node.

    edge      (P,) int32
    along_mm  (P, 2) int32: the walk along the edge to its end 0 and its end 1
    off_mm    (P,) int32: straight from the point to the edge; counts as walking
    """

    edge: np.ndarray
    along_mm: np.ndarray
    off_mm: np.ndarray

    def __len__(self) -> int:
        return len(self.edge)

    def some(self, rows: np.ndarray | list[int]) -> "Anchors":
        """Those of some of the points."""
        return Anchors(self.edge[rows], self.along_mm[rows], self.off_mm[rows])


FAR_FROM_STREET_M = 1_000.0
"""A place further than this from every walkable street is taken for a mistake in its coordinates."""


def snap(streets: StreetNetwork, lonlat: np.ndarray) -> Anchors:
    """Join points to their nearest edge; of equally near edges the first.

    lonlat  (P, 2) WGS-84 degrees

    Raises InputError for coordinates outside the world.
    """
    raise_faults(lonlat_faults(lonlat, "points"))
    points = project(lonlat, streets.crs) if len(lonlat) else np.zeros((0, 2))
    if _is_little(streets, len(points)):
        piece, share = nearest_pieces_plainly(streets, points)
    else:
        from .kernels.compiled import form_of
        from .kernels.finding import nearest_pieces

        grid, corner, cell_m, shape = streets.grid
        piece, share = form_of(nearest_pieces, True)(streets.vertex_xy, grid, points, corner, cell_m, shape)
    edge = np.searchsorted(streets.vertex_start, piece, side="right") - 1
    begin, step = streets.vertex_xy[piece], streets.vertex_xy[piece + 1] - streets.vertex_xy[piece]
    off_m = np.hypot(*(points - begin - share[:, None] * step).T)
    walk = streets.walk_mm[edge]
    return Anchors(
        edge=read_only(edge.astype(np.int32)),
        along_mm=read_only(_walks_along(streets, edge, piece, share * np.hypot(*step.T), walk)),
        off_mm=read_only(millimetres(np.minimum(off_m, LONGEST_EDGE_MM / 1000))),
    )


PLAIN_WORK = 5_000_000
"""Up to so many points times edges (some tens of milliseconds) points are joined without the compiler, so that one click
answers at once; a grid that was made for more serves all that follow."""
PLAIN_POINTS = 30
"""Up to so many where the compiler has been loaded already: making a grid takes as long as joining some forty plainly."""


def _is_little(streets: StreetNetwork, points: int) -> bool:
    """Whether so many points are joined sooner without the compiler."""
    few = points <= PLAIN_POINTS or "numba" not in sys.modules
    return few and points * len(streets.ends) <= PLAIN_WORK and "grid" not in vars(streets)


def nearest_pieces_plainly(streets: StreetNetwork, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As the kernel `finding.nearest_pieces`, by looking at every piece of every edge that may be the nearest."""
    found, share = np.empty(len(points), dtype=np.int64), np.empty(len(points))
    for number, point in enumerate(points):
        piece = pieces_of(streets, _edges_near(streets, point))
        first = streets.vertex_xy[piece]
        step = streets.vertex_xy[piece + 1] - first
        length_2 = step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]
        to = point - first
        along = to[:, 0] * step[:, 0] + to[:, 1] * step[:, 1]
        t = np.divide(along, length_2, out=np.zeros(len(along)), where=length_2 > 0).clip(0.0, 1.0)
        off = to - t[:, None] * step
        best = int(np.argmin(off[:, 0] * off[:, 0] + off[:, 1] * off[:, 1]))
        found[number], share[number] = piece[best], t[best]
    return found, share


def _edges_near(streets: StreetNetwork, point: np.ndarray) -> np.ndarray:
    """The edges whose box is not further than some other edge must be; the nearest edge is among them."""
    low, high = streets.boxes
    below, above = low - point[:, None], point[:, None] - high
    least_2 = (np.maximum(np.maximum(below, above), 0.0) ** 2).sum(axis=0)
    most_2 = (np.maximum(-below, -above) ** 2).sum(axis=0)
    return np.flatnonzero(least_2 <= most_2.min() * (1 + 1e-9) + 1e-9)


def pieces_of(streets: StreetNetwork, edge: np.ndarray) -> np.ndarray:
    """The first vertices of all straight pieces of some edges, ascending."""
    begin, count = streets.vertex_start[edge], np.diff(streets.vertex_start)[edge] - 1
    ends = np.cumsum(count)
    piece: np.ndarray = np.arange(ends[-1]) + np.repeat(begin - ends + count, count)
    return piece


def _walks_along(
    streets: StreetNetwork, edge: np.ndarray, piece: np.ndarray, into_m: np.ndarray, walk: np.ndarray
) -> np.ndarray:
    """(P, 2) int32 the walk to both ends of an edge from `into_m` metres into one of its pieces."""
    along = streets.vertex_along
    first, last = streets.vertex_start[edge], streets.vertex_start[edge + 1] - 1
    drawn = along[last] - along[first]
    share = (along[piece] - along[first] + into_m) / np.where(drawn > 0, drawn, 1.0)
    begin = np.clip(np.rint(share * walk), 0, walk).astype(np.int32)
    return np.column_stack([begin, walk - begin])
