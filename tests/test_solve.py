"""Plans: one test body for every method, against trying every subset."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import best_of_all_subsets, keeps
from scipy.sparse import csr_array

from aedplan.errors import InfeasibleError, InputError
from aedplan.problem import PlacementProblem, Quota, value
from aedplan.solve import METHODS, frontier, solve
from aedplan.solve.bounds import submodular_bound


@st.composite
def problems(draw: st.DrawFn) -> PlacementProblem:
    """Small problems of every kind: unequal costs, fixed sites, quotas, duplicate and useless sites, weight 0."""
    sites, cells = draw(st.integers(1, 7)), draw(st.integers(1, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    covers = rng.random((sites, cells)) < draw(st.sampled_from([0.1, 0.4, 0.8]))
    fixed = rng.random(sites) < draw(st.sampled_from([0.0, 0.3]))
    cost = rng.integers(1, 5, sites).astype(float) if draw(st.booleans()) else np.ones(sites)
    weight = rng.integers(0, 10, cells) * draw(st.sampled_from([1.0, 0.37, 1e9]))
    quotas = []
    for group in range(draw(st.integers(0, 2))):
        members = tuple(int(s) for s in np.flatnonzero(~fixed & (rng.random(sites) < 0.6)))
        low = int(rng.integers(0, 2))
        quotas.append(Quota(f"group {group}", members, low, low + int(rng.integers(0, 3))))
    budget = float(draw(st.integers(1, 8)))
    return PlacementProblem(csr_array(covers), weight, budget, cost, fixed, tuple(quotas))


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=250, deadline=None)
@given(problem=problems())
def test_value_and_bound_enclose_the_best_of_all_subsets(method: str, problem: PlacementProblem) -> None:
    best = best_of_all_subsets(problem)
    if best is None:
        with pytest.raises(InfeasibleError, match="no plan keeps"):
            solve(problem, method=method)  # type: ignore[arg-type]
        return
    plan = solve(problem, method=method)  # type: ignore[arg-type]
    slack = 1e-6 * max(best, 1.0)
    assert keeps(problem, plan.chosen)
    assert plan.value == value(problem, plan.chosen)
    assert plan.value <= best + slack
    assert plan.bound >= best - slack
    assert plan.cost == problem.cost[list(plan.chosen)].sum()
    assert plan.before + sum(plan.gain) == pytest.approx(plan.value)
    if method == "exact" or plan.status == "optimal":
        assert plan.value == pytest.approx(best)
        assert plan.gap <= 1e-6


@settings(max_examples=100, deadline=None)
@given(problem=problems(), sites=st.lists(st.integers(0, 6), max_size=4))
def test_the_bound_of_any_sequence_is_never_below_the_best(problem: PlacementProblem, sites: list[int]) -> None:
    best = best_of_all_subsets(problem)
    inside = [s for s in sites if s < problem.covers.shape[0]]
    if best is not None:
        assert submodular_bound(problem, inside) >= best - 1e-9 * max(best, 1)


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_more_budget_never_lowers_the_best(problem: PlacementProblem) -> None:
    from dataclasses import replace

    if best_of_all_subsets(problem) is None:
        return
    richer = replace(problem, budget=problem.budget + 1)
    assert solve(richer).value >= solve(problem).value * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_the_order_of_sites_does_not_change_the_value(problem: PlacementProblem, seed: int) -> None:
    from dataclasses import replace

    if best_of_all_subsets(problem) is None:
        return
    order = np.random.default_rng(seed).permutation(problem.covers.shape[0])
    place = np.argsort(order)
    quotas = tuple(Quota(q.group, tuple(int(place[s]) for s in q.sites), q.minimum, q.maximum) for q in problem.quotas)
    mixed = replace(
        problem, covers=problem.covers[order], cost=problem.cost[order], fixed=problem.fixed[order], quotas=quotas
    )
    assert solve(mixed).value == pytest.approx(solve(problem).value)


def test_greedy_takes_each_time_the_site_that_adds_most() -> None:
    rng = np.random.default_rng(3)
    covers, weight = rng.random((60, 300)) < 0.05, rng.integers(1, 9, 300).astype(float)
    plan = solve(PlacementProblem(csr_array(covers), weight, budget=10), method="greedy")
    left, wanted = weight.copy(), []
    for _ in range(10):
        wanted.append(int(np.argmax(covers @ left)))
        left[covers[wanted[-1]]] = 0
    assert list(plan.chosen) == wanted
    assert list(plan.gain) == sorted(plan.gain, reverse=True)


def clash() -> PlacementProblem:
    quotas = (Quota("school", (0, 1), 2, None), Quota("shop", (2, 3), 2, None), Quota("hotel", (3,), 0, 1))
    return PlacementProblem(csr_array(np.eye(4, dtype=bool)), np.ones(4), budget=3, quotas=quotas)


@pytest.mark.parametrize("method", METHODS)
def test_quotas_that_clash_are_named_and_the_others_are_not(method: str) -> None:
    with pytest.raises(InfeasibleError, match=r"budget of 3.*school: 2 to any.*shop: 2 to any") as caught:
        solve(clash(), method=method)  # type: ignore[arg-type]
    assert "hotel" not in str(caught.value)


def test_standing_sites_cover_and_cost_nothing() -> None:
    covers = csr_array(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=bool))
    problem = PlacementProblem(covers, np.array([5.0, 5.0, 1.0, 7.0]), budget=1, fixed=np.array([True, False, False]))
    plan = solve(problem)
    assert (plan.chosen, plan.before, plan.value, plan.total, plan.cost) == ((2,), 10.0, 11.0, 18.0, 1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"budget": 0.0}, "budget is 0.0; expected a number above 0"),
        ({"budget": float("nan")}, "budget is nan"),
        ({"weight": np.array([1.0, -2.0])}, "weight: 1 not finite or below 0, the first is -2.0"),
        ({"weight": np.array([1.0, np.nan])}, "weight: 1 not finite"),
        ({"weight": np.ones(3)}, "weight has 3 rows; expected 2"),
        ({"cost": np.array([0.0])}, "a candidate costs 0"),
        ({"quotas": (Quota("x", (0,), 2, 1),)}, "quota x: minimum 2, maximum 1"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(change: dict[str, object], words: str) -> None:
    given = {"covers": csr_array(np.ones((1, 2), dtype=bool)), "weight": np.ones(2), "budget": 1.0, **change}
    with pytest.raises(InputError, match=words):
        PlacementProblem(**given)  # type: ignore[arg-type]


def test_nothing_to_cover_and_everything_covered_already_are_optimal() -> None:
    nothing = PlacementProblem(csr_array((3, 4), dtype=bool), np.ones(4), budget=2)
    plan = solve(nothing)
    assert (plan.value, plan.bound, plan.gap, plan.status) == (0.0, 0.0, 0.0, "optimal")
    done = PlacementProblem(csr_array(np.ones((2, 3), dtype=bool)), np.ones(3), budget=1, fixed=np.array([True, False]))
    assert solve(done).value == solve(done).bound == 3.0


def test_a_method_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="expected one of greedy, exact"):
        solve(clash(), method="magic")  # type: ignore[arg-type]


def test_a_time_limit_leaves_a_plan_with_a_bound() -> None:
    rng = np.random.default_rng(0)
    sites, cells = rng.uniform(0, 30, (600, 2)), rng.uniform(0, 30, (6000, 2))
    near = ((sites[:, None] - cells[None]) ** 2).sum(axis=2) < 2.0
    problem = PlacementProblem(csr_array(near), rng.integers(1, 100, 6000).astype(float), budget=60)
    plan = solve(problem, seconds=0.01)
    greedy = solve(problem, method="greedy")
    assert plan.status == "time-limit"
    assert greedy.value <= plan.value <= plan.bound <= greedy.bound


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_a_frontier_encloses_the_best_for_every_budget(method: str, problem: PlacementProblem) -> None:
    from dataclasses import replace

    best = {b: best_of_all_subsets(replace(problem, budget=float(b))) for b in (1, 2, 4, 8)}
    if None in best.values():
        with pytest.raises(InfeasibleError):
            frontier(problem, budgets=[8, 1, 4, 2, 4], method=method)
        return
    curve = frontier(problem, budgets=[8, 1, 4, 2, 4], method=method)
    assert curve.budget.tolist() == [1, 2, 4, 8]
    for i, wanted in enumerate(best.values()):
        slack = 1e-6 * max(wanted, 1)
        assert keeps(replace(problem, budget=float(curve.budget[i])), curve.chosen[i])
        assert curve.value[i] == value(problem, curve.chosen[i])
        assert curve.value[i] <= wanted + slack
        assert curve.bound[i] >= wanted - slack
        if method == "exact":
            assert curve.value[i] == pytest.approx(wanted)
    assert (np.diff(curve.bound) >= 0).all()


@pytest.mark.parametrize("budgets", [[], [0], [-1, 2], [float("nan")]])
def test_budgets_that_make_no_sense_are_refused(budgets: list[float]) -> None:
    with pytest.raises(InputError, match="expected one or more numbers above 0"):
        frontier(clash(), budgets=budgets)
