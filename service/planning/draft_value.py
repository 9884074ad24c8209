"""What a changed plan is worth, at once: a study is kept in memory with every walk of its sites, and a site that is put
somewhere else takes one walk more. All figures are made by the same rules as the plan's own, to the last digit.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aedplan import Reach, Reopened, reach, reopen, snap
from aedplan.anchors import FAR_FROM_STREET_M
from aedplan.hours.hours import OpenTimes, always_open, open_times
from aedplan.hours.texts import understand_hours
from aedplan.losses import CAUSES, Losses, Walks, find_losses
from aedplan.sites import DEVICE_COST_RMB

from ..errors import ServiceError

KEPT_STUDIES = 6
KEPT_WALKS = 5000
ALWAYS = "24/7"
METRES_PER_DEGREE = 110_000.0
"""Of latitude, at the least."""
UNITS = 10**12
"""All demand is counted as about so many units."""


@dataclass(frozen=True)
class DraftSite:
    """A new site of a draft: a known one where it is, a known one dragged elsewhere, or one put there by hand.

    hours  None: those of the known site; of one put by hand, always open
    """

    id: str = ""
    lonlat: tuple[float, float] | None = None
    hours: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Placed:
    """A device of a draft where it hangs. `row` is its site in the study, -1 for one put by hand."""

    row: int
    lonlat: tuple[float, float]
    hours: str
    ready: bool
    kind: str
    cost: float
    moved: bool


class Walk(NamedTuple):
    """Whom one place reaches: demand points and millimetres, along streets and in a straight line; how far off the street."""

    streets: tuple[np.ndarray, np.ndarray]
    lines: tuple[np.ndarray, np.ndarray]
    off_mm: int


@dataclass(frozen=True)
class DraftValue:
    """What a draft covers.

    new      its new sites, in order
    covered  (D,) share of each point's demand that is covered, as the plan counts it
    value    covered demand
    gains    (N,) what each new site adds to those before it
    alone    (N,) what is lost when it alone fails
    units    (D, T, C) what becomes of the demand of each point and period, by cause, in units of the study's losses
    """

    devices: tuple[Placed, ...]
    new: tuple[Placed, ...]
    standing: tuple[int, ...]
    covered: np.ndarray
    value: float
    gains: np.ndarray
    alone: np.ndarray
    units: np.ndarray
    off_street: tuple[int, ...]


class Drafting:
    """A study on which drafts are valued. `plan` is its own plan, valued the same way; `before` what stands alone covers."""

    def __init__(self, study: Reopened) -> None:
        self.study = study
        self._ground = replace(study.circle, vertical_delay_s=0.0)
        self._limit_mm = round(study.circle.limit_m * 1000)
        self._rows = {id: row for row, id in enumerate(study.sites.id)}
        self._own = self._walk_all()
        self._walks: OrderedDict[tuple[float, float], Walk] = OrderedDict()
        self._lock = threading.Lock()
        self._times_with = lru_cache(maxsize=16)(self._make_times)
        self.standing = tuple(int(row) for row in study.staying)
        self.unit = study.demand.total / UNITS
        self._known: DraftValue | None = None
        self.plan = self._known = self._value_of([], self.standing)
        self.before = self.plan.value
        self.plan = self._known = self.value([DraftSite(study.sites.id[row]) for row in study.chosen])

    def value(self, sites: Sequence[DraftSite], *, standing: Sequence[str] | None = None) -> DraftValue:
        """The value of a draft.

        sites     all its new sites, in order
        standing  ids of the standing devices that stay; None: as in the plan

        Raises ServiceError 422 for a standing device that is none.
        """
        rows = self.standing if standing is None else tuple(self._standing_row(id) for id in dict.fromkeys(standing))
        return self._value_of([self._place(site) for site in sites], rows)

    def _standing_row(self, id: str) -> int:
        row = self._rows.get(id, -1)
        if row < 0 or not self.study.sites.standing[row]:
            raise ServiceError(422, f"“{id}”不是已设设备。", f"{id!r} is no standing device.")
        return row

    def _place(self, site: DraftSite) -> Placed:
        sites, row = self.study.sites, self._rows.get(site.id, -1)
        if row < 0 and site.lonlat is None:
            raise ServiceError(422, f"没有点位“{site.id}”。", f"There is no site {site.id!r}, and no place for it.")
        if row < 0:
            assert site.lonlat is not None
            hours = _understood(ALWAYS if site.hours is None else site.hours)
            return Placed(-1, site.lonlat, hours, True, site.kind or "other", DEVICE_COST_RMB, True)
        lon, lat = sites.lonlat[row].tolist()
        place = site.lonlat or (lon, lat)
        hours = self.study.week.hours[row] if site.hours is None else _understood(site.hours)
        kind = site.kind or sites.kind[row]
        same = place == (lon, lat) and hours == self.study.week.hours[row]
        return Placed(row, place, hours, True, kind, float(sites.cost[row]), not same)

    def _standing(self, row: int) -> Placed:
        sites = self.study.sites
        lon, lat = sites.lonlat[row].tolist()
        ready = bool(sites.ready[row])
        return Placed(row, (lon, lat), self.study.week.hours[row], ready, sites.kind[row], 0.0, False)

    def _value_of(self, new: list[Placed], standing: tuple[int, ...]) -> DraftValue:
        devices = [*(self._standing(row) for row in standing), *new]
        walks = [self._walk(one) for one in devices]
        times = self._times(devices)
        cells = self._cells(devices, walks, times)
        far = round(FAR_FROM_STREET_M * 1000)
        return DraftValue(
            devices=tuple(devices),
            new=tuple(new),
            standing=standing,
            covered=cells.covered(),
            value=cells.value(),
            gains=cells.gains(len(standing)),
            alone=cells.alone()[len(standing) :],
            units=self._units(devices, walks, times),
            off_street=tuple(number for number, walk in enumerate(walks[len(standing) :]) if walk.off_mm > far),
        )

    def _cells(self, devices: list[Placed], walks: list[Walk], times: OpenTimes) -> "_Cells":
        by_line = self.study.circle.measure == "line"
        reached = []
        for walk in walks:
            point, mm = walk.lines if by_line else walk.streets
            reached.append(point[mm <= self._limit_mm])
        if not self.study.week.counted:
            return _Cells(reached, np.ones((len(devices), 1), dtype=bool), np.ones((1, 1)), self.study.demand.weight)
        opened = times.open[times.text] & np.array([one.ready for one in devices], dtype=bool)[:, None]
        of_period = np.zeros((len(times.period), len(times.periods)))
        of_period[np.arange(len(times.period)), times.period] = times.minutes
        return _Cells(reached, opened, of_period / np.maximum(times.periods.minutes, 1), self.study.demand.weight)

    def _times(self, devices: list[Placed]) -> OpenTimes:
        """When the devices are open; what is not known is closed."""
        week = self.study.week
        known = {text: int(row) for text, row in zip(week.hours, week.times.text, strict=True)}
        times = week.times
        more = frozenset(one.hours for one in devices).difference(known)
        if more:
            times, known = self._times_with(more)
        text = np.array([known[one.hours] for one in devices], dtype=np.int64)
        return replace(times, text=text, unknown=np.array([not one.hours for one in devices], dtype=bool))

    def _make_times(self, more: frozenset[str]) -> tuple[OpenTimes, dict[str, int]]:
        week = self.study.week
        texts = [*week.hours, *sorted(more)]
        times = open_times(texts, week.times.periods)
        return times, {text: int(row) for text, row in zip(texts, times.text, strict=True)}

    def _units(self, devices: list[Placed], walks: list[Walk], times: OpenTimes) -> np.ndarray:
        """Demand by what becomes of it. Only points near devices that the plan has not, or has alone, are counted anew."""
        points, periods = self.study.demand.weight.shape
        known = self._known
        if known is None:
            units, near = np.zeros((points, periods, len(CAUSES)), dtype=np.int64), np.arange(points)
        else:
            others = [self._walk(one) for one in set(known.devices).symmetric_difference(devices)]
            near = np.unique(
                np.concatenate([np.zeros(0, np.int32), *(part[0] for walk in others for part in walk[:2])])
            )
            units = known.units.copy()
        if len(near):
            losses = self._losses_near(near, devices, walks, times)
            units[near] = 0
            np.add.at(units, (near[losses.point], losses.period, losses.cause), losses.units)
        return units

    def _losses_near(self, near: np.ndarray, devices: list[Placed], walks: list[Walk], times: OpenTimes) -> Losses:
        """What becomes of the demand of some points; these are numbered anew."""
        number = np.full(len(self.study.demand), -1, dtype=np.int32)
        number[near] = np.arange(len(near), dtype=np.int32)
        streets = _joined([walk.streets for walk in walks], number, self._ground.limit_m)
        lines = _joined([walk.lines for walk in walks], number, self._ground.limit_m)
        if not self.study.week.known:
            times = self._always_open(len(devices))  # nothing can be said of hours then
        ready = np.array([one.ready for one in devices], dtype=bool)
        demand, whole = self.study.demand, Walks(lines, streets, self._limit_mm)
        some = replace(demand, lonlat=demand.lonlat[near], weight=demand.weight[near], id=tuple(map(str, near)))
        return find_losses(whole, replace(some, layer=demand.layer[near]), times, ready=ready, unit=self.unit)

    def _always_open(self, count: int) -> OpenTimes:
        """So many devices, open at any time; the year is cut into stretches once."""
        one = self._one_always
        return replace(one, text=np.repeat(one.text, count), unknown=np.repeat(one.unknown, count))

    @cached_property
    def _one_always(self) -> OpenTimes:
        return always_open(1, self.study.week.times.periods)

    def _walk(self, device: Placed) -> Walk:
        """The walk from a device, by heart where it hangs at a site of the study or was there lately."""
        if device.row >= 0 and device.lonlat == tuple(self.study.sites.lonlat[device.row].tolist()):
            return self._own[device.row]
        with self._lock:
            found = self._walks.get(device.lonlat)
            if found is not None:
                self._walks.move_to_end(device.lonlat)
                return found
        lonlat = np.array([device.lonlat])
        walk = self._walk_from(lonlat, snap(self.study.streets, lonlat))[0]
        with self._lock:
            self._walks[device.lonlat] = walk
            while len(self._walks) > KEPT_WALKS:
                self._walks.popitem(last=False)
        return walk

    def _walk_all(self) -> list[Walk]:
        return self._walk_from(self.study.sites.lonlat, self.study.anchors[0])

    def _walk_from(self, lonlat: np.ndarray, anchors: Any) -> list[Walk]:
        streets, limit_m = self.study.streets, self._ground.limit_m
        lines = [_straight(self.study, place, limit_m) for place in lonlat]
        walked = lines
        if self.study.circle.measure == "street":
            walked = _rows(reach(streets, anchors, self.study.anchors[1], limit_m=limit_m))
        both = zip(walked, lines, anchors.off_mm.tolist(), strict=True)
        return [Walk(along, straight, off_mm) for along, straight, off_mm in both]


class _Cells:
    """Who of S devices covers which of the reached points in which stretch of time.

    reached  for each device the points it reaches
    opened   (S, J) bool: open and ready
    part     (J, T) what part of each period a stretch is
    weight   (D, T)
    """

    def __init__(self, reached: list[np.ndarray], opened: np.ndarray, part: np.ndarray, weight: np.ndarray) -> None:
        from scipy.sparse import csr_array

        self.points = np.unique(np.concatenate([np.zeros(0, np.int32), *reached]))
        self.opened, self.part, self.weight = opened, part, weight
        self.at = [np.searchsorted(self.points, points) for points in reached]
        start = np.concatenate([[0], np.cumsum([len(points) for points in reached])])
        column = np.concatenate([np.zeros(0, np.int64), *self.at])
        shape = (len(reached), len(self.points))
        pairs = csr_array((np.ones(len(column), dtype=np.int32), column, start), shape=shape)
        self.count = np.asarray(pairs.T @ opened.astype(np.int32))

    def covered(self) -> np.ndarray:
        """(D,) share of each point's demand."""
        whole = self.weight.sum(axis=1)
        share = np.zeros(len(whole))
        worth = (self.weight[self.points] * ((self.count > 0) @ self.part)).sum(axis=1)
        share[self.points] = worth / np.maximum(whole[self.points], 1e-300)
        return share

    def value(self) -> float:
        """Covered demand."""
        return float((self.weight[self.points] * ((self.count > 0) @ self.part)).sum())

    def gains(self, first: int) -> np.ndarray:
        """What each device from the `first` on adds to all before it."""
        covered = np.zeros(self.count.shape, dtype=bool)
        found = []
        for device, at in enumerate(self.at):
            fresh = self.opened[device] & ~covered[at]
            if device >= first:
                found.append(self._worth(at, fresh))
            covered[at] |= self.opened[device]
        return np.array(found)

    def alone(self) -> np.ndarray:
        """(S,) what each device alone covers."""
        alone = (self._worth(at, self.opened[device] & (self.count[at] == 1)) for device, at in enumerate(self.at))
        return np.array(list(alone))

    def _worth(self, at: np.ndarray, cells: np.ndarray) -> float:
        return float((self.weight[self.points[at]] * (cells @ self.part)).sum())


def _straight(study: Reopened, place: np.ndarray, limit_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Points and millimetres in a straight line; only what lies in a box about the place is measured."""
    box = 1.1 * limit_m / METRES_PER_DEGREE / np.array([max(0.01, np.cos(np.radians(place[1]))), 1.0])
    near = np.flatnonzero((np.abs(study.demand.lonlat - place) <= box).all(axis=1)).astype(np.int32)
    found = reach(study.streets, place[None], study.demand.lonlat[near], limit_m=limit_m, measure="line")
    return near[found.point], found.mm


def _joined(parts: list[tuple[np.ndarray, np.ndarray]], number: np.ndarray, limit_m: float) -> Reach:
    """The walks of several devices to points with a number of their own; -1 leaves a point out."""
    kept = [(number[point], mm) for point, mm in parts]
    kept = [(point[point >= 0], mm[point >= 0]) for point, mm in kept]
    start = np.concatenate([[0], np.cumsum([len(point) for point, _ in kept])]).astype(np.int64)
    point = np.concatenate([np.zeros(0, np.int32), *(point for point, _ in kept)])
    mm = np.concatenate([np.zeros(0, np.int32), *(mm for _, mm in kept)])
    return Reach(start, point, mm, limit_m, int(number.max(initial=-1)) + 1)


def _rows(reached: Reach) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points and millimetres of each origin."""
    spans = zip(reached.start[:-1].tolist(), reached.start[1:].tolist(), strict=True)
    return [(reached.point[begin:end], reached.mm[begin:end]) for begin, end in spans]


def _understood(text: str) -> str:
    return understand_hours([text])[0].osm


def open_drafting(folder: Path) -> Drafting:
    """The study in a plan folder, ready for drafts; a few are kept in memory.

    Raises ServiceError 409 where the folder was written before studies were kept.
    """
    file = folder / "study.npz"
    if not file.exists():
        zh = "这个方案没有保存候选点位和需求，请重新计算后再试。"
        raise ServiceError(409, zh, "This plan was written without its sites and demand; run it again.")
    status = file.stat()
    return _open(folder.resolve(), (status.st_mtime_ns, status.st_size, status.st_ino))


@lru_cache(maxsize=KEPT_STUDIES)
def _open(folder: Path, _: tuple[int, int, int]) -> Drafting:
    return Drafting(reopen(folder))
