"""A grid over straight pieces of street: how deep inside a reach each spot lies. Below 0 is inside.

For one limit the field is the greater of two. The first is the least, over the pieces walked within the limit, of
max(off - BESIDE_STREET_M, walked + off - limit), where `off` is the distance from the piece and `walked` the walk to the
spot on it that is nearest. The second is how much nearer the next street beyond the limit lies than the next one within,
less FAVOUR_M: what lies along a street that is not reached belongs to that street, also beside one that is.

Sizes: P pieces, L limits ascending, B = L + 1 bands. Lengths in metres.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

CELL_M = 5.0
BESIDE_STREET_M = 25.0
"""How far from a street the outline is drawn: the width of a plot, so that buildings along it lie inside."""
FAVOUR_M = 0.5
"""How much the street that is reached is favoured beside one that is not: without it, streets drawn over each other and
the grid would cut reached ones."""
MARGIN_M = BESIDE_STREET_M + 2 * CELL_M
"""How far from its pieces a grid must reach; further off nothing is told apart."""
DEEP_M = 2 * CELL_M
"""Higher a field need not grow: no outline passes beside such a node."""


class Grid(NamedTuple):
    """Square cells: x, y of the south-west node, rows (northwards) and columns of nodes, metres between them."""

    west: float
    south: float
    rows: int
    columns: int
    cell: float


class Fields(NamedTuple):
    """What pieces say at each node of a grid.

    depth   (L, rows, columns) the first of the two terms, at most DEEP_M
    off     (B, rows, columns) metres to the next piece of each band, at most MARGIN_M
    walked  (rows, columns) metres walked to the node by what the longest limit reaches within BESIDE_STREET_M; else inf
    """

    depth: np.ndarray
    off: np.ndarray
    walked: np.ndarray


def grid_around(pieces: np.ndarray) -> Grid:
    """The grid that holds what is beside the pieces (P, 6)."""
    ends = pieces[:, :4].reshape(-1, 2)
    west, south = (np.floor((ends.min(axis=0) - MARGIN_M) / CELL_M) * CELL_M).tolist()
    columns, rows = (np.ceil((ends.max(axis=0) + MARGIN_M - (west, south)) / CELL_M).astype(int) + 1).tolist()
    return Grid(west, south, rows, columns, CELL_M)


def lay(pieces: np.ndarray, band: np.ndarray, limits: np.ndarray, grid: Grid, *, fast: bool = False) -> Fields:
    """The fields of pieces.

    pieces  (P, 6) x, y, x, y of both ends, and the metres walked to them
    band    (P,) ascending; how many limits end before the piece is reached: L where none reaches it
    limits  (L,) ascending
    fast    compiled, for many origins; the same numbers
    """
    shape = grid.rows, grid.columns
    fields = Fields(
        depth=np.full((len(limits), *shape), DEEP_M),
        off=np.full((len(limits) + 1, *shape), MARGIN_M),
        walked=np.full(shape, np.inf),
    )
    fill, windows = _kernel() if fast else lay_plain, _windows(pieces, grid)
    reached = int(np.searchsorted(band, len(limits)))
    fill(pieces[:reached], band[:reached], windows[:reached], limits, tuple(grid), fields)
    # What no limit reaches matters only beside what is reached.
    near = reached + np.flatnonzero(_any_inside(fields.depth[-1] < DEEP_M, windows[reached:]))
    fill(pieces[near], band[near], windows[near], limits, tuple(grid), fields)
    return fields


def _windows(pieces: np.ndarray, grid: Grid) -> np.ndarray:
    """(P, 4) the nodes that each piece may say something about: first column, one after the last, the same of rows."""
    low = np.minimum(pieces[:, :2], pieces[:, 2:4]) - MARGIN_M
    high = np.maximum(pieces[:, :2], pieces[:, 2:4]) + MARGIN_M
    corner, counts = np.array([grid.west, grid.south]), np.array([grid.columns, grid.rows])
    first = np.clip(np.floor((low - corner) / grid.cell), 0, counts)
    end = np.clip(np.floor((high - corner) / grid.cell) + 2, 0, counts)
    return np.column_stack([first[:, 0], end[:, 0], first[:, 1], end[:, 1]]).astype(np.int64)


def _any_inside(marked: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """(P,) whether any node of each window is marked (rows, columns)."""
    sums = np.zeros((marked.shape[0] + 1, marked.shape[1] + 1), dtype=np.int64)
    np.cumsum(marked, axis=0, out=sums[1:, 1:])
    np.cumsum(sums, axis=1, out=sums)
    left, right, low, high = windows.T
    found: np.ndarray = sums[high, right] - sums[low, right] - sums[high, left] + sums[low, left] > 0
    return found


@lru_cache(maxsize=1)
def _kernel() -> Any:
    from .compiled import compiled

    return compiled(lay_loop)


def lay_plain(
    pieces: np.ndarray, band: np.ndarray, windows: np.ndarray, limits: np.ndarray, grid: Any, fields: Fields
) -> None:
    """Fill the fields, piece by piece."""
    west, south, _, _, cell = grid
    rows = zip(pieces.tolist(), band.tolist(), windows.tolist(), strict=True)
    for (x0, y0, x1, y1, walked0, walked1), own, (left, right, low, high) in rows:
        x = (west + cell * np.arange(left, right))[None, :] - x0
        y = (south + cell * np.arange(low, high))[:, None] - y0
        dx, dy = x1 - x0, y1 - y0
        square = dx * dx + dy * dy
        share = ((x * dx + y * dy) / (square if square > 0 else 1.0)).clip(0.0, 1.0)
        x, y = x - share * dx, y - share * dy
        off = np.sqrt(x * x + y * y)
        window = slice(low, high), slice(left, right)
        least = fields.off[own][window]
        np.minimum(least, off, out=least)
        if own == len(limits):
            continue
        walked = walked0 + share * (walked1 - walked0) + off
        least = fields.walked[window]
        np.minimum(least, np.where(off <= BESIDE_STREET_M, walked, np.inf), out=least)
        least = fields.depth[own:, *window]
        np.minimum(least, np.maximum(off - BESIDE_STREET_M, walked - limits[own:, None, None]), out=least)


def lay_loop(
    pieces: np.ndarray, band: np.ndarray, windows: np.ndarray, limits: np.ndarray, grid: Any, fields: Fields
) -> None:
    """As `lay_plain`, node by node, to be compiled."""
    west, south, _, _, cell = grid
    depth, next_off, next_walked = fields
    for p in range(len(pieces)):
        x0, y0, x1, y1, walked0, walked1 = pieces[p]
        own = band[p]
        left, right, low, high = windows[p]
        dx, dy = x1 - x0, y1 - y0
        square = dx * dx + dy * dy
        if square == 0.0:
            square = 1.0
        for row in range(low, high):
            from_y = south + cell * row - y0
            for column in range(left, right):
                if own == len(limits) and depth[own - 1, row, column] >= DEEP_M:
                    continue
                from_x = west + cell * column - x0
                share = min(max((from_x * dx + from_y * dy) / square, 0.0), 1.0)
                off_x, off_y = from_x - share * dx, from_y - share * dy
                off_2 = off_x * off_x + off_y * off_y
                if off_2 >= MARGIN_M * MARGIN_M:
                    continue
                off = math.sqrt(off_2)
                next_off[own, row, column] = min(next_off[own, row, column], off)
                if own == len(limits):
                    continue
                walked = walked0 + share * (walked1 - walked0) + off
                if off <= BESIDE_STREET_M:
                    next_walked[row, column] = min(next_walked[row, column], walked)
                for limit in range(own, len(limits)):
                    inside = max(off - BESIDE_STREET_M, walked - limits[limit])
                    depth[limit, row, column] = min(depth[limit, row, column], inside)


def settle(fields: Fields) -> np.ndarray:
    """(L, rows, columns) the field of each limit, at most DEEP_M; of a longer one never higher, so outlines nest."""
    within, beyond = fields.off[:-1].copy(), fields.off[1:].copy()
    for limit in range(1, len(within)):
        np.minimum(within[limit], within[limit - 1], out=within[limit])
        np.minimum(beyond[-1 - limit], beyond[-limit], out=beyond[-1 - limit])
    within -= beyond
    within -= FAVOUR_M
    deep: np.ndarray = np.minimum(np.maximum(fields.depth, within, out=within), DEEP_M, out=within)
    return deep
