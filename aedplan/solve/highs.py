"""The only door to HiGHS: a model in, what is proven and found out, never later than asked."""

import io
import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from . import highs_child
from .stopping import ask, asked

GRACE = 1.0
"""Seconds that the child may take beyond its limit, which covers its start."""

MOMENT = 0.1
"""Seconds after which it is seen that somebody wants the child to end."""

SMALL = 2000
"""Entries of a model that is solved here and now: it takes less time than to start a child."""


@dataclass(frozen=True)
class Model:
    """Maximise objective . v with lower <= matrix v <= upper and bottom <= v <= top; V variables, R rows.

    matrix  (R, V) sparse
    whole   so many variables, the first ones, must be whole numbers, 0 or 1
    wanted  where a plan is known: the least objective worth finding, and by how much a better one must be better
    unit    what the objective was divided by; what is found is told undivided
    """

    objective: np.ndarray
    matrix: Any
    lower: np.ndarray
    upper: np.ndarray
    bottom: np.ndarray
    top: np.ndarray
    whole: int
    wanted: tuple[float, float] | None = None
    unit: float = 1.0


@dataclass
class Found:
    """What HiGHS knows so far.

    chosen  the whole-number variables that are 1 in its best solution; None where it found none (better than wanted)
    bound   no solution is better; inf while it has none
    status  "limit" until it ends by itself; "infeasible": there is no solution
    duals   (R,) of the rows in the linear program; None where it did not come so far
    """

    chosen: tuple[int, ...] | None = None
    bound: float = np.inf
    status: Literal["optimal", "infeasible", "limit"] = "limit"
    duals: np.ndarray | None = None
    unit: float = 1.0

    def heed(self, line: dict[str, Any]) -> None:
        """Learn, and be interrupted where somebody has asked."""
        self.learn(line)
        if asked():
            raise KeyboardInterrupt

    def learn(self, line: dict[str, Any]) -> None:
        """Take in a line of the child's."""
        if "chosen" in line:
            self.chosen = tuple(line["chosen"])
        if "duals" in line:
            self.duals = np.array(line["duals"]) * self.unit
        self.bound = min(self.bound, line.get("bound", np.inf) * self.unit)
        self.status = line.get("status", self.status)


def settle(model: Model, *, seconds: float, gap: float = 0.0, programs: int | None = None) -> Found:
    """Solve a model with HiGHS in a process of its own, which is ended when it is late; small ones in this one.

    seconds   inf: until it is done
    programs  where a plan is known: so many linear programs at most, all solved in this process; None: any number

    Ctrl-C ends it; what it told before stands.
    """
    found = Found(unit=model.unit)
    try:
        solve_into(found, model, (seconds, gap), programs)
    except KeyboardInterrupt:
        ask()
    return found


def solve_into(found: Found, model: Model, limits: tuple[float, float], programs: int | None) -> None:
    """Let what is found of a model be learned while it is solved; limits are seconds and gap."""
    seconds, gap = limits
    if not len(model.objective):
        found.learn(
            {"status": "infeasible"} if (model.lower > 0).any() else {"status": "optimal", "chosen": [], "bound": 0}
        )
        return
    columns = model.matrix.tocsc()
    columns.sort_indices()
    arrays = {
        "objective": model.objective, "bottom": model.bottom, "top": model.top, "lower": model.lower,
        "upper": model.upper, "start": columns.indptr, "index": columns.indices, "entry": columns.data.astype(float),
        "whole": np.array([model.whole]), "seconds": np.array([seconds]), "gap": np.array([gap]),
    }  # fmt: skip
    if model.wanted is not None:
        arrays["wanted"] = np.array(model.wanted)
    if programs is not None:
        arrays["programs"] = np.array([programs])
    if columns.nnz <= SMALL or programs is not None:
        highs_child.work(arrays, found.learn if model.wanted is None else found.heed)
        return
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    run_child(packed.getvalue(), found, seconds + GRACE)


def run_child(model: bytes, found: Found, seconds: float) -> None:
    """Let a child solve a packed model; what it tells is learned, and it is ended after so many seconds."""
    command = [sys.executable, "-P", str(Path(highs_child.__file__))]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    assert child.stdout is not None
    listener = threading.Thread(target=listen, args=(child.stdout, found), daemon=True)
    listener.start()
    began = time.perf_counter()
    try:
        child.stdin.write(model)
        child.stdin.close()
        while child.poll() is None and not asked() and time.perf_counter() - began < seconds:
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, min(MOMENT, seconds - (time.perf_counter() - began))))
    except BrokenPipeError:
        pass  # what it has told so far stands
    finally:
        child.kill()
        child.wait()
        listener.join()
        child.stdout.close()


def listen(lines: IO[bytes], found: Found) -> None:
    """Learn from each whole line; one cut short by the child's end is left out."""
    for line in lines:
        if line.endswith(b"\n"):
            found.learn(json.loads(line))


def quiet_highs() -> Any:
    """A HiGHS that prints nothing, uses one thread and always takes the same path."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    return highs
