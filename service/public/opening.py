"""When a place is open: at an instant, and in the days to come; opening hours in OSM syntax, by the county's time.

Holidays are those of aedplan.hours.holidays and of the office's own tables, which go before. What is not known, or cannot be
read, never counts as open.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

from aedplan import china, open_minutes
from aedplan.hours.holidays import YearTable

from ..facts import COUNTY_TIME

DAYS_AHEAD = 8
"""So many days after the present one are told: the same weekday of next week is among them."""

Stretch = tuple[datetime, datetime]

Years = tuple[tuple[int, YearTable], ...]
"""An office's own tables of holidays, by year; their days as tuples, so that what follows from them can be kept."""


def open_at(hours: Sequence[str], at: datetime, years: Years = ()) -> np.ndarray:
    """(n,) bool: which of some opening hours say open at an instant.

    >>> open_at(["24/7", "Mo-Fr 08:00-18:00", ""], datetime(2026, 11, 22, 1, tzinfo=UTC))
    array([ True, False, False])
    """
    here = at.astimezone(COUNTY_TIME)
    minute = here.hour * 60 + here.minute
    days = {text: _open_day(text, here.date(), years) or 0 for text in set(hours)}
    return np.array([(days[text] >> minute) & 1 for text in hours], dtype=bool)


@lru_cache(maxsize=2048)
def open_stretches(hours: str, day: date, years: Years = ()) -> tuple[Stretch, ...] | None:
    """From when to when a place is open, from the first minute of a day until `told_until`; None where not known.

    >>> open_stretches("Sa 08:00-18:00", date(2026, 11, 22))[0][0].isoformat()
    '2026-11-28T00:00:00+00:00'
    """
    days = [_open_day(hours, day + timedelta(number), years) for number in range(DAYS_AHEAD + 1)]
    if any(minutes is None for minutes in days):
        return None
    open_ = np.concatenate([_minutes(minutes or 0) for minutes in days])
    turns = np.flatnonzero(np.diff(np.concatenate([[False], open_, [False]]).astype(np.int8)))
    begin = midnight(day)
    instants = [begin + timedelta(minutes=int(turn)) for turn in turns]
    return tuple(pair for number, pair in enumerate(pairwise(instants)) if number % 2 == 0)


def told_until(day: date) -> datetime:
    """Up to when `open_stretches` tells: a stretch that ends then may go on."""
    return midnight(day + timedelta(DAYS_AHEAD + 1))


def midnight(day: date) -> datetime:
    """The instant at which a day begins in the county."""
    return datetime.combine(day, time(), COUNTY_TIME).astimezone(UTC)


def _minutes(packed: int) -> np.ndarray:
    """(1440,) bool of the bits of a number."""
    return np.unpackbits(np.frombuffer(packed.to_bytes(180, "little"), np.uint8), bitorder="little").astype(bool)


@lru_cache(maxsize=8192)
def _open_day(text: str, day: date, years: Years) -> int | None:
    """The minutes of a day in which hours say open, as the bits of a number: 180 bytes instead of the whole year's."""
    minutes = open_minutes(text, china(day.year, table=dict(years).get(day.year))) if text else None
    if minutes is None:
        return None
    packed = np.packbits(minutes[day.timetuple().tm_yday - 1], bitorder="little")
    return int.from_bytes(packed.tobytes(), "little")
