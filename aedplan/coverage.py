"""Coverage: who is reached in time by which site.

A cell is a demand point in a period of the week, and in a band of distance where nearer help counts for more; a site
covers a cell when its circle reaches the point. That is coverage on paper: every site open, every device ready.
`narrow` leaves what is true at 3 a.m.: it cuts each cell where a site near it opens or closes, with the hours a year as
weight, so that a plan's value is the share of time kept to the minute and a solver needs no idea of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from .anchors import Anchors
from .checks import length_faults, read_only
from .circles import RescueCircle
from .demand import Demand
from .errors import raise_faults
from .hours.hours import OpenTimes
from .network import StreetNetwork
from .problem import PlacementProblem, Quota
from .reach import Progress, Reach, Work, reach
from .sites import Sites


@dataclass(frozen=True)
class Coverage:
    """S sites, K cells.

    covers  (S, K) scipy CSR of bool
    weight  (K,) expected arrests per year
    point   (K,) demand point of each cell
    period  (K,) period of the week of each cell
    band    (K,) band of distance of each cell, 0 the nearest
    """

    covers: Any
    weight: np.ndarray
    point: np.ndarray
    period: np.ndarray
    circle: RescueCircle
    band: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.band is None:
            object.__setattr__(self, "band", read_only(np.zeros(len(self.weight), dtype=np.int8)))


def cover(
    streets: StreetNetwork,
    sites: Sites,
    demand: Demand,
    *,
    circle: RescueCircle,
    anchors: tuple[Anchors, Anchors] | None = None,
    progress: Progress | None = None,
) -> Coverage:
    """Who is covered by which site under a circle.

    anchors  of the sites and of the demand, when they are known already
    """
    both: tuple[Any, Any] = sites.lonlat, demand.lonlat
    if circle.measure == "street" and anchors:
        both = anchors
    reached = reach(streets, *both, limit_m=circle.limit_m, measure=circle.measure, work=Work(progress=progress))
    return coverage_of(reached, demand, circle)


def coverage_of(
    reached: Reach, demand: Demand, circle: RescueCircle, *, bands: Sequence[tuple[float, float]] = ()
) -> Coverage:
    """Coverage on paper from known walks: every site open in every period.

    bands  (metres, worth) from near to far, such as ((100, 1.0), (300, 0.6)): what help from so far counts, the nearest 1

    Raises InputError for bands that do not go further and count less, or go further than the walks.
    """
    raise_faults(_band_faults(bands, reached.limit_m))
    from scipy.sparse import hstack

    points, periods = demand.weight.shape
    near = [(limit_m, worth) for limit_m, worth in bands] or [(reached.limit_m, 1.0)]
    less = [*(worth for _, worth in near[1:]), 0.0]
    covers = hstack([_within(reached, limit_m) for limit_m, _ in near for _ in range(periods)], format="csr")
    weight = [demand.weight.T.ravel() * (worth - further) for (_, worth), further in zip(near, less, strict=True)]
    return Coverage(
        covers=covers,
        weight=read_only(np.concatenate(weight)),
        point=read_only(np.tile(np.arange(points), periods * len(near))),
        period=read_only(np.tile(np.repeat(np.arange(periods), points), len(near))),
        circle=circle,
        band=read_only(np.repeat(np.arange(len(near), dtype=np.int8), points * periods)),
    )


def _band_faults(bands: Sequence[tuple[float, float]], limit_m: float) -> list[str]:
    faults = []
    if bands and bands[0][1] != 1:
        faults.append(f"bands: the nearest counts {bands[0][1]:g}; expected 1")
    for (near_m, worth), (far_m, less) in pairwise(bands):
        if not (near_m < far_m and worth > less > 0):
            faults.append(
                f"bands: {far_m:g} m counts {less:g} after {near_m:g} m {worth:g}; expected further, less, above 0"
            )
    faults += [
        f"bands: {far_m:g} m; expected at most the circle's {limit_m:g} m" for far_m, _ in bands if far_m > limit_m
    ]
    return faults


def _within(reached: Reach, limit_m: float) -> Any:
    """(S, D) scipy CSR of bool: true where reached within so many metres."""
    covers = reached.to_csr()
    if limit_m < reached.limit_m:
        covers = covers.copy()  # its arrays are those of the walks
        covers.data = reached.mm <= round(limit_m * 1000)
        covers.eliminate_zeros()
    return covers


def narrow(coverage: Coverage, *, times: OpenTimes | None = None, ready: np.ndarray | None = None) -> Coverage:
    """What is left of coverage on paper when hours and readiness count: the honest figure.

    times  when the sites are open; its periods are the coverage's
    ready  (S,) bool: the device would work; True for sites that are only planned

    Weights together stay what they were: time in which nobody near is open is a cell that nobody covers.
    Raises InputError when there are not as many sites, or other periods.
    """
    sites = coverage.covers.shape[0]
    if ready is not None:
        raise_faults(length_faults("ready", sites, sites=ready))
        coverage = replace(coverage, covers=_rows_kept(coverage.covers, np.asarray(ready, dtype=bool)))
    if times is None:
        return coverage
    faults = length_faults("opening hours", sites, sites=times.text)
    if coverage.period.max(initial=0) >= len(times.periods):
        faults.append(
            f"coverage has {coverage.period.max() + 1} periods; expected the {len(times.periods)} of the hours"
        )
    raise_faults(faults)
    return _cut_by_hours(coverage, times)


def _rows_kept(covers: Any, keep: np.ndarray) -> Any:
    """The same with the rows of some sites emptied."""
    kept = covers.tocsr(copy=True)
    kept.data = np.repeat(keep, np.diff(kept.indptr))
    kept.eliminate_zeros()
    return kept


def _cut_by_hours(coverage: Coverage, times: OpenTimes) -> Coverage:
    """Each cell cut into the times of its period that differ by who is open among the sites that cover it."""
    from scipy.sparse import csr_array

    entries = coverage.covers.tocoo()
    group, patterns = _patterns(coverage, times, entries)
    size = np.array([len(minutes) for _, minutes in patterns])
    opened = np.concatenate([texts for texts, _ in patterns])
    minutes = np.concatenate([minutes for _, minutes in patterns])
    parts = size[group]
    begin, cell = np.cumsum(parts) - parts, np.repeat(np.arange(len(group)), parts)
    pattern = np.repeat((np.cumsum(size) - size)[group], parts) + _count_up(parts)
    pair = np.repeat(np.arange(entries.nnz), parts[entries.col])
    part = begin[entries.col[pair]] + _count_up(parts[entries.col])
    is_open = opened[pattern[part], times.text[entries.row[pair]]]
    site, part = entries.row[pair[is_open]], part[is_open]
    covers = csr_array((np.ones(len(part), dtype=bool), (site, part)), shape=(coverage.covers.shape[0], len(cell)))
    period = coverage.period[cell]
    return replace(
        coverage,
        covers=covers,
        weight=read_only(coverage.weight[cell] * minutes[pattern] / times.periods.minutes[period]),
        point=read_only(coverage.point[cell]),
        period=read_only(period),
        band=read_only(coverage.band[cell]),
    )


def _patterns(
    coverage: Coverage, times: OpenTimes, entries: Any
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """The group of each cell (K,), and of each group who is open (P, U) for how many minutes (P,) of its period.

    Cells of a group lie in the same period and are covered by sites of the same texts; there are few groups.
    """
    cells, texts = coverage.covers.shape[1], len(times.open)
    near = np.zeros((cells, texts // 64 + 2), dtype=np.uint64)
    text = times.text[entries.row].astype(np.uint64)
    np.bitwise_or.at(
        near, (entries.col, (text // np.uint64(64)).astype(np.int64)), np.uint64(1) << text % np.uint64(64)
    )
    near[:, -1] = coverage.period
    keys, group = np.unique(near, axis=0, return_inverse=True)
    bits = np.unpackbits(keys[:, :-1].astype("<u8").view(np.uint8), axis=1, bitorder="little", count=texts)
    stretches = [np.flatnonzero(times.period == period) for period in range(len(times.periods))]
    found = [
        _differing(times, np.flatnonzero(members), stretches[int(key[-1])])
        for members, key in zip(bits, keys, strict=True)
    ]
    return group.ravel(), found


def _differing(times: OpenTimes, texts: np.ndarray, stretches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Who of some texts is open (P, U), for how many minutes (P,) of some stretches; each pattern once."""
    opened = np.zeros((1, len(times.open)), dtype=bool)
    if not len(texts):
        return opened, times.minutes[stretches].sum(keepdims=True)
    found, which = np.unique(times.open[np.ix_(texts, stretches)], axis=1, return_inverse=True)
    opened = np.repeat(opened, found.shape[1], axis=0)
    opened[:, texts] = found.T
    return opened, np.bincount(which.ravel(), weights=times.minutes[stretches])


def _count_up(sizes: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... anew for each size.

    >>> _count_up(np.array([2, 0, 3]))
    array([0, 1, 0, 1, 2])
    """
    return np.asarray(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes))


def as_problem(
    coverage: Coverage, sites: Sites, *, budget: float, by_cost: bool = False, quotas: tuple[Quota, ...] = ()
) -> PlacementProblem:
    """The placement problem of a coverage: standing sites fixed.

    budget   number of new devices, or money when `by_cost`
    by_cost  True: each site costs its cost; False: each device counts one
    """
    cost = sites.cost if by_cost else np.ones(len(sites))
    return PlacementProblem(
        covers=coverage.covers, weight=coverage.weight, cost=cost, budget=budget, fixed=sites.standing, quotas=quotas
    )


def kind_quotas(sites: Sites, limits: dict[str, tuple[int, int | None]]) -> tuple[Quota, ...]:
    """Quotas by kind of venue: {kind: (minimum, maximum)} over the candidates of that kind."""
    return tuple(
        Quota(kind, tuple(i for i, k in enumerate(sites.kind) if k == kind and not sites.standing[i]), *limit)
        for kind, limit in limits.items()
    )
