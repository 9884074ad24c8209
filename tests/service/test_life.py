"""The full life of twenty devices, as Nan'an's of 2020, in the demo county and through the interface alone.

The county's twelve devices come in as a workbook. A plan becomes proposed sites, agreements, devices; they are installed,
insured, checked every month; one breaks, one is used and claimed for; agreements are renewed, one device is moved, one
retired. At each step readiness, and coverage against what the planner itself computed, are what they must be.
"""

import csv
import dataclasses
import datetime as dt
import importlib
import io
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from openpyxl import Workbook
from people import browser
from starlette.testclient import TestClient

import aedplan as ap
import service
from aedplan.scenario.scenario import Scenario
from service import db
from service.accounts import add_account, make_link
from service.db import Database
from service.facts import COUNTY_TIME
from service.history import By
from service.limits import SignInLimits
from service.plan_demand import read_plan_demand
from service.sheets.record_sheets import shipped_sheets
from service.tables import Account

DATA = Path(__file__).parents[2] / "data"
R = "/api/v1/records"
BEGIN = dt.datetime(2026, 1, 7, 10, tzinfo=COUNTY_TIME)  # a Wednesday, when nearly every place is open


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of twenty devices in the demo county, greedy and with every place always open."""
    folder = tmp_path_factory.mktemp("nanan")
    text = (DATA / "scenarios" / "nanan-20.toml").read_text(encoding="utf-8").split("\n[hours]")[0]
    path = folder / "scenario.toml"
    path.write_text(text.replace("../demo", str(DATA / "demo")).replace('"exact"', '"greedy"'), encoding="utf-8")
    ap.run(Scenario.read(path)).save(folder / "plan")
    return folder / "plan"


class Clock:
    """The clock of the service, set by the test."""

    def __init__(self) -> None:
        self.at = BEGIN

    def __call__(self) -> dt.datetime:
        return self.at

    def go(self, days: float) -> None:
        """So many days after the beginning."""
        self.at = BEGIN + dt.timedelta(days=days)

    def day(self, days: float = 0) -> str:
        """A day so many days from now."""
        return str((self.at + dt.timedelta(days=days)).astimezone(COUNTY_TIME).date())


class Office:
    """The office, which has a key, and the manager, who comes by a link."""

    def __init__(self, client: TestClient, clock: Clock, key: str) -> None:
        self._client, self._clock, self._key = client, clock, {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, status: int = 200, **given: Any) -> Any:
        """What the service says to the office."""
        answer = self._client.request(method, path, headers=self._key, **given)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else answer

    def see(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, params=query)

    def add(self, path: str, **body: Any) -> Any:
        return self.ask("POST", path, 201, json=body)

    def change(self, path: str, **body: Any) -> Any:
        return self.ask("PATCH", path, json=body)

    def state(self, device: dict[str, Any]) -> str:
        """Readiness of a device."""
        return self.see(f"{R}/devices/{device['id']}/readiness")["state"]

    def states(self, codes: set[str] | None = None) -> set[str]:
        """In which states of readiness some devices are, or all."""
        told = self.see(f"{R}/readiness")
        return {one["state"] for one in told if codes is None or one["public_code"] in codes}

    def coverage(self, days: float = 0) -> dict[str, Any]:
        """Coverage on a Wednesday morning."""
        at = self._clock.at + dt.timedelta(days=days)
        at -= dt.timedelta(days=(at.weekday() - 2) % 7)
        found = self.see("/api/v1/coverage", at=max(at, self._clock.at).isoformat())
        assert found["effective"] + sum(one["value"] for one in found["lost"]) == pytest.approx(found["paper"])
        return found

    def as_manager(self, account: str) -> "Manager":
        """The manager signs in by a link of the office: a session lasts a month."""
        token = self.add(f"/api/v1/accounts/{account}/link")["token"]
        self._client.cookies.clear()
        self._client.app.state.limits = SignInLimits()  # a month is longer than the quarter of an hour they count
        said = self._client.post("/api/v1/session/link", json={"token": token})
        assert said.status_code == 201, said.text
        return Manager(self._client, self._clock, said.json()["csrf"])


class Manager:
    """Somebody who keeps the devices."""

    def __init__(self, client: TestClient, clock: Clock, csrf: str) -> None:
        self._client, self._clock, self._headers = client, clock, {"X-CSRF-Token": csrf}

    def check(self, device: dict[str, Any], kind: str = "monthly", **more: Any) -> dict[str, Any]:
        """A check in which all is in order but what differs."""
        place = {"lon": device["lon"], "lat": device["lat"], "accuracy_m": 8.0}
        body = {
            "client_id": str(uuid4()),
            "kind": kind,
            "at": self._clock.at.isoformat(),
            "form_version": 1,
            "position": place,
        }
        path = f"{R}/devices/{device['id']}/inspections"
        answer = self._client.post(path, json=body | more, headers=self._headers)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def add(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body, headers=self._headers)
        assert answer.status_code == 201, answer.text
        return answer.json()


@dataclasses.dataclass
class Judge:
    """The planner's demand and streets, asked without the service."""

    folder: Path

    def __post_init__(self) -> None:
        self.demand = read_plan_demand(self.folder / "plan.gpkg")
        self.streets = ap.read_streets(self.folder / "streets")
        assert self.demand is not None
        self._points = ap.snap(self.streets, self.demand.lonlat)

    def reached(self, devices: list[dict[str, Any]]) -> float:
        """Demand within the circle of at least one of some devices."""
        lonlat = np.array([[one["lon"], one["lat"]] for one in devices])
        reach = ap.reach(self.streets, ap.snap(self.streets, lonlat), self._points, limit_m=300.0)
        return float(self.demand.weight[np.unique(reach.point)].sum())

    def promised(self) -> tuple[float, float]:
        """Demand covered by the devices there were, and with the plan's, as the plan itself says."""
        summary = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        assert summary["value"] == pytest.approx(float(self.demand.weight[self.demand.covered].sum()), abs=1e-4)
        return summary["before"], summary["value"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Every module of the service is loaded first: one that were loaded later would keep this clock for other tests."""
    made, real = Clock(), db.now
    for found in pkgutil.walk_packages(service.__path__, "service."):
        if ".migrations." not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name, module in list(sys.modules.items()):
        if name.startswith("service") and getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", made)
    return made


@pytest.fixture
def people(database: Database) -> dict[str, str]:
    """An administrator's link, and the manager's account."""
    with database.session(By(None, "command", BEGIN)) as session:
        boss = add_account(session, Account(name="boss", role="administrator"))
        manager = add_account(session, Account(name="keeper", role="manager"))
        return {"link": make_link(session, boss), "manager": manager.id}


@pytest.fixture
def office(settings, plan: Path, clock: Clock, people: dict[str, str]) -> Iterator[Office]:
    with browser(dataclasses.replace(settings, plan=plan)) as client:
        said = client.post("/api/v1/session/link", json={"token": people["link"]})
        scopes = ["read:*", "see:*", "list:*", "add:*", "change:*", "decide:*", "end:*"]
        body = {"name": "the office's script", "scopes": scopes, "days": 400}
        key = client.post("/api/v1/tokens", json=body, headers={"X-CSRF-Token": said.json()["csrf"]})
        assert key.status_code == 201, key.text
        yield Office(client, clock, key.json()["token"])


def standing_devices() -> bytes:
    """The county's own list of twelve devices as a workbook of the service."""
    with (DATA / "demo" / "devices.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sheets = {
        "sites": [
            {"name": r["名称"], "lon": float(r["经度"]), "lat": float(r["纬度"]), "crs": "wgs84", "venue_type": r["类别"],
             "opening_hours": r["开放时间"]} for r in rows
        ],
        "devices": [
            {"public_code": r["编号"], "site_id": r["名称"], "status": "active", "location_text": r["位置说明"]} for r in rows
        ],
    }  # fmt: skip
    book = Workbook()
    book.remove(book.active)
    for name, records in sheets.items():
        sheet = shipped_sheets()[name]
        page = book.create_sheet(sheet.title)
        page.append([sheet.column(field).zh for field in records[0]])
        for record in records:
            page.append(list(record.values()))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def stages(office: Office, sites: list[str]) -> set[str]:
    return {one["stage"] for one in office.see(f"{R}/sites") if one["id"] in sites}


def devices_of(office: Office, sites: list[str]) -> list[dict[str, Any]]:
    return [one for one in office.see(f"{R}/devices") if one["site_id"] in sites]


def test_the_full_life_of_twenty_devices(office: Office, clock: Clock, people: dict[str, str], plan: Path) -> None:
    judge = Judge(plan)
    before, promised = judge.promised()

    # The county's twelve come in by one workbook. Nobody has checked them: on paper only.
    looked = office.ask("POST", f"{R}/imports", 201, content=standing_devices(), params={"name": "设备清单.xlsx"})
    assert looked["counts"] == {"new": 24, "change": 0, "same": 0, "refused": 0}
    office.ask("POST", f"{R}/imports/{looked['id']}/apply")
    assert office.states() == {"NOT_READY"}, "no pads, no battery, no check"
    found = office.coverage()
    assert found["devices"] == 12
    assert found["paper"] == pytest.approx(before, abs=1e-3), "the planner's own figure"
    assert found["effective"] == 0

    # Plan.
    proposal = office.ask("POST", f"{R}/proposals")
    sites = [one["id"] for one in proposal["sites"]]
    assert len(sites) == 20
    assert {one["stage"] for one in proposal["sites"]} == {"proposed"}

    # Agreements: signed, the sites have agreed; nothing hangs there yet.
    red_cross = office.add(f"{R}/organisations", name="示例县红十字会", kind="red_cross")["id"]
    papers, guards = [], []
    for number, site in enumerate(sites):
        host = office.add(f"{R}/organisations", name=f"单位 {number}", kind="company")["id"]
        guard = office.add(
            f"{R}/people", name=f"值班员 {number}", phone="000-1", roles=["staff", "volunteer"], sites=[site]
        )
        guards.append(guard["id"])
        office.change(f"{R}/sites/{site}", organisation_id=host, emergency_phone="000-120", open_24h_access=True)
        papers.append(office.add(
            f"{R}/agreements", number=f"2026-{number:02d}", kind="public_benefit_hosting", party_a_id=red_cross, party_b_id=host,
            contact_b_id=guard["id"], signed_on=clock.day(), starts_on=clock.day(), ends_on=clock.day(364), sites=[site],
            obligations=[{"code": "maintenance_daily", "owner": "party_b"}],
        ))  # fmt: skip
    assert {one["state"] for one in papers} == {"active"}
    assert stages(office, sites) == {"agreed"}
    assert office.coverage()["paper"] == pytest.approx(before, abs=1e-3)

    # Devices: planned, installed, in service; with the install check ready, and the county covers what was promised.
    clock.go(30)
    for site in sites:
        device = office.add(
            f"{R}/devices", site_id=site, model="AED-S1", installed_on=clock.day(), cabinet_access="open"
        )
        office.add(f"{R}/devices/{device['id']}/pads", expires_on=clock.day(700), fitted_on=clock.day())
        office.add(f"{R}/devices/{device['id']}/battery", expires_on=clock.day(1400), installed_on=clock.day())
        office.add(
            f"{R}/funding",
            device_id=device["id"],
            source="municipal_project",
            amount_fen=2_400_000,
            paid_on=clock.day(),
        )
        office.add(f"{R}/devices/{device['id']}/steps", status="installed")
        office.add(f"{R}/devices/{device['id']}/steps", status="active")
    twenty = devices_of(office, sites)
    codes = {one["public_code"] for one in twenty}
    assert office.states(codes) == {"UNKNOWN"}, "never checked"
    found = office.coverage()
    assert (found["devices"], found["effective"]) == (32, 0)
    assert found["paper"] == pytest.approx(promised, abs=1e-3)
    assert stages(office, sites) == {"standing"}
    office.ask("PUT", f"/api/v1/accounts/{people['manager']}/own", 204, json={"sites": sites, "devices": []})
    keeper = office.as_manager(people["manager"])
    clock.go(30.05)
    for device in twenty:
        kept = keeper.check(device, "install")
        assert kept["overall"] == "pass", {item: one for item, one in kept["items"].items() if one["result"] != "ok"}
    assert office.states(codes) == {"READY"}
    found = office.coverage()
    all_ready = judge.reached(twenty)
    assert found["effective"] == pytest.approx(all_ready, abs=1e-3)
    office.ask("PUT", f"{R}/licence", json={"name": "CC BY 4.0", "publisher": "示例县红十字会"})
    assert codes <= {one["id"] for one in office.see("/api/v1/dataset.geojson")["features"]}

    # Insurance: twelve have no cover still.
    assert len(office.see(f"{R}/policies/gaps")["devices"]) == 32
    insurer = office.add(f"{R}/organisations", name="保险公司", kind="insurer")["id"]
    policy = office.add(
        f"{R}/policies", insurer_id=insurer, policy_no="P-2026", cover="equipment_loss", insured_kind="devices",
        starts_on=clock.day(), ends_on=clock.day(364), insured=[{"device_id": one["id"]} for one in twenty],
    )  # fmt: skip
    for cover in ("personal_accident", "rescuer_liability", "event"):
        office.add(
            f"{R}/policies", insurer_id=insurer, policy_no=f"P-{cover}", cover=cover, insured_kind="all_registered",
            starts_on=clock.day(), ends_on=clock.day(364),
        )  # fmt: skip
    gaps = office.see(f"{R}/policies/gaps")
    assert (len(gaps["devices"]), gaps["volunteers"]) == (12, {"personal_accident": [], "rescuer_liability": []})

    # Training: every guard holds a certificate.
    for site, guard in zip(sites, guards, strict=True):
        keeper.add(
            f"{R}/training",
            held_on=clock.day(),
            site_id=site,
            course="心肺复苏与 AED",
            people={guard: True},
            attended_n=12,
            passed_n=11,
        )
        keeper.add(f"{R}/people/{guard}/certificates", kind="cpr_aed", issued_on=clock.day(), expires_on=clock.day(730))

    # A month passes: a check is due, then overdue, and unknown is no coverage.
    clock.go(30 + 46)
    assert office.states(codes) == {"UNKNOWN"}
    assert office.coverage()["effective"] == 0
    lost = {one["cause"]: one["value"] for one in office.coverage()["lost"]}
    assert lost["unchecked"] == pytest.approx(all_ready, abs=1e-3)

    # Monthly checks put it right each time.
    for month in range(2, 6):
        clock.go(30 * month + 18)
        keeper = office.as_manager(people["manager"])
        for device in twenty:
            keeper.check(device)
        assert office.states(codes) == {"READY"}
        assert office.coverage()["effective"] == pytest.approx(all_ready, abs=1e-3)

    # A defect: the one on which most hangs shows red. It is out, and its worth is lost, until it is mended.
    work = [one for one in office.see(f"{R}/work", all=True) if one["public_code"] in codes]
    worst = next(one for one in twenty if one["public_code"] == work[0]["public_code"])
    others = [one for one in twenty if one is not worst]
    clock.go(175)
    plans = {"status_indicator": {"text": "联系厂家检修", "due_on": clock.day(5)}}
    bad = keeper.check(worst, differences={"status_indicator": {"result": "fail", "value": "red"}}, plans=plans)
    assert bad["overall"] == "fail"
    assert office.state(worst) == "NOT_READY"
    found = office.coverage()
    assert found["effective"] == pytest.approx(judge.reached(others), abs=1e-3)
    assert {one["cause"]: one["value"] for one in found["lost"]}["faulty"] == pytest.approx(
        all_ready - judge.reached(others), abs=1e-3
    )
    assert [one["item"] for one in office.see(f"{R}/defects")] == ["status_indicator"]
    work = office.see(f"{R}/work")
    assert worst["public_code"] in {one["public_code"] for one in work}
    clock.go(178)
    keeper.check(worst, differences={"status_indicator": {"result": "ok", "value": "green"}})
    assert office.see(f"{R}/defects") == []
    assert office.state(worst) == "READY"
    assert office.coverage()["effective"] == pytest.approx(all_ready, abs=1e-3)

    # A use: out until it is checked and has new pads; a claim for them.
    used = twenty[3]
    clock.go(185)
    incident = keeper.add(f"{R}/incidents", at=clock.at.isoformat(), site_id=used["site_id"], device_id=used["id"], shocks=1,
                          outcome="handed_over_alive", consumables_used=["pads"])  # fmt: skip
    assert office.state(used) == "NOT_READY"
    assert office.see(f"{R}/devices/{used['id']}")["status"] == "in_use"
    rest = [one for one in twenty if one is not used]
    assert office.coverage()["effective"] == pytest.approx(judge.reached(rest), abs=1e-3)
    clock.go(186)
    office.add(f"{R}/devices/{used['id']}/pads", expires_on=clock.day(720), fitted_on=clock.day(), lot="L2")
    clock.go(186.05)
    keeper.check(used, "post_use")
    assert office.see(f"{R}/devices/{used['id']}")["status"] == "active"
    assert office.see(f"{R}/incidents/{incident['id']}")["returned_to_service_at"] is not None
    assert office.coverage()["effective"] == pytest.approx(all_ready, abs=1e-3)
    claim = office.add(f"{R}/policies/{policy['id']}/claims", incident_id=incident["id"], device_id=used["id"],
                       filed_on=clock.day(), amount_fen=98_000)  # fmt: skip
    assert office.change(f"{R}/claims/{claim['id']}", status="paid", paid_fen=98_000)["status"] == "paid"

    # The rest of the year, month by month.
    for month in range(7, 12):
        clock.go(30 * month + 5)
        keeper = office.as_manager(people["manager"])
        for device in twenty:
            keeper.check(device)
        assert office.states(codes) == {"READY"}

    # Renewal: due ninety days before the end, renewed, both kept.
    assert sum(one["rule_id"] == "agreement" for one in office.see(f"{R}/due", days=60)) == 20
    for number, paper in enumerate(papers):
        path = f"{R}/agreements/{paper['id']}/renewal"
        renewed = office.add(
            path, number=f"2027-{number:02d}", starts_on=clock.day(365 - 335), ends_on=clock.day(365 * 3)
        )
        assert renewed["renews_id"] == paper["id"]
    assert sum(one["rule_id"] == "agreement" for one in office.see(f"{R}/due", days=60)) == 0
    clock.go(366)
    states = {one["number"]: one["state"] for one in office.see(f"{R}/agreements")}
    assert {state for number, state in states.items() if number.startswith("2026")} == {"expired"}
    assert {state for number, state in states.items() if number.startswith("2027")} == {"active"}

    # Relocation: one device moves across the river; its old place is no longer covered by it, its new one is.
    keeper = office.as_manager(people["manager"])
    for device in twenty:
        keeper.check(device)
    moved = twenty[7]
    there = office.add(f"{R}/sites", name="新址", open_24h_access=True, stage="agreed",
                       position={"lon": 118.4118, "lat": 24.9420, "source": "map_pick"})  # fmt: skip
    after = office.ask("POST", f"{R}/devices/{moved['id']}/move", json={"site_id": there["id"]})
    assert (after["lon"], after["lat"], after["site_name"]) == (118.4118, 24.942, "新址")
    assert office.see(f"{R}/sites/{there['id']}")["stage"] == "standing"
    now_at = [one if one is not moved else after for one in twenty]
    assert judge.reached(now_at) != pytest.approx(all_ready, abs=1e-3)
    assert office.coverage()["effective"] == pytest.approx(judge.reached(now_at), abs=1e-3)

    # Retirement: one has had its time. It covers nobody, needs no cover, and stays told.
    retired = now_at[-1]
    office.add(f"{R}/devices/{retired['id']}/steps", status="retired", reason="主机故障，无法修复")
    left = now_at[:-1]
    assert office.state(retired) == "NOT_READY"
    found = office.coverage()
    assert found["devices"] == 31
    assert found["effective"] == pytest.approx(judge.reached(left), abs=1e-3)
    assert office.ask("POST", f"{R}/devices/{retired['id']}/steps", 409, json={"status": "active"})["status"] == 409
    steps = [one["status"] for one in office.see(f"{R}/devices/{retired['id']}/steps")]
    assert steps == ["planned", "installed", "active", "retired"]

    # The year in figures; and all of it goes out and comes in again unchanged.
    figures = {one["id"]: one for one in office.see(f"{R}/figures", year=2026)["figures"]}
    assert figures["uses"]["value"] == 1
    county = office.ask("GET", f"{R}/county.xlsx").content
    again = office.ask("POST", f"{R}/imports", 201, content=county)
    assert again["counts"]["new"] + again["counts"]["change"] + again["counts"]["refused"] == 0
    assert again["counts"]["same"] > 100
