"""Kernel: which straight pieces of street pass through which cell of a grid; `finding` looks into them."""

import numpy as np

from .compiled import compiled


@compiled
def fill_grid(xy, piece, corner, cell_m, shape):
    """Which pieces pass through which cell: first (cells+1,) and piece numbers, ascending within a cell.

    xy      (V, 2) metres; piece (S,) first vertices; shape (columns, rows)
    """
    columns, rows = shape
    first, filled = np.zeros(columns * rows + 1, dtype=np.int64), np.zeros(columns * rows, dtype=np.int64)
    held = np.empty(0, dtype=np.int32)
    for counting in (True, False):
        if not counting:
            for cell in range(columns * rows):
                first[cell + 1] += first[cell]
                filled[cell] = first[cell]
            held = np.empty(first[columns * rows], dtype=np.int32)
        for number in range(len(piece)):
            at = piece[number]
            x0, y0 = xy[at, 0] - corner[0], xy[at, 1] - corner[1]
            x1, y1 = xy[at + 1, 0] - corner[0], xy[at + 1, 1] - corner[1]
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            low, high = cell_of(y0, cell_m, rows), cell_of(y1, cell_m, rows)
            for row in range(low, high + 1):
                begin, end = x0, x1
                if y1 > y0:  # the part of the piece in this row, a millimetre more on both sides
                    begin = x0 + (x1 - x0) * max(0.0, (row * cell_m - 0.001 - y0) / (y1 - y0))
                    end = x0 + (x1 - x0) * min(1.0, ((row + 1) * cell_m + 0.001 - y0) / (y1 - y0))
                left = cell_of(min(begin, end) - 0.001, cell_m, columns)
                right = cell_of(max(begin, end) + 0.001, cell_m, columns)
                for column in range(left, right + 1):
                    cell = row * columns + column
                    if counting:
                        first[cell + 1] += 1
                    else:
                        held[filled[cell]] = at
                        filled[cell] += 1
    return first, held


@compiled
def cell_of(metres, cell_m, count):
    """The cell at a distance from the corner, kept inside the grid."""
    return min(max(int(np.floor(metres / cell_m)), 0), count - 1)
