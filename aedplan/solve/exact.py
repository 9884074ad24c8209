"""Exact placement: lossless reduction, then HiGHS, started from the greedy plan."""

from dataclasses import replace

import numpy as np

from ..problem import PlacementProblem, Quota, covered, merge_cells, value
from .highs import maximise


def exact(
    problem: PlacementProblem, first: tuple[int, ...], *, seconds: float, gap: float
) -> tuple[tuple[int, ...], float, bool]:
    """The best plan found, a proven bound on the value (inf when there is none yet), and whether the gap was closed.

    first  a plan that keeps all constraints
    """
    core, sites = without_fixed(problem)
    if not core.covers.shape[1]:
        return first, value(problem, first), True
    number = {int(site): i for i, site in enumerate(sites)}
    answer = maximise(core, seconds=seconds, gap=gap, first=[number[s] for s in first])
    chosen = first if answer.chosen is None else tuple(int(sites[i]) for i in answer.chosen)
    if value(problem, chosen) < value(problem, first):
        chosen = first
    return chosen, value(problem, ()) + answer.bound, answer.finished


def without_fixed(problem: PlacementProblem) -> tuple[PlacementProblem, np.ndarray]:
    """The problem of the free sites alone: cells that fixed sites cover are gone, equal cells are merged.

    Returns it with the numbers its sites had before.
    """
    sites = np.flatnonzero(~problem.fixed)
    number = {int(site): i for i, site in enumerate(sites)}
    cells = np.flatnonzero(~covered(problem, ()))
    quotas = tuple(
        Quota(q.group, tuple(number[s] for s in q.sites if s in number), q.minimum, q.maximum) for q in problem.quotas
    )
    core = replace(
        problem,
        covers=problem.covers[sites][:, cells],
        weight=problem.weight[cells],
        cost=problem.cost[sites],
        fixed=np.zeros(len(sites), dtype=bool),
        quotas=quotas,
    )
    return merge_cells(core), sites
