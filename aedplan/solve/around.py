"""A better plan around one place: some neighbouring sites are taken out and the best in their stead is found exactly.

What ruin and repair finds by luck, a small linear program with branches finds or rules out (Shaw 1998; Fischetti and Lodi 2003).
"""

from typing import NamedTuple

import numpy as np

from .core import Core, made, rules_of_equals
from .exact import exact
from .fixing import next_better
from .merging import Cells, merge
from .moves import State, state_of
from .relaxed import open_box

MOST_ENTRIES = 80_000
"""Entries of a place beyond which fewer sites are taken out."""

PROGRAMS = 100
"""Linear programs for one place."""


class Around(NamedTuple):
    """The place around a chosen site: which sites went out, which come in instead; settled: nothing better is there."""

    out: np.ndarray
    into: np.ndarray
    settled: bool


def around(core: Core, state: State, here: int, count: int, seconds: float) -> Around:
    """The best sites in the stead of some neighbouring ones, or the same where nothing better was found.

    core   one in which any site may take the place of any other, without second weights
    here   a site inside, with which the others that are taken out share most
    count  how many sites are taken out at most
    """
    while True:
        out = near(core, state.inside, here, count)
        sites, cells = left(core, state, out)
        if len(cells.cell) <= MOST_ENTRIES or count == 1:
            return settle_place(core, out, (sites, cells), seconds)
        count = max(1, count // 2)


def near(core: Core, inside: np.ndarray, here: int, count: int) -> np.ndarray:
    """So many chosen sites, ring by ring of shared cells around a chosen one; fewer where nothing more is connected."""
    graph = core.graph
    seen = np.zeros(core.sites, dtype=bool)
    seen[here] = True
    found, ring = [here], np.array([here])
    while len(found) < count and len(ring):
        cells = np.unique(np.concatenate([graph.cell[graph.start[s] : graph.start[s + 1]] for s in ring]))
        sites = np.concatenate([graph.site[graph.top[k] : graph.top[k + 1]] for k in cells])
        ring = np.unique(sites[~seen[sites]])
        seen[ring] = True
        found += ring[inside[ring]].tolist()
    return np.sort(np.array(found[:count]))


def left(core: Core, state: State, out: np.ndarray) -> tuple[np.ndarray, Cells]:
    """The sites that may come in where some go out, and the cells that the others leave to them."""
    graph = core.graph
    times = state.times.copy()
    for s in out:
        times[graph.cell[graph.start[s] : graph.start[s + 1]]] -= 1
    own = np.concatenate([graph.cell[graph.start[s] : graph.start[s + 1]] for s in out])
    open_ = np.unique(own[times[own] == 0])
    parts = [graph.site[graph.top[k] : graph.top[k + 1]] for k in open_]
    able = ~state.inside
    able[out] = True
    sites = np.unique(np.concatenate([out, *parts]))
    sites = sites[able[sites]]
    rows = [graph.cell[graph.start[s] : graph.start[s + 1]] for s in sites]
    rows = [row[times[row] == 0] for row in rows]
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return sites, merge(Cells(start, np.concatenate(rows), graph.weight, np.zeros(len(graph.weight))))


def settle_place(core: Core, out: np.ndarray, place: tuple[np.ndarray, Cells], seconds: float) -> Around:
    """The best choice of as many sites of a place as go out, if it is better than those."""
    sites, cells = place
    small = made(cells, rules_of_equals(len(sites), len(out)), sites, 0.0)
    value = float(state_of(small, small.places(out.tolist())).value[0])
    wanted = next_better(small, value)
    goal = (wanted, wanted - value)
    found = exact(small, open_box(small), goal, seconds=seconds, gap=0.0, programs=PROGRAMS)
    into = out if found.chosen is None else small.number[list(found.chosen)]
    return Around(out, into, found.status != "limit")
