"""Plain walks along streets, one origin or a few: for outlines, routes and maps. No compiler, so the first one is instant.

The same distances as the kernels of `reach`, which are there for thousands of origins.
"""

import heapq
from collections.abc import Collection
from dataclasses import dataclass

from .anchors import Anchors
from .network import StreetNetwork


@dataclass(frozen=True)
class Walk:
    """How far nodes are from the nearest of some origins.

    distance_mm  millimetres by node, for the nodes that were reached
    step         by node, the directed edge slot at the node before it that leads to it; absent where the walk begins
    before       by node, the node before it; absent where the walk begins
    origin       by node, the number of its origin
    """

    distance_mm: dict[int, int]
    step: dict[int, int]
    before: dict[int, int]
    origin: dict[int, int]


def walk(streets: StreetNetwork, origins: Anchors, *, limit_mm: int | None = None, until: Collection[int] = ()) -> Walk:
    """Dijkstra from the origins over the nodes within a limit; ties go to the lowest origin.

    until  stop when all these nodes are settled
    """
    queue: list[tuple[int, int, int, int, int]] = []
    for number in range(len(origins)):
        for side in (0, 1):
            node = int(streets.ends[origins.edge[number], side])
            begin = int(origins.off_mm[number]) + int(origins.along_mm[number, side])
            queue.append((begin, number, node, -1, -1))
    heapq.heapify(queue)
    found = Walk({}, {}, {}, {})
    waiting = set(until)
    while queue:
        here, number, node, slot, previous = heapq.heappop(queue)
        if node in found.distance_mm or (limit_mm is not None and here > limit_mm):
            continue
        found.distance_mm[node], found.origin[node] = here, number
        if slot >= 0:
            found.step[node], found.before[node] = slot, previous
        waiting.discard(node)
        if until and not waiting:
            break
        for out in range(int(streets.start[node]), int(streets.start[node + 1])):
            there = int(streets.head[out])
            if there not in found.distance_mm:
                length = int(streets.walk_mm[streets.way[out] >> 1])
                heapq.heappush(queue, (here + length, number, there, out, node))
    return found
