"""Swaps: one site goes out, another comes in, as long as that gains anything (Teitz and Bart 1968).

For a site that might come in, the loss of each site that might go out is corrected by the cells that both cover (Resende
and Werneck 2007); only sites that share such cells and the one of least loss need be looked at where no rule forbids it.
"""

from collections.abc import Iterable

import numpy as np

from ..kernels.compiled import compiled
from .core import Core
from .moves import NOBODY, State, add, chosen_of, drop, fits, spare, state_of, step

ROUNDS = 1000
"""More passes over all sites than any search was seen to need; a guard against endless rounding."""


def swap(core: Core, chosen: Iterable[int]) -> tuple[int, ...]:
    """The choice after the swaps and additions that better it; never of less value, and within the rules if it was.

    chosen  sites of the core
    """
    state = state_of(core, chosen)
    improve(core, state)
    return chosen_of(state)


def improve(core: Core, state: State) -> None:
    """Swap within a state until nothing is gained."""
    saved, touched = np.zeros(core.sites), np.empty(core.sites, dtype=np.int64)
    least_gain = 1e-12 * float(core.graph.weight.sum())
    for _ in range(ROUNDS):
        if not swap_pass(core.graph, core.rules, state, is_plain(core), (saved, touched), least_gain):
            return


def is_plain(core: Core) -> bool:
    """Whether any site may take the place of any other."""
    return bool(not len(core.rules.group) and not len(core.rules.apart) and (core.rules.cost == 1).all())


@compiled
def swap_pass(graph, rules, state, plain, scratch, least_gain):
    """Try each site outside once; returns how many moves were made."""
    moves = 0
    cheapest = least_worth(state)
    for s in range(len(state.inside)):
        if state.inside[s] or state.worth[s] <= least_gain:
            continue
        if fits(rules, state, s):
            add(graph, rules, state, s)
        else:
            gain, out = best_out(graph, rules, state, s, (plain, cheapest), scratch)
            if out < 0 or gain <= least_gain:
                continue
            drop(graph, rules, state, out)
            add(graph, rules, state, s)
        moves += 1
        cheapest = least_worth(state)
    return moves


@compiled
def least_worth(state):
    """The site inside that would be missed least, -1 where none is."""
    least = NOBODY
    for s in range(len(state.inside)):
        if state.inside[s] and (least < 0 or state.worth[s] < state.worth[least]):
            least = s
    return least


@compiled
def best_out(graph, rules, state, s, hint, scratch):
    """What is gained when site s comes in for the best one to go out, and that one, -1 where none may.

    hint     whether any site may replace any other, and the one inside of least worth
    scratch  saved (S,) zeros, left so; touched (S,)
    """
    plain, cheapest = hint
    saved, touched = scratch
    found = shared_losses(graph, state, s, saved, touched)
    best, out = -np.inf, NOBODY
    if plain:
        for i in range(found):
            c = touched[i]
            if saved[c] - state.worth[c] > best:
                best, out = saved[c] - state.worth[c], c
        if cheapest >= 0 and saved[cheapest] - state.worth[cheapest] > best:
            best, out = saved[cheapest] - state.worth[cheapest], cheapest
    else:
        for c in range(len(state.inside)):
            if state.inside[c] and saved[c] - state.worth[c] > best and may_replace(rules, state, s, c):
                best, out = saved[c] - state.worth[c], c
    for i in range(found):
        saved[touched[i]] = 0.0
    return state.worth[s] + best, out


@compiled
def shared_losses(graph, state, s, saved, touched):
    """Into `saved` for sites inside what they would not lose if s came in for them; returns how many, `touched` names them.

    A cell that i sites cover would gain step(i) by s and lose step(i - 1) by the other; covered by both it keeps its value.
    """
    found = 0
    for at in range(graph.start[s], graph.start[s + 1]):
        k = graph.cell[at]
        count = state.times[k]
        if count == 1:
            c = state.owner[k]
            if saved[c] == 0:
                touched[found] = c
                found += 1
            saved[c] += step(graph, k, 0) - step(graph, k, 1)
        elif count == 2 and graph.second[k] > 0:
            for there in range(graph.top[k], graph.top[k + 1]):
                c = graph.site[there]
                if state.inside[c]:
                    if saved[c] == 0:
                        touched[found] = c
                        found += 1
                    saved[c] += graph.second[k]
    return found


@compiled
def may_replace(rules, state, s, c):
    """Whether site s may come in when site c goes out."""
    if state.spent[0] - rules.cost[c] + rules.cost[s] > rules.budget[0]:
        return False
    near = 0
    for at in range(rules.apart_start[s], rules.apart_start[s + 1]):
        near += rules.apart[at] == c
    if state.blocked[s] > near:
        return False
    for at in range(rules.group_start[s], rules.group_start[s + 1]):
        g = rules.group[at]
        if state.held[g] - in_group(rules, c, g) >= rules.most[g]:
            return False
    if spare(rules, state, c):
        return True
    for at in range(rules.group_start[c], rules.group_start[c + 1]):
        g = rules.group[at]
        if state.held[g] <= rules.least[g] and not in_group(rules, s, g):
            return False
    return True


@compiled
def in_group(rules, s, g):
    """Whether site s counts in quota g."""
    found = False
    for at in range(rules.group_start[s], rules.group_start[s + 1]):
        found |= rules.group[at] == g
    return found
