"""The moves of a search: a site comes in, a site goes out, and what every site is worth is known at each moment.

`worth` of a site outside is what it would add, of a site inside what would be lost without it; coming in or going out does
not change a site's own worth. A cell that i sites cover gives `step(i)` for the next: its weight, its second weight, 0.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ..kernels.compiled import compiled
from .core import Core, Rules

COMES, GOES, NOBODY = np.int64(1), np.int64(-1), np.int64(-1)
"""Signs of a move, and the number of no site: a plain number is a type of its own, for which kernels would be compiled again."""


class State(NamedTuple):
    """A choice of sites, with everything that moves need.

    times    (K,) int32 chosen sites that cover each cell
    owner    (K,) int32 their numbers added up: where there is one, that one
    inside   (S,) bool
    worth    (S,)
    held     (G,) int64 chosen sites in each quota
    blocked  (S,) int32 chosen sites that each must stay apart from
    spent    (1,) int64 cost
    value    (1,) of the choice
    """

    times: np.ndarray
    owner: np.ndarray
    inside: np.ndarray
    worth: np.ndarray
    held: np.ndarray
    blocked: np.ndarray
    spent: np.ndarray
    value: np.ndarray


def state_of(core: Core, chosen: Iterable[int] = ()) -> State:
    """The state of a choice, counted from nothing."""
    state = empty_state(core.sites, core.cells, core.rules)
    sum_rows(core.graph.start, core.graph.cell, core.graph.weight, state.worth)
    for site in sorted(chosen):
        add(core.graph, core.rules, state, site)
    return state


def empty_state(sites: int, cells: int, rules: Rules) -> State:
    """Nothing chosen; what sites are worth is not counted yet."""
    return State(
        np.zeros(cells, dtype=np.int32),
        np.zeros(cells, dtype=np.int64),
        np.zeros(sites, dtype=bool),
        np.zeros(sites),
        np.zeros(len(rules.least), dtype=np.int64),
        np.zeros(sites, dtype=np.int32),
        np.zeros(1, dtype=np.int64),
        np.zeros(1),
    )


def chosen_of(state: State) -> tuple[int, ...]:
    """The sites inside, ascending."""
    return tuple(int(site) for site in np.flatnonzero(state.inside))


@compiled
def sum_rows(start, cell, amount, out):
    """Fill out (S,) with the amounts (K,) of each site's cells added up."""
    for s in range(len(start) - 1):
        total = 0.0
        for at in range(start[s], start[s + 1]):
            total += amount[cell[at]]
        out[s] = total


@compiled
def step(graph, k, count):
    """What the next site adds to cell k when so many cover it."""
    if count == 0:
        return graph.weight[k]
    return graph.second[k] if count == 1 else 0.0


@compiled
def fits(rules, state, s):
    """Whether site s may come in: budget, quotas, sites apart."""
    if state.inside[s] or state.blocked[s] > 0 or state.spent[0] + rules.cost[s] > rules.budget[0]:
        return False
    for at in range(rules.group_start[s], rules.group_start[s + 1]):
        if state.held[rules.group[at]] >= rules.most[rules.group[at]]:
            return False
    return True


@compiled
def spare(rules, state, s):
    """Whether the minima hold without site s."""
    for at in range(rules.group_start[s], rules.group_start[s + 1]):
        if state.held[rules.group[at]] <= rules.least[rules.group[at]]:
            return False
    return True


@compiled
def unmet(rules, state):
    """How many sites the minima of the quotas still lack, quota by quota."""
    missing = 0
    for g in range(len(rules.least)):
        missing += max(0, rules.least[g] - state.held[g])
    return missing


@compiled
def serves(rules, state, s):
    """Whether site s counts towards a minimum that is not met."""
    for at in range(rules.group_start[s], rules.group_start[s + 1]):
        if state.held[rules.group[at]] < rules.least[rules.group[at]]:
            return True
    return False


@compiled
def account(rules, state, s, sign):
    """Book what site s costs and which rules it touches: sign 1 in, -1 out."""
    state.inside[s] = sign > 0
    state.spent[0] += sign * rules.cost[s]
    state.value[0] += sign * state.worth[s]
    for at in range(rules.group_start[s], rules.group_start[s + 1]):
        state.held[rules.group[at]] += sign
    for at in range(rules.apart_start[s], rules.apart_start[s + 1]):
        state.blocked[rules.apart[at]] += sign


@compiled
def add(graph, rules, state, s):
    """Site s comes in."""
    account(rules, state, s, COMES)
    recount(graph, state, s, COMES)


@compiled
def drop(graph, rules, state, s):
    """Site s goes out."""
    account(rules, state, s, GOES)
    recount(graph, state, s, GOES)


@compiled
def recount(graph, state, s, sign):
    """Count the cells of site s once more (sign 1) or once less (-1), and change the worth of all other sites by it.

    A site outside would add the step after the count, one inside would lose the step before it. This is the innermost loop
    of every search: its arrays have names of their own, since passing tuples of them on would cost more than the work.
    """
    start, cell, top, site, weight, second = graph
    count, owner, inside, worth = state.times, state.owner, state.inside, state.worth
    for at in range(start[s], start[s + 1]):
        k = cell[at]
        low = count[k] if sign > 0 else count[k] - 1  # sites that cover the cell without this one
        count[k] += sign
        other = owner[k] if sign > 0 else owner[k] - s
        owner[k] += sign * s
        if low == 0:
            change = sign * (second[k] - weight[k])
            for there in range(top[k], top[k + 1]):
                worth[site[there]] += change
            worth[s] -= change
        elif low == 1 and second[k] == 0:  # nobody outside cares, and one other is inside
            worth[other] -= sign * weight[k]
        elif low <= 2 and second[k] > 0:
            outer = -sign * second[k] if low == 1 else 0.0
            inner = sign * (second[k] - weight[k]) if low == 1 else -sign * second[k]
            for there in range(top[k], top[k + 1]):
                t = site[there]
                if t != s:
                    worth[t] += inner if inside[t] else outer
