"""Where a field on a grid is below zero, as polygons: marching squares, with straight lines between nodes.

A square whose corners lie crosswise below and above zero is joined when their mean is below. The same rings as contourpy
draws, without the time it takes to load. Nodes on the rim of the grid must be above zero.
"""

from typing import Any

import numpy as np

from ..kernels.compiled import form_of

_SOUTH, _EAST, _NORTH, _WEST = range(4)
_LINES = {
    1: ((_SOUTH, _WEST),), 2: ((_EAST, _SOUTH),), 3: ((_EAST, _WEST),), 4: ((_NORTH, _EAST),), 6: ((_NORTH, _SOUTH),),
    7: ((_NORTH, _WEST),), 8: ((_WEST, _NORTH),), 9: ((_SOUTH, _NORTH),), 11: ((_EAST, _NORTH),), 12: ((_WEST, _EAST),),
    13: ((_SOUTH, _EAST),), 14: ((_WEST, _SOUTH),),
    5: ((_SOUTH, _WEST), (_NORTH, _EAST)), 10: ((_EAST, _SOUTH), (_WEST, _NORTH)),
    21: ((_SOUTH, _EAST), (_NORTH, _WEST)), 26: ((_WEST, _SOUTH), (_EAST, _NORTH)),
}  # fmt: skip
"""From which side of a square to which the line runs, what is below zero on its left. A square's number is the sum of 1
(south-west corner below zero), 2 (south-east), 4 (north-east), 8 (north-west) and 16 (joined across the middle)."""
_FROM, _TO = (
    np.array([[_LINES.get(number, ())[line][end] if line < len(_LINES.get(number, ())) else -1 for number in range(32)]
              for line in (0, 1)])
    for end in (0, 1)
)  # fmt: skip


def area_below_zero(field: np.ndarray, *, fast: bool = False) -> Any:
    """The shapely (multi)polygon, holes kept, where a field (rows, columns) is below zero, in columns and rows.

    fast  compiled, for many fields; the same rings
    """
    return polygons(*rings_below_zero(field, fast=fast))


def rings_below_zero(field: np.ndarray, *, fast: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The closed rings around what is below zero: columns and rows (n, 2), and where each ring begins (R+1,).

    What is below zero lies on the left. `fast` as in `area_below_zero`.
    """
    if fast:
        return form_of(follow_rings, True)(field, _FROM, _TO)  # type: ignore[no-any-return]
    begins, ends = _lines(field)
    order = np.argsort(begins)
    following = order[np.searchsorted(begins, ends, sorter=order)].tolist()
    walked: list[int] = []
    start, seen = [0], bytearray(len(following))
    for first in range(len(following)):
        if seen[first]:
            continue
        at = first
        while not seen[at]:
            seen[at] = 1
            walked.append(at)
            at = following[at]
        walked.append(first)
        start.append(len(walked))
    return _crossings(field, begins[walked]), np.array(start)


def follow_rings(field: np.ndarray, from_side: np.ndarray, to_side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `rings_below_zero`, square by square, to be compiled; the tables are `_FROM` and `_TO`."""
    width, nodes, flat = field.shape[1], field.size, field.ravel()
    square, kind, count, crosses = np.empty(nodes, np.int32), np.empty(nodes, np.uint8), 0, 0
    for sw in range(nodes - width - 1):
        se, nw, ne = sw + 1, sw + width, sw + width + 1
        number = (flat[sw] < 0) + 2 * (flat[se] < 0) + 4 * (flat[ne] < 0) + 8 * (flat[nw] < 0)
        if number == 0 or number == 15:
            continue
        if number == 5 or number == 10:
            crosses += 1
            if flat[sw] + flat[se] + flat[nw] + flat[ne] < 0:
                number += 16
        square[count], kind[count] = sw, number
        count += 1
    begins, ends, second = np.empty(count + crosses, np.int64), np.empty(count + crosses, np.int64), count
    line_at = np.empty(2 * nodes, np.int32)
    side_of = np.array([0, nodes + 1, width, nodes])
    for i in range(count):
        begins[i], ends[i] = square[i] + side_of[from_side[0, kind[i]]], square[i] + side_of[to_side[0, kind[i]]]
        line_at[begins[i]] = i
        if from_side[1, kind[i]] >= 0:
            begins[second] = square[i] + side_of[from_side[1, kind[i]]]
            ends[second] = square[i] + side_of[to_side[1, kind[i]]]
            line_at[begins[second]] = second
            second += 1
    xy, start = np.empty((2 * len(begins), 2)), np.zeros(len(begins) + 1, np.int64)
    filled, rings, seen = 0, 0, np.zeros(len(begins), np.bool_)
    for first in range(len(begins)):
        at = first
        while not seen[first] or at != first:
            seen[at] = True
            upright = begins[at] >= nodes
            node = begins[at] - nodes if upright else begins[at]
            share = flat[node] / (flat[node] - flat[node + width if upright else node + 1])
            xy[filled, 0] = node % width + (0.0 if upright else share)
            xy[filled, 1] = node // width + (share if upright else 0.0)
            filled += 1
            at = line_at[ends[at]]
        if filled > start[rings]:
            xy[filled] = xy[start[rings]]
            filled += 1
            rings += 1
            start[rings] = filled
    return xy[:filled], start[: rings + 1]


def _lines(field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lines through the squares: the numbers of the sides where each begins (n,) and ends (n,).

    A side is a pair of neighbouring nodes; its number is that of the south or west one, plus the count of all nodes when
    the pair stands upright.
    """
    width, nodes, flat = field.shape[1], field.size, field.ravel()
    below = (flat < 0).view(np.uint8)
    # A square goes by its south-west node; those that wrap round the rim have no corner below zero.
    numbers = below[: -width - 1] + 2 * below[1:-width] + 4 * below[width + 1 :] + 8 * below[width:-1]
    at = np.flatnonzero(numbers - np.uint8(1) < 14)
    kind = numbers[at]
    cross = np.flatnonzero((kind == 5) | (kind == 10))
    sw = at[cross]
    kind[cross[flat[sw] + flat[sw + 1] + flat[sw + width] + flat[sw + width + 1] < 0]] += 16
    side = at + np.array([0, nodes + 1, width, nodes])[:, None]
    of, two = np.arange(len(at)), np.flatnonzero(_FROM[1][kind] >= 0)
    begins = np.concatenate([side[_FROM[0][kind], of], side[_FROM[1][kind[two]], two]])
    return begins, np.concatenate([side[_TO[0][kind], of], side[_TO[1][kind[two]], two]])


def _crossings(field: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """(n, 2) column and row where the field is zero on each side."""
    upright = sides >= field.size
    node = sides - upright * field.size
    row, column = np.divmod(node, field.shape[1])
    here, there = field.ravel()[node], field.ravel()[node + np.where(upright, field.shape[1], 1)]
    share = here / (here - there)
    return np.column_stack([column + ~upright * share, row + upright * share])


def polygons(xy: np.ndarray, start: np.ndarray) -> Any:
    """Closed rings joined to a shapely (multi)polygon: those that turn left are outlines, those that turn right holes.

    xy     (n, 2); start (R+1,): ring r has xy[start[r] : start[r + 1]]
    """
    import shapely

    if len(start) < 2:
        return shapely.Polygon()
    rings: Any = shapely.linearrings(xy, indices=np.repeat(np.arange(len(start) - 1), np.diff(start)))
    turn = np.append(xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1], 0.0)
    turn[start[1:] - 1] = 0.0  # from one ring to the next
    area = np.add.reduceat(turn, start[:-1])
    outer, holes = np.flatnonzero(area > 0), np.flatnonzero(area < 0)
    if len(outer) == 1:
        return shapely.polygons(rings[outer[0]], holes=rings[holes] if len(holes) else None)
    around: Any = shapely.polygons(rings[outer])
    inside: list[list[Any]] = [[] for _ in outer]
    for hole in holes.tolist():
        holding = np.flatnonzero(shapely.intersects_xy(around, *xy[start[hole]]))
        own = int(holding[np.argmin(shapely.area(around[holding]))]) if len(holding) else 0
        inside[own].append(rings[hole])
    return shapely.multipolygons(
        [shapely.polygons(rings[ring], holes=held or None) for ring, held in zip(outer, inside, strict=True)]
    )
