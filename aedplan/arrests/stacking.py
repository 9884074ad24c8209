"""How likely each arrest was, given all others: densities left out one by one, and the mixture of them that does best.

Kernels of many widths are not chosen from but mixed: the shares are those under which the arrests, each left out in turn,
are most likely (stacked density estimation: Smyth and Wolpert 1999, Machine Learning 36:59). The problem is convex, so
there is one answer and nothing to tune. A kernel's share may differ between crowded and lonely arrests: where several
happened at one address the next will too, while a lonely one only says that people live around there.
"""

import numpy as np

SCALES_M = (10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0)
"""Standard deviations of the kernels; the smallest stands for the same building, as exact as addresses are."""

CROWDS_M = (15.0, 30.0, 60.0, 120.0, 240.0)
"""Distances to the nearest other arrest that part crowded from lonely arrests."""

MOST_JUDGED = 3_000
"""Of more arrests so many, evenly picked, are left out one by one; shares need no more."""

_PAIRS = 2_000_000
_ROUNDS = 200  # later ones hardly raise the likelihood; few arrests are better served by stopping here


def crowds(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How crowded each arrest lies.

    xy  (N, 2) metres, N >= 3

    Returns (N,) index into the crowds, 0 the densest; the same as it would be without the nearest other arrest; and the
    number of that arrest.
    """
    from scipy.spatial import cKDTree

    away, number = (np.asarray(found) for found in cKDTree(xy).query(xy, 3))
    own = number == np.arange(len(xy))[:, None]
    own[~own.any(axis=1), 0] = True  # of several at one place the tree may name others first
    away, number = away[~own].reshape(-1, 2), number[~own].reshape(-1, 2)
    return np.searchsorted(CROWDS_M, away[:, 0]), np.searchsorted(CROWDS_M, away[:, 1]), number[:, 0]


def judged(count: int) -> np.ndarray:
    """The numbers of the arrests that are left out one by one."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_JUDGED)).round().astype(np.int64))


def gaussian(away_2: np.ndarray, scale_m: float) -> np.ndarray:
    """Density per square metre at squared distances, of a kernel in the plane.

    >>> float(gaussian(np.array([0.0]), 10.0).round(6)[0])
    0.001592
    """
    density: np.ndarray = np.exp(away_2 * (-0.5 / scale_m**2)) / (2 * np.pi * scale_m**2)
    return density


def open_ground(xy: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(R, C, H) density at the arrests `rows` under the others, by crowd of those and scale; each integrates to one.

    xy  (N, 2) metres
    """
    crowd, without, nearest = crowds(xy)
    size = np.bincount(crowd, minlength=len(CROWDS_M) + 1)
    member = np.zeros((len(xy), len(size)), dtype=np.float32)
    member[np.arange(len(xy)), crowd] = 1
    density = np.zeros((len(rows), len(size), len(SCALES_M)))
    step = max(1, _PAIRS // len(xy))
    for at in range(0, len(rows), step):
        here = rows[at : at + step]
        away_2 = _away_2(xy, here)
        for number, scale in enumerate(SCALES_M):
            density[at : at + step, :, number] = gaussian(away_2, scale) @ member
    _regroup(density, xy, rows, (crowd, without, nearest))
    return np.asarray(np.maximum(density, 0.0) / np.maximum(size, 1)[None, :, None])


def _away_2(xy: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(R, N) float32 squared metres, infinite from each to itself."""
    away_2 = ((xy[rows][:, None] - xy[None]) ** 2).sum(axis=2).astype(np.float32)
    away_2[np.arange(len(rows)), rows] = np.inf
    return np.asarray(away_2)


def _regroup(density: np.ndarray, xy: np.ndarray, rows: np.ndarray, of: tuple[np.ndarray, ...]) -> None:
    """Count each arrest, where its nearest is the one left out, in the crowd it is in without that one."""
    crowd, without, nearest = of
    place = np.full(len(xy), -1)
    place[rows] = np.arange(len(rows))
    moved = np.flatnonzero((crowd != without) & (place[nearest] >= 0))
    away_2 = ((xy[moved] - xy[nearest[moved]]) ** 2).sum(axis=1)
    for number, scale in enumerate(SCALES_M):
        share = gaussian(away_2, scale)
        np.add.at(density[:, :, number], (place[nearest[moved]], crowd[moved]), -share)
        np.add.at(density[:, :, number], (place[nearest[moved]], without[moved]), share)


def best_shares(density: np.ndarray) -> np.ndarray:
    """(J,) the shares, adding up to one, under which the rows are most likely: expectation and maximisation in turn.

    density  (R, J) of each row under each part of the mixture; some part must be above 0 in every row

    >>> best_shares(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])).round(3)
    array([0.667, 0.333])
    """
    scaled = density / density.max(axis=1, keepdims=True)
    shares = np.full(density.shape[1], 1 / density.shape[1])
    for _ in range(_ROUNDS):
        shares = shares * (scaled / (scaled @ shares)[:, None]).mean(axis=0)
    return np.asarray(shares / shares.sum())


def score(density: np.ndarray, shares: np.ndarray) -> float:
    """Mean natural logarithm of the density at the arrests left out, per square metre: higher is better."""
    return float(np.log(np.maximum(density @ shares, np.finfo(float).tiny)).mean())
