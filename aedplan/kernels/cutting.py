"""Kernel, also run as plain Python: edges cut into straight pieces along which a walk grows or shrinks evenly."""

import numpy as np

SHORTEST_M = 1e-6
"""Shorter pieces come from rounding and are dropped."""


def cut_edges(shape, edges, marks, limits_m):
    """The pieces of some edges and the metres walked to their ends, and the band of each.

    shape     (vertex_xy, vertex_start, walk_mm) of a StreetNetwork
    edges     (number (n,), walked_mm (n, 2) to both ends)
    marks     (first (n+1,), at_mm, off_mm): the origins on each of the edges, ascending along it
    limits_m  (L,) ascending

    Returns ends (P, 6): x, y, x, y, walked, walked, and band (P,): how many limits end before the piece is reached.
    """
    xy, vertex_start, walk_mm = shape
    number, walked_mm = edges
    first_mark, mark_at, mark_off = marks
    room, most = 0, 0
    for row in range(len(number)):
        count = first_mark[row + 1] - first_mark[row]
        most = max(most, count)
        room += vertex_start[number[row] + 1] - vertex_start[number[row]] + (count + 1) * (2 * len(limits_m) + 2)
    ends, band = np.empty((room, 6)), np.empty(room, dtype=np.int64)
    at, walked, stops = np.empty(most + 2), np.empty(most + 2), np.empty(2 * len(limits_m) + 2)
    filled = 0
    for row in range(len(number)):
        edge, count = number[row], first_mark[row + 1] - first_mark[row]
        first, last = vertex_start[edge], vertex_start[edge + 1] - 1
        length = walk_mm[edge] / 1000
        at[0], walked[0] = 0.0, walked_mm[row, 0] / 1000
        at[count + 1], walked[count + 1] = length, walked_mm[row, 1] / 1000
        for i in range(count):
            at[i + 1], walked[i + 1] = mark_at[first_mark[row] + i] / 1000, mark_off[first_mark[row] + i] / 1000
        for i in range(count + 1):  # a mark may be nearer from its neighbours than from its own origin
            walked[i + 1] = min(walked[i + 1], walked[i] + at[i + 1] - at[i])
        for i in range(count, -1, -1):
            walked[i] = min(walked[i], walked[i + 1] + at[i + 1] - at[i])
        drawn = 0.0
        for vertex in range(first, last):
            drawn += np.hypot(xy[vertex + 1, 0] - xy[vertex, 0], xy[vertex + 1, 1] - xy[vertex, 1])
        pace = length / drawn if drawn > 0 else 0.0
        vertex, bend = first, 0.0  # the straight piece we are on, and the walk to where it begins and ends
        next_bend = pace * np.hypot(xy[first + 1, 0] - xy[first, 0], xy[first + 1, 1] - xy[first, 1])
        here, x, y = 0.0, xy[first, 0], xy[first, 1]
        for part in range(count + 1):
            low, high, walked_low, walked_high = at[part], at[part + 1], walked[part], walked[part + 1]
            stops[0], stops[1] = high, (high + low + walked_high - walked_low) / 2
            for i in range(len(limits_m)):
                stops[2 + 2 * i], stops[3 + 2 * i] = low + limits_m[i] - walked_low, high - limits_m[i] + walked_high
            for i in range(1, len(stops)):
                stop, to = stops[i], i
                while to > 0 and stops[to - 1] > stop:
                    stops[to] = stops[to - 1]
                    to -= 1
                stops[to] = stop
            i = 0
            while here < high:
                while stops[i] <= here:
                    i += 1
                to = min(stops[i], high)
                if vertex < last - 1 and next_bend <= to:
                    to, next_x, next_y = max(next_bend, here), xy[vertex + 1, 0], xy[vertex + 1, 1]
                    vertex, bend = vertex + 1, next_bend
                    step = np.hypot(xy[vertex + 1, 0] - next_x, xy[vertex + 1, 1] - next_y)
                    next_bend = bend + pace * step
                else:
                    share = min((to - bend) / (next_bend - bend), 1.0) if next_bend > bend else 1.0
                    next_x = xy[vertex, 0] + share * (xy[vertex + 1, 0] - xy[vertex, 0])
                    next_y = xy[vertex, 1] + share * (xy[vertex + 1, 1] - xy[vertex, 1])
                if to - here > SHORTEST_M:
                    begin_m = min(walked_low + here - low, walked_high + high - here)
                    end_m = min(walked_low + to - low, walked_high + high - to)
                    ends[filled] = x, y, next_x, next_y, begin_m, end_m
                    band[filled] = 0
                    for limit in range(len(limits_m)):
                        band[filled] += limits_m[limit] < (begin_m + end_m) / 2
                    filled += 1
                here, x, y = to, next_x, next_y
    return ends[:filled], band[:filled]
