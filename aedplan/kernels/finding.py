"""Kernel, also run as plain Python: the nearest straight piece of street to each point, through a grid of cells.

A piece is named by its first vertex. Of equally near pieces the first is taken, here as in
`anchors.nearest_pieces_plainly`. As plain Python it reads memoryviews, which give numbers sooner than arrays.
"""

import math

import numpy as np


def nearest_pieces(xy, grid, points, corner, cell_m, shape):
    """For each point the first vertex of its nearest piece (P,) and the share of the piece where it is nearest (P,).

    grid  which pieces pass each cell: first (cells+1,) and piece numbers; points (P, 2) metres
    """
    columns, rows = shape
    first, held = grid
    found = np.empty(len(points), dtype=np.int64)
    share = np.empty(len(points))
    for number in range(len(points)):
        x, y = points[number, 0] - corner[0], points[number, 1] - corner[1]
        inside_x, inside_y = min(max(x, 0.0), columns * cell_m), min(max(y, 0.0), rows * cell_m)
        outside_x, outside_y = x - inside_x, y - inside_y
        outside_2 = outside_x * outside_x + outside_y * outside_y
        column = min(max(math.floor(x / cell_m), 0), columns - 1)
        row = min(max(math.floor(y / cell_m), 0), rows - 1)
        best_2, best, best_share = np.inf, -1, 0.0
        for ring in range(max(columns, rows)):
            if ring > 0:  # nothing in this ring or beyond is nearer than the edge of the block inside it
                gap = min(
                    inside_x - (column - ring + 1) * cell_m,
                    (column + ring) * cell_m - inside_x,
                    inside_y - (row - ring + 1) * cell_m,
                    (row + ring) * cell_m - inside_y,
                )
                gap = max(gap, 0.0)
                if outside_2 + gap * gap > best_2:
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
