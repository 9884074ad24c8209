"""Value and bound for one budget after another: what the next device adds, and how many are needed for a share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..checks import read_only
from ..errors import InputError
from ..problem import PlacementProblem, value
from .bounds import prefix_bounds
from .exact import exact
from .greedy import greedy


@dataclass(frozen=True)
class Frontier:
    """B budgets, ascending.

    budget  (B,)
    value   (B,) covered weight of the best plan found for each; never falls
    bound   (B,) no plan within that budget has a larger value; never falls
    chosen  for each budget the sites of its plan
    total   all weight there is
    """

    budget: np.ndarray
    value: np.ndarray
    bound: np.ndarray
    chosen: tuple[tuple[int, ...], ...]
    total: float


def frontier(
    problem: PlacementProblem, *, budgets: Sequence[float], method: str = "greedy", seconds: float = 30.0
) -> Frontier:
    """The plans for several budgets at once.

    budgets  above 0; they replace the problem's own
    method   "greedy", or "exact", which spends `seconds` on all budgets together

    Bounds are shared: what bounds a larger budget bounds a smaller one, and a plan for a smaller budget keeps a larger one.

    Raises InputError for budgets that make no sense; InfeasibleError when the quotas cannot be kept within one of them.
    """
    ordered = np.unique(np.asarray(budgets, dtype=float))
    if not len(ordered) or not (np.isfinite(ordered).all() and ordered[0] > 0):
        raise InputError(f"budgets are {list(budgets)}; expected one or more numbers above 0")
    plans = _greedy_plans(problem, ordered)
    bounds = prefix_bounds(problem, plans[-1], ordered)
    if method == "exact":
        for i, budget in enumerate(ordered):
            one = replace(problem, budget=float(budget))
            plans[i], proven, _ = exact(one, plans[i], seconds=seconds / len(ordered), gap=0.0)
            bounds[i] = min(bounds[i], proven)
    values = [value(problem, plan) for plan in plans]
    if not problem.quotas:  # with quotas a plan for a smaller budget need not keep those of a larger one
        for i in range(1, len(plans)):
            if values[i] < values[i - 1]:
                plans[i], values[i] = plans[i - 1], values[i - 1]
    bounds = np.maximum(np.minimum.accumulate(bounds[::-1])[::-1], values)
    return Frontier(
        read_only(ordered), read_only(np.array(values)), read_only(bounds), tuple(plans), float(problem.weight.sum())
    )


def _greedy_plans(problem: PlacementProblem, budgets: np.ndarray) -> list[tuple[int, ...]]:
    """The greedy plan of each budget; devices that cost the same and have no quotas come from one run."""
    if problem.quotas or np.ptp(problem.cost) > 0:
        return [greedy(replace(problem, budget=float(budget))) for budget in budgets]
    longest = greedy(replace(problem, budget=float(budgets[-1])))
    return [longest[: int(budget * (1 + 1e-12) // problem.cost[0])] for budget in budgets]
