"""The hours of the week to come: the state of every public device at each, and what they then cover together.

An hour is its first instant: 周六 23:00 tells of 23:00 sharp. Nothing unknown counts: a device covers at an hour when it
is known to be open then and known to be ready on that day; without records, which alone know of readiness, when it is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from ..facts import day_of
from ..plan_demand import Ground, Places, paper_coverage
from ..public.cards import Card
from ..public.opening import Stretch, midnight
from ..public.state import TAKEN_FOR, ready_at
from .coverage_now import coverage_now

HOURS = 168
USABLE, CLOSED, UNVERIFIED = range(3)
STATES = ("usable", "closed", "unverified")

CELL_DEGREES = 0.0005
"""About 50 m: demand as near as this, reached by the same devices, is one dot."""


@dataclass(frozen=True, eq=False)
class Week:
    """begin: midnight of the first day in the county; state (n, 168): of STATES, by device and hour."""

    begin: datetime
    state: np.ndarray


@dataclass(frozen=True, eq=False)
class Dots:
    """Demand as it is drawn: lonlat (D, 2), weight (D,); reached (D,): by which devices at all, as number in `sets`."""

    lonlat: np.ndarray
    weight: np.ndarray
    reached: np.ndarray
    sets: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class WeekCoverage:
    """Weights of demand: all of it, what is covered if every device were open and ready, what is covered each hour (168,)."""

    total: float
    paper: float
    effective: np.ndarray
    dots: Dots


def find_week(cards: Sequence[Card], at: datetime, *, recorded: bool) -> Week:
    """The states of devices at each hour from the beginning of a day.

    recorded  whether records tell of readiness; without them an open device counts as usable
    """
    begin = midnight(day_of(at))
    instants = [begin + timedelta(hours=hour) for hour in range(HOURS)]
    states = [_states(card, instants, recorded=recorded) for card in cards]
    return Week(begin, np.array(states, dtype=np.uint8).reshape(-1, HOURS))


def _states(card: Card, instants: Sequence[datetime], *, recorded: bool) -> np.ndarray:
    """(168,) of one device; the rule is that of public.state, for many instants at once."""
    condition, begin = card.condition, instants[0]
    stretches = condition.stretches(day_of(begin))
    days = [ready_at(condition, at).ready if recorded else True for at in instants[::24]]
    ready, unready = (np.repeat([said is wanted for said in days], 24) for wanted in (True, False))
    believed = condition.taken_at + TAKEN_FOR if condition.taken_at else begin
    hidden = np.arange(HOURS) < (believed - begin) / timedelta(hours=1)
    is_open = np.ones(HOURS, dtype=bool) if stretches is None else _open(stretches, begin)
    usable = ready & ~hidden & (stretches is not None)
    return np.where(unready | ~is_open, CLOSED, np.where(usable, USABLE, UNVERIFIED))


def _open(stretches: Sequence[Stretch], begin: datetime) -> np.ndarray:
    """(168,) bool: which hours begin in one of some stretches, which do not overlap."""
    turns = np.array([(turn - begin) / timedelta(hours=1) for stretch in stretches for turn in stretch])
    return np.asarray(np.searchsorted(turns, np.arange(HOURS), side="right") % 2 == 1)


def cover_week(ground: Ground, places: Places, week: Week) -> WeekCoverage:
    """What the devices cover at each hour; the same figures as `coverage_now` at those instants."""
    paper = paper_coverage(ground, places)
    usable = week.state == USABLE
    effective = np.zeros(HOURS)
    kept = np.full(len(places), "kept", dtype="<U16")
    patterns, of_hour = np.unique(usable, axis=1, return_inverse=True)  # most hours are like others
    for number, is_open in enumerate(patterns.T):
        now = coverage_now(paper.covers, paper.weight, is_open=is_open, cause=kept)
        effective[of_hour.ravel() == number] = now.effective
    whole = coverage_now(paper.covers, paper.weight, is_open=np.ones(len(places), dtype=bool), cause=kept)
    return WeekCoverage(whole.total, whole.paper, effective, _dots(ground, places))


@lru_cache(maxsize=2)
def _dots(ground: Ground, places: Places) -> Dots:
    """Demand summed over small cells and equal sets of devices; no weight is lost."""
    paper = paper_coverage(ground, places)
    sets, reached = _sets(paper.covers)
    lonlat, weight = ground.demand.lonlat[paper.point], paper.weight
    some = weight > 0
    lonlat, weight, reached = lonlat[some], weight[some], reached[some]
    cells = np.column_stack([np.floor(lonlat / CELL_DEGREES).astype(np.int64), reached])
    _, cell = np.unique(cells, axis=0, return_inverse=True)
    cell = cell.ravel()
    together = np.bincount(cell, weights=weight)
    middle = [np.bincount(cell, weights=weight * column) / together for column in lonlat.T]
    first = np.zeros(len(together), dtype=np.int64)
    first[cell] = reached
    return Dots(np.column_stack(middle), together, first, sets)


def _sets(covers: Any) -> tuple[tuple[tuple[int, ...], ...], np.ndarray]:
    """The different sets of devices that reach some cell, the empty one first; (K,) which of them reaches each cell."""
    columns = covers.tocsc()
    found: dict[tuple[int, ...], int] = {(): 0}
    reached = np.zeros(columns.shape[1], dtype=np.int64)
    for cell in np.flatnonzero(np.diff(columns.indptr)):
        devices = tuple(sorted(columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]].tolist()))
        reached[cell] = found.setdefault(devices, len(found))
    return tuple(found), reached
