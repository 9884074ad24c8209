"""aedplan as the benchmark calls it: public functions only, with so many threads."""

from typing import Any

import numpy as np

import aedplan as ap
from aedplan.anchors import Anchors
from aedplan.network import StreetNetwork

LIMIT_M = 312.0
"""Four minutes at 1.3 m/s."""


def reach(streets: StreetNetwork, origins: Any, points: Any, *, limit_m: float = LIMIT_M, threads: int = 1) -> ap.Reach:
    """Whom each origin reaches, on so many threads."""
    return ap.reach(streets, origins, points, limit_m=limit_m, work=ap.Work(threads=threads))


def reach_sum(streets: StreetNetwork, origins: Any, points: Any, weight: np.ndarray) -> np.ndarray:
    """The summed weight each origin reaches, on one thread."""
    return ap.reach_sum(streets, origins, points, weight, limit_m=LIMIT_M, work=ap.Work(threads=1))


def part(anchors: Anchors, chosen: Any) -> Anchors:
    """Some of the anchors."""
    return Anchors(anchors.edge[chosen], anchors.along_mm[chosen], anchors.off_mm[chosen])


def row(reached: ap.Reach, origin: int) -> dict[int, int]:
    """What one origin reaches: millimetres by point."""
    begin, end = int(reached.start[origin]), int(reached.start[origin + 1])
    return dict(zip(reached.point[begin:end].tolist(), reached.mm[begin:end].tolist(), strict=True))
