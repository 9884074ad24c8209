"""Kernel: the nearest straight piece of street to each point, through a grid of cells.

A piece is named by its first vertex. Of equally near pieces the first is taken, here as in the plain form
`anchors.nearest_pieces_plainly`.
"""

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


@compiled
def nearest_pieces(xy, grid, points, corner, cell_m, shape):
    """For each point the first vertex of its nearest piece (P,) and the share of the piece where it is nearest (P,).

    grid  what `fill_grid` gave; points (P, 2) metres
    """
    columns, rows = shape
    first, held = grid
    found = np.empty(len(points), dtype=np.int64)
    share = np.empty(len(points))
    for number in range(len(points)):
        x, y = points[number, 0] - corner[0], points[number, 1] - corner[1]
        inside_x, inside_y = min(max(x, 0.0), columns * cell_m), min(max(y, 0.0), rows * cell_m)
        outside_2 = (x - inside_x) ** 2 + (y - inside_y) ** 2
        column, row = cell_of(x, cell_m, columns), cell_of(y, cell_m, rows)
        best_2, best, best_share = np.inf, -1, 0.0
        for ring in range(max(columns, rows)):
            if ring > 0:  # nothing in this ring or beyond is nearer than the edge of the block inside it
                gap = min(
                    inside_x - (column - ring + 1) * cell_m,
                    (column + ring) * cell_m - inside_x,
                    inside_y - (row - ring + 1) * cell_m,
                    (row + ring) * cell_m - inside_y,
                )
                if outside_2 + max(gap, 0.0) ** 2 > best_2:
                    break
            for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
                step = 1 if abs(r - row) == ring else max(2 * ring, 1)
                for c in range(column - ring, column + ring + 1, step):
                    if c < 0 or c >= columns:
                        continue
                    cell = r * columns + c
                    for at in range(first[cell], first[cell + 1]):
                        piece = held[at]
                        ax, ay = xy[piece, 0], xy[piece, 1]
                        dx, dy = xy[piece + 1, 0] - ax, xy[piece + 1, 1] - ay
                        length_2 = dx * dx + dy * dy
                        px, py = points[number, 0] - ax, points[number, 1] - ay
                        t = 0.0
                        if length_2 > 0:
                            t = min(max((px * dx + py * dy) / length_2, 0.0), 1.0)
                        off_x, off_y = px - t * dx, py - t * dy
                        off_2 = off_x * off_x + off_y * off_y
                        if off_2 < best_2 or (off_2 == best_2 and piece < best):
                            best_2, best, best_share = off_2, piece, t
        found[number], share[number] = best, best_share
    return found, share
