"""What is left of a core when much is settled, as a model for HiGHS.

x[s] = 1 if site s is chosen, y[k] and z[k] <= 1 how far cell k is covered once and twice: maximise
sum weight[k] y[k] + second[k] z[k] with y[k] + z[k] <= sum of x[s] that cover k, the budget, the quotas, the cliques.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from .core import Core
from .highs import Found, Model, settle
from .relaxed import Box
from .rows import Rows, rows_between

MOST_SITES = 500
MOST_ENTRIES = 300_000
"""A core of this size is settled in seconds to minutes as a rule; a larger one hardly ever."""


def is_small(core: Core) -> bool:
    """Whether HiGHS may settle a core."""
    return core.sites <= MOST_SITES and core.entries <= MOST_ENTRIES


def exact(
    core: Core, box: Box, wanted: tuple[float, float] | None, *, seconds: float, gap: float, programs: int | None = None
) -> Found:
    """What HiGHS finds within a box; values and bounds of the core alone, what fixed sites cover left aside.

    wanted    where a plan is known: the least value worth finding, and by how much a better one must be better
    programs  so many linear programs at most, solved in this process; None: any number
    """
    unit = float(core.graph.weight.max(initial=0.0)) or 1.0
    model = model_of(core, rows_between(core), box, unit)
    if wanted is not None:
        model = replace(model, wanted=(wanted[0] / unit, wanted[1] / unit))
    return settle(model, seconds=seconds, gap=gap, programs=programs)


def model_of(core: Core, rows: Rows, box: Box, unit: float) -> Model:
    """The model of a core; weights are divided by `unit`. Its rows: cells, budget, rules."""
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
        unit=unit,
    )


def charges_of(core: Core, duals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The duals of a model's rows as charges of cells and of rules."""
    cell = np.clip(duals[: core.cells], 0.0, core.graph.weight)
    return cell, duals[core.cells + 1 :]
