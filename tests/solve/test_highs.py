"""HiGHS in a process of its own: the same answers, and never later than asked."""

import threading
import time

import numpy as np
import pytest
from solve.cores import best_of_core, problems, small_core, town

from aedplan.solve import highs
from aedplan.solve.core import core_of
from aedplan.solve.exact import exact, model_of
from aedplan.solve.relaxed import open_box
from aedplan.solve.rows import rows_between


def test_a_core_is_settled_to_its_best_plan_or_proven_infeasible() -> None:
    infeasible = 0
    for problem in problems(8, 150):
        core, _ = core_of(problem)
        best = best_of_core(problem, core)
        found = exact(core, open_box(core), None, seconds=10.0, gap=0.0)
        if best is None:
            infeasible += 1
            assert found.status == "infeasible"
        else:
            assert found.status == "optimal"
            assert core.before + found.bound == pytest.approx(best, abs=1e-6)
    assert infeasible > 5


def test_the_child_answers_what_is_answered_here(monkeypatch: pytest.MonkeyPatch) -> None:
    core = small_core()
    model = model_of(core, rows_between(core), open_box(core), 1.0)
    here = highs.settle(model, seconds=30.0)
    monkeypatch.setattr(highs, "SMALL", 0)
    child = highs.settle(model, seconds=30.0)
    assert (child.status, child.bound, child.chosen) == (here.status, here.bound, here.chosen)
    assert child.status == "optimal"


def hard() -> highs.Model:
    """Minutes of work for HiGHS."""
    core, _ = core_of(town(1500, 12000, seed=3, budget=60, reach=0.04))
    return model_of(core, rows_between(core), open_box(core), 1.0)


def test_a_child_that_overruns_is_killed() -> None:
    model = hard()
    began = time.perf_counter()
    found = highs.settle(model, seconds=1.0)
    assert found.status == "limit"
    assert time.perf_counter() - began < 1.0 + highs.GRACE + 3.0


def test_a_child_that_ignores_its_limit_is_killed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    model = hard()
    pack = np.savez

    def patient(file: object, **arrays: np.ndarray) -> None:
        pack(file, **{**arrays, "seconds": np.array([np.inf])})  # type: ignore[arg-type]

    monkeypatch.setattr(np, "savez", patient)
    began = time.perf_counter()
    found = highs.settle(model, seconds=2.0)
    assert found.status == "limit"
    assert 2.0 <= time.perf_counter() - began < 2.0 + highs.GRACE + 3.0
    assert not any("highs" in thread.name for thread in threading.enumerate())


def test_a_program_without_a_main_guard_may_solve(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import subprocess
    import sys

    script = tmp_path / "plain.py"
    script.write_text(
        "import numpy as np\nfrom scipy.sparse import random_array\nimport aedplan as ap\n"
        "covers = random_array((60, 900), density=0.1, rng=np.random.default_rng(0)) > 0\n"
        "problem = ap.PlacementProblem(covers=covers, weight=np.ones(900), budget=2.0)\n"
        "print(ap.solve(problem).status)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "optimal\n"
