"""Value and bound for one budget after another: what the next device adds, and how many are needed for a share.

Work is shared. A plan serves every budget that its cost keeps, and so does each of its beginnings; what bounds one budget
bounds every smaller one; and one proof, by the gains left after a plan or by multipliers, bounds all budgets at once,
because the budget enters it only through how much of the best purchases it pays for.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..checks import read_only
from ..errors import InfeasibleError, InputError
from ..plan import OPTIMAL_GAP, order_by_gain
from ..problem import ROUNDING, PlacementProblem, breaches, value
from .bounds import certified_bounds, prefix_bounds
from .limits import Answer, Limits
from .models import classed
from .stopping import ask, asked

Search = Callable[[PlacementProblem, str, Limits], Answer]
"""Finds a plan of largest value by a method, within limits."""

Steps = Callable[[int, int], None]
"""Called with how many budgets are settled, and how many there are."""

SLICES = 12
"""A search for one budget gets at most this part of the time, so that a dozen budgets at least are searched."""


@dataclass(frozen=True)
class Frontier:
    """B budgets, ascending.

    budget  (B,)
    value   (B,) value of the best plan found for each; never falls
    bound   (B,) no plan within that budget has a larger value; never falls
    chosen  for each budget the sites of its plan
    total   value if everything were covered
    before  value of the fixed sites alone
    order   (P,) sites of the plan for the largest budget, the one that adds most first
    gain    (P,) what each of them adds to those before it
    """

    budget: np.ndarray
    value: np.ndarray
    bound: np.ndarray
    chosen: tuple[tuple[int, ...], ...]
    total: float
    before: float
    order: tuple[int, ...]
    gain: tuple[float, ...]

    @property
    def gap(self) -> np.ndarray:
        """(B,) 1 - value / bound; 0 where nothing can be covered."""
        return np.asarray(1 - np.divide(self.value, self.bound, out=np.ones_like(self.value), where=self.bound > 0))

    @property
    def added(self) -> np.ndarray:
        """(B,) what each budget adds to the value of the one before it, the first to the fixed sites alone."""
        return np.diff(self.value, prepend=self.before)

    def needed(self, share: float) -> tuple[float | None, float | None]:
        """The least budget without which no plan is proven to reach a share of the total, and the least whose plan does.

        None where no budget of the curve is enough.
        """
        wanted = share * self.total * (1 - ROUNDING)
        possible, reached = np.flatnonzero(self.bound >= wanted), np.flatnonzero(self.value >= wanted)
        least = float(self.budget[possible[0]]) if len(possible) else None
        return least, float(self.budget[reached[0]]) if len(reached) else None


def frontier_of(
    problem: PlacementProblem, budgets: Sequence[float], *, method: str, seconds: float, search: Search, steps: Steps
) -> Frontier:
    """The plans for several budgets at once; see `frontier`."""
    ordered = np.unique(np.asarray(budgets, dtype=float))
    if not len(ordered) or not (np.isfinite(ordered).all() and ordered[0] > 0):
        raise InputError(f"budgets are {list(budgets)}; expected one or more numbers above 0")
    problem = replace(problem, target=None)
    curve = _Curve(classed(problem), ordered, search)
    try:
        curve.approach(steps)
        if method == "exact":
            curve.improve(seconds, steps)
    except KeyboardInterrupt:
        ask()
    curve.complete()
    return curve.done(problem)


class _Curve:
    """The best plan and the least bound for each budget so far; of a problem whose equal cells are one, as periods make many."""

    def __init__(self, problem: PlacementProblem, budgets: np.ndarray, search: Search) -> None:
        self.problem = problem
        self.budget = budgets
        self.search = search
        self.chosen: list[tuple[int, ...] | None] = [None] * len(budgets)
        self.value = np.full(len(budgets), -np.inf)
        self.bound = np.full(len(budgets), problem.total)

    def approach(self, steps: Steps) -> None:
        """A greedy plan for each budget: one run for all of them, where each begins with the plan of the one before."""
        whole = Limits()
        alike = np.ptp(self.problem.cost[~self.problem.fixed]) == 0 if (~self.problem.fixed).any() else True
        nested = alike and not self.problem.quotas and self.problem.equity is None
        for number, budget in enumerate(self.budget[::-1]):
            if self.chosen[-1] is not None and (nested or asked()):
                break
            plan = self.search(self.within(float(budget)), "greedy", whole)
            self.take(plan, float(budget))
            steps(number, len(self.budget))

    def complete(self) -> None:
        """A plan for every budget, if need be that for the least one."""
        if any(plan is None for plan in self.chosen):
            least = float(self.budget[0])
            self.take(self.search(self.within(least), "greedy", Limits()), least)

    def improve(self, seconds: float, steps: Steps) -> None:
        """The exact method for one budget after another, each time where the gap is widest, until time is up."""
        began = time.perf_counter()
        tried = np.zeros(len(self.budget), dtype=bool)
        while True:
            self.tighten()
            gap = np.where(tried, 0.0, 1 - self.value / np.where(self.bound > 0, self.bound, np.inf))
            gap = np.where(self.bound > 0, gap, 0.0)
            left = seconds - (time.perf_counter() - began)
            steps(int((gap <= OPTIMAL_GAP).sum()), len(gap))
            if gap.max() <= OPTIMAL_GAP or left <= 0 or asked():
                return
            at = int(np.argmax(gap))
            tried[at] = True
            budget = float(self.budget[at])
            limits = Limits(seconds=max(left / min(SLICES, int((gap > OPTIMAL_GAP).sum())), 0.01))
            answer = self.search(self.within(budget), "exact", limits)
            self.take(answer, budget)
            if answer.ended == "stopped":
                return

    def within(self, budget: float) -> PlacementProblem:
        """The problem with another budget."""
        return replace(self.problem, budget=budget)

    def take(self, answer: Answer, budget: float) -> None:
        """Keep what a search found for one budget: its plan, the beginnings of it, and its bounds."""
        self.bound[self.budget <= budget] = np.minimum(self.bound[self.budget <= budget], answer.proof.bound)
        order, gain = order_by_gain(self.problem, answer.chosen)
        if self.problem.equity is None:
            self.bound = np.minimum(self.bound, prefix_bounds(self.problem, order, self.budget))
            if answer.proof.certificate is not None:
                also = certified_bounds(self.problem, answer.proof.certificate, self.budget)
                self.bound = np.minimum(self.bound, also)
        cost = np.cumsum([0.0, *self.problem.cost[list(order)]])
        worth = value(self.problem, ()) + np.cumsum([0.0, *gain])
        for size in range(len(order) + 1):
            places = np.flatnonzero((self.budget * (1 + ROUNDING) >= cost[size]) & (self.value < worth[size]))
            if len(places) and not breaches(self.within(float(self.budget[places[0]])), order[:size]):
                self.value[places] = worth[size]
                for place in places:
                    self.chosen[place] = order[:size]

    def tighten(self) -> None:
        """What bounds a budget bounds every smaller one; and no bound is below a plan."""
        self.bound = np.maximum(np.minimum.accumulate(self.bound[::-1])[::-1], self.value)

    def done(self, problem: PlacementProblem) -> Frontier:
        """The curve, its values from the one judge of the problem as it was given."""
        plans = tuple(plan for plan in self.chosen if plan is not None)
        if len(plans) < len(self.budget):
            raise InfeasibleError(f"no plan keeps a budget of {self.budget[0]:g} and the quotas")
        self.value = np.array([value(problem, plan) for plan in plans])
        self.tighten()
        order, gain = order_by_gain(problem, plans[-1])
        return Frontier(
            budget=read_only(self.budget),
            value=read_only(self.value),
            bound=read_only(self.bound),
            chosen=plans,
            total=problem.total,
            before=value(problem, ()),
            order=order,
            gain=gain,
        )
