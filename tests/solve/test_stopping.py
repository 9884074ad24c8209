"""Ctrl-C at any moment of any search brings the best plan so far with a bound that holds, marked as stopped."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from solve.cores import town

from aedplan.equity import Equity
from aedplan.plan import Plan
from aedplan.problem import PlacementProblem, Quota, breaches, value
from aedplan.solve import Limits, frontier, highs, solve
from aedplan.solve.certificate import bound_of
from aedplan.solve.core import core_of
from aedplan.solve.exact import model_of
from aedplan.solve.relaxed import open_box
from aedplan.solve.rows import rows_between
from aedplan.solve.stopping import asked, listening

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signals")

PLAIN = town(130, 700, seed=9, budget=14.0)
KINDS = {
    "plain": PLAIN,
    "rules": replace(PLAIN, quotas=(Quota("few", tuple(range(40)), 2, 5),), apart=np.array([[3, 50], [50, 51]])),
    "equity": replace(PLAIN, equity=Equity(np.arange(700) % 5, 0.5)),
    "target": replace(PLAIN, target=0.6 * PLAIN.total, budget=np.inf),
}


@contextmanager
def ctrl_c_after(seconds: float) -> Iterator[None]:
    """A real Ctrl-C, once, wherever the search is then; none where it has ended before."""

    def interrupt(*_: object) -> None:
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def check(problem: PlacementProblem, plan: Plan) -> None:
    """What holds for a plan wherever its search was stopped."""
    assert breaches(problem, plan.chosen) == []
    assert plan.value == pytest.approx(value(problem, plan.chosen))
    assert plan.status in ("stopped", "optimal", "time-limit")
    if plan.certificate is not None and problem.equity is None and problem.target is None:
        assert plan.value <= bound_of(problem, plan.certificate) * (1 + 1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_stopped_at_a_random_moment_brings_a_plan_and_a_bound_that_holds(kind: str) -> None:
    problem, rng, stopped = KINDS[kind], np.random.default_rng(71), 0
    limits = Limits(seconds=0.8, seed=1)
    best = solve(problem, limits=limits)
    took = min(best.seconds, 0.8)
    for part in np.concatenate([rng.random(7) ** 3, rng.random(3)]):
        with ctrl_c_after(took * float(part)):
            plan = solve(problem, limits=limits)
        check(problem, plan)
        if problem.target is None:
            assert plan.bound >= best.value * (1 - 1e-9)
            assert plan.value <= best.bound * (1 + 1e-9)
        else:
            assert plan.cost_bound is not None
            assert plan.cost_bound <= best.cost
        stopped += plan.status == "stopped"
    assert stopped >= 3


def test_a_curve_stopped_at_a_random_moment_has_a_plan_for_every_budget() -> None:
    problem, rng = replace(PLAIN, quotas=(Quota("few", tuple(range(40)), 1, 5),)), np.random.default_rng(72)
    budgets = range(2, 20, 3)
    whole = frontier(problem, budgets=budgets)
    began = time.perf_counter()
    frontier(problem, budgets=budgets)
    took = time.perf_counter() - began
    for part in rng.random(6):
        with ctrl_c_after(took * float(part)):
            curve = frontier(problem, budgets=budgets, method="exact", seconds=0.5)
        assert len(curve.chosen) == len(budgets)
        assert (curve.value <= curve.bound).all()
        assert (curve.bound >= whole.value - 1e-6).all()


def test_what_highs_told_before_ctrl_c_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "child.py"
    script.write_text('import time\nprint(\'{"chosen": [0, 1], "bound": 7.0}\', flush=True)\ntime.sleep(60)\n')
    monkeypatch.setattr(highs.highs_child, "__file__", str(script))
    found, began = highs.Found(unit=3.0), time.perf_counter()
    with listening(), ctrl_c_after(2.0):
        highs.run_child(b"", found, 60.0)
        assert asked()
    assert time.perf_counter() - began < 30
    assert (found.chosen, found.bound, found.status) == ((0, 1), 21.0, "limit")
    assert not asked()


def test_programs_that_are_solved_here_end_after_the_one_at_hand() -> None:
    core, _ = core_of(PLAIN)
    model = replace(model_of(core, rows_between(core), open_box(core), 1.0), wanted=(0.0, 1.0))
    with listening():
        signal.raise_signal(signal.SIGINT)
        found = highs.settle(model, seconds=60.0, programs=10_000)
    assert found.status == "limit"


def test_a_second_ctrl_c_is_raised_and_outside_of_searches_nothing_changes() -> None:
    with listening():
        signal.raise_signal(signal.SIGINT)
        with listening():  # one within another hears the same
            assert asked()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert asked()
    assert not asked()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_by_whoever_watches_ends_a_curve_of_equity_too() -> None:
    def watch(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    curve = frontier(KINDS["equity"], budgets=range(1, 9), progress=watch)
    assert len(curve.chosen) == 8
    assert (curve.value <= curve.bound).all()
