"""Every kind of placement problem, by every method, against trying every subset."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from placements import KINDS, best_of_all, figure, random_problem, slow_keeps, slow_value
from scipy.sparse import csr_array

from aedplan.equity import Equity
from aedplan.errors import InfeasibleError
from aedplan.problem import PlacementProblem, Quota, value
from aedplan.solve import METHODS, solve
from aedplan.solve.models import classed

EACH = 40
"""Problems of each kind alone; as many of all kinds mixed as make 500 in all."""


@cache
def problems_of(kind: str) -> list[PlacementProblem]:
    """Random problems of one kind, or "mixed": of several at once."""
    rng = np.random.default_rng(sum(kind.encode()))
    if kind != "mixed":
        return [random_problem(rng, kind) for _ in range(EACH)]
    count = 500 - EACH * len(KINDS)
    return [random_problem(rng, *(one for one in KINDS if rng.random() < 0.35)) for _ in range(count)]


@cache
def bests_of(kind: str) -> list[float | None]:
    """What the best of all subsets is worth in each of them: found once for all methods."""
    return [best_of_all(problem) for problem in problems_of(kind)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [*KINDS, "mixed"])
def test_value_and_bound_enclose_the_best_of_all_subsets(kind: str, method: str) -> None:
    feasible = 0
    for problem, best in zip(problems_of(kind), bests_of(kind), strict=True):
        if best is None:
            with pytest.raises(InfeasibleError, match="no plan"):
                solve(problem, method=method)  # type: ignore[arg-type]
            continue
        feasible += 1
        check(problem, method, best)
    assert feasible > 10


def check(problem: PlacementProblem, method: str, best: float) -> None:
    """What holds for every plan."""
    plan = solve(problem, method=method)  # type: ignore[arg-type]
    slack = 1e-6 * max(abs(best), 1.0)
    assert slow_keeps(problem, plan.chosen)
    assert plan.value == pytest.approx(slow_value(problem, plan.chosen))
    assert plan.value <= plan.bound
    assert plan.cost == pytest.approx(problem.cost[list(plan.chosen)].sum())
    assert plan.before + sum(plan.gain) == pytest.approx(plan.value)
    assert 0 <= plan.gap <= 1
    if problem.target is None:
        assert plan.value <= best + slack
        assert plan.bound >= best - slack
        assert plan.cost_bound is None
    else:
        assert plan.cost >= best - slack
        assert plan.cost_bound is not None
        assert plan.cost_bound <= best + slack
    if method == "exact":
        assert figure(problem, plan.chosen) == pytest.approx(best)
        assert plan.status == "optimal"
    if plan.status == "optimal":
        assert figure(problem, plan.chosen) == pytest.approx(best)
    assert plan.status in ("optimal", "stopped")


@pytest.mark.parametrize("kind", KINDS)
def test_more_budget_and_one_more_candidate_never_make_the_best_worse(kind: str) -> None:
    for problem, answer in list(zip(problems_of(kind), bests_of(kind), strict=True))[:15]:
        if answer is None:
            continue
        best = figure(problem, solve(problem).chosen)
        richer = replace(problem, budget=problem.budget + 1)
        more = with_one_more(problem)
        for easier in (richer, more):
            now = figure(easier, solve(easier).chosen)
            slack = 1e-6 * max(best, 1.0)
            assert now <= best + slack if problem.target is not None else now >= best - slack


def with_one_more(problem: PlacementProblem) -> PlacementProblem:
    """The problem with a last candidate that covers every other cell."""
    from scipy.sparse import vstack

    row = csr_array((np.arange(len(problem.weight)) % 2 == 0)[None])
    return replace(
        problem,
        covers=vstack([problem.covers, row], format="csr"),
        cost=np.append(problem.cost, 1.0),
        fixed=np.append(problem.fixed, False),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_sites_does_not_change_the_best(kind: str) -> None:
    rng = np.random.default_rng(5)
    for problem, answer in list(zip(problems_of(kind), bests_of(kind), strict=True))[:15]:
        if answer is not None:
            mixed = shuffled(problem, rng.permutation(len(problem.fixed)))
            assert figure(mixed, solve(mixed).chosen) == pytest.approx(figure(problem, solve(problem).chosen))


def shuffled(problem: PlacementProblem, order: np.ndarray) -> PlacementProblem:
    """The same problem with its sites in another order."""
    place = np.argsort(order)
    return replace(
        problem,
        covers=problem.covers[order],
        cost=problem.cost[order],
        fixed=problem.fixed[order],
        apart=place[problem.apart],
        quotas=tuple(
            Quota(q.group, tuple(place[list(q.sites)].tolist()), q.minimum, q.maximum) for q in problem.quotas
        ),
    )


@pytest.mark.parametrize("kind", [*KINDS, "mixed"])
def test_cells_of_the_same_sites_and_group_made_one_change_no_value(kind: str) -> None:
    rng = np.random.default_rng(8)
    for problem in problems_of(kind)[:15]:
        repeated = replace(
            problem,
            covers=csr_array(np.tile(problem.covers.toarray(), 2)),
            weight=np.tile(problem.weight, 2),
            second=np.tile(problem.second, 2),
            equity=problem.equity and Equity(np.tile(problem.equity.group, 2), problem.equity.share),
        )
        few = classed(repeated)
        assert few.covers.shape[1] <= problem.covers.shape[1]
        assert few.total == pytest.approx(repeated.total)
        for _ in range(5):
            chosen = np.flatnonzero(~problem.fixed & (rng.random(len(problem.fixed)) < 0.5)).tolist()
            assert value(few, chosen) == pytest.approx(value(repeated, chosen))


def test_an_equity_plan_spends_what_is_left_on_the_total() -> None:
    covers = csr_array(np.eye(4, dtype=bool))
    fair = PlacementProblem(
        covers, np.array([4.0, 4.0, 2.0, 1.0]), budget=4, equity=Equity(np.array([0, 1, -1, -1]), 1.0)
    )
    for method in METHODS:
        assert len(solve(fair, method=method).chosen) == 4  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_equity_gives_the_small_town_a_device_although_the_city_is_worth_more(method: str) -> None:
    covers = csr_array(np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]], dtype=bool))
    weight = np.array([10.0, 10.0, 30.0, 2.0, 2.0])
    city = PlacementProblem(covers, weight, budget=2)
    assert solve(city, method=method).value == 50.0  # type: ignore[arg-type]
    fair = replace(city, equity=Equity(np.array([0, 0, 0, 1, 1]), 1.0))
    plan = solve(fair, method=method)  # type: ignore[arg-type]
    assert sorted(plan.chosen)[0] == 1
    assert plan.value == pytest.approx(54 * 0.5)  # the town has a half covered, the city 30 of 50


@pytest.mark.parametrize("method", METHODS)
def test_the_least_cost_for_a_share_and_for_all(method: str) -> None:
    covers = csr_array(np.array([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], dtype=bool))
    problem = PlacementProblem(covers, np.array([4.0, 4.0, 1.0, 1.0]), budget=np.inf, cost=np.array([5.0, 2.0, 3.0]))
    plan = solve(replace(problem, target=8.0), method=method)  # type: ignore[arg-type]
    assert (plan.chosen, plan.cost, plan.cost_bound, plan.status) == ((1,), 2.0, 2.0, "optimal")
    full = solve(replace(problem, target=10.0), method=method)  # type: ignore[arg-type]
    assert (sorted(full.chosen), full.cost) == ([0, 2], 8.0)
    with pytest.raises(InfeasibleError, match="no plan reaches the target 11: all sites together are worth 10"):
        solve(replace(problem, target=11.0), method=method)  # type: ignore[arg-type]
    with pytest.raises(InfeasibleError, match="reaches the target 10 and costs at most 7"):
        solve(replace(problem, target=10.0, budget=7.0), method=method)  # type: ignore[arg-type]


ODD = {
    "nothing is covered by anything": PlacementProblem(csr_array((3, 4), dtype=bool), np.ones(4), budget=2),
    "no site": PlacementProblem(csr_array((0, 4), dtype=bool), np.ones(4), budget=2),
    "no cell": PlacementProblem(csr_array((3, 0), dtype=bool), np.ones(0), budget=2),
    "no weight": PlacementProblem(csr_array(np.ones((3, 4), dtype=bool)), np.zeros(4), budget=2),
    "more devices than sites": PlacementProblem(csr_array(np.eye(3, dtype=bool)), np.ones(3), budget=50),
    "any budget": PlacementProblem(csr_array(np.eye(3, dtype=bool)), np.ones(3), budget=np.inf),
    "all covered already": PlacementProblem(
        csr_array(np.ones((2, 3), dtype=bool)), np.ones(3), budget=1, fixed=np.array([True, False])
    ),
    "all sites fixed": PlacementProblem(csr_array(np.eye(2, dtype=bool)), np.ones(2), budget=1, fixed=np.ones(2, bool)),
    "one site many times": PlacementProblem(
        csr_array(np.tile(np.array([[1, 0, 1]], bool), (6, 1))), np.ones(3), budget=3
    ),
    "weights up to 1e12": PlacementProblem(
        csr_array(np.eye(4, dtype=bool)), np.array([1e12, 1.0, 1e-3, 3e11]), budget=2, apart=np.array([[0, 3]])
    ),
    "every site too dear": PlacementProblem(
        csr_array(np.eye(2, dtype=bool)), np.ones(2), budget=1, cost=np.full(2, 5.0)
    ),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ODD)
def test_odd_problems_have_a_defined_answer(name: str, method: str) -> None:
    problem = ODD[name]
    best = best_of_all(problem)
    plan = solve(problem, method=method)  # type: ignore[arg-type]
    assert plan.value == best
    assert plan.bound >= plan.value
    assert plan.status == "optimal" or (method == "greedy" and len(problem.apart))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ODD)
def test_odd_problems_have_a_defined_least_cost(name: str, method: str) -> None:
    problem = ODD[name]
    reached = value(problem, best_plan(problem))
    least = replace(problem, target=reached)
    plan = solve(least, method=method)  # type: ignore[arg-type]
    assert plan.cost == best_of_all(least)
    assert plan.status == "optimal"


def best_plan(problem: PlacementProblem) -> tuple[int, ...]:
    return solve(problem).chosen


def test_an_infeasible_quota_names_the_groups_that_clash_with_what_must_stay_apart() -> None:
    quotas = (Quota("school", (0,), 1), Quota("shop", (1,), 1), Quota("hotel", (2, 3), 0, 1))
    covers = csr_array(np.eye(4, dtype=bool))
    problem = PlacementProblem(covers, np.ones(4), budget=3, quotas=quotas, apart=np.array([[0, 1]]))
    for method in METHODS:
        with pytest.raises(InfeasibleError, match=r"school: 1 to any.*shop: 1 to any") as caught:
            solve(problem, method=method)  # type: ignore[arg-type]
        assert [quota.group for quota in caught.value.quotas] == ["school", "shop"]
