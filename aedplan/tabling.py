"""Kernel of `distances`: the walk from each origin to every node, one unbounded search after the other."""

import numpy as np

from .compiled import compiled
from .kernels import NOWHERE, settle


@compiled
def node_distances(graph, ends, origins, limit_mm, out_mm):  # type: ignore[no-untyped-def]
    """Fill out_mm (O, N) with millimetres where a walk within `limit_mm` exists; other entries stay as they are.

    graph    (start, head, way, length_mm)
    origins  (edge, along_mm, off_mm)
    """
    origin_edge, origin_along, origin_off = origins
    nodes, slots = len(graph[0]) - 1, len(graph[1])
    distance = np.full(nodes, NOWHERE)
    heap_key = np.empty(slots + 2, dtype=np.int64)
    heap_node = np.empty(slots + 2, dtype=np.int32)
    settled = np.empty(nodes, dtype=np.int32)
    seed_mm = np.empty(2, dtype=np.int64)
    for origin in range(len(origin_edge)):
        off_mm = np.int64(origin_off[origin])
        seed_mm[0], seed_mm[1] = origin_along[origin, 0], origin_along[origin, 1]
        seeds = ends[origin_edge[origin]]
        count = settle(graph, seeds, seed_mm, limit_mm - off_mm, distance, heap_key, heap_node, settled)
        for i in range(count):
            node = settled[i]
            out_mm[origin, node] = distance[node] + off_mm
            distance[node] = NOWHERE
