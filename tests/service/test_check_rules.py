"""The rules that a phone looks a check over by are those of the service: the same items are found wrong, and what the phone
sends of a check that it finds right is taken as the guard meant it."""

import dataclasses
import datetime as dt
import json
import uuid
from pathlib import Path

import numpy as np
import pytest
from browser import chromium

from service.facts import COUNTY_TIME, day_of
from service.inspections.form import Answer, DeviceState, shipped_form
from service.inspections.rules import ActionPlan, Draft, FormError, judge
from service.inspections.sheets import page_fields, prefill

__all__ = ["chromium"]

STATIC = Path(__file__).parents[2] / "service" / "pages" / "static"
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=COUNTY_TIME)
TODAY = day_of(NOW)
FORM = shipped_form()
DAYS = ("", "2026-10-31", "2026-11-22", "2028-05-31", "2030-02-28")
HAS = ("pads_child", "spare_pads", "cabinet_alarm", "cabinet_power", "remote_monitor")


def some_state(rng):
    """A device as it may be on record; every other one in order."""
    if rng.random() < 0.5:
        return DeviceState("d", frozenset(), {"pads_adult_expiry": DAYS[3], "battery_expiry": DAYS[3]}, {})
    dates = [item.id for item in FORM.items if item.value == "date"]
    values = {item: str(rng.choice(DAYS)) for item in dates} | {"cabinet_opens": str(rng.choice(["", "open", "scan"]))}
    open_ = {
        str(item): rng.choice([None, TODAY + dt.timedelta(3), TODAY - dt.timedelta(3)])
        for item in rng.choice([item.id for item in FORM.items], 3)
    }
    has = frozenset(name for name in HAS if rng.random() < 0.5)
    there = {item.id for item in FORM.items if not item.when or item.when in has}
    return DeviceState("d", has, {item: value for item, value in values.items() if value and item in there}, open_)


def some_draft(rng):
    """What somebody may have typed, right or wrong."""
    answers, plans, reasons = {}, {}, {}
    for item in rng.choice(np.array(FORM.items, dtype=object), rng.integers(6), replace=False):
        result = str(rng.choice(["ok", "ok", "fail", "na", "not_checked"]))
        answers[item.id] = {"result": result, "value": some_value(rng, item), "note": str(rng.choice(["", "脏"]))}
        if rng.random() < 0.5:
            due = TODAY + dt.timedelta(int(rng.integers(-1, 40)))
            plans[item.id] = {"text": str(rng.choice(["", "更换"], p=[0.2, 0.8])), "due_on": str(due)}
        if rng.random() < 0.5:
            reasons[item.id] = str(rng.choice(["", "看错", "x"]))
    return {"answers": answers, "plans": plans, "reasons": reasons, "photos": [], "note": ""}


def some_value(rng, item):
    match item.value:
        case "date":
            return str(rng.choice(DAYS))
        case "choice" | "list":
            return str(rng.choice(["", *(choice.id for choice in item.choices)]))
        case "number":
            return str(rng.choice(["", "3", "20.5", "1000000", "x"]))
        case "text":
            return str(rng.choice(["", "一楼大厅"]))
    return ""


def as_shown(state):
    """The device as a round tells it to the phone."""
    answers = {item: one for item, one in prefill(FORM, state, TODAY).items() if one != Answer("ok")}
    shown = {item: {"result": one.result, "value": one.value} for item, one in answers.items()}
    return {
        "kind": "monthly",
        "answers": shown,
        "open_defects": {i: str(d) if d else None for i, d in state.open.items()},
    }


def as_draft(body):
    """What the phone sends, as the rules get it."""
    plans = {
        item: ActionPlan(plan["text"], dt.date.fromisoformat(plan["due_on"])) for item, plan in body["plans"].items()
    }
    differences = {item: Answer(**answer) for item, answer in body["differences"].items()}
    return Draft(
        body["client_id"], "d", body["kind"], NOW, "app", FORM.version, differences=differences, plans=plans,
        reasons=body["reasons"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def rules(chromium):
    """The phone's rules, run without a page around them."""
    page = chromium.new_page()
    page.set_content("<meta name=account content=a>")
    for name in ("base.js", "check_round.js", "check_rules.js"):
        page.add_script_tag(content=(STATIC / name).read_text(encoding="utf-8"))
    groups = page_fields(FORM, DeviceState(""), dt.date.min, "zh")
    form = {"version": FORM.version, "far_m": FORM.far_m, "plan_days": dict(FORM.plan_days), "groups": groups}
    page.evaluate("form => { window.form = form; }", json.loads(json.dumps(form)))
    yield page
    page.close()


def judged_or_faults(state, draft):
    """What the service makes of a check, or the items that it finds wrong."""
    try:
        return judge(FORM, state, draft, received_at=NOW)
    except FormError as error:
        return {fault.item for fault in error.faults}


def test_the_phone_and_the_service_judge_alike(rules):
    rng = np.random.default_rng(7)
    drafts = [(some_state(rng), some_draft(rng)) for _ in range(200)]
    given = [{**draft, "base": as_shown(state)} for state, draft in drafts]
    script = """([drafts, on]) => drafts.map(draft => ({
        faults: faultsOf(form, draft, on).map(fault => fault.item),
        body: bodyOf(form, {client_id: 'c', draft, at: ''}, draft.base),
    }))"""
    right = 0
    for (state, draft), told in zip(drafts, rules.evaluate(script, [given, str(TODAY)]), strict=True):
        sent = dataclasses.replace(as_draft(told["body"]), client_id=str(uuid.uuid4()))
        judged = judged_or_faults(state, sent)
        if isinstance(judged, set):
            assert set(told["faults"]) == judged, draft
            continue
        assert told["faults"] == [], draft
        right += 1
        for item in FORM.items:
            meant = draft["answers"].get(item.id) or {**vars(prefill(FORM, state, TODAY)[item.id])}
            kept = judged.answers[item.id]
            assert (kept.result, kept.value, kept.note) == (meant["result"], meant["value"], meant["note"])
    assert 20 < right < 180


def test_what_changed_since_the_form_was_shown_is_sent_as_the_guard_saw_it(rules):
    shown = DeviceState("d", frozenset(), {"pads_adult_expiry": "2028-05-31", "battery_expiry": "2028-05-31"})
    now = dataclasses.replace(shown, open={"casing": None}, values={**shown.values, "battery_expiry": "2030-02-28"})
    draft = {"answers": {}, "plans": {}, "reasons": {}, "photos": [], "note": "", "base": as_shown(shown)}
    script = "([draft, now]) => bodyOf(form, {client_id: 'c', draft, at: ''}, now).differences"
    assert rules.evaluate(script, [draft, as_shown(now)]) == {
        "casing": {"result": "ok", "value": "", "note": ""},
        "battery_expiry": {"result": "ok", "value": "2028-05-31", "note": ""},
    }
