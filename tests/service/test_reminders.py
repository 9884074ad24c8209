"""Reminders: what falls due and when, who hears of it, and that nothing is said twice."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan import InputError
from service.calendar_feed import MOST_OCTETS, calendar, escaped, folded
from service.facts import Check, Defect, DeviceFacts, Part, Status
from service.ready.norms import shipped_norms
from service.ready.readiness import CRITICAL
from service.reminders import (
    LEVELS,
    Due,
    Ladder,
    Paper,
    Receiver,
    device_dues,
    falling_due,
    make_rules,
    messages,
    paper_dues,
    shipped_rules,
    words,
)

NORM = shipped_norms()["default"]
RULES = shipped_rules()
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


DEVICE = DeviceFacts(
    "A017",
    "汽车站",
    statuses=(Status(ago(400), "active"),),
    parts=(Part("pads_adult", date(2027, 5, 31), id="p1"), Part("battery", date(2028, 5, 31), id="b1")),
    checks=(Check(ago(3), "monthly", dict.fromkeys(CRITICAL, "ok")),),
    installed_on=date(2025, 10, 1),
)
MANAGER, HEAD = Receiver("email", "guard@example.org"), Receiver("email", "head@example.org", "en")
OFFICE = Receiver("wecom", "红十字会群")
LADDER = Ladder({("s1", 0): (MANAGER,), ("s1", 1): (HEAD,)}, {2: (OFFICE,)})


def sent_over(dues: list[Due], first: date, days: int) -> Counter[tuple[str, str]]:
    """(rule, address) of every message of a service that runs daily and keeps what it has sent."""
    known: set[str] = set()
    count: Counter[tuple[str, str]] = Counter()
    for n in range(days):
        on = first + timedelta(days=n)
        now = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
        for reminder in falling_due(dues, RULES, on):
            for message in messages([reminder], LADDER, now=now):
                if message.key not in known:
                    known.add(message.key)
                    count[reminder.due.rule_id, message.receiver] += 1
    return count


@pytest.mark.parametrize(
    ("days", "steps"),
    [(-91, None), (-90, 0), (-61, 0), (-60, 0), (-30, 1), (-8, 1), (-7, 1), (-1, 1), (0, 2), (200, 2)],
)
def test_pads_are_reminded_of_at_each_step_and_escalate(days: int, steps: int | None) -> None:
    dues = device_dues(DEVICE, NORM)
    on = date(2027, 5, 31) + timedelta(days=days)
    found = {r.due.rule_id: r.escalation for r in falling_due(dues, RULES, on)}
    assert found.get("pads") == steps


@pytest.mark.parametrize(("late", "level"), [(2, None), (3, 0), (7, 1), (14, 2)])
def test_an_overdue_check_goes_up_the_ladder(late: int, level: int | None) -> None:
    dues = device_dues(DEVICE, NORM)
    due_on = TODAY - timedelta(days=3) + timedelta(days=30)
    found = {r.due.rule_id: r.escalation for r in falling_due(dues, RULES, due_on + timedelta(days=late))}
    assert found.get("check") == level


def test_the_shipped_steps_are_those_of_the_office() -> None:
    days = {name: [step[0] for step in rule.steps] for name, rule in RULES.items()}
    assert days["pads"] == days["battery"] == [-90, -60, -30, -7, 0]
    assert (days["check"], days["agreement"], days["insurance"]) == ([3, 7, 14], [-90, -30], [-60, -30])
    assert days["certificate"] == [-60, -30]
    assert "defect" in days


def test_over_a_year_each_step_is_said_once_to_each_who_must_hear_it() -> None:
    pads = [due for due in device_dues(DEVICE, NORM, site_id="s1") if due.rule_id == "pads"]
    assert sent_over(pads, date(2027, 1, 1), 365) == {
        ("pads", MANAGER.address): 5,
        ("pads", HEAD.address): 3,
        ("pads", OFFICE.address): 1,
    }


def test_a_service_that_stood_still_sends_the_last_step_only() -> None:
    pads = [due for due in device_dues(DEVICE, NORM, site_id="s1") if due.rule_id == "pads"]
    assert sent_over(pads, date(2027, 5, 27), 1) == {("pads", MANAGER.address): 1, ("pads", HEAD.address): 1}


def test_new_pads_begin_a_new_series() -> None:
    old = falling_due(device_dues(DEVICE, NORM), RULES, date(2027, 5, 31))
    new_part = Part("pads_adult", date(2029, 5, 31), id="p1")
    renewed = replace(DEVICE, parts=(new_part, DEVICE.parts[1]))
    assert "pads" not in {r.due.rule_id for r in falling_due(device_dues(renewed, NORM), RULES, date(2027, 5, 31))}
    new = falling_due(device_dues(renewed, NORM), RULES, date(2029, 5, 31))
    assert not {r.key for r in old if r.due.rule_id == "pads"} & {r.key for r in new}


def test_a_missing_date_is_reminded_of_at_once() -> None:
    device = replace(DEVICE, parts=(Part("battery", None, fitted_on=TODAY, id="b9"),))
    [reminder] = falling_due(device_dues(device, NORM), RULES, TODAY)
    assert (reminder.due.rule_id, reminder.escalation) == ("no_expiry", 0)
    assert "没有有效期" in reminder.due.zh
    unknown = replace(device, parts=(Part("battery", None),), installed_on=None)
    assert falling_due(device_dues(unknown, NORM), RULES, TODAY)[0].escalation == 2


@pytest.mark.parametrize("lifecycle", ["planned", "retired"])
def test_a_device_that_is_not_there_owes_nothing(lifecycle: str) -> None:
    assert device_dues(replace(DEVICE, statuses=(Status(ago(1), lifecycle),)), NORM) == []


def test_removed_parts_and_mended_defects_are_not_reminded_of() -> None:
    device = replace(
        DEVICE,
        parts=(Part("battery", TODAY, removed_on=TODAY),),
        defects=(Defect("d1", "cabinet_sign", "major", ago(9), TODAY, done_at=NOW),
                 Defect("d2", "casing", "major", ago(9), TODAY)),
    )  # fmt: skip
    dues = device_dues(device, NORM)
    assert [due.subject_id for due in dues] == ["A017", "d2"]
    assert "外壳" in dues[1].zh


def test_papers_fall_due_on_their_last_day() -> None:
    papers = [
        Paper("agreement", "1", "汽车站协议", "agreement of the station", TODAY + timedelta(days=30), "s1"),
        Paper("insurance", "2", "责任险", "liability", None),
    ]
    [reminder] = falling_due(paper_dues(papers), RULES, TODAY)
    assert reminder.escalation == 2
    assert reminder.key == "agreement:agreement:1:2026-12-22:-30"


def test_the_most_pressing_comes_first() -> None:
    dues = [
        Due("check", "device", "a", TODAY - timedelta(days=3), "", ""),
        Due("check", "device", "b", TODAY - timedelta(days=20), "", ""),
        Due("pads", "pads", "c", TODAY - timedelta(days=50), "", ""),
    ]
    assert [r.due.subject_id for r in falling_due(dues, RULES, TODAY)] == ["c", "b", "a"]


def test_one_address_on_two_levels_gets_one_message() -> None:
    ladder = Ladder({("s1", 0): (MANAGER,), ("s1", 1): (MANAGER,)}, {})
    due = Due("battery", "battery", "b", TODAY, "", "", "s1")
    assert len(messages(falling_due([due], RULES, TODAY), ladder, now=NOW)) == 1


def test_each_is_written_to_in_their_language() -> None:
    due = Due(
        "battery", "battery", "b", TODAY + timedelta(days=7), "汽车站：电池到期", "station: battery expires", "s1"
    )
    made = {m.receiver: m for m in messages(falling_due([due], RULES, TODAY), LADDER, now=NOW)}
    assert made[MANAGER.address].subject == "【AED 提醒】汽车站：电池到期，还有 7 天"
    assert made[HEAD.address].subject == "[AED] station: battery expires, 7 days left"
    [reminder] = falling_due([due], RULES, TODAY + timedelta(days=8))
    assert words(reminder, "zh", TODAY + timedelta(days=8))[0].endswith("已过 1 天")


dues = st.builds(
    Due, st.sampled_from(sorted(RULES)), st.just("device"), st.sampled_from("abc"),
    st.integers(-400, 400).map(lambda n: TODAY + timedelta(days=n)), st.just("甲"), st.just("a"),
)  # fmt: skip


@given(st.lists(dues, max_size=5), st.integers(0, 100))
def test_time_only_raises_the_level_and_keys_name_one_step(given_dues: list[Due], later: int) -> None:
    now = {(r.due, r.due.rule_id): r for r in falling_due(given_dues, RULES, TODAY)}
    then = {(r.due, r.due.rule_id): r for r in falling_due(given_dues, RULES, TODAY + timedelta(days=later))}
    assert now.keys() <= then.keys()
    for due, reminder in now.items():
        assert then[due].escalation >= reminder.escalation
        assert (then[due].key == reminder.key) == (then[due].step_on == reminder.step_on)
        assert reminder.step_on <= TODAY


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"pad": {"zh": "", "en": "", "steps": []}}, "did you mean pads"),
        ({"pads": {"zh": "", "en": ""}}, "steps is missing"),
        ({"pads": {"zh": "", "en": "", "steps": [[0, 4]]}}, "level 0 to 3"),
        ({"pads": {"zh": "", "en": "", "steps": [[0, 1], [-7, 0]]}}, "days that rise"),
        ({"pads": {"zh": "", "en": "", "steps": [[-7, 1], [0, 0]]}}, "do not fall"),
        ({"pads": {"zh": "", "en": "", "steps": [[True, 0]]}}, "expected"),
        ({"pads": {"zh": "", "en": "", "steps": [[0.5, 0]]}}, "expected"),
        ({"pads": {"zh": "", "en": "", "steps": "daily"}}, "expected"),
        ({"pads": {"zh": "", "en": "", "steps": [], "step": 1}}, "did you mean steps"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(table: dict, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        make_rules(table)


def test_the_office_can_change_the_steps() -> None:
    rules = {**RULES, **make_rules({"check": {"zh": "检查逾期", "en": "Check overdue", "steps": [[0, 3]]}})}
    due = Due("check", "device", "a", TODAY, "", "")
    assert [r.escalation for r in falling_due([due], rules, TODAY)] == [len(LEVELS) - 1]


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=120)


days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
written = st.builds(Due, st.sampled_from(sorted(RULES)), st.just("device"), st.uuids().map(str), days, texts, texts)


@given(st.lists(written, max_size=4))
def test_another_calendar_reads_what_was_written(given_dues: list[Due]) -> None:
    feed = calendar(given_dues, RULES, changed_at=NOW)
    assert feed == calendar(given_dues[::-1], RULES, changed_at=NOW)
    assert feed.replace(b"\r\n", b"").count(b"\n") == 0
    assert all(len(line) <= MOST_OCTETS for line in feed.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(feed)
    events = {str(event["UID"]): event for event in read.walk("VEVENT")}
    assert len(events) == len(given_dues)
    for due in given_dues:
        event = events[f"{due.rule_id}.device.{due.subject_id}@aedplan"]
        assert str(event["SUMMARY"]) == due.zh
        assert event.decoded("DTSTART") == due.due_on
        assert event.decoded("DTEND") == due.due_on + timedelta(days=1)
        assert event.decoded("DTSTAMP") == NOW


def test_an_event_moves_when_its_day_moves() -> None:
    first, second = (Due("pads", "pads", "p1", TODAY + timedelta(days=n), "甲", "a") for n in (0, 700))
    feeds = [icalendar.Calendar.from_ical(calendar([due], RULES, changed_at=NOW)) for due in (first, second)]
    assert len({str(feed.walk("VEVENT")[0]["UID"]) for feed in feeds}) == 1


def test_lines_cannot_be_smuggled_into_the_calendar() -> None:
    evil = Due("pads", "pads", "x\r\nEND:VCALENDAR", TODAY, "a\r\nATTACH:http://x\nb\x00\x1b", "a")
    feed = calendar([evil], RULES, changed_at=NOW)
    assert b"\r\nATTACH" not in feed
    assert feed.count(b"END:VCALENDAR\r\n") == 1
    [event] = icalendar.Calendar.from_ical(feed).walk("VEVENT")
    assert str(event["SUMMARY"]) == "a\nATTACH:http://x\nb"


@given(texts)
def test_folding_never_cuts_a_character_and_unfolds_to_the_same(text: str) -> None:
    line = folded(f"SUMMARY:{escaped(text)}")
    for piece in line.encode().split(b"\r\n"):
        piece.decode()
    assert line.replace("\r\n ", "") == f"SUMMARY:{escaped(text)}\r\n"
