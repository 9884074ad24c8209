"""What a scenario asks of its plan beyond a number of devices and quotas, and the same as a placement problem says it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .coordinates import local_crs, project
from .given import Given
from .problem import PlacementProblem
from .sites import Sites
from .solve import Limits
from .survival import CURVES

OBJECTIVES = ("coverage", "survival")
DEFAULT_CURVE = "larsen-1993"


@dataclass(frozen=True)
class Aims:
    """The rest of [plan].

    target      share of all demand to be covered by as few devices, or as little money, as can be; None: cover the most
    backup      what a second device within reach counts, as a part of the first
    spacing_m   new sites lie at least so far, in a straight line, from one another and from standing devices; 0: anywhere
    iterations  rounds of search; None: until time is up or the best is proven
    seed        of the search
    objective   "coverage": as much demand in time as can be; "survival": the sooner the better, by a curve
    curve       name of the curve of survival
    """

    target: float | None = None
    backup: float = 0.0
    spacing_m: float = 0.0
    iterations: int | None = None
    seed: int = 0
    objective: Literal["coverage", "survival"] = "coverage"
    curve: str = DEFAULT_CURVE

    def limits(self, seconds: float, gap: float) -> Limits:
        """When the search stops."""
        return Limits(seconds=seconds, gap=gap, iterations=self.iterations, seed=self.seed)


KEYS = ("target", "backup", "spacing_m", "iterations", "seed", "objective", "curve")
"""The keys of [plan] that are aims."""


def read_aims(plan: Given) -> Aims:
    """What [plan] asks for beyond a number and quotas; faults are noted in it."""
    objective = plan.choice("objective", OBJECTIVES, "coverage")
    curve = plan.choice("curve", tuple(CURVES), DEFAULT_CURVE)
    if objective == "survival":
        plan.without_effect(["target", "backup"], 'plan.objective = "survival"')
    else:
        plan.without_effect(["curve"], 'plan.objective = "coverage"')
    return Aims(
        target=plan.part("target") if "target" in plan else None,
        backup=plan.part("backup") if "backup" in plan else 0.0,
        spacing_m=plan.number("spacing_m", above=0) if "spacing_m" in plan else 0.0,
        iterations=plan.whole("iterations", at_least=1) if "iterations" in plan else None,
        seed=plan.whole("seed", at_least=0) if "seed" in plan else 0,
        objective=objective,  # type: ignore[arg-type]
        curve=curve,
    )


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
