"""Multipliers: each bounds every plan, and the search for the best ones comes to the linear program's value."""

import numpy as np
import pytest
from solve.cores import best_of_core, problems, small_core

from aedplan.solve.core import core_of
from aedplan.solve.exact import model_of
from aedplan.solve.relaxed import Relaxation, best_purchase, bound_at, open_box
from aedplan.solve.rows import rows_between


def test_any_charges_bound_the_best_of_all_subsets() -> None:
    rng = np.random.default_rng(0)
    tight = 0
    for problem in problems(6, 120):
        core, _ = core_of(problem)
        rows, best = rows_between(core), best_of_core(problem, core)
        charge = rng.random(core.cells) * core.graph.weight
        row = rng.normal(size=len(rows.high)) * core.graph.weight.max(initial=0.0)
        row[rows.quotas[0] :] = np.abs(row[rows.quotas[0] :])
        bound = bound_at(core, rows, open_box(core), (charge, row)).value
        if best is not None:
            assert bound >= best - 1e-9 * abs(best)
            relaxation = Relaxation(core, rows, open_box(core))
            for _ in range(20):
                relaxation.tighten(20)
            assert relaxation.best.value >= best - 1e-9 * abs(best)
            tight += relaxation.best.value <= best + 1e-3 * abs(best)
    assert tight > 50


@pytest.mark.parametrize("changes", [{}, {"cost": np.tile([1.0, 2.5, 3.1, 4.0], 10)}, {"second": np.full(200, 0.9)}])
def test_it_comes_to_the_value_of_the_linear_program(changes: dict[str, object]) -> None:
    core = small_core(**changes)
    relaxation = Relaxation(core, rows_between(core), open_box(core))
    for _ in range(150):
        relaxation.tighten(40)
    assert relaxation.best.value == pytest.approx(linear_value(core), rel=1e-4)
    assert relaxation.covered() == pytest.approx(linear_value(core), rel=1e-3)


def linear_value(core) -> float:  # type: ignore[no-untyped-def]
    """The linear program by scipy's simplex."""
    from scipy.optimize import linprog

    model = model_of(core, rows_between(core), open_box(core), 1.0)
    bounds = np.column_stack([model.bottom, model.top])
    answer = linprog(-model.objective, A_ub=model.matrix, b_ub=model.upper, bounds=bounds)
    return float(-answer.fun)


def test_what_settling_a_site_costs_is_true() -> None:
    core = small_core()
    rows = rows_between(core)
    relaxation = Relaxation(core, rows, open_box(core))
    for _ in range(5):
        relaxation.tighten(40)
    best = relaxation.best
    for site in range(core.sites):
        forced = np.array([s == site for s in range(core.sites)], dtype=float)
        inside = bound_at(core, rows, open_box(core)._replace(low=forced), relaxation.charge).value
        outside = bound_at(core, rows, open_box(core)._replace(high=1 - forced), relaxation.charge).value
        assert inside <= best.value + min(best.reduced[site], 0.0) + 1e-6
        assert outside <= best.value - max(best.reduced[site], 0.0) + 1e-6


def test_a_purchase_takes_the_best_per_cost_and_a_part_of_the_last() -> None:
    assert best_purchase(np.array([4.0, 9.0, -1.0]), np.array([1.0, 3.0, 1.0]), 2.5) == (4.0 + 1.5 * 3.0, 3.0)
    assert best_purchase(np.array([4.0, 9.0, -1.0]), np.array([1.0, 3.0, 1.0]), 9.0) == (13.0, 0.0)
