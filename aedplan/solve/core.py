"""The core of a placement problem: what is left to decide, as plain arrays for the machine.

Fixed sites are applied: a cell that one of them covers keeps only its second weight, one that two cover is gone, and sites
apart from them are out. Costs are whole units, so that sums are exact in any order. Cells with the same sites are merged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..checks import read_only
from ..problem import ROUNDING, PlacementProblem, counts, value
from .merging import Cells, classes, merged, neighbourly, take_sites, turn

UNITS = 2.0**50
"""Of a budget whose costs are no whole numbers; sums of up to 8,000 of them are exact as float64 too."""


class Graph(NamedTuple):
    """Who covers what: site s covers cell[start[s] : start[s + 1]], cell k is covered by site[top[k] : top[k + 1]]."""

    start: np.ndarray
    cell: np.ndarray
    top: np.ndarray
    site: np.ndarray
    weight: np.ndarray
    second: np.ndarray


class Rules(NamedTuple):
    """What may be chosen together.

    cost                (S,) int64, and the budget in the same units, (1,)
    group_start, group  the quotas that each site counts in, as CSR
    least, most         (G,) int64 of each quota
    apart_start, apart  the sites that each site must stay apart from, as CSR
    """

    cost: np.ndarray
    budget: np.ndarray
    group_start: np.ndarray
    group: np.ndarray
    least: np.ndarray
    most: np.ndarray
    apart_start: np.ndarray
    apart: np.ndarray


@dataclass(frozen=True)
class Core:
    """S free sites, K open cells.

    number  (S,) what the sites are called in the problem
    before  value of the fixed sites alone; values of the core are what comes on top
    """

    graph: Graph
    rules: Rules
    number: np.ndarray
    before: float

    @property
    def sites(self) -> int:
        """How many sites may still be chosen."""
        return len(self.number)

    @property
    def cells(self) -> int:
        """How many classes of cells are open."""
        return len(self.graph.weight)

    @property
    def entries(self) -> int:
        """How many pairs of a site and a cell it covers."""
        return len(self.graph.cell)

    def names(self, chosen: Iterable[int]) -> tuple[int, ...]:
        """Sites of the core by their numbers in the problem."""
        return tuple(int(self.number[site]) for site in chosen)

    def places(self, chosen: Iterable[int]) -> np.ndarray:
        """Sites of the problem by their numbers in the core; those that are not in it are left out."""
        wanted = np.fromiter(chosen, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.number, wanted), max(self.sites - 1, 0))
        return at[self.number[at] == wanted] if self.sites else wanted[:0]


def core_of(problem: PlacementProblem) -> tuple[Core, np.ndarray]:
    """The core of a problem, and the cell of it that each cell of the problem is in (-1: none).

    Equity and target are left aside.

    Sites that cost more than the budget are out. No site is dropped that a quota may need: see `reduce` for that.
    """
    free = free_sites(problem)
    count = counts(problem)
    first = np.where(count == 0, problem.weight, np.where(count == 1, problem.second, 0.0))
    again = np.where(count == 0, problem.second, 0.0)
    rows = problem.covers if len(free) == problem.covers.shape[0] else problem.covers[free]
    cells = Cells(rows.indptr.astype(np.int64), rows.indices.astype(np.int32, copy=False), first, again)
    class_of = classes(cells)
    order = neighbourly(merged(cells, class_of))
    class_of = np.where(class_of >= 0, order[class_of], -1).astype(np.int32) if len(order) else class_of
    before = value(problem, ()) if problem.fixed.any() else 0.0
    return made(merged(cells, class_of), rules_of(problem, free), free, before), class_of


def made(cells: Cells, rules: Rules, number: np.ndarray, before: float) -> Core:
    """A core from its parts."""
    top, site = turn(cells.start, cells.cell, len(cells.weight))
    start, cell = turn(top, site, len(number))  # turned twice: ascending in each row
    return Core(Graph(start, cell, top, site, cells.weight, cells.second), rules, read_only(number), before)


def free_sites(problem: PlacementProblem) -> np.ndarray:
    """The sites that a plan may choose: not fixed, within the budget alone, apart from no fixed site."""
    free = ~problem.fixed & (problem.cost <= problem.budget * (1 + ROUNDING))
    for here, there in (problem.apart.T, problem.apart.T[::-1]):
        free[here[problem.fixed[there]]] = False
    return np.flatnonzero(free)


def rules_of(problem: PlacementProblem, free: np.ndarray) -> Rules:
    """The rules between the free sites, which get the numbers 0, 1, 2 ... in their order."""
    place = np.full(len(problem.fixed), -1, dtype=np.int64)
    place[free] = np.arange(len(free))
    members = [place[np.unique(np.asarray(quota.sites, dtype=np.int64))] for quota in problem.quotas]
    pairs = place[np.unique(np.sort(problem.apart, axis=1), axis=0)]
    pairs = pairs[(pairs >= 0).all(axis=1)]
    cost, budget = whole_costs(problem.cost[free], problem.budget)
    most = [len(free) if quota.maximum is None else quota.maximum for quota in problem.quotas]
    return Rules(
        cost,
        np.array([budget]),
        *rows_of([group[group >= 0] for group in members], len(free)),
        np.array([quota.minimum for quota in problem.quotas], dtype=np.int64),
        np.array(most, dtype=np.int64),
        *neighbours(pairs, len(free)),
    )


def rules_of_equals(sites: int, most: int) -> Rules:
    """Of so many sites that cost the same no more than `most`, and no other rule."""
    none = np.zeros(0, dtype=np.int64)
    cost, budget = np.ones(sites, dtype=np.int64), np.array([most])
    return Rules(cost, budget, *rows_of([], sites), none, none, *neighbours(none.reshape(0, 2), sites))


def whole_costs(cost: np.ndarray, budget: float) -> tuple[np.ndarray, int]:
    """Costs and budget in whole units: 1 each where all cost the same, as they are where they are whole numbers, and
    else parts of the budget, rounded to 1e-15 of it.

    >>> whole_costs(np.array([2.5, 2.5]), 5.0)
    (array([1, 1]), 2)
    """
    if not len(cost):
        return np.zeros(0, dtype=np.int64), 0
    if not np.isfinite(budget):
        budget = float(cost.sum())
    room = budget * (1 + ROUNDING)
    if (cost == cost[0]).all():
        return np.ones(len(cost), dtype=np.int64), min(int(room / cost[0]), len(cost))
    if (cost == np.floor(cost)).all() and cost.sum() < UNITS:
        return cost.astype(np.int64), int(min(room, cost.sum()))
    return np.rint(cost / budget * UNITS).astype(np.int64), int(UNITS * (1 + ROUNDING)) - len(cost)


def rows_of(members: Sequence[np.ndarray], sites: int) -> tuple[np.ndarray, np.ndarray]:
    """For each site the groups it is in, as CSR."""
    site = np.concatenate([np.zeros(0, dtype=np.int64), *members])
    group = np.repeat(np.arange(len(members)), [len(part) for part in members])
    order = np.lexsort([group, site])
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=sites))])
    return start.astype(np.int64), group[order].astype(np.int32)


def neighbours(pairs: np.ndarray, sites: int) -> tuple[np.ndarray, np.ndarray]:
    """For each site those it is paired with, as CSR; pairs (P, 2), each once."""
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.lexsort([there, here])
    start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=sites))])
    return start.astype(np.int64), there[order].astype(np.int32)


def without_sites(core: Core, kept: np.ndarray) -> tuple[Core, np.ndarray]:
    """The core of some of its sites, in ascending order, and for each of its cells the class it is in now (-1: none).

    Sites left out are never chosen. Groups and pairs lose them as members.
    """
    cells, class_of = take_sites(core.graph, kept)
    rules = core.rules
    place = np.full(core.sites, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    group_start, group = taken_rows(rules.group_start, rules.group, kept)
    apart_start, apart = taken_rows(rules.apart_start, place[rules.apart], kept)
    fewer = rules._replace(
        cost=rules.cost[kept], group_start=group_start, group=group, apart_start=apart_start, apart=apart
    )
    return made(cells, fewer, core.number[kept], core.before), class_of


def taken_rows(start: np.ndarray, inside: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Some rows of a CSR, without entries below 0."""
    parts = [inside[start[row] : start[row + 1]] for row in kept] if len(inside) else []
    parts = [part[part >= 0] for part in parts]
    size = np.array([len(part) for part in parts] or [0] * len(kept), dtype=np.int64)
    return np.concatenate([[0], np.cumsum(size)]), np.concatenate([np.zeros(0, dtype=np.int32), *parts]).astype(
        np.int32
    )
