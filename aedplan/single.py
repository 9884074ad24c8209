"""The walks between one place after the other and a few origins, in plain numbers: for a service that is asked for one place.

Equal to `snap` and `walks_from` to the last millimetre in a fraction of their time, most of which goes into arrays of one row;
the search for the nearest street is the very kernel of `snap`, run as plain Python.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .coordinates import project_one
from .distances import WalkTable
from .kernels.finding import nearest_pieces
from .network import LONGEST_EDGE_MM, StreetNetwork

UNWALKED_MM = 2**32 - 1
"""So many millimetres and more: there is no way."""


@dataclass(frozen=True, eq=False)
class Lookup:
    """Streets and a table of walks, as single places are looked up in them.

    grid     what the kernel `finding.nearest_pieces` takes: pieces by cell, corner, size of a cell, (columns, rows)
    xy, ends, walk_mm, vertex_start, vertex_along  those of the streets, as memoryviews
    by_node  (N, O) uint32: the table's walks by node, UNWALKED_MM where there is no way
    on_edge  by edge the origins that join it: number, walk along it from end 0, metres off it in millimetres
    """

    crs: str
    grid: tuple[Any, tuple[float, float], float, tuple[int, int]]
    xy: memoryview
    ends: memoryview
    walk_mm: memoryview
    vertex_start: memoryview
    vertex_along: memoryview
    by_node: np.ndarray
    on_edge: dict[int, list[tuple[int, int, int]]]


class Anchor(NamedTuple):
    """Where one place joins the streets; millimetres as in `Anchors`."""

    edge: int
    begin_mm: int
    end_mm: int
    off_mm: int


def make_lookup(streets: StreetNetwork, table: WalkTable) -> Lookup:
    """What places are looked up in; half a second for the streets of a large county."""
    origins = table.origins
    on_edge: dict[int, list[tuple[int, int, int]]] = {}
    rows = zip(origins.edge.tolist(), origins.along_mm[:, 0].tolist(), origins.off_mm.tolist(), strict=True)
    for number, (edge, along_mm, off_mm) in enumerate(rows):
        on_edge.setdefault(edge, []).append((number, along_mm, off_mm))
    return Lookup(
        crs=streets.crs,
        grid=_grid(streets),
        xy=_view(streets.vertex_xy),
        ends=_view(streets.ends),
        walk_mm=_view(streets.walk_mm),
        vertex_start=_view(streets.vertex_start),
        vertex_along=_view(streets.vertex_along),
        by_node=np.ascontiguousarray(table.distance_mm.T).view(np.uint32),
        on_edge=on_edge,
    )


def _view(array: np.ndarray) -> memoryview:
    """The numbers of an array as Python's own, which plain code reads sooner than numpy's."""
    return memoryview(array)  # type: ignore[arg-type]


def _grid(streets: StreetNetwork) -> tuple[Any, tuple[float, float], float, tuple[int, int]]:
    """The cells of `StreetNetwork.grid` without the compiler: a piece is in every cell that its box touches."""
    corner, cell_m, (columns, rows) = streets.cells
    begin, end = streets.vertex_xy[streets.piece], streets.vertex_xy[streets.piece + 1]
    last = np.array([columns, rows]) - 1
    low, high = (
        np.clip(np.floor((side - corner) / cell_m).astype(np.int64), 0, last)
        for side in (np.minimum(begin, end) - 0.001, np.maximum(begin, end) + 0.001)
    )
    wide, tall = (high - low + 1).T
    count = wide * tall
    number = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)
    cell = (low[number, 1] + within // wide[number]) * columns + low[number, 0] + within % wide[number]
    first = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=columns * rows))])
    held = streets.piece[number[np.argsort(cell, kind="stable")]]
    return (_view(first), _view(held)), (float(corner[0]), float(corner[1])), cell_m, (columns, rows)


def snap_one(lookup: Lookup, lon: float, lat: float) -> Anchor:
    """Join one place to its nearest edge, as `snap`; WGS-84 degrees within the world."""
    x, y = project_one(lon, lat, lookup.crs)
    grid, corner, cell_m, shape = lookup.grid
    found, shares = nearest_pieces(lookup.xy, grid, _view(np.array([[x, y]])), corner, cell_m, shape)
    piece, share, xy = int(found[0]), float(shares[0]), lookup.xy
    step_x, step_y = xy[piece + 1, 0] - xy[piece, 0], xy[piece + 1, 1] - xy[piece, 1]
    off_m = float(np.hypot(x - xy[piece, 0] - share * step_x, y - xy[piece, 1] - share * step_y))
    edge = bisect_right(lookup.vertex_start, piece) - 1  # type: ignore[type-var]
    along, first, last = lookup.vertex_along, lookup.vertex_start[edge], lookup.vertex_start[edge + 1] - 1
    drawn, walk = along[last] - along[first], lookup.walk_mm[edge]
    into = along[piece] - along[first] + share * float(np.hypot(step_x, step_y))
    begin = min(max(round(into / (drawn if drawn > 0 else 1.0) * walk), 0), walk)
    return Anchor(edge, begin, walk - begin, round(min(off_m, LONGEST_EDGE_MM / 1000) * 1000))


def walks_of(lookup: Lookup, place: Anchor) -> np.ndarray:
    """(O,) int64 millimetres to each origin from where a place joins the streets, `off_mm` not yet counted, UNWALKED_MM or
    more where there is no way."""
    walked: np.ndarray = np.add(lookup.by_node[lookup.ends[place.edge, 0]], place.begin_mm, dtype=np.int64)
    other = np.add(lookup.by_node[lookup.ends[place.edge, 1]], place.end_mm, dtype=np.int64)
    np.minimum(walked, other, out=walked)
    for number, along_mm, off_mm in lookup.on_edge.get(place.edge, ()):
        walked[number] = min(walked[number], abs(place.begin_mm - along_mm) + off_mm)
    return walked
