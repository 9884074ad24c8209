"""A bound for any placement problem, without a solver.

Coverage has diminishing returns (it is submodular), so for any set A of sites:
value(best) <= value(A) + the most that the whole budget could buy at the gains that are left after A.
(Nemhauser, Wolsey and Fisher 1978; the purchase is a fractional knapsack, Dantzig 1957.) Quotas only lower the best, so
the bound holds with them too.
"""

from collections.abc import Sequence

import numpy as np

from ..problem import PlacementProblem, covered, gains


def submodular_bound(problem: PlacementProblem, sequence: Sequence[int]) -> float:
    """The least of the bounds that the prefixes of a sequence of sites give for the problem's budget."""
    return float(prefix_bounds(problem, sequence, np.array([problem.budget]))[0])


def prefix_bounds(problem: PlacementProblem, sequence: Sequence[int], budgets: np.ndarray) -> np.ndarray:
    """(B,) for each budget the least bound of all prefixes: what is covered plus what the whole budget could buy then.

    budgets  (B,) in place of the problem's own
    """
    mask = covered(problem, ())
    coverable = float(problem.weight[problem.covers.sum(axis=0) > 0].sum())
    best = np.full(len(budgets), coverable)
    for site in [None, *sequence]:
        if site is not None:
            mask[problem.covers[[site]].indices] = True
        have = float(problem.weight[mask].sum())
        best = np.minimum(best, have + fractional_purchases(problem, gains(problem, mask), budgets))
    return best


def fractional_purchases(problem: PlacementProblem, gain: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """(B,) the most gain each budget buys when the last site may be bought in part.

    gain  (S,)
    """
    buyable = ~problem.fixed & (gain > 0) & (problem.cost <= budgets.max())
    gain, cost = gain[buyable], problem.cost[buyable]
    order = np.argsort(-gain / cost, kind="stable")
    spent = np.concatenate([[0.0], np.cumsum(cost[order])])
    bought = np.concatenate([[0.0], np.cumsum(gain[order])])
    most: np.ndarray = np.interp(budgets, spent, bought)
    return most
