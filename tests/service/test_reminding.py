"""Reminding from the records: what is due is found, told once to whom it concerns, and forgotten when it is done."""

import dataclasses
import datetime as dt
import json
import stat
import time

import icalendar
import pytest
from fake_servers import MailServer
from people import become, browser, make_county
from sqlalchemy import select

from aedplan import InputError
from aedplan.hours.holidays import known_years
from service.channels import make_channels
from service.db import now
from service.errors import ServiceError
from service.facts import day_of
from service.history import By
from service.outbox import SendError
from service.public.cards import from_json, to_json
from service.records import devices, find, people, rules
from service.records.dues import list_dues
from service.records.policies import add_policy
from service.records.public import list_cards
from service.reminding import Reminding, find_due, remind
from service.settings import read_settings
from service.tables import (
    Account,
    Agreement,
    Battery,
    Certificate,
    Device,
    Notice,
    Pads,
    Person,
    Policy,
    PolicyInsured,
    Task,
)

R = "/api/v1/records"
DAY = dt.timedelta(days=1)


class Taken:
    """Takes messages."""

    def __init__(self) -> None:
        self.messages = []

    def send(self, message) -> None:
        self.messages.append(message)


@pytest.fixture
def county(database):
    """Both devices are in order but for the battery of one, which ends today; its manager has an address."""
    at = now() - DAY
    made = make_county(database, at=at)
    with database.session(By(None, "office", at)) as session:
        for device_id, lasts in ((made.device, 1), (made.other_device, 900)):
            device = find(session, Device, device_id)
            for status in ("installed", "active"):
                devices.step(session, device, status, at=at)
            devices.fit_pads(session, Pads(device_id=device_id, kind="adult", expires_on=day_of(at) + 900 * DAY))
            devices.fit_battery(session, Battery(device_id=device_id, expires_on=day_of(at) + lasts * DAY))
        person = find(session, Person, made.person)
        people.change_person(session, person, {"email": "guard@example.org"})
        find(session, Account, made.accounts["manager"]).person_id = person.id
        rules.set_rule(session, "receivers", {"2": [{"channel": "email", "address": "office@example.org"}]})
        rules.set_rule(session, "holidays", {str(at.year + ahead): {"holidays": []} for ahead in (0, 1)})
    return made


def told(taken: Taken) -> list[tuple[str, str]]:
    return sorted((message.receiver, message.subject.split("】")[1].split("，")[0]) for message in taken.messages)


def test_a_battery_that_ends_is_told_once_to_everybody_up_to_the_red_cross(database, county):
    taken = Taken()
    for _ in range(2):
        assert remind(database, {"email": taken})[0] == 1
    with database.session() as session:
        code = find(session, Device, county.device).public_code
        assert {notice.state for notice in session.scalars(select(Notice))} == {"sent"}
        assert "example.org" not in {notice.receiver_sealed for notice in session.scalars(select(Notice))}
        [task] = session.scalars(select(Task))
        assert (task.rule_id, task.escalation, task.done_at) == ("battery", 2, None)
    battery = f"第一小学 {code}：电池到期"
    assert told(taken) == [("guard@example.org", battery), ("office@example.org", battery)]


def test_a_new_battery_ends_the_matter_and_begins_another(database, county):
    remind(database, {"email": Taken()})
    with database.session(By(None, "office", now())) as session:
        on = day_of(now())
        devices.fit_battery(session, Battery(device_id=county.device, expires_on=on + 20 * DAY, installed_on=on))
    taken = Taken()
    remind(database, {"email": taken})
    with database.session() as session:
        states = {task.due_on: task.done_at is not None for task in session.scalars(select(Task))}
    assert states == {on: True, on + 20 * DAY: False}
    assert [message.receiver for message in taken.messages] == ["guard@example.org"]


def test_what_could_not_be_told_before_a_way_was_set_up_is_told_then(database, county):
    assert find_due(database, {}, now()) == 1
    with database.session() as session:
        assert session.scalars(select(Notice)).all() == []
    taken = Taken()
    remind(database, {"email": taken})
    assert len(taken.messages) == 2


def test_papers_fall_due_until_they_are_renewed(database, county):
    on = day_of(now())
    with database.session(By(None, "office", now())) as session:
        agreement = find(session, Agreement, county.agreement)
        agreement.ends_on = on + 30 * DAY
        again_on, ends_on = on + 60 * DAY, on + 400 * DAY  # trained again long before it ends
        holder = Certificate(person_id=county.person, kind="cpr_aed", expires_on=ends_on, retrain_due_on=again_on)
        people.add_certificate(session, holder, "N-7")
        nowhere = people.add_person(session, Person(roles=["trainer"]), name="讲师", phone="").person.id
        for kind, expires_on in (("cpr_aed", on + 9 * DAY), ("instructor", on + 8 * DAY), ("instructor", None)):
            held = Certificate(person_id=nowhere, kind=kind, expires_on=expires_on)
            people.add_certificate(session, held, "")
        common = {"insurer_id": county.red_cross, "cover": "event", "insured_kind": "all_registered", "starts_on": on}
        for number in (1, 2):
            session.add(Policy(policy_no=str(number), ends_on=on + number * 30 * DAY, **common))
        session.flush()
        dues = [due for due in list_dues(session, on) if due.due_on > on + 2 * DAY and not due.device_id]
    found = {due.rule_id: due for due in dues if due.due_on != on + 9 * DAY}
    [free] = [due for due in dues if due.rule_id == "certificate" and due.site_id == ""]
    assert (free.due_on, free.en) == (on + 9 * DAY, "CPR and AED certificate: certificate expires")
    other = {due.subject_id for due in [found["agreement"]]}
    assert county.other_agreement not in other or found["agreement"].due_on.year == 2030
    assert (found["certificate"].due_on, found["certificate"].site_id) == (on + 60 * DAY, county.site)
    assert "保安" not in found["certificate"].zh
    assert found["insurance"].due_on == on + 60 * DAY
    assert found["insurance"].en == "event 2: insurance ends"


def test_a_policy_falls_due_until_later_ones_of_any_insurer_take_over_all_that_it_insures(database, county):
    on = day_of(now())
    with database.session(By(None, "office", now())) as session:

        def add(number: str, insurer: str, days: int, *insured: str, kind: str = "devices") -> str:
            policy = Policy(policy_no=number, insurer_id=insurer, cover="equipment_loss", insured_kind=kind, starts_on=on,
                            ends_on=on + days * DAY)  # fmt: skip
            add_policy(session, policy, [PolicyInsured(device_id=one) for one in insured])
            return number

        def due() -> set[str]:
            return {one.en.split()[-3].rstrip(":") for one in list_dues(session, on) if one.rule_id == "insurance"}

        first = add("A", county.red_cross, 10, county.device, county.other_device)
        assert due() == {first}
        half = add("B", county.school, 20, county.device)
        assert due() == {first, half}, "one device is in none that ends later"
        rest = add("C", county.red_cross, 30, county.other_device)
        assert due() == {half, rest}
        find(session, Device, county.device).status = "retired"
        assert due() == {rest}, "a retired device needs no cover"
        whole = add("D", county.school, 40, kind="all_registered")
        assert due() == {whole}
        add("E", county.school, 50, county.other_device)
        assert due() == {whole, "E"}, "some devices are not all"


def test_what_the_public_reports_is_told_to_the_manager_at_once_and_due_until_somebody_has_seen_to_it(
    settings, database, county, folder
):
    taken = Taken()
    with browser(dataclasses.replace(settings, plan=folder)) as client:
        client.app.state.reminding = reminding = Reminding(database, {"email": taken}, every_s=3600)
        reminding.start()
        wait_for(lambda: len(taken.messages) == 2)  # the battery
        with database.session() as session:
            code = find(session, Device, county.device).public_code
        client.post("/api/v1/reports", json={"kind": "used", "code": code})
        wait_for(lambda: len(taken.messages) == 3)
        client.post("/api/v1/reports", json={"kind": "new_aed", "text": "超市"})
        client.app.state.reminding = reminding.stop()
        assert (taken.messages[2].receiver, "设备已被取用" in taken.messages[2].subject) == ("guard@example.org", True)
        become(client, "manager")
        [due] = [one for one in client.get(f"{R}/due").json() if one["rule_id"] == "report"]
        assert (due["device_id"], due["due_on"]) == (county.device, str(day_of(now())))
        become(client, "office")
        dues = [one for one in client.get(f"{R}/due").json() if one["rule_id"] == "report"]
        assert sorted(one["zh"] for one in dues) == ["公众报告：另有设备", f"第一小学 {code}：公众报告：设备已被取用"]
        page = client.get("/office").text
        assert page.count(">公众报告：设备已被取用<") == 1
        for one in client.get(f"{R}/reports").json():
            client.patch(f"{R}/reports/{one['id']}", json={"state": "done", "effect": "看过"})
        assert "report" not in {one["rule_id"] for one in client.get(f"{R}/due").json()}


def wait_for(ready) -> None:
    deadline = time.monotonic() + 20
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ready()


def test_a_year_whose_holidays_nobody_knows_is_due_until_the_office_enters_it(settings, database, county, folder):
    year = max(known_years()) + 1
    eve, new_year = dt.date(year - 1, 11, 22), f"{year}-01-01"
    with browser(dataclasses.replace(settings, plan=folder)) as client:
        become(client, "office")
        assert client.put(f"{R}/rules/holidays", json={"value": {}}).status_code == 200
        with database.session(By(None, "machine", now())) as session:
            [due] = [due for due in list_dues(session, eve) if due.rule_id == "holidays"]
            assert (due.due_on, due.subject_id) == (dt.date(year, 1, 1), str(year))
            card = list_cards(session, eve)[0]
        assert is_open_at_noon(card, year)
        given = {str(year): {"holidays": [f"{new_year}/{year}-01-03"], "workdays": []}}
        assert client.put(f"{R}/rules/holidays", json={"value": given}).status_code == 200
        with database.session(By(None, "machine", now())) as session:
            assert [due for due in list_dues(session, eve) if due.rule_id == "holidays"] == []
            card = list_cards(session, eve)[0]
        assert not is_open_at_noon(card, year)
        assert not is_open_at_noon(from_json(json.loads(json.dumps(to_json(card)))), year)
        for wrong in ({"27": {"holidays": []}}, {"2027": {"holidays": ["x"]}}, {"2027": {"holidays": [7]}},
                      {"2027": 1}, {"2027": {"workdays": ["2027-01-04"], "holidays": []}}):  # fmt: skip
            assert client.put(f"{R}/rules/holidays", json={"value": wrong}).status_code == 422, wrong
        assert f'value="{new_year}"' in client.get("/office/rules").text


def is_open_at_noon(card, year: int) -> bool:
    """On the first of January, were it a place that is open from Monday to Friday and on no holiday."""
    noon = dt.datetime(year, 1, 1, 4, tzinfo=dt.UTC)
    hours = dataclasses.replace(card.condition, hours="Mo-Su 08:00-18:00; PH off")
    return any(first <= noon < last for first, last in hours.stretches(day_of(noon)))


def test_the_office_changes_a_rule_and_what_is_none_is_refused(database, county):
    with database.session(By(None, "office", now())) as session:
        rules.set_rule(session, "reminders.battery", {"steps": [[5, 1]]})
        assert rules.current_rules(session)["battery"].steps == ((5, 1),)
        assert rules.current_rules(session)["pads"].steps[0] == (-90, 0)
        rules.set_rule(session, "norm", {"profile": "guangzhou-2024"})
        assert rules.current_norm(session).check_every_days == 1
    assert find_due(database, {}, now() + 4 * DAY) == 2  # two checks, due daily by now; the battery not yet
    for name, value, status in (
        ("reminders.battery", {"steps": [[5, 9]]}, 422), ("reminders.battery", {"step": []}, 422),
        ("norm", {"profile": "none"}, 422), ("norm", {}, 422), ("colour", {}, 404),
        ("receivers", {"9": []}, 422), ("receivers", {"1": [{"channel": "fax", "address": "1"}]}, 422),
        ("receivers", {"1": [{"channel": "email", "address": "a\nb"}]}, 422), ("receivers", {"1": "x"}, 422),
    ):  # fmt: skip
        with pytest.raises(ServiceError) as caught, database.session(By(None, "office", now())) as session:
            rules.set_rule(session, name, value)
        assert caught.value.status == status, (name, value)


def test_the_list_the_acknowledgement_and_the_calendar(settings, database, county, folder):
    settings = dataclasses.replace(settings, plan=folder)
    with browser(settings) as client:
        become(client, "manager")
        found = client.get(f"{R}/due").json()
        assert {one["device_id"] for one in found} == {county.device}
        [battery] = [one for one in found if one["rule_id"] == "battery"]
        assert (battery["level"], found[0]["rule_id"]) == (2, "battery")
        name = {key: battery[key] for key in ("rule_id", "subject_kind", "subject_id", "due_on")}
        seen = client.post(f"{R}/due/acknowledged", json=name).json()
        assert seen["acknowledged_by"] == county.accounts["manager"]
        assert client.post(f"{R}/due/acknowledged", json={**name, "due_on": "2030-01-01"}).status_code == 404
        feed = client.post(f"{R}/feeds", json={}).json()
        client.cookies.clear()
        calendar = icalendar.Calendar.from_ical(client.get(feed["address"]).content)
        days = [event.decoded("dtstart") for event in calendar.walk("VEVENT")]
        assert dt.date.fromisoformat(battery["due_on"]) in days
        assert len(days) == len({event["uid"] for event in calendar.walk("VEVENT")})
        assert client.get("/api/v1/due.ics?token=wrong").status_code == 404
        become(client, "office")
        assert {one["device_id"] for one in client.get(f"{R}/due").json()} >= {county.device, county.other_device}
        assert client.delete(f"{R}/feeds/{feed['id']}").status_code == 404
        assert client.put(f"{R}/rules/reminders.check", json={"value": {"steps": [[0, 2]]}}).status_code == 200
        assert client.get(f"{R}/rules").json()["reminders.check"] == {"steps": [[0, 2]]}
        assert client.delete(f"{R}/rules/reminders.check").status_code == 204
        assert client.delete(f"{R}/rules/reminders.check").status_code == 404
        become(client, "manager")
        assert client.put(f"{R}/rules/norm", json={"value": {}}).status_code == 403
        assert [one["id"] for one in client.get(f"{R}/feeds").json()] == [feed["id"]]
        assert client.delete(f"{R}/feeds/{feed['id']}").status_code == 204
        assert client.get(feed["address"]).status_code == 404


def test_the_service_reminds_by_itself_and_stops_cleanly(database, county):
    with MailServer() as server:
        url = f"smtp+none://127.0.0.1:{server.port}"
        mail = read_settings({"AEDPLAN_SMTP_URL": url, "AEDPLAN_SMTP_FROM": "aed@example.org"})
        reminding = Reminding(database, make_channels(mail), every_s=0.05)
        reminding.start()
        deadline = time.monotonic() + 20
        while len(server.mails) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        reminding.stop()
        assert len(server.mails) == 2


def test_a_database_that_is_away_for_a_while_stops_nothing(database, county, caplog):
    failures = iter([ServiceError(503, "x", "away"), RuntimeError("a mistake")])

    class Away:
        """The database, but for the first questions."""

        def session(self, *given, **more):
            for failure in failures:
                raise failure
            return database.session(*given, **more)

    taken = Taken()
    reminding = Reminding(Away(), {"email": taken}, every_s=0.01)
    reminding.start()
    deadline = time.monotonic() + 20
    while len(taken.messages) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    reminding.stop()
    assert len(taken.messages) == 2
    assert "reminding waits: away" in caplog.text


def test_the_command_reminds_once(settings, database, county, run_service):
    with MailServer() as server:
        named = {"AEDPLAN_DATABASE_URL": settings.database_url} if settings.database_url else {}
        done = run_service(
            "remind", AEDPLAN_DATA=str(settings.data), AEDPLAN_KEY=settings.key, AEDPLAN_SMTP_FROM="aed@example.org",
            AEDPLAN_SMTP_URL=f"smtp+none://127.0.0.1:{server.port}", **named,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert {mail["To"] for mail in server.mails} == {"guard@example.org", "office@example.org"}


def test_channels_come_from_settings_and_all_faults_stand_in_one_message():
    good = read_settings(
        {
            "AEDPLAN_SMTP_URL": "smtps://aed%40x:p%3Aw@mail.example.org", "AEDPLAN_SMTP_FROM": "aed@example.org",
            "AEDPLAN_WECOM_ROBOTS": "办公室=https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
            "AEDPLAN_DINGTALK_ROBOTS": "一组=https://oapi.dingtalk.com/robot/send?access_token=b SEC1",
        }
    )  # fmt: skip
    channels = make_channels(good)
    mail, dingtalk = channels["email"], channels["dingtalk"].robots["一组"]
    assert (mail.host, mail.port, mail.security, mail.user, mail.password) == (
        "mail.example.org", 465, "tls", "aed@x", "p:w",
    )  # fmt: skip
    assert (dingtalk.secret, channels["wecom"].robots.keys()) == ("SEC1", {"办公室"})
    assert "p:w" not in repr(good) + repr(channels)
    from service.outbox import Message

    with pytest.raises(SendError, match="no robot"):
        channels["wecom"].send(Message("k", "wecom", "别组", "s", "t", now()))
    assert make_channels(read_settings({})) == {}
    bad = {
        "AEDPLAN_SMTP_URL": "mail.example.org",
        "AEDPLAN_WECOM_ROBOTS": "a=http://example.org",
        "AEDPLAN_DINGTALK_ROBOTS": "x",
    }
    with pytest.raises(InputError) as caught:
        make_channels(read_settings(bad))
    assert len(caught.value.faults) == 3


def test_secrets_may_stand_in_a_file_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "secrets"
    path.write_text("# keys\nAEDPLAN_KEY=abc\nAEDPLAN_SMTP_FROM = a@b\n", encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    found = read_settings({"AEDPLAN_SECRETS": str(path), "AEDPLAN_SMTP_FROM": "c@d"})
    assert (found.key, found.smtp_from) == ("abc", "c@d")
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        read_settings({"AEDPLAN_SECRETS": str(path)})
    path.chmod(0o600)
    path.write_text("AEDPLAN_KEE=1\nnothing\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_settings({"AEDPLAN_SECRETS": str(path)})
    with pytest.raises(InputError, match="cannot be read"):
        read_settings({"AEDPLAN_SECRETS": str(tmp_path / "none")})
