"""Where a field on a grid is below zero, as polygons: marching squares, with straight lines between nodes.

A square whose corners lie crosswise below and above zero is joined when their mean is below. The same rings as contourpy
draws, without the time it takes to load. Nodes on the rim of the grid must be above zero.
"""

from typing import Any

import numpy as np

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


def area_below_zero(field: np.ndarray) -> Any:
    """The shapely (multi)polygon, holes kept, where a field (rows, columns) is below zero, in columns and rows."""
    import shapely

    begins, ends = _lines(field)
    if not len(begins):
        return shapely.Polygon()
    xy = _crossings(field, begins)
    order = np.argsort(begins)
    following = order[np.searchsorted(begins, ends, sorter=order)].tolist()
    rings, seen = [], bytearray(len(following))
    for first in range(len(following)):
        ring, at = [], first
        while not seen[at]:
            seen[at] = 1
            ring.append(at)
            at = following[at]
        if ring:
            rings.append(xy[[*ring, first]])
    return _polygons(rings)


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


def _polygons(rings: list[np.ndarray]) -> Any:
    """Rings joined to polygons: those that turn left are outlines, those that turn right holes in them."""
    import shapely

    turn = [np.dot(ring[:-1, 0], ring[1:, 1]) - np.dot(ring[1:, 0], ring[:-1, 1]) for ring in rings]
    outer = [ring for ring, area in zip(rings, turn, strict=True) if area > 0]
    holes: list[list[np.ndarray]] = [[] for _ in outer]
    around = np.array([shapely.Polygon(ring) for ring in outer]) if len(outer) > 1 else np.zeros(0)
    for hole in (ring for ring, area in zip(rings, turn, strict=True) if area < 0):
        own = 0
        if len(outer) > 1:
            holding = np.flatnonzero(shapely.intersects_xy(around, *hole[0]))
            own = int(holding[np.argmin(shapely.area(around[holding]))]) if len(holding) else 0
        holes[own].append(hole)
    made = [shapely.Polygon(ring, inside) for ring, inside in zip(outer, holes, strict=True)]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)
