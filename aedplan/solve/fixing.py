"""Sites that no better plan can hold, and sites that every better plan must: what the multipliers prove about each.

With charges u the bound falls by `-reduced` when a site that collects less than the price of its cost is forced into the
plan, and by `reduced` when one that collects more is kept out. Where it falls below the best plan known, the site is
settled (reduced-cost fixing, Dantzig, Fulkerson and Johnson 1954).
"""

import numpy as np

from .core import Core
from .relaxed import Bound, Box


def hopeless(bound: float, reduced: np.ndarray, wanted: float) -> np.ndarray:
    """(S,) bool: sites without which every plan worth at least `wanted` does.

    reduced  (S,) of the charges that give the bound
    """
    return np.asarray(bound + np.minimum(reduced, 0.0) < wanted)


def certain(bound: float, reduced: np.ndarray, wanted: float) -> np.ndarray:
    """(S,) bool: sites that every plan worth at least `wanted` holds."""
    return np.asarray(bound - np.maximum(reduced, 0.0) < wanted)


def next_better(core: Core, value: float) -> float:
    """The least that a plan better than one of this value can be worth, a little less for rounding.

    Weights that are all multiples of a number make values that are multiples of it too.
    """
    weights = np.concatenate([core.graph.weight, core.graph.second, [core.before]])
    slack = 1e-9 * max(abs(value), 1e-300)
    if (weights == np.floor(weights)).all() and weights.sum() < 2.0**53:
        unit = float(np.gcd.reduce(weights.astype(np.int64)))
        return value + unit - min(slack, unit / 2) if unit else value
    return value + slack


def box_of(inside: np.ndarray) -> Box:
    """The box of sites that are in (1), out (0) or open (-1)."""
    return Box((inside == 1).astype(float), (inside != 0).astype(float))


def settle_charges(bound: Bound, inside: np.ndarray, wanted: float) -> bool:
    """Settle in place the sites that every better plan has or lacks; False where it must both have and lack one."""
    free = inside < 0
    out, needed = hopeless(bound.value, bound.reduced, wanted), certain(bound.value, bound.reduced, wanted)
    inside[free & out] = 0
    inside[free & needed] = 1
    return not (free & out & needed).any()


def settle_rules(core: Core, inside: np.ndarray) -> bool:
    """Settle in place what budget, quotas and neighbours leave no choice about; False where they cannot be kept."""
    rules = core.rules
    chosen = inside == 1
    left = int(rules.budget[0] - rules.cost[chosen].sum())
    inside[(inside < 0) & (rules.cost > left)] = 0
    if left < 0:
        return False
    for site in np.flatnonzero(chosen) if len(rules.apart) else ():
        near = rules.apart[rules.apart_start[site] : rules.apart_start[site + 1]]
        if (inside[near] == 1).any():
            return False
        inside[near] = 0
    counted = np.repeat(np.arange(core.sites), np.diff(rules.group_start))
    for group in range(len(rules.least)):
        members = counted[rules.group == group]
        have, open_ = int((inside[members] == 1).sum()), members[inside[members] < 0]
        if have > rules.most[group] or have + len(open_) < rules.least[group]:
            return False
        if have == rules.most[group]:
            inside[open_] = 0
        elif have + len(open_) == rules.least[group]:
            inside[open_] = 1
    chosen = inside == 1
    return bool(rules.cost[chosen].sum() <= rules.budget[0])
