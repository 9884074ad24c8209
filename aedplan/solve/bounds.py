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
    """The least of the bounds that the prefixes of a sequence of sites give."""
    mask = covered(problem, ())
    best = prefix_bound(problem, mask)
    for site in sequence:
        mask[problem.covers[[site]].indices] = True
        best = min(best, prefix_bound(problem, mask))
    return best


def prefix_bound(problem: PlacementProblem, mask: np.ndarray) -> float:
    """What is covered plus what the whole budget could buy at today's gains, at most everything.

    mask  (K,) bool: cells covered
    """
    have = float(problem.weight[mask].sum())
    coverable = float(problem.weight[problem.covers.sum(axis=0) > 0].sum())
    return min(coverable, have + fractional_purchase(gains(problem, mask), problem))


def fractional_purchase(gain: np.ndarray, problem: PlacementProblem) -> float:
    """The most gain the budget buys when the last site may be bought in part.

    gain  (S,)
    """
    buyable = ~problem.fixed & (gain > 0) & (problem.cost <= problem.budget)
    gain, cost = gain[buyable], problem.cost[buyable]
    order = np.argsort(-gain / cost, kind="stable")
    spent = np.cumsum(cost[order])
    whole = int(np.searchsorted(spent, problem.budget, side="right"))
    bought = float(gain[order[:whole]].sum())
    if whole < len(order):
        left = problem.budget - (spent[whole - 1] if whole else 0.0)
        bought += float(gain[order[whole]] * left / cost[order[whole]])
    return bought
