"""The floor of a bounded walk: the settled nodes replayed in their order, all the work but the queue's.

Whoever settles these nodes must at least look along every one of their edges and write the answer down; what a walk
takes beyond that is the price of its queue and of its care.
"""

import numba
import numpy as np
from bench import ours
from bench.worlds_big import World, walks_mm

FAR = 2**31 - 1


@numba.njit(nogil=True)
def replay(graph, rows, limit_mm, distance, out_node, out_mm):
    """Look along every edge of every settled node, and write the nodes and millimetres; returns the nodes written.

    graph     start (N+1,), head (E,), length (E,) millimetres of each directed edge
    rows      start (S+1,), node (M,), mm (M,): the settled nodes of each source, nearest first
    distance  (N,) all FAR before and after
    """
    start, head, length = graph
    row_start, row_node, row_mm = rows
    written = 0
    for source in range(len(row_start) - 1):
        first, last = row_start[source], row_start[source + 1]
        for at in range(first, last):
            node, here_mm = row_node[at], row_mm[at]
            if here_mm < distance[node]:
                distance[node] = here_mm
            for slot in range(start[node], start[node + 1]):
                there_mm = here_mm + length[slot]
                if there_mm <= limit_mm and there_mm < distance[head[slot]]:
                    distance[head[slot]] = there_mm
        for at in range(first, last):
            node = row_node[at]
            out_node[written], out_mm[written] = node, distance[node]
            distance[node] = FAR
            written += 1
    return written


def settled_rows(world: World, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What aedplan settles from each source, nearest first: start (S+1,), node (M,), mm (M,)."""
    reached = ours.reach(world.streets, ours.part(world.at_node, sources), world.at_node)
    source = np.repeat(np.arange(len(sources)), np.diff(reached.start))
    order = np.lexsort([reached.mm, source])
    return np.asarray(reached.start), np.asarray(reached.point)[order], np.asarray(reached.mm)[order]


def plain_graph(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compact arrays of the network: start, head, and the millimetres beside each head."""
    streets = world.streets
    length = walks_mm(streets)[np.asarray(streets.way) >> 1]
    return np.asarray(streets.start).astype(np.int32), np.asarray(streets.head), length.astype(np.int32)
