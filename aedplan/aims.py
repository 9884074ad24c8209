"""What a scenario asks of its plan beyond a number of devices and quotas, and the same as a placement problem says it."""

from dataclasses import dataclass, replace

import numpy as np

from .coordinates import local_crs, project
from .problem import PlacementProblem
from .sites import Sites
from .solve import Limits


@dataclass(frozen=True)
class Aims:
    """The rest of [plan].

    target      share of all demand to be covered by as few devices, or as little money, as can be; None: cover the most
    backup      what a second device within reach counts, as a part of the first
    spacing_m   new sites lie at least so far, in a straight line, from one another and from standing devices; 0: anywhere
    iterations  rounds of search; None: until time is up or the best is proven
    seed        of the search
    """

    target: float | None = None
    backup: float = 0.0
    spacing_m: float = 0.0
    iterations: int | None = None
    seed: int = 0

    def limits(self, seconds: float, gap: float) -> Limits:
        """When the search stops."""
        return Limits(seconds=seconds, gap=gap, iterations=self.iterations, seed=self.seed)


KEYS = ("target", "backup", "spacing_m", "iterations", "seed")
"""The keys of [plan] that are aims."""


def aimed(problem: PlacementProblem, aims: Aims, sites: Sites) -> PlacementProblem:
    """The problem with the aims of a scenario put into it."""
    return replace(
        problem,
        second=problem.weight * aims.backup,
        apart=too_near(sites.lonlat, aims.spacing_m),
        target=None if aims.target is None else aims.target * float(problem.weight.sum()),
    )


def too_near(lonlat: np.ndarray, spacing_m: float) -> np.ndarray:
    """(A, 2) pairs of places (n, 2) nearer to one another than a spacing in metres, in a straight line.

    >>> too_near(np.array([[118.39, 24.96], [118.391, 24.96], [118.40, 24.96]]), 150.0)
    array([[0, 1]])
    """
    if not spacing_m > 0 or len(lonlat) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    from scipy.spatial import cKDTree

    xy = project(lonlat, local_crs(lonlat))
    pairs = cKDTree(xy).query_pairs(spacing_m, output_type="ndarray")
    apart = np.linalg.norm(xy[pairs[:, 0]] - xy[pairs[:, 1]], axis=1) < spacing_m
    near: np.ndarray = np.unique(pairs[apart].astype(np.int64), axis=0)
    return near
