"""Annealing: a site comes in for another where that gains, or loses no more than the heat of the moment lets pass.

A site drawn by chance is held against those whose cells it would take over, and a few others. What the exchange gains is
known from the worth of both (see `swaps`), so that one which is not made costs no more than reading the cells of one site
(Kirkpatrick, Gelatt and Vecchi 1983).
"""

import numpy as np

from ..kernels.compiled import compiled
from .moves import NOBODY
from .ruin import enter, leave
from .swaps import shared_losses

ELSEWHERE = 2
"""Sites from anywhere that might go out, beside those that share cells with the one that comes in."""


@compiled
def anneal(graph, rules, state, search, course, rng):
    """Try some exchanges, where any site may take the place of any other.

    course  (sites that may come in, exchanges tried, heat: by how much a likely one may lower the value)
    """
    able, tries, heat = course
    saved, touched, worth = search.saved, search.near, state.worth
    if search.size[0] == 0 or len(able) == 0:
        return
    for _ in range(tries):
        s = able[rng.integers(0, len(able))]
        if state.inside[s]:
            continue
        found = shared_losses(graph, state, s, saved, touched)
        most, out = -np.inf, NOBODY
        for i in range(found + ELSEWHERE):
            c = touched[i] if i < found else search.inside[rng.integers(0, search.size[0])]
            if saved[c] - worth[c] > most:
                most, out = saved[c] - worth[c], c
        for i in range(found):
            saved[touched[i]] = 0.0
        if worth[s] + most >= heat * np.log(1.0 - rng.random()):
            leave(graph, rules, state, search, out)
            enter(graph, rules, state, search, s)
            if state.value[0] > search.value[0] * (1 + 1e-13):
                search.value[0] = state.value[0]
                search.best[:] = state.inside
