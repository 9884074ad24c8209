"""Readiness: faults and time only worsen it, and the day it says it will change is the day it changes."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from device_records import ALL_OK, NORM, TODAY, at, healthy, norms, records
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan import InputError
from service.facts import Check, Defect, DeviceFacts, Part, Report, Status, Use, day_of
from service.inspections.form import critical_items, shipped_form
from service.ready.norms import Norm, make_norms
from service.ready.readiness import CRITICAL, RANK, Readiness, as_known, readiness, usable_until
from service.ready.words import WORDS


def codes(found: Readiness) -> set[str]:
    return {reason.code for reason in found.reasons}


def slow_state(facts: DeviceFacts, norm: Norm, on: date) -> str:
    """The rules read aloud, one after another, for one day."""
    life = sorted(facts.statuses, key=lambda s: s.at)
    if not life or life[-1].lifecycle != "active":
        return "NOT_READY"
    counted = sorted((c for c in facts.checks if not c.rejected and c.kind != "public_report"), key=lambda c: c.at)
    newest = {i: [c for c in counted if c.results.get(i) in ("ok", "fail")][-1:] for i in CRITICAL}
    fitted = [p for p in facts.parts if not p.spare and p.removed_on is None]
    adult = [p for p in fitted if p.kind in ("pads_adult", "pads_universal")]
    child = [p for p in fitted if p.kind in ("pads_child", "pads_universal")]
    battery = [p for p in fitted if p.kind == "battery"]
    needed = adult + battery + (child if facts.needs_child_pads else [])
    if not adult or not battery or (facts.needs_child_pads and not child):
        return "NOT_READY"
    if any(p.expires_on is None or p.expires_on < on for p in needed):
        return "NOT_READY"
    if any(c and c[0].results[i] == "fail" for i, c in newest.items()):
        return "NOT_READY"
    if any(d.severity == "critical" and d.done_at is None for d in facts.defects):
        return "NOT_READY"
    for use in facts.uses:
        for item in ("status_indicator", "pads_connected", "battery_fitted"):
            if not newest[item] or newest[item][0].at <= use.at:
                return "NOT_READY"
    unknown_since = []
    look = newest["status_indicator"]
    if look:
        limit = norm.check_every_days * norm.overdue_factor
        overdue = day_of(look[0].at)
        while (overdue - day_of(look[0].at)).days <= limit:
            overdue += timedelta(days=1)
        unknown_since.append(overdue)
    else:
        actives = [day_of(s.at) for s in life if s.lifecycle == "active"]
        unknown_since.append(facts.installed_on or min(actives))
    seen = newest["device_present"]
    doubts = [r for r in facts.reports if r.kind == "missing" and r.closed_at is None]
    doubts = [r for r in doubts if not seen or r.at > seen[0].at]
    people = sorted(min(day_of(r.at) for r in doubts if r.reporter == who) for who in {r.reporter for r in doubts})
    if len(people) > 1:
        unknown_since.append(people[1])
    if any(on >= since + timedelta(days=norm.unknown_days) for since in unknown_since):
        return "NOT_READY"
    if any(on >= since for since in unknown_since):
        return "UNKNOWN"
    if any((p.expires_on - on).days <= norm.expiring_days for p in needed):
        return "EXPIRING"
    return "READY"


@settings(max_examples=300)
@given(records, norms, st.integers(0, 600))
def test_readiness_is_what_the_rules_read_aloud_say(facts: DeviceFacts, norm: Norm, later: int) -> None:
    on = TODAY + timedelta(days=later)
    found = readiness(facts, norm, on)
    assert found.state == slow_state(facts, norm, on)
    assert all(RANK[reason.state] <= RANK[found.state] for reason in found.reasons)
    assert found.state == "READY" or found.reasons[0].state == found.state


@given(records, norms, st.integers(0, 400), st.integers(0, 400))
def test_time_never_improves_it_without_a_new_record(facts: DeviceFacts, norm: Norm, first: int, more: int) -> None:
    before = readiness(facts, norm, TODAY + timedelta(days=first))
    after = readiness(facts, norm, TODAY + timedelta(days=first + more))
    assert RANK[after.state] >= RANK[before.state]


@settings(max_examples=25, deadline=None)
@given(records | st.just(healthy()), norms)
def test_the_day_it_will_change_is_the_day_it_changes(facts: DeviceFacts, norm: Norm) -> None:
    state = readiness(facts, norm, TODAY).state
    changes = (readiness(facts, norm, TODAY + timedelta(days=n)) for n in range(1, 1500))
    first = next((n for n, found in enumerate(changes, start=1) if found.state != state), None)
    told = readiness(facts, norm, TODAY).changes_on
    assert told == (None if first is None else TODAY + timedelta(days=first))


@given(records, norms)
def test_usable_until_is_the_first_day_it_does_not_count(facts: DeviceFacts, norm: Norm) -> None:
    until = usable_until(facts, norm)
    for day in (TODAY + timedelta(days=n) for n in range(0, 600, 7)):
        assert readiness(facts, norm, day).usable == (day < until)


def in_order(check: Check) -> bool:
    return check.rejected or "fail" not in check.results.values()


FAULTS = {
    "critical defect": lambda f: replace(f, defects=(*f.defects, Defect("d", "casing", "critical", at(-1)))),
    "minor defect": lambda f: replace(f, defects=(*f.defects, Defect("d", "casing", "minor", at(-1)))),
    "use": lambda f: replace(f, uses=(*f.uses, Use(at(-1)))),
    "report": lambda f: replace(f, reports=(*f.reports, Report("missing", at(-1), "z"))),
    "expired part": lambda f: replace(f, parts=(*f.parts, Part("battery", TODAY - timedelta(days=1)))),
    "date lost": lambda f: replace(f, parts=tuple(replace(p, expires_on=None) for p in f.parts)),
    "earlier expiry": lambda f: replace(
        f, parts=tuple(replace(p, expires_on=p.expires_on and p.expires_on - timedelta(days=99)) for p in f.parts)
    ),
    "part taken out": lambda f: replace(f, parts=f.parts[1:]) if f.parts else f,
    "out of service": lambda f: replace(f, statuses=(*f.statuses, Status(at(0, 23), "out_of_service"))),
    "failing check": lambda f: replace(f, checks=(*f.checks, Check(at(0, 23), "daily", {"device_present": "fail"}))),
    "scan cabinet": lambda f: replace(f, cabinet_access="scan"),
    "check rejected": lambda f: replace(f, checks=tuple(replace(c, rejected=in_order(c)) for c in f.checks)),
    "result turned": lambda f: replace(f, checks=tuple(replace(c, results=dict.fromkeys(c.results, "fail")) for c in f.checks)),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@settings(max_examples=40)
@given(facts=records, norm=norms, later=st.integers(0, 300))
def test_adding_a_fault_never_improves_it(fault: str, facts: DeviceFacts, norm: Norm, later: int) -> None:
    if fault == "part taken out" and any(
        p.expires_on is None or p.expires_on < TODAY + timedelta(300) for p in facts.parts
    ):
        return  # taking out an expired part is no fault
    on = TODAY + timedelta(days=later)
    assert RANK[readiness(FAULTS[fault](facts), norm, on).state] >= RANK[readiness(facts, norm, on).state]


@pytest.mark.parametrize(
    ("more", "state", "code"),
    [
        ({}, "READY", None),
        ({"parts": (Part("pads_adult", None), Part("battery", date(2030, 1, 1)))}, "NOT_READY", "no_expiry"),
        ({"parts": (Part("pads_adult", date(2030, 1, 1)),)}, "NOT_READY", "no_part"),
        ({"parts": (Part("pads_universal", TODAY), Part("battery", date(2030, 1, 1)))}, "EXPIRING", "expires"),
        ({"parts": (Part("pads_adult", TODAY - timedelta(days=1)), Part("battery", date(2030, 1, 1)))},
         "NOT_READY", "expired"),
        ({"uses": (Use(at(-2)),)}, "NOT_READY", "used"),
        ({"uses": (Use(at(-4)),)}, "READY", None),
        ({"checks": ()}, "NOT_READY", "never_checked"),
        ({"checks": (), "installed_on": TODAY - timedelta(days=5)}, "UNKNOWN", "never_checked"),
        ({"checks": (Check(at(-45), "monthly", ALL_OK),)}, "READY", "check_due"),
        ({"checks": (Check(at(-46), "monthly", ALL_OK),)}, "UNKNOWN", "check_overdue"),
        ({"checks": (Check(at(-76), "monthly", ALL_OK),)}, "NOT_READY", "check_overdue"),
        ({"checks": (Check(at(-3), "monthly", ALL_OK, rejected=True),)}, "NOT_READY", "never_checked"),
        ({"checks": (Check(at(-3), "public_report", ALL_OK),)}, "NOT_READY", "never_checked"),
        ({"uses": (Use(at(-3)),)}, "NOT_READY", "used"),
        ({"reports": (Report("missing", at(-3), "a"), Report("missing", at(-3), "b"))}, "READY", "reported"),
        ({"cabinet_access": "scan"}, "READY", "cabinet_locked"),
        ({"reports": (Report("missing", at(-1), "a"), Report("missing", at(0), "a"))}, "READY", "reported"),
        ({"reports": (Report("missing", at(-1), "a"), Report("missing", at(0), "b"))}, "UNKNOWN", "not_found"),
        ({"statuses": (Status(at(-9), "active"), Status(at(-1), "in_use"))}, "NOT_READY", "lifecycle_in_use"),
        ({"statuses": ()}, "NOT_READY", "lifecycle_planned"),
        ({"body_ends_on": TODAY - timedelta(days=1)}, "READY", "body_old"),
    ],
)  # fmt: skip
def test_each_rule_says_its_reason(more: dict, state: str, code: str | None) -> None:
    found = readiness(healthy(**more), NORM, TODAY)
    assert found.state == state
    assert next((reason.code for reason in found.reasons), None) == code


def test_a_used_device_is_out_until_a_check_finds_it_in_order() -> None:
    used = healthy(uses=(Use(at(-2)),))
    look = Check(at(-1), "post_use", {"status_indicator": "ok"})
    assert readiness(replace(used, checks=(*used.checks, look)), NORM, TODAY).state == "NOT_READY"
    whole = replace(look, results=ALL_OK)
    assert readiness(replace(used, checks=(*used.checks, whole)), NORM, TODAY).state == "READY"


def test_a_repair_counts_only_after_the_next_look() -> None:
    failed = healthy(checks=(Check(at(-1), "daily", {**ALL_OK, "pads_sealed": "fail"}),))
    repaired = replace(failed, defects=(Defect("d", "pads_sealed", "critical", at(-1), done_at=at(0)),))
    assert codes(readiness(repaired, NORM, TODAY)) == {"item_failed"}
    assert "密封" in readiness(repaired, NORM, TODAY).reasons[0].zh


def test_the_records_of_a_past_day_are_those_made_until_then() -> None:
    facts = healthy(
        uses=(Use(at(-5)),),
        defects=(Defect("d", "casing", "critical", at(-8), done_at=at(-6)),),
        checks=(Check(at(-3), "post_use", ALL_OK), Check(at(-20), "monthly", ALL_OK)),
    )
    states = [
        readiness(as_known(facts, TODAY - timedelta(days=n)), NORM, TODAY - timedelta(days=n)).state
        for n in (9, 8, 7, 6, 5, 4, 3)
    ]
    assert states == ["READY", "NOT_READY", "NOT_READY", "READY", "NOT_READY", "NOT_READY", "READY"]


def test_the_critical_items_are_those_of_the_form() -> None:
    assert critical_items(shipped_form()) == CRITICAL


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(zh and en and zh != en for zh, en in WORDS.values())


def test_a_norm_with_wrong_numbers_is_refused_whole() -> None:
    table = {"n": {"zh": "", "en": "", "check_every_days": 0, "overdue_factor": 0.5, "expiring_days": True,
                   "unknown_days": 30, "source": ""}}  # fmt: skip
    with pytest.raises(InputError) as caught:
        make_norms(table)
    assert len(caught.value.faults) == 3
    with pytest.raises(InputError, match="did you mean check_every_days"):
        make_norms({"n": {**table["n"], "check_every_day": 3}})


def test_five_hundred_devices_take_less_than_a_sixth_of_a_second() -> None:
    checks = tuple(Check(at(-n), "daily", ALL_OK) for n in range(400))
    devices = [healthy(id=str(n), checks=checks, cabinet_access="scan") for n in range(500)]
    taken = []
    for _ in range(5):
        start = time.process_time()
        assert all(readiness(device, NORM, TODAY).usable for device in devices)
        taken.append(time.process_time() - start)
    assert sorted(taken)[2] <= 0.150
