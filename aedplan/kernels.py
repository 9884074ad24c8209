"""Kernels: shortest walks on the street network, in whole millimetres.

Streets come as the arrays of `StreetNetwork` (start, head, way, walk_mm), origins and points as `Anchors`. A walk between
two points is: off the street, along the first edge to one of its ends, between nodes, along the last edge, off the street;
or straight along the edge when both lie on the same one. The queue is a binary heap of keys distance * 2**24 + rank, so
equal distances are settled in a fixed order.
"""

import numpy as np

from .compiled import compiled
from .network import NOWHERE


@compiled
def push(heap_key, heap_node, size, key, node):
    """Add to the heap of `size` entries; returns the new size. The heap must have room."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap_key[above] <= key:
            break
        heap_key[at], heap_node[at] = heap_key[above], heap_node[above]
        at = above
    heap_key[at], heap_node[at] = key, node
    return size + 1


@compiled
def pop(heap_key, heap_node, size):
    """Drop the first entry of the heap; returns the new size."""
    size -= 1
    key, node = heap_key[size], heap_node[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap_key[below + 1] < heap_key[below]:
            below += 1
        if heap_key[below] >= key:
            break
        heap_key[at], heap_node[at] = heap_key[below], heap_node[below]
        at = below
    heap_key[at], heap_node[at] = key, node
    return size


@compiled
def settle(graph, seed_node, seed_mm, limit_mm, distance, heap_key, heap_node, settled):
    """Settle every node within `limit_mm` of the seeds; returns how many, their numbers in `settled`, in order.

    graph     (start, head, way, walk_mm)
    distance  (N,) all NOWHERE before; the caller resets what it finds touched: settled nodes only, since none other stays set
    """
    start, head, way, walk_mm = graph
    size = 0
    for seed in range(len(seed_node)):
        node = seed_node[seed]
        if seed_mm[seed] <= limit_mm and seed_mm[seed] < distance[node]:
            distance[node] = seed_mm[seed]
            size = push(heap_key, heap_node, size, seed_mm[seed], node)
    count = 0
    while size > 0:
        here_mm, node = heap_key[0], heap_node[0]
        size = pop(heap_key, heap_node, size)
        if here_mm > distance[node]:
            continue
        settled[count] = node
        count += 1
        for slot in range(start[node], start[node + 1]):
            there_mm = here_mm + walk_mm[way[slot] >> 1]
            if there_mm <= limit_mm and there_mm < distance[head[slot]]:
                distance[head[slot]] = there_mm
                size = push(heap_key, heap_node, size, there_mm, head[slot])
    return count


@compiled
def reach_rows(graph, ends, origins, points, by_edge, limit_mm, first, out_point, out_mm, out_start):
    """Bounded walks from origins `first` onwards until the output is full or all are done.

    origins  (edge, along_mm, off_mm); points the same
    by_edge  (edge_start (U+1,), edge_point (D,)): the points on each edge
    out_*    pairs by origin: point number, millimetres; out_start[i + 1 - first] is where origin i ends

    Returns the number of the first origin that was not done. Each row is sorted by point.
    """
    start, head, way, _walk_mm = graph
    origin_edge, origin_along, origin_off = origins
    point_edge, point_along, point_off = points
    edge_start, edge_point = by_edge
    nodes = len(start) - 1
    distance = np.full(nodes, NOWHERE)
    heap_key = np.empty(len(head) + 2, dtype=np.int64)
    heap_node = np.empty(len(head) + 2, dtype=np.int32)
    settled = np.empty(nodes, dtype=np.int32)
    best = np.full(len(point_edge), NOWHERE)
    found = np.empty(len(point_edge), dtype=np.int32)
    seed_mm = np.empty(2, dtype=np.int64)
    filled = 0
    for origin in range(first, len(origin_edge)):
        edge = origin_edge[origin]
        rest_mm = np.int64(limit_mm - origin_off[origin])
        count, hits = 0, 0
        if rest_mm >= 0:
            seed_mm[0], seed_mm[1] = origin_along[origin, 0], origin_along[origin, 1]
            count = settle(graph, ends[edge], seed_mm, rest_mm, distance, heap_key, heap_node, settled)
            for slot in range(edge_start[edge], edge_start[edge + 1]):
                point = edge_point[slot]
                walk = abs(np.int64(point_along[point, 0]) - origin_along[origin, 0]) + point_off[point]
                if walk <= rest_mm:
                    best[point] = walk
                    found[hits] = point
                    hits += 1
        for i in range(count):
            node = settled[i]
            here_mm = distance[node]
            distance[node] = NOWHERE
            for slot in range(start[node], start[node + 1]):
                edge, side = way[slot] >> 1, way[slot] & 1
                for at in range(edge_start[edge], edge_start[edge + 1]):
                    point = edge_point[at]
                    walk = here_mm + point_along[point, side] + point_off[point]
                    if walk <= rest_mm and walk < best[point]:
                        if best[point] == NOWHERE:
                            found[hits] = point
                            hits += 1
                        best[point] = walk
        row = np.sort(found[:hits])
        fits = filled + hits <= len(out_point)
        for point in row:
            if fits:
                out_point[filled] = point
                out_mm[filled] = best[point] + origin_off[origin]
                filled += 1
            best[point] = NOWHERE
        if not fits:
            return origin
        out_start[origin + 1 - first] = filled
    return len(origin_edge)


@compiled
def nearest_origin(graph, ends, origins, distance, nearest, step):
    """For every node the nearest origin, ties to the lowest origin number; returns nothing, fills three (N,) arrays.

    distance  millimetres, NOWHERE where no origin can be walked to
    nearest   origin number, -1 where none
    step      the directed edge slot the walk to the origin takes first, -1 where it goes along the origin's own edge
    """
    start, head, way, walk_mm = graph
    origin_edge, origin_along, origin_off = origins
    distance[:], nearest[:], step[:] = NOWHERE, -1, -1
    room = len(head) + 2 * len(origin_edge) + 2
    heap_key = np.empty(room, dtype=np.int64)
    heap_node = np.empty(room, dtype=np.int32)
    size = 0
    for origin in range(len(origin_edge)):
        for side in (0, 1):
            node = ends[origin_edge[origin], side]
            walk = np.int64(origin_off[origin]) + origin_along[origin, side]
            if walk < distance[node]:
                distance[node], nearest[node] = walk, origin
                size = push(heap_key, heap_node, size, (walk << 24) + origin, node)
    while size > 0:
        key, node = heap_key[0], heap_node[0]
        size = pop(heap_key, heap_node, size)
        here_mm, origin = key >> 24, key & 0xFFFFFF
        if here_mm != distance[node] or origin != nearest[node]:
            continue
        for slot in range(start[node], start[node + 1]):
            there = head[slot]
            walk = here_mm + walk_mm[way[slot] >> 1]
            if walk < distance[there] or (walk == distance[there] and origin < nearest[there]):
                distance[there], nearest[there] = walk, origin
                step[there] = opposite(start, way, node, slot, there)
                size = push(heap_key, heap_node, size, (walk << 24) + origin, there)


@compiled
def opposite(start, way, node, slot, there):
    """The slot at node `there` that walks the edge of `slot` the other way."""
    back = way[slot] ^ 1
    for other in range(start[there], start[there + 1]):
        if way[other] == back:
            return other
    return -1


@compiled
def nearest_point(ends, origins, points, by_edge, distance, nearest, out_origin, out_mm):
    """For every point its nearest origin and the millimetres, from the nodes' answers and origins on the same edge.

    by_edge  (edge_start (U+1,), edge_origin (O,)): the origins on each edge
    """
    _origin_edge, origin_along, origin_off = origins
    point_edge, point_along, point_off = points
    edge_start, edge_origin = by_edge
    for point in range(len(point_edge)):
        edge = point_edge[point]
        best, who = NOWHERE, -1
        for side in (0, 1):
            node = ends[edge, side]
            walk = distance[node] + point_along[point, side]
            if nearest[node] >= 0 and (walk < best or (walk == best and nearest[node] < who)):
                best, who = walk, nearest[node]
        for slot in range(edge_start[edge], edge_start[edge + 1]):
            origin = edge_origin[slot]
            walk = abs(np.int64(point_along[point, 0]) - origin_along[origin, 0]) + origin_off[origin]
            if walk < best or (walk == best and origin < who):
                best, who = walk, origin
        out_origin[point] = who
        out_mm[point] = best + point_off[point] if who >= 0 else NOWHERE
