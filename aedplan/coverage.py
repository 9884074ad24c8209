"""Coverage: who is reached in time by which site.

A cell is a demand point in a period of the week; a site covers a cell when its circle reaches the point and the site is
open then. Without opening hours there is one period, the whole week, and every site counts as open: the figure is then
coverage on paper, and outputs say so.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .anchors import Anchors
from .checks import read_only
from .circles import RescueCircle
from .demand import Demand
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
    """

    covers: Any
    weight: np.ndarray
    point: np.ndarray
    period: np.ndarray
    circle: RescueCircle


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


def coverage_of(reached: Reach, demand: Demand, circle: RescueCircle) -> Coverage:
    """Coverage from known walks: every site open in every period."""
    from scipy.sparse import hstack

    points, periods = demand.weight.shape
    covers = hstack([reached.to_csr()] * periods, format="csr")
    return Coverage(
        covers=covers,
        weight=read_only(demand.weight.T.ravel()),
        point=read_only(np.tile(np.arange(points), periods)),
        period=read_only(np.repeat(np.arange(periods), points)),
        circle=circle,
    )


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
