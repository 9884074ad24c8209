"""Kernels: points in the order of the edges and nodes where walks find them; by counting, in one pass over everything."""

import numpy as np

from .compiled import compiled


@compiled
def place_points(ends, nodes, points):
    """The points within each edge, and those that stand right at each node, metres off the street or not.

    ends    (U, 2); nodes: how many there are
    points  (edge, along_mm, off_mm) of Anchors

    Returns (span (U, 2), id, along_mm, off_mm, node_span (N, 2), node_id, node_off_mm), as `kernels` takes them.
    """
    edge, along, off = points
    inner, node = np.empty(len(edge), dtype=np.int32), np.empty(len(edge), dtype=np.int32)
    for point in range(len(edge)):
        inner[point] = edge[point]
        node[point] = node_at(ends, edge[point], along[point, 0], along[point, 1])
        if node[point] >= 0:
            inner[point] = -1
    span, id = grouped(inner, len(ends))
    node_span, node_id = grouped(node, nodes)
    id_along, id_off = np.empty(len(id), dtype=np.int32), np.empty(len(id), dtype=np.int32)
    for slot in range(len(id)):
        id_along[slot], id_off[slot] = along[id[slot], 0], off[id[slot]]
    node_off = np.empty(len(node_id), dtype=np.int32)
    for slot in range(len(node_id)):
        node_off[slot] = off[node_id[slot]]
    return span, id, id_along, id_off, node_span, node_id, node_off


@compiled
def node_at(ends, edge, to_begin, to_end):
    """The node where a point on an edge stands, -1 where it lies between them."""
    if to_begin == 0:
        return ends[edge, 0]
    return ends[edge, 1] if to_end == 0 else np.int32(-1)


@compiled
def grouped(place, count):
    """The numbers of the points at each of `count` places: number[span[p, 0] : span[p, 1]], ascending at a place.

    place  (P,) int32, where each point is; -1 leaves it out
    """
    span, filled = np.zeros((count, 2), dtype=np.int32), 0
    for point in range(len(place)):
        if place[point] >= 0:
            span[place[point], 1] += 1
            filled += 1
    number = np.empty(filled, dtype=np.int32)
    if filled == 0:
        return span, number
    begin = 0
    for at in range(count):
        size = span[at, 1]
        span[at, 0] = span[at, 1] = begin
        begin += size
    for point in range(len(place)):
        if place[point] >= 0:
            number[span[place[point], 1]] = point
            span[place[point], 1] += 1
    return span, number


@compiled
def weigh_nodes(ends, nodes, points, weight):
    """The summed weight of the points that stand right at each node and on the street (N,), and the numbers of all others.

    A point there is reached when the node is, so that a sum need not look for it.
    """
    edge, along, off = points
    at_node, others, count = np.zeros(nodes), np.empty(len(edge), dtype=np.int64), 0
    for point in range(len(edge)):
        node = node_at(ends, edge[point], along[point, 0], along[point, 1])
        if node >= 0 and off[point] == 0:
            at_node[node] += weight[point]
        else:
            others[count] = point
            count += 1
    return at_node, others[:count]
