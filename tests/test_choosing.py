"""From a scenario to its problem: each key of [plan] says what it says."""

from pathlib import Path

import numpy as np
import pytest
from counties import SCENARIO, write_county

from aedplan.aims import too_near
from aedplan.choosing import problem_of
from aedplan.coordinates import local_crs, project
from aedplan.errors import InfeasibleError
from aedplan.outcome import Outcome
from aedplan.problem import PlacementProblem
from aedplan.scenario import Scenario
from aedplan.study import run, walk


def scenario(folder: Path, plan: str) -> Scenario:
    return Scenario.read(write_county(folder, scenario=SCENARIO.replace("devices = 2", plan)))


def problem(folder: Path, plan: str) -> PlacementProblem:
    given = scenario(folder, plan)
    walked = walk(given, say=lambda what, done, whole: None)
    return problem_of(given, walked.coverage, walked.sites)


def metres_between(outcome: Outcome) -> np.ndarray:
    """Straight lines between the devices of a plan, the standing ones too."""
    rows = [*np.flatnonzero(outcome.sites.standing), *outcome.plan.chosen]
    xy = project(outcome.sites.lonlat[rows], local_crs(outcome.sites.lonlat))
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    return apart[np.triu_indices(len(rows), 1)]


def test_a_target_takes_as_few_devices_as_reach_it(tmp_path: Path) -> None:
    most = run(scenario(tmp_path, "devices = 5")).plan
    for share in (0.2, most.share * 0.999):
        outcome = run(scenario(tmp_path, f"target = {share}"))
        plan = outcome.plan
        assert plan.share >= share
        assert (plan.status, plan.cost_bound) == ("optimal", len(plan.chosen))
        fewer = run(scenario(tmp_path, f"devices = {len(plan.chosen) - 1}")).plan.share if len(plan.chosen) > 1 else 0.0
        assert fewer < share
        assert (outcome.summary["cost_unit"], outcome.summary["budget"]) == ("devices", len(plan.chosen))


def test_a_target_in_money_takes_as_little_as_reaches_it(tmp_path: Path) -> None:
    plan = run(scenario(tmp_path, "target = 0.2\nbudget_rmb = 500000")).plan
    assert plan.cost_bound == pytest.approx(plan.cost)
    assert plan.share >= 0.2


def test_a_target_beyond_reach_is_told_in_the_words_of_the_scenario(tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError, match=r"^plan\.devices = 1\nplan\.target = 0\.99$"):
        run(scenario(tmp_path, "devices = 1\ntarget = 0.99"))


def test_spacing_keeps_new_devices_apart_from_one_another_and_from_standing_ones(tmp_path: Path) -> None:
    free = run(scenario(tmp_path, "devices = 4"))
    nearest = float(metres_between(free).min())
    spaced = run(scenario(tmp_path, f"devices = 4\nspacing_m = {nearest + 1}"))
    assert metres_between(spaced).min() >= nearest + 1
    assert spaced.plan.value < free.plan.value
    assert run(scenario(tmp_path, f"devices = 4\nspacing_m = {nearest - 1}")).plan.value == free.plan.value


def test_backup_counts_the_second_device_as_the_part_it_says(tmp_path: Path) -> None:
    alone, both = problem(tmp_path, "devices = 2"), problem(tmp_path, "devices = 2\nbackup = 0.3")
    assert not alone.second.any()
    assert both.second == pytest.approx(0.3 * both.weight)


def test_places_at_exactly_the_spacing_are_far_enough() -> None:
    lonlat = np.array([[118.39, 24.96], [118.39, 24.96], [118.42, 24.96]])
    assert too_near(lonlat, 1.0).tolist() == [[0, 1]]
    apart = float(np.linalg.norm(np.diff(project(lonlat[1:], local_crs(lonlat)), axis=0)))
    assert too_near(lonlat, apart).tolist() == [[0, 1]]
    assert len(too_near(lonlat, apart * 1.0001)) == 3
    assert too_near(lonlat[:1], 100.0).shape == too_near(lonlat, 0.0).shape == (0, 2)
