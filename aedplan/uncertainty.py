"""How far a plan can be trusted when demand is a sample: arrests of some years, or people who stand for arrests.

A plan fits the demand it was made from, so it covers less of the arrests to come than it promises. Hold-out (k-fold cross
validation, Stone 1974) plans on a part of the demand and counts what is covered of the rest. The bootstrap (Efron 1979)
draws as many arrests again from the same demand, plans anew, and counts how often each site is chosen: one that is chosen
nearly always is safe to agree on, one that is chosen now and then has neighbours that serve as well.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .checks import read_only
from .errors import InputError
from .problem import PlacementProblem, covered
from .solve import Limits, solve

QUICK = Limits(seconds=1.0)
"""For each of many plans."""


@dataclass(frozen=True)
class Holdout:
    """F parts of the arrests, each left out once.

    promised  (F,) share that the plan covers of the arrests it was made from
    kept      (F,) share that it covers of the part left out
    """

    promised: np.ndarray
    kept: np.ndarray

    @property
    def ratio(self) -> float:
        """How much of the promised coverage is kept, all parts together; 1 where nothing was promised."""
        return float(self.kept.sum() / self.promised.sum()) if self.promised.sum() > 0 else 1.0


@dataclass(frozen=True)
class Bootstrap:
    """R resamples, S sites.

    chosen    (S,) how often each site is in the plan of a resample, as a share; 0 for fixed sites
    promised  (R,) share that each of these plans covers of its own resample
    kept      (R,) share that each covers of the demand itself
    share     (R,) share of each resample that the plan in question covers; None where none was given
    """

    chosen: np.ndarray
    promised: np.ndarray
    kept: np.ndarray
    share: np.ndarray | None = None


def holdout(
    problem: PlacementProblem,
    *,
    rng: np.random.Generator,
    arrests: int | None = None,
    parts: int = 5,
    point: np.ndarray | None = None,
    method: Any = "greedy",
) -> Holdout:
    """What plans keep of their promise on arrests that they were not made from.

    arrests  None: the weights count arrests, which are dealt into parts at random; a number: so many are drawn from the
             demand first, as where it stands for arrests that nobody recorded
    parts    how many; each is left out once
    point    (K,) number of the demand point of each cell: an arrest happens at a point; None: each cell is one of its own
    method   as in `solve`; the exact one gets a second for each part

    Raises InputError for weights that do not count arrests where no number is given, and for fewer arrests than parts.
    """
    row = _rows(problem, point)
    demand = np.bincount(row, weights=problem.weight)
    dealt = _deal(_counted(demand) if arrests is None else _drawn(demand, arrests, rng), parts, rng)
    promised, kept = [], []
    for out in dealt:
        known, unseen = (_resampled(problem, row, demand, part) for part in (dealt.sum(axis=0) - out, out))
        plan = solve(known, method=method, limits=QUICK)
        mask = covered(problem, plan.chosen)
        promised.append(_share(known.weight, mask))
        kept.append(_share(unseen.weight, mask))
    return Holdout(read_only(np.array(promised)), read_only(np.array(kept)))


def bootstrap(
    problem: PlacementProblem,
    *,
    arrests: int,
    rng: np.random.Generator,
    resamples: int = 100,
    point: np.ndarray | None = None,
    chosen: tuple[int, ...] | None = None,
) -> Bootstrap:
    """Plans for demand drawn anew, by the greedy method.

    arrests    how many each resample draws: as many as the demand was made from, or as are expected in the years to come
    resamples  how many
    point      as in `holdout`
    chosen     a plan whose coverage of each resample is wanted

    Raises InputError for numbers below 1, or where there is no demand.
    """
    row = _rows(problem, point)
    demand = np.bincount(row, weights=problem.weight)
    if resamples < 1:
        raise InputError(f"bootstrap: {resamples} resamples; expected 1 or more")
    times = np.zeros(problem.covers.shape[0])
    ours = None if chosen is None else covered(problem, chosen)
    promised, kept, share = [], [], []
    for _ in range(resamples):
        sample = _resampled(problem, row, demand, _drawn(demand, arrests, rng))
        plan = solve(sample, method="greedy")
        times[list(plan.chosen)] += 1
        mask = covered(problem, plan.chosen)
        promised.append(_share(sample.weight, mask))
        kept.append(_share(problem.weight, mask))
        share += [] if ours is None else [_share(sample.weight, ours)]
    return Bootstrap(
        read_only(times / resamples),
        read_only(np.array(promised)),
        read_only(np.array(kept)),
        None if ours is None else read_only(np.array(share)),
    )


def _rows(problem: PlacementProblem, point: np.ndarray | None) -> np.ndarray:
    """(K,) the demand points of the cells, numbered from 0 without gaps."""
    cells = problem.covers.shape[1]
    if point is None:
        return np.arange(cells)
    if np.shape(point) != (cells,):
        raise InputError(f"points of cells: shape {np.shape(point)}; expected ({cells},)")
    return np.unique(point, return_inverse=True)[1]


def _counted(demand: np.ndarray) -> np.ndarray:
    """(D,) demand as the count of arrests that it is."""
    if not (demand == np.floor(demand)).all():
        raise InputError(
            "hold-out: weights are not whole numbers, so they do not count arrests; say how many arrests to draw"
        )
    return demand.astype(np.int64)


def _drawn(demand: np.ndarray, arrests: int, rng: np.random.Generator) -> np.ndarray:
    """(D,) how many of so many arrests happen at each point."""
    if arrests < 1 or not demand.sum() > 0:
        raise InputError(f"{arrests} arrests to draw from a demand of {demand.sum():g}; expected 1 or more of each")
    return rng.multinomial(arrests, demand / demand.sum())


def _deal(arrests: np.ndarray, parts: int, rng: np.random.Generator) -> np.ndarray:
    """(parts, D) arrests at points, dealt out one by one at random, so that parts differ by one arrest at most."""
    if not 2 <= parts <= arrests.sum():
        raise InputError(f"hold-out: {parts} parts of {arrests.sum()} arrests; expected 2 to as many as arrests")
    place = rng.permutation(np.repeat(np.arange(len(arrests)), arrests))
    return np.stack([np.bincount(place[part::parts], minlength=len(arrests)) for part in range(parts)])


def _resampled(problem: PlacementProblem, row: np.ndarray, demand: np.ndarray, arrests: np.ndarray) -> PlacementProblem:
    """The problem with its demand moved to where the arrests are; all of it together stays, so that a target stays fair.

    row      (K,) point of each cell
    demand   (D,) of each point
    arrests  (D,)
    """
    rate = np.divide(arrests, demand, out=np.zeros_like(demand), where=demand > 0) * (demand.sum() / arrests.sum())
    return replace(problem, weight=problem.weight * rate[row], second=problem.second * rate[row])


def _share(weight: np.ndarray, mask: np.ndarray) -> float:
    """Weight of the covered cells as a share of all."""
    return float(weight[mask].sum() / weight.sum())
