"""Ruin and repair: take a few neighbouring sites out, fill up greedily with a little chance, keep what is good enough.

Neighbours are sites near one another in a walk over shared cells, so that each round costs as much as its place is large,
however large the city is (Schrimpf and others 2000; the slowly stricter threshold is simulated annealing).
"""

from typing import NamedTuple

import numpy as np

from ..kernels.compiled import compiled
from .core import Core
from .moves import NOBODY, State, add, drop, fits, serves, unmet


class Search(NamedTuple):
    """What a search remembers besides its state.

    best, value    (S,) bool the best choice so far, (1,) its value
    inside, place  (S,) the sites inside in some order, and where each stands there; size (1,) how many
    removed, added, near  (S,) sites of the present round
    stamp          (S,) int64 the last round that saw each site; round (1,)
    price          (S,) gains are compared per price
    saved          (S,) zeros between exchanges (see `annealing`)
    """

    best: np.ndarray
    value: np.ndarray
    inside: np.ndarray
    place: np.ndarray
    size: np.ndarray
    removed: np.ndarray
    added: np.ndarray
    near: np.ndarray
    stamp: np.ndarray
    round: np.ndarray
    price: np.ndarray
    saved: np.ndarray


def search_of(core: Core, state: State) -> Search:
    """A search that begins at a state."""
    chosen = np.flatnonzero(state.inside)
    inside, place = np.zeros(core.sites, dtype=np.int64), np.zeros(core.sites, dtype=np.int64)
    inside[: len(chosen)], place[chosen] = chosen, np.arange(len(chosen))
    removed, added, near, stamp = (np.zeros(core.sites, dtype=np.int64) for _ in range(4))
    price = core.rules.cost / max(1, int(core.rules.cost.max(initial=1)))
    size, turn = np.array([len(chosen)]), np.zeros(1, dtype=np.int64)
    best, value, saved = state.inside.copy(), state.value.copy(), np.zeros(core.sites)
    return Search(best, value, inside, place, size, removed, added, near, stamp, turn, price, saved)


@compiled
def rounds(graph, rules, state, search, schedule, rng):
    """Some rounds of ruin and repair.

    schedule  (rounds, heat at the first, heat at the last, most sites taken out at once, chance of a look everywhere)
    """
    total, hot, cold, most, wide = schedule
    for turn in range(total):
        if search.size[0] == 0:
            return
        heat = hot * (cold / hot) ** (turn / total) if hot > 0 else 0.0
        before = state.value[0]
        out = ruin(graph, rules, state, search, rng.integers(1, most + 1), rng)
        everywhere = rng.random() < wide
        found = len(state.inside) if everywhere else near_sites(graph, search, out)
        new = repair(graph, rules, state, search, (found, everywhere, 0.3 * rng.random() ** 2), rng)
        fall = before - state.value[0]
        if unmet(rules, state) > 0 or (fall > 0 and fall > -heat * np.log(1.0 - rng.random())):
            for i in range(new):
                leave(graph, rules, state, search, search.added[i])
            for i in range(out):
                enter(graph, rules, state, search, search.removed[i])
        elif state.value[0] > search.value[0] * (1 + 1e-13):
            search.value[0] = state.value[0]
            search.best[:] = state.inside


@compiled
def enter(graph, rules, state, search, s):
    """Site s comes in."""
    add(graph, rules, state, s)
    search.inside[search.size[0]], search.place[s] = s, search.size[0]
    search.size[0] += 1


@compiled
def leave(graph, rules, state, search, s):
    """Site s goes out."""
    drop(graph, rules, state, s)
    search.size[0] -= 1
    last = search.inside[search.size[0]]
    search.inside[search.place[s]], search.place[last] = last, search.place[s]


@compiled
def ruin(graph, rules, state, search, wanted, rng):
    """Take out a chance site and some near it; returns how many, `search.removed` names them."""
    here = search.inside[rng.integers(0, search.size[0])]
    leave(graph, rules, state, search, here)
    search.removed[0] = here
    out = 1
    for _ in range(20 * wanted):
        if out >= wanted or search.size[0] == 0:
            break
        there = stroll(graph, state, here, rng)
        if there >= 0:
            leave(graph, rules, state, search, there)
            search.removed[out] = there
            out += 1
    return out


@compiled
def stroll(graph, state, here, rng):
    """A chance site inside that shares a cell with `here` or with a site that does; -1 when the walk finds none."""
    for _ in range(2):
        size = graph.start[here + 1] - graph.start[here]
        if size == 0:
            return NOBODY
        k = graph.cell[graph.start[here] + rng.integers(0, size)]
        if state.times[k] == 1:
            return state.owner[k]
        here = graph.site[rng.integers(graph.top[k], graph.top[k + 1])]
        if state.inside[here]:
            return here
    return NOBODY


@compiled
def near_sites(graph, search, out):
    """The sites that share a cell with those taken out, into `search.near`; returns how many."""
    search.round[0] += 1
    found = 0
    for i in range(out):
        s = search.removed[i]
        for at in range(graph.start[s], graph.start[s + 1]):
            k = graph.cell[at]
            for there in range(graph.top[k], graph.top[k + 1]):
                t = graph.site[there]
                if search.stamp[t] != search.round[0]:
                    search.stamp[t] = search.round[0]
                    search.near[found] = t
                    found += 1
    return found


@compiled
def repair(graph, rules, state, search, where, rng):
    """Add the best that fits, each time with a little chance in the comparison; returns how many came in.

    where  (how many sites to look at, whether these are all or the near ones, how much chance)
    """
    found, everywhere, noise = where
    new = 0
    while True:
        best, most = NOBODY, 0.0
        lacking = unmet(rules, state) > 0
        for i in range(found):
            s = i if everywhere else search.near[i]
            if state.inside[s] or (state.worth[s] <= 0 and not lacking):
                continue
            score = state.worth[s] / search.price[s]
            if (score > most or (lacking and best < 0)) and fits(rules, state, s):
                score *= 1.0 - noise * rng.random()
                if (score > most or best < 0) and (not lacking or serves(rules, state, s)):
                    best, most = s, score
        if best < 0:
            return new
        enter(graph, rules, state, search, best)
        search.added[new] = best
        new += 1
