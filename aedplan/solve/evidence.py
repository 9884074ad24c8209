"""The certificate of a relaxation: its charges, brought back from the core to the cells and quotas of the problem."""

import math
from dataclasses import replace

import numpy as np

from ..checks import read_only
from ..problem import PlacementProblem, counts
from .certificate import MOST_BITS, Certificate, room
from .core import Core, free_sites
from .relaxed import Relaxation, best_purchase


def certificate_of(problem: PlacementProblem, core: Core, class_of: np.ndarray, relaxation: Relaxation) -> Certificate:
    """What proves the least bound of a relaxation; the cells of a class share its charge by their weights.

    class_of  (K,) the cell of the core that each cell of the problem is in, -1: none
    """
    cell, row = relaxation.charge
    count = counts(problem)
    weight = np.where(count == 0, problem.weight, np.where(count == 1, problem.second, 0.0))
    part = np.append(cell / core.graph.weight, 1.0)[class_of] * weight
    shift = exact_shift(float(problem.weight.sum() + problem.second.sum()))
    quotas = int(relaxation.rows.quotas[0])
    whole = np.round(np.ldexp(row, shift)).astype(np.int64)
    cliques = tuple(
        (tuple(int(core.number[s]) for s in members), int(max(charge, 0)))
        for members, charge in zip(cliques_of(relaxation), whole[quotas:], strict=True)
        if charge > 0
    )
    charges = np.minimum(np.rint(np.ldexp(part, shift)), np.ceil(np.ldexp(weight, shift))).astype(np.int64)
    # What no free site covers is charged in full: nobody collects it.
    charges[class_of < 0] = np.ceil(np.ldexp(weight[class_of < 0], shift)).astype(np.int64)
    made = Certificate(shift, read_only(charges), read_only(whole[:quotas]), cliques)
    return replace(made, price=best_price(problem, made))


def exact_shift(total: float) -> int:
    """The most bits below the point with which a total is surely exact in int64."""
    return MOST_BITS - 2 - math.frexp(total)[1] if total > 0 else 0


def cliques_of(relaxation: Relaxation) -> list[np.ndarray]:
    """Members of the rows that are no quotas."""
    rows = relaxation.rows
    return [rows.site[rows.top[r] : rows.top[r + 1]] for r in range(int(rows.quotas[0]), len(rows.high))]


def best_price(problem: PlacementProblem, charges: Certificate) -> float:
    """The price of a unit of the budget that gives the least bound with some charges."""
    free = free_sites(problem)
    collects = (problem.covers @ charges.cell).astype(float)
    for quota, charge in zip(problem.quotas, charges.quota.tolist(), strict=True):
        collects[np.unique(np.asarray(quota.sites, dtype=np.int64))] -= charge
    for sites, charge in charges.cliques:
        collects[list(sites)] -= charge
    if not np.isfinite(problem.budget):
        return 0.0
    _, price = best_purchase(collects[free], problem.cost[free], float(room(problem)))
    return math.ldexp(price, -charges.shift)
