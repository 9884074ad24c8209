"""What the public is told of a device, by hand-made cases and by promises that hold for any records."""

import datetime as dt
from itertools import pairwise

import pytest
from device_records import NORM, TODAY, at, healthy, norms, records
from hypothesis import given
from hypothesis import strategies as st

from aedplan import china, open_minutes
from service.facts import COUNTY_TIME, Check, Defect, Part, Report, Status, Use, day_of
from service.public.opening import DAYS_AHEAD, midnight, open_at, open_stretches, told_until
from service.public.state import UNCHECKED, Condition, condition_of, judge, ready_at
from service.ready.readiness import readiness

DAILY = "08:00-22:00"


def here(text):
    """An instant by the county's clock: "11-22 21:30"."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=COUNTY_TIME)


def said(condition, text):
    """State, Chinese why and, by the county's clock, until when."""
    found = judge(condition, here(text))
    until = found.until and f"{found.until.astimezone(COUNTY_TIME):%m-%d %H:%M}"
    return found.state, found.why.zh, until


def healthy_with(hours, **more):
    return condition_of(healthy(**more), NORM, TODAY, hours=hours)


@pytest.mark.parametrize(
    ("hours", "when", "expected"),
    [  # 2026-11-22 is a Sunday
        ("24/7", "11-22 03:00", ("usable", "全天开放", None)),
        (DAILY, "11-22 21:30", ("usable", "今日 22:00 关", "11-22 22:00")),
        (DAILY, "11-22 22:00", ("closed", "明早 8:00 开", "11-23 08:00")),
        (DAILY, "11-22 07:59", ("closed", "今日 8:00 开", "11-22 08:00")),
        ("Mo-Fr 14:00-17:30", "11-22 15:00", ("closed", "明日 14:00 开", "11-23 14:00")),
        ("Mo-Fr 08:00-18:00", "11-28 12:00", ("closed", "周一 8:00 开", "11-30 08:00")),
        ("Sa 08:00-18:00", "11-28 18:00", ("closed", "12月5日 8:00 开", "12-05 08:00")),
        ("18:00-02:00", "11-22 23:00", ("usable", "明日 2:00 关", "11-23 02:00")),
        ("18:00-02:00", "11-23 01:30", ("usable", "今日 2:00 关", "11-23 02:00")),
        ("Fr 20:00-04:00", "11-28 03:59", ("usable", "今日 4:00 关", "11-28 04:00")),
        ("08:00-24:00", "11-22 20:00", ("usable", "今日 24:00 关", "11-23 00:00")),
        ("Mo-Su 08:00-12:00,14:00-18:00", "11-22 13:00", ("closed", "今日 14:00 开", "11-22 14:00")),
        ("2026 Jan 08:00-18:00", "11-22 13:00", ("closed", "8 天内不开放", None)),
        ("", "11-22 13:00", ("unverified", "开放时间不明", None)),
        ("早九点到晚五点", "11-22 13:00", ("unverified", "开放时间看不懂", None)),
    ],
)
def test_by_the_clock_alone(hours, when, expected):
    condition = Condition(healthy_with(hours).ready[:1], None, hours)
    assert said(condition, when) == expected


@pytest.mark.parametrize(
    ("hours", "when", "state"),
    [  # 1 to 7 October 2026 are the National Day holiday, 10 October is a Saturday on which the country works
        ("Mo-Fr 08:00-18:00", "10-01 10:00", "closed"),
        ("Mo-Fr 08:00-18:00; PH 09:00-12:00", "10-01 10:00", "usable"),
        ("Mo-Fr 08:00-18:00", "10-08 10:00", "usable"),
        ("Mo-Fr 08:00-18:00", "10-10 10:00", "usable"),
        ("Mo-Su 08:00-18:00; PH off", "10-02 10:00", "closed"),
        ("24/7", "10-01 10:00", "usable"),
    ],
)
def test_on_chinese_holidays_and_the_workdays_made_up_for_them(hours, when, state):
    assert judge(Condition(healthy_with(hours).ready[:1], None, hours), here(when)).state == state


def test_over_new_year_a_place_that_never_closes_stays_open():
    condition = Condition(healthy_with("24/7").ready[:1], None, "24/7")
    assert judge(condition, here("12-31 23:59"))[:2] == ("usable", ("全天开放", "open 24 hours"))


def test_english_says_the_same():
    condition = healthy_with(DAILY)
    assert judge(condition, here("11-22 21:30")).why.en == "closes 22:00 today"
    assert judge(condition, here("11-22 22:30")).why.en == "opens 08:00 tomorrow"
    weekly = Condition(condition.ready[:1], None, "Mo 08:00-18:00")
    assert judge(weekly, here("11-26 10:00")).why.en == "opens 08:00 on Monday"
    assert judge(weekly, here("11-23 18:00")).why.en == "opens 08:00 on 2026-11-30"


FAULTS = {
    "expired pads": {"parts": (Part("pads_adult", TODAY - dt.timedelta(1)), Part("battery", TODAY))},
    "no battery": {"parts": (Part("pads_adult", TODAY),)},
    "an open critical defect": {"defects": (Defect("x", "casing", "critical", at(-1)),)},
    "a use since the last check": {"uses": (Use(at(-1)),)},
    "out of service": {"statuses": (Status(at(-400), "active"), Status(at(-1), "out_of_service"))},
    "missing": {"statuses": (Status(at(-400), "active"), Status(at(-1), "missing"))},
}
DOUBTS = {
    "never checked": {"checks": ()},
    "not checked for long": {"checks": (Check(at(-300), "monthly", healthy().checks[0].results),)},
    "a battery without a date": {"parts": (Part("pads_adult", TODAY), Part("battery", None))},
    "two who did not find it": {"reports": (Report("missing", at(-2), "a"), Report("missing", at(-1), "b"))},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_device_known_not_to_be_ready_is_closed_at_any_hour_and_says_why(fault):
    for hours in ("24/7", DAILY, ""):
        found = judge(healthy_with(hours, **FAULTS[fault]), here("11-22 12:00"))
        assert found.state == "closed"
        assert found.why.zh
        assert found.why.en
        assert "开" not in found.why.zh


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_device_of_which_nobody_knows_is_not_verified_while_open_and_closed_while_closed(doubt):
    condition = healthy_with(DAILY, **DOUBTS[doubt])
    assert ready_at(condition, here("11-22 12:00")).ready is None
    assert judge(condition, here("11-22 12:00")).state == "unverified"
    assert said(condition, "11-22 22:30")[:2] == ("closed", "明早 8:00 开")


def test_one_person_who_says_missing_twice_is_not_believed_and_neither_is_a_dismissed_report():
    twice = (Report("missing", at(-2), "a"), Report("missing", at(-1), "a"))
    dismissed = (Report("missing", at(-2), "a"), Report("missing", at(-1), "b", closed_at=at(0)))
    for reports in (twice, dismissed):
        assert judge(healthy_with("24/7", reports=reports), at(0, 12)).state == "usable"


def test_a_check_that_finds_the_device_ends_the_doubt_about_it():
    reports = (Report("missing", at(-5), "a"), Report("missing", at(-4), "b"), Report("used", at(-4), "c"))
    assert judge(healthy_with("24/7", reports=reports), at(0, 12)).state == "usable"


def test_a_device_that_somebody_took_is_not_verified_for_two_days_unless_somebody_looks_into_it():
    condition = healthy_with("24/7", reports=(Report("used", at(-1, 10), "a"),))
    assert said(condition, "11-22 12:00") == ("unverified", "有人报告 11-21 10:00 已取走", "11-23 10:00")
    assert judge(condition, at(1, 10)).state == "usable"
    seen_to = healthy_with("24/7", reports=(Report("used", at(-1, 10), "a", closed_at=at(0, 9)),))
    assert judge(seen_to, at(0, 12)).state == "usable"


def test_a_device_becomes_unusable_on_the_day_after_its_pads_expire_without_any_further_record():
    condition = healthy_with(
        "24/7",
        parts=(
            Part("pads_adult", TODAY + dt.timedelta(2)),
            Part("battery", None, True),
            Part("battery", TODAY + dt.timedelta(99)),
        ),
    )
    assert said(condition, "11-22 12:00") == ("usable", "全天开放", "11-25 00:00")
    found = judge(condition, here("11-25 00:00"))
    assert (found.state, found.why.zh) == ("closed", "成人电极片已于 2026-11-24 到期")


def test_of_a_device_without_records_nothing_is_said_but_that_there_are_none():
    assert said(Condition(UNCHECKED, None, "24/7"), "11-22 12:00") == ("unverified", "没有检查记录", None)


texts = st.sampled_from(
    [
        "24/7",
        DAILY,
        "Mo-Fr 08:00-12:00,14:00-18:00; PH off",
        "18:00-02:00",
        "Su 09:00-09:01",
        "",
        "?",
        "Mo-Su,PH 00:00-24:00",
    ]
)
instants = st.integers(0, 20 * 1440).map(lambda minute: at(0, 0) + dt.timedelta(minutes=minute))


@given(records, norms, texts, instants)
def test_usable_means_ready_by_the_records_and_open_by_the_hours_and_unknown_never_counts(facts, norm, hours, instant):
    condition = condition_of(facts, norm, TODAY, hours=hours)
    found = judge(condition, instant)
    on, is_open = day_of(instant), bool(open_at([hours], instant)[0])
    usable = readiness(facts, norm, on).usable
    assert (ready_at(condition, instant).ready is True) == usable
    if found.state == "usable":
        assert usable
        assert is_open
    if not usable:
        assert found.state != "usable"
    if usable and is_open and not any(report.kind == "used" for report in facts.reports):
        assert found.state == "usable"
    if found.state == "closed" and ready_at(condition, instant).ready is not False:
        assert open_minutes(hours, china(on.year)) is not None
        assert not is_open
    assert found.why.zh or found.state == "usable"


@given(records, norms, texts, instants)
def test_until_is_the_first_minute_of_another_state(facts, norm, hours, instant):
    condition = condition_of(facts, norm, TODAY, hours=hours)
    found = judge(condition, instant)
    end = found.until or told_until(day_of(instant))
    quarter = dt.timedelta(minutes=97)
    steps = [instant + quarter * n for n in range(int((end - instant) / quarter) + 1) if instant + quarter * n < end]
    assert {judge(condition, step).state for step in steps} <= {found.state}
    if found.until is not None:
        assert judge(
            condition, found.until - dt.timedelta(minutes=1)
        ).state == found.state or found.until - instant < dt.timedelta(minutes=1)
        assert judge(condition, found.until).state != found.state


@given(texts, st.integers(0, 364))
def test_stretches_are_the_open_minutes_of_the_days_joined(hours, number):
    day = dt.date(2026, 1, 1) + dt.timedelta(min(number, 364 - DAYS_AHEAD))
    stretches, minutes = open_stretches(hours, day), open_minutes(hours, china(2026))
    assert (stretches is None) == (minutes is None)
    if stretches is None:
        return
    first = day.timetuple().tm_yday - 1
    flat = minutes[first : first + DAYS_AHEAD + 1].ravel()
    begin = midnight(day)
    told = [False] * len(flat)
    for start, end in stretches:
        low, high = (int((one - begin).total_seconds()) // 60 for one in (start, end))
        told[low:high] = [True] * (high - low)
    assert told == flat.tolist()
    assert all(one[1] < other[0] for one, other in pairwise(stretches))
