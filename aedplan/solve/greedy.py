"""Greedy placement: each time the site that adds most per cost, lazily (Minoux 1978), within budget and quotas."""

from collections.abc import Sequence

import numpy as np

from ..errors import InfeasibleError
from ..kernels.compiled import compiled
from ..problem import PlacementProblem, Quota, counts, gains
from .core import Core, Rules, free_sites, rules_of
from .feasible import feasible_plan
from .moves import COMES, account, empty_state, fits, serves, unmet


def greedy(problem: PlacementProblem) -> tuple[int, ...]:
    """Sites in the order chosen; ties to the lowest number.

    Sites that a minimum still lacks come first. With unequal costs the better of "most gain per cost" and "most gain" is
    taken. Raises InfeasibleError, naming the groups that clash, when no choice keeps all constraints.
    """
    free = free_sites(problem)
    rules = rules_of(problem, free)
    rows = (problem.covers.indptr.astype(np.int64), problem.covers.indices, free)
    weights = (problem.weight, problem.second)
    plan = best_run(rows, weights, rules, counts(problem), ())
    if plan is None:
        taken = _complete(problem)
        places = np.searchsorted(free, taken).tolist()
        plan = best_run(rows, weights, rules, counts(problem, taken), places) or tuple(places)
    return tuple(int(free[site]) for site in plan)


def greedy_core(core: Core) -> tuple[int, ...] | None:
    """The same on a core, where cells are merged: sites of the core, None where greedy does not reach the minima."""
    rows = (core.graph.start, core.graph.cell, np.arange(core.sites))
    none = np.zeros(core.cells, dtype=np.int32)
    return best_run(rows, (core.graph.weight, core.graph.second), core.rules, none, ())


Arrays = tuple[np.ndarray, ...]


def best_run(
    rows: Arrays, weights: Arrays, rules: Rules, times: np.ndarray, taken: Sequence[int]
) -> tuple[int, ...] | None:
    """The better greedy plan that begins with the sites taken, by gain per cost or by gain; None: minima are not reached.

    rows, weights  see `pick`
    times          (K,) how many sites cover each cell already, those taken included
    """
    alike = not len(rules.cost) or (rules.cost == rules.cost[0]).all()
    prices = [rules.cost.astype(float)] if alike else [rules.cost.astype(float), np.ones(len(rules.cost))]
    plans = [run for run in (_run(rows, weights, rules, price, (times, taken)) for price in prices) if run is not None]
    return max(plans, key=lambda run: run[0])[1] if plans else None


def _run(
    rows: Arrays, weights: Arrays, rules: Rules, price: np.ndarray, begin: tuple[np.ndarray, Sequence[int]]
) -> tuple[float, tuple[int, ...]] | None:
    """What the sites of a greedy plan gain, and the plan."""
    times, taken = begin
    state = empty_state(len(price), len(times), rules)
    state.times[:] = times
    for site in taken:
        account(rules, state, site, COMES)
    order = list(taken)
    for lacking in (True, False):
        if not lacking or unmet(rules, state):
            order += pick(rows, weights, rules, state, price, lacking).tolist()
    return None if unmet(rules, state) else (float(state.value[0]), tuple(order))


@compiled
def pick(rows, weights, rules, state, price, lacking):
    """Choose lazily until nothing fits or nothing is gained; returns the sites in order.

    rows     (start, cell, free): site s has row free[s]
    price    (S,) gains are compared per price
    lacking  choose only sites that a minimum lacks, whatever they gain

    A heap holds what each site added when it was last looked at: it can only have shrunk since. State's `worth` is that.
    """
    start, cell, free = rows
    weight, second = weights
    count, sites = state.times, len(free)
    key, heap = np.empty(sites), np.arange(sites)
    for s in range(sites):
        key[s] = gain_of(start, cell, weight, second, count, free[s]) / price[s]
    for at in range(sites // 2 - 1, -1, -1):
        sift(heap, key, at, sites)
    order, chosen, size = np.empty(sites, dtype=np.int64), 0, sites
    while size > 0:
        s = heap[0]
        if not fits(rules, state, s) or (lacking and not serves(rules, state, s)):
            size -= 1
            heap[0] = heap[size]
            sift(heap, key, 0, size)
            continue
        gain = gain_of(start, cell, weight, second, count, free[s])
        if gain / price[s] < key[s]:
            key[s] = gain / price[s]
            sift(heap, key, 0, size)
            continue
        if gain <= 0 and not lacking:
            break
        state.worth[s] = gain
        account(rules, state, s, COMES)
        for at in range(start[free[s]], start[free[s] + 1]):
            count[cell[at]] += 1
        order[chosen] = s
        chosen += 1
        if lacking and unmet(rules, state) == 0:
            break
    return order[:chosen]


@compiled
def gain_of(start, cell, weight, second, count, row):
    """What a site would add."""
    gain = 0.0
    for at in range(start[row], start[row + 1]):
        k = cell[at]
        if count[k] == 0:
            gain += weight[k]
        elif count[k] == 1:
            gain += second[k]
    return gain


@compiled
def sift(heap, key, at, size):
    """Let the entry at a place of the heap sink to where it belongs: largest key first, then lowest number."""
    s = heap[at]
    while True:
        low = 2 * at + 1
        if low >= size:
            break
        if low + 1 < size:
            a, b = heap[low], heap[low + 1]
            if key[b] > key[a] or (key[b] == key[a] and b < a):
                low += 1
        t = heap[low]
        if key[s] > key[t] or (key[s] == key[t] and s < t):
            break
        heap[at] = t
        at = low
    heap[at] = s


def _complete(problem: PlacementProblem) -> tuple[int, ...]:
    """Sites that keep constraints which greedy cannot (overlapping groups, tight budgets): they are solved first."""
    worth = gains(problem, counts(problem))
    plan = feasible_plan(problem, problem.quotas, worth)
    if plan is None:
        clash = clashing(problem, worth)
        named = "; ".join(f"{quota.group}: {quota.limits}" for quota in clash)
        apart = f" and {len(problem.apart)} pairs that must stay apart" if len(problem.apart) else ""
        message = f"no plan keeps a budget of {problem.budget:g}{apart} and these quotas together: {named}"
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
