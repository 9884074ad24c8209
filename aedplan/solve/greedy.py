"""Greedy placement: each time the site that adds most per cost, lazily (Minoux 1978), within budget and quotas."""

import heapq
from collections.abc import Sequence

import numpy as np

from ..errors import InfeasibleError
from ..problem import PlacementProblem, Quota, covered, gains, value
from .highs import feasible_plan


def greedy(problem: PlacementProblem) -> tuple[int, ...]:
    """Sites in the order chosen. With unequal costs the better of "most gain per cost" and "most gain" is taken.

    Raises InfeasibleError, naming the groups that clash, when no choice keeps the budget and the quotas.
    """
    plans = [_run(problem, problem.cost)]
    if np.ptp(problem.cost) > 0:
        plans.append(_run(problem, np.ones(len(problem.cost))))
    kept = [plan for plan in plans if not unmet(problem, plan)]
    if kept:
        return max(kept, key=lambda plan: value(problem, plan))
    return _complete(problem)


def _run(problem: PlacementProblem, price: np.ndarray, taken: Sequence[int] = ()) -> tuple[int, ...]:
    """Greedy with a queue of gains that can only have shrunk since they were counted."""
    mask = covered(problem, taken)
    chosen = list(taken)
    spent = float(problem.cost[chosen].sum())
    first = gains(problem, mask)
    free = ~problem.fixed
    free[chosen] = False
    queue = [(-first[s] / price[s], int(s)) for s in np.flatnonzero(free)]
    heapq.heapify(queue)
    waiting: list[tuple[float, int]] = []  # refused by a quota's reserve for now; a later pick may free them
    while queue:
        _score, site = heapq.heappop(queue)
        row = problem.covers[[site]].indices
        now = -float(problem.weight[row[~mask[row]]].sum()) / price[site]
        if queue and (now, site) > queue[0]:
            heapq.heappush(queue, (now, site))
            continue
        if now == 0 and not unmet(problem, chosen):
            break
        if not may_add(problem, chosen, spent, site):
            waiting.append((now, site))
            continue
        chosen.append(site)
        spent += float(problem.cost[site])
        mask[row] = True
        for entry in waiting:
            heapq.heappush(queue, entry)
        waiting = []
    return tuple(chosen)


def may_add(problem: PlacementProblem, chosen: Sequence[int], spent: float, site: int) -> bool:
    """Whether the budget and the quotas still hold with this site, keeping money back for minimums not yet met."""
    spent += float(problem.cost[site])
    if spent > problem.budget * (1 + 1e-12):
        return False
    after = [*chosen, site]
    reserve = 0.0
    for quota in problem.quotas:
        have = len(set(after) & set(quota.sites))
        if quota.maximum is not None and have > quota.maximum:
            return False
        if have < quota.minimum:
            rest = sorted(float(problem.cost[s]) for s in set(quota.sites) - set(after))
            reserve += sum(rest[: quota.minimum - have])
    return spent + reserve <= problem.budget * (1 + 1e-12)


def unmet(problem: PlacementProblem, chosen: Sequence[int]) -> list[Quota]:
    """The quotas whose minimum a choice does not reach."""
    picked = set(chosen)
    return [quota for quota in problem.quotas if len(picked & set(quota.sites)) < quota.minimum]


def _complete(problem: PlacementProblem) -> tuple[int, ...]:
    """A plan for quotas that greedy cannot keep (overlapping groups, tight budgets): solve the constraints first."""
    worth = gains(problem, covered(problem, ()))
    plan = feasible_plan(problem, problem.quotas, worth)
    if plan is None:
        clash = clashing(problem, worth)
        named = "; ".join(f"{quota.group}: {quota.limits}" for quota in clash)
        message = f"no plan keeps a budget of {problem.budget:g} and these quotas together: {named}"
        raise InfeasibleError(message, quotas=clash)
    return plan


def clashing(problem: PlacementProblem, worth: np.ndarray) -> tuple[Quota, ...]:
    """Which quotas cannot hold together: a smallest set found by leaving out one after the other."""
    clash = list(problem.quotas)
    for quota in problem.quotas:
        without = [q for q in clash if q is not quota]
        if feasible_plan(problem, without, worth) is None:
            clash = without
    return tuple(clash)
