"""Kernels: which of many origins is nearest to every node and to every point; `graph`, `ends`, `origins` as in `kernels`."""

import numpy as np

from ..network import NOWHERE
from .compiled import compiled

BUCKET_BITS = 14
"""Buckets of the queue are 2**14 mm wide, about 16 m: few walks of one bucket shorten each other."""


@compiled
def nearest_origin(graph, ends, origins, label, before):
    """For every node the nearest origin, ties to the lowest number; fills two (N,) arrays.

    label   int64 millimetres * 2**24 + origin, NOWHERE where no origin can be walked to: the lesser label is the nearer
            origin, or of equally near ones the first
    before  the node before it on the walk from its origin, -1 where the walk enters the nodes; of length 0 when no way
            back is wanted

    Nodes wait in a ring of buckets 16 m wide (Dial 1969). Within a bucket a node may be taken up again when a shorter walk
    of the same bucket reaches it; what is left at the end is exact.
    """
    start, arc, _, _ = graph
    origin_edge, origin_along, origin_off = origins
    label[:], before[:] = NOWHERE, -1
    tree, longest = len(before) > 0, 1
    for slot in range(len(arc)):
        longest = max(longest, arc[slot, 1])
    for origin in range(len(origin_edge)):
        longest = max(longest, origin_off[origin] + max(origin_along[origin, 0], origin_along[origin, 1]))
    buckets = 2
    while buckets <= (longest >> BUCKET_BITS) + 1:
        buckets *= 2
    first = np.full(buckets, -1, dtype=np.int32)
    room = 4 * len(origin_edge) + 1024
    entry_node, entry_next, entry_label = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64)
    free, waiting, used = -1, 0, 0
    for origin in range(len(origin_edge)):
        for side in (0, 1):
            node = ends[origin_edge[origin], side]
            fresh = ((np.int64(origin_off[origin]) + origin_along[origin, side]) << 24) + origin
            if fresh < label[node]:
                label[node] = fresh
                to = (fresh >> (24 + BUCKET_BITS)) & (buckets - 1)
                entry_node[used], entry_label[used], entry_next[used] = node, fresh, first[to]
                first[to] = used
                used += 1
                waiting += 1
    bucket = 0
    while waiting > 0:
        entry = first[bucket]
        if entry < 0:
            bucket = (bucket + 1) & (buckets - 1)
            continue
        first[bucket] = entry_next[entry]
        node, here = entry_node[entry], entry_label[entry]
        entry_next[entry], free = free, entry
        waiting -= 1
        if here != label[node]:
            continue  # a nearer origin was found meanwhile
        for slot in range(start[node], start[node + 1]):
            there = arc[slot, 0]
            fresh = here + (np.int64(arc[slot, 1]) << 24)
            if fresh >= label[there]:
                continue
            label[there] = fresh
            if tree:
                before[there] = node
            if start[there + 1] - start[there] == 1:
                continue  # a dead end leads nowhere else
            if free >= 0:
                entry, free = free, entry_next[free]
            else:
                entry, used = used, used + 1
                if used > len(entry_node):
                    entry_node, entry_next, entry_label = doubled(entry_node, entry_next, entry_label)
            to = (fresh >> (24 + BUCKET_BITS)) & (buckets - 1)
            entry_node[entry], entry_label[entry], entry_next[entry] = there, fresh, first[to]
            first[to] = entry
            waiting += 1


@compiled
def doubled(entry_node, entry_next, entry_label):
    """Copies of three arrays with twice the room."""
    size = len(entry_node)
    node, following, label = np.empty(2 * size, np.int32), np.empty(2 * size, np.int32), np.empty(2 * size, np.int64)
    for at in range(size):
        node[at], following[at], label[at] = entry_node[at], entry_next[at], entry_label[at]
    return node, following, label


@compiled
def nearest_point(ends, origins, points, on_edge, label, out_origin, out_m):
    """For every point its nearest origin and the metres, inf where none, from the nodes' labels and origins on the same edge.

    points   (edge, along_mm, off_mm) of Anchors
    on_edge  (span (U, 2), number (O,)): the origins on edge e are number[span[e, 0] : span[e, 1]]
    """
    _, origin_along, origin_off = origins
    point_edge, point_along, point_off = points
    span, edge_origin = on_edge
    for point in range(len(point_edge)):
        edge, at = point_edge[point], np.int64(point_along[point, 0])
        best = min(
            label[ends[edge, 0]] + (at << 24),
            label[ends[edge, 1]] + (np.int64(point_along[point, 1]) << 24),
        )
        for slot in range(span[edge, 0], span[edge, 1]):
            origin = edge_origin[slot]
            best = min(best, ((abs(at - origin_along[origin, 0]) + origin_off[origin]) << 24) + origin)
        out_origin[point] = best & 0xFFFFFF if best < NOWHERE else -1
        out_m[point] = ((best >> 24) + point_off[point]) / 1000 if best < NOWHERE else np.inf
