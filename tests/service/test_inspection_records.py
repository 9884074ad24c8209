"""Checks in the records: kept once, in any order, with all that follows from them; on both databases."""

import datetime as dt
import itertools
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import make_county
from sqlalchemy import event, select

from service.errors import ServiceError
from service.history import By
from service.inspections.defects import Look, stretches
from service.inspections.form import Answer
from service.inspections.rules import ActionPlan, Draft, FormError, Position
from service.records import devices, find, incidents, inspections
from service.records.device_facts import facts_of
from service.records.device_state import device_state
from service.records.inspections import Which, list_inspections, record
from service.tables import Attachment, Battery, Defect, Device, Incident, Inspection, InspectionReview, Pads

AT = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 22)
DAY = dt.timedelta(days=1)
PLAN = ActionPlan("更换", ON + 5 * DAY)
OK = ("status_indicator", "pads_connected", "battery_fitted", "device_present", "pads_sealed")


@pytest.fixture
def county(database):
    made = make_county(database, at=AT - 30 * DAY)
    with database.session(By(None, "office", AT - 20 * DAY)) as session:
        device = find(session, Device, made.device)
        for status in ("installed", "active"):
            devices.step(session, device, status, at=AT - 20 * DAY)
        devices.fit_pads(session, Pads(device_id=device.id, kind="adult", expires_on=ON + 100 * DAY))
        devices.fit_battery(session, Battery(device_id=device.id, expires_on=ON + 900 * DAY))
    return made


def draft(county, number: int = 1, at: dt.datetime = AT, **more: object) -> Draft:
    return Draft(str(UUID(int=number)), county.device, "monthly", at, "app", 1, **more)


def send(database, given: Draft, *, at: dt.datetime = AT) -> bool:
    with database.session(By(None, "manager", at)) as session:
        return record(session, given)[1]


def rows(database, table, **which):
    with database.session() as session:
        found = session.scalars(select(table).filter_by(**which))
        return sorted(found, key=lambda row: getattr(row, "found_at", row.id))


def test_a_check_sent_again_changes_nothing_and_another_under_its_id_is_refused(database, county):
    given = draft(county, differences={"casing": Answer("fail")})
    assert [send(database, given), send(database, given, at=AT + DAY)] == [True, False]
    with pytest.raises(ServiceError) as caught:
        send(database, replace(given, note="x"))
    assert caught.value.status == 409
    assert len(rows(database, Inspection)) == len(rows(database, Defect)) == 1


def test_a_check_asks_the_database_as_often_on_a_device_with_a_long_history(database, county):
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for number in range(1, 31):
        asked.clear()
        assert send(database, draft(county, number, AT + number * DAY), at=AT + number * DAY)
        counts.append(sum(not statement.startswith("BEGIN") for statement in asked))
    assert set(counts[1:]) == {counts[-1]}
    assert counts[-1] <= 11  # each costs a third of a millisecond of the processor, and fifty guards send at once


def test_a_repeat_is_told_by_what_was_sent_even_when_the_device_has_changed_since(database, county):
    given = draft(county)
    assert send(database, given)
    with database.session(By(None, "office", AT + DAY)) as session:
        devices.fit_pads(session, Pads(device_id=county.device, expires_on=ON + 800 * DAY, fitted_on=ON + DAY))
    assert not send(database, given, at=AT + 2 * DAY)


def test_what_was_judged_is_kept_with_the_check(database, county):
    far = Position(118.386, 24.9620, 8.0)
    send(database, draft(county, at=AT + DAY, position=far))
    [kept] = rows(database, Inspection)
    assert (kept.at, kept.overall, set(kept.flags)) == (AT, "pass", {"far", "clock_ahead"})
    assert kept.distance_to_device_m == pytest.approx(222, abs=2)
    assert len(kept.items) == 25


def test_an_expired_part_needs_a_plan_which_becomes_a_defect_with_its_deadline(database, county):
    found = {"battery_expiry": Answer("fail", str(ON - DAY))}
    with pytest.raises(FormError):
        send(database, draft(county, differences=found, reasons={"battery_expiry": "标签如此"}))
    assert rows(database, Inspection) == []
    send(
        database,
        draft(county, differences=found, plans={"battery_expiry": PLAN}, reasons={"battery_expiry": "标签如此"}),
    )
    [defect] = rows(database, Defect)
    assert (defect.severity, defect.action_plan, defect.due_on, defect.done_at) == (
        "critical",
        "更换",
        PLAN.due_on,
        None,
    )
    assert rows(database, Battery)[0].expires_on == ON - DAY
    [kept] = rows(database, Inspection)
    assert kept.reasons == {"battery_expiry": "标签如此"}
    assert kept.plans == {"battery_expiry": {"text": "更换", "due_on": str(PLAN.due_on)}}


def test_corrected_values_reach_the_records_they_are_of(database, county):
    found = {
        "pads_adult_expiry": Answer("ok", str(ON + 200 * DAY)), "pads_child_expiry": Answer("ok", str(ON + 300 * DAY)),
        "spare_pads": Answer("ok", str(ON + 400 * DAY)), "battery_expiry": Answer("ok", str(ON + 950 * DAY)),
        "cabinet_opens": Answer("ok", "alarm"), "location_true": Answer("ok", "一楼服务台"),
        "opening_hours_true": Answer("ok", "周一至周五 8:00-17:00"),
    }  # fmt: skip
    send(database, draft(county, differences=found))
    device = rows(database, Device, id=county.device)[0]
    assert (device.cabinet_access, device.location_text) == ("alarm", "一楼服务台")
    assert device.opening_hours == "Mo-Fr 08:00-17:00"
    assert device.last_verified_at == AT
    pads = {(p.kind, p.spare): p.expires_on for p in rows(database, Pads)}
    assert pads == {
        ("adult", False): ON + 200 * DAY, ("child", False): ON + 300 * DAY, ("adult", True): ON + 400 * DAY,
    }  # fmt: skip
    assert [b.expires_on for b in rows(database, Battery)] == [ON + 950 * DAY]
    with database.session() as session:
        state = device_state(session, find(session, Device, county.device))
    assert state.has == {"pads_child", "spare_pads", "cabinet_alarm"}
    assert state.values["opening_hours_true"] == "Mo-Fr 08:00-17:00"


def test_a_late_check_is_judged_by_what_was_known_then_and_does_not_undo_a_newer_one(database, county):
    newer = {"pads_adult_expiry": Answer("ok", str(ON + 700 * DAY)), "casing": Answer("ok")}
    send(database, draft(county, 1, differences=newer))
    older = {"pads_adult_expiry": Answer("ok", str(ON + 110 * DAY)), "location_true": Answer("ok", "三楼")}
    send(database, draft(county, 2, AT - 3 * DAY, differences=older), at=AT + DAY)
    assert rows(database, Pads)[0].expires_on == ON + 700 * DAY
    assert rows(database, Device, id=county.device)[0].location_text == "三楼"
    send(database, draft(county, 3, AT - 2 * DAY), at=AT + DAY)
    kept = {one.client_uuid: one for one in rows(database, Inspection)}
    assert kept[str(UUID(int=3))].items["pads_adult_expiry"]["value"] == str(ON + 110 * DAY)
    assert rows(database, Device, id=county.device)[0].last_verified_at == AT


def test_a_part_fitted_after_a_late_check_keeps_its_date(database, county):
    with database.session(By(None, "office", AT)) as session:
        devices.fit_battery(session, Battery(device_id=county.device, expires_on=ON + 1500 * DAY, installed_on=ON))
    late = {"battery_expiry": Answer("ok", str(ON + 901 * DAY))}
    send(database, draft(county, 1, AT - 2 * DAY, differences=late), at=AT + DAY)
    fitted = {b.removed_on: b.expires_on for b in rows(database, Battery)}
    assert fitted == {ON: ON + 900 * DAY, None: ON + 1500 * DAY}


STORY = [
    (1, AT - 6 * DAY, {"casing": Answer("fail")}, {"casing": ActionPlan("擦净", ON)}),
    (2, AT - 5 * DAY, {"casing": Answer("ok")}, {}),
    (3, AT - 4 * DAY, {"casing": Answer("fail")}, {}),
    (4, AT - 3 * DAY, {"casing": Answer("fail")}, {"casing": ActionPlan("更换", ON + DAY)}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_defects_are_the_same_in_whatever_order_checks_arrive(database, county, order):
    for place in order:
        number, at, found, plans = STORY[place]
        send(database, draft(county, number, at, differences=found, plans=plans), at=AT)
    told = [(d.found_at, d.action_plan, d.done_at) for d in rows(database, Defect)]
    assert told == [(AT - 6 * DAY, "擦净", AT - 5 * DAY), (AT - 4 * DAY, "更换", None)]


def test_what_the_office_closed_stays_closed_when_a_late_check_comes(database, county):
    send(database, draft(county, 1, AT - 4 * DAY, differences={"casing": Answer("fail")}), at=AT - 4 * DAY)
    with database.session(By(county.accounts["office"], "office", AT - 2 * DAY)) as session:
        defect = session.scalars(select(Defect)).one()
        defect.done_at, defect.done_by, defect.evidence = AT - 2 * DAY, county.accounts["office"], "已修"
    send(database, draft(county, 2, AT - 3 * DAY), at=AT)
    [defect] = rows(database, Defect)
    assert (defect.found_at, defect.done_at, defect.evidence) == (AT - 4 * DAY, AT - 2 * DAY, "已修")


def test_a_used_device_is_back_once_a_check_finds_it_in_order(database, county):
    with database.session(By(None, "office", AT)) as session:
        incidents.add_incident(session, Incident(at=AT - DAY, device_id=county.device))
    send(database, draft(county, 1, AT, differences={"pads_connected": Answer("fail")}, plans={"pads_connected": PLAN}))
    assert rows(database, Device, id=county.device)[0].status == "in_use"
    later = AT + DAY
    send(database, draft(county, 2, later, differences={"pads_connected": Answer("ok")}), at=later)
    assert rows(database, Device, id=county.device)[0].status == "active"
    assert rows(database, Incident)[0].returned_to_service_at == later


def test_a_use_reported_after_the_device_was_found_in_order_takes_nothing_out(database, county):
    send(database, draft(county))
    with database.session(By(None, "office", AT + DAY)) as session:
        incidents.add_incident(session, Incident(at=AT - DAY, device_id=county.device))
    assert rows(database, Incident)[0].returned_to_service_at == AT
    assert rows(database, Device, id=county.device)[0].status == "active"


def test_photos_are_those_sent_before(database, county):
    with pytest.raises(ServiceError, match="was not sent before"):
        send(database, draft(county, photos=("0" * 64,)))
    with database.session(By(None, "manager", AT)) as session:
        values = {"kind": "photo", "media_type": "image/jpeg", "size": 1, "at": AT}
        session.add(Attachment(device_id=county.device, sha256="0" * 64, **values))
    send(database, draft(county, photos=("0" * 64,)))
    [kept] = rows(database, Inspection)
    assert [a.inspection_id for a in rows(database, Attachment) if a.inspection_id] == [kept.id]


def test_flagged_checks_wait_until_the_office_has_looked(database, county):
    send(database, draft(county, 1))
    send(database, draft(county, 2, AT, position=Position(118.386, 24.96, 5.0)))
    with database.session(By(None, "office", AT)) as session:
        [flagged] = list_inspections(session, Which(flagged=True))
        assert flagged.flags == ["no_position"]
        assert len(list_inspections(session, Which(devices=frozenset({county.device})))) == 2
        assert list_inspections(session, Which(sites=frozenset({county.other_site}))) == []
        with pytest.raises(ServiceError):
            inspections.review(session, InspectionReview(inspection_id=flagged.id, state="queried"))
    with database.session(By(None, "office", AT)) as session:
        inspections.review(session, InspectionReview(inspection_id=flagged.id, state="accepted"))
        assert list_inspections(session, Which(flagged=True)) == []


def test_readiness_follows_the_check(database, county):
    from service.ready.norms import shipped_norms
    from service.ready.readiness import readiness

    def state() -> str:
        with database.session() as session:
            [facts] = facts_of(session, [find(session, Device, county.device)])
            return readiness(facts, shipped_norms()["default"], ON).state

    before = state()
    send(database, draft(county))
    assert (before, state()) == ("UNKNOWN", "READY")


looks = st.lists(
    st.builds(
        Look, st.integers(0, 99).map(str), st.integers(0, 9).map(lambda n: AT + n * DAY), st.booleans(),
        st.none() | st.just(PLAN),
    ),
    unique_by=lambda look: (look.inspection, look.at),
    max_size=5,
)  # fmt: skip


@given(looks)
def test_stretches_tell_at_each_instant_what_the_last_look_said(given_looks):
    found = stretches(given_looks[::-1])
    assert found == stretches(given_looks)
    for look in given_looks:
        last = max((one for one in given_looks if one.at <= look.at), key=lambda one: (one.at, one.inspection))
        lasting = any(s.begun.at <= look.at and (s.done_at is None or s.done_at > look.at) for s in found)
        assert lasting == last.fails
