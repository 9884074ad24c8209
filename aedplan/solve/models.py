"""Every kind of placement problem as one mixed-integer model, for sizes that HiGHS can hold.

x[s] = 1 if site s is chosen; y[k], z[k] in 0..1 how far cell k is covered a first and a second time; t the smallest share.
Largest value: maximise sum weight[k] y[k] + second[k] z[k], mixed with t. Least cost: minimise sum cost[s] x[s].
Subject to y[k] + z[k] <= fixed sites + sum of x[s] that cover k; budget; quotas; pairs apart; t <= share of each group;
and with a target: the value reaches it. y and z need not be whole: at the best they are.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from ..equity import Equity
from ..errors import InfeasibleError
from ..problem import PlacementProblem, counts
from .core import free_sites
from .highs import Found, Model, settle
from .merging import Cells, classes, merged


def model_of(problem: PlacementProblem, scale: float) -> Model:
    """The model of a problem, its weights divided by `scale`; with a target its objective is minus the cost.

    Variables are S of x, K of y, K of z and, with equity, t.
    """
    from scipy.sparse import csr_array, vstack

    sites, cells = problem.covers.shape
    worth = _worth(problem, scale)
    rows = [_cover_rows(problem), *_site_rows(problem, len(worth)), *_group_rows(problem, scale)]
    objective = worth
    if problem.target is not None:
        rows.append((worth[None], np.array([problem.target / scale]), np.array([np.inf])))
        objective = np.concatenate([-problem.cost, np.zeros(len(worth) - sites)])
    allowed = np.isin(np.arange(sites), free_sites(problem))
    rest = np.ones(len(worth) - sites - 2 * cells)
    return Model(
        objective=objective,
        matrix=vstack([csr_array(matrix) for matrix, _, _ in rows], format="csr"),
        lower=np.concatenate([lower for _, lower, _ in rows]),
        upper=np.concatenate([upper for _, _, upper in rows]),
        bottom=np.zeros(len(worth)),
        top=np.concatenate([allowed, np.ones(cells), problem.second > 0, rest]),
        whole=sites,
        unit=scale if problem.target is None else 1.0,
    )


MOST_ENTRIES = 300_000
MOST_SITES = 500
"""A model of this size is settled in seconds to minutes as a rule; a larger one seldom before the time is up."""


def fits(problem: PlacementProblem) -> bool:
    """Whether a problem is small enough for its model to be tried."""
    return bool(problem.covers.shape[0] <= MOST_SITES and problem.covers.nnz <= MOST_ENTRIES)


def classed(problem: PlacementProblem) -> PlacementProblem:
    """The problem with cells of the same sites and the same group made one; every plan keeps its value.

    A row for each group tells its cells from others as a site would.
    """
    from scipy.sparse import csr_array, vstack

    sites, cells = problem.covers.shape
    group = np.full(cells, -1) if problem.equity is None else problem.equity.group
    groups = int(group.max(initial=-1)) + 2
    beside = csr_array((np.ones(cells, dtype=bool), (group + 1, np.arange(cells))), shape=(groups, cells))
    rows = vstack([problem.covers, beside], format="csr")
    every = Cells(rows.indptr.astype(np.int64), rows.indices.astype(np.int32), problem.weight, problem.second)
    class_of = classes(every)
    few = merged(every, class_of)
    of_class = np.zeros(len(few.weight), dtype=np.int64)
    of_class[class_of[class_of >= 0]] = group[class_of >= 0]
    end = int(few.start[sites])
    shape = (sites, len(few.weight))
    return replace(
        problem,
        covers=csr_array((np.ones(end, dtype=bool), few.cell[:end], few.start[: sites + 1]), shape=shape),
        weight=few.weight,
        second=few.second,
        equity=None if problem.equity is None else Equity(of_class, problem.equity.share),
    )


Rows = tuple[Any, np.ndarray, np.ndarray]


def _worth(problem: PlacementProblem, scale: float) -> np.ndarray:
    """(V,) what each variable adds to the value."""
    plain = np.concatenate([np.zeros(len(problem.cost)), problem.weight, problem.second]) / scale
    if problem.equity is None:
        return plain
    share = problem.equity.share
    return np.append(plain * (1 - share), share * problem.weight.sum() / scale)


def _cover_rows(problem: PlacementProblem) -> Rows:
    from scipy.sparse import csr_array, eye_array, hstack

    cells = problem.covers.shape[1]
    one = eye_array(cells, format="csr")
    last = csr_array((cells, int(problem.equity is not None)))
    matrix = hstack([-problem.covers.T.astype(float), one, one, last], format="csr")
    return matrix, np.full(cells, -np.inf), counts(problem).astype(float)


def _site_rows(problem: PlacementProblem, width: int) -> list[Rows]:
    """Budget, quotas and pairs apart, as rows over all variables."""
    from scipy.sparse import csr_array

    sites = len(problem.cost)
    pairs = problem.apart
    members = [np.unique(np.array(quota.sites, dtype=np.int64)) for quota in problem.quotas]
    sets = [np.arange(sites), *members, *pairs]
    amounts = [problem.cost, *(np.ones(len(one)) for one in sets[1:])]
    start = np.cumsum([0, *(len(one) for one in sets)])
    matrix = csr_array((np.concatenate(amounts), np.concatenate(sets), start), shape=(len(sets), width))
    lower = [-np.inf, *(float(quota.minimum) for quota in problem.quotas), *([-np.inf] * len(pairs))]
    most = [np.inf if quota.maximum is None else float(quota.maximum) for quota in problem.quotas]
    upper = [problem.budget, *most, *([1.0] * len(pairs))]
    return [(matrix, np.array(lower), np.array(upper))]


def _group_rows(problem: PlacementProblem, scale: float) -> list[Rows]:
    """For each group with demand: smallest share times its demand <= what is covered of it."""
    if problem.equity is None:
        return []
    from scipy.sparse import csr_array

    sites, cells = problem.covers.shape
    demand = problem.equity.sums(problem.weight)
    inside = np.flatnonzero((problem.equity.group >= 0) & (problem.weight > 0))
    row, some = problem.equity.group[inside], np.flatnonzero(demand > 0)
    entries = np.concatenate([-problem.weight[inside] / demand[row], np.ones(len(some))])
    place = np.concatenate([row, some]), np.concatenate([sites + inside, np.full(len(some), sites + 2 * cells)])
    matrix = csr_array((entries, place), shape=(len(demand), sites + 2 * cells + 1))
    return [(matrix, np.full(len(demand), -np.inf), np.zeros(len(demand)))]


def optimum(problem: PlacementProblem, *, seconds: float, gap: float) -> Found:
    """The best plan HiGHS finds, and a bound on all: on the value, from above; with a target on minus the cost.

    Raises InfeasibleError when no plan keeps the constraints; Interrupted, with what was found by then, at Ctrl-C.
    """
    scale = float(problem.weight.max(initial=0.0)) or 1.0
    found = settle(model_of(classed(problem), scale), seconds=seconds, gap=gap)
    if found.status == "infeasible":
        raise InfeasibleError("no plan keeps all constraints together")
    return found
