"""One solver on one placement problem in a process of its own; prints JSON. Run by `placement_rows`.

python -m bench.placement_probe '{"who": "aedplan", "world": ["b", 1000, 10000], "devices": 50, "seconds": 10}'

Prints value, bound, status, seconds (from the covers in memory to the plan; loading libraries and compiled code left out),
peak (bytes of the process above what it held with the covers in memory) and whatever else the solver tells.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bench.placement_peers import PEERS
from bench.placement_worlds import family_a_parts, world
from scipy.sparse import csr_array

Job = dict[str, Any]


def aedplan(covers: csr_array, weight: np.ndarray, job: Job) -> Job:
    """The machine; with `iterations` it stops by that and not by time."""
    import aedplan as ap
    from aedplan.solve import Limits

    steps: list[tuple[float, float, float]] = []
    problem = ap.PlacementProblem(covers=covers, weight=weight, budget=float(job["devices"]))
    limits = Limits(seconds=job["seconds"], gap=job.get("gap", 0.0))
    plan = ap.solve(problem, limits=limits, progress=lambda p: steps.append((p.seconds, p.value, p.bound)))
    return {
        "value": plan.value,
        "bound": plan.bound,
        "status": plan.status,
        "by": plan.bound_by,
        "steps": thinned(steps),
    }


def thinned(steps: list[Any]) -> list[Any]:
    """About a hundred of them."""
    return steps[:: max(1, len(steps) // 100)]


def greedy(covers: csr_array, weight: np.ndarray, job: Job) -> Job:
    """Lazy greedy, and the greedy that multiplies matrix and vector for each pick."""
    import aedplan as ap
    from aedplan.solve.greedy import greedy as lazy

    problem = ap.PlacementProblem(covers=covers, weight=weight, budget=float(job["devices"]))
    lazy(problem)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        picks = lazy(problem)
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    plain = matrix_greedy(covers, weight, job["devices"])
    slow = time.perf_counter() - began
    return {"seconds": float(np.median(times)), "slow": slow, "same": list(picks) == plain, "value": 0.0, "bound": 0.0}


def matrix_greedy(covers: csr_array, weight: np.ndarray, devices: int) -> list[int]:
    """Each time the product of all covers with what is left."""
    matrix, left = covers.astype(float), weight.copy()
    picks = []
    for _ in range(devices):
        picks.append(int(np.argmax(matrix @ left)))
        left[covers.indices[covers.indptr[picks[-1]] : covers.indptr[picks[-1] + 1]]] = 0.0
    return picks


def warm() -> None:
    """Load the libraries and the compiled code."""
    import aedplan as ap
    from aedplan.solve.merging import merge_stream

    covers, weight = world("b", 300, 900)
    problem = ap.PlacementProblem(covers=csr_array(covers), weight=weight, budget=20.0)
    ap.solve(problem, seconds=2.0)
    merge_stream([(covers, weight), (covers, weight)])


def streamed(job: Job) -> Job:
    """Cells made a part at a time, merged as they come, then solved; making them counts too and is told."""
    from aedplan.solve.merging import merge_stream

    made = 0.0

    def parts() -> Any:
        nonlocal made
        source = family_a_parts(int(job["world"][1]), float(job["world"][2]))
        while True:
            began = time.perf_counter()
            part = next(source, None)
            made += time.perf_counter() - began
            if part is None:
                return
            yield part

    covers, weight = merge_stream(parts())
    return {**aedplan(covers, weight, job), "made": made, "classes": covers.shape[1]}


def status(name: str) -> int:
    """Bytes that Linux reports of this process: VmRSS now, VmHWM at the peak; 0 elsewhere."""
    path = Path("/proc/self/status")
    if not path.exists():
        return 0
    return next(int(line.split()[1]) * 1024 for line in path.read_text("ascii").splitlines() if line.startswith(name))


def main() -> None:
    """Make the world, run the solver, print."""
    job: Job = json.loads(sys.argv[1])
    solvers: dict[str, Callable[..., Job]] = {"aedplan": aedplan, "greedy": greedy, **PEERS}
    if job["who"] in ("aedplan", "greedy", "streamed"):
        warm()
    given = () if job["who"] == "streamed" else world(*job["world"])
    before = status("VmRSS")
    began = time.perf_counter()
    answer = streamed(job) if job["who"] == "streamed" else solvers[job["who"]](*given, job)
    answer.setdefault("seconds", time.perf_counter() - began)
    print(json.dumps({**answer, "peak": status("VmHWM") - before, "whole": status("VmHWM")}))


if __name__ == "__main__":
    main()
