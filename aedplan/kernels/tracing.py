"""Kernel: joins street segments into edges between nodes."""

import numpy as np

from .compiled import compiled


@compiled
def trace_chains(segments, kind, is_node, start, touching):
    """Walk from every node along its segments until the next node; then around the rings that have none.

    segments  (S, 2) vertices; kind (S,); is_node (V,) bool
    start     (V+1,), touching (2S,): segments at vertex v are touching[start[v]:start[v+1]]

    Returns chain_start (U+1,), chain_vertex, chain_kind (U,). Rings begin at their lowest vertex.
    """
    used = np.zeros(len(segments), dtype=np.bool_)
    chain_vertex = np.empty(2 * len(segments), dtype=np.int64)
    chain_start = np.zeros(len(segments) + 1, dtype=np.int64)
    chain_kind = np.empty(len(segments), dtype=np.uint8)
    chains, filled = 0, 0
    for rings in (False, True):
        for begin in range(len(is_node)):
            if is_node[begin] == rings:
                continue
            for slot in range(start[begin], start[begin + 1]):
                segment = touching[slot]
                if used[segment]:
                    continue
                chain_kind[chains] = kind[segment]
                chain_vertex[filled] = begin
                filled += 1
                here = begin
                while True:
                    used[segment] = True
                    here = segments[segment, 0] + segments[segment, 1] - here
                    chain_vertex[filled] = here
                    filled += 1
                    if is_node[here] or here == begin:
                        break
                    first = touching[start[here]]
                    segment = touching[start[here] + 1] if first == segment else first
                chains += 1
                chain_start[chains] = filled
    return chain_start[: chains + 1], chain_vertex[:filled], chain_kind[:chains]
