"""Sites that no better plan can hold, and sites that every better plan must: what the multipliers prove about each.

With charges u the bound falls by `-reduced` when a site that collects less than the price of its cost is forced into the
plan, and by `reduced` when one that collects more is kept out. Where it falls below the best plan known, the site is
settled (reduced-cost fixing, Dantzig, Fulkerson and Johnson 1954).
"""

import numpy as np

from .core import Core


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
