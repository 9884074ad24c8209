"""A grid over straight pieces of street: how deep inside a reach each spot lies. Below 0 is inside.

For one limit the field is the greater of two. The first is the least, over the pieces walked within the limit, of
max(off - BESIDE_STREET_M, walked + off - limit), where `off` is the distance from the piece and `walked` the walk to the
spot on it that is nearest. The second is how much nearer the next street beyond the limit lies than the next one within,
less FAVOUR_M: what lies along a street that is not reached belongs to that street, also beside one that is.

Sizes: P pieces, L limits ascending, B = L + 1 bands. Lengths in metres.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from ..kernels.compiled import form_of

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
    reached = int(np.searchsorted(band, len(limits)))
    if fast:
        form_of(lay_loop, True)(pieces, band, reached, limits, tuple(grid), tuple(fields))
        return fields
    windows = _windows(pieces, grid)
    lay_plain(pieces[:reached], band[:reached], windows[:reached], limits, tuple(grid), fields)
    # What no limit reaches matters only beside what is reached.
    near = reached + np.flatnonzero(_any_inside(fields.depth[-1] < DEEP_M, windows[reached:]))
    lay_plain(pieces[near], band[near], windows[near], limits, tuple(grid), fields)
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
        share = ((x * dx + y * dy) * (1.0 / square if square > 0 else 0.0)).clip(0.0, 1.0)
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


def lay_loop(pieces: np.ndarray, band: np.ndarray, reached: int, limits: np.ndarray, grid: Any, fields: Any) -> None:
    """As `lay_plain` for the pieces that are reached and then for the others beside them, to be compiled.

    Row by row without branches, so that the processor takes several nodes at once.
    """
    west, south, rows, columns, cell = grid
    depth, next_off, next_walked = fields
    sums, last = np.zeros((rows + 1, columns + 1), dtype=np.int32), len(limits)
    offs, walks, east = np.empty(columns), np.empty(columns), np.empty(columns)
    for column in range(columns):
        east[column] = west + cell * column
    for p in range(len(pieces)):
        if p == reached:  # how many nodes south-west of each are inside or nearly so
            for row in range(rows):
                here = 0
                for column in range(columns):
                    here += depth[last - 1, row, column] < DEEP_M
                    sums[row + 1, column + 1] = sums[row, column + 1] + here
        x0, y0, x1, y1, walked0, walked1 = pieces[p]
        own = band[p]
        left = min(max(math.floor((min(x0, x1) - MARGIN_M - west) / cell), 0), columns)
        right = min(max(math.floor((max(x0, x1) + MARGIN_M - west) / cell) + 2, 0), columns)
        low = min(max(math.floor((min(y0, y1) - MARGIN_M - south) / cell), 0), rows)
        high = min(max(math.floor((max(y0, y1) + MARGIN_M - south) / cell) + 2, 0), rows)
        if own == last and sums[high, right] - sums[low, right] - sums[high, left] + sums[low, left] == 0:
            continue
        dx, dy, grows = x1 - x0, y1 - y0, walked1 - walked0
        square = dx * dx + dy * dy
        per_square = 1.0 / square if square > 0 else 0.0
        for row in range(low, high):
            y = south + cell * row - y0
            least = next_off[own, row, left:right]
            for i in range(right - left):
                x = east[left + i] - x0
                share = (x * dx + y * dy) * per_square
                share = 0.0 if share < 0.0 else share
                share = 1.0 if share > 1.0 else share
                off_x, off_y = x - share * dx, y - share * dy
                offs[i] = math.sqrt(off_x * off_x + off_y * off_y)
                walks[i] = walked0 + share * grows + offs[i]
                least[i] = offs[i] if offs[i] < least[i] else least[i]
            if own == last:
                continue
            least = next_walked[row, left:right]
            for i in range(right - left):
                least[i] = walks[i] if (offs[i] <= BESIDE_STREET_M) & (walks[i] < least[i]) else least[i]
            for limit in range(own, last):
                least, limit_m = depth[limit, row, left:right], limits[limit]
                for i in range(right - left):
                    aside, late = offs[i] - BESIDE_STREET_M, walks[i] - limit_m
                    inside = aside if aside > late else late
                    least[i] = inside if inside < least[i] else least[i]


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
