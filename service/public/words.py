"""Why a device is open or not, in one short clause: 今日 22:00 关, opens 07:00 tomorrow."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from aedplan.hours.words import say_hours

from ..facts import COUNTY_TIME
from .opening import DAYS_AHEAD, Stretch, told_until

WEEKDAYS = (
    ("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"), ("周五", "Friday"),
    ("周六", "Saturday"), ("周日", "Sunday"),
)  # fmt: skip


class Words(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str


NO_HOURS = Words("开放时间不明", "opening hours not known")
UNREAD_HOURS = Words("开放时间看不懂", "opening hours not understood")
ALWAYS = Words("全天开放", "open 24 hours")
NOT_SOON = Words(f"{DAYS_AHEAD} 天内不开放", f"does not open within {DAYS_AHEAD} days")


@lru_cache(maxsize=4096)
def hours_words(hours: str) -> Words:
    """Opening hours in words; as they stand where they are none, "" where they are not known."""
    return Words(*say_hours(hours)) if hours else Words("", "")


def said_hours(hours: str, stretches: Sequence[Stretch] | None, at: datetime) -> Words:
    """Until when a place is open, or when it opens next; that nobody knows where there are no stretches."""
    if stretches is None:
        return UNREAD_HOURS if hours else NO_HOURS
    now = next(((first, last) for first, last in stretches if first <= at < last), None)
    if now is None:
        opens = next((first for first, _ in stretches if first > at), None)
        return NOT_SOON if opens is None else _opens(opens, at)
    return ALWAYS if now[1] >= told_until(at.astimezone(COUNTY_TIME).date()) else _closes(now[1], at)


def said_taken(at: datetime) -> Words:
    """That somebody has taken the device."""
    here = at.astimezone(COUNTY_TIME)
    return Words(f"有人报告 {here:%m-%d %H:%M} 已取走", f"reported taken on {here:%m-%d} at {here:%H:%M}")


def _opens(opens: datetime, at: datetime) -> Words:
    day, clock = _day_and_clock(opens, at, ends=False)
    return Words(f"{day.zh} {clock.zh} 开", f"opens {clock.en} {day.en}")


def _closes(closes: datetime, at: datetime) -> Words:
    day, clock = _day_and_clock(closes, at, ends=True)
    return Words(f"{day.zh} {clock.zh} 关", f"closes {clock.en} {day.en}")


def _day_and_clock(instant: datetime, at: datetime, *, ends: bool) -> tuple[Words, Words]:
    """The day as seen from another instant, and the time of day; midnight belongs to the day that ends there."""
    then, here = instant.astimezone(COUNTY_TIME), at.astimezone(COUNTY_TIME)
    if ends and (then.hour, then.minute) == (0, 0):
        then, clock = then - timedelta(days=1), Words("24:00", "24:00")
    else:
        clock = Words(f"{then.hour}:{then:%M}", f"{then:%H:%M}")
    days = (then.date() - here.date()).days
    if days == 0:
        return Words("今日", "today"), clock
    if days == 1:
        early = 4 <= then.hour < 12 and not ends
        return Words("明早" if early else "明日", "tomorrow"), clock
    if days >= 7:
        return Words(f"{then.month}月{then.day}日", f"on {then:%Y-%m-%d}"), clock
    zh, en = WEEKDAYS[then.weekday()]
    return Words(zh, f"on {en}"), clock
