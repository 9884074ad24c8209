"""Moving standing devices, against trying every set of devices that stay."""

from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_array

from aedplan.errors import InputError
from aedplan.problem import PlacementProblem, value
from aedplan.relocation import Moves, moves, relocated
from aedplan.solve import solve


def town(rng: np.random.Generator) -> PlacementProblem:
    """Seven sites, three of them standing."""
    covers = rng.random((7, 12)) < 0.3
    fixed = np.array([True, True, True, False, False, False, False])
    return PlacementProblem(csr_array(covers), rng.integers(1, 9, 12).astype(float), budget=1, fixed=fixed)


def best_by_hand(problem: PlacementProblem, keep: int, new: int) -> float:
    """The best value with all devices, old and new, hung anywhere, but at least `keep` where they are."""
    covers, best = problem.covers.toarray(), 0.0
    for stay in range(keep, 4):
        for kept in combinations(range(3), stay):
            for others in combinations(range(3, 7), min(3 - stay + new, 4)):
                best = max(best, float(problem.weight[covers[[*kept, *others]].any(axis=0)].sum()))
    return best


@pytest.mark.parametrize("keep", [0, 1, 2, 3])
def test_moving_devices_finds_the_best_of_all_ways(keep: int) -> None:
    rng = np.random.default_rng(keep)
    for _ in range(20):
        problem = town(rng)
        after = relocated(problem, np.array([0, 1, 2]), keep=keep)
        plan = solve(after)
        assert plan.value == pytest.approx(best_by_hand(problem, keep, new=1))
        told = moves(problem, after, plan.chosen)
        assert len(told.kept) >= keep
        assert sorted((*told.kept, *told.moved)) == [0, 1, 2]
        assert len(told.kept) + len(told.new) <= 4
        assert value(after, (*told.kept, *told.new)) >= plan.value
        assert told.cost <= 1


def test_a_move_that_costs_is_paid_from_the_budget() -> None:
    # One standing device of little use and two places worth more; a device costs 10, a move 4: the refund is 6.
    covers = csr_array(np.eye(3, dtype=bool))
    problem = PlacementProblem(
        covers, np.array([1.0, 5.0, 4.0]), budget=14, cost=np.full(3, 10.0), fixed=np.array([True, False, False])
    )
    after = relocated(problem, np.array([0]), refund=np.array([6.0]))
    plan = solve(after)
    assert plan.value == 9.0
    assert moves(problem, after, plan.chosen) == Moves(kept=(), moved=(0,), new=(1, 2), cost=14.0)
    short = relocated(problem, np.array([0]), refund=np.array([5.0]))
    assert moves(problem, short, solve(short).chosen) == Moves(kept=(0,), moved=(), new=(1,), cost=10.0)


def test_a_device_is_not_taken_down_for_nothing() -> None:
    covers = csr_array(np.array([[1, 0], [1, 0], [0, 1]], dtype=bool))
    problem = PlacementProblem(covers, np.ones(2), budget=1, fixed=np.array([True, True, False]))
    after = relocated(problem, np.array([0, 1]))
    told = moves(problem, after, (0, 2))  # the second standing device adds nothing, but its place costs nothing either
    assert told == Moves(kept=(0, 1), moved=(), new=(2,), cost=1.0)


@pytest.mark.parametrize(
    ("movable", "given", "words"),
    [
        ([3], {}, "a movable site is not fixed"),
        ([0, 0], {}, "named twice"),
        ([0], {"refund": np.array([0.0])}, "a refund is 0 or less"),
        ([0], {"refund": np.array([np.nan])}, "a refund is 0 or less"),
        ([0, 1], {"keep": 3}, "keep is 3; expected 0 to the 2 movable sites"),
    ],
)
def test_moves_that_make_no_sense_are_refused(movable: list[int], given: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        relocated(town(np.random.default_rng(0)), np.array(movable), **given)  # type: ignore[arg-type]
