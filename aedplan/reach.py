"""Walks along streets: whom each origin reaches within a limit, and which origin is nearest to everybody.

Every figure is a whole number of millimetres inside and exact: equal to Dijkstra's on the same network. Points lie on
edges; metres off the street count on both sides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .checks import read_only
from .errors import InputError
from .network import NOWHERE, Anchors, StreetNetwork, snap

_ROOM_PER_ORIGIN = 64  # pairs to make room for at first; grows as needed
_CHUNK = 256  # origins between two calls of `progress`

Progress = Callable[[int, int], None]
"""Called now and then with (done, all)."""


@dataclass(frozen=True)
class Reach:
    """Whom each of S origins reaches, M pairs.

    start   (S+1,) int64: origin s reaches point[start[s] : start[s+1]]
    point   (M,) int32, sorted within each origin
    mm      (M,) int32, millimetres walked, metres off the street on both sides included
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
    progress: Progress | None = None,
) -> Reach:
    """Whom each origin reaches on foot within a limit.

    origins, points  (n, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets
    limit_m          metres one way, metres off the street included

    Raises InputError for coordinates outside the world or a limit that is not a number of metres.
    """
    from .kernels import reach_rows

    limit_mm = limit_in_mm(limit_m)
    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    graph, by_edge = graph_of(streets), group_by_edge(streets, point)
    sizes, rows, lengths = [np.zeros(1, dtype=np.int64)], [], []
    done, room = 0, _ROOM_PER_ORIGIN * _CHUNK
    while done < len(origin):
        last = min(done + _CHUNK, len(origin))
        part = tuple(column[:last] for column in columns_of(origin))
        out = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32), np.zeros(_CHUNK + 1, dtype=np.int64)
        reached = reach_rows(graph, streets.ends, part, columns_of(point), by_edge, limit_mm, done, *out)
        if reached == done:
            room *= 4
            continue
        filled = int(out[2][reached - done])
        sizes.append(np.diff(out[2][: reached - done + 1]))
        rows.append(out[0][:filled].copy())
        lengths.append(out[1][:filled].copy())
        done = int(reached)
        if progress:
            progress(done, len(origin))
    none = [np.zeros(0, dtype=np.int32)]
    return Reach(
        start=read_only(np.cumsum(np.concatenate(sizes))),
        point=read_only(np.concatenate(rows or none)),
        mm=read_only(np.concatenate(lengths or none)),
        limit_m=limit_m,
        points=len(point),
    )


def nearest(streets: StreetNetwork, origins: np.ndarray | Anchors, points: np.ndarray | Anchors) -> Nearest:
    """The origin that each point walks to soonest, however far; of equally near ones the first.

    origins, points  (n, 2) WGS-84 longitude, latitude in degrees, or already joined to the streets

    Raises InputError for coordinates outside the world.
    """
    from .kernels import nearest_origin, nearest_point

    origin, point = as_anchors(streets, origins), as_anchors(streets, points)
    nodes = len(streets.xy)
    distance, who = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int32)
    step = np.empty(nodes, dtype=np.int32)
    nearest_origin(graph_of(streets), streets.ends, columns_of(origin), distance, who, step)
    out_origin, out_mm = np.empty(len(point), dtype=np.int64), np.empty(len(point), dtype=np.int64)
    by_edge = group_by_edge(streets, origin)
    nearest_point(streets.ends, columns_of(origin), columns_of(point), by_edge, distance, who, out_origin, out_mm)
    return Nearest(out_origin, np.where(out_mm < NOWHERE, out_mm / 1000, np.inf))


def as_anchors(streets: StreetNetwork, points: np.ndarray | Anchors) -> Anchors:
    """Points joined to the streets, if they are not yet."""
    return points if isinstance(points, Anchors) else snap(streets, np.asarray(points, dtype=float).reshape(-1, 2))


def limit_in_mm(limit_m: float) -> int:
    """A limit in whole millimetres; InputError unless it is 0 to 1,000 km."""
    if not 0 <= limit_m <= 1e6:
        raise InputError(f"limit_m is {limit_m}; expected metres, 0 to 1,000,000")
    return round(limit_m * 1000)


def graph_of(streets: StreetNetwork) -> tuple[np.ndarray, ...]:
    """The arrays kernels walk on."""
    return streets.start, streets.head, streets.way, streets.walk_mm


def columns_of(anchors: Anchors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The arrays of anchors, as kernels take them."""
    return anchors.edge, anchors.along_mm, anchors.off_mm


def group_by_edge(streets: StreetNetwork, anchors: Anchors) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the points on each edge: start (U+1,) and point (P,), ascending within an edge."""
    order = np.argsort(anchors.edge, kind="stable").astype(np.int32)
    counts = np.bincount(anchors.edge, minlength=len(streets.ends))
    return np.concatenate([[0], np.cumsum(counts)]), order
