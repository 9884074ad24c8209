"""What a plan keeps of what it promises: judged on arrests that it was not made from.

A plan is made from some arrests and judged on others, either the last ones (`hold_out_later`) or every fifth in turn
(`hold_out`). What is kept, not what is promised, is the figure to plan with. Beside it stands the plan from the raw points,
judged the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..checks import read_only
from ..circles import RescueCircle
from ..coordinates import local_crs, project
from ..demand import Demand
from ..errors import InputError
from ..network import StreetNetwork
from ..problem import PlacementProblem
from ..reach import Reach, reach
from ..sites import Sites
from ..solve import solve
from ..straight import line_reach
from .arrests import Arrests, split_in_folds, split_in_time
from .smoothing import raw_demand, smooth

FOLDS = 5

DETAIL_M = 25.0
"""Cells of open ground, finer where a circle is small: of 75 m, plans within 300 m kept no more than raw points do."""

CERTAIN = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True)
class HeldOut:
    """What plans keep on arrests they were not made from, for B numbers of new devices; standing ones count too.

    devices       (B,) numbers of new devices
    promised      (B,) share of its own demand that the smoothed plan covers
    kept          (B,) share of the arrests held out that it covers
    raw_promised  (B,) the same for plans made from the raw points
    raw_kept      (B,)
    judged        how many arrests were held out, all folds together
    how           "folds": every arrest was held out once; "later": the last arrests were
    """

    devices: np.ndarray
    promised: np.ndarray
    kept: np.ndarray
    raw_promised: np.ndarray
    raw_kept: np.ndarray
    judged: int
    how: str

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """(B,) lowest and (B,) highest share that would be kept of many more arrests, with 95 % certainty."""
        return wilson(self.kept, self.judged)

    @property
    def ratio(self) -> np.ndarray:
        """(B,) how many times as much the smoothed plan keeps as the raw one; NaN where that keeps nothing."""
        kept_nothing = np.full(len(self.kept), np.nan)
        return np.asarray(np.divide(self.kept, self.raw_kept, out=kept_nothing, where=self.raw_kept > 0))

    @property
    def words_zh(self) -> str:
        """The largest plan in one Chinese sentence."""
        low, high = (side[-1] for side in self.interval)
        return (
            f"新增 {self.devices[-1]:,} 台：按原始点位规划承诺覆盖 {self.raw_promised[-1]:.1%}，对未参与规划的骤停只兑现"
            f" {self.raw_kept[-1]:.1%}；平滑后承诺 {self.promised[-1]:.1%}，兑现 {self.kept[-1]:.1%}"
            f"（95% 区间 {low:.1%} 至 {high:.1%}，{self.judged:,} 起）。"
        )

    @property
    def words_en(self) -> str:
        """The largest plan in one English sentence."""
        low, high = (side[-1] for side in self.interval)
        return (
            f"{self.devices[-1]:,} new devices: planned from the raw points they promise {self.raw_promised[-1]:.1%} and"
            f" keep {self.raw_kept[-1]:.1%} of arrests held out; smoothed they promise {self.promised[-1]:.1%} and keep"
            f" {self.kept[-1]:.1%} (95 % interval {low:.1%} to {high:.1%}, {self.judged:,} arrests)."
        )


@dataclass(frozen=True)
class Terrain:
    """Where plans are made and judged.

    sites    standing ones among them count in every plan
    streets  None: only circles in a straight line
    people   people or buildings that smoothing may use
    make     how the demand to plan from is made of arrests; None: smoothed, all alike
    """

    sites: Sites
    circle: RescueCircle
    streets: StreetNetwork | None = None
    people: Demand | None = None
    make: Callable[[Arrests], Demand] | None = None

    def reach(self, points: np.ndarray) -> Reach:
        """Whom the sites reach of some points (n, 2) in WGS-84 degrees."""
        limit_m, measure = self.circle.limit_m, self.circle.measure
        if self.streets is not None:
            return reach(self.streets, self.sites.lonlat, points, limit_m=limit_m, measure=measure)
        if measure != "line":
            raise InputError(
                f"circle {self.circle.name} is walked along streets; expected streets, or a straight circle"
            )
        crs = local_crs(points)
        return line_reach(project(self.sites.lonlat, crs), project(points, crs), limit_m=limit_m)

    def smoothed(self, arrests: Arrests) -> Demand:
        """The demand to plan from, as fine as the circle needs it."""
        if self.make is not None:
            return self.make(arrests)
        return smooth(arrests, streets=self.streets, people=self.people, detail_m=detail_of(self.circle))


def detail_of(circle: RescueCircle) -> float:
    """The side, in metres, of the cells of open ground that a circle needs.

    >>> from aedplan.circles import circle
    >>> detail_of(circle("walk-4")), detail_of(circle("lit-100-street"))
    (25.0, 25.0)
    """
    return min(DETAIL_M, circle.limit_m / 4)


def hold_out(arrests: Arrests, terrain: Terrain, *, devices: Sequence[int], folds: int = FOLDS) -> HeldOut:
    """What plans keep, every arrest being held out once; planned with as many fewer arrests, so rather too little.

    devices  numbers of new devices

    Arrests that follow one another in time, or in the table where times are missing, go to different folds.
    Raises InputError for fewer than two folds or too few arrests, and for numbers of devices that cannot be placed.
    """
    fold = split_in_folds(arrests, folds)
    parts = [_judge(arrests[fold != number], arrests[fold == number], terrain, devices) for number in range(folds)]
    weight = np.array([(fold == number).mean() for number in range(folds)])
    promised, kept, raw_promised, raw_kept = np.tensordot(weight, np.array(parts), axes=1)
    return _held(devices, (promised, kept, raw_promised, raw_kept), len(arrests), "folds")


def hold_out_later(arrests: Arrests, terrain: Terrain, *, devices: Sequence[int], share: float = 0.2) -> HeldOut:
    """What plans made from the earlier arrests keep of the last `share` of them.

    Raises InputError as `hold_out`, and where arrests have no time.
    """
    before, after = split_in_time(arrests, share=share)
    return _held(devices, tuple(_judge(before, after, terrain, devices)), len(after), "later")


def plan_sites(demand: Demand, terrain: Terrain, devices: int) -> tuple[int, ...]:
    """The numbers of new sites for a demand, the one that adds most first.

    Raises InputError when there are fewer candidates than devices.
    """
    standing = terrain.sites.standing
    if not 0 < devices <= (~standing).sum():
        raise InputError(f"devices is {devices}; expected 1 to the {(~standing).sum():,} candidates there are")
    covers = terrain.reach(demand.lonlat).to_csr()
    problem = PlacementProblem(covers, demand.weight.sum(axis=1), budget=float(devices), fixed=standing)
    return solve(problem, method="greedy").chosen


def shares_covered(demand: Demand, terrain: Terrain, chosen: Sequence[int], devices: Sequence[int]) -> np.ndarray:
    """(B,) the share of a demand that the standing sites and the first so many chosen ones cover."""
    reached, weight = terrain.reach(demand.lonlat), demand.weight.sum(axis=1)
    first = np.full(len(demand), np.inf)  # how many new devices it takes until a point is covered
    standing = np.flatnonzero(terrain.sites.standing).tolist()
    for number, site in [*enumerate(chosen, start=1), *((0, site) for site in standing)]:
        here = reached.point[reached.start[site] : reached.start[site + 1]]
        first[here] = np.minimum(first[here], number)
    return np.asarray([weight[first <= count].sum() / weight.sum() for count in devices])


def wilson(share: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest of a 95 % interval for shares seen in so many arrests (Wilson 1927).

    >>> [side.round(3) for side in wilson(np.array([0.0, 0.5]), 100)]
    [array([0.   , 0.404]), array([0.037, 0.596])]
    """
    middle = (share + CERTAIN**2 / (2 * count)) / (1 + CERTAIN**2 / count)
    half = CERTAIN / (1 + CERTAIN**2 / count) * np.sqrt(share * (1 - share) / count + CERTAIN**2 / (4 * count**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _held(devices: Sequence[int], columns: tuple[np.ndarray, ...], judged: int, how: str) -> HeldOut:
    promised, kept, raw_promised, raw_kept = (read_only(column) for column in columns)
    return HeldOut(read_only(np.array(devices)), promised, kept, raw_promised, raw_kept, judged, how)


def _judge(before: Arrests, after: Arrests, terrain: Terrain, devices: Sequence[int]) -> np.ndarray:
    """(4, B) promised and kept by the smoothed plan, promised and kept by the raw one."""
    rows = []
    for make in (terrain.smoothed, raw_demand):
        demand = make(before)
        chosen = plan_sites(demand, terrain, max(devices))
        rows += [shares_covered(demand, terrain, chosen, devices)]
        rows += [shares_covered(raw_demand(after), terrain, chosen, devices)]
    return np.array(rows)
