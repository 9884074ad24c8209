"""Leaving out one by one, against doing just that; the mixture, against every other mixture."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan.arrests.stacking import CROWDS_M, SCALES_M, best_shares, crowds, gaussian, judged, open_ground, score


def scattered(count: int, seed: int) -> np.ndarray:
    """Random places, some of them twice or thrice."""
    rng = np.random.default_rng(seed)
    xy = rng.choice([20.0, 100.0, 1000.0], (count, 1)) * rng.normal(size=(count, 2))
    return xy[rng.integers(0, count, count)] if seed % 2 else xy


def plain_crowd(xy: np.ndarray, one: int) -> int:
    """The crowd of one arrest by looking at all others."""
    away = np.delete(np.hypot(*(xy - xy[one]).T), one)
    return int(np.searchsorted(CROWDS_M, away.min()))


@settings(max_examples=25, deadline=None)
@given(count=st.integers(4, 14), seed=st.integers(0, 10_000))
def test_densities_are_those_of_all_others_with_their_crowds_as_without_the_one_left_out(count, seed):
    xy = scattered(count, seed)
    size = np.bincount(crowds(xy)[0], minlength=len(CROWDS_M) + 1)
    density = open_ground(xy, np.arange(count)) * np.maximum(size, 1)[None, :, None]
    for left in range(count):
        others = np.delete(xy, left, axis=0)
        crowd = np.array([plain_crowd(others, one) for one in range(len(others))])
        away_2 = ((others - xy[left]) ** 2).sum(axis=1)
        for number, scale in enumerate(SCALES_M):
            wanted = np.bincount(crowd, weights=gaussian(away_2, scale), minlength=density.shape[1])
            np.testing.assert_allclose(density[left, :, number], wanted, rtol=1e-3, atol=1e-7 / scale)


def test_some_rows_get_what_they_get_among_all():
    xy = scattered(40, 2)
    rows = np.array([3, 17, 30])
    np.testing.assert_allclose(open_ground(xy, rows), open_ground(xy, np.arange(40))[rows], rtol=1e-6)


def test_of_many_arrests_an_even_part_is_judged():
    assert judged(5).tolist() == [0, 1, 2, 3, 4]
    assert len(judged(9_000)) == 3_000
    assert set(np.diff(judged(9_000)).tolist()) <= {2, 3, 4}


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(5, 40), parts=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_no_other_shares_make_the_arrests_likelier(rows, parts, seed):
    rng = np.random.default_rng(seed)
    density = rng.exponential(size=(rows, parts)) * 1e-8
    shares = best_shares(density)
    assert np.isclose(shares.sum(), 1)
    assert (shares >= 0).all()
    for other in rng.dirichlet(np.ones(parts), 50):
        assert score(density, other) <= score(density, shares) + 1e-3
