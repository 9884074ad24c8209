"""A plan: the sites chosen, in order, with a value from the one judge and a bound that no plan can beat."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from .errors import raise_faults
from .problem import PlacementProblem, breaches, counts, score, value

if TYPE_CHECKING:
    from .solve.certificate import Certificate

Status = Literal["optimal", "gap-reached", "time-limit", "stopped"]
"""How sure a plan is, read off its value and its bound, never claimed by a solver.

optimal: no plan is better. gap-reached: the gap is at most what was asked for. Otherwise the gap says how much better a
plan could be, and the search ended because time was up (time-limit) or for another reason (stopped): somebody asked, it
had done the iterations it was allowed, or its method (greedy) had no more to try.
"infeasible" is the status of InfeasibleError: then there is no plan.
"""

OPTIMAL_GAP = 1e-6
"""Gaps below this are within the tolerances of a solver's arithmetic."""


@dataclass(frozen=True)
class Plan:
    """P new sites beside the fixed ones. A plan without a bound cannot be made.

    chosen       (P,) site numbers, the one that adds most first
    gain         (P,) what each adds to the value of those before it; with equity it may be anything above 0
    before       value of the fixed sites alone
    value        of everything, by the one judge
    bound        no plan under the same constraints has a larger value
    total        value if everything were covered
    seconds      the solver took
    cost_bound   with a target: no plan that reaches it costs less; None without
    bound_by     who proved the bound: "certificate", checked by the twenty lines of `solve.certificate`; "branching" (linear
                 programs with branches, of regions or of the whole), "reduction" (no better plan is left after what is
                 settled) or "highs", which prove more than its multipliers do; "gains", the diminishing returns of coverage
    certificate  the multipliers that prove a bound, where there are some; with bound_by "certificate" this one, else a
                 weaker one, and with equity one of a plain problem at prices of the groups
    """

    chosen: tuple[int, ...]
    gain: tuple[float, ...]
    before: float
    value: float
    bound: float
    total: float
    cost: float
    status: Status
    method: str
    seconds: float
    cost_bound: float | None = None
    bound_by: str = "gains"
    certificate: "Certificate | None" = None

    def __post_init__(self) -> None:
        faults = []
        if not (np.isfinite(self.bound) and self.bound >= self.value):
            faults.append(f"plan: bound is {self.bound}; expected the value, {self.value}, or more")
        if self.cost_bound is not None and not 0 <= self.cost_bound <= self.cost:
            faults.append(f"plan: cost_bound is {self.cost_bound}; expected 0 to the cost, {self.cost}")
        raise_faults(faults)

    @property
    def gap(self) -> float:
        """1 - value / bound, or with a target 1 - cost_bound / cost; 0 where there is nothing to gain."""
        if self.cost_bound is not None:
            return 1 - self.cost_bound / self.cost if self.cost > 0 else 0.0
        return 1 - self.value / self.bound if self.bound > 0 else 0.0

    @property
    def share(self) -> float:
        """Value as a share of all there is."""
        return self.value / self.total if self.total > 0 else 0.0


@dataclass(frozen=True)
class Proof:
    """What is known of all plans; the fields are those of Plan."""

    bound: float
    bound_by: str = "gains"
    certificate: "Certificate | None" = None
    cost_bound: float | None = None


def make_plan(
    problem: PlacementProblem, chosen: Iterable[int], *, proof: Proof, status: Status, method: str, seconds: float
) -> Plan:
    """A plan from chosen sites: puts them in order, asks the judge, and keeps the bound above the value.

    status  when nothing better than it is proven: a gap within OPTIMAL_GAP makes any plan optimal

    Raises InputError when the choice breaks a constraint of the problem.
    """
    ordered, gain = order_by_gain(problem, chosen)
    raise_faults(f"plan: {breach}" for breach in breaches(problem, ordered))
    worth, cost = value(problem, ordered), float(problem.cost[list(ordered)].sum())
    plan = Plan(
        chosen=ordered,
        gain=gain,
        before=value(problem, ()),
        value=worth,
        bound=max(proof.bound, worth),
        total=problem.total,
        cost=cost,
        status=status,
        method=method,
        seconds=seconds,
        cost_bound=None if proof.cost_bound is None else min(max(proof.cost_bound, 0.0), cost),
        bound_by=proof.bound_by,
        certificate=proof.certificate,
    )
    return replace(plan, status="optimal") if plan.gap <= OPTIMAL_GAP else plan


def order_by_gain(problem: PlacementProblem, chosen: Iterable[int]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The same sites, each time the one that covers most beside those before it; ties to the lowest number.

    The gains are differences of the value, so they add up to it.
    """
    sites = np.unique(np.fromiter(chosen, dtype=np.int64))
    order = [int(sites[row]) for row in _by_coverage(problem, sites)]
    worth = list(_values_along(problem, order))
    return tuple(order), tuple(float(gain) for gain in np.diff(worth))


def _by_coverage(problem: PlacementProblem, sites: np.ndarray) -> Iterator[int]:
    """Rows of `sites`, each time the one that covers most beside the fixed sites and the rows before it."""
    covers = problem.covers[sites]
    covering = covers.T.tocsr()
    count = counts(problem)
    left = np.where(count == 0, problem.weight, np.where(count == 1, problem.second, 0.0))
    gain = covers.astype(float) @ left
    for _ in sites:
        best = int(np.argmax(gain))
        yield best
        cells = covers.indices[covers.indptr[best] : covers.indptr[best + 1]]
        now = np.where(count[cells] == 0, problem.second[cells], 0.0)
        count[cells] += 1
        lost = covering[cells]
        drop = np.repeat(left[cells] - now, np.diff(lost.indptr))
        gain -= np.bincount(lost.indices, weights=drop, minlength=len(sites))
        left[cells] = now
        gain[best] = -np.inf


def _values_along(problem: PlacementProblem, order: list[int]) -> Iterator[float]:
    """The value of the fixed sites, and with each site of an order added."""
    count = counts(problem)
    plain = score(replace(problem, equity=None), count)
    equity, weight = problem.equity, problem.weight
    if equity is not None:
        served, demand, total = equity.sums(np.where(count > 0, weight, 0.0)), equity.sums(weight), float(weight.sum())
    for site in [None, *order]:
        if site is not None:
            cells = problem.covers.indices[problem.covers.indptr[site] : problem.covers.indptr[site + 1]]
            first, second = cells[count[cells] == 0], cells[count[cells] == 1]
            plain += float(weight[first].sum() + problem.second[second].sum())
            count[cells] += 1
            if equity is not None:
                inside = first[equity.group[first] >= 0]
                np.add.at(served, equity.group[inside], weight[inside])
        yield plain if equity is None else equity.mixed(plain, served, demand, total)
