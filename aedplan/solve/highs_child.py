"""HiGHS on one model, as a program of its own: it can be killed when HiGHS overruns its time limit, by minutes at times.

Reads the model from standard input as NumPy's .npz, writes a line of JSON for each thing learned, the last one complete.
Imports nothing of aedplan, so that it starts at once.
"""

import io
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Solve what comes in, tell what is found."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    model = dict(np.load(io.BytesIO(sys.stdin.buffer.read())))
    solve(model, lambda line: print(json.dumps(line), flush=True))


def solve(model: dict[str, np.ndarray], tell: Tell) -> None:
    """Maximise a model; what is learned is told as it is learned.

    model  objective, top (V,); lower, upper (R,); start, index, entry of the columns; whole, seconds, gap (1,); first (V,)
           a solution to begin with, or empty

    Told: bound (no solution is better), values (of the best solution so far), and at the end status: optimal, infeasible
    or limit. Bounds and values that are not known yet are left out.
    """
    import highspy

    highs = made(model)
    whole = int(model["whole"][0])

    def on_progress(event: Any) -> None:
        bound = float(event.data_out.mip_dual_bound)
        if np.isfinite(bound):
            tell({"bound": bound})

    def on_solution(event: Any) -> None:
        tell({"chosen": picked(event.data_out.mip_solution, whole)})

    highs.cbMipLogging.subscribe(on_progress)
    highs.cbMipImprovingSolution.subscribe(on_solution)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        tell({"status": "infeasible"})
        return
    last: dict[str, Any] = {"status": "optimal" if status == highspy.HighsModelStatus.kOptimal else "limit"}
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        last["chosen"] = picked(highs.getSolution().col_value, whole)
    if np.isfinite(info.mip_dual_bound):
        last["bound"] = float(info.mip_dual_bound)
    tell(last)


def picked(values: Any, whole: int) -> list[int]:
    """The whole-number variables that are 1."""
    return [int(at) for at in np.flatnonzero(np.asarray(values)[:whole] > 0.5)]


def made(model: dict[str, np.ndarray]) -> Any:
    """A quiet HiGHS on one thread that holds a model and its start."""
    import highspy

    highs = highspy.Highs()
    for name, option in options(model).items():
        highs.setOptionValue(name, option)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model["objective"]), len(model["lower"])
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model["objective"], model["bottom"], model["top"]
    lp.row_lower_, lp.row_upper_ = model["lower"], model["upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = model["start"], model["index"], model["entry"]
    whole = int(model["whole"][0])
    kinds = [highspy.HighsVarType.kInteger] * whole
    lp.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (len(model["objective"]) - whole)
    highs.passModel(lp)
    if len(model["first"]):
        solution = highspy.HighsSolution()
        solution.col_value = model["first"].tolist()
        highs.setSolution(solution)
    return highs


def options(model: dict[str, np.ndarray]) -> dict[str, Any]:
    """One thread, always the same path, no word; a good start makes HiGHS's own search for plans a waste."""
    chosen: dict[str, Any] = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_abs_gap": 0.0}
    chosen["time_limit"] = float(model["seconds"][0])
    chosen["mip_rel_gap"] = float(model["gap"][0])
    if len(model["first"]):
        chosen["mip_heuristic_effort"] = 0.0
        chosen["presolve"] = "off"
    return chosen


if __name__ == "__main__":
    main()
