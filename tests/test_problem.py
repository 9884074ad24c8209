"""The judge of plans against counting cell by cell, and what a problem refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from placements import KINDS, random_problem, slow_keeps, slow_value
from scipy.sparse import coo_array, csr_array

from aedplan.equity import Equity
from aedplan.errors import InputError
from aedplan.problem import PlacementProblem, Quota, breaches, counts, gains, value


def some_problems(count: int, seed: int) -> list[PlacementProblem]:
    """Problems that are of each kind with a chance of one third."""
    rng = np.random.default_rng(seed)
    return [random_problem(rng, *(kind for kind in KINDS if rng.random() < 0.33)) for _ in range(count)]


def test_the_judge_agrees_with_counting_cell_by_cell() -> None:
    rng = np.random.default_rng(1)
    for problem in some_problems(300, seed=2):
        free = np.flatnonzero(~problem.fixed)
        chosen = tuple(rng.permutation(free)[: rng.integers(0, len(free) + 1)].tolist())
        assert value(problem, chosen) == pytest.approx(slow_value(problem, chosen))
        assert (not breaches(problem, chosen)) == slow_keeps(problem, chosen)
        everything = tuple(range(len(problem.fixed)))
        assert problem.total >= slow_value(problem, everything) * (1 - 1e-12)


def test_gains_are_differences_of_the_value() -> None:
    for problem in some_problems(100, seed=3):
        if problem.equity is None:
            chosen = tuple(np.flatnonzero(~problem.fixed)[:1].tolist())
            rest = [s for s in np.flatnonzero(~problem.fixed).tolist() if s not in chosen]
            added = [value(problem, (*chosen, s)) - value(problem, chosen) for s in rest]
            assert gains(problem, counts(problem, chosen))[rest] == pytest.approx(added, abs=1e-3)


def test_each_breach_is_told() -> None:
    problem = PlacementProblem(
        csr_array(np.eye(4, dtype=bool)), np.array([4.0, 3.0, 2.0, 1.0]), budget=1.5, target=9.0,
        fixed=np.array([False, False, False, True]), quotas=(Quota("shop", (0, 1), 0, 1),), apart=np.array([[0, 1], [2, 3]]),
    )  # fmt: skip
    assert breaches(problem, (0, 1)) == [
        "costs 2; the budget is 1.5",
        "quota shop: has 2, must have 0 to 1 of 2 candidates",
        "sites 0 and 1 are not apart",
        "is worth 8; the target is 9",
    ]
    assert breaches(problem, (2, 2, 3))[:2] == ["site 3 is fixed", "a site is chosen twice"]
    assert "sites 2 and 3 are not apart" in breaches(problem, (2,))


def test_entries_that_repeat_or_are_false_do_not_count_twice() -> None:
    twice = coo_array((np.array([True, True, False]), ([0, 0, 0], [0, 0, 1])), shape=(1, 2))
    problem = PlacementProblem(twice, np.ones(2), budget=1, second=np.ones(2))
    assert value(problem, (0,)) == 1.0
    raw = csr_array((np.array([True, True, False]), np.array([0, 0, 1]), np.array([0, 3])), shape=(1, 2))
    assert value(PlacementProblem(raw, np.ones(2), budget=1, second=np.ones(2)), (0,)) == 1.0
    assert raw.nnz == 3  # what was given is left as it was


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"budget": 0.0}, "budget is 0.0; expected a number above 0"),
        ({"budget": float("nan")}, "budget is nan"),
        ({"weight": np.array([1.0, -2.0])}, "weight: 1 not finite or below 0, the first is -2.0"),
        ({"weight": np.array([1.0, np.nan])}, "weight: 1 not finite"),
        ({"weight": np.ones(3)}, "weight has 3 rows; expected 2"),
        ({"weight": np.array([1.0, np.inf])}, "weight: 1 not finite"),
        ({"cost": np.array([0.0, 1.0])}, "a candidate costs 0"),
        ({"cost": np.array([np.nan, 1.0])}, "cost: 1 not finite"),
        ({"quotas": (Quota("x", (0,), 2, 1),)}, "quota x: minimum 2, maximum 1"),
        ({"quotas": (Quota("x", (2,)),)}, "quota x: a member is no site; expected numbers from 0 to 1"),
        ({"second": np.array([1.0, 1.5])}, "second: cell 1 weighs more the second time; expected at most its weight"),
        ({"second": np.array([-1.0, 0.5])}, "second: 1 not finite or below 0"),
        ({"second": np.ones(1)}, "second has 1 rows; expected 2"),
        ({"apart": np.array([[0, 2]])}, "apart: a pair does not name two sites; expected numbers from 0 to 1"),
        ({"apart": np.array([[1, 1]])}, "apart: a pair does not name two sites"),
        ({"apart": np.array([0, 1])}, r"apart: shape \(2,\); expected \(n, 2\)"),
        ({"target": float("nan")}, "target is nan; expected a number, 0 or more"),
        ({"target": -1.0}, "target is -1.0"),
        ({"equity": Equity(np.array([0, 1]), 1.5)}, "equity: share is 1.5; expected 0 to 1"),
        ({"equity": Equity(np.array([0, -2]))}, "equity: a group is -2; expected 0 or more, -1 for none"),
        ({"equity": Equity(np.array([-1, -1]))}, "equity: no cell with demand is in a group"),
        ({"equity": Equity(np.array([0.0, 1.0]))}, "equity: groups are float64"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    given = {"covers": csr_array(np.ones((2, 2), dtype=bool)), "weight": np.ones(2), "budget": 1.0, **change}
    with pytest.raises(InputError, match=words):
        PlacementProblem(**given)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        PlacementProblem(csr_array(np.ones((1, 1), dtype=bool)), np.array([-1.0]), budget=-1.0, target=-1.0)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("name", ["weight", "cost", "fixed", "second", "apart"])
def test_a_problem_cannot_be_changed(name: str) -> None:
    problem = PlacementProblem(csr_array(np.ones((2, 2), dtype=bool)), np.ones(2), budget=1.0, apart=np.array([[0, 1]]))
    change: Callable[[], None] = lambda: getattr(problem, name).__setitem__(0, 0)  # noqa: E731
    with pytest.raises(ValueError, match="read-only"):
        change()
