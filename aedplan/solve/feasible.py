"""Is there any plan at all? Only budget, quotas and pairs apart are asked, not what is covered."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..problem import ROUNDING, PlacementProblem, Quota
from .core import free_sites


def feasible_plan(problem: PlacementProblem, quotas: Sequence[Quota], worth: np.ndarray) -> tuple[int, ...] | None:
    """Any choice that keeps the budget, these quotas and all pairs apart, with about the largest sum of `worth` (S,).

    None where there is none.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    sites = len(worth)
    allowed = np.zeros(sites)
    allowed[free_sites(problem)] = 1.0
    rows, lower, upper = constraint_rows(problem, quotas)
    answer = milp(
        -worth / max(float(worth.max(initial=0.0)), 1e-300),
        constraints=LinearConstraint(rows, lower, upper),
        integrality=np.ones(sites, dtype=np.int8),
        bounds=Bounds(0, allowed),
        options={"mip_rel_gap": 0.05, "time_limit": 60.0},
    )
    if answer.x is None:
        return None
    return tuple(int(s) for s in np.flatnonzero(answer.x > 0.5))


def constraint_rows(problem: PlacementProblem, quotas: Sequence[Quota]) -> tuple[Any, np.ndarray, np.ndarray]:
    """Budget, quotas and pairs apart as rows over sites: (R, S) CSR, lower (R,), upper (R,)."""
    from scipy.sparse import csr_array

    sites = len(problem.cost)
    members = [np.arange(sites), *(np.unique(np.asarray(q.sites, dtype=np.int64)) for q in quotas), *problem.apart]
    start = np.concatenate([[0], np.cumsum([len(part) for part in members])])
    number = np.concatenate(members)
    entry = np.concatenate([problem.cost, np.ones(len(number) - sites)])
    pairs = len(problem.apart)
    lower = [0.0, *(float(q.minimum) for q in quotas), *([0.0] * pairs)]
    most = (float(sites if q.maximum is None else q.maximum) for q in quotas)
    upper = [min(problem.budget * (1 + ROUNDING / 2), float(problem.cost.sum())), *most, *([1.0] * pairs)]
    return csr_array((entry, number, start), shape=(len(members), sites)), np.array(lower), np.array(upper)
