"""A greedy plan with an eye on the linear program: what a site adds counts more, the more of it the program chooses."""

import numpy as np

from .core import Core
from .moves import add, chosen_of, fits, serves, state_of, unmet

LEAST = 1e-4
"""Every site counts as chosen this much."""


def guided(core: Core, fractions: np.ndarray, power: float) -> tuple[int, ...] | None:
    """A plan of the core by gain * fraction ** power per cost; None where it does not reach the minima.

    fractions  (S,) of sites
    """
    graph, rules = core.graph, core.rules
    state = state_of(core)
    favour = (fractions + LEAST) ** power / rules.cost
    left = np.ones(core.sites, dtype=bool)
    for lacking in (True, False):
        able = left.copy()
        while not lacking or unmet(rules, state):
            score = np.where(able & (lacking | (state.worth > 0)), (state.worth + lacking * 1e-9) * favour, 0.0)
            best = int(np.argmax(score)) if core.sites else -1
            if best < 0 or score[best] <= 0:
                break
            able[best] = False
            if fits(rules, state, best) and (not lacking or serves(rules, state, best)):
                left[best] = False
                add(graph, rules, state, best)
    return None if unmet(rules, state) else chosen_of(state)
