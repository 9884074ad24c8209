"""HiGHS on one model, as a program of its own: it can be killed when HiGHS overruns its time limit, by minutes at times.

Reads the model from standard input as NumPy's .npz, writes a line of JSON for each thing learned, the last one complete.
Imports nothing of aedplan, so that it starts at once.

A model is objective, bottom, top (V,); lower, upper (R,); start, index, entry of its columns; whole (1,): so many variables,
the first ones, must be 0 or 1; seconds, gap (1,); perhaps wanted (2,) and programs (1,). Told are `bound` (no solution is
better), `chosen` (the whole variables that are 1 in the best solution so far) and at the end `status`: optimal, infeasible or
limit.
"""

import heapq
import io
import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Model = dict[str, np.ndarray]
Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Solve what comes in, tell what is found."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    model = dict(np.load(io.BytesIO(sys.stdin.buffer.read())))
    work(model, lambda line: print(json.dumps(line), flush=True))


def work(model: Model, tell: Tell) -> None:
    """Maximise a model: by branching on linear programs where a plan to better is given, else by HiGHS's own search."""
    if "wanted" in model:
        Branching(model, tell).run()
    else:
        search(model, tell)


def search(model: Model, tell: Tell) -> None:
    """HiGHS's own search for the best solution."""
    import highspy

    whole = int(model["whole"][0])
    highs = loaded(model)
    kinds = [highspy.HighsVarType.kInteger] * whole
    highs.changeColsIntegrality(
        whole, np.arange(whole, dtype=np.int32), np.array([int(kind) for kind in kinds], np.uint8)
    )
    highs.setOptionValue("mip_rel_gap", float(model["gap"][0]))
    highs.setOptionValue("mip_abs_gap", 0.0)

    def on_progress(event: Any) -> None:
        bound = -float(event.data_out.mip_dual_bound)
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
        last["bound"] = -float(info.mip_dual_bound)
    tell(last)


class Branching:
    """Branch and bound on linear programs, each warm from the one before it: where a good plan is known, most variables
    are settled by reduced costs at the root, and few programs are needed.

    wanted    (2,) the least objective that is worth finding, and by how much a better solution must be better
    programs  so many linear programs at most; None: any number
    """

    def __init__(self, model: Model, tell: Tell) -> None:
        self.tell = tell
        self.highs = loaded(model)
        self.whole = int(model["whole"][0])
        self.columns = np.arange(self.whole, dtype=np.int32)
        self.wanted, self.step = (float(number) for number in model["wanted"])
        self.gap = float(model["gap"][0])
        self.ends = time.perf_counter() + float(model["seconds"][0])
        self.programs = int(model["programs"][0]) if "programs" in model else None
        self.queue: list[tuple[float, int, np.ndarray, np.ndarray]] = []
        self.count = self.solved = 0
        self.push(np.inf, model["bottom"][: self.whole].copy(), model["top"][: self.whole].copy())

    def push(self, bound: float, low: np.ndarray, high: np.ndarray) -> None:
        """Keep a part of the tree for later."""
        self.count += 1
        heapq.heappush(self.queue, (-bound, self.count, low, high))

    def run(self) -> None:
        """The most promising part first, and each down to its end."""
        while self.queue and -self.queue[0][0] >= self.wanted:
            bound, _, low, high = heapq.heappop(self.queue)
            part: tuple[float, np.ndarray, np.ndarray] | None = (-bound, low, high)
            while part is not None:
                if time.perf_counter() > self.ends or (self.programs is not None and self.solved >= self.programs):
                    self.tell({"status": "limit", "bound": self.bound(part[0])})
                    return
                part = self.split(*part)
                self.tell({"bound": self.bound(part[0] if part else -np.inf)})
        self.tell({"status": "optimal", "bound": self.bound(-np.inf)})

    def bound(self, here: float) -> float:
        """Proven for the whole: the largest of this part, the open parts and what is known already."""
        known = self.wanted - self.step
        return max([here, known, *([-self.queue[0][0]] if self.queue else [])])

    def split(self, bound: float, low: np.ndarray, high: np.ndarray) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Solve a part; put one half of it in the queue and return the other, or None when it holds nothing better."""
        values, reduced, bound = self.solve(low, high, bound)
        if values is None or bound < self.wanted:
            return None
        open_ = low < high
        high[open_ & (bound + np.minimum(reduced, 0.0) < self.wanted)] = 0.0
        low[open_ & (bound - np.maximum(reduced, 0.0) < self.wanted)] = 1.0
        broken = np.where((low < high), np.minimum(values, 1 - values), 0.0)
        at = int(np.argmax(broken)) if len(broken) else -1
        if at < 0 or broken[at] < 1e-6:
            self.tell({"chosen": picked(np.clip(values, low, high), self.whole)})
            self.wanted = bound + self.step
            return None
        below = high.copy()
        below[at] = 0.0
        self.push(bound, low.copy(), below)
        low[at] = 1.0
        return bound, low, high

    def solve(self, low: np.ndarray, high: np.ndarray, bound: float) -> tuple[np.ndarray | None, np.ndarray, float]:
        """Values and reduced costs of the whole variables at the best of a part, and its bound; None: nothing is there."""
        import highspy

        kind = highspy.HighsModelStatus
        self.solved += 1
        self.highs.changeColsBounds(self.whole, self.columns, low, high)
        self.highs.setOptionValue("objective_bound", -(self.wanted - 1e-6 * abs(self.wanted)))
        self.highs.setOptionValue("time_limit", max(0.01, self.ends - time.perf_counter()) + self.highs.getRunTime())
        self.highs.run()
        status = self.highs.getModelStatus()
        if status in (kind.kInfeasible, kind.kObjectiveBound):
            return None, low, -np.inf
        if status != kind.kOptimal:
            self.push(bound, low, high)  # time is up
            return None, low, -np.inf
        solution, objective = self.highs.getSolution(), -self.highs.getInfo().objective_function_value
        if self.count == 1:
            self.tell({"duals": [-dual for dual in solution.row_dual], "bound": objective})
        values, reduced = np.asarray(solution.col_value)[: self.whole], -np.asarray(solution.col_dual)[: self.whole]
        return values, reduced, min(bound, objective)


def picked(values: Any, whole: int) -> list[int]:
    """The whole variables that are 1."""
    return [int(at) for at in np.flatnonzero(np.asarray(values)[:whole] > 0.5)]


def loaded(model: Model) -> Any:
    """A quiet HiGHS on one thread with a model, all variables continuous, its objective turned to be minimised."""
    import highspy

    highs = highspy.Highs()
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "time_limit": float(model["seconds"][0]),
    }
    for name, option in options.items():
        highs.setOptionValue(name, option)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model["objective"]), len(model["lower"])
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = -model["objective"], model["bottom"], model["top"]
    lp.row_lower_, lp.row_upper_ = model["lower"], model["upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = model["start"], model["index"], model["entry"]
    highs.passModel(lp)
    return highs


if __name__ == "__main__":
    main()
