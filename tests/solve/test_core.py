"""A core is its problem: every plan is worth the same and is allowed in both."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from placements import random_problem
from solve.cores import problems

from aedplan.problem import ROUNDING, breaches, value
from aedplan.solve.core import core_of, free_sites, whole_costs, without_sites
from aedplan.solve.feasible import feasible_plan
from aedplan.solve.moves import state_of


def test_a_plan_of_a_core_is_worth_what_it_is_in_the_problem_also_with_fewer_sites() -> None:
    rng = np.random.default_rng(51)
    for problem in problems(51, 100):
        core, class_of = core_of(problem)
        assert class_of.max(initial=-1) == core.cells - 1
        fewer, _ = without_sites(core, np.flatnonzero(rng.random(core.sites) < 0.6))
        for part in (core, fewer):
            chosen = np.flatnonzero(rng.random(part.sites) < 0.4).tolist()
            worth = part.before + float(state_of(part, chosen).value[0])
            assert worth == pytest.approx(value(problem, part.names(chosen)), rel=1e-12, abs=1e-12)
            assert part.places(part.names(chosen)).tolist() == chosen


def test_a_site_is_free_exactly_when_a_plan_without_minima_may_hold_it_alone() -> None:
    for problem in problems(52, 100):
        alone = replace(problem, quotas=())
        allowed = [s for s in range(len(problem.cost)) if not problem.fixed[s] and not breaches(alone, [s])]
        assert free_sites(problem).tolist() == allowed


@pytest.mark.parametrize("scale", [1.0, 0.37, 1e6 / 3])
def test_whole_costs_allow_the_same_sets_of_sites(scale: float) -> None:
    rng = np.random.default_rng(53)
    for _ in range(30):
        cost = rng.integers(1, 9, 6) * scale
        budget = float(rng.integers(1, 25) * scale)
        whole, room = whole_costs(cost, budget)
        for size in range(7):
            for some in map(list, combinations(range(6), size)):
                assert (int(whole[some].sum()) <= room) == (cost[some].sum() <= budget * (1 + ROUNDING))


def test_any_plan_is_found_when_there_is_one() -> None:
    rng, none = np.random.default_rng(54), 0
    for _ in range(60):
        problem = replace(random_problem(rng, "quotas", "apart", "costs"), budget=float(rng.integers(1, 4)))
        sites = np.arange(len(problem.cost))
        every = (c for size in range(len(sites) + 1) for c in combinations(sites[~problem.fixed].tolist(), size))
        possible = any(not breaches(problem, choice) for choice in every)
        found = feasible_plan(problem, problem.quotas, np.ones(len(sites)))
        assert (found is not None) == possible
        assert found is None or breaches(problem, found) == []
        none += not possible
    assert none > 3
