"""A bound for any placement problem, without a solver.

Coverage has diminishing returns (it is submodular), so for any set A of sites:
value(best) <= value(A) + the most that the whole budget could buy at the gains that are left after A.
(Nemhauser, Wolsey and Fisher 1978; the purchase is a fractional knapsack, Dantzig 1957.) Quotas only lower the best, so
the bound holds with them too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..problem import ROUNDING, PlacementProblem, counts, score
from .certificate import Certificate, room
from .core import free_sites

MOST_PREFIXES = 32
"""Of a sequence: their best bound is seldom 1 % above the best of all."""


def submodular_bound(problem: PlacementProblem, sequence: Sequence[int]) -> float:
    """The least of the bounds that the prefixes of a sequence of sites give for the problem's budget."""
    return float(prefix_bounds(problem, sequence, np.array([problem.budget]))[0])


def prefix_bounds(problem: PlacementProblem, sequence: Sequence[int], budgets: np.ndarray) -> np.ndarray:
    """(B,) for each budget the least bound of some prefixes: what is covered plus what the whole budget could buy then.

    budgets  (B,) in place of the problem's own
    """
    best = np.full(len(budgets), score(problem, counts(problem, np.arange(problem.covers.shape[0]))))
    for have, spent, bought in _prefixes(problem, sequence, float(budgets.max())):
        best = np.minimum(best, have + np.interp(budgets, spent, bought))
    return best


def cost_needed(problem: PlacementProblem, sequence: Sequence[int], target: float) -> float:
    """The largest cost, over some prefixes of a sequence, without which no plan is worth the target.

    After any sites the rest of the target must be bought at the gains left, the last site perhaps in part.
    """
    most = 0.0
    for have, spent, bought in _prefixes(problem, sequence, problem.budget):
        rest = target - have
        if rest > 0:
            most = max(most, float(np.interp(rest, bought, spent)) if rest <= bought[-1] else float(spent[-1]))
    return most


def certified_bounds(problem: PlacementProblem, certificate: Certificate, budgets: np.ndarray) -> np.ndarray:
    """(B,) for each budget the bound of a certificate made for any budget: its price of money is found anew.

    In floating point, rounded up by more than its errors.
    """
    have, spent, bought = _collected(problem, certificate, float(budgets.max()))
    rooms = [float(room(replace(problem, budget=float(budget)))) for budget in budgets]
    return np.asarray((have + np.interp(rooms, spent, bought)) * (1 + ROUNDING))


def certified_cost(problem: PlacementProblem, certificate: Certificate, target: float) -> float:
    """The cost without which no plan is worth the target, by a certificate made for any budget."""
    have, spent, bought = _collected(problem, certificate, problem.budget)
    rest = target * (1 - ROUNDING) - have
    return float(np.interp(rest, bought, spent)) if rest > 0 else 0.0


def _collected(
    problem: PlacementProblem, certificate: Certificate, most: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """What a certificate leaves to plans without cost, and the purchases of what sites collect by it."""
    unit, count = 2.0**-certificate.shift, counts(problem)
    charge = certificate.cell * unit
    first = np.where(count == 0, problem.weight, np.where(count == 1, problem.second, 0.0))
    second = np.where(count == 0, problem.second, 0.0)
    have = float(problem.weight[count >= 1].sum() + problem.second[count >= 2].sum())
    have += float(np.maximum(first - charge, 0).sum() + np.maximum(second - charge, 0).sum())
    gain = np.asarray(problem.covers.astype(float) @ charge)
    free = np.zeros(len(gain), dtype=bool)
    free[free_sites(replace(problem, budget=most))] = True
    for quota, price in zip(problem.quotas, certificate.quota * unit, strict=True):
        inside = [site for site in set(quota.sites) if free[site]]
        limit = len(inside) if quota.maximum is None else min(quota.maximum, len(inside))
        have += float((limit if price > 0 else quota.minimum) * price)
        gain[inside] -= price
    for sites, price in certificate.cliques:
        have += price * unit
        gain[list(sites)] -= price * unit
    return have, *fractional_purchases(problem, np.where(free, gain, 0.0), most)


def _prefixes(
    problem: PlacementProblem, sequence: Sequence[int], most: float
) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """For prefixes spread evenly from none to all: their value, and the purchases at the gains left after them."""
    lengths = np.unique(np.linspace(0, len(sequence), min(MOST_PREFIXES, len(sequence) + 1)).round().astype(int))
    covers, start, cell = problem.covers.astype(float), problem.covers.indptr, problem.covers.indices
    count, done = counts(problem), 0
    for length in lengths:
        for site in sequence[done:length]:
            count[cell[start[site] : start[site + 1]]] += 1
        done = length
        left = np.where(count == 0, problem.weight, np.where(count == 1, problem.second, 0.0))
        yield score(problem, count), *fractional_purchases(problem, covers @ left, most)


def fractional_purchases(problem: PlacementProblem, gain: np.ndarray, most: float) -> tuple[np.ndarray, np.ndarray]:
    """Money spent and gain bought, from nothing on, when sites are bought by gain per cost and the last one in part.

    gain  (S,)
    most  sites that cost more are left out
    """
    buyable = ~problem.fixed & (gain > 0) & (problem.cost <= most * (1 + ROUNDING))
    gain, cost = gain[buyable], problem.cost[buyable]
    order = np.argsort(-gain / cost, kind="stable")
    spent = np.concatenate([[0.0], np.cumsum(cost[order])])
    return spent, np.concatenate([[0.0], np.cumsum(gain[order])])
