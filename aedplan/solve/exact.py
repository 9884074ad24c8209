"""What is left of a core when nearly everything is settled, as a model for HiGHS with the best plan as its start.

x[s] = 1 if site s is chosen, y[k] and z[k] <= 1 how far cell k is covered once and twice: maximise
sum weight[k] y[k] + second[k] z[k] with y[k] + z[k] <= sum of x[s] that cover k, the budget, the quotas, the cliques.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .core import Core
from .highs import Found, Model, settle
from .relaxed import Box
from .rows import Rows

MOST_SITES = 500
MOST_ENTRIES = 300_000
"""A core of this size is settled in seconds to minutes as a rule; a larger one hardly ever."""


def is_small(core: Core) -> bool:
    """Whether HiGHS may settle a core."""
    return core.sites <= MOST_SITES and core.entries <= MOST_ENTRIES


def exact(core: Core, rows: Rows, box: Box, first: Iterable[int], *, seconds: float, gap: float) -> Found:
    """What HiGHS finds within a box, begun from a plan; values and bounds of the core alone, fixed sites left aside."""
    unit = float(core.graph.weight.max(initial=0.0)) or 1.0
    found = settle(model_of(core, rows, box, first, unit), seconds=seconds, gap=gap)
    found.bound *= unit
    return found


def model_of(core: Core, rows: Rows, box: Box, first: Iterable[int], unit: float) -> Model:
    """The model of a core; weights are divided by `unit`."""
    from scipy.sparse import block_array, csr_array, eye_array

    graph, sites, cells = core.graph, core.sites, core.cells
    double = np.flatnonzero(graph.second > 0)
    cover = csr_array((np.ones(core.entries), graph.site, graph.top), shape=(cells, sites))
    once, twice = eye_array(cells, format="csr"), csr_array(eye_array(cells, format="csr")[:, double])
    limits = csr_array((np.ones(len(rows.site)), rows.site, rows.top), shape=(len(rows.high), sites))
    cost = core.rules.cost / max(1, int(core.rules.budget[0]))
    parts: list[list[Any]] = [[-cover, once, twice], [csr_array(cost[None]), None, None]]
    if len(rows.high):
        parts.append([limits, None, None])
    return Model(
        objective=np.concatenate([np.zeros(sites), graph.weight, graph.second[double]]) / unit,
        matrix=block_array(parts, format="csc"),
        lower=np.concatenate([np.full(cells + 1, -np.inf), rows.low]),
        upper=np.concatenate([np.zeros(cells), [1.0], rows.high]),
        bottom=np.concatenate([box.low, np.zeros(cells + len(double))]),
        top=np.concatenate([box.high, np.ones(cells + len(double))]),
        whole=sites,
        first=solution_of(core, first, double),
    )


def solution_of(core: Core, chosen: Iterable[int], double: np.ndarray) -> np.ndarray:
    """The variables of a plan."""
    inside = np.zeros(core.sites)
    inside[list(chosen)] = 1.0
    count = np.add.reduceat(np.append(inside[core.graph.site], 0.0), core.graph.top[:-1]) if core.cells else np.zeros(0)
    return np.concatenate([inside, np.minimum(count, 1.0), np.clip(count[double] - 1.0, 0.0, 1.0)])
