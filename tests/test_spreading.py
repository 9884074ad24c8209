"""Kernels on a grid against summing them; thinned points keep what they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.arrests.spreading import MOST_CELLS, make_grid, thin
from aedplan.arrests.stacking import gaussian
from aedplan.errors import InputError


def test_a_blur_is_the_sum_of_its_kernels():
    xy = np.array([[0.0, 0.0], [310.0, 120.0], [300.0, 110.0]])
    grid = make_grid(xy, step_m=10, margin_m=1000)
    mass = grid.count(xy, np.array([1.0, 2.0, 0.5]))
    spread = grid.blur((mass, {60.0: 0.7, 150.0: 0.3}))
    cells = np.arange(mass.size)
    middle = grid.middle(cells)
    sources = middle[np.flatnonzero(mass.ravel())]
    away_2 = ((middle[:, None] - sources[None]) ** 2).sum(axis=2)
    kernel = 0.7 * gaussian(away_2, 60.0) + 0.3 * gaussian(away_2, 150.0)
    wanted = kernel @ mass.ravel()[mass.ravel() > 0] * 100
    np.testing.assert_allclose(spread.ravel(), wanted, atol=2e-7)
    assert spread.sum() == pytest.approx(3.5)


def test_several_masses_are_blurred_as_if_one_by_one():
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 500, (20, 2))
    grid = make_grid(xy, step_m=25, margin_m=600)
    one, other = grid.count(xy[:5], np.ones(5)), grid.count(xy[5:], np.ones(15))
    both = grid.blur((one, {50.0: 1.0}), (other, {200.0: 1.0}))
    np.testing.assert_allclose(both, grid.blur((one, {50.0: 1.0})) + grid.blur((other, {200.0: 1.0})), atol=1e-10)


def test_every_point_lies_in_its_cell():
    xy = np.random.default_rng(2).uniform(-5000, 5000, (200, 2))
    grid = make_grid(xy, step_m=40, margin_m=0)
    assert (np.abs(grid.middle(grid.cell(xy)) - xy) <= grid.step_m / 2 + 1e-9).all()


def test_a_wide_county_gets_larger_cells_and_the_world_is_refused():
    grid = make_grid(np.array([[0.0, 0.0], [200_000.0, 150_000.0]]), step_m=10, margin_m=0)
    assert grid.shape[0] * grid.shape[1] < 1.1 * MOST_CELLS
    with pytest.raises(InputError, match="600 km apart"):
        make_grid(np.array([[0.0, 0.0], [600_000.0, 0.0]]), step_m=10, margin_m=0)


@given(count=st.integers(1, 400), most=st.integers(5, 60), seed=st.integers(0, 1000))
def test_thinning_keeps_the_total_the_heavy_and_every_stretch(count, most, seed):
    rng = np.random.default_rng(seed)
    mass = rng.exponential(size=count) ** 3
    mass[rng.random(count) < 0.2] = 0.0
    near = np.arange(count)
    if not mass.any():
        return
    kept, weight = thin(mass, near, most=most)
    part = mass.sum() / most
    assert weight.sum() == pytest.approx(mass.sum())
    assert set(np.flatnonzero(mass >= part)) <= set(kept.tolist())
    assert len(kept) <= most + (mass >= part).sum() + 1
    before = np.cumsum(mass)
    after = np.cumsum(np.bincount(kept, weights=weight, minlength=count))
    assert np.abs(after - before).max() <= 1.5 * part + 1e-9


def test_blocks_are_alike_for_neighbours_only():
    grid = make_grid(np.array([[0.0, 0.0], [1000.0, 2000.0]]), step_m=20, margin_m=0)
    block = grid.blocks()
    cells = np.arange(len(block))
    for number in np.unique(block):
        inside = np.ptp(grid.middle(cells[block == number]), axis=0)
        assert (inside <= 15 * grid.step_m).all()
