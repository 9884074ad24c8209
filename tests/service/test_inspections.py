"""The inspection form and what a check means: only differences typed, reasons and plans asked for, order of no account."""

import itertools
import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan import InputError
from service.errors import ServiceError
from service.inspections.form import Answer, DeviceState, make_form, shipped_form
from service.inspections.rules import ActionPlan, Draft, FormError, Made, Position, digest, is_repeat, judge, state_at
from service.inspections.sheets import (
    as_json,
    export_columns,
    export_row,
    from_json,
    page_fields,
    prefill,
    printed,
    read_row,
)
from service.inspections.values import canonical

FORM = shipped_form()
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
GOOD = {"pads_adult_expiry": "2027-05-31", "battery_expiry": "2029-01-31", "location_true": "一楼大厅服务台左侧"}
STATE = DeviceState("A017", frozenset({"cabinet_alarm"}), GOOD, {}, 118.386, 24.96)


def draft(**more: object) -> Draft:
    basis = Draft(str(uuid.UUID(int=7)), "A017", "monthly", NOW, "app", FORM.version)
    return replace(basis, position=Position(118.386, 24.96, 12.0), **more)


def faulty_items(error: pytest.ExceptionInfo[FormError]) -> set[str]:
    return {fault.item for fault in error.value.faults}


def judged(state: DeviceState = STATE, **more: object):
    return judge(FORM, state, draft(**more), received_at=NOW)


def test_the_form_has_the_25_items_each_in_both_languages() -> None:
    assert len({item.id for item in FORM.items}) == 25
    for item in FORM.items:
        assert all((item.zh, item.en, item.ask_zh, item.ask_en))
        assert not item.zh.isascii()


def test_a_check_in_order_needs_no_typing() -> None:
    found = judged()
    assert (found.overall, found.flags, found.defects, found.corrections) == ("pass", (), (), ())
    assert found.answers["pads_adult_expiry"] == Answer("ok", "2027-05-31")
    assert found.answers["pads_child_expiry"].result == "na"
    assert found.distance_m == pytest.approx(0, abs=0.01)


def test_only_the_difference_is_typed() -> None:
    found = judged(differences={"rescue_kit": Answer("fail", "razor,mask", " 缺两样 ")})
    assert found.overall == "attention"
    assert found.answers["rescue_kit"] == Answer("fail", "mask,razor", "缺两样")
    assert [(d.item, d.severity, d.due_on) for d in found.defects] == [("rescue_kit", "minor", date(2027, 2, 20))]
    assert {item for item, answer in found.answers.items() if answer.result == "ok"} >= {"casing", "cabinet_alarm"}


def test_an_expired_part_fails_by_itself_and_forces_a_plan_with_a_date() -> None:
    state = replace(STATE, values={**GOOD, "pads_adult_expiry": "2026-11-21"})
    with pytest.raises(FormError) as caught:
        judged(state)
    assert faulty_items(caught) == {"pads_adult_expiry"}
    assert "处理措施" in caught.value.message_zh
    plan = ActionPlan("更换电极片", TODAY + timedelta(days=3))
    found = judged(state, plans={"pads_adult_expiry": plan})
    assert found.overall == "fail"
    assert found.defects[0].action_plan == "更换电极片"


@pytest.mark.parametrize("due", [TODAY - timedelta(days=1), TODAY + timedelta(days=8)])
def test_a_plan_must_end_between_today_and_the_limit_of_its_severity(due: date) -> None:
    with pytest.raises(FormError, match="due from 2026-11-22 to 2026-11-29"):
        judged(differences={"pads_sealed": Answer("fail")}, plans={"pads_sealed": ActionPlan("更换", due)})


def test_an_expired_date_cannot_be_called_in_order() -> None:
    with pytest.raises(FormError, match="cannot be in order"):
        judged(differences={"battery_expiry": Answer("ok", "2026-11-21")}, reasons={"battery_expiry": "标签如此"})
    assert judged(differences={"battery_expiry": Answer("ok", "2026-11-22")}, reasons={"battery_expiry": "标签如此"})


def test_a_red_indicator_cannot_be_called_in_order() -> None:
    with pytest.raises(FormError, match="red cannot be in order"):
        judged(differences={"status_indicator": Answer("ok", "red")})


def test_turning_expired_into_valid_needs_a_reason() -> None:
    state = replace(STATE, values={**GOOD, "pads_adult_expiry": "2026-10-31"}, open={"pads_adult_expiry": TODAY})
    new = {"pads_adult_expiry": Answer("ok", "2028-10-31")}
    with pytest.raises(FormError, match="2026-10-31 is on record"):
        judged(state, differences=new)
    found = judged(state, differences=new, reasons={"pads_adult_expiry": "已更换新电极片"})
    assert found.done == ("pads_adult_expiry",)
    [correction] = found.corrections
    assert (correction.before, correction.after) == ("2026-10-31", "2028-10-31")
    assert (correction.carries, correction.reason) == ("pads_adult.expires_on", "已更换新电极片")


def test_moving_a_date_back_needs_a_reason_and_forward_does_not() -> None:
    with pytest.raises(FormError, match="say why"):
        judged(differences={"battery_expiry": Answer("ok", "2028-12-31")})
    assert judged(differences={"battery_expiry": Answer("ok", "2029-02-28")}).corrections


def test_an_open_defect_stays_open_until_somebody_says_it_is_gone() -> None:
    state = replace(STATE, open={"cabinet_sign": TODAY + timedelta(days=9), "pads_sealed": TODAY})
    found = judged(state)
    assert found.answers["cabinet_sign"].result == "fail"
    assert (found.overall, found.done, found.defects) == ("fail", (), ())
    assert judged(state, differences={"cabinet_sign": Answer("ok")}).done == ("cabinet_sign",)


def test_a_plan_whose_deadline_is_past_must_be_made_anew() -> None:
    state = replace(STATE, open={"pads_sealed": TODAY - timedelta(days=1)})
    with pytest.raises(FormError) as caught:
        judged(state)
    assert faulty_items(caught) == {"pads_sealed"}


def test_a_date_nobody_has_noted_must_be_looked_at() -> None:
    state = replace(STATE, values={})
    assert prefill(FORM, state, TODAY)["battery_expiry"].result == "not_checked"
    assert judged(state).overall == "attention"
    with pytest.raises(FormError, match="the date is missing"):
        judged(state, differences={"battery_expiry": Answer("ok")})


@pytest.mark.parametrize(
    ("more", "flags"),
    [
        ({"position": Position(118.386, 24.9610, 12.0)}, {"far"}),
        ({"position": Position(118.386, 24.9608, 12.0)}, set()),
        ({"position": Position(118.386, 24.96, 140.0)}, {"poor_accuracy"}),
        ({"position": None}, {"no_position"}),
        ({"at": NOW + timedelta(hours=1)}, {"clock_ahead"}),
        ({"at": NOW - timedelta(days=8)}, {"late"}),
        ({"form_version": 0}, {"old_form"}),
    ],
)
def test_what_the_office_should_look_at_is_flagged(more: dict, flags: set[str]) -> None:
    found = judge(FORM, STATE, replace(draft(), **more), received_at=NOW)
    assert set(found.flags) == flags
    assert found.at <= NOW


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"client_id": "7"}, "UUID"),
        ({"client_id": None}, "UUID"),
        ({"kind": "yearly"}, "kind 'yearly'"),
        ({"source": "fax"}, "source"),
        ({"at": datetime(2026, 11, 22)}, "time zone"),
        ({"device_id": "B1"}, "another device"),
        ({"position": Position(False, 24.96, 1.0)}, "position"),
        ({"position": Position(118.0, float("nan"), 1.0)}, "position"),
        ({"position": Position(24.96, 118.386, 1.0)}, "position"),
        ({"differences": {"pad": Answer("ok")}}, "'pad' is no item"),
        ({"differences": {"casing": Answer("good")}}, "result 'good'"),
        ({"differences": {"casing": Answer("na")}}, "applies to every device"),
        ({"differences": {"casing": Answer("ok", "x")}}, "takes no value"),
        ({"differences": {"battery_expiry": Answer("ok", "2027-02-30")}}, "expected a day"),
        ({"differences": {"battery_expiry": Answer("ok", "20270228")}}, "expected a day"),
        ({"differences": {"trained_person": Answer("ok", True)}}, "no usable value"),
        ({"differences": {"trained_person": Answer("ok", "-1")}}, "expected a number"),
        ({"differences": {"trained_person": Answer("ok", "nan")}}, "expected a number"),
        ({"differences": {"location_true": Answer("ok", "a\nb")}}, "one line"),
        ({"differences": {"opening_hours_true": Answer("ok", "看情况")}}, "expected opening hours"),
        ({"note": "x" * 2001}, "2000"),
    ],
)
def test_what_cannot_be_is_refused_by_name(more: dict, words: str) -> None:
    with pytest.raises(FormError) as caught:
        judge(FORM, STATE, replace(draft(), **more), received_at=NOW)
    assert caught.value.status == 422
    assert words in caught.value.message_en
    assert not caught.value.message_zh.isascii()


def test_hours_are_typed_as_people_write_them_and_kept_as_others_read_them() -> None:
    found = judged(differences={"opening_hours_true": Answer("ok", "周一至周五 8:00-17:00")})
    assert found.answers["opening_hours_true"].value == "Mo-Fr 08:00-17:00"
    assert [(c.carries, c.after) for c in found.corrections] == [("device.opening_hours", "Mo-Fr 08:00-17:00")]
    shown = {label: value for _, label, _, value, _ in printed(FORM, found.answers, "zh")}
    assert shown["开放时间属实"] == "周一至周五 08:00-17:00"


def test_all_faults_come_together() -> None:
    with pytest.raises(FormError) as caught:
        judged(
            differences={"casing": Answer("na"), "battery_fitted": Answer("fail"), "battery_expiry": Answer("ok", "x")}
        )
    assert faulty_items(caught) == {"casing", "battery_fitted", "battery_expiry"}


def test_a_check_sent_twice_counts_once_and_another_one_under_its_id_is_refused() -> None:
    sent = draft(differences={"casing": Answer("fail")})
    known = {sent.client_id: digest(sent)}
    assert is_repeat(sent, known)
    assert not is_repeat(sent, {})
    with pytest.raises(ServiceError) as caught:
        is_repeat(replace(sent, note="x"), known)
    assert caught.value.status == 409


@pytest.mark.parametrize("field", [f for f in Draft.__dataclass_fields__ if f not in ("client_id",)])
def test_the_digest_tells_every_field_apart(field: str) -> None:
    other = {
        "device_id": "B", "kind": "daily", "at": NOW + timedelta(microseconds=1), "source": "qr", "form_version": 9,
        "differences": {"casing": Answer("ok", "", "n")}, "plans": {"casing": ActionPlan("x", TODAY)},
        "reasons": {"casing": "r"}, "position": None, "photos": ("0" * 64,), "duration_s": 3.0, "note": "n",
    }  # fmt: skip
    assert digest(replace(draft(), **{field: other[field]})) != digest(draft())


def test_the_digest_does_not_hang_on_how_the_instant_is_written() -> None:
    from service.facts import COUNTY_TIME

    assert digest(replace(draft(), at=NOW.astimezone(COUNTY_TIME))) == digest(draft())


made = st.builds(
    Made,
    st.uuids().map(str),
    st.integers(0, 4).map(lambda n: NOW + timedelta(hours=n)),
    st.dictionaries(
        st.sampled_from(["casing", "battery_expiry", "cabinet_sign"]),
        st.builds(Answer, st.sampled_from(["ok", "fail", "na", "not_checked"]), st.sampled_from(["", "1", "2"])),
    ),
    st.dictionaries(st.sampled_from(["casing", "battery_expiry"]), st.just(TODAY)),
)


@given(st.lists(made, max_size=4, unique_by=lambda m: m.client_id))
def test_the_order_in_which_checks_arrive_does_not_matter(checks: list[Made]) -> None:
    states = [state_at(STATE, order) for order in itertools.permutations(checks)]
    assert all(state == states[0] for state in states)


def test_a_late_check_does_not_undo_a_newer_one() -> None:
    monday = Made(
        "a", NOW - timedelta(days=2), {"battery_expiry": Answer("fail", "2026-01-31")}, {"battery_expiry": TODAY}
    )
    friday = Made("b", NOW, {"battery_expiry": Answer("ok", "2029-01-31")})
    for order in ([monday, friday], [friday, monday]):
        state = state_at(STATE, order)
        assert state.values["battery_expiry"] == "2029-01-31"
        assert state.open == {}
        assert state_at(STATE, order, before=NOW).open == {"battery_expiry": TODAY}


values = {
    "none": st.just(""),
    "date": st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(str),
    "text": st.text(st.characters(categories=["L", "N"]), max_size=20),
    "hours": st.just("Mo-Fr 08:00-18:00"),
    "number": st.integers(0, 90).map(str),
}


@st.composite
def answer_sets(draw: st.DrawFn) -> dict[str, Answer]:
    answers = {}
    for item in FORM.items:
        if draw(st.booleans()):
            known = [choice.id for choice in item.choices]
            several = st.lists(st.sampled_from(known), unique=True).map(",".join) if known else st.nothing()
            kinds = {**values, "list": several, "choice": st.sampled_from(known) if known else st.nothing()}
            value = canonical(item, draw(kinds[item.value]))
            answers[item.id] = Answer(
                draw(st.sampled_from(["ok", "fail", "na", "not_checked"])), value, draw(values["text"])
            )
    return answers


@given(answer_sets())
def test_an_exported_check_comes_back_without_loss(answers: dict[str, Answer]) -> None:
    row = export_row(FORM, answers)
    assert list(row) == [key for key, _ in export_columns(FORM, "zh")]
    assert read_row(FORM, row) == answers
    assert from_json(json.loads(json.dumps(as_json(answers)))) == answers


def test_a_row_with_wrong_cells_is_refused_by_name() -> None:
    row = export_row(FORM, {"casing": Answer("ok"), "battery_expiry": Answer("ok", "2029-01-31")})
    with pytest.raises(InputError) as caught:
        read_row(FORM, {**row, "casing.result": "good", "battery_expiry.value": "soon"})
    assert len(caught.value.faults) == 2


def test_page_and_print_show_every_item_once_in_both_languages() -> None:
    for language in ("zh", "en"):
        groups = page_fields(FORM, STATE, TODAY, language)
        asked = [item["id"] for group in groups for item in group["items"]]
        assert sorted(asked) == sorted(item.id for item in FORM.items)
        lines = printed(FORM, judged().answers, language)
        assert len(lines) == 25
        assert all(result for _, _, result, _, _ in lines)
    assert len({header for _, header in export_columns(FORM, "en")}) == 75


def test_a_form_with_faults_is_refused_whole() -> None:
    item = {
        "id": "a",
        "group": "x",
        "zh": "",
        "en": "",
        "ask_zh": "",
        "ask_en": "",
        "severity": "bad",
        "value": "choice",
    }
    table = {"version": 1, "far_m": 1, "poor_accuracy_m": 1, "plan_days": {}, "group": [], "item": [item, item]}
    with pytest.raises(InputError) as caught:
        make_form(table)
    assert len(caught.value.faults) == 7
    with pytest.raises(InputError, match="did you mean severity"):
        make_form({**table, "item": [{**item, "severety": "x"}]})
