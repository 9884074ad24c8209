"""What was last seen of each device, kept beside its inspections: the same as from all records, on both databases."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from device_records import NORM, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from service import looks
from service.facts import COUNTY_TIME, Check
from service.history import By
from service.looks import KEPT, add_check, newest, read_checks, read_looks, rebuild
from service.ready.device_days import device_days
from service.ready.readiness import last_looks, readiness
from service.records import add, device_facts, find, incidents, reports
from service.records.devices import add_device, fit_battery, fit_pads, step
from service.tables import (
    Battery,
    Defect,
    Device,
    DeviceLooks,
    Incident,
    Inspection,
    InspectionReview,
    Pads,
    PublicReport,
)

BY = By(None, "office", at(0))
_numbers = count(1)

items = st.dictionaries(
    st.sampled_from([*sorted(KEPT), "casing"]), st.sampled_from(["ok", "ok", "fail", "na", "not_checked"])
)
complete = st.just(dict.fromkeys(KEPT, "ok"))
check = st.tuples(
    st.just("check"), st.integers(-90, -1), st.sampled_from(["monthly", "monthly", "public_report"]), items | complete
)
review = st.tuples(st.just("review"), st.integers(0, 9), st.sampled_from(["accepted", "rejected"]))
pads = st.tuples(st.just("pads"), st.integers(-30, 400), st.sampled_from(["adult", "universal", "child"]))
other = st.tuples(st.sampled_from(["battery", "defect", "mend", "use", "report", "step"]), st.integers(-90, -1))
writes = st.lists(check | check | review | pads | other, max_size=12)


def write(session, device_id: str, one) -> None:
    """One write of any kind, through the rules."""
    device = find(session, Device, device_id)
    day = at(one[1])
    match one[0]:
        case "check":
            found = {item: {"result": result} for item, result in one[3].items()}
            made = Inspection(
                device_id=device_id, kind=one[2], at=day, received_at=at(0), items=found, overall="pass",
                client_uuid=f"u{next(_numbers)}",
            )  # fmt: skip
            add(session, made)
        case "review":
            mine = select(Inspection.id).where(Inspection.device_id == device_id).order_by(Inspection.id)
            some = session.scalars(mine).all()
            if some:
                chosen = some[one[1] % len(some)]
                add(session, InspectionReview(inspection_id=chosen, state=one[2], at=at(0)))
        case "pads":
            fit_pads(session, Pads(device_id=device_id, kind=one[2], expires_on=day.date(), fitted_on=at(-9).date()))
        case "battery":
            fit_battery(session, Battery(device_id=device_id, expires_on=day.date()))
        case "defect":
            session.add(Defect(device_id=device_id, item="casing", severity="critical", found_at=day))
        case "mend":
            for defect in session.scalars(select(Defect)):
                defect.done_at = at(0)
        case "use":
            incidents.add_incident(session, Incident(device_id=device_id, at=day))
        case "report":
            reporter = "a" if one[1] % 2 else "b"
            reports.add_report(
                session, PublicReport(device_id=device_id, kind="missing"), contact="", reporter=reporter
            )
        case "step" if device.status == "planned":
            step(session, device, "installed", at=day)
            step(session, device, "active", at=day)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=writes, ahead=st.integers(0, 500))
def test_the_summary_says_what_all_records_say_after_any_writes(database, written, ahead):
    device_id = new_device(database)
    for one in written:
        with database.session(BY) as session:
            write(session, device_id, one)
    with database.session() as session:
        connection = session.connection()
        device = [find(session, Device, device_id)]
        assert read_looks(connection, [device_id])[device_id] == newest(read_checks(connection, device_id))
        (short,), (whole,) = device_facts.facts_of(session, device), device_facts.all_facts_of(session, device)
    assert last_looks(short) == last_looks(whole)
    on = at(ahead).date()
    assert readiness(short, NORM, on) == readiness(whole, NORM, on)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=writes, before=st.integers(0, 95), lasts=st.integers(0, 95))
def test_the_days_of_a_stretch_need_only_the_checks_that_count_in_it(database, written, before, lasts):
    device_id = new_device(database)
    for one in written:
        with database.session(BY) as session:
            write(session, device_id, one)
    first = at(-before).date()
    last = min(first + dt.timedelta(days=lasts), at(0).date())
    since = dt.datetime.combine(first, dt.time.min, COUNTY_TIME)
    with database.session() as session:
        device = [find(session, Device, device_id)]
        (some,), (whole,) = (device_facts.all_facts_of(session, device, since=one) for one in (since, None))
    assert len(some.checks) <= len(whole.checks)
    assert device_days(some, NORM, first, last) == device_days(whole, NORM, first, last)


@given(
    st.lists(st.builds(Check, st.integers(-3, 0).map(at), st.just("daily"), items | complete), max_size=6), st.randoms()
)
def test_checks_that_arrive_in_any_order_give_the_same(checks, random):
    arrived = list(checks)
    random.shuffle(arrived)
    one_by_one: looks.Looks = {}
    for check in arrived:
        add_check(one_by_one, check)
    assert one_by_one == newest(sorted(checks, key=lambda check: check.at, reverse=True))


def test_of_many_who_check_one_device_at_once_each_is_seen(database):
    device_id, every = new_device(database), sorted(KEPT)

    def check(number: int) -> None:
        with database.session(BY) as session:
            write(session, device_id, ("check", -9 - number, "monthly", {every[number]: "ok"}))

    with ThreadPoolExecutor(len(every)) as threads:
        list(threads.map(check, range(len(every))))
    assert set(kept_of(database, device_id)) == set(every)


def test_all_can_be_made_anew_and_a_row_that_is_not_there_is_read_from_the_checks(database):
    device_id = new_device(database)
    with database.session(BY) as session:
        write(session, device_id, ("check", -9, "monthly", {"casing": "fail", "cabinet_sign": "fail"}))
    before = kept_of(database, device_id)
    assert before == {"cabinet_sign": (at(-9), "fail")}
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(delete(DeviceLooks))
    assert kept_of(database, device_id) == before
    with database.engine.execution_options(writes=True).begin() as connection:
        assert rebuild(connection) == 1
        assert connection.scalar(select(DeviceLooks.device_id)) == device_id
    assert kept_of(database, device_id) == before


def test_a_write_that_fails_leaves_no_trace(database):
    device_id = new_device(database)

    def write_and_fail() -> None:
        with database.session(BY) as session:
            write(session, device_id, ("check", -9, "monthly", {"cabinet_sign": "fail"}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert kept_of(database, device_id) == {}


def new_device(database) -> str:
    with database.session(BY) as session:
        device_id: str = add_device(session, Device(installed_on=dt.date(2026, 1, 1)), None).id
    return device_id


def kept_of(database, device_id: str) -> looks.Looks:
    with database.session() as session:
        return read_looks(session.connection(), [device_id])[device_id]
