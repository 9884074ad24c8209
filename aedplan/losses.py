"""Losses by cause: of all demand, how much is covered on paper, and what becomes of it until help is really there.

Every piece of demand, a point in a part of the week, meets the causes in one fixed order, and is counted at the first that
takes it away. So a loss is what is lost at that step, after the steps before it:

    never      no device within the circle even on paper: a straight line, always open, always ready, on the ground floor
    street     the walk along streets is longer than the line
    floors     stairs and lifts use up the time left, by the circle's delay for floors
    closed     every device within reach is closed, or its hours are not known
    not_ready  one is open, but it would not work
    kept       what remains: coverage that holds

Another order would give other losses with the same sum; this one asks first what cannot be changed, then what an agreement
can, then what an inspection can. Amounts are whole numbers of a small unit, so that the causes add up to all demand
exactly, over periods, towns and devices alike. Each piece belongs to one device: what is kept to the nearest ready one,
what is not ready to the nearest open one, what is closed or lost to floors to the nearest on foot, what is lost to streets
to the nearest in a straight line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .anchors import Anchors
from .checks import length_faults, read_only
from .circles import RescueCircle
from .demand import Demand
from .errors import raise_faults
from .hours.hours import OpenTimes
from .network import StreetNetwork
from .reach import Reach, reach

CAUSES = ("kept", "not_ready", "closed", "floors", "street", "never")
KEPT, NOT_READY, CLOSED, FLOORS, STREET, NEVER = range(len(CAUSES))

CAUSES_ZH = {
    "kept": "真正覆盖",
    "not_ready": "设备不可用",
    "closed": "场所关门或开放时间不明",
    "floors": "上下楼费时",
    "street": "街道比直线远",
    "never": "纸面上也够不到",
}
CAUSES_EN = {
    "kept": "really covered",
    "not_ready": "the device is not ready",
    "closed": "the place is closed, or its hours are not known",
    "floors": "stairs and lifts take time",
    "street": "the street is longer than the line",
    "never": "out of reach even on paper",
}

_UNITS = 10**12
"""All demand is counted as about so many units: times the minutes of a year it stays below the largest int64."""

_AT_A_TIME = 1_000_000
"""Numbers for each of a few arrays worked on at once, 8 MB each."""


class Walks(NamedTuple):
    """Whom S devices reach by each measure, for one circle.

    lines     within the circle in a straight line, floors not counted
    streets   within it along streets, floors not counted
    limit_mm  millimetres along streets when the delay for floors is counted
    """

    lines: Reach
    streets: Reach
    limit_mm: int


@dataclass(frozen=True)
class Losses:
    """L pieces of demand, each with the one cause that took it, or kept.

    point   (L,) int64 demand point
    period  (L,) int64 period of the week
    site    (L,) int64 device it belongs to, -1 where none is within reach even on paper
    cause   (L,) int64 index into CAUSES
    units   (L,) int64 whole units, each above 0
    unit    demand that one unit stands for
    """

    point: np.ndarray
    period: np.ndarray
    site: np.ndarray
    cause: np.ndarray
    units: np.ndarray
    unit: float

    @property
    def total(self) -> int:
        """All demand, in units."""
        return int(self.units.sum())

    def causes(self) -> np.ndarray:
        """(C,) int64 units of each cause; together exactly the total."""
        return np.asarray(self.by(np.zeros(len(self.units), dtype=np.int64), 1)[0])

    def by(self, group: np.ndarray, groups: int) -> np.ndarray:
        """(G, C) int64 units of each group and cause; together exactly those of all pieces in a group.

        group  (L,) number of each piece's group, such as `losses.period`, `losses.site` or `town[losses.point]`; -1: none
        """
        table = np.zeros((groups, len(CAUSES)), dtype=np.int64)
        inside = group >= 0
        np.add.at(table, (group[inside], self.cause[inside]), self.units[inside])
        return table

    def amounts(self, units: np.ndarray) -> np.ndarray:
        """Units as demand, expected arrests per year."""
        return np.asarray(units * self.unit)

    def values(self, units: np.ndarray) -> dict[str, float]:
        """The units (C,) of one row as demand by cause."""
        return dict(zip(CAUSES, self.amounts(units).tolist(), strict=True))


def walk_each_way(
    streets: StreetNetwork,
    lonlat: np.ndarray,
    demand: Demand,
    *,
    circle: RescueCircle,
    anchors: tuple[Anchors, Anchors] | None = None,
) -> Walks:
    """Whom devices reach in a straight line and along streets.

    lonlat   (S, 2) WGS-84 degrees of the devices
    anchors  of the devices and of the demand, when they are known already
    """
    ground = replace(circle, vertical_delay_s=0.0)
    lines = reach(streets, lonlat, demand.lonlat, limit_m=ground.limit_m, measure="line")
    if circle.measure == "line":
        return Walks(lines, lines, round(circle.limit_m * 1000))
    origins, points = anchors or (lonlat, demand.lonlat)
    walked = reach(streets, origins, points, limit_m=ground.limit_m)
    return Walks(lines, walked, round(circle.limit_m * 1000))


def find_losses(
    walks: Walks, demand: Demand, times: OpenTimes, *, ready: np.ndarray | None = None, unit: float | None = None
) -> Losses:
    """What becomes of all demand with these devices.

    times  when the devices are open, over the periods of the demand
    ready  (S,) bool or share: how likely each device works, apart from the others; all do when not given
    unit   demand that one unit is to stand for, where this demand is a part of another; else a small part of all of it

    Raises InputError when devices, points or periods are not as many.
    """
    devices = len(walks.streets.start) - 1
    ready = np.ones(devices) if ready is None else np.asarray(ready, dtype=float)
    faults = length_faults("losses", devices, ready=ready, hours=times.text)
    faults += length_faults("losses: periods", len(times.periods), demand=demand.weight.T)
    if not ((ready >= 0) & (ready <= 1)).all():
        faults.append("losses: ready lies outside 0 to 1; expected a share or true and false")
    raise_faults(faults)
    unit = unit or demand.total / _UNITS
    units = np.rint(demand.weight / unit).astype(np.int64)
    nearest_line = _nearest(walks.lines)
    nearest_walk = _nearest(walks.streets)
    order = _in_order(walks.streets, walks.limit_mm)
    owner = np.where(nearest_walk >= 0, nearest_walk, nearest_line)
    cause = np.where(nearest_walk >= 0, FLOORS, np.where(nearest_line >= 0, STREET, NEVER))
    lost = np.setdiff1d(np.arange(len(demand)), order.point)
    pieces = [_whole(lost, owner[lost], cause[lost], units)]
    step = max(1, _AT_A_TIME // max(len(times.period), (2 * order.sites.shape[1] + 1) * len(times.periods)))
    for at in range(0, len(order.point), step):
        few = _Order(order.point[at : at + step], order.sites[at : at + step])
        pieces.append(_timed(few, units, times, ready))
    columns = [np.concatenate(column) for column in zip(*pieces, strict=True)]
    point, period, site, cause, amount = (read_only(column[columns[-1] > 0]) for column in columns)
    return Losses(point, period, site, cause, amount, unit)


class _Order(NamedTuple):
    """Points that are reached on foot (n,), and the devices that reach each, nearest first (n, R), -1 after the last."""

    point: np.ndarray
    sites: np.ndarray


def _pairs(reached: Reach, limit_mm: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Points and their devices by walk, the points ascending, each one's nearest device first."""
    site = np.repeat(np.arange(len(reached.start) - 1), np.diff(reached.start))
    keep = np.flatnonzero(reached.mm <= (reached.mm.max(initial=0) if limit_mm is None else limit_mm))
    order = keep[np.lexsort((site[keep], reached.mm[keep], reached.point[keep]))]
    return reached.point[order].astype(np.int64), site[order]


def _nearest(reached: Reach) -> np.ndarray:
    """(D,) the nearest device of each point, -1 where none reaches it."""
    point, site = _pairs(reached)
    found, first = np.unique(point, return_index=True)
    nearest = np.full(reached.points, -1, dtype=np.int64)
    nearest[found] = site[first]
    return nearest


def _in_order(reached: Reach, limit_mm: int) -> _Order:
    point, site = _pairs(reached, limit_mm)
    found, first, count = np.unique(point, return_index=True, return_counts=True)
    sites = np.full((len(found), int(count.max(initial=0))), -1, dtype=np.int64)
    row = np.repeat(np.arange(len(found)), count)
    sites[row, np.arange(len(point)) - first[row]] = site
    return _Order(found, sites)


def _whole(point: np.ndarray, site: np.ndarray, cause: np.ndarray, units: np.ndarray) -> Sequence[np.ndarray]:
    """Pieces of points that are lost all the time."""
    periods = units.shape[1]
    spread = [np.repeat(column, periods) for column in (point, site, cause)]
    return spread[0], np.tile(np.arange(periods), len(point)), spread[1], spread[2], units[point].ravel()


def _timed(order: _Order, units: np.ndarray, times: OpenTimes, ready: np.ndarray) -> Sequence[np.ndarray]:
    """Pieces of points within reach on foot: kept, not ready or closed, by the devices that are open when."""
    points, ranks = order.sites.shape
    left = np.ones((points, len(times.period)))
    first_open = np.full(left.shape, -1, dtype=np.int64)
    minutes = np.zeros((points, 2 * ranks + 1, len(times.periods)))
    for rank in range(ranks):
        site = order.sites[:, rank]
        is_open = times.open[times.text[site]] & (site >= 0)[:, None]
        first_open[is_open & (first_open < 0)] = rank
        helped = np.where(is_open, ready[site][:, None], 0.0)
        minutes[:, rank] = _by_period(left * helped, times)
        left *= 1 - helped
    for rank in range(ranks):
        minutes[:, ranks + rank] = _by_period(left * (first_open == rank), times)
    minutes[:, -1] = times.periods.minutes
    minutes[:, -1] -= minutes[:, :-1].sum(axis=1)
    shared = _share_out(minutes, units[order.point])
    site = np.concatenate([order.sites, order.sites, order.sites[:, :1]], axis=1)
    cause = np.repeat([KEPT, NOT_READY, CLOSED], [ranks, ranks, 1])
    point, part, period = np.nonzero(shared)
    return order.point[point], period, site[point, part], cause[part], shared[point, part, period]


def _by_period(share: np.ndarray, times: OpenTimes) -> np.ndarray:
    """(n, T) minutes of each period, from shares of the stretches (n, J)."""
    of_period = np.zeros((len(times.period), len(times.periods)))
    of_period[np.arange(len(times.period)), times.period] = times.minutes
    return np.asarray(share @ of_period)


def _share_out(minutes: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(n, P, T) whole units in the proportion of minutes (n, P, T); over P they add up to units (n, T) exactly."""
    upto = np.cumsum(minutes, axis=1)
    whole = np.maximum(upto[:, -1:], 1e-9)
    marks = np.rint(upto / whole * units[:, None]).astype(np.int64)
    marks[:, -1] = units
    marks = np.minimum(np.maximum.accumulate(marks, axis=1), units[:, None])
    return np.asarray(np.diff(marks, axis=1, prepend=0))


def shown(units: np.ndarray, *, decimals: int = 1) -> np.ndarray:
    """Units as percents of their sum, rounded so that what is shown adds up to 100 too.

    units  (C,); the largest remainders are rounded up

    >>> shown(np.array([1, 1, 1]))
    array([33.4, 33.3, 33.3])
    """
    total = int(units.sum())
    if total == 0:
        return np.zeros(len(units))
    steps = 100 * 10**decimals
    exact = [int(each) * steps for each in units]
    whole = np.array([each // total for each in exact])
    left = np.array([each % total for each in exact])
    up = np.argsort(-left, kind="stable")[: steps - int(whole.sum())]
    whole[up] += 1
    return np.asarray(whole / 10**decimals)
