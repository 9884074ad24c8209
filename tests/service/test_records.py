"""The rules of the subjects, on both databases."""

import datetime as dt
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import make_county
from sqlalchemy import select

from service.errors import ServiceError
from service.history import By, history
from service.inspections.form import Answer
from service.inspections.rules import Draft
from service.notices import put_notices
from service.outbox import Message
from service.records import (
    agreements,
    device_facts,
    devices,
    find,
    imports,
    incidents,
    inspections,
    people,
    policies,
    reports,
    sites,
    training,
)
from service.records.positions import Position
from service.tables import (
    Account,
    AdminUnit,
    Agreement,
    Attendance,
    Base,
    Battery,
    Certificate,
    Change,
    Device,
    Incident,
    Inspection,
    InspectionReview,
    Notice,
    Organisation,
    Pads,
    Person,
    Policy,
    PolicyInsured,
    PublicReport,
    RescueTeam,
    SheetImport,
    Site,
    SitePerson,
    TrainingEvent,
)

AT = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 22)
DAY = dt.timedelta(days=1)
BY = By(None, "office", AT)


@pytest.fixture
def county(database):
    return make_county(database, at=AT - 30 * DAY)


def test_units_find_the_one_they_belong_to(database):
    with database.session(BY) as session:
        for code, name in (("350583", "南安市"), ("350583001", "溪美街道"), ("350583001001", "溪美社区")):
            sites.add_admin_unit(session, AdminUnit(code=code, name=name))
        units = {unit.code: (unit.level, unit.parent_code) for unit in session.scalars(select(AdminUnit))}
    assert units == {
        "350583": ("county", None),
        "350583001": ("town", "350583"),
        "350583001001": ("community", "350583001"),
    }
    with pytest.raises(ServiceError), database.session(BY) as session:
        sites.add_admin_unit(session, AdminUnit(code="35058", name="x"))


def test_a_shifted_position_is_kept_as_it_came_and_stored_in_wgs84(database):
    with database.session(BY) as session:
        site = sites.add_site(session, Site(name="站"), Position(118.390889, 24.957368, "gcj02", 5.0))
    assert (site.lon, site.lat) == pytest.approx((118.386, 24.960), abs=2e-6)
    assert site.coordinate_original == {"lon": 118.390889, "lat": 24.957368, "source": "gcj02"}
    for lon, lat in ((float("nan"), 0.0), (181.0, 0.0), (0.0, -91.0)):
        with pytest.raises(ServiceError), database.session(BY) as session:
            sites.add_site(session, Site(name="x"), Position(lon, lat))


def test_sites_are_found_by_unit_stage_and_text(database):
    with database.session(BY) as session:
        for code in ("350583", "350583001"):
            sites.add_admin_unit(session, AdminUnit(code=code, name=code))
        for name, code, stage in (
            ("A%校", "350583001", "standing"),
            ("B校", "350583", "proposed"),
            ("C", None, "standing"),
        ):
            sites.add_site(session, Site(name=name, admin_code=code, stage=stage), None)

        def names(**which):
            return [site.name for site in sites.list_sites(session, **which)]

        assert names() == ["A%校", "B校", "C"]
        assert names(admin_code="350583") == ["A%校", "B校"]
        assert names(admin_code="350583001") == ["A%校"]
        assert names(stage="proposed") == ["B校"]
        assert names(text="校") == ["A%校", "B校"]
        assert names(text="%") == ["A%校"]
        assert names(within=frozenset()) == []


CODES = st.text(devices.ALPHABET, min_size=5, max_size=5)


@given(code=CODES, place=st.integers(0, 5), other=st.sampled_from(devices.ALPHABET))
def test_a_code_with_a_slip_is_noticed(code, place, other):
    whole = code + devices._check_character(code)
    assert devices.code_holds(whole)
    assert devices.code_holds(whole[:place] + other + whole[place + 1 :]) == (other == whole[place])
    if place < 5:
        swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
        assert devices.code_holds(swapped) == (swapped == whole)


def test_a_code_that_is_taken_is_drawn_again(database, county, monkeypatch):
    with database.session(BY) as session:
        taken = devices.find_device(session, county.device).public_code
        drawn = iter([*taken[:5], *taken[:5], *"ABCDE", *"ABCDE", *"EDCBA"])
        monkeypatch.setattr(devices.secrets, "choice", lambda letters: next(drawn))
        codes = [devices.add_device(session, Device(location_text="门口"), None).public_code[:5] for _ in range(2)]
    assert codes == ["ABCDE", "EDCBA"]


def test_a_devices_life_goes_step_by_step_and_every_step_is_kept(database, county):
    with database.session(BY) as session:
        device = devices.find_device(session, county.device)
        devices.step(session, device, "installed", at=AT - 3 * DAY)
        devices.step(session, device, "active", at=AT - 2 * DAY)
        devices.step(session, device, "out_of_service", at=AT - DAY, reason="电池")
        assert device.out_of_service_reason == "电池"
        devices.step(session, device, "active", at=AT)
        assert device.out_of_service_reason == ""
        steps = [(one.status, one.at) for one in devices.list_steps(session, device.id)]
        lives = [line.after["status"] for line in history(session, device)]
    assert [status for status, _ in steps] == ["planned", "installed", "active", "out_of_service", "active"]
    assert steps[1][1] == AT - 3 * DAY
    assert lives == ["planned", "installed", "active", "out_of_service", "active"]


@pytest.mark.parametrize(
    ("status", "at", "reason", "refused"),
    [("active", AT, "", 409), ("retired", AT, " ", 422), ("installed", AT + DAY, "", 422)],
)
def test_steps_that_cannot_be_are_refused(database, county, status, at, reason, refused):
    with pytest.raises(ServiceError) as caught, database.session(BY) as session:
        devices.step(session, find(session, Device, county.device), status, at=at, reason=reason)
    assert caught.value.status == refused


def test_a_retired_device_stays_retired():
    assert devices.AFTER["retired"] == ()
    assert all("retired" in after for status, after in devices.AFTER.items() if status != "retired")


def test_a_device_hangs_where_its_site_is_unless_told_better_and_can_move(database, county):
    with database.session(BY) as session:
        device = devices.find_device(session, county.device)
        assert (device.lon, device.lat) == (118.386, 24.96)
        devices.move(session, device, county.other_site, Position(118.3911, 24.9601))
        assert (device.site_id, device.lon) == (county.other_site, 118.3911)
        moved = history(session, device)[-1]
    assert (moved.before["site_id"], moved.after["site_id"]) == (county.site, county.other_site)


def test_new_parts_take_the_place_of_the_old_ones_and_spares_of_none(database, county):
    with database.session(BY) as session:
        for kind, fitted, spare in (
            ("adult", ON - DAY, False),
            ("child", ON, False),
            ("adult", ON, True),
            ("adult", ON, False),
        ):
            devices.fit_pads(session, Pads(device_id=county.device, kind=kind, fitted_on=fitted, spare=spare))
        devices.fit_pads(session, Pads(device_id=county.device, fitted_on=ON + DAY))
        for installed in (ON - DAY, ON):
            devices.fit_battery(session, Battery(device_id=county.device, installed_on=installed))
        device = devices.find_device(session, county.device)
        pads = [(one.kind, one.spare, one.removed_on) for one in device.pads]
        batteries = [one.removed_on for one in device.batteries]
    assert pads == [
        ("adult", False, ON),
        ("child", False, None),
        ("adult", True, None),
        ("adult", False, ON + DAY),
        ("adult", False, None),
    ]
    assert batteries == [ON, None]


def dates(days: int | None) -> dt.date | None:
    return None if days is None else ON + days * DAY


@pytest.mark.parametrize(
    ("signed", "starts", "ends", "ended", "renews", "state"),
    [
        (None, -1, 9, None, False, "draft"), (1, 1, 9, None, False, "draft"), (0, 1, 900, None, False, "coming"),
        (0, 0, 90, None, False, "active"), (0, 0, 89, None, False, "expiring"), (-9, -9, 0, None, False, "expiring"),
        (-9, -9, -1, None, False, "expired"), (-9, -9, -1, None, True, "active"), (-9, None, None, None, False, "active"),
        (-9, -9, 900, 0, False, "terminated"), (-9, -9, 900, 1, False, "active"),
    ],
)  # fmt: skip
def test_whether_an_agreement_is_in_force_follows_from_its_dates(signed, starts, ends, ended, renews, state):
    paper = Agreement(
        signed_on=dates(signed),
        starts_on=dates(starts),
        ends_on=dates(ends),
        terminated_on=dates(ended),
        auto_renew=renews,
    )
    assert agreements.state_on(paper, ON) == state


def test_an_agreement_is_renewed_with_all_it_holds_and_the_old_one_stays(database, county):
    with database.session(BY) as session:
        old = agreements.find_agreement(session, county.agreement)
        new = agreements.renew(session, old, "2031-1", starts_on=dt.date(2031, 1, 1), ends_on=dt.date(2035, 12, 31))
        assert (new.renews_id, new.party_b_id) == (old.id, old.party_b_id)
        assert [one.code for one in new.obligations] == [one.code for one in old.obligations] == ["maintenance_daily"]
        assert [thing.device_id for thing in new.things] == [county.device]
        agreements.terminate(session, old, on=ON, reason="拆迁")
        assert agreements.state_on(old, ON) == "terminated"
        assert {one.id for one in agreements.list_agreements(session, sites=frozenset({county.site}))} == {
            old.id,
            new.id,
        }
    for reason, refused in (("again", 409),):
        with pytest.raises(ServiceError) as caught, database.session(BY) as session:
            agreements.terminate(session, find(session, Agreement, county.agreement), on=ON, reason=reason)
        assert caught.value.status == refused


def test_all_that_is_wrong_with_an_agreement_is_said_at_once(database, county):
    paper = Agreement(number=" ", kind="donation", party_a_id=county.school, party_b_id=county.school, starts_on=ON)
    paper.ends_on = ON - DAY
    with pytest.raises(ServiceError) as caught, database.session(BY) as session:
        agreements.add_agreement(session, paper, agreements.About(sites=(county.site, county.site)), [])
    assert caught.value.message_en.count(";") == 3


def test_names_and_phones_are_sealed_in_the_file_and_told_to_the_rules(settings, database, county):
    with database.session(BY) as session:
        named = {one.name: one.phone for one in people.list_people(session)}
        sealed = session.scalars(select(Person.name_sealed)).all()
    assert named == {"第一小学保安": "13800000000", "第二小学保安": "13800000000"}
    assert all(name.startswith("gAAAA") for name in sealed)
    if database.file:
        content = b"".join(path.read_bytes() for path in database.file.parent.glob(f"{database.file.name}*"))
        assert "保安".encode() not in content
        assert b"13800000000" not in content


def test_an_erased_person_is_nobody_and_what_they_did_stays(database, county):
    with database.session(BY) as session:
        person = find(session, Person, county.person)
        people.add_certificate(session, Certificate(person_id=person.id, kind="cpr_aed"), "C-1")
        manager = session.get(Account, county.accounts["manager"])
        manager.person_id = person.id
        session.add(
            Inspection(
                device_id=county.device, client_uuid="u", kind="monthly", at=AT, received_at=AT, person_id=person.id,
                items={}, overall="pass",
            )
        )  # fmt: skip
        told = people.export_person(session, person)
    assert (told["name"], told["phone"], told["certificates"][0]["number"]) == ("第一小学保安", "13800000000", "C-1")
    assert (len(told["inspections"]), told["accounts"]) == (1, ["the manager"])
    with database.session(BY) as session:
        people.erase_person(session, find(session, Person, county.person))
    with database.session(BY) as session:
        after = people.export_person(session, find(session, Person, county.person))
        assert [one.person.id for one in people.list_people(session)] == [county.other_person]
        log = session.scalars(select(Change)).all()
    assert (after["name"], after["phone"], after["certificates"][0]["number"]) == ("", "", "")
    assert len(after["inspections"]) == 1
    assert "manager" not in after["accounts"][0]
    assert "保安" not in repr([(line.before, line.after) for line in log])
    assert "the manager" not in repr([(line.before, line.after) for line in log])


def test_what_was_kept_elsewhere_of_an_erased_person_goes_too_and_nobody_elses(database, county):
    mail = [Message(f"{n}-{to}", "email", to, "", "", AT) for n in range(2) for to in ("own@e.org", "other@e.org")]
    with database.session(BY) as session:
        for person, email in ((county.person, "own@e.org"), (county.other_person, "other@e.org")):
            people.change_person(session, find(session, Person, person), {"email": email})
        put_notices(session, mail)
        session.scalars(select(Notice).where(Notice.key == mail[0].key)).one().state = "sent"
        rows = ["姓名,电话,档案号", f"甲,13500000001,{county.person}", f"乙,13500000002,{county.other_person}"]
        table = "\n".join(rows).encode("utf-8-sig")
        imports.apply(session, imports.preview(session, table, sheet="people").kept)
        imports.preview(session, table.replace(b"135", b"136"), sheet="people")
    with database.session(BY) as session:
        people.erase_person(session, find(session, Person, county.person))
    with database.session(BY) as session:
        left = "".join(map(session.safe.open, all_sealed(session)))
        before = json.loads(session.safe.open(session.scalars(select(SheetImport.before_sealed)).one()))
        waiting = session.scalars(select(Notice.receiver_sealed).where(Notice.state == "waiting")).all()
        sent = session.scalars(select(Notice.receiver_sealed).where(Notice.state == "sent")).all()
    assert not [word for word in ("第一小学保安", "甲", "13500000001", "own@e.org", "13600000001") if word in left]
    assert list(before) == [f"person {county.other_person}"]
    assert (len(waiting), len(sent)) == (2, 1)


def all_sealed(session):
    """The content of every sealed column."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("sealed"):
                yield from session.scalars(select(column))


def test_everything_that_names_a_person_is_told_to_them():
    told = {column for _, *columns in people.NAMED_IN.values() for column in columns}
    told |= {Account.person_id, Certificate.person_id, SitePerson.person_id}
    keys = {key for table in Base.metadata.sorted_tables for key in table.foreign_keys}
    naming = {str(key.parent) for key in keys if key.column.table.name == "person"}
    assert {f"{one.class_.__tablename__}.{one.key}" for one in told} == naming


def checked(device: str, number: int = 1, *, at: dt.datetime = AT) -> Draft:
    return Draft(str(UUID(int=number)), device, "monthly", at, "app", 1, {"cabinet_sign": Answer("fail")})


def test_a_device_used_in_an_incident_is_in_use_until_it_is_returned(database, county):
    with database.session(BY) as session:
        device = find(session, Device, county.device)
        devices.step(session, device, "installed", at=AT - 9 * DAY)
        devices.step(session, device, "active", at=AT - 9 * DAY)
        incident = incidents.add_incident(session, Incident(at=AT - DAY, device_id=device.id, shocks=1))
        assert device.status == "in_use"
        incidents.return_to_service(session, incident, AT)
        assert device.status == "active"
        assert [one.id for one in incidents.list_incidents(session, sites=frozenset({county.site}))] == [incident.id]
        assert incidents.list_incidents(session, sites=frozenset({county.other_site})) == []
    with pytest.raises(ServiceError) as caught, database.session(BY) as session:
        incidents.add_incident(session, Incident(at=AT, collapse_at=AT, aed_arrive_at=AT - DAY))
    assert caught.value.status == 422


def test_two_independent_reports_that_a_device_is_missing_are_believed(database, county):
    def report(sender: str, kind: str = "missing") -> list[str]:
        with database.session(BY) as session:
            reports.add_report(
                session, PublicReport(device_id=county.device, kind=kind), contact="139", reporter=sender
            )
            return reports.list_unconfirmed(session)

    assert [report("a"), report("a"), report("b", "broken"), report("b")] == [[], [], [], [county.device]]
    with database.session(BY) as session:
        kept = session.scalars(select(PublicReport)).all()
        assert "139" not in {one.contact_sealed for one in kept}
        assert not {"a", "b"} & {one.reporter for one in kept}
        for one in kept:
            reports.handle(session, one, "dismissed", "在原位")
        assert reports.list_unconfirmed(session) == []


def test_the_gaps_are_what_no_policy_covers_that_day(database, county):
    with database.session(BY) as session:
        insurer = sites.add_organisation(session, Organisation(name="保险", kind="insurer")).id
        for device_id in (county.device, county.other_device):
            devices.step(session, find(session, Device, device_id), "installed", at=AT)
        volunteer = people.add_person(session, Person(roles=["volunteer"]), name="志愿者", phone="").person.id
        event = training.add_event(session, TrainingEvent(held_on=ON + 5 * DAY), {volunteer: True})

        def policy(number: str, cover: str, kind: str, *insured: PolicyInsured) -> None:
            made = Policy(insurer_id=insurer, policy_no=number, cover=cover, insured_kind=kind, starts_on=ON)
            made.ends_on = ON + 9 * DAY
            policies.add_policy(session, made, list(insured))

        bare = policies.find_gaps(session, ON)
        assert set(bare.devices) == {county.device, county.other_device}
        assert (bare.volunteers["personal_accident"], bare.events) == ((volunteer,), (event.id,))
        policy("1", "equipment_loss", "devices", PolicyInsured(device_id=county.device))
        policy("2", "personal_accident", "named", PolicyInsured(person_id=volunteer))
        policy("3", "event", "event", PolicyInsured(training_event_id=event.id))
        covered = policies.find_gaps(session, ON)
        assert covered.devices == (county.other_device,)
        assert covered.volunteers == {"personal_accident": (), "rescuer_liability": (volunteer,)}
        assert covered.events == ()
        policy("4", "rescuer_liability", "all_registered")
        assert policies.find_gaps(session, ON + 9 * DAY).volunteers["rescuer_liability"] == ()
        later = policies.find_gaps(session, ON + 10 * DAY)
        assert len(later.devices) == 2


def test_training_counts_who_came_and_refuses_what_cannot_be(database, county):
    with database.session(BY) as session:
        event = TrainingEvent(held_on=ON, attended_n=30, passed_n=28, drill=True)
        training.add_event(session, event, {county.person: True})
        assert [one.id for one in training.list_events(session, first=ON, last=ON)] == [event.id]
        assert session.scalars(select(Attendance)).one().passed is True
        training.add_team(session, RescueTeam(name="柳城救护队"), [county.person])
    with pytest.raises(ServiceError), database.session(BY) as session:
        training.add_event(session, TrainingEvent(held_on=ON, attended_n=1, passed_n=2), {})


def test_the_facts_of_readiness_are_those_of_the_records(database, county):
    with database.session(BY) as session:
        device = find(session, Device, county.device)
        devices.step(session, device, "installed", at=AT - 9 * DAY)
        devices.step(session, device, "active", at=AT - 9 * DAY)
        devices.fit_pads(session, Pads(device_id=device.id, kind="child", expires_on=ON, fitted_on=ON))
        devices.fit_battery(session, Battery(device_id=device.id, expires_on=ON, lot="L"))
        for number in range(3):
            at = AT - number * DAY
            inspections.record(session, checked(device.id, number, at=at))
        newest = inspections.list_inspections(session, inspections.Which(device_id=device.id))[0].id
        for state in ("rejected", "accepted", "rejected"):
            inspections.review(session, InspectionReview(inspection_id=newest, state=state, reason="照片不清"))
        incidents.add_incident(session, Incident(at=AT - DAY, device_id=device.id))
        reports.add_report(session, PublicReport(device_id=device.id, kind="moved"), contact="", reporter="a")
        other, mine = device_facts.all_facts_of(session, [find(session, Device, county.other_device), device])
    assert (mine.id, mine.name, other.name) == (county.device, "第一小学", "第二小学")
    assert [status.lifecycle for status in mine.statuses] == ["planned", "installed", "active", "in_use"]
    assert {(part.kind, part.expires_on, part.lot) for part in mine.parts} == {
        ("pads_child", ON, ""),
        ("battery", ON, "L"),
    }
    assert [(check.at, check.results["cabinet_sign"], check.rejected) for check in mine.checks] == [
        (AT - 2 * DAY, "fail", False), (AT - DAY, "fail", False), (AT, "fail", True),
    ]  # fmt: skip
    assert [(defect.item, defect.found_at) for defect in mine.defects] == [("cabinet_sign", AT - 2 * DAY)]
    assert (mine.uses[0].at, mine.reports[0].kind) == (AT - DAY, "moved")
    assert (other.checks, other.parts, len(other.statuses)) == ((), (), 1)
