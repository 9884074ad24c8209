"""What plans keep: judged on arrests they were not made from, against counting by hand and against a known density."""

from pathlib import Path

import numpy as np
import pytest
from bench import heldout_rows
from hypothesis import given
from hypothesis import strategies as st
from worlds import draw, lonlat

from aedplan.arrests.arrests import Arrests
from aedplan.arrests.heldout import Terrain, hold_out, hold_out_later, plan_sites, shares_covered, wilson
from aedplan.arrests.smoothing import raw_demand
from aedplan.circles import circle
from aedplan.errors import InputError
from aedplan.sites import Sites
from aedplan.source import Source

YORK = Path(__file__).parents[2] / "shared" / "data" / "placement" / "york"
real = pytest.mark.skipif(not YORK.is_dir(), reason="the shared real data are not here")

HERE = Source("drawn by hand")


def sites(xy: object, standing: object = None) -> Sites:
    places = lonlat(xy)
    return Sites(places, tuple(f"s{n}" for n in range(len(places))), (HERE,), standing=standing)


def town(seed: int, count: int = 300) -> Arrests:
    """Arrests around 25 corners of a town, more around some than around others, with a time each."""
    rng = np.random.default_rng(seed)
    corners = np.random.default_rng(5).uniform(0, 6000, (25, 2))
    of = rng.choice(25, count, p=np.arange(1, 26) / np.arange(1, 26).sum())
    time = np.datetime64("2023-01-01T00:00:00") + rng.permutation(count) * np.timedelta64(1, "D")
    return Arrests(lonlat(corners[of] + rng.normal(0, 120, (count, 2))), time=time)


def straight(seed: int = 0, count: int = 120) -> Terrain:
    return Terrain(sites(np.random.default_rng(seed).uniform(-200, 6200, (count, 2))), circle("lit-100"))


def test_shares_are_counted_as_by_hand():
    terrain = Terrain(sites([[0, 0], [500, 0], [1000, 0]], standing=[False, True, False]), circle("lit-100"))
    arrests = Arrests(lonlat([[0, 10], [30, 0], [520, 0], [1000, 99], [1000, 101], [1000, 90]]))
    shares = shares_covered(raw_demand(arrests), terrain, (0, 2), (0, 1, 2))
    np.testing.assert_allclose(shares, [1 / 6, 3 / 6, 5 / 6])


def test_circles_are_walked_along_streets_where_there_are_any():
    streets = draw([(0, 0), (0, 200), (90, 200), (90, 0)], [[0, 1, 2, 3]]).streets
    arrests = raw_demand(Arrests(lonlat([[90, 0]])))
    walked = Terrain(sites([[0, 0]]), circle("walk-4"), streets)
    assert shares_covered(arrests, walked, (0,), (1,)) == 0
    assert shares_covered(arrests, Terrain(sites([[0, 0]]), circle("sz-i-300"), streets), (0,), (1,)) == 1


def test_a_circle_along_streets_needs_streets():
    with pytest.raises(InputError, match="streets"):
        Terrain(sites([[0, 0]]), circle("walk-4")).reach(lonlat([[0, 0]]))


def test_a_plan_keeps_on_its_own_arrests_what_it_promises():
    arrests, terrain = town(1), straight()
    demand = raw_demand(arrests)
    chosen = plan_sites(demand, terrain, 10)
    reached = terrain.reach(demand.lonlat).to_csr()
    covered = np.asarray(reached[list(chosen)].sum(axis=0)).ravel() > 0
    assert shares_covered(demand, terrain, chosen, (10,))[0] == pytest.approx(covered.mean())
    shares = shares_covered(demand, terrain, chosen, tuple(range(1, 11)))
    assert (np.diff(shares) >= 0).all()


def test_raw_plans_promise_more_than_they_keep_and_smoothed_ones_are_nearer_to_the_truth():
    held = hold_out(town(2), straight(count=250), devices=(10, 40))
    assert (held.raw_promised > held.raw_kept + 0.03).all()
    assert (held.raw_promised - held.raw_kept > held.promised - held.kept).all()
    assert held.judged == 300
    assert held.ratio == pytest.approx(held.kept / held.raw_kept)
    low, high = held.interval
    assert ((low < held.kept) & (held.kept < high)).all()
    assert f"{held.kept[-1]:.1%}" in held.words_zh
    assert f"{held.raw_promised[-1]:.1%}" in held.words_en


def test_every_arrest_is_held_out_once():
    standing = np.ones(121, dtype=bool)
    standing[0] = False
    grid = np.stack(np.meshgrid(np.arange(11), np.arange(11)), axis=-1).reshape(-1, 2) * 700.0 - 500
    everywhere = Terrain(sites(grid, standing=standing), circle("sz-ii-600"))
    held = hold_out(town(3, count=60), everywhere, devices=(1,), folds=7)
    assert held.kept == pytest.approx([1.0])
    assert held.judged == 60


def test_the_last_arrests_judge_plans_made_from_the_earlier_ones():
    arrests = town(4)
    held = hold_out_later(arrests, straight(), devices=(20,), share=0.25)
    assert (held.judged, held.how) == (75, "later")
    moved = np.array(arrests.lonlat)
    moved[np.argsort(arrests.time)[225:]] += 1.0
    gone = hold_out_later(Arrests(moved, time=arrests.time), straight(), devices=(20,), share=0.25)
    assert gone.kept == pytest.approx([0.0])
    assert np.isnan(gone.ratio).all()


@given(share=st.floats(0, 1), count=st.integers(1, 5000))
def test_an_interval_holds_its_share_and_narrows_with_more_arrests(share, count):
    low, high = (float(side[0]) for side in wilson(np.array([share]), count))
    assert -1e-12 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    closer = wilson(np.array([share]), count * 4)
    assert closer[1][0] - closer[0][0] < high - low


def test_numbers_of_devices_that_cannot_be_placed_are_refused():
    for devices in (0, 121):
        with pytest.raises(InputError, match="120 candidates"):
            plan_sites(raw_demand(town(1)), straight(), devices)


@pytest.mark.slow
@pytest.mark.parametrize("people", [True, False])
def test_smoothed_plans_keep_more_on_the_demo_countys_known_density(people):
    """One seed of the benchmark, where 20 are judged."""
    trial = heldout_rows.demo_trials(1, people=people, folds=2)[0]
    assert trial.true.mean() > trial.raw_true.mean() * (1.02 if people else 1.0)
    assert (trial.raw_promised > trial.raw_true + 0.02).all()
    assert abs(trial.predicted - trial.true).mean() < 0.03


@real
def test_yorks_grade_i_buildings_cover_339_of_1814_crimes():
    assert heldout_rows.york_covered() == (339, 1814)


@real
@pytest.mark.slow
def test_smoothed_plans_keep_more_on_york():
    trial = heldout_rows.york_trials(1)[0]
    assert trial.kept.mean() > trial.raw_kept.mean()
    assert abs(trial.predicted - trial.kept).mean() < 0.05
