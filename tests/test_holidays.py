"""The days people work: China's holidays with make-up workdays, an office's own year, years nobody knows."""

from datetime import date, timedelta

import chinese_calendar
import numpy as np
import pytest

from aedplan.errors import InputError
from aedplan.hours.holidays import Calendar, YearTable, china, from_table, read_year_tables


def on(days: Calendar, month: int, day: int) -> int:
    return (date(days.year, month, day) - days.first).days


@pytest.mark.parametrize("year", [2004, 2015, 2020, 2024, 2026])
def test_workdays_are_those_of_the_notice_day_by_day(year: int) -> None:
    days = china(year)
    for number in range(len(days)):
        day = days.first + timedelta(number)
        assert days.workday[number] == chinese_calendar.is_workday(day), day
        assert days.weekday[number] == day.weekday()


def test_the_national_day_week_is_free_and_the_saturday_after_it_is_worked() -> None:
    days = china(2026)
    assert days.holiday[on(days, 10, 1) : on(days, 10, 7) + 1].all()
    assert not days.workday[on(days, 10, 2)]
    assert days.makeup[on(days, 10, 10)]
    assert days.workday[on(days, 10, 10)]
    assert not days.holiday[on(days, 10, 10)]


def test_a_year_nobody_knows_has_weekends_only_and_says_so_in_both_languages() -> None:
    days = china(2031)
    assert not days.holiday.any()
    assert (days.workday == (days.weekday < 5)).all()
    (warning,) = days.warnings
    assert "2031" in warning.zh
    assert "2004-2026" in warning.zh
    assert "2031 are not known" in warning.en
    assert china(2026).warnings == ()


def test_an_offices_table_adds_a_year_without_a_warning() -> None:
    table = read_year_tables(
        {"2031": {"holidays": ["2031-01-01", "2031-01-22/2031-01-28"], "workdays": ["2031-01-19"]}}
    )
    days = china(2031, table=table[2031])
    assert days.warnings == ()
    assert np.flatnonzero(days.holiday).tolist() == [0, *range(21, 28)]
    assert days.workday[18]  # a Sunday
    assert not days.workday[21]


def test_every_fault_of_a_table_comes_at_once() -> None:
    table = YearTable(["2031-13-01", "2030-01-01", "2031-02-09/2031-02-01"], ["2031-01-20", "2031-01-19"])
    with pytest.raises(InputError) as caught:
        from_table(2031, table._replace(holidays=[*table.holidays, "2031-01-19"]))
    told = str(caught.value)
    assert "'2031-13-01' is no day" in told
    assert "'2030-01-01' has no day in 2031" in told
    assert "'2031-02-09/2031-02-01' has no day" in told
    assert "2031-01-20 is not a Saturday or Sunday" in told
    assert "2031-01-19 is also among the holidays" in told
    with pytest.raises(InputError, match="is not a year"):
        read_year_tables({"27": {"holidays": [], "free": []}})


def test_a_stretch_over_new_year_counts_in_both_years() -> None:
    stretch = YearTable(["2030-12-30/2031-01-02"])
    assert int(from_table(2030, stretch).holiday.sum()) == 2
    assert int(from_table(2031, stretch).holiday.sum()) == 2


def test_schools_have_the_usual_holidays_unless_their_terms_are_stated() -> None:
    usual, stated = china(2026), china(2026, terms=["2026-02-25/2026-07-05", "2026-09-01/2027-01-20"])
    assert usual.school[on(usual, 7, 15)]
    assert not usual.school[on(usual, 2, 22)]
    assert not usual.terms_given
    assert stated.terms_given
    assert np.flatnonzero(stated.school).tolist() == [
        *range(on(stated, 2, 25)),
        *range(on(stated, 7, 6), on(stated, 9, 1)),
    ]
    with pytest.raises(InputError, match="terms: 'autumn' is no day"):
        china(2026, terms=["autumn"])
