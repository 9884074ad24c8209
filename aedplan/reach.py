"""Walks along streets: whom each origin reaches within a limit, and which origin is nearest to everybody.

Every figure is a whole number of millimetres inside and exact: equal to Dijkstra's on the same network. Points lie on
edges; metres off the street count on both sides.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .anchors import Anchors, snap
from .checks import length_faults, read_only
from .circles import Measure
from .errors import InputError, raise_faults
from .network import NOWHERE, UNSEEN, StreetNetwork

_CHUNK = 512  # origins between two calls of `progress`; also what one thread takes at a time
_ROOM = 1 << 15  # pairs to make room for at first, few enough to stay in a processor's cache
_MOST_SPARE = 4

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
    from .kernels.placing import place_points
    from .kernels.walks import reach_rows

    limit_mm = limit_in_mm(limit_m)
    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    walks = (
        streets.arcs,
        streets.ends,
        columns_of(origin),
        place_points(streets.ends, len(streets.xy), columns_of(point)),
        limit_mm,
    )

    def part(rows: np.ndarray) -> list[_Piece]:
        pieces, scratch = [], borrow(len(streets.xy))
        while len(rows):
            end = np.zeros(len(rows), dtype=np.int64)
            done = reach_rows(*walks, rows, scratch.here, scratch.point, scratch.mm, end)
            if not done:
                scratch.make_room()
                continue
            last = end[done - 1]
            pieces.append((rows[:done], end[:done], scratch.point[:last].copy(), scratch.mm[:last].copy()))
            rows = rows[done:]
        give_back(scratch)
        return pieces

    pieces = [piece for answer in run_chunks(part, in_chunks(origin), len(origin), work) for piece in answer]
    start, all_point, all_mm = _in_order(pieces, len(origin), work.threads)
    return Reach(read_only(start), read_only(all_point), read_only(all_mm), limit_m, len(point))


_Piece = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Rows of an answer: the numbers of the origins, where each row ends, points, millimetres."""


def _in_order(pieces: list[_Piece], origins: int, threads: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pieces as one CSR with the origins in order: start, point, mm. Leaves no piece behind."""
    from .kernels.walks import copy_rows

    sizes = np.zeros(origins + 1, dtype=np.int64)
    for rows, end, _, _ in pieces:
        sizes[rows + 1] = np.diff(end, prepend=0)
    start = np.cumsum(sizes)
    point, mm = np.empty(start[-1], dtype=np.int32), np.empty(start[-1], dtype=np.int32)

    def put(number: np.ndarray) -> None:
        rows, end, some_point, some_mm = pieces[number[0]]
        copy_rows(rows, end, some_point, some_mm, start, point, mm)
        pieces[number[0]] = (rows, end, rows, rows)  # what is copied is let go at once

    for _ in run_chunks(put, list(np.arange(len(pieces))[:, None]), len(pieces), Work(threads)):
        pass
    return start, point, mm


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
    from .kernels.placing import place_points, weigh_nodes
    from .kernels.walks import reach_sums

    limit_mm = limit_in_mm(limit_m)
    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    raise_faults(length_faults("points", len(point), weight=weight))
    weight = read_only(np.asarray(weight, dtype=float)[:])
    at_node, rest = weigh_nodes(streets.ends, len(streets.xy), columns_of(point), weight)
    others = point.some(rest)
    places = place_points(streets.ends, len(streets.xy), columns_of(others))
    total, weights = np.zeros(len(origin)), (weight[rest], at_node)
    walks = streets.arcs, streets.ends, columns_of(origin), places, weights, limit_mm

    def part(rows: np.ndarray) -> np.ndarray:
        out, scratch = np.empty(len(rows)), borrow(len(streets.xy))
        reach_sums(*walks, rows, scratch.here, out)
        give_back(scratch)
        return out

    chunks = in_chunks(origin)
    for rows, sums in zip(chunks, run_chunks(part, chunks, len(origin), work), strict=True):
        total[rows] = sums
    return total


class Scratch:
    """What one thread's searches write on: 8 bytes for each node, and room for some pairs."""

    def __init__(self, nodes: int) -> None:
        self.here = np.full(nodes, UNSEEN, dtype=np.int32), np.empty(nodes + 1, dtype=np.int32)
        self.point, self.mm = np.empty(_ROOM, dtype=np.int32), np.empty(_ROOM, dtype=np.int32)

    def make_room(self) -> None:
        """Make room for four times as many pairs: a single row did not fit."""
        self.point, self.mm = (np.empty(4 * len(self.point), dtype=np.int32) for _ in range(2))


_SPARE: list[Scratch] = []
"""What finished searches wrote on, for the next ones, on this network or another that is no larger: filling it anew would
take longer than a few walks."""


def borrow(nodes: int) -> Scratch:
    """A scratch for so many nodes at least, to be given back clean; one lost to an interrupt is not missed."""
    while True:
        try:
            spare = _SPARE.pop()  # several threads may ask at once
        except IndexError:
            return Scratch(nodes)
        if len(spare.here[0]) >= nodes:
            return spare


def give_back(scratch: Scratch) -> None:
    """Keep a scratch for the next who asks, unless there are enough."""
    if len(_SPARE) < _MOST_SPARE:
        _SPARE.append(scratch)


def in_chunks(origin: Anchors) -> list[np.ndarray]:
    """The numbers of the origins in parts; neighbours on the ground together, so that they share what memory holds."""
    order = np.argsort(origin.edge, kind="stable").astype(np.int32)
    return [order[at : at + _CHUNK] for at in range(0, len(order), _CHUNK)]


Answer = TypeVar("Answer")


def run_chunks(
    part: Callable[[np.ndarray], Answer], chunks: list[np.ndarray], whole: int, work: Work
) -> Iterator[Answer]:
    """The answer of each chunk, in order; stops between chunks when the caller is interrupted."""
    done, pool = 0, ThreadPoolExecutor(work.threads) if work.threads > 1 and len(chunks) > 1 else None
    try:
        for rows, answer in zip(chunks, (pool.map if pool else map)(part, chunks), strict=True):
            done += len(rows)
            if work.progress:
                work.progress(done, whole)
            yield answer
    finally:
        if pool:
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
    from .kernels.labelling import nearest_point
    from .kernels.placing import grouped

    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    label, _ = _labels(streets, origin, way_back=False)
    who, metres = np.empty(len(point), dtype=np.int64), np.empty(len(point))
    on_edge = grouped(columns_of(origin)[0], len(streets.ends))
    nearest_point(streets.ends, columns_of(origin), columns_of(point), on_edge, label, who, metres)
    return Nearest(who, metres)


def nearest_tree(streets: StreetNetwork, origins: np.ndarray | Anchors) -> NearestTree:
    """The nearest origin of every node, and the way to it.

    origins  (n, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets
    """
    label, before = _labels(streets, as_anchors(streets, origins), way_back=True)
    reached = label < NOWHERE
    who = np.where(reached, label & 0xFFFFFF, -1).astype(np.int32)
    return NearestTree(read_only(who), read_only(np.where(reached, label >> 24, NOWHERE)), read_only(before))


def _labels(streets: StreetNetwork, origin: Anchors, *, way_back: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the kernel `nearest_origin` says of every node."""
    from .kernels.labelling import nearest_origin

    if len(origin) >= 2**24:
        raise InputError(f"origins: {len(origin):,} given; expected fewer than {2**24:,}")
    nodes = len(streets.xy)
    label, before = np.empty(nodes, dtype=np.int64), np.empty(nodes if way_back else 0, dtype=np.int32)
    nearest_origin(streets.arcs, streets.ends, columns_of(origin), label, before)
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


def columns_of(anchors: Anchors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The arrays of anchors, as kernels take them: read-only all, so that a kernel is compiled once."""
    return read_only(anchors.edge[:]), read_only(anchors.along_mm[:]), read_only(anchors.off_mm[:])
