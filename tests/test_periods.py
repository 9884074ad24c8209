"""Periods share out every minute of the year, and say which they miss or hold twice."""

from datetime import timedelta

import numpy as np
import pytest

from aedplan.errors import InputError
from aedplan.hours.holidays import china
from aedplan.hours.periods import DEFAULT_PERIODS, Period, define_periods, share_out


def test_each_minute_of_the_year_lies_in_the_period_of_its_day_and_hour() -> None:
    days = china(2026)
    periods = share_out(DEFAULT_PERIODS, days)
    assert periods.minutes.sum() == 365 * 1440
    for number in range(len(days)):
        for minute in (0, 479, 480, 959, 960, 1439):
            part = {0: "night", 1: "day", 2: "evening"}[minute // 480]
            kind = "workday" if days.workday[number] else "free"
            assert periods.periods[periods.of[number, minute]].id == f"{kind}-{part}"


def test_a_leap_year_has_a_day_more() -> None:
    assert share_out(DEFAULT_PERIODS, china(2024)).minutes.sum() == 366 * 1440


def test_make_up_workdays_count_as_workdays_and_holidays_as_free_days() -> None:
    days = china(2026)
    periods = share_out(DEFAULT_PERIODS, days)
    saturday, friday = ((days.first.replace(month=10, day=d) - days.first).days for d in (10, 2))
    assert days.first + timedelta(saturday) == days.first.replace(month=10, day=10)
    assert periods.periods[periods.of[saturday, 600]].id == "workday-day"
    assert periods.periods[periods.of[friday, 600]].id == "free-day"


def test_a_planner_may_cut_the_week_otherwise() -> None:
    tables = [
        {"id": "night", "title_zh": "夜间", "title_en": "night", "days": "every", "hours": "22:00-06:00"},
        {"id": "market", "days": ["Sa", "Su"], "hours": "06:00-22:00"},
        {"id": "rest", "days": ["Mo", "Tu", "We", "Th", "Fr"], "hours": "06:00-22:00"},
    ]
    periods = share_out(define_periods(tables), china(2026))
    assert periods.hours.tolist() == [365 * 8, 104 * 16, 261 * 16]
    assert periods.periods[0].zh == "夜间"
    assert (periods.of[0, [0, 359, 360, 1319, 1320]] == [0, 0, 2, 2, 0]).all()


def test_minutes_that_no_period_or_two_periods_hold_are_named() -> None:
    with pytest.raises(InputError) as caught:
        share_out([Period("a", "", "", "workday", 0, 720), Period("b", "", "", "every", 600, 1440)], china(2026))
    told = str(caught.value)
    assert "that no period holds, the first at 00:00 of a free day (Th)" in told
    assert "496 hours a year that more than one period holds, the first at 10:00 of a workday (Su)" in told


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"id": "a", "days": "holiday", "hours": "00:00-24:00"}, "days is 'holiday'"),
        ({"id": "a", "days": ["Monday"], "hours": "00:00-24:00"}, "days is"),
        ({"id": "a", "days": [], "hours": "00:00-24:00"}, "days is"),
        ({"days": "every", "hours": "00:00-24:00"}, "id is missing"),
        ({"id": "a", "hours": "8-16"}, "'8-16' is no range"),
        ({"id": "a", "hours": "08:00-08:00"}, "begins where it ends"),
        ({"id": "a", "hours": "08:00-24:30"}, "is no range"),
        ({"id": "a", "hour": "08:00-16:00"}, "hour is not a setting; did you mean hours?"),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_name(table: dict[str, object], fault: str) -> None:
    with pytest.raises(InputError, match="periods, number 1") as caught:
        define_periods([table])
    assert fault in str(caught.value)


def test_two_periods_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="1 id repeats another: a"):
        share_out([Period("a", "", "", "workday", 0, 1440), Period("a", "", "", "free", 0, 1440)], china(2026))


def test_the_arrays_are_read_only() -> None:
    periods = share_out(DEFAULT_PERIODS, china(2026))
    with pytest.raises(ValueError, match="read-only"):
        periods.of[0, 0] = np.int8(1)
