"""What each device is worth, against taking it away and trying every other site."""

from dataclasses import replace

import numpy as np
import pytest
from placements import KINDS, random_problem, slow_keeps, slow_value
from scipy.sparse import csr_array

from aedplan.errors import InfeasibleError
from aedplan.problem import PlacementProblem
from aedplan.solve import solve
from aedplan.worth import worth


def without(problem: PlacementProblem, chosen: tuple[int, ...], lost: int) -> tuple[PlacementProblem, tuple[int, ...]]:
    """The problem and the plan after one device is lost for good; a standing one leaves its money behind."""
    if lost in chosen:
        return replace(problem, target=None), tuple(s for s in chosen if s != lost)
    fixed = problem.fixed.copy()
    fixed[lost] = False
    return replace(problem, fixed=fixed, target=None, budget=np.inf, cost=np.ones(len(fixed))), chosen


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_and_the_best_stead_are_those_of_trying_everything(kind: str) -> None:
    rng = np.random.default_rng(sum(kind.encode()) + 2)
    for _ in range(25):
        problem = random_problem(rng, kind, *(["fixed"] if kind != "fixed" else []))
        try:
            plan = solve(problem, method="greedy").chosen
        except InfeasibleError:
            continue
        found = worth(problem, plan)
        assert found.site.tolist() == [*plan, *np.flatnonzero(problem.fixed)]
        for site, loss, instead, regained in zip(found.site, found.loss, found.instead, found.regained, strict=True):
            rest, left = without(problem, plan, int(site))
            here = slow_value(rest, left)
            assert loss == pytest.approx(slow_value(problem, plan) - here, abs=1e-3)
            others = [s for s in range(len(rest.fixed)) if s != site and not rest.fixed[s] and s not in left]
            allowed = [s for s in others if slow_keeps(rest, (*left, s))]
            best = max((slow_value(rest, (*left, s)) - here for s in allowed), default=0.0)
            assert regained == pytest.approx(max(best, 0.0), abs=1e-3)
            assert (instead == -1) == (regained == 0)
            if instead >= 0:
                assert instead in allowed
                assert slow_value(rest, (*left, int(instead))) - here == pytest.approx(regained, abs=1e-3)


def test_two_devices_at_one_place_are_each_worth_nothing() -> None:
    covers = csr_array(np.array([[1, 1], [1, 1], [1, 0]], dtype=bool))
    problem = PlacementProblem(covers, np.array([3.0, 4.0]), budget=2)
    assert worth(problem, (0, 1)).loss.tolist() == [0.0, 0.0]
    alone = worth(problem, (0,))
    assert (alone.loss.tolist(), alone.instead.tolist(), alone.regained.tolist()) == ([7.0], [1], [7.0])


def test_a_plan_without_devices_has_no_worth() -> None:
    found = worth(PlacementProblem(csr_array(np.eye(2, dtype=bool)), np.ones(2), budget=1), ())
    assert len(found.site) == len(found.loss) == len(found.instead) == 0
