"""The machine as a whole: proven plans, stop rules, and odd problems, each with a defined answer."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from solve.cores import town

from aedplan.errors import InputError
from aedplan.problem import PlacementProblem, value
from aedplan.solve import Limits, Progress, solve

LARGE = town(700, 5000, seed=4, budget=60, reach=0.06)
"""Too large for HiGHS, so that the search goes on."""

SAN_FRANCISCO = Path(__file__).resolve().parents[3] / "shared" / "data" / "placement" / "spopt_sf"


def test_a_town_is_solved_to_the_optimum_of_the_whole_model() -> None:
    from aedplan.solve.core import core_of
    from aedplan.solve.exact import exact
    from aedplan.solve.relaxed import open_box

    problem = town(120, 2500, seed=2, budget=8)
    core, _ = core_of(problem)
    wanted = exact(core, open_box(core), None, seconds=120.0, gap=0.0)
    plan = solve(problem, seconds=120.0)
    assert (plan.status, wanted.status) == ("optimal", "optimal")
    assert plan.value == pytest.approx(wanted.bound)


def test_progress_tells_ever_better_plans_and_bounds_that_hold() -> None:
    seen: list[Progress] = []
    plan = solve(LARGE, seconds=2.0, progress=seen.append)
    assert len(seen) > 3
    values, bounds = ([getattr(one, name) for one in seen] for name in ("value", "bound"))
    assert values == sorted(values)
    assert bounds == sorted(bounds, reverse=True)
    assert values[-1] <= plan.value <= plan.bound
    assert bounds[-1] == pytest.approx(plan.bound, rel=1e-6)


def test_an_interrupt_brings_the_best_plan_so_far_with_its_bound() -> None:
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 20:
            raise KeyboardInterrupt

    problem = LARGE
    plan = solve(problem, seconds=60.0, progress=watch)
    assert len(seen) == 21  # what it ends with is told too
    assert plan.status == "stopped"
    assert seen[-1].value <= plan.value < plan.bound
    assert plan.value == value(problem, plan.chosen)


def test_a_gap_that_is_asked_for_ends_the_search() -> None:
    plan = solve(LARGE, seconds=60.0, gap=0.05)
    assert plan.status in ("gap-reached", "optimal")
    assert plan.gap <= 0.05
    assert plan.seconds < 50


def test_runs_with_the_same_seed_are_the_same_when_iterations_stop_them() -> None:
    problem = LARGE
    limits = Limits(seconds=np.inf, iterations=30, seed=5)
    first, again = solve(problem, limits=limits), solve(problem, limits=limits)
    assert (first.chosen, first.bound, first.status) == (again.chosen, again.bound, again.status)
    assert first.status == "stopped"


def test_more_iterations_never_give_a_worse_plan_or_bound() -> None:
    problem = LARGE
    plans = [solve(problem, limits=Limits(seconds=np.inf, iterations=n)) for n in (0, 5, 20, 40)]
    assert [p.value for p in plans] == sorted(p.value for p in plans)
    assert [p.bound for p in plans] == sorted((p.bound for p in plans), reverse=True)


def test_san_francisco_is_covered_as_published() -> None:
    if not SAN_FRANCISCO.is_dir():
        pytest.skip("the San Francisco distances are not beside the checkout (../shared/data/placement)")
    import pandas as pd

    rows = pd.read_csv(SAN_FRANCISCO / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    near = rows.pivot_table(index="name", columns="DestinationName", values="distance") <= 5000
    people = rows.groupby("DestinationName")["demand"].first().to_numpy(dtype=float)
    problem = PlacementProblem(csr_array(near.to_numpy()), people, budget=4)
    plan = solve(problem)
    assert (plan.value, plan.total, plan.status) == (875_247, 955_113, "optimal")
    assert int((~near.to_numpy()[list(plan.chosen)].any(axis=0)).sum()) == 21


def test_more_devices_than_sites_duplicate_sites_and_empty_covers_have_an_answer() -> None:
    covers = np.zeros((6, 5), dtype=bool)
    covers[0, :2] = covers[1, :2] = covers[2, 2] = covers[4, 3] = True
    plan = solve(PlacementProblem(csr_array(covers), np.ones(5), budget=99))
    assert (sorted(plan.chosen), plan.value, plan.total) == ([0, 2, 4], 4.0, 5.0)
    assert plan.bound == pytest.approx(4.0)
    assert plan.status == "optimal"


@pytest.mark.parametrize("large", [1e12, 1e-9, 1e200])
def test_weights_of_any_size_give_the_same_plan(large: float) -> None:
    problem = town(60, 900, seed=6, budget=5, reach=0.15)
    plan, scaled = solve(problem), solve(replace(problem, weight=problem.weight * large))
    assert scaled.status == plan.status == "optimal"
    assert scaled.value == pytest.approx(plan.value * large)
    assert scaled.bound == pytest.approx(plan.bound * large)


def test_weights_that_no_sum_can_hold_are_refused() -> None:
    with pytest.raises(InputError, match="too large to be added up"):
        PlacementProblem(csr_array(np.ones((1, 2), dtype=bool)), np.array([1e308, 1e308]), budget=1)
