"""The least cost that reaches a target: a share of all demand, or all of it (the set covering problem).

A bound on the value that rises with the budget bounds the cost from below: where no plan within a budget reaches the
target, every plan that does costs more. So the same searches and proofs serve, at one budget after another; where the
model is small, HiGHS settles it.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..errors import InfeasibleError
from ..plan import OPTIMAL_GAP, order_by_gain
from ..problem import ROUNDING, PlacementProblem, breaches, counts, value
from .bounds import certified_cost, cost_needed
from .core import free_sites
from .limits import Answer, Limits, Watch
from .models import fits, optimum
from .record import Record

Search = Callable[[PlacementProblem, Limits], Answer]
"""Finds a plan of largest value; raises InfeasibleError when none keeps the constraints."""

CLOSE = 1e-3
"""Budgets nearer to one another than this part are not tried by the greedy search."""


class Costs(Record):
    """The cheapest plan that reaches the target, and the largest cost below which none does.

    A plan's cost is a sum of costs of sites, so where these are multiples of a unit the bound is rounded up to one.
    """

    def __init__(self, problem: PlacementProblem, limits: Limits, watch: Watch | None) -> None:
        super().__init__(problem, limits, watch, value(problem, free_sites(problem)))
        self.cost, self.cost_bound = math.inf, 0.0
        self.proven = False  # that there is no plan
        self.unit = unit_of(problem.cost[free_sites(problem)])

    def offer_plan(self, chosen: tuple[int, ...]) -> bool:
        """Keep a plan if it reaches the target and is the cheapest so far; whether it reaches it."""
        if value(self.problem, chosen) < self.problem.target_met:
            return False
        chosen = trimmed(self.problem, chosen)
        cost = float(self.problem.cost[list(chosen)].sum())
        if cost < self.cost and not breaches(self.problem, chosen):
            self.chosen, self.cost, self.value = chosen, cost, value(self.problem, chosen)
            self.tell()
        return True

    def offer_bound(self, cost: float) -> None:
        """No plan that reaches the target costs less; -inf where nothing is known."""
        if self.unit and np.isfinite(cost):
            cost = math.ceil(cost / self.unit - 1e-6) * self.unit
        if cost > self.cost_bound:
            self.cost_bound = min(cost, self.cost)
            self.tell()

    def above(self, budget: float) -> float:
        """The least cost a plan can have that does not keep a budget."""
        return (math.floor(budget / self.unit + 1e-6) + 1) * self.unit if self.unit else budget

    @property
    def closed(self) -> bool:
        """Whether the gap is small enough."""
        return self.cost_bound >= self.cost * (1 - max(self.limits.gap, OPTIMAL_GAP))

    def answer(self) -> Answer | None:
        """What the search found; None where it found no plan."""
        if self.chosen is None:
            return None
        return Answer(self.chosen, replace(self.proof, cost_bound=self.cost_bound), self.ended)


def cheapest(
    problem: PlacementProblem, *, quick: Search, thorough: Search | None, limits: Limits, watch: Watch | None
) -> Answer:
    """The cheapest plan found for a problem with a target; see `solve`.

    quick     gives plans at once
    thorough  gives better ones within limits; None: the quick ones are enough

    Raises InfeasibleError when no plan reaches the target, or none is found.
    """
    costs = Costs(problem, limits, watch)
    if costs.proof.bound < problem.target_met:
        raise InfeasibleError(f"{_unreached(problem)}: all sites together are worth {costs.proof.bound:g}")
    try:
        _approach(costs, quick)
        if fits(problem) and not costs.closed and (thorough is not None or costs.chosen is None):
            _settle(costs)
        elif thorough is not None:
            _halve(costs, thorough)
    except KeyboardInterrupt:
        costs.interrupted = True
    answer = costs.answer()
    if answer is None and costs.interrupted:
        raise KeyboardInterrupt
    if answer is None:
        searched = "" if costs.proven else ", or none was found in time"
        raise InfeasibleError(_within(problem) + searched, quotas=problem.quotas)
    return answer


def _approach(costs: Costs, quick: Search) -> None:
    """Quick plans, each for a budget half way between what is known to reach the target and what was seen not to."""
    problem = costs.problem
    costs.offer_plan(())
    rest = replace(problem, target=None)
    first = quick(rest, costs.limits)
    costs.offer_plan(first.chosen)
    if problem.equity is None:
        costs.offer_bound(cost_needed(rest, first.chosen, problem.target_met))
    low = costs.cost_bound
    while costs.chosen is not None and costs.cost - low > max(costs.unit, CLOSE * costs.cost) and not costs.over:
        budget = low + (costs.cost - low) / 2
        plan = quick_within(replace(rest, budget=budget), quick, costs.limits)
        if plan is None or not costs.offer_plan(plan.chosen):
            low = budget
        if plan is not None and problem.equity is None:
            costs.offer_bound(cost_needed(rest, plan.chosen, problem.target_met))


def quick_within(problem: PlacementProblem, search: Search, limits: Limits) -> Answer | None:
    """What a search finds; None where the budget is too small for the other constraints."""
    try:
        return search(problem, limits)
    except InfeasibleError:
        return None


def _settle(costs: Costs) -> None:
    """The exact model."""
    try:
        found = optimum(costs.problem, seconds=costs.left, gap=costs.limits.gap)
    except InfeasibleError:
        costs.proven = True
        return
    if found.chosen is not None:
        costs.offer_plan(found.chosen)
    costs.offer_bound(-found.bound * (1 - ROUNDING))


def _halve(costs: Costs, thorough: Search) -> None:
    """Thorough searches at one budget after another, each half way between the bound and the cost of the best plan."""
    rest, target = replace(costs.problem, target=None), costs.problem.target_met
    low = costs.cost_bound
    while not costs.closed and not costs.over and costs.cost - low > max(costs.unit, OPTIMAL_GAP * costs.cost):
        budget = low + (costs.cost - low) / 2
        limits = replace(costs.part(costs.left / 3), wanted=target, gap=0.0)
        answer = quick_within(replace(rest, budget=budget), thorough, limits)
        if answer is None or answer.proof.bound < target:
            costs.offer_bound(costs.above(budget))
        if answer is not None and answer.proof.certificate is not None and rest.equity is None:
            costs.offer_bound(certified_cost(rest, answer.proof.certificate, target))
        if answer is None or not costs.offer_plan(answer.chosen):
            low = budget
        low = max(low, costs.cost_bound)
        costs.interrupted |= answer is not None and answer.ended == "stopped"


def trimmed(problem: PlacementProblem, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """A plan that reaches the target without what it does not need: sites that add little, then any, the dearest first."""
    order, gain = order_by_gain(problem, chosen)
    enough = int(np.searchsorted(value(problem, ()) + np.cumsum([0.0, *gain]), problem.target_met))
    kept = list(order[:enough]) if not breaches(problem, order[:enough]) else list(order)
    count, here = counts(problem, kept), value(problem, kept)
    for site in sorted(kept, key=lambda site: (-problem.cost[site], site)):
        cells = problem.covers.indices[problem.covers.indptr[site] : problem.covers.indptr[site + 1]]
        lost = problem.weight[cells[count[cells] == 1]].sum() + problem.second[cells[count[cells] == 2]].sum()
        if problem.equity is None and here - lost < problem.target_met:
            continue
        fewer = [other for other in kept if other != site]
        if not breaches(problem, fewer):
            kept, here = fewer, here - lost
            count[cells] -= 1
    return tuple(kept)


def unit_of(cost: np.ndarray) -> float:
    """The largest amount of which all costs are multiples; 0 where none is plain to see.

    >>> unit_of(np.array([4.0, 6.0])), unit_of(np.array([2.5, 2.5])), unit_of(np.array([0.1, 0.3]))
    (2.0, 2.5, 0.0)
    """
    if not len(cost):
        return 0.0
    if (cost == cost[0]).all():
        return float(cost[0])
    whole = (cost == np.floor(cost)).all() and cost.max() < 2**53
    return float(np.gcd.reduce(cost.astype(np.int64))) if whole else 0.0


def _unreached(problem: PlacementProblem) -> str:
    return f"no plan reaches the target {problem.target:g}"


def _within(problem: PlacementProblem) -> str:
    """What a plan would have to keep to reach the target."""
    limits = [f"costs at most {problem.budget:g}"] if np.isfinite(problem.budget) else []
    limits += [f"keeps {quota.group}: {quota.limits}" for quota in problem.quotas]
    limits += ["keeps apart what must be"] if len(problem.apart) else []
    return " and ".join([_unreached(problem), *limits])
