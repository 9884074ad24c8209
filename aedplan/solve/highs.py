"""The only door to HiGHS: a mixed-integer model of the placement problem.

x[s] = 1 if site s is chosen, y[k] <= 1 how far cell k is covered:
maximise sum weight[k] y[k] subject to y[k] <= sum of x[s] that cover k, the budget, the quotas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..problem import PlacementProblem, Quota


@dataclass(frozen=True)
class MixedAnswer:
    """What HiGHS found.

    chosen    site numbers, None when it found no plan
    bound     proven upper bound on the objective; inf when it has none yet
    finished  True when it stopped because the gap was closed
    feasible  False when it proved that no plan keeps the constraints
    """

    chosen: tuple[int, ...] | None
    bound: float
    finished: bool
    feasible: bool


def maximise(problem: PlacementProblem, *, seconds: float, gap: float, first: Sequence[int] = ()) -> MixedAnswer:
    """Solve a problem that has no fixed site any more; `first` is a plan to start from."""
    import highspy

    highs = quiet_highs()
    highs.setOptionValue("time_limit", float(seconds))
    highs.setOptionValue("mip_rel_gap", float(gap))
    highs.setOptionValue("mip_abs_gap", 0.0)
    highs.passModel(_model(problem))
    if first:
        _start_from(highs, problem, first)
    highs.run()
    status = highs.getModelStatus()
    info = highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return MixedAnswer(None, -np.inf, True, False)
    sites = problem.covers.shape[0]
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    chosen = np.flatnonzero(np.asarray(highs.getSolution().col_value[:sites]) > 0.5) if has_plan else None
    return MixedAnswer(
        chosen=tuple(int(s) for s in chosen) if chosen is not None else None,
        bound=float(info.mip_dual_bound),
        finished=status == highspy.HighsModelStatus.kOptimal,
        feasible=True,
    )


def quiet_highs() -> Any:
    """A HiGHS that prints nothing, uses one thread and always takes the same path."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    return highs


def _model(problem: PlacementProblem) -> Any:
    import highspy
    from scipy.sparse import block_array, csr_array, eye_array

    sites, cells = problem.covers.shape
    rows, lower, upper = constraint_rows(problem)
    cover = problem.covers.T.tocsr().astype(float)
    matrix = block_array([[-cover, eye_array(cells)], [rows, None]], format="csc")
    matrix.sort_indices()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = sites + cells, cells + rows.shape[0]
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(sites), problem.weight])
    model.col_lower_ = np.zeros(sites + cells)
    affordable = (problem.cost <= problem.budget).astype(float)
    model.col_upper_ = np.concatenate([affordable, np.ones(cells)])
    model.row_lower_ = np.concatenate([np.full(cells, -highspy.kHighsInf), lower])
    model.row_upper_ = np.concatenate([np.zeros(cells), upper])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    kinds = [highspy.HighsVarType.kInteger] * sites + [highspy.HighsVarType.kContinuous] * cells
    model.integrality_ = kinds
    assert isinstance(rows, csr_array)
    return model


def constraint_rows(
    problem: PlacementProblem, quotas: Sequence[Quota] | None = None
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Budget and quotas as rows over sites: (R, S) CSR, lower (R,), upper (R,)."""
    from scipy.sparse import csr_array

    quotas = problem.quotas if quotas is None else quotas
    sites = problem.covers.shape[0]
    rows = np.zeros((1 + len(quotas), sites))
    rows[0] = problem.cost
    for row, quota in enumerate(quotas, start=1):
        rows[row, list(quota.sites)] = 1.0
    lower = np.array([0.0, *(float(q.minimum) for q in quotas)])
    upper = np.array([problem.budget, *(float(sites if q.maximum is None else q.maximum) for q in quotas)])
    return csr_array(rows), lower, upper


def _start_from(highs: Any, problem: PlacementProblem, chosen: Sequence[int]) -> None:
    import highspy

    sites, cells = problem.covers.shape
    values = np.zeros(sites + cells)
    values[list(chosen)] = 1.0
    values[sites + np.unique(problem.covers[list(chosen)].indices)] = 1.0
    solution = highspy.HighsSolution()
    solution.col_value = values.tolist()
    highs.setSolution(solution)


def feasible_plan(problem: PlacementProblem, quotas: Sequence[Quota], worth: np.ndarray) -> tuple[int, ...] | None:
    """Any choice that keeps the budget and these quotas, with the largest sum of `worth`; None where there is none."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows, lower, upper = constraint_rows(problem, quotas)
    free = ~problem.fixed & (problem.cost <= problem.budget)
    answer = milp(
        -worth, constraints=LinearConstraint(rows, lower, upper), integrality=np.ones(len(worth), dtype=np.int8),
        bounds=Bounds(0, free.astype(float)), options={"mip_rel_gap": 0.05, "time_limit": 60.0},
    )  # fmt: skip
    if answer.x is None:
        return None
    return tuple(int(s) for s in np.flatnonzero(answer.x > 0.5))
