"""The list that the public sees, made from the records on both databases: what is in it, when it is made again, and what is
served while the database is away."""

import contextlib
import dataclasses
import datetime as dt
import io
import json
import shutil
import time

import numpy as np
import pytest
from device_records import ALL_OK
from people import browser, make_county, sign_in
from PIL import Image
from town import DEVICES

from service.api.nearest import Near
from service.db import Database, now
from service.errors import ServiceError
from service.facts import day_of
from service.history import By
from service.public import keeping as public_keeping
from service.public.now import DeviceNow, PublicList
from service.public.small_photos import SmallPhotos
from service.records import find
from service.records.devices import step
from service.records.public import PublicRecords
from service.records.reports import add_report, handle
from service.tables import AdminUnit, Battery, Change, Device, Inspection, Pads, PublicReport, Site

V1 = "/api/v1"
FAR_OFF = dt.date(2999, 1, 1)


class Plan:
    """A plan without devices."""

    devices = ()


def make_ready(session, device, at):
    """A device in service, with parts that last and a check that found all in order."""
    for status in ("installed", "active"):
        step(session, device, status, at=at)
    session.add(Pads(device_id=device.id, kind="adult", expires_on=FAR_OFF))
    session.add(Battery(device_id=device.id, expires_on=FAR_OFF))
    session.add(
        Inspection(
            device_id=device.id, kind="monthly", at=at - dt.timedelta(days=1), received_at=at, overall="pass",
            items={item: {"result": result} for item, result in ALL_OK.items()}, client_uuid=device.id,
        )
    )  # fmt: skip
    session.flush()


@pytest.fixture
def county(database):
    """The two schools; the first's device is in order, open day and night, on the second floor."""
    made = make_county(database)
    with database.session(By(None, "office", now())) as session:
        session.add(AdminUnit(code="350583001", name="溪美街道", level="town"))
        session.add(AdminUnit(code="350583001001", name="第一社区", level="community", parent_code="350583001"))
        session.flush()
        device, site = find(session, Device, made.device), find(session, Site, made.site)
        device.installed_on, device.note, device.level, device.location_text = (
            dt.date(2026, 1, 1),
            "内部",
            "2",
            "进门左转",
        )
        site.opening_hours, site.venue_type, site.emergency_phone = "24/7", "小学", "0595-1"
        site.admin_code = "350583001001"
        make_ready(session, device, session.by.at)
        other = find(session, Device, made.other_device)
        make_ready(session, other, session.by.at)
    return made


@pytest.fixture
def listed(settings, database, county):
    """The list in this process."""
    made = PublicList(Plan, settings.data, PublicRecords(database))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def made_at_once(monkeypatch):
    """However slow this machine is at present."""
    monkeypatch.setattr(public_keeping, "AT_ONCE_S", 1e9)


def change(database, work):
    with database.session(By(None, "office", now())) as session:
        work(session)


def code_of(database, device_id):
    with database.session() as session:
        return find(session, Device, device_id).public_code


def found(listed, database, device_id):
    return listed.current(now()).find(code_of(database, device_id))


def test_a_device_is_told_with_all_that_the_public_may_know_and_nothing_else(listed, database, county):
    device = found(listed, database, county.device)
    told = device.properties
    assert "内部" not in json.dumps(told, ensure_ascii=False)
    expected = {
        "label": "第一小学", "kind": "school", "kind_zh": "小学", "town": "溪美街道", "place_zh": "2 楼 进门左转",
        "level": "2", "phone": "0595-1", "hours": "24/7", "hours_zh": "全天 24 小时", "ready": True, "state": "usable",
        "why_zh": "全天开放", "initials": "dyxxxmjd", "photo": "", "until": None,
        "checked_on": (day_of(now() - dt.timedelta(days=1))).isoformat(),
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert told["id"] == told["code"] == device.code
    assert (device.lon, device.lat) == pytest.approx((118.386, 24.96))
    assert set(told) == {one.name for one in dataclasses.fields(DeviceNow)} - {"lon", "lat"}
    other = found(listed, database, county.other_device)
    assert (other.state, other.why_zh, other.open) == ("unverified", "开放时间不明", None)


def test_every_change_is_seen_at_once(listed, database, county):
    assert found(listed, database, county.device).state == "usable"
    change(database, lambda s: setattr(find(s, Site, county.site), "opening_hours", "2020 Jan 08:00-09:00"))
    assert found(listed, database, county.device).state == "closed"
    change(database, lambda s: setattr(find(s, Site, county.site), "opening_hours", "24/7"))
    change(database, lambda s: step(s, find(s, Device, county.device), "out_of_service", at=s.by.at, reason="维修"))
    device = found(listed, database, county.device)
    assert (device.state, device.ready, device.why_zh) == ("closed", False, "已停用")
    change(database, lambda s: setattr(find(s, Device, county.device), "display_public", False))
    assert found(listed, database, county.device) is None


def test_a_change_by_another_process_is_seen_within_seconds(listed, settings, county, monkeypatch):
    monkeypatch.setattr(public_keeping, "LOOK_EVERY_S", 0.2)
    with contextlib.closing(Database(settings)) as another:
        assert found(listed, another, county.device).state == "usable"
        change(another, lambda s: setattr(find(s, Site, county.site), "opening_hours", ""))
        time.sleep(0.25)
        assert found(listed, another, county.device).state == "unverified"


def test_the_database_is_asked_once_in_a_while_only(listed, database, county, monkeypatch):
    listed.current(now())
    asked = []
    monkeypatch.setattr(PublicRecords, "stamp", lambda self: asked.append(1) or listed._keeper._kept.stamp)
    for _ in range(100):
        listed.current(now())
    assert len(asked) <= 1


def test_a_line_of_the_log_that_appears_late_is_seen_too(database, county):
    """On PostgreSQL one transaction may commit after another that began later."""
    records = PublicRecords(database)
    before = records.stamp()
    with database.session(By(None, "office", now())) as session:
        newest = session.query(Change.id).order_by(Change.id.desc()).offset(3).first()[0]
        session.add(Change(id=newest[:-1] + "~", at=now(), role="office", kind="site", record_id="x", verb="change",
                           before={}, after={}))  # fmt: skip
    assert records.stamp() != before


def test_states_change_by_the_clock_without_any_write(listed, database, county):
    change(database, lambda s: setattr(find(s, Site, county.site), "opening_hours", "08:00-22:00"))
    code, day = code_of(database, county.device), dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    states = [listed.current(day + dt.timedelta(hours=hour)).find(code).state for hour in (13, 14, 23, 24)]
    assert states == ["usable", "closed", "closed", "usable"]
    late = listed.current(day + dt.timedelta(hours=13, minutes=59, seconds=59))
    assert late.find(code).state == "usable"
    assert late.find(code).until == "2026-11-23T14:00:00Z"
    assert late.as_of == day + dt.timedelta(hours=13, minutes=59)


def report(database, county, kind, reporter):
    made = []
    change(database, lambda s: made.append(
        add_report(s, PublicReport(device_id=county.device, kind=kind), contact="", reporter=reporter).id))  # fmt: skip
    return made[0]


def settle(database, report_id, state):
    change(database, lambda s: handle(s, find(s, PublicReport, report_id), state, "看过"))


def test_two_independent_reports_that_it_is_missing_make_it_unverified_until_one_is_dismissed(listed, database, county):
    report(database, county, "missing", "a")
    report(database, county, "missing", "a")
    assert found(listed, database, county.device).state == "usable"
    second = report(database, county, "missing", "b")
    device = found(listed, database, county.device)
    assert (device.state, device.ready) == ("unverified", None)
    assert "未找到" in device.why_zh
    settle(database, second, "confirmed")
    assert found(listed, database, county.device).state == "unverified"
    settle(database, second, "dismissed")
    assert found(listed, database, county.device).state == "usable"


def test_a_report_that_somebody_took_it_makes_it_unverified_until_it_is_handled(listed, database, county):
    one = report(database, county, "used", "a")
    device = found(listed, database, county.device)
    assert (device.state, device.ready) == ("unverified", True)
    assert device.why_zh.endswith("已取走")
    settle(database, one, "done")
    assert found(listed, database, county.device).state == "usable"


class Away:
    """Records that cannot be asked."""

    written = 0

    def stamp(self):
        raise ServiceError(503, "不在", "away")

    def read(self, at):
        raise ServiceError(503, "不在", "away")


def test_while_the_database_is_away_the_last_good_list_is_served_with_its_age(listed, database, county, monkeypatch):
    at = now()
    good = listed.current(at)
    assert not good.stale
    monkeypatch.setattr(listed._keeper, "_records", Away())
    monkeypatch.setattr(public_keeping, "LOOK_EVERY_S", 0.0)
    later = listed.current(at + dt.timedelta(hours=5))
    assert later.stale
    assert later.as_of == at.replace(microsecond=later.as_of.microsecond)
    assert [one.code for one in later.devices] == [one.code for one in good.devices]
    monkeypatch.setattr(listed._keeper, "_records", PublicRecords(database))
    end = time.monotonic() + 10
    while listed.current(at + dt.timedelta(hours=6)).stale and time.monotonic() < end:
        time.sleep(0.02)  # it is asked in the background: nobody waits for what did not answer
    assert not listed.current(at + dt.timedelta(hours=6)).stale


@pytest.mark.parametrize("records", [Away(), None])
def test_after_a_restart_without_the_database_the_list_of_the_file_is_served(
    records, settings, listed, database, county
):
    at = now()
    good = listed.current(at)
    restarted = PublicList(Plan, settings.data, records)
    kept = restarted.current(at)
    assert (kept.stale, kept.source) == (True, "records")
    assert [one.properties for one in kept.devices] == [one.properties for one in good.devices]
    tomorrow = restarted.current(at + dt.timedelta(days=1))
    assert tomorrow.as_of <= at


def test_a_file_that_is_damaged_or_of_another_form_is_made_again(settings, listed, database, county, caplog):
    good = listed.current(now())
    path = settings.data / "public.json"
    whole = path.read_text()
    for text in (whole[:-40], "[]", json.dumps(json.loads(whole) | {"format": 0}), '{"format": 1, "devices": [{}]}'):
        path.write_text(text)
        assert PublicList(Plan, settings.data, Away()).current(now()).devices == ()
        made = PublicList(Plan, settings.data, PublicRecords(database)).current(now())
        assert [one.code for one in made.devices] == [one.code for one in good.devices]
        assert json.loads(path.read_text())["devices"]


def test_a_folder_that_cannot_be_written_does_not_stop_the_service(settings, database, county, caplog):
    made = PublicList(Plan, settings.data / "not there", PublicRecords(database)).current(now())
    assert len(made.devices) == 2
    assert "cannot be written" in caplog.text


def test_a_long_list_is_made_again_in_the_background(listed, database, county, monkeypatch):
    monkeypatch.setattr(public_keeping, "AT_ONCE_S", -1.0)
    monkeypatch.setattr(public_keeping, "REST", 0.0)
    assert found(listed, database, county.device).state == "usable"
    change(database, lambda s: setattr(find(s, Site, county.site), "opening_hours", ""))
    end = time.monotonic() + 10
    while found(listed, database, county.device).state == "usable" and time.monotonic() < end:
        time.sleep(0.02)
    assert found(listed, database, county.device).state == "unverified"


@pytest.fixture
def client(settings, database, county, folder, monkeypatch):
    monkeypatch.setattr(public_keeping, "LOOK_EVERY_S", 0.0)  # the tests write from outside the service
    with browser(dataclasses.replace(settings, plan=folder)) as client:
        yield client


def test_the_routes_tell_of_the_records_devices_in_the_order_in_which_one_should_run(client, database, county):
    told = client.get(f"{V1}/devices").json()
    assert (told["source"], told["stale"], len(told["features"])) == ("records", False, 2)
    answer = client.get(f"{V1}/nearest?lon=118.391&lat=24.96")  # at the second school, whose hours nobody knows
    near = answer.json()
    assert Near.model_validate_json(answer.content, strict=True).model_dump() == near
    assert [(one["label"], one["state"]) for one in near["devices"]] == [
        ("第一小学", "usable"),
        ("第二小学", "unverified"),
    ]
    assert near["source"] == "records"
    change(database, lambda s: step(s, find(s, Device, county.device), "out_of_service", at=s.by.at, reason="维修"))
    near = client.get(f"{V1}/nearest?lon=118.386&lat=24.96").json()
    assert [(one["label"], one["state"], one["why_zh"]) for one in near["devices"]][-1] == (
        "第一小学",
        "closed",
        "已停用",
    )


def test_records_without_a_public_device_leave_the_plans_devices(client, database, county):
    for device in (county.device, county.other_device):
        change(database, lambda s, device=device: setattr(find(s, Device, device), "display_public", False))
    told = client.get(f"{V1}/devices").json()
    assert told["source"] == "plan"
    assert [one["id"] for one in told["features"]] == [device[0] for device in DEVICES]


def test_anybody_may_report_and_take_back_within_the_hour_and_nobody_else(client, database, county):
    code = code_of(database, county.device)
    for _ in range(2):
        assert client.post(f"{V1}/reports", json={"kind": "missing", "code": code}).status_code == 201
    taken = client.post(f"{V1}/reports", json={"kind": "used", "code": code.lower()}).json()
    assert len(taken["number"]) == 9
    states = lambda: {one["id"]: one["properties"]["state"] for one in client.get(f"{V1}/devices").json()["features"]}  # noqa: E731
    assert states()[code] == "unverified"
    address = f"{V1}/reports/{taken['id']}"
    assert client.request("DELETE", address, json={"undo": "0" * 64}).status_code == 404
    assert client.request("DELETE", f"{V1}/reports/nothing", json={"undo": taken["undo"]}).status_code == 404
    assert client.request("DELETE", address, json={"undo": taken["undo"]}).status_code == 204
    assert states()[code] == "usable", "the same address said missing twice"
    assert client.request("DELETE", address, json={"undo": taken["undo"]}).status_code == 409
    sign_in(client, "office")
    told = {one["number"]: one for one in client.get(f"{V1}/records/reports?handled=true").json()}
    assert told[taken["number"]]["state"] == "dismissed"
    assert told[taken["number"]]["effect"].startswith("报告人撤回")


def test_a_report_can_be_taken_back_for_an_hour_only(client, database, county, monkeypatch):
    taken = client.post(f"{V1}/reports", json={"kind": "used", "code": code_of(database, county.device)}).json()
    later = now() + dt.timedelta(minutes=61)
    monkeypatch.setattr("service.api.asking.now", lambda: later)
    assert client.request("DELETE", f"{V1}/reports/{taken['id']}", json={"undo": taken["undo"]}).status_code == 409


def photo(size=(1600, 1200), seed=0):
    """A photo full of detail, as a phone takes it."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1] // 4, size[0] // 4, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).resize(size).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def add_photo(client, owner, content):
    address = f"{V1}/records/attachments?kind=photo&{owner}"
    said = client.post(address, content=content, headers={"Content-Type": "application/octet-stream"})
    assert said.status_code == 201, said.text


def test_the_newest_photo_of_a_device_is_shown_small_and_kept_and_no_other_photo_is(client, settings, database, county):
    code = code_of(database, county.device)
    taken = client.post(f"{V1}/reports", json={"kind": "moved", "code": code}).json()
    headers = {"Content-Type": "application/octet-stream"}
    assert client.post(f"{V1}/reports/{taken['id']}/photo", content=photo(seed=9), headers=headers).status_code == 201
    sign_in(client, "office")
    add_photo(client, f"site_id={county.site}", photo(seed=8))
    assert client.get(f"/photos/{code}.jpg").status_code == 404
    add_photo(client, f"device_id={county.device}", photo(seed=1))
    before = client.get(f"/photos/{code}.jpg").content
    add_photo(client, f"device_id={county.device}", photo((900, 1600), seed=2))
    client.cookies.clear()
    (address,) = {one["properties"]["photo"] for one in client.get(f"{V1}/devices").json()["features"]} - {""}
    said = client.get(address)
    assert said.headers["content-type"] == "image/jpeg"
    assert "immutable" in said.headers["cache-control"]
    assert said.content != before
    with Image.open(io.BytesIO(said.content)) as small:
        assert small.size == (270, 480)
    assert len(said.content) <= 25_000
    assert client.get(f"/photos/{code.lower()}.jpg").headers["cache-control"] == "no-cache"
    assert client.get(address, headers={"If-None-Match": said.headers["etag"]}).status_code == 304
    assert client.get("/photos/NOTHING.jpg").status_code == 404
    assert [path.suffix for path in (settings.data / "small").iterdir()] == [".jpg", ".jpg"]


def test_a_photo_whose_file_is_gone_is_not_there_and_one_made_small_before_still_is(client, settings, database, county):
    sign_in(client, "office")
    add_photo(client, f"device_id={county.device}", photo())
    code = code_of(database, county.device)
    assert client.get(f"/photos/{code}.jpg").status_code == 200
    shutil.rmtree(settings.data / "files")
    client.app.state.small_photos = SmallPhotos(settings.data)
    assert client.get(f"/photos/{code}.jpg").status_code == 200
    shutil.rmtree(settings.data / "small")
    client.app.state.small_photos = SmallPhotos(settings.data)
    assert client.get(f"/photos/{code}.jpg").status_code == 404


def test_a_hidden_device_shows_no_photo(client, database, county):
    sign_in(client, "office")
    add_photo(client, f"device_id={county.device}", photo())
    code = code_of(database, county.device)
    change(database, lambda s: setattr(find(s, Device, county.device), "display_public", False))
    assert client.get(f"/photos/{code}.jpg").status_code == 404


def test_the_running_service_answers_while_its_database_file_is_gone_and_when_it_is_back(
    sqlite_files, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(public_keeping, "LOOK_EVERY_S", 0.0)
    settings = dataclasses.replace(sqlite_files.make(tmp_path), plan=folder)
    with contextlib.closing(Database(settings)) as database:
        made = make_county(database)
        change(database, lambda s: make_ready(s, find(s, Device, made.device), s.by.at))
        file = database.file
    with browser(settings) as client:
        assert not client.get(f"{V1}/devices").json()["stale"]
        away = file.rename(tmp_path / "away")
        for path in (f"{V1}/devices", f"{V1}/nearest?lon=118.386&lat=24.96", f"{V1}/places", "/"):
            assert client.get(path).status_code == 200, path
        told = client.get(f"{V1}/devices").json()
        assert (told["stale"], len(told["features"])) == (True, 1)
        away.rename(file)
        end = time.monotonic() + 20
        while client.get(f"{V1}/devices").json()["stale"] and time.monotonic() < end:
            time.sleep(0.05)
        assert not client.get(f"{V1}/devices").json()["stale"]
