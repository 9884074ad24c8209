"""Opening hours over a year: holidays, make-up workdays, school terms, and what never counts as open."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan.hours.holidays import Calendar, YearTable, china, from_table
from aedplan.hours.hours import always_open, open_minutes, open_times, readable, warn_hours
from aedplan.hours.periods import DEFAULT_PERIODS, WHOLE_WEEK, Periods, share_out

DAYS = china(2026)
PERIODS = share_out(DEFAULT_PERIODS, DAYS)


def is_open(text: str, when: str, days: Calendar = DAYS) -> bool:
    at = datetime.fromisoformat(when)
    minutes = open_minutes(text, days)
    assert minutes is not None, text
    return bool(minutes[(at.date() - days.first).days, at.hour * 60 + at.minute])


@pytest.mark.parametrize(
    ("text", "when", "expected"),
    [
        ("24/7", "2026-10-02 03:00", True),
        ("Mo-Fr 08:00-17:00; PH off", "2026-10-02 09:00", False),  # National Day week, a Friday
        ("PH off; Mo-Fr 08:00-17:00", "2026-10-02 09:00", False),  # a person means the same by it
        ("Mo-Fr 08:00-17:00", "2026-10-02 09:00", False),  # holidays not named: as on a Sunday
        ("Mo-Su 08:00-17:00", "2026-10-02 09:00", True),
        ("08:00-17:00", "2026-10-02 09:00", True),
        ("Tu-Su 09:00-17:00", "2026-10-05 10:00", True),  # a museum, on the Monday of National Day week
        ("Mo-Fr 08:00-17:00; PH off", "2026-10-10 09:00", True),  # a Saturday that makes up for it
        ("Mo-Fr 08:00-17:00; Sa,Su off", "2026-10-10 09:00", True),
        ("Mo-Fr 08:00-17:00", "2026-10-17 09:00", False),  # an ordinary Saturday
        ("Mo-Fr 08:00-17:00", "2026-10-16 16:59", True),
        ("Mo-Fr 08:00-17:00", "2026-10-16 17:00", False),
        ("Mo-Fr 08:00-17:00; PH 10:00-12:00", "2026-10-02 11:00", True),
        ("Mo-Fr 08:00-17:00; PH 10:00-12:00", "2026-10-02 09:00", False),
        ("Mo-Fr 08:00-17:00; PH 10:00-12:00", "2026-10-16 12:30", True),
        ("Sa,Su,PH 10:00-12:00", "2026-10-02 11:00", True),
        ("Sa,Su,PH 10:00-12:00", "2026-10-16 11:00", False),
        ("Mo-Fr 08:00-17:00, PH 10:00-12:00", "2026-10-02 11:00", True),
        ("Mo-Fr 07:00-18:00; SH off; PH off", "2026-07-15 09:00", False),
        ("Mo-Fr 07:00-18:00; SH off; PH off", "2026-06-15 09:00", True),
        ("SH Mo-Fr 09:00-11:00; Mo-Fr 15:00-17:00", "2026-07-15 10:00", False),  # the later rule holds on the same days
        ("Mo-Fr 15:00-17:00; SH Mo-Fr 09:00-11:00", "2026-07-15 10:00", True),
        ("Mo-Fr 15:00-17:00; SH Mo-Fr 09:00-11:00", "2026-07-18 10:00", False),
        ("Mo-Fr 15:00-17:00; PH,SH Mo-Fr 09:00-11:00", "2026-07-15 10:00", True),
        ("Mo-Fr 15:00-17:00; PH,SH Mo-Fr 09:00-11:00", "2026-06-15 10:00", False),
        ("Apr-Sep 09:00-18:00; Oct-Mar 09:00-16:00", "2026-06-02 17:00", True),
        ("Apr-Sep 09:00-18:00; Oct-Mar 09:00-16:00", "2026-12-02 17:00", False),
        ("Mo-Su 09:00-18:00; Mo[1] off", "2026-06-01 10:00", False),
        ("Mo-Su 09:00-18:00; Mo[1] off", "2026-06-08 10:00", True),
        ("Fr 22:00-02:00", "2026-10-17 01:00", True),
        ("Mo-Su 18:00-06:00", "2026-01-01 03:00", True),  # the night that begins in the year before
        ("24/7; PH off", "2026-10-01 12:00", False),
    ],
)  # fmt: skip
def test_a_text_says_open_or_closed(text: str, when: str, expected: bool) -> None:
    assert is_open(text, when) is expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "周一至周五 8:00-17:00", "Mo-Fr 8-22h", "by appointment", "Mo-Fr 08:00-17:00; PH +1 day off; nonsense"],
)
def test_what_cannot_be_read_is_never_open_and_is_counted_as_unknown(text: str) -> None:
    assert not readable(text)
    assert open_minutes(text, DAYS) is None
    times = open_times([text, "24/7"], PERIODS)
    assert times.unknown.tolist() == [True, False]
    assert not times.share[0].any()
    assert (times.share[1] == 1).all()


@pytest.mark.parametrize(
    "text", ['"call us"', '08:00-17:00 "ring the bell"', "08:00-17:00 unknown", '"ask" || "ask again"']
)
def test_comments_and_unknown_states_never_count_as_open(text: str) -> None:
    minutes = open_minutes(text, DAYS)
    assert minutes is not None
    assert not minutes.any()


def test_an_explicit_open_with_a_comment_is_open() -> None:
    assert is_open('08:00-17:00 open "at the desk"', "2026-06-02 09:00")


@lru_cache
def periods_of(year: int) -> Periods:
    return share_out(DEFAULT_PERIODS, china(year))


def plainly(text: str, weekdays: set[int], begin: int, end: int, days: Calendar) -> np.ndarray:
    """(N, 1440) minute by minute, by the rules of the module, for one range of weekdays and hours."""
    out = np.zeros((len(days), 1440), dtype=bool)
    for number in range(len(days)):
        day = days.first + timedelta(number)
        acts_as = 2 if days.makeup[number] else day.weekday()
        if days.holiday[number]:
            acts_as = -1 if "PH off" in text else 6
        if "SH off" in text and days.school[number]:
            acts_as = -1
        if acts_as in weekdays:
            out[number, begin:end] = True
    return out


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 6), st.integers(0, 6), st.integers(0, 47), st.integers(1, 48),
    st.sampled_from(["", "; PH off", "; SH off", "; SH off; PH off"]), st.sampled_from([2020, 2026, 2031]),
)  # fmt: skip
def test_hours_equal_a_count_by_hand(first: int, last: int, begin: int, length: int, tail: str, year: int) -> None:
    names = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    end = min(48, begin + length)
    low, high = sorted((first, last))
    clock = [f"{half // 2:02d}:{half % 2 * 30:02d}" for half in (begin, end)]
    text = (
        f"{names[low]}-{names[high]} {clock[0]}-{clock[1]}{tail}"
        if low < high
        else f"{names[low]} {'-'.join(clock)}{tail}"
    )
    days = china(year)
    by_hand = plainly(text, set(range(low, high + 1)), begin * 30, end * 30, days)
    minutes = open_minutes(text, days)
    assert minutes is not None
    assert (minutes == by_hand).all()
    periods = periods_of(year)
    kept = [by_hand[periods.of == period].mean() for period in range(6)]
    assert open_times([text], periods).share[0] == pytest.approx(kept)


def test_the_stretches_share_out_the_year_and_hold_every_text() -> None:
    texts = [
        "24/7",
        "Mo-Fr 08:00-12:00,14:30-17:30",
        "",
        "Tu-Su 09:00-21:00",
        "Oct-Mar 10:00-16:00",
        "22:00-06:00; PH off",
    ]
    times = open_times(texts, PERIODS)
    for period in range(len(PERIODS)):
        assert times.minutes[times.period == period].sum() == PERIODS.minutes[period]
    everything = [open_minutes(text, DAYS) for text in texts]
    for a, first in enumerate(everything):
        for b, second in enumerate(everything):
            if first is not None and second is not None:
                together = times.minutes[times.open[times.text[a]] & times.open[times.text[b]]].sum()
                assert together == (first & second).sum()


def test_an_open_matrix_by_whole_periods_never_promises_more_than_is_kept() -> None:
    times = open_times(["24/7", "Mo-Fr 08:00-17:00", "07:30-22:30", "Mo-Fr 09:00-16:00"], PERIODS)
    whole = times.by_period()
    assert whole.open[whole.text].tolist() == [
        [True] * 6,
        [True, False, False, False, False, False],
        [True, False, False, True, False, False],
        [False] * 6,
    ]
    assert (whole.share <= times.share + 1e-12).all()
    assert times.by_period(at_least=0.8).open[times.text][3].tolist() == [True, False, False, False, False, False]


def test_the_office_hours_of_a_workday_hold_on_every_workday_of_the_calendar() -> None:
    share = open_times(["Mo-Fr 08:00-16:00; PH off"], PERIODS).share[0]
    assert share.tolist() == [1, 0, 0, 0, 0, 0]


def test_opening_times_in_a_country_without_a_table_know_weekends_only() -> None:
    days = from_table(2026, YearTable([]))
    assert is_open("Mo-Fr 08:00-17:00; PH off", "2026-10-02 09:00", days)
    assert (always_open(2, share_out(DEFAULT_PERIODS, days)).share == 1).all()


def test_many_texts_need_little_time() -> None:
    import time

    texts = [
        f"Mo-Fr {h:02d}:{m:02d}-{h + 9:02d}:{m:02d}; Sa {h:02d}:00-12:00" for h in range(5, 12) for m in range(0, 60, 2)
    ]
    begin = time.process_time()
    times = open_times(texts * 10, share_out(DEFAULT_PERIODS, DAYS))
    assert time.process_time() - begin < 3
    assert len(times) == 2100


def test_the_year_of_the_calendar_decides_the_weekday_of_a_date() -> None:
    days: Periods = share_out(DEFAULT_PERIODS, china(2025))
    assert days.calendar.weekday[0] == date(2025, 1, 1).weekday()
    assert is_open("Mo-Fr 08:00-17:00", "2025-09-28 09:00", days.calendar)  # a Sunday worked


def test_hours_warn_of_a_year_nobody_knows_and_of_terms_nobody_stated() -> None:
    schools = ["Mo-Fr 07:00-18:00; SH off", "24/7", "Mo-Fr 07:00-18:00; SH off"]
    assert warn_hours(["24/7"], DAYS) == ()
    (terms,) = warn_hours(schools, DAYS)
    assert "2 个点位" in terms.zh
    assert "The hours of 2 sites depend on school holidays" in terms.en
    assert warn_hours(schools, china(2026, terms=["2026-02-25/2026-07-05"])) == ()
    year, _ = warn_hours(schools, china(2031))
    assert "2031" in year.en


def test_stated_terms_decide_when_a_school_is_open() -> None:
    days = china(2026, terms=["2026-02-25/2026-07-20", "2026-09-01/2027-01-20"])
    assert is_open("Mo-Fr 07:00-18:00; SH off", "2026-07-15 09:00", days)
    assert not is_open("Mo-Fr 07:00-18:00; SH off", "2026-07-22 09:00", days)


def test_one_period_may_hold_the_whole_week() -> None:
    week = share_out(WHOLE_WEEK, DAYS)
    assert open_times(["24/7", "08:00-20:00"], week).share.tolist() == [[1.0], [0.5]]
