"""When each site is open, over a whole year with its holidays.

Hours are in the syntax of OpenStreetMap (https://wiki.openstreetmap.org/wiki/Key:opening_hours), evaluated by
opening-hours-py; free texts are turned into it by `texts`. What a text says of holidays is decided here, since that
library's calendar of China knows six days of thirty-three:

- a rule for PH or SH holds on the calendar's public or school holidays, and `PH off` wins wherever in the text it stands;
- a public holiday that a text does not name has the hours of a Sunday: 24/7 and "Mo-Su" stay open, "Mo-Fr" closes;
- a make-up workday has the hours of that week's Wednesday, the weekday that is special least often, and is no holiday;
- what is not known never counts as open: no text, a text that cannot be read, `unknown`, a comment in place of a state.

Sunrise and sunset are taken at 07:00 and 19:00 all year.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..checks import read_only
from .holidays import Calendar, Warned
from .periods import DAY, Periods

SUNDAY, WEDNESDAY = 6, 2

_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_DAYS = rf"{_DAY}(?:\s*-\s*{_DAY})?(?:\[[-\d,]+\])?"
_SELECTOR = re.compile(rf"\b({_DAYS}(?:\s*,\s*{_DAYS})*)(\s+{_DAYS}(?:\s*,\s*{_DAYS})*)?")
_RULES = re.compile(
    rf'(\s*(?:;|\|\|)\s*|(?:(?<=[\d+"])|(?<=off)|(?<=open)|(?<=closed)|(?<=unknown))\s*,\s*(?={_DAY}\b))'
)
_COMMENT = re.compile(r'(\b(?:open|closed|off|unknown)\b)?\s*("[^"]*")')
_WEEKLY = re.compile(r'(?:Mo|Tu|We|Th|Fr|Sa|Su|24/7|\d?\d:\d\d|off|closed|open|unknown|"[^"]*"|[-;,|\s+])*')


@dataclass(frozen=True)
class OpenTimes:
    """When S sites are open, in J stretches of the year in which nobody opens or closes and no period ends.

    Stretches alike, such as 8:00 to 8:30 of all workdays, are one. U is how many different texts there are.

    text     (S,) int64 row of `open`
    open     (U, J) bool
    period   (J,) int64
    minutes  (J,) int64 minutes a year; of each period together its minutes
    unknown  (S,) bool: no hours, or such as cannot be read; never open
    """

    text: np.ndarray
    open: np.ndarray
    period: np.ndarray
    minutes: np.ndarray
    unknown: np.ndarray
    periods: Periods

    def __len__(self) -> int:
        return len(self.text)

    @property
    def share(self) -> np.ndarray:
        """(S, T) share of each period's time in which each site is open."""
        return np.asarray(self._share_of_texts()[self.text])

    def _share_of_texts(self) -> np.ndarray:
        of_period = np.zeros((len(self.period), len(self.periods)))
        of_period[np.arange(len(self.period)), self.period] = self.minutes
        return np.asarray(self.open @ of_period / np.maximum(self.periods.minutes, 1))

    def by_period(self, *, at_least: float = 1.0) -> "OpenTimes":
        """The same with one stretch for each period: open where open for at least this share of it.

        Coarse on purpose: with 1.0 a plan made from it never promises more than is kept.
        """
        whole = np.arange(len(self.periods))
        opened = read_only(self._share_of_texts() >= at_least - 1e-12)
        return OpenTimes(self.text, opened, whole, self.periods.minutes, self.unknown, self.periods)


def open_times(hours: Sequence[str], periods: Periods) -> OpenTimes:
    """When each site is open over the year of the periods' calendar.

    hours  (S,) in OSM syntax; "" where not known

    >>> from .holidays import china
    >>> from .periods import DEFAULT_PERIODS, share_out
    >>> times = open_times(["24/7", "Mo-Fr 08:00-12:00", ""], share_out(DEFAULT_PERIODS, china(2026)))
    >>> times.share.round(2)
    array([[1. , 1. , 1. , 1. , 1. , 1. ],
           [0.5, 0. , 0. , 0. , 0. , 0. ],
           [0. , 0. , 0. , 0. , 0. , 0. ]])
    """
    texts = sorted({"", *hours})
    number = {text: row for row, text in enumerate(texts)}
    weeks = [_read(text, periods.calendar) for text in texts]
    opened, period, minutes = _stretches([week or NEVER for week in weeks], periods)
    text = np.array([number[one] for one in hours], dtype=np.int64)
    unread = np.array([week is None for week in weeks], dtype=bool)
    return OpenTimes(read_only(text), opened, period, minutes, read_only(unread[text]), periods)


def warn_hours(hours: Sequence[str], calendar: Calendar) -> tuple[Warned, ...]:
    """What hours take for granted of a calendar: a year nobody knows, school terms nobody stated.

    hours  (S,) in OSM syntax
    """
    of_schools = sum("SH" in text for text in hours)
    if not of_schools or calendar.terms_given:
        return calendar.warnings
    unstated = Warned(
        f"{of_schools} 个点位的开放时间与学校假期有关，但没有写明学期：按常见的寒暑假计算，请在方案里写明学期。",
        f"The hours of {of_schools} sites depend on school holidays, and no terms are stated: the usual holidays are"
        " taken. State the terms in the study.",
    )
    return (*calendar.warnings, unstated)


def always_open(count: int, periods: Periods) -> OpenTimes:
    """So many sites, open at any time."""
    return open_times(["24/7"] * count, periods)


def readable(text: str) -> bool:
    """Whether a text is opening hours in OSM syntax.

    >>> readable("Mo-Fr 08:00-12:00,14:30-17:30; PH off"), readable("周一至周五"), readable("")
    (True, False, False)
    """
    return bool(text.strip()) and _parses(text)


def open_minutes(text: str, calendar: Calendar) -> np.ndarray | None:
    """(N, 1440) bool: the minutes of each day of the year in which a text says open; None when it cannot be read."""
    days = _read(text, calendar)
    return None if days is None else days.profiles[np.broadcast_to(days.of_day, len(calendar))]


def week_of(text: str) -> np.ndarray | None:
    """(7, 1440) bool: the minutes of an ordinary week, Monday first, in which a text says open; None when not readable."""
    said = _within(text, ph=False, sh=False) if readable(text) else ""
    return _week(said) if said and _parses(said) else None


class _Days(NamedTuple):
    """A text's year: different days (R, 1440) bool, and which of them each day of the year is (N,)."""

    profiles: np.ndarray
    of_day: np.ndarray


NEVER = _Days(np.zeros((1, DAY), dtype=bool), np.zeros(1, dtype=np.int64))
"""A year of a place that does not open."""


def _read(text: str, calendar: Calendar) -> _Days | None:
    """The year of a text, None when it cannot be read."""
    if not readable(text):
        return None
    public, school = "PH" in text, "SH" in text
    source = _source_days(calendar, names_holidays=public)
    worlds = [(ph, sh) for ph in (False, True)[: 1 + public] for sh in (False, True)[: 1 + school]]
    says = [_within(text, ph=ph, sh=sh) for ph, sh in worlds]
    if not all(map(_parses, says)):
        return None
    world = (calendar.holiday & public).astype(np.int64) * (1 + school) + (calendar.school & school)
    if all(_WEEKLY.fullmatch(one) for one in says):
        weekday = (source - 7 + calendar.first.weekday()) % 7
        return _Days(np.concatenate([_week(one) for one in says]), world * 7 + weekday)
    first = datetime.combine(calendar.first, datetime.min.time()) - timedelta(7)
    days = len(calendar) + 14
    return _Days(np.concatenate([_evaluate(one, first, days) for one in says]), world * days + source)


def _source_days(calendar: Calendar, *, names_holidays: bool) -> np.ndarray:
    """(N,) the day whose hours each day has, counted from a week before the first."""
    weekday, day = calendar.weekday, np.arange(len(calendar)) + 7
    source = np.where(calendar.makeup, day - weekday + WEDNESDAY, day)
    return source if names_holidays else np.where(calendar.holiday, day - weekday + SUNDAY, source)


def _within(text: str, *, ph: bool, sh: bool) -> str:
    """A text as it reads on an ordinary day, a public or a school holiday: PH and SH put as weekdays or left out.

    >>> _within("PH off; Mo-Fr 08:00-17:00", ph=True, sh=False)
    'Mo-Fr 08:00-17:00; Mo-Su off'
    >>> _within("Sa,PH 10:00-12:00; SH Mo-Fr 09:00-11:00", ph=False, sh=True)
    'Sa 10:00-12:00; Mo-Fr 09:00-11:00'
    """
    parts = ["", *_RULES.split(_COMMENT.sub(lambda said: f"{said[1] or ' unknown'} {said[2]}", text))]
    kept: list[str] = []
    last: list[str] = []
    for separator, rule in zip(parts[::2], parts[1::2], strict=True):
        said = _rule_within(rule.strip(), ph=ph, sh=sh)
        if said is None:
            continue
        closes = said != rule.strip() and re.search(r"\b(off|closed)\b", said)
        (last if closes else kept).append(f"{separator.strip() or ';'} {said}")
    return "".join(kept + last)[1:].strip().replace(" ;", ";") or "off"


def _rule_within(rule: str, *, ph: bool, sh: bool) -> str | None:
    """One rule as it reads on such a day; None where it does not hold then."""
    found = _SELECTOR.search(re.sub(r'"[^"]*"', lambda comment: " " * len(comment[0]), rule))
    if found is None or not re.search("PH|SH", found[0]):
        return rule
    holds = {"PH": ph, "SH": sh}
    union, narrower = re.split(r"\s*,\s*", found[1]), (found[2] or "").strip()
    if any(holds.get(day) for day in union):
        days: str | None = narrower or "Mo-Su"
    else:
        ordinary = [day for day in union if day not in holds]
        days = " ".join(filter(None, [",".join(ordinary), narrower])) if ordinary else None
    return None if days is None else rule[: found.start()] + days + rule[found.end() :]


@lru_cache(maxsize=20_000)
def _parses(text: str) -> bool:
    from opening_hours import validate

    return bool(validate(text))


@lru_cache(maxsize=20_000)
def _week(text: str) -> np.ndarray:
    """(7, 1440) the days of an ordinary week, Monday first."""
    return read_only(_evaluate(text, datetime(2026, 11, 16), 7))


def _evaluate(text: str, first: datetime, days: int) -> np.ndarray:
    """(days, 1440) bool: open by the library, without any holidays."""
    from opening_hours import OpeningHours, State

    minutes = np.zeros(days * DAY, dtype=bool)
    for begin, end, state, _ in OpeningHours(text).intervals(first, first + timedelta(days)):
        if state == State.OPEN:
            low, high = ((at - first) // timedelta(minutes=1) for at in (begin, end))
            minutes[low:high] = True
    return minutes.reshape(days, DAY)


def _stretches(years: list[_Days], periods: Periods) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which texts are open (U, J), the period (J,) and the minutes a year (J,) of each stretch."""
    days = np.stack([np.broadcast_to(year.of_day, len(periods.calendar)) for year in years])
    _, cut = np.unique(periods.of, axis=0, return_inverse=True)
    kinds, first, count = np.unique(
        np.vstack([days, cut.reshape(1, -1)]), axis=1, return_index=True, return_counts=True
    )
    found: dict[tuple[int, bytes], int] = {}
    for kind, day, times in zip(kinds.T, first, count, strict=True):
        opened = np.stack([year.profiles[row] for year, row in zip(years, kind, strict=False)])
        label = periods.of[day]
        changes = (opened[:, 1:] != opened[:, :-1]).any(axis=0) | (label[1:] != label[:-1])
        starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
        columns = np.packbits(opened[:, starts], axis=0).T
        for start, column, length in zip(starts, columns, np.diff(starts, append=DAY), strict=True):
            key = int(label[start]), column.tobytes()
            found[key] = found.get(key, 0) + int(length) * int(times)
    order = sorted(found)
    packed = np.frombuffer(b"".join(column for _, column in order), dtype=np.uint8).reshape(len(order), -1)
    unpacked = np.unpackbits(packed, axis=1, count=len(years)).T.astype(bool)
    period, minutes = np.array([key[0] for key in order]), np.array([found[key] for key in order])
    return read_only(unpacked), read_only(period), read_only(minutes)
