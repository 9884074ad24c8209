"""Walks along streets: whom each origin reaches within a limit, and which origin is nearest to everybody.

Every figure is a whole number of millimetres inside and exact: equal to Dijkstra's on the same network. Points lie on
edges; metres off the street count on both sides.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .anchors import Anchors, snap
from .checks import length_faults, read_only
from .circles import Measure
from .errors import InputError, raise_faults
from .network import NOWHERE, StreetNetwork

_CHUNK = 512  # origins between two calls of `progress`; also what one thread takes at a time
_ROOM = 1 << 15  # pairs to make room for at first, few enough to stay in a processor's cache

Progress = Callable[[int, int], None]
"""Called now and then with (done, all)."""


@dataclass(frozen=True)
class Work:
    """How to work: the answer does not depend on it.

    threads   how many to use
    progress  called now and then
    """

    threads: int = 1
    progress: Progress | None = None


ONE_THREAD = Work()


@dataclass(frozen=True)
class Reach:
    """Whom each of S origins reaches, M pairs.

    start    (S+1,) int64: origin s reaches point[start[s] : start[s+1]]
    point    (M,) int32, sorted within each origin
    mm       (M,) int32, millimetres walked, metres off the street on both sides included
    limit_m  the limit of the walks
    points   how many points there were to reach
    """

    start: np.ndarray
    point: np.ndarray
    mm: np.ndarray
    limit_m: float
    points: int

    @property
    def metres(self) -> np.ndarray:
        """(M,) metres walked."""
        return self.mm / 1000

    def to_csr(self) -> Any:
        """(S, points) scipy CSR of bool: true where reached."""
        from scipy.sparse import csr_array

        shape = (len(self.start) - 1, self.points)
        return csr_array((np.ones(len(self.point), dtype=bool), self.point, self.start), shape=shape)


@dataclass(frozen=True)
class NearestTree:
    """The walks from every node of the streets to its nearest origin; a walk is a walk back from node to node.

    origin  (N,) int32 number of the nearest origin, -1 where none can be walked to
    mm      (N,) int64 millimetres walked, metres off the street at the origin included; NOWHERE where none
    before  (N,) int32 the next node on the way to the origin, -1 where the origin's own edge comes next
    """

    origin: np.ndarray
    mm: np.ndarray
    before: np.ndarray


class Nearest(NamedTuple):
    """The nearest origin of each point.

    origin  (n,) int64, -1 where no origin can be walked to
    metres  (n,) inf there
    """

    origin: np.ndarray
    metres: np.ndarray


def reach(
    streets: StreetNetwork,
    origins: np.ndarray | Anchors,
    points: np.ndarray | Anchors,
    *,
    limit_m: float,
    measure: Measure = "street",
    work: Work = ONE_THREAD,
) -> Reach:
    """Whom each origin reaches on foot within a limit.

    origins, points  (n, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets
    limit_m          metres one way, metres off the street included
    measure          "line": straight lines instead of walks, for comparing; takes degrees only

    Raises InputError for coordinates outside the world or a limit that is not a number of metres.
    """
    if measure == "line":
        from .straight import straight_reach

        return straight_reach(streets, *degrees(origins, points), limit_m=limit_m)
    from .kernels import copy_rows, reach_rows

    limit_mm = limit_in_mm(limit_m)
    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    graph, on_edges = graph_of(streets), points_on_edges(streets, point)

    scratch = Scratch(len(streets.xy))

    def part(rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        pieces, walks = [], (graph, streets.ends, columns_of(origin), on_edges, limit_mm)
        while len(rows):
            end = np.zeros(len(rows), dtype=np.int64)
            done = reach_rows(*walks, rows, scratch.here(), scratch.point, scratch.mm, end)
            if not done:
                scratch.make_room()
                continue
            last = end[done - 1]
            pieces.append((rows[:done], end[:done], scratch.point[:last].copy(), scratch.mm[:last].copy()))
            rows = rows[done:]
        return pieces

    pieces = [piece for answer in run_chunks(part, in_chunks(origin), len(origin), work) for piece in answer]
    sizes = np.zeros(len(origin) + 1, dtype=np.int64)
    for rows, end, _, _ in pieces:
        sizes[rows + 1] = np.diff(end, prepend=0)
    start = np.cumsum(sizes)
    all_point, all_mm = np.empty(start[-1], dtype=np.int32), np.empty(start[-1], dtype=np.int32)
    for number, (rows, end, some_point, some_mm) in enumerate(pieces):
        copy_rows(rows, end, some_point, some_mm, start, all_point, all_mm)
        pieces[number] = (rows, end, rows, rows)  # what is copied is let go at once
    return Reach(read_only(start), read_only(all_point), read_only(all_mm), limit_m, len(point))


def reach_sum(
    streets: StreetNetwork,
    origins: np.ndarray | Anchors,
    points: np.ndarray | Anchors,
    weight: np.ndarray,
    *,
    limit_m: float,
    work: Work = ONE_THREAD,
) -> np.ndarray:
    """The summed weight of the points that each origin reaches, (n,); as `reach`, but no pair is kept.

    weight  (D,) of the points
    """
    from .kernels import reach_sums

    limit_mm = limit_in_mm(limit_m)
    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    raise_faults(length_faults("points", len(point), weight=weight))
    at_node, rest = split_at_nodes(streets, point, np.asarray(weight, dtype=float))
    on_edges = points_on_edges(streets, Anchors(point.edge[rest], point.along_mm[rest], point.off_mm[rest]))
    total, scratch = np.zeros(len(origin)), Scratch(len(streets.xy))
    weights = np.asarray(weight, dtype=float)[rest], at_node
    walks = graph_of(streets), streets.ends, columns_of(origin), on_edges, weights, limit_mm

    def part(rows: np.ndarray) -> np.ndarray:
        out = np.empty(len(rows))
        reach_sums(*walks, rows, scratch.here(), out)
        return out

    chunks = in_chunks(origin)
    for rows, sums in zip(chunks, run_chunks(part, chunks, len(origin), work), strict=True):
        total[rows] = sums
    return total


def split_at_nodes(streets: StreetNetwork, point: Anchors, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The summed weight of the points that stand right at each node (N,), and the numbers of all other points.

    A point at a node is reached when the node is, so that a sum need not look for it along the edges.
    """
    at = (point.along_mm == 0) & (point.off_mm == 0)[:, None]
    side = np.where(at[:, 0], 0, 1)
    there = at.any(axis=1)
    node = streets.ends[point.edge[there], side[there]]
    return np.bincount(node, weights=weight[there], minlength=len(streets.xy)), np.flatnonzero(~there)


class Scratch(threading.local):
    """What one thread's searches write on: made once for each thread, 8 bytes for each node, and room for some pairs."""

    def __init__(self, nodes: int) -> None:
        from .kernels import UNSEEN

        self.distance = np.full(nodes, UNSEEN, dtype=np.int32)
        self.touched = np.empty(nodes, dtype=np.int32)
        self.point, self.mm = np.empty(_ROOM, dtype=np.int32), np.empty(_ROOM, dtype=np.int32)

    def make_room(self) -> None:
        """Make room for four times as many pairs: a single row did not fit."""
        self.point, self.mm = (np.empty(4 * len(self.point), dtype=np.int32) for _ in range(2))

    def here(self) -> tuple[np.ndarray, np.ndarray]:
        """The arrays of the thread that asks."""
        return self.distance, self.touched


def in_chunks(origin: Anchors) -> list[np.ndarray]:
    """The numbers of the origins in parts; neighbours on the ground together, so that they share what memory holds."""
    order = np.argsort(origin.edge, kind="stable").astype(np.int32)
    return [order[at : at + _CHUNK] for at in range(0, len(order), _CHUNK)]


Answer = TypeVar("Answer")


def run_chunks(
    part: Callable[[np.ndarray], Answer], chunks: list[np.ndarray], whole: int, work: Work
) -> Iterator[Answer]:
    """The answer of each chunk, in order; stops between chunks when the caller is interrupted."""
    done = 0
    with ThreadPoolExecutor(max(1, work.threads)) as pool:
        answers = pool.map(part, chunks) if work.threads > 1 else map(part, chunks)
        try:
            for rows, answer in zip(chunks, answers, strict=True):
                done += len(rows)
                if work.progress:
                    work.progress(done, whole)
                yield answer
        finally:
            pool.shutdown(cancel_futures=True)


def nearest(
    streets: StreetNetwork,
    origins: np.ndarray | Anchors,
    points: np.ndarray | Anchors,
    *,
    measure: Measure = "street",
) -> Nearest:
    """The origin that each point walks to soonest, however far; of equally near ones the first.

    origins, points  (n, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets
    measure          "line": straight lines instead of walks, for comparing; takes degrees only

    Raises InputError for coordinates outside the world.
    """
    if measure == "line":
        from .straight import straight_nearest

        return straight_nearest(streets, *degrees(origins, points))
    from .kernels import nearest_point

    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    label, _ = _labels(streets, origin)
    who, mm = np.empty(len(point), dtype=np.int64), np.empty(len(point), dtype=np.int64)
    by_edge = group_by_edge(streets, origin)
    nearest_point(streets.ends, columns_of(origin), columns_of(point), by_edge, label, who, mm)
    return Nearest(who, np.where(mm < NOWHERE, mm / 1000, np.inf))


def nearest_tree(streets: StreetNetwork, origins: np.ndarray | Anchors) -> NearestTree:
    """The nearest origin of every node, and the way to it.

    origins  (n, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets
    """
    label, before = _labels(streets, as_anchors(streets, origins))
    reached = label < NOWHERE
    who = np.where(reached, label & 0xFFFFFF, -1).astype(np.int32)
    return NearestTree(read_only(who), read_only(np.where(reached, label >> 24, NOWHERE)), read_only(before))


def _labels(streets: StreetNetwork, origin: Anchors) -> tuple[np.ndarray, np.ndarray]:
    """What the kernel `nearest_origin` says of every node."""
    from .kernels import nearest_origin

    if len(origin) >= 2**24:
        raise InputError(f"origins: {len(origin):,} given; expected fewer than {2**24:,}")
    label, before = np.empty(len(streets.xy), dtype=np.int64), np.empty(len(streets.xy), dtype=np.int32)
    nearest_origin(graph_of(streets), streets.ends, columns_of(origin), label, before)
    return label, before


def as_anchors(streets: StreetNetwork, points: np.ndarray | Anchors) -> Anchors:
    """Points joined to the streets, if they are not yet."""
    return points if isinstance(points, Anchors) else snap(streets, np.asarray(points, dtype=float).reshape(-1, 2))


def degrees(*places: np.ndarray | Anchors) -> tuple[np.ndarray, ...]:
    """Places that must be given in degrees, since straight lines know no streets; InputError for anchors."""
    if any(isinstance(place, Anchors) for place in places):
        raise InputError('measure "line" takes longitude, latitude in degrees; expected no anchors on streets')
    return tuple(np.asarray(place, dtype=float).reshape(-1, 2) for place in places)


def limit_in_mm(limit_m: float) -> int:
    """A limit in whole millimetres; InputError unless it is 0 to 1,000 km."""
    if not 0 <= limit_m <= 1e6:
        raise InputError(f"limit_m is {limit_m}; expected metres, 0 to 1,000,000")
    return round(limit_m * 1000)


def graph_of(streets: StreetNetwork) -> tuple[np.ndarray, ...]:
    """The arrays kernels walk on."""
    return streets.start, streets.head, streets.way, streets.slot_mm


def columns_of(anchors: Anchors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The arrays of anchors, as kernels take them."""
    return anchors.edge, anchors.along_mm, anchors.off_mm


def group_by_edge(streets: StreetNetwork, anchors: Anchors) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the points on each edge: first (U+1,) and number (P,), ascending within an edge."""
    order = np.argsort(anchors.edge, kind="stable").astype(np.int32)
    counts = np.bincount(anchors.edge, minlength=len(streets.ends))
    return np.concatenate([[0], np.cumsum(counts)]), order


def points_on_edges(streets: StreetNetwork, anchors: Anchors) -> tuple[np.ndarray, ...]:
    """Points in the order of their edges, as kernels take them: first (U+1,), number, walk from end 0, metres off (P,)."""
    first, number = group_by_edge(streets, anchors)
    return first, number, np.ascontiguousarray(anchors.along_mm[number, 0]), anchors.off_mm[number]
