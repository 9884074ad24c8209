"""The curve of value and bound against the budget, against trying every subset."""

from dataclasses import replace

import numpy as np
import pytest
from placements import KINDS, best_of_all, random_problem, slow_keeps
from scipy.sparse import csr_array

from aedplan.errors import InfeasibleError, InputError
from aedplan.problem import PlacementProblem, Quota, value
from aedplan.solve import METHODS, Frontier, frontier, solve
from aedplan.solve.bounds import certified_bounds, certified_cost
from aedplan.solve.certificate import bound_of

OF_VALUE = [kind for kind in KINDS if kind not in ("target", "cover")]


def check(problem: PlacementProblem, curve: Frontier, method: str) -> None:
    """What holds for every curve, with the best of all subsets for each of its budgets."""
    for i, budget in enumerate(curve.budget):
        within = replace(problem, budget=float(budget))
        best = best_of_all(within)
        assert best is not None
        slack = 1e-6 * max(best, 1.0)
        assert slow_keeps(within, curve.chosen[i])
        assert curve.value[i] == pytest.approx(value(problem, curve.chosen[i]))
        assert curve.value[i] <= best + slack
        assert curve.bound[i] >= max(best - slack, curve.value[i])
        if method == "exact":
            assert curve.value[i] == pytest.approx(best)
            assert curve.gap[i] <= 1e-6
    assert (np.diff(curve.value) >= 0).all()
    assert (np.diff(curve.bound) >= 0).all()
    assert curve.before + curve.added.sum() == pytest.approx(curve.value[-1])
    assert curve.before + sum(curve.gain) == pytest.approx(curve.value[-1])
    assert sorted(curve.order) == sorted(curve.chosen[-1])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", OF_VALUE)
def test_a_frontier_encloses_the_best_for_every_budget(kind: str, method: str) -> None:
    rng = np.random.default_rng(sum(kind.encode()) + 1)
    for _ in range(25):
        problem = random_problem(rng, kind)
        budgets = [problem.budget + more for more in (4, 0, 2, 1, 2)]
        if best_of_all(problem) is None:
            with pytest.raises(InfeasibleError):
                frontier(problem, budgets=budgets, method=method)  # type: ignore[arg-type]
            continue
        curve = frontier(problem, budgets=budgets, method=method)  # type: ignore[arg-type]
        assert curve.budget.tolist() == sorted(set(budgets))
        check(problem, curve, method)


def city(sites: int = 60, cells: int = 900) -> PlacementProblem:
    """Sites and weighted cells at random in a square; a site covers what is near."""
    rng = np.random.default_rng(4)
    a, b = rng.uniform(0, 10, (sites, 2)), rng.uniform(0, 10, (cells, 2))
    near = ((a[:, None] - b[None]) ** 2).sum(axis=2) < 1.2
    return PlacementProblem(csr_array(near), rng.integers(1, 100, cells).astype(float), budget=1)


def test_a_greedy_curve_is_that_of_one_plan_after_the_other_and_its_steps_never_rise() -> None:
    problem = city()
    curve = frontier(problem, budgets=range(1, 31))
    for i in (0, 4, 29):
        alone = solve(replace(problem, budget=float(curve.budget[i])), method="greedy")
        assert curve.value[i] == pytest.approx(alone.value)
        assert curve.bound[i] <= alone.bound + 1e-6
        assert curve.chosen[i] == alone.chosen
    assert list(curve.gain) == sorted(curve.gain, reverse=True)
    assert np.array_equal(curve.added, np.array(curve.gain))


def test_the_exact_curve_is_never_below_the_greedy_one_nor_its_bound_above() -> None:
    problem = city()
    quick, exact = (
        frontier(problem, budgets=range(1, 26)),
        frontier(problem, budgets=range(1, 26), method="exact", seconds=5),
    )
    assert (exact.value >= quick.value).all()
    assert (exact.bound <= quick.bound).all()
    assert exact.gap.max() < quick.gap.max()


def test_how_many_are_needed_for_a_share_lies_between_what_is_proven_and_what_is_found() -> None:
    problem = city()
    curve = frontier(problem, budgets=range(1, 61))
    least, enough = curve.needed(0.8)
    assert least is not None
    assert enough is not None
    assert least <= enough
    total = problem.weight.sum()
    assert value(problem, curve.chosen[int(enough) - 1]) >= 0.8 * total
    assert value(problem, curve.chosen[int(enough) - 2]) < 0.8 * total
    assert curve.bound[int(least) - 1] >= 0.8 * total
    assert least == 1 or curve.bound[int(least) - 2] < 0.8 * total
    exact = solve(replace(problem, target=0.8 * total, budget=np.inf))
    assert least <= exact.cost <= enough
    assert curve.needed(0.0) == (1.0, 1.0)
    assert frontier(problem, budgets=[1, 2]).needed(0.99) == (None, None)


def test_progress_counts_the_settled_budgets() -> None:
    seen: list[tuple[int, int]] = []
    frontier(
        city(20, 100), budgets=range(1, 9), method="exact", progress=lambda done, whole: seen.append((done, whole))
    )
    assert seen[-1] == (8, 8)
    assert all(0 <= done <= whole == 8 for done, whole in seen)


@pytest.mark.parametrize("budgets", [[], [0], [-1, 2], [float("nan")], [float("inf")]])
def test_budgets_that_make_no_sense_are_refused(budgets: list[float]) -> None:
    with pytest.raises(InputError, match="expected one or more numbers above 0"):
        frontier(city(3, 3), budgets=budgets)


def test_quotas_that_the_smallest_budget_cannot_keep_are_named() -> None:
    problem = replace(city(5, 9), quotas=(Quota("school", (0, 1, 2), 2, None),))
    with pytest.raises(InfeasibleError, match="school: 2 to any of 3 candidates"):
        frontier(problem, budgets=[1, 2, 3])


@pytest.mark.parametrize("kind", ["devices", "costs", "fixed", "quotas", "backup", "apart"])
def test_a_certificate_made_for_one_budget_bounds_every_other_and_every_cost(kind: str) -> None:
    rng = np.random.default_rng(sum(kind.encode()) + 9)
    for _ in range(15):
        problem = random_problem(rng, kind)
        if best_of_all(problem) is None:
            continue
        certificate = solve(problem).certificate
        assert certificate is not None
        budgets = problem.budget + np.arange(4.0)
        bounds = certified_bounds(problem, certificate, budgets)
        alone = float(certified_bounds(problem, certificate, budgets[:1])[0])
        assert alone <= bound_of(problem, certificate) * (1 + 1e-6) + 1e-6
        for budget, bound in zip(budgets, bounds, strict=True):
            best = best_of_all(replace(problem, budget=float(budget)))
            assert best is not None
            assert bound >= best
        target = 0.7 * value(problem, range(len(problem.fixed)))
        least = best_of_all(replace(problem, target=target, budget=np.inf))
        if least is not None:
            assert certified_cost(replace(problem, budget=np.inf), certificate, target) <= least * (1 + 1e-9)
