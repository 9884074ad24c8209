"""Periods of the week: the parts into which a planner cuts time. Every minute of the year lies in exactly one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import duplicate_faults, read_only, unknown_key_faults
from ..errors import InputError, raise_faults
from .holidays import Calendar

DAY = 24 * 60
"""Minutes of a day."""

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

KINDS_OF_DAY = ("workday", "free", "every")
"""workday: Monday to Friday but for holidays, and make-up workdays. free: all other days. every: both."""


@dataclass(frozen=True)
class Period:
    """A part of the week.

    days   one of KINDS_OF_DAY, or weekdays such as ("Sa", "Su"), holidays among them or not
    begin  minutes after midnight
    end    minutes after midnight, the end itself not included; before `begin` where it runs past midnight
    """

    id: str
    zh: str
    en: str
    days: str | tuple[str, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Periods:
    """T periods which share out a calendar's year.

    of       (N, 1440) int8: the period of each minute of each day
    minutes  (T,) int64 minutes a year
    """

    periods: tuple[Period, ...]
    calendar: Calendar
    of: np.ndarray
    minutes: np.ndarray

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def hours(self) -> np.ndarray:
        """(T,) hours a year."""
        return self.minutes / 60


def _default() -> tuple[Period, ...]:
    parts = (("day", 8, 16), ("evening", 16, 24), ("night", 0, 8))
    kinds = (("workday", "工作日", "workday"), ("free", "周末和假日", "weekend and holiday"))
    return tuple(
        Period(f"{kind}-{part}", f"{zh} {begin}-{end} 时", f"{en} {begin}-{end} h", kind, begin * 60, end * 60)
        for kind, zh, en in kinds
        for part, begin, end in parts
    )


DEFAULT_PERIODS = _default()
"""Day 8-16, evening 16-24, night 0-8, as Hansen 2013 (Circulation 128:2224) cut the day, on workdays and on free days."""


WHOLE_WEEK = (Period("week", "全周", "whole week", "every", 0, DAY),)
"""One period, where nothing is said of the time."""


def share_out(periods: Sequence[Period], calendar: Calendar) -> Periods:
    """The periods over a calendar's year.

    Raises InputError with every minute of the week that no period holds, or two, and every id that stands twice.

    >>> from .holidays import china
    >>> share_out(DEFAULT_PERIODS, china(2026)).hours
    array([1984., 1984., 1984.,  936.,  936.,  936.])
    """
    times = np.zeros((len(calendar), DAY), dtype=np.int8)
    of = np.zeros((len(calendar), DAY), dtype=np.int8)
    for number, period in enumerate(periods):
        here = _days_of(period, calendar)[:, None] & _minutes_of(period)[None]
        times += here
        of[here] = number
    faults = duplicate_faults([period.id for period in periods], "periods")
    faults += _sharing_faults(times, calendar)
    raise_faults(faults)
    minutes = np.bincount(of.ravel(), minlength=len(periods))
    return Periods(tuple(periods), calendar, read_only(of), read_only(minutes))


def _days_of(period: Period, calendar: Calendar) -> np.ndarray:
    if period.days == "every":
        return np.ones(len(calendar), dtype=bool)
    if isinstance(period.days, str):
        return calendar.workday if period.days == "workday" else ~calendar.workday
    return np.isin(calendar.weekday, [WEEKDAYS.index(day) for day in period.days])


def _minutes_of(period: Period) -> np.ndarray:
    minute = np.arange(DAY)
    if period.begin < period.end:
        return (minute >= period.begin) & (minute < period.end)
    return (minute >= period.begin) | (minute < period.end)


def _sharing_faults(times: np.ndarray, calendar: Calendar) -> list[str]:
    faults = []
    for wrong, words in ((times == 0, "no period holds"), (times > 1, "more than one period holds")):
        if wrong.any():
            day, minute = (int(i[0]) for i in np.nonzero(wrong))
            when = f"{'workday' if calendar.workday[day] else 'free day'} ({WEEKDAYS[calendar.weekday[day]]})"
            clock = f"{minute // 60:02d}:{minute % 60:02d}"
            hours = f"{wrong.sum() / 60:,.0f} hours a year"
            faults.append(
                f"periods: {hours} that {words}, the first at {clock} of a {when}; expected each in one period"
            )
    return faults


def define_periods(tables: Sequence[Mapping[str, Any]]) -> tuple[Period, ...]:
    """Periods from a scenario's tables [[periods]]: id, days, hours, and words for people.

    >>> define_periods([{"id": "night", "days": "every", "hours": "22:00-06:00"}])[0].begin
    1320

    Raises InputError with every fault.
    """
    faults: list[str] = []
    periods = [_define(table, f"periods, number {number}", faults) for number, table in enumerate(tables, start=1)]
    raise_faults(faults)
    return tuple(period for period in periods if period is not None)


def _define(table: Mapping[str, Any], where: str, faults: list[str]) -> Period | None:
    here = unknown_key_faults(table, ("id", "title_zh", "title_en", "days", "hours"), where)
    days = table.get("days", "every")
    known = days in KINDS_OF_DAY if isinstance(days, str) else bool(days) and set(days) <= set(WEEKDAYS)
    if not known:
        here.append(f"{where}: days is {days!r}; expected {', '.join(KINDS_OF_DAY)} or weekdays such as {WEEKDAYS[5:]}")
    id, title = str(table.get("id", "")), f"{days if isinstance(days, str) else ','.join(days)} {table.get('hours')}"
    if not id:
        here.append(f'{where}: id is missing; expected a short name such as "workday-day"')
    try:
        begin, end = read_clock_range(str(table.get("hours", "")))
    except InputError as error:
        here += [f"{where}: hours: {fault}" for fault in error.faults]
    faults += here
    if here:
        return None
    of_days = days if isinstance(days, str) else tuple(days)
    return Period(id, str(table.get("title_zh", title)), str(table.get("title_en", title)), of_days, begin, end)


def read_clock_range(text: str) -> tuple[int, int]:
    """Minutes after midnight of "08:00-16:00"; the end may be 24:00, or before the begin where it runs past midnight.

    >>> read_clock_range("16:00-24:00")
    (960, 1440)
    """
    found = re.fullmatch(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", text.strip())
    hours = [int(part) for part in found.groups()] if found else [99]
    if not found or max(hours[1], hours[3]) > 59 or hours[0] > 23 or hours[2] * 60 + hours[3] > DAY:
        raise InputError(f'{text!r} is no range of hours; expected one such as "08:00-16:00"')
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if begin == end:
        raise InputError(f"{text!r} begins where it ends; expected 00:00-24:00 for the whole day")
    return begin, end
