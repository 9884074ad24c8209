"""The street network; how points join it stands in `anchors`.

Lengths and walks are whole millimetres, so that sums do not depend on order, threads or machines. A walk is counted in
millimetres of level street: steps, which are slower, count more (`walk_mm`). Nodes are junctions, dead ends and
places where the kind of way changes; the vertices between them belong to an edge's geometry. Walking goes both ways on
every edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .checks import lonlat_faults, read_only
from .coordinates import local_crs, project, unproject
from .errors import InputError, raise_faults
from .source import Source

KINDS = ("street", "path", "steps", "indoor")
"""Kinds of way an edge can be, by index."""

LONGEST_EDGE_MM = 2**31 - 1
STEPS_PACE = 2.5
"""How many metres of street the time for one metre of steps (measured flat, as on a map) would pay for: GraphHopper's foot
profile walks steps at 2 km/h and streets at 5; the stair speeds of IES's evacuation guide (0.5 of the level speed down,
0.35 up) give 2.4 on average of both ways."""

UNSEEN = np.int32(2**30)
"""More millimetres than any bounded walk (1,073 km), less than what would overflow when an edge is added."""
NOWHERE = np.int64(2**62)
"""Millimetres to where no walk leads; leaves room to add a walk without overflow."""


@dataclass(frozen=True)
class StreetNetwork:
    """Walkable streets: N nodes, U edges walked both ways, V vertices of their geometry.

    xy            (N, 2) metres in crs
    ends          (U, 2) int32: the nodes where edge u begins and ends
    length_mm     (U,) int32, along the geometry
    kind          (U,) uint8: index into KINDS
    vertex_start  (U+1,) int64: edge u has vertices vertex_start[u] : vertex_start[u+1]
    vertex_xy     (V, 2) metres, from end 0 to end 1
    start         (N+1,) int64: node n has directed edges (slots) start[n] : start[n+1], shortest first; E = 2U of them
    head          (E,) int32: the node a directed edge leads to
    way           (E,) int32: 2 * edge + direction (0 from end 0 to end 1, 1 back)
    crs           projected, metres
    """

    xy: np.ndarray
    ends: np.ndarray
    length_mm: np.ndarray
    kind: np.ndarray
    vertex_start: np.ndarray
    vertex_xy: np.ndarray
    start: np.ndarray
    head: np.ndarray
    way: np.ndarray
    crs: str
    source: Source

    def save(self, path: str | Path) -> None:
        """Write the network to a folder that `read_streets` opens at once; see `aedplan.store`."""
        from .store import save

        save(self, Path(path))

    @cached_property
    def walk_mm(self) -> np.ndarray:
        """(U,) int32: the walk along each edge in millimetres of street, a metre of steps counting STEPS_PACE metres."""
        return read_only(_walk_mm(self.length_mm, self.kind))

    @cached_property
    def arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What walks read of the directed edges: start (N+1,), arc (E, 2), onward (E,) and way (E,), all int32.

        arc     the node it leads to and the walk along it, side by side in memory
        onward  the shortest walk on from there but for the way back, UNSEEN at a dead end
        """
        walk = self.walk_mm[self.way >> 1]
        first, end = self.start[:-1][self.head], self.start[1:][self.head]
        first = first + (self.way[first] == self.way ^ 1)
        onward = np.where(first < end, walk[np.minimum(first, len(walk) - 1)], UNSEEN)
        arc = np.column_stack([self.head, walk])
        return read_only(self.start.astype(np.int32)), read_only(arc), read_only(onward), read_only(self.way)

    @cached_property
    def component(self) -> np.ndarray:
        """(N,) int32: which connected part a node belongs to; 0 is the part with most nodes."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ones = np.ones(len(self.ends), dtype=np.int8)
        graph = coo_array((ones, (self.ends[:, 0], self.ends[:, 1])), shape=(len(self.xy),) * 2).tocsr()
        label = connected_components(graph, directed=False)[1]
        order = np.argsort(-np.bincount(label), kind="stable")
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order))
        part: np.ndarray = read_only(np.asarray(rank[label]))
        return part

    @cached_property
    def lines(self) -> np.ndarray:
        """(U,) shapely LineStrings in crs."""
        import shapely

        counts = np.diff(self.vertex_start)
        return np.asarray(shapely.linestrings(self.vertex_xy, indices=np.repeat(np.arange(len(counts)), counts)))

    @cached_property
    def boxes(self) -> tuple[np.ndarray, np.ndarray]:
        """(2, U) least and (2, U) greatest x and y of each edge."""
        first, columns = self.vertex_start[:-1], np.ascontiguousarray(self.vertex_xy.T)
        low, high = (np.stack([end.reduceat(column, first) for column in columns]) for end in (np.minimum, np.maximum))
        return read_only(low), read_only(high)

    @cached_property
    def vertex_along(self) -> np.ndarray:
        """(V,) metres from the very first vertex along all of them; differences within an edge are what counts."""
        return read_only(np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.vertex_xy, axis=0).T))]))

    @cached_property
    def piece(self) -> np.ndarray:
        """(S,) the first vertex of each straight piece of street."""
        first = np.ones(len(self.vertex_xy), dtype=bool)
        first[self.vertex_start[1:] - 1] = False
        return np.flatnonzero(first)

    @cached_property
    def cells(self) -> tuple[np.ndarray, float, tuple[int, int]]:
        """Square cells over the streets, about as many as pieces: south-west corner, size in metres, (columns, rows)."""
        corner, extent = self.vertex_xy.min(axis=0), np.ptp(self.vertex_xy, axis=0)
        cell_m = max(20.0, float(np.sqrt(extent[0] * extent[1] / len(self.piece))))
        cell_m = max(cell_m, float(extent.max()) / 30_000)
        return corner, cell_m, (int(extent[0] // cell_m) + 1, int(extent[1] // cell_m) + 1)

    @cached_property
    def grid(self) -> tuple[Any, np.ndarray, float, tuple[int, int]]:
        """Cells to find the nearest piece: what they hold, and `cells`."""
        from .kernels.snapping import fill_grid

        corner, cell_m, shape = self.cells
        return fill_grid(self.vertex_xy, self.piece, corner, cell_m, shape), corner, cell_m, shape


def millimetres(metres: np.ndarray) -> np.ndarray:
    """Metres as whole millimetres, int32, rounded to nearest; the one place where lengths become whole."""
    whole: np.ndarray = np.rint(np.asarray(metres) * 1000).astype(np.int32)
    return whole


def build(
    vertex_lonlat: np.ndarray,
    ways: Sequence[Sequence[int]] | Sequence[np.ndarray],
    *,
    way_kind: Sequence[int],
    blocked: Sequence[int] = (),
    source: Source,
) -> StreetNetwork:
    """A network from ways over shared vertices.

    vertex_lonlat  (V, 2) WGS-84 degrees; ways meet where they name the same vertex
    ways           sequences of vertex numbers
    way_kind       (W,) index into KINDS
    blocked        vertices nobody can pass, such as a locked gate; segments at them end there

    Raises InputError when nothing walkable is left, or when two following vertices lie at infinity.
    """
    faults = lonlat_faults(vertex_lonlat, source.file or "streets")
    raise_faults(faults)
    segments, kind = _segments(ways, np.asarray(way_kind, dtype=np.uint8))
    if not len(segments):
        raise InputError(f"{source.file or 'streets'}: no walkable street in it; expected at least one")
    crs = local_crs(vertex_lonlat[np.unique(segments)])
    segments, origin = _split_at(segments, np.asarray(blocked, dtype=np.int64), len(vertex_lonlat))
    xy = project(vertex_lonlat, crs)[origin]
    chain_start, chain_vertex, chain_kind = _chains(segments, kind, len(xy))
    return assemble(xy[chain_vertex], chain_start, chain_vertex, chain_kind, crs, source)


def _segments(ways: Sequence[Sequence[int]] | Sequence[np.ndarray], kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S, 2) distinct pairs of neighbouring vertices of all ways, and the kind of the first way that has each."""
    sizes = np.array([len(way) for way in ways], dtype=np.int64)
    if not sizes.sum():
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.uint8)
    flat = np.concatenate([np.asarray(way, dtype=np.int64) for way in ways])
    of_way = np.repeat(np.arange(len(sizes)), sizes)
    pairs = np.column_stack([flat[:-1], flat[1:]])
    keep = (of_way[:-1] == of_way[1:]) & (pairs[:, 0] != pairs[:, 1])
    pairs, of_way = pairs[keep], of_way[:-1][keep]
    _, first = np.unique(np.sort(pairs, axis=1), axis=0, return_index=True)
    first.sort()
    return pairs[first], kind[of_way[first]]


def _split_at(segments: np.ndarray, blocked: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give every segment that touches a blocked vertex its own copy of it, so that the walk ends there.

    Returns the segments over new vertex numbers, and for each new vertex the old one.
    """
    origin = np.arange(count)
    at = np.isin(segments, blocked)
    copies = segments[at]
    segments = segments.copy()
    segments[at] = count + np.arange(len(copies))
    return segments, np.concatenate([origin, copies])


def _chains(segments: np.ndarray, kind: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join segments through vertices where exactly two of one kind meet.

    Returns chain_start (U+1,), chain_vertex, chain_kind (U,).
    """
    from .kernels.tracing import trace_chains

    degree = np.bincount(segments.ravel(), minlength=count)
    lowest = np.full(count, 255, dtype=np.uint8)
    highest = np.zeros(count, dtype=np.uint8)
    for column in (0, 1):
        np.minimum.at(lowest, segments[:, column], kind)
        np.maximum.at(highest, segments[:, column], kind)
    is_node = (degree != 2) | (lowest != highest)
    order = np.argsort(segments.ravel(), kind="stable")
    start = np.concatenate([[0], np.cumsum(degree)])
    chains: tuple[np.ndarray, np.ndarray, np.ndarray] = trace_chains(segments, kind, is_node, start, order // 2)
    return chains


def assemble(
    vertex_xy: np.ndarray,
    vertex_start: np.ndarray,
    vertex_id: np.ndarray,
    kind: np.ndarray,
    crs: str,
    source: Source,
) -> StreetNetwork:
    """A network from finished edges.

    vertex_xy     (V, 2) metres, edge after edge
    vertex_start  (U+1,)
    vertex_id     (V,) edges meet where their first or last ids are equal
    kind          (U,) index into KINDS
    """
    steps = np.hypot(*np.diff(vertex_xy, axis=0).T) if len(vertex_xy) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length_m = along[vertex_start[1:] - 1] - along[vertex_start[:-1]]
    if not np.isfinite(length_m).all() or length_m.max() * 1000 * STEPS_PACE > LONGEST_EDGE_MM:
        raise InputError(f"{source.file or 'streets'}: an edge is {length_m.max():.0f} m long; expected under 800 km")
    order = along_curve(vertex_xy[vertex_start[:-1]])
    vertex_xy, vertex_start, vertex_id = _reordered(vertex_xy, vertex_start, vertex_id, order)
    length_mm, kind = millimetres(length_m)[order], kind[order].astype(np.uint8)
    first, last = vertex_start[:-1], vertex_start[1:] - 1
    both = np.column_stack([vertex_id[first], vertex_id[last]]).ravel()
    at = np.column_stack([first, last]).ravel()
    _, where, number = np.unique(both, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(where, kind="stable"), kind="stable")  # nodes in the order edges name them first
    ends = rank[number].reshape(-1, 2).astype(np.int32)
    tail, head = ends.ravel(), ends[:, ::-1].ravel()
    slots = np.lexsort((np.arange(len(tail)), np.repeat(_walk_mm(length_mm, kind), 2), tail))
    return StreetNetwork(
        xy=read_only(vertex_xy[at[np.sort(where)]]),
        ends=read_only(ends),
        length_mm=read_only(length_mm),
        kind=read_only(kind),
        vertex_start=read_only(vertex_start),
        vertex_xy=read_only(vertex_xy),
        start=read_only(np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=len(where)))])),
        head=read_only(head[slots]),
        way=read_only(slots.astype(np.int32)),
        crs=crs,
        source=source,
    )


def along_curve(xy: np.ndarray) -> np.ndarray:
    """(n,) the order of points along a Hilbert curve, so that neighbours on the ground are neighbours in memory."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    x, y = ((xy - low) / max(*(high - low), 1.0) * 65535).astype(np.int64).T
    place = np.zeros(len(xy), dtype=np.int64)
    for bit in (1 << np.arange(15, -1, -1)).tolist():
        right, up = (x & bit) > 0, (y & bit) > 0
        place = place * 4 + 3 * right ^ up
        flip = ~up
        x, y = np.where(flip & right, 65535 - x, x), np.where(flip & right, 65535 - y, y)
        x, y = np.where(flip, y, x), np.where(flip, x, y)
    return np.argsort(place, kind="stable")


def _reordered(
    xy: np.ndarray, start: np.ndarray, id: np.ndarray, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The vertices of the edges in another order of edges: xy, start, id."""
    sizes = np.diff(start)[order]
    fresh = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    take = np.repeat(start[order] - fresh[:-1], sizes) + np.arange(fresh[-1])
    return xy[take], fresh, id[take]


def _walk_mm(length_mm: np.ndarray, kind: np.ndarray) -> np.ndarray:
    whole: np.ndarray = np.rint(length_mm * np.where(kind == KINDS.index("steps"), STEPS_PACE, 1.0)).astype(np.int32)
    return whole


def bounds(streets: StreetNetwork) -> np.ndarray:
    """West, south, east, north of the streets in WGS-84 degrees, (4,)."""
    west_south, east_north = streets.vertex_xy.min(axis=0), streets.vertex_xy.max(axis=0)
    corners = np.array([west_south, east_north, [west_south[0], east_north[1]], [east_north[0], west_south[1]]])
    lonlat = unproject(corners, streets.crs)
    return np.concatenate([lonlat.min(axis=0), lonlat.max(axis=0)])


def stretch(streets: StreetNetwork, edge: int, begin_mm: int, end_mm: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The line of an edge between two positions, in walking order: x (n,), y (n,), metres walked from where it begins (n,).

    begin_mm, end_mm  the walk from end 0, as in `Anchors.along_mm`; when end is before begin, the edge is walked back
    """
    xy = streets.vertex_xy[streets.vertex_start[edge] : streets.vertex_start[edge + 1]]
    drawn = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    walk_m = streets.walk_mm[edge] / 1000
    along = drawn * (walk_m / drawn[-1]) if drawn[-1] > 0 else drawn
    low, high = min(begin_mm, end_mm) / 1000, max(begin_mm, end_mm) / 1000
    at = np.concatenate([[low], along[(along > low) & (along < high)], [high]])
    at = at if begin_mm <= end_mm else at[::-1]
    return np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1]), np.abs(at - at[0])
