"""Coverage of this moment: the published plan's demand and the devices on record, on both databases."""

import dataclasses
import datetime as dt
import time
from contextlib import closing

import pytest
from outcomes import grid_demand, small_outcome
from people import browser, make_county, sign_in

from service.db import Database, now
from service.facts import COUNTY_TIME, day_of
from service.history import By
from service.looks import KEPT
from service.plan_demand import read_plan_demand
from service.public.keeping import LOOK_EVERY_S
from service.public.opening import open_at
from service.records import add, find
from service.records.devices import add_device, fit_battery, fit_pads, step
from service.records.incidents import add_incident
from service.records.positions import Position
from service.records.sites import add_site
from service.tables import Battery, Device, Incident, Inspection, Pads, Site

V1 = "/api/v1"
NOON, NIGHT = (dt.datetime(2026, 11, 23, hour, tzinfo=COUNTY_TIME) for hour in (12, 3))
"""A Monday."""


@pytest.fixture(scope="module")
def outcome():
    return small_outcome()


@pytest.fixture(scope="module")
def plan(outcome, tmp_path_factory):
    folder = tmp_path_factory.mktemp("coverage") / "plan"
    outcome.save(folder)
    return folder


@pytest.fixture
def office(settings, plan, outcome):
    """The office's browser, and the ids of the plan's two standing devices: a station always open, a school by day."""
    settings = dataclasses.replace(settings, plan=plan)
    with closing(Database(settings)) as database:
        make_county(database)
        ids = [put(database, outcome, number, hours) for number, hours in enumerate(("24/7", "Mo-Fr 08:00-18:00"))]
        with browser(settings) as client:
            sign_in(client, "office")
            yield client, ids, lambda device: use(database, device)


def use(database, device: str) -> None:
    with database.session(By(None, "office", now())) as session:
        add_incident(session, Incident(at=session.by.at, device_id=device))


def put(database, outcome, number: int, hours: str) -> str:
    """A device in order where a standing one of the plan hangs."""
    at = now() - dt.timedelta(days=2)
    by = By(None, "office", at)
    with database.session(by) as session:
        lon, lat = outcome.sites.lonlat[number]
        site = add_site(session, Site(name=f"站{number}", opening_hours=hours), Position(float(lon), float(lat)))
        device = add_device(session, Device(site_id=site.id, installed_on=day_of(at)), None)
        for status in ("installed", "active"):
            step(session, device, status, at=at)
        until = day_of(at) + dt.timedelta(days=900)
        fit_pads(session, Pads(device_id=device.id, expires_on=until))
        fit_battery(session, Battery(device_id=device.id, expires_on=until))
        items = {item: {"result": "ok"} for item in KEPT}
        add(session, Inspection(device_id=device.id, kind="install", at=at, received_at=at, items=items, overall="pass",
                                client_uuid=f"u{number}"))  # fmt: skip
    return str(device.id)


def coverage(client, at: dt.datetime):
    said = client.get(f"{V1}/coverage", params={"at": at.isoformat()})
    assert said.status_code == 200, said.text
    content = said.json()
    lost = {one["cause"]: one["value"] for one in content["lost"]}
    assert content["effective"] + sum(lost.values()) == pytest.approx(content["paper"])
    assert content["effective_share"] == pytest.approx(content["effective"] / content["total"])
    return content["paper"], content["effective"], {cause: value for cause, value in lost.items() if value}


def test_by_day_all_on_paper_holds_and_by_night_the_closed_school_is_lost(office, outcome):
    client, _, _ = office
    weight = outcome.demand.weight[:, 0]
    paper, effective, lost = coverage(client, NOON)
    assert paper == pytest.approx(weight[outcome.covered_before].sum(), rel=1e-4)
    assert (effective, lost) == (pytest.approx(paper), {})
    paper_at_night, effective, lost = coverage(client, NIGHT)
    assert paper_at_night == paper
    assert set(lost) == {"closed"}
    assert 0 < effective < paper


def test_a_device_that_is_used_taken_away_or_expired_is_lost_to_that(office):
    client, (station, school), used = office
    steps = f"{V1}/records/devices/{school}/steps"
    paper, _, _ = coverage(client, NOON)
    used(station)
    reason = {"status": "out_of_service", "reason": "送修"}
    assert client.post(steps, json=reason).status_code == 201
    _, effective, lost = coverage(client, NOON + dt.timedelta(days=1))
    assert effective == 0
    assert set(lost) == {"used", "away"}
    assert sum(lost.values()) == pytest.approx(paper)
    _, _, later = coverage(client, now() + dt.timedelta(days=1000))
    assert sum(later.values()) == pytest.approx(paper)
    assert client.post(steps, json={"status": "retired", "reason": "报废"}).status_code == 201
    assert coverage(client, NOON)[0] < paper


def test_the_past_is_told_as_the_records_stood_then(office):
    client, (station, _), used = office
    yesterday = now() - dt.timedelta(days=1)
    before = coverage(client, yesterday)
    used(station)
    assert coverage(client, yesterday) == before
    assert coverage(client, now() - dt.timedelta(days=4))[1] == 0


def test_the_work_list_begins_with_the_device_on_which_most_hangs(office, outcome):
    client, (station, school), used = office
    path = f"{V1}/records/work"
    assert client.get(path).json() == []
    everything = client.get(path, params={"all": True}).json()
    worth = {one["device_id"]: one["worth"] for one in everything}
    assert set(worth) == {station, school}
    assert [one["worth"] for one in everything] == sorted(worth.values(), reverse=True)
    used(school)
    (work,) = client.get(path).json()
    assert (work["device_id"], work["usable"], work["reasons"][0]["code"]) == (school, False, "lifecycle_in_use")
    assert work["worth"] == pytest.approx(worth[school])
    after = coverage(client, NOON)
    hours_open = 10 * 52 * 5 / 8760
    assert 0 < work["worth"] < sum(after[2].values())
    assert work["worth"] == pytest.approx(sum(after[2].values()) * hours_open, rel=0.2)


def test_a_device_on_a_vehicle_stands_in_the_work_list_after_those_that_cover_a_place(office, outcome):
    client, (station, school), used = office
    changed = client.patch(f"{V1}/records/devices/{station}", json={"mobile": True})
    assert changed.status_code == 200, changed.text
    used(station)
    used(school)
    assert [(one["device_id"], one["worth"] is None) for one in client.get(f"{V1}/records/work").json()] == [
        (school, False), (station, True),
    ]  # fmt: skip
    assert client.get(f"{V1}/coverage").json()["devices"] == 1
    page = client.get("/office").text
    assert page.index(f"/office/devices/{school}") < page.index(f"/office/devices/{station}")
    assert "在用设备 2 台" in page


def test_a_plan_without_demand_says_so_and_the_work_list_still_stands(settings, folder):
    settings = dataclasses.replace(settings, plan=folder)
    with closing(Database(settings)) as database:
        county = make_county(database)
        with database.session(By(None, "office", now())) as session:
            for status in ("installed", "active"):
                step(session, find(session, Device, county.device), status, at=session.by.at)
    with browser(settings) as client:
        sign_in(client, "office")
        assert client.get(f"{V1}/coverage").status_code == 404
        (work,) = client.get(f"{V1}/records/work").json()
        assert (work["device_id"], work["worth"]) == (county.device, None)
        sign_in(client, "manager")
        assert [one["device_id"] for one in client.get(f"{V1}/records/work").json()] == [county.device]


def test_the_demand_of_a_plan_is_read_as_it_was_written(plan, outcome):
    read = read_plan_demand(plan / "plan.gpkg")
    assert read.lonlat == pytest.approx(grid_demand().lonlat)
    assert read.weight == pytest.approx(outcome.demand.weight.sum(axis=1))
    assert read_plan_demand(plan / "none.gpkg") is None


def test_hours_are_those_of_the_county_and_its_holidays():
    new_year = dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC)
    said = open_at(["24/7", "Mo-Fr 08:00-18:00; PH off", "nonsense", "Su 09:00-09:01", ""], new_year)
    assert said.tolist() == [True, False, False, True, False]


def test_the_public_week_tells_at_each_hour_what_coverage_is_at_that_instant(office):
    client, (station, _), used = office
    for _ in range(2):
        week = client.get(f"{V1}/coverage/week").json()
        begin = dt.datetime.fromisoformat(week["begin"])
        told = {}
        for hour in (0, 12, 36, 60, 107, 167):
            paper, told[hour], _ = coverage(client, begin + dt.timedelta(hours=hour))
            assert week["coverage"]["effective"][hour] == pytest.approx(told[hour])
            assert week["coverage"]["paper"] == pytest.approx(paper)
        assert len(set(told.values())) > 1
        used(station)
        time.sleep(LOOK_EVERY_S)  # so late may the public list know of what another process wrote
    assert week["source"] == "records"
