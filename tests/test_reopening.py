"""A study taken up again is the study that was finished."""

from pathlib import Path

import numpy as np
import pytest
from counties import SCENARIO, write_county

import aedplan as ap
from aedplan.problem import value
from aedplan.scenario.choosing import problem_of


def finished(folder: Path, *, more: str = "") -> ap.Outcome:
    """The small county, planned and saved to `folder`/plan."""
    outcome = ap.run(ap.Scenario.read(write_county(folder, scenario=SCENARIO + more)))
    outcome.save(folder / "plan")
    return outcome


@pytest.mark.parametrize("more", ["", "[hours]\nyear = 2026\nunknown = 'Mo-Fr 08:00-18:00'"])
def test_a_reopened_study_covers_what_the_finished_one_covered(tmp_path: Path, more: str) -> None:
    outcome = finished(tmp_path, more=more)
    again = ap.reopen(tmp_path / "plan")
    assert again.sites.id == outcome.sites.id
    assert again.chosen == outcome.plan.chosen
    assert again.staying.tolist() == outcome.staying.tolist()
    assert again.summary == outcome.summary
    assert again.week.hours == outcome.week.hours
    assert again.circle == outcome.scenario.circle
    np.testing.assert_array_equal(again.demand.weight, outcome.demand.weight)
    np.testing.assert_array_equal(again.anchors[1].along_mm, outcome.demand_anchors.along_mm)
    coverage = again.coverage()
    assert (coverage.covers != outcome.coverage.covers).nnz == 0
    problem = problem_of(outcome.scenario, coverage, again.sites)
    assert value(problem, again.chosen) == outcome.plan.value


def test_a_moved_device_no_longer_stands_in_a_reopened_study(tmp_path: Path) -> None:
    text = SCENARIO.replace("devices = 2", "devices = 2\nmove = {}")
    outcome = ap.run(ap.Scenario.read(write_county(tmp_path, scenario=text)))
    outcome.save(tmp_path / "plan")
    assert outcome.moved
    assert ap.reopen(tmp_path / "plan").staying.tolist() == outcome.staying.tolist()


def test_the_same_study_is_kept_in_the_same_bytes(tmp_path: Path) -> None:
    outcome = finished(tmp_path)
    outcome.save(tmp_path / "again")
    assert (tmp_path / "plan/study.npz").read_bytes() == (tmp_path / "again/study.npz").read_bytes()


def test_a_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ap.InputError, match=r"has no study\.npz"):
        ap.reopen(tmp_path)
    finished(tmp_path)
    (tmp_path / "plan/study.npz").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(ap.InputError, match="cannot be read"):
        ap.reopen(tmp_path / "plan")
