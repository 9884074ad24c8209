"""Kernels: shortest walks on the street network, in whole millimetres of level street.

A walk between two points is: off the street, along the first edge to one of its ends, between nodes, along the last edge,
off the street; or straight along the edge when both lie on the same one.

`graph` is (start, head, way, slot_mm) of a StreetNetwork: the slots of a node are sorted by length, so that a bounded
search stops at the first that is too long. `ends` is (U, 2). `origins` is (edge, along_mm, off_mm) of Anchors. `points`
is (first, id, along_mm, off_mm): the points of edge e are first[e] : first[e + 1], with their numbers, their walks from
end 0, and their metres off the street.
"""

import numpy as np

from .compiled import compiled
from .network import NOWHERE

BUCKET_BITS = 14
"""Buckets of the queue for long walks are 2**14 mm wide, about 16 m: few walks of one bucket shorten each other."""

UNSEEN = np.int32(2**30)
"""More than any bounded walk (1,073 km), less than what would overflow when an edge is added."""


@compiled
def bounded_search(graph, seeds, limit_mm, distance, touched, queue):
    """Set `distance` of every node within `limit_mm` of two seeds; returns how many there are and the queue, maybe grown.

    seeds     (node, millimetres, node, millimetres)
    distance  (N,) int32, UNSEEN before; `touched` (N,) takes the numbers of the nodes that were set
    queue     (Q,) int64 keys millimetres * 2**32 + node, ascending. In four minutes few nodes wait at a time and a new one
              is nearly always among the furthest, so inserting from the back beats a heap.
    """
    start, head, _, slot_mm = graph
    count, front, back = 0, 0, 0
    for side in (0, 2):
        node, walk = seeds[side], np.int64(seeds[side + 1])
        if walk <= limit_mm and walk < distance[node]:
            if distance[node] == UNSEEN:
                touched[count] = node
                count += 1
            distance[node] = walk
            queue[back] = (walk << 32) + node
            back += 1
    if back == 2 and queue[0] > queue[1]:
        queue[0], queue[1] = queue[1], queue[0]
    while front < back:
        here_mm, node = queue[front] >> 32, queue[front] & 0xFFFFFFFF
        front += 1
        if here_mm > distance[node]:
            continue
        for slot in range(start[node], start[node + 1]):
            walk = here_mm + slot_mm[slot]
            if walk > limit_mm:
                break
            there = head[slot]
            if walk >= distance[there]:
                continue
            if distance[there] == UNSEEN:
                touched[count] = there
                count += 1
            distance[there] = walk
            begin = start[there]
            if start[there + 1] - begin == 1 or walk + slot_mm[begin] > limit_mm:
                continue  # a dead end, or its shortest way on is too long: it leads nowhere else
            if back == len(queue):
                queue, back = make_room(queue, front, back)
                front = 0
            key, at = (walk << 32) + there, back
            while at > front and queue[at - 1] > key:
                queue[at] = queue[at - 1]
                at -= 1
            queue[at] = key
            back += 1
    return count, queue


@compiled
def make_room(queue, front, back):
    """A queue whose entries begin at 0, twice as large if more than half of it is in use; returns it and its end."""
    size = len(queue)
    fresh = np.empty(2 * size if back - front > size // 2 else size, dtype=np.int64)
    for at in range(front, back):
        fresh[at - front] = queue[at]
    return fresh, back - front


@compiled
def seeds_of(ends, origins, number):
    """Where the walk of one origin enters the nodes: (node, millimetres along, node, millimetres along)."""
    edge, along, _ = origins
    at = edge[number]
    return ends[at, 0], along[number, 0], ends[at, 1], along[number, 1]


@compiled
def reach_rows(graph, ends, origins, points, limit_mm, rows, scratch, out_point, out_mm, out_end):
    """Whom the origins `rows` reach; pairs are written one origin after the other until there is no room for the next.

    scratch            (distance, touched) of `bounded_search`, left as they came
    out_point, out_mm  (room,) int32: points in ascending order within a row, and their walks
    out_end            (len(rows),): where each row ends

    Returns how many rows are done.
    """
    queue, keys = np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)
    filled = 0
    for row in range(len(rows)):
        hits, keys, queue, _ = reached_keys(graph, ends, origins, points, limit_mm, rows[row], scratch, keys, queue)
        if filled + hits > len(out_point):
            return row
        sort_few(keys, hits)
        off_mm = origins[2][rows[row]]
        for i in range(hits):
            out_point[filled] = keys[i] >> 32
            out_mm[filled] = (keys[i] & 0xFFFFFFFF) + off_mm
            filled += 1
        out_end[row] = filled
    return len(rows)


@compiled
def reach_sums(graph, ends, origins, points, weights, limit_mm, rows, scratch, out):
    """The summed weight of the points each of the origins `rows` reaches, into out[row]; no pair is stored.

    weights  (by point number (D,), by node (N,) of the points that stand at nodes and are not among `points`)
    scratch  (distance, touched) of `bounded_search`, left as they came
    """
    queue, keys = np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)
    for row in range(len(rows)):
        hits, keys, queue, count = reached_keys(graph, ends, origins, points, limit_mm, rows[row], scratch, keys, queue)
        total = 0.0
        for i in range(count):
            total += weights[1][scratch[1][i]]
        for i in range(hits):
            total += weights[0][keys[i] >> 32]
        out[row] = total


@compiled
def reached_keys(graph, ends, origins, points, limit_mm, origin, scratch, keys, queue):
    """The points one origin reaches as keys point * 2**32 + millimetres, the metres off the street at the origin left out.

    Returns how many, the keys and the queue, both maybe grown, and how many nodes were reached; `touched` names those.
    """
    first, point_id, point_along, point_off = points
    distance, touched = scratch
    rest_mm = np.int64(limit_mm) - origins[2][origin]
    hits = 0
    if rest_mm < 0:
        return hits, keys, queue, 0
    seeds = seeds_of(ends, origins, origin)
    count, queue = bounded_search(graph, seeds, rest_mm, distance, touched, queue)
    own, at, length = origins[0][origin], np.int64(seeds[1]), np.int64(seeds[1]) + seeds[3]
    if first[own + 1] - first[own] > len(keys):
        keys = np.empty(2 * (first[own + 1] - first[own]), dtype=np.int64)
    for slot in range(first[own], first[own + 1]):  # along the own edge, straight or round by its ends
        along = np.int64(point_along[slot])
        round_by = min(distance[seeds[0]] + along, distance[seeds[2]] + length - along)
        walk = min(abs(along - at), round_by) + point_off[slot]
        if walk <= rest_mm:
            keys[hits] = (np.int64(point_id[slot]) << 32) + walk
            hits += 1
    start, head, way, slot_mm = graph
    for i in range(count if len(point_id) > 0 else 0):
        node = touched[i]
        here_mm = np.int64(distance[node])
        for slot in range(start[node], start[node + 1]):
            edge, side = way[slot] >> 1, way[slot] & 1
            begin, end = first[edge], first[edge + 1]
            if begin == end or edge == own:
                continue
            # An edge whose both ends were reached belongs to the nearer end, a ring to its direction 0.
            other, there_mm = head[slot], np.int64(distance[head[slot]])
            if there_mm < here_mm or (there_mm == here_mm and (other < node or (other == node and side == 1))):
                continue
            if hits + end - begin > len(keys):
                keys = larger(keys, hits, 2 * (hits + end - begin))
            edge_mm = np.int64(slot_mm[slot])
            for at in range(begin, end):
                along = np.int64(point_along[at])
                if side == 1:
                    along = edge_mm - along
                walk = min(here_mm + along, there_mm + edge_mm - along) + point_off[at]
                if walk <= rest_mm:
                    keys[hits] = (np.int64(point_id[at]) << 32) + walk
                    hits += 1
    for i in range(count):
        distance[touched[i]] = UNSEEN
    return hits, keys, queue, count


@compiled
def larger(keys, count, room):
    """A copy of the first `count` keys with room for more."""
    fresh = np.empty(room, dtype=np.int64)
    for i in range(count):
        fresh[i] = keys[i]
    return fresh


@compiled
def sort_few(keys, count):
    """Sort the first `count` keys in place: by insertion when they are few, else by Shell's method (1959) with gaps growing
    2.25 times. Rows are short, and this compiles faster than a library sort."""
    gap = 1
    while gap < count // 2 and count > 64:
        gap = int(2.25 * gap) + 1
    while gap > 0:
        for i in range(gap, count):
            key = keys[i]
            at = i
            while at >= gap and keys[at - gap] > key:
                keys[at] = keys[at - gap]
                at -= gap
            keys[at] = key
        gap = 0 if gap == 1 else max(1, int(gap / 2.25))


@compiled
def copy_rows(rows, end, point, mm, start, out_point, out_mm):
    """Put the rows of a part in their places: row i of the part is origin rows[i] and ends before end[i]."""
    at = 0
    for row in range(len(rows)):
        to = start[rows[row]]
        while at < end[row]:
            out_point[to] = point[at]
            out_mm[to] = mm[at]
            at += 1
            to += 1


@compiled
def nearest_origin(graph, ends, origins, label, before):
    """For every node the nearest origin, ties to the lowest number; fills two (N,) arrays.

    label   int64 millimetres * 2**24 + origin, NOWHERE where no origin can be walked to: the lesser label is the nearer
            origin, or of equally near ones the first
    before  the node before it on the walk from its origin, -1 where the walk enters the nodes

    Nodes wait in a ring of buckets 16 m wide (Dial 1969). Within a bucket a node may be taken up again when a shorter walk
    of the same bucket reaches it; what is left at the end is exact.
    """
    start, head, _, slot_mm = graph
    origin_edge, origin_along, origin_off = origins
    for node in range(len(label)):
        label[node], before[node] = NOWHERE, -1
    longest = 1
    for slot in range(len(slot_mm)):
        longest = max(longest, slot_mm[slot])
    for origin in range(len(origin_edge)):
        longest = max(longest, origin_off[origin] + max(origin_along[origin, 0], origin_along[origin, 1]))
    buckets = 2
    while buckets <= (longest >> BUCKET_BITS) + 1:
        buckets *= 2
    first = np.empty(buckets, dtype=np.int32)
    for bucket in range(buckets):
        first[bucket] = -1
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
            there = head[slot]
            fresh = here + (np.int64(slot_mm[slot]) << 24)
            if fresh >= label[there]:
                continue
            label[there], before[there] = fresh, node
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
def nearest_point(ends, origins, points, by_edge, label, out_origin, out_mm):
    """For every point its nearest origin and the millimetres, from the nodes' labels and origins on the same edge.

    points   (edge, along_mm, off_mm) of Anchors
    by_edge  (first (U+1,), origin (O,)): the origins on each edge
    """
    _, origin_along, origin_off = origins
    point_edge, point_along, point_off = points
    first, edge_origin = by_edge
    for point in range(len(point_edge)):
        edge, at = point_edge[point], np.int64(point_along[point, 0])
        best = min(
            label[ends[edge, 0]] + (at << 24),
            label[ends[edge, 1]] + (np.int64(point_along[point, 1]) << 24),
        )
        for slot in range(first[edge], first[edge + 1]):
            origin = edge_origin[slot]
            best = min(best, ((abs(at - origin_along[origin, 0]) + origin_off[origin]) << 24) + origin)
        out_origin[point] = best & 0xFFFFFF if best < NOWHERE else -1
        out_mm[point] = (best >> 24) + point_off[point] if best < NOWHERE else NOWHERE
