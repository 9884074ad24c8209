"""Lossless reduction: a core with fewer cells and sites whose best plan is worth the same.

Cells with the same sites are one cell. A site is dropped when another covers all that it covers, costs no more and has the
same quotas and no more neighbours to stay apart from: that one can always stand in its place. Both go on in turns, since
dropping sites makes cells equal. Sites a minimum may need stay, and so do sites of cells that count twice.
"""

import numpy as np

from . import kernels
from .core import Core, Rules, without_sites
from .merging import merge_stream as merge_stream

ROUNDS = 4
"""Turns at most; later ones find next to nothing."""


def reduce(core: Core) -> tuple[Core, np.ndarray]:
    """The reduced core, and the cell of it that each cell of the given one is in (-1: none)."""
    class_of = np.arange(core.cells, dtype=np.int32)
    for _ in range(ROUNDS):
        kept = undominated(core)
        if len(kept) == core.sites:
            break
        core, there = without_sites(core, kept)
        class_of = joined(class_of, there)
    return core, class_of


def joined(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Where cells are after two steps; -1 stays -1."""
    return np.where(first >= 0, then[first], -1).astype(np.int32) if len(then) else np.full_like(first, -1)


def undominated(core: Core) -> np.ndarray:
    """The sites, ascending, that no other site can always stand in for; those that cover nothing go too."""
    graph, rules = core.graph, core.rules
    again = np.zeros(core.sites)
    double = np.flatnonzero(graph.second > 0)
    for cell in double:
        again[graph.site[graph.top[cell] : graph.top[cell + 1]]] = 1
    needed = in_minimum(rules)
    rarest = kernels.rarest_cells(graph.start, graph.cell, graph.top)
    out = kernels.dominated(graph, rules, rarest, needed | (again > 0), shapes(rules))
    return np.flatnonzero(~out & ((rarest >= 0) | needed))


def in_minimum(rules: Rules) -> np.ndarray:
    """(S,) bool: sites that count towards a minimum."""
    sites = len(rules.group_start) - 1
    counted = np.repeat(np.arange(sites), np.diff(rules.group_start))
    found = np.zeros(sites, dtype=bool)
    found[counted[rules.least[rules.group] > 0]] = True
    return found


def shapes(rules: Rules) -> np.ndarray:
    """(S,) numbers, equal for sites in the same quotas."""
    seen: dict[bytes, int] = {}
    if not len(rules.group):
        return np.zeros(len(rules.group_start) - 1, dtype=np.int64)
    parts = np.split(rules.group, rules.group_start[1:-1])
    return np.array([seen.setdefault(part.tobytes(), len(seen)) for part in parts], dtype=np.int64)
