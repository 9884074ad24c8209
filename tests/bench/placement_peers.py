"""The peers of the placement benchmark, each on one thread and as its own documentation tells to use it."""

import time
from typing import Any

import numpy as np
from scipy.sparse import block_array, csr_array, eye_array

Job = dict[str, Any]


def model(covers: csr_array, weight: np.ndarray, devices: float) -> tuple[Any, np.ndarray, np.ndarray]:
    """The textbook model: objective over sites and cells, rows <= upper; y <= sum of x, and the number of devices."""
    sites, cells = covers.shape
    rows = [[-covers.T.astype(float), eye_array(cells)], [csr_array(np.ones((1, sites))), None]]
    matrix = block_array(rows, format="csc")
    return matrix, np.concatenate([np.zeros(sites), weight]), np.concatenate([np.zeros(cells), [float(devices)]])


def highspy(covers: csr_array, weight: np.ndarray, job: Job) -> Job:
    """Plain HiGHS; `first_bound` is when it first proved more than that all weight is an upper bound."""
    import highspy as hp

    began = time.perf_counter()
    matrix, objective, upper = model(covers, weight, job["devices"])
    sites, cells = covers.shape
    solver = hp.Highs()
    for name, option in {"output_flag": False, "threads": 1, "time_limit": float(job["seconds"])}.items():
        solver.setOptionValue(name, option)
    lp = hp.HighsLp()
    lp.num_col_, lp.num_row_, lp.sense_ = sites + cells, cells + 1, hp.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = objective, np.zeros(sites + cells), np.ones(sites + cells)
    lp.row_lower_, lp.row_upper_ = np.full(cells + 1, -np.inf), upper
    lp.a_matrix_.format_ = hp.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.integrality_ = [hp.HighsVarType.kInteger] * sites + [hp.HighsVarType.kContinuous] * cells
    solver.passModel(lp)
    proven: list[float] = []

    def listen(event: Any) -> None:
        if event.data_out.mip_dual_bound < weight.sum() * (1 - 1e-6) and not proven:
            proven.append(time.perf_counter() - began)

    solver.cbMipLogging.subscribe(listen)
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == hp.SolutionStatus.kSolutionStatusFeasible
    return {
        "value": info.objective_function_value if found else 0.0,
        "bound": min(info.mip_dual_bound, float(weight.sum())),
        "status": str(solver.getModelStatus()).rpartition("k")[2],
        "first_bound": proven[0] if proven else None,
    }


def scip(covers: csr_array, weight: np.ndarray, job: Job) -> Job:
    """SCIP through pyscipopt."""
    from pyscipopt import Model, quicksum

    sites, cells = covers.shape
    solver = Model()
    solver.hideOutput()
    solver.setParam("limits/time", float(job["seconds"]))
    solver.setParam("lp/threads", 1)
    x = [solver.addVar(vtype="B") for _ in range(sites)]
    y = [solver.addVar(ub=1.0, obj=float(w)) for w in weight]
    solver.setMaximize()
    columns = covers.T.tocsr()
    for cell in range(cells):
        solver.addCons(
            y[cell] <= quicksum(x[s] for s in columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]])
        )
    solver.addCons(quicksum(x) <= job["devices"])
    solver.optimize()
    value = solver.getPrimalbound() if solver.getNSols() else 0.0
    return {"value": value, "bound": min(solver.getDualbound(), float(weight.sum())), "status": solver.getStatus()}


def spopt(covers: csr_array, weight: np.ndarray, job: Job, solver: Any) -> Job:
    """spopt's MCLP from a matrix of distances: 0 where covered, 2 where not, radius 1."""
    from spopt.locate import MCLP

    distance = 2.0 * (1.0 - covers.toarray().T)
    began = time.perf_counter()
    problem = MCLP.from_cost_matrix(distance, weight, service_radius=1.0, p_facilities=int(job["devices"]))
    problem = problem.solve(solver)
    took = time.perf_counter() - began
    value = float(problem.problem.objective.value())
    return {"value": value, "bound": value, "status": "optimal", "seconds": took}


def spopt_cbc(covers: csr_array, weight: np.ndarray, job: Job) -> Job:
    """spopt with CBC, which pulp brings along."""
    import pulp

    return spopt(covers, weight, job, pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=job["seconds"]))


def spopt_highs(covers: csr_array, weight: np.ndarray, job: Job) -> Job:
    """spopt with HiGHS."""
    import pulp

    return spopt(covers, weight, job, pulp.HiGHS(msg=False, threads=1, timeLimit=job["seconds"]))


PEERS = {"highspy": highspy, "scip": scip, "spopt with CBC": spopt_cbc, "spopt with HiGHS": spopt_highs}
