"""Equity: the smallest share of any group counts, alone or mixed with the total.

For any prices mu >= 0 of the groups that add up to 1, the smallest share is at most sum mu[g] share[g]. So the plain problem
in which a cell of group g weighs weight * (1 - e + e * total * mu[g] / demand[g]), with e the part of equity in the value,
bounds the value of every plan, whatever the prices. Prices are found by multiplicative weights (Arora, Hazan and Kale
2012): a group that a plan serves badly gets dearer. Each of those plans is also judged as it is; where the model is small,
HiGHS settles the rest.
"""

from dataclasses import replace

import numpy as np

from ..equity import Equity
from ..errors import InfeasibleError
from ..problem import PlacementProblem, Quota, breaches, counts
from .greedy import greedy
from .limits import Answer, Limits, Watch
from .models import fits, optimum
from .plain import quick, thorough
from .record import Record

ROUNDS = 24
"""Greedy plans made while prices settle."""

STAGES = 40
"""Parts of the budget in which one plan is made group by group."""

SHARPNESS = 25.0
"""How much dearer a group is that is served not at all than one served fully: exp of it, while a plan is made in stages."""


def fairest(problem: PlacementProblem, *, thoroughly: bool, limits: Limits, watch: Watch | None) -> Answer:
    """The best plan found for a problem with equity and without a target; see `solve`."""
    record = Record(problem, limits, watch, problem.total)
    demand = equity_of(problem).sums(problem.weight)
    even: np.ndarray = demand / max(demand.sum(), 1e-300)
    first = quick(priced(problem, even))
    record.offer(first.chosen, first.proof)
    try:
        prices = _settle(record, even, first) if not record.over else even
        if thoroughly and not record.over:
            _deepen(record, prices)
    except KeyboardInterrupt:
        record.interrupted = True
    _fill(record)
    answer = record.answer()
    assert answer is not None  # the first plan keeps every constraint
    return answer


def _fill(record: Record) -> None:
    """Spend what the best plan leaves of the budget, also where the total counts nothing."""
    full = filled(record.problem, record.chosen or ())
    if record.offer(full) >= record.value and not breaches(record.problem, full):
        record.chosen = full


def _settle(record: Record, prices: np.ndarray, first: Answer) -> np.ndarray:
    """Greedy plans under changing prices, and one in stages; returns the prices that gave the sharpest bound.

    first  the plan at the prices to begin with
    """
    problem, best = record.problem, prices
    for round_ in range(1, ROUNDS + 1):
        answer = first if round_ == 1 else quick(priced(problem, prices))
        sharpest = record.proof.bound
        record.offer(answer.chosen, answer.proof)
        best = prices if record.proof.bound < sharpest else best
        if record.over:
            break
        prices = dearer(prices, shares(problem, answer.chosen), 2.0 / np.sqrt(round_))
    if not record.over:
        record.offer(in_stages(problem))
    return best


def _deepen(record: Record, prices: np.ndarray) -> None:
    """The exact model where it fits, and else the plain machine under prices that go on changing."""
    problem, limits = record.problem, record.limits
    if fits(problem):
        found = optimum(problem, seconds=record.left, gap=limits.gap)
        proof = replace(record.proof, bound=found.bound, bound_by="highs")
        record.offer(record.chosen or () if found.chosen is None else found.chosen, proof)
        return
    for round_ in range(1, 5):
        answer = thorough(priced(problem, prices), record.part(record.left / (6 - round_)))
        record.offer(answer.chosen, answer.proof)
        record.interrupted |= answer.ended == "stopped"
        if record.over:
            break
        prices = dearer(prices, shares(problem, answer.chosen), 0.5 / round_)


def equity_of(problem: PlacementProblem) -> Equity:
    """The equity of a problem that has one."""
    assert problem.equity is not None
    return problem.equity


def priced(problem: PlacementProblem, prices: np.ndarray) -> PlacementProblem:
    """The plain problem that bounds one with equity at these prices of its groups (G,), which add up to 1."""
    equity = equity_of(problem)
    demand = equity.sums(problem.weight)
    rate = np.divide(prices, demand, out=np.zeros_like(demand), where=demand > 0) * problem.weight.sum()
    of_cell = np.where(equity.group >= 0, np.append(rate, 0.0)[equity.group], 0.0)
    weight = problem.weight * (1 - equity.share + equity.share * of_cell)
    second = np.minimum(problem.second * (1 - equity.share), weight)
    return replace(problem, weight=weight, second=second, equity=None, target=None)


def shares(problem: PlacementProblem, chosen: tuple[int, ...]) -> np.ndarray:
    """(G,) covered demand of each group as a share of its own; 1 where it has none."""
    equity = equity_of(problem)
    demand = equity.sums(problem.weight)
    served = equity.sums(np.where(counts(problem, chosen) > 0, problem.weight, 0.0))
    return np.asarray(np.divide(served, demand, out=np.ones_like(demand), where=demand > 0))


def dearer(prices: np.ndarray, share: np.ndarray, step: float) -> np.ndarray:
    """Prices after a plan that serves the groups by these shares; they still add up to 1.

    >>> dearer(np.array([0.5, 0.5]), np.array([0.2, 0.2]), 1.0)
    array([0.5, 0.5])
    """
    spread = float(np.ptp(share)) or 1.0
    raised = prices * np.exp(-step * (share - share.min()) / spread)
    return np.asarray(raised / raised.sum())


def in_stages(problem: PlacementProblem) -> tuple[int, ...]:
    """A plan made a part of the budget at a time, each for the groups that have least so far.

    It may leave the minimum of a quota unmet where an early part took what a later one needed.
    """
    demand = equity_of(problem).sums(problem.weight)
    budget = min(problem.budget, float(problem.cost[~problem.fixed].sum()))
    step = max(budget / STAGES, float(problem.cost[~problem.fixed].min(initial=budget)))
    chosen: tuple[int, ...] = ()
    while True:
        spent = float(problem.cost[list(chosen)].sum())
        last = spent + 2 * step > budget
        share = shares(problem, chosen)
        prices = np.where(demand > 0, np.exp(-SHARPNESS * share), 0.0)
        rest = with_taken(priced(problem, prices / prices.sum()), chosen, budget if last else spent + step)
        if rest is None:
            return chosen
        quotas = rest.quotas if last else tuple(replace(quota, minimum=0) for quota in rest.quotas)
        try:
            more = greedy(replace(rest, quotas=quotas))
        except InfeasibleError:
            return chosen
        chosen += more
        if last or not more:
            return chosen


def filled(problem: PlacementProblem, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """A plan with what is left of its budget spent on the total: that never makes it worse."""
    rest = with_taken(replace(problem, equity=None), chosen, problem.budget)
    try:
        return chosen if rest is None else chosen + greedy(rest)
    except InfeasibleError:
        return chosen


def with_taken(problem: PlacementProblem, taken: tuple[int, ...], budget: float) -> PlacementProblem | None:
    """The problem of what is left of a budget after some sites are taken; None where nothing is left.

    They become fixed, and count in the quotas.
    """
    left = budget - float(problem.cost[list(taken)].sum())
    if not left > 0:
        return None
    fixed = problem.fixed.copy()
    fixed[list(taken)] = True
    return replace(problem, fixed=fixed, budget=left, quotas=tuple(_rest(quota, taken) for quota in problem.quotas))


def _rest(quota: Quota, taken: tuple[int, ...]) -> Quota:
    have = len(set(taken).intersection(quota.sites))
    most = None if quota.maximum is None else max(quota.maximum - have, 0)
    sites = tuple(site for site in quota.sites if site not in taken)
    return Quota(quota.group, sites, max(quota.minimum - have, 0), most)
