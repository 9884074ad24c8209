"""What makes equity plain: prices of groups bound every plan, and what is taken is taken."""

from dataclasses import replace

import numpy as np
import pytest
from placements import all_plans, random_problem, slow_value

from aedplan.problem import PlacementProblem, breaches, value
from aedplan.solve.fair import dearer, equity_of, filled, priced, shares, with_taken
from aedplan.solve.least_cost import trimmed


def fair_problems(seed: int, count: int) -> list[PlacementProblem]:
    rng = np.random.default_rng(seed)
    return [
        random_problem(rng, "mix", *(k for k in ("fixed", "costs", "quotas") if rng.random() < 0.4))
        for _ in range(count)
    ]


def test_at_any_prices_no_plan_is_worth_less_in_the_plain_problem_than_with_equity() -> None:
    rng, compared = np.random.default_rng(61), 0
    for problem in fair_problems(61, 60):
        demand = equity_of(problem).sums(problem.weight)
        prices = np.where(demand > 0, rng.random(len(demand)), 0.0)
        plain = priced(problem, prices / max(prices.sum(), 1e-300))
        for plan in all_plans(problem)[:20] if prices.sum() > 0 else ():
            assert value(plain, plan) >= slow_value(problem, plan) * (1 - 1e-9)
            compared += 1
    assert compared > 300


def test_the_group_served_worst_gets_dearest_and_prices_still_add_up_to_1() -> None:
    for problem in fair_problems(62, 30):
        share = shares(problem, ())
        prices = dearer(np.full(len(share), 1 / len(share)), share, 1.0)
        assert prices.sum() == pytest.approx(1.0)
        assert prices[int(np.argmin(share))] == prices.max()


def test_what_is_left_after_some_sites_are_taken_is_worth_the_same_together() -> None:
    for problem in fair_problems(63, 60):
        for plan in all_plans(problem)[-3:]:
            taken, more = plan[: len(plan) // 2], plan[len(plan) // 2 :]
            rest = with_taken(problem, taken, problem.budget)
            assert (rest is None) == (problem.cost[list(taken)].sum() >= problem.budget)
            if rest is not None:
                assert value(rest, more) == pytest.approx(value(problem, plan))
                assert breaches(rest, more) == []
            assert value(problem, filled(problem, plan)) >= value(problem, plan) * (1 - 1e-12)


def test_a_trimmed_plan_reaches_its_target_with_no_site_to_spare() -> None:
    rng = np.random.default_rng(64)
    for _ in range(60):
        problem = random_problem(rng, "target", "costs")
        for plan in all_plans(problem)[-3:]:
            kept = trimmed(problem, plan)
            assert set(kept) <= set(plan)
            assert breaches(problem, kept) == []
            assert all(breaches(problem, [s for s in kept if s != site]) for site in kept)
            assert value(replace(problem, target=None), kept) >= problem.target_met
