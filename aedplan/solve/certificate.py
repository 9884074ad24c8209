"""A proof that no plan is worth more: multipliers in whole numbers, and a checker that trusts nobody.

For any charges u[k] >= 0 of cells and any charges of rules: a plan pays u[k] for each of its sites that covers cell k. What
it gains beyond that is at most max(0, weight - u) for the first and max(0, second - u) for the second site of each cell;
what it pays is the sum over its sites of what they collect, and fractions of sites within the budget collect no less. The
charges may be any numbers: poor ones give a poor bound, never a wrong one. Weights are rounded up to multiples of
2**-shift, so that the rest is whole numbers and fractions of them.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from ..checks import read_only
from ..problem import ROUNDING, PlacementProblem, counts
from .core import free_sites

MOST_BITS = 60
"""All sums stay below 2**60, so that they are exact in int64."""


@dataclass(frozen=True)
class Certificate:
    """K cells, Q quotas.

    shift    weights and charges are multiples of 2**-shift
    cell     (K,) int64 charge of each cell of the problem
    quota    (Q,) int64 charge of each quota, below 0 where its minimum binds
    cliques  sets of sites all apart from one another, each with its charge
    price    of a unit of the budget, in units of weight
    """

    shift: int
    cell: np.ndarray
    quota: np.ndarray
    cliques: tuple[tuple[tuple[int, ...], int], ...] = ()
    price: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; `read_certificate` is its way back."""
        cliques = [[list(sites), charge] for sites, charge in self.cliques]
        lists = {"cell": self.cell.tolist(), "quota": self.quota.tolist(), "cliques": cliques}
        return {"shift": self.shift, **lists, "price": self.price}


def read_certificate(given: dict[str, Any]) -> Certificate:
    """A certificate from what `as_dict` gave."""
    cell, quota = (read_only(np.array(given[name], dtype=np.int64)) for name in ("cell", "quota"))
    cliques = tuple((tuple(sites), charge) for sites, charge in given["cliques"])
    return Certificate(given["shift"], cell, quota, cliques, given["price"])


def bound_of(problem: PlacementProblem, certificate: Certificate) -> float:
    """What no plan of a problem can be worth more than, equity and target left aside; exact, rounded up at the end.

    Raises AssertionError for charges that prove nothing.
    """
    c, times, free = certificate, counts(problem), set(free_sites(problem).tolist())
    whole = [np.ceil(np.ldexp(amount, c.shift)) for amount in (problem.weight, problem.second)]
    assert whole[0].sum() + whole[1].sum() < 2.0**MOST_BITS, "sums are not exact"
    first, second = (amount.astype(np.int64) for amount in whole)
    assert ((c.cell >= 0) & (c.cell <= first)).all(), "a cell's charge is below 0 or above its weight"
    pairs = {frozenset(pair) for pair in problem.apart.tolist()}
    assert min([c.price, *(charge for _, charge in c.cliques)]) >= 0, "a price or a clique's charge is below 0"
    assert all(frozenset(pair) in pairs for sites, _ in c.cliques for pair in combinations(sites, 2)), "not apart"
    once, twice = np.where(times == 0, first, np.where(times == 1, second, 0)), np.where(times == 0, second, 0)
    kept = first[times >= 1], second[times >= 2], np.maximum(once - c.cell, 0), np.maximum(twice - c.cell, 0)
    total, collects = Fraction(sum(int(part.sum()) for part in kept)), (problem.covers @ c.cell).tolist()
    rows = [(q.sites, q.minimum, q.maximum, u) for q, u in zip(problem.quotas, c.quota.tolist(), strict=True)]
    for sites, least, most, charge in rows + [(sites, 0, 1, charge) for sites, charge in c.cliques]:
        inside = free.intersection(sites)
        total += charge * (least if charge < 0 else len(inside) if most is None else most)
        for site in inside:
            collects[site] -= charge
    price = Fraction(c.price) * Fraction(2) ** c.shift
    total += sum(max(Fraction(0), collects[site] - price * Fraction(problem.cost[site])) for site in free)
    return rounded_up((total + (price * room(problem) if price else 0)) / Fraction(2) ** c.shift)


def room(problem: PlacementProblem) -> Fraction:
    """What free sites can cost together: the budget, or the last multiple below it of a cost that divides all others."""
    costs = [Fraction(cost) for cost in np.unique(problem.cost[free_sites(problem)]).tolist()]
    budget = Fraction(problem.budget * (1 + ROUNDING))
    unit = min(costs, default=Fraction(1))
    return budget // unit * unit if all(cost % unit == 0 for cost in costs) else budget


def rounded_up(number: Fraction) -> float:
    """The least float64 that is not below a number."""
    near = float(number)
    return near if Fraction(near) >= number else math.nextafter(near, math.inf)
