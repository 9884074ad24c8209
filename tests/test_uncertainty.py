"""Hold-out and bootstrap: they tell a safe plan from a lucky one, and repeat with the same seed."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from aedplan.errors import InputError
from aedplan.problem import PlacementProblem
from aedplan.solve import solve
from aedplan.uncertainty import bootstrap, holdout


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def places(cells: int, weight: np.ndarray | None = None, budget: float = 5) -> PlacementProblem:
    """Twenty sites that each cover a twentieth of the cells."""
    covers = np.arange(cells) % 20 == np.arange(20)[:, None]
    return PlacementProblem(csr_array(covers), np.ones(cells) if weight is None else weight, budget=budget)


def test_a_plan_keeps_its_promise_where_arrests_follow_a_pattern() -> None:
    weight = np.where(np.arange(2000) % 20 < 5, 10.0, 0.0)  # five places hold nearly all arrests
    found = holdout(places(2000, weight), rng=rng())
    assert found.promised == pytest.approx(found.kept, abs=0.02)
    assert found.ratio == pytest.approx(1, abs=0.02)


def test_a_plan_does_not_keep_its_promise_where_arrests_are_chance() -> None:
    # Two hundred arrests anywhere: the best five of twenty places hold more than a quarter by chance alone.
    weight = rng(1).multinomial(60, np.full(400, 1 / 400)).astype(float)
    found = holdout(places(400, weight), rng=rng())
    assert found.promised.mean() > 0.33
    assert found.kept.mean() < found.promised.mean() - 0.05
    assert found.ratio < 0.9


def test_hold_out_is_planning_on_the_rest() -> None:
    arrests = rng(2).integers(1, 4, 40)
    problem = places(40, arrests.astype(float))
    found = holdout(problem, rng=rng(3), parts=4, method="exact")
    place = rng(3).permutation(np.repeat(np.arange(40), arrests))
    for number in range(4):
        out = np.bincount(place[number::4], minlength=40)
        left = (arrests - out).astype(float)
        plan = solve(PlacementProblem(problem.covers, left, budget=5))
        mask = problem.covers[list(plan.chosen)].toarray().any(axis=0)
        assert found.promised[number] == pytest.approx(left[mask].sum() / left.sum())
        assert found.kept[number] == pytest.approx(out[mask].sum() / out.sum())


def test_an_arrest_happens_at_one_point_with_all_its_cells() -> None:
    # Each point in two periods: were its cells parted, the half planned on would foretell the other half.
    problem = places(80)
    found = holdout(problem, rng=rng(), point=np.arange(80) % 40, parts=80)
    assert set(np.round(found.kept, 6).tolist()) <= {0.0, 1.0}


def test_expected_arrests_are_drawn_before_they_are_held_out() -> None:
    weight = np.where(np.arange(400) % 20 < 5, 0.2, 0.002)
    with pytest.raises(InputError, match="do not count arrests; say how many arrests to draw"):
        holdout(places(400, weight), rng=rng())
    many, few = (holdout(places(400, weight), rng=rng(), arrests=count) for count in (4000, 40))
    assert many.ratio == pytest.approx(1, abs=0.03)
    assert few.kept.mean() < many.kept.mean() + 0.05


def test_a_site_without_rival_is_always_chosen_and_twins_share() -> None:
    covers = np.array([[1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]], dtype=bool)
    problem = PlacementProblem(csr_array(covers), np.array([5.0, 5.0, 5.0, 1.0, 1.0]), budget=2)
    found = bootstrap(problem, arrests=200, rng=rng(), resamples=200, chosen=(0, 1))
    assert found.chosen[0] == 1.0
    assert found.chosen[1] == pytest.approx(0.5, abs=0.12)
    assert found.chosen[1] + found.chosen[2] == pytest.approx(1.0)
    assert found.chosen[3] == 0.0
    assert found.share is not None
    assert found.share.mean() == pytest.approx(16 / 17, abs=0.01)
    assert (found.promised >= found.share - 1e-12).all()  # each plan fits its own resample at least as well
    assert (found.kept <= 16 / 17 + 1e-12).all()


def test_few_arrests_spread_the_shares_as_the_binomial_says() -> None:
    problem = PlacementProblem(csr_array(np.array([[1, 0]], dtype=bool)), np.array([3.0, 7.0]), budget=1)
    found = bootstrap(problem, arrests=50, rng=rng(), resamples=2000, chosen=(0,))
    assert found.share is not None
    assert found.share.mean() == pytest.approx(0.3, abs=0.01)
    assert found.share.std() == pytest.approx(np.sqrt(0.3 * 0.7 / 50), rel=0.06)


def test_the_same_seed_gives_the_same_and_another_does_not() -> None:
    problem = places(60, rng(5).integers(1, 9, 60).astype(float))
    first, again, other = (bootstrap(problem, arrests=30, rng=rng(seed), resamples=20) for seed in (1, 1, 2))
    assert np.array_equal(first.promised, again.promised)
    assert np.array_equal(first.chosen, again.chosen)
    assert not np.array_equal(first.promised, other.promised)


def test_what_makes_no_sense_is_refused() -> None:
    problem = places(20)
    with pytest.raises(InputError, match="21 parts of 20 arrests"):
        holdout(problem, rng=rng(), parts=21)
    with pytest.raises(InputError, match=r"points of cells: shape \(3,\); expected \(20,\)"):
        holdout(problem, rng=rng(), point=np.arange(3))
    with pytest.raises(InputError, match="0 arrests to draw"):
        bootstrap(problem, arrests=0, rng=rng())
    with pytest.raises(InputError, match="0 resamples"):
        bootstrap(problem, arrests=5, rng=rng(), resamples=0)
    with pytest.raises(InputError, match="from a demand of 0"):
        bootstrap(places(20, np.zeros(20)), arrests=5, rng=rng())
