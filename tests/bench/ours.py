"""aedplan as the benchmark calls it: public functions only, and a clear answer where one is not there yet."""

import inspect
from typing import Any

import aedplan as ap
from aedplan.network import Anchors, StreetNetwork

LIMIT_M = 312.0
"""Four minutes at 1.3 m/s."""


def knows_threads() -> bool:
    """Whether `reach` can be told how many threads to use; without, it uses one."""
    return "threads" in inspect.signature(ap.reach).parameters


def reach(streets: StreetNetwork, origins: Any, points: Any, *, limit_m: float = LIMIT_M, threads: int = 1) -> ap.Reach:
    """Whom each origin reaches, on so many threads."""
    if knows_threads():
        return ap.reach(streets, origins, points, limit_m=limit_m, threads=threads)
    return ap.reach(streets, origins, points, limit_m=limit_m)


def part(anchors: Anchors, chosen: Any) -> Anchors:
    """Some of the anchors."""
    return Anchors(anchors.edge[chosen], anchors.along_mm[chosen], anchors.off_mm[chosen])


def row(reached: ap.Reach, origin: int) -> dict[int, int]:
    """What one origin reaches: millimetres by point."""
    begin, end = int(reached.start[origin]), int(reached.start[origin + 1])
    return dict(zip(reached.point[begin:end].tolist(), reached.mm[begin:end].tolist(), strict=True))
