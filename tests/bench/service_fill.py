"""A county's records to measure the service with: devices along the demo county's streets, their managers, and years of checks.

Devices, sites and accounts go through the service's own rules. The checks are as many as a county writes in years, so they go
straight into the tables, each as the rules would write it: answers judged by the form, its line in the log, the line of the
device it was the last look at, the defect it found. What was last seen of each device is then made by the service.
"""

import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from bench.worlds_big import lonlat_of, spots
from sqlalchemy import insert

import aedplan as ap
from service.accounts import add_account, give, start_session
from service.db import Database
from service.facts import COUNTY_TIME, day_of
from service.history import By, RecordSession
from service.inspections.form import Answer, DeviceState, shipped_form
from service.inspections.rules import ActionPlan, Draft, Judged, Position, judge
from service.inspections.sheets import as_json
from service.looks import rebuild
from service.ready.readiness import State
from service.records import TOGETHER
from service.records.devices import add_device, fit_battery, fit_pads, step
from service.records.positions import Position as Place
from service.records.sites import add_admin_unit, add_organisation, add_site
from service.tables import (
    Account,
    AdminUnit,
    Battery,
    Change,
    Defect,
    Device,
    Inspection,
    Organisation,
    Pads,
    Site,
)

EVERY_DAYS = 7
PADS_LAST_DAYS = 730
AT_A_TIME = 5000
TOWNS = ("北门街道", "南门街道", "东湖镇", "西山镇", "河口镇")
FAULTY = "casing"
"""What is found wrong now and then, and mended a week later; devices stay usable meanwhile."""

STANDS: dict[int, State] = {0: "NOT_READY", 1: "NOT_READY", 2: "EXPIRING", 3: "UNKNOWN"}
"""How the device of a number modulo 25 stands today, as it was filled; all others are READY. 0: its pads have expired; 1: the
last check found the indicator red; 2: its pads expire in 20 days; 3: nobody has looked at it for 50 days."""


@dataclass(frozen=True)
class Sizes:
    """How much there is: as many devices to each manager as there are devices over managers."""

    devices: int = 500
    managers: int = 50
    checks: int = 200_000


class Own(NamedTuple):
    """A device that is somebody's to check, where it hangs, and whether its pads have expired."""

    id: str
    lon: float
    lat: float
    expired: bool


@dataclass(frozen=True)
class Writer:
    """Somebody signed in: the headers that say so, and the devices that are theirs to check."""

    headers: dict[str, str]
    devices: list[Own]


@dataclass(frozen=True)
class Filled:
    """What was filled: who is signed in, and how each device stands."""

    office: Writer
    managers: list[Writer]
    stands: dict[str, State]


@dataclass
class _Device:
    """A device while its checks are made. `begun` is the day its first pads were fitted; the first check is a day later."""

    id: str
    number: int
    manager: str
    lonlat: tuple[float, float]
    begun: dt.date
    last: dt.datetime
    """Of its last check."""


def fill(database: Database, streets: ap.StreetNetwork, sizes: Sizes, at: dt.datetime) -> Filled:
    """Fill an empty database; `at` is now."""
    lonlat = lonlat_of(streets, spots(streets, sizes.devices, seed=5))
    with database.session(By(None, "command", at - dt.timedelta(days=4000))) as session:
        session.info[TOGETHER] = True
        managers = [_add_account(session, f"manager-{number:02d}", "manager") for number in range(sizes.managers)]
        office = _add_account(session, "office", "office")
        _add_towns(session)
        devices = _add_devices(session, lonlat, managers, sizes, at)
        session.info["by"] = By(None, "command", at)
        signed = {account: _sign_in(session, account) for account in (office, *managers)}
    with database.engine.execution_options(writes=True).begin() as connection:
        rows = _checks(devices, sizes)
        while some := list(islice(rows, AT_A_TIME)):
            for table in (Inspection, Defect, Change):
                values = [value for kind, value in some if kind is table]
                if values:
                    connection.execute(insert(table), values)
        rebuild(connection)
    _end(database, devices, at)
    every = [(d.manager, Own(d.id, *d.lonlat, d.number % 25 == 0)) for d in devices]
    own = {account: [one for manager, one in every if manager == account] for account in managers}
    stands = {d.id: STANDS.get(d.number % 25, "READY") for d in devices}
    writers = [Writer(signed[account], own[account]) for account in managers]
    return Filled(Writer(signed[office], [one for _, one in every]), writers, stands)


def _add_account(session: RecordSession, name: str, role: Any) -> str:
    return add_account(session, Account(name=name, role=role)).id


def _sign_in(session: RecordSession, account: str) -> dict[str, str]:
    """The headers of a browser in which an account has signed in."""
    from service.accounts import csrf_of
    from service.api.asking import COOKIE, CSRF_HEADER

    token, _ = start_session(session, session.get_one(Account, account), "benchmark")
    return {"Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_of(token)}


def _add_towns(session: RecordSession) -> None:
    add_admin_unit(session, AdminUnit(code="350583", name="示例县"))
    for number, name in enumerate(TOWNS):
        add_admin_unit(session, AdminUnit(code=f"35058310{number}", name=name))
    session.flush()


def _add_devices(
    session: RecordSession, lonlat: np.ndarray, managers: list[str], sizes: Sizes, at: dt.datetime
) -> list[_Device]:
    rng = np.random.default_rng(6)
    found = []
    for number in range(sizes.devices):
        manager = managers[number * sizes.managers // sizes.devices]
        ago = 50 if number % 25 == 3 else 1 + number % 6
        last = at - dt.timedelta(days=ago, minutes=int(rng.integers(0, 480)))
        first = last - dt.timedelta(days=EVERY_DAYS * (sizes.checks // sizes.devices - 1))
        place = (float(lonlat[number, 0]), float(lonlat[number, 1]))
        one = _Device("", number, manager, place, day_of(first) - dt.timedelta(days=1), last)
        _install(session, one, day_of(at))
        found.append(one)
    session.flush()
    for manager in managers:
        there = [session.get_one(Device, one.id).site_id for one in found if one.manager == manager]
        sites = frozenset(site for site in there if site is not None)
        give(session, session.get_one(Account, manager), sites=sites, devices=frozenset())
    return found


def _install(session: RecordSession, one: _Device, today: dt.date) -> None:
    """A site, its device, and the parts that were in it one after the other."""
    number, on = one.number, one.begun
    at = dt.datetime.combine(on, dt.time(9), COUNTY_TIME)
    session.info["by"] = By(None, "office", at)
    school = add_organisation(session, Organisation(name=f"第{number + 1}单位", kind="company"))
    site = Site(
        name=f"第{number + 1}单位大厅", organisation_id=school.id, admin_code=f"35058310{number % len(TOWNS)}",
        venue_type="office", opening_hours="" if number % 3 else "Mo-Fr 08:00-18:00", open_24h_access=number % 3 == 0,
        emergency_phone=f"000-0000-{number:04d}",
    )  # fmt: skip
    add_site(session, site, Place(*one.lonlat, accuracy_m=5.0))
    device = Device(
        site_id=site.id, serial=f"BENCH-{number:05d}", manufacturer="示例医疗", model="AED-S1", installed_on=on,
        level="1", location_text="服务台旁", cabinet_access="open", access="public", indoor=True,
        body_expires_on=today + dt.timedelta(days=2000),
    )  # fmt: skip
    one.id = add_device(session, device, None).id
    for fitted, expires in _pads_of(one, today):
        fit_pads(session, Pads(device_id=one.id, kind="adult", fitted_on=fitted, expires_on=expires, lot="L-01"))
    until = today + dt.timedelta(days=900)
    fit_battery(session, Battery(device_id=one.id, installed_on=on, expires_on=until, lot="B-01"))
    step(session, device, "installed", at=at)
    step(session, device, "active", at=at)


def _pads_of(one: _Device, today: dt.date) -> list[tuple[dt.date, dt.date]]:
    """When the pads of a device were fitted, and their last days; those in it now end as the device is to stand."""
    made, fitted = [], one.begun
    while (expires := fitted + dt.timedelta(days=PADS_LAST_DAYS)) < today - dt.timedelta(days=60):
        made.append((fitted, expires))
        fitted = expires - dt.timedelta(days=10)
    left = {0: -1, 2: 20}.get(one.number % 25, 300 + one.number)
    return [*made, (fitted, today + dt.timedelta(days=left))]


def _checks(devices: list[_Device], sizes: Sizes) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    """The rows of all checks, as they came: week by week, device after device."""
    each = sizes.checks // sizes.devices
    weeks = np.random.default_rng(7).random((each, sizes.devices))
    today = max(day_of(one.last) for one in devices) + dt.timedelta(days=1)
    sheets = [_Sheets(one, today) for one in devices]
    for week in range(each):
        for sheet in sheets:
            faulty = weeks[week, sheet.device.number] < 0.02 and week + 1 < each
            yield from sheet.rows(week - each + 1, faulty)


class _Sheets:
    """Writes the checks of one device. A sheet is judged by the rules once for all checks that answer the same."""

    def __init__(self, device: _Device, today: dt.date) -> None:
        self.device = device
        self._pads = _pads_of(device, today)
        self._until = str(today + dt.timedelta(days=900))
        self._judged: dict[tuple[str, bool, bool], tuple[Judged, dict[str, Any]]] = {}
        self._before: dt.datetime | None = None
        self._open: dict[str, Any] | None = None

    def rows(self, week: int, faulty: bool) -> Iterator[tuple[type[Any], dict[str, Any]]]:
        """The check of a week, 0 being the last, with all that was written with it."""
        device = self.device
        at = device.last + dt.timedelta(days=EVERY_DAYS * week)
        draft = self._draft(at, faulty, red=week == 0 and device.number % 25 == 1)
        judged, items = self._judge(draft)
        id_, who = _id(at), {"at": at, "account_id": device.manager, "role": "manager", "note": ""}
        yield Inspection, self._inspection(id_, draft, judged, items)
        yield Change, _line(who, "inspection", id_, "add", {}, {})
        seen = {"last_verified_at": at.astimezone(dt.UTC).isoformat()}
        past = {"last_verified_at": self._before and self._before.astimezone(dt.UTC).isoformat()}
        yield Change, _line(who, "device", device.id, "change", past, seen)
        self._before = at
        yield from self._defects(id_, draft, judged, who)

    def _draft(self, at: dt.datetime, faulty: bool, red: bool) -> Draft:
        plans, differences = {}, {}
        plan = ActionPlan("已联系供应商更换", day_of(at) + dt.timedelta(days=7))  # the last check may lie a week back
        if faulty:
            differences[FAULTY] = Answer("fail", note="外壳有裂纹")
            plans[FAULTY] = plan
        if red:
            differences["status_indicator"] = Answer("fail", "red")
            plans["status_indicator"] = plan
        return Draft(
            client_id=str(uuid.UUID(bytes=os.urandom(16), version=4)), device_id=self.device.id, kind="weekly",
            at=at, source="app", form_version=1, differences=differences, plans=plans,
            position=Position(*self.device.lonlat, 8.0), duration_s=48.0,
        )  # fmt: skip

    def _judge(self, draft: Draft) -> tuple[Judged, dict[str, Any]]:
        on = day_of(draft.at)
        expires = str(next(last for fitted, last in reversed(self._pads) if fitted <= on))
        key = (expires, FAULTY in draft.differences, "status_indicator" in draft.differences)
        if key not in self._judged:
            values = {"pads_adult_expiry": expires, "battery_expiry": self._until, "cabinet_opens": "open",
                      "location_true": "服务台旁"}  # fmt: skip
            state = DeviceState(self.device.id, frozenset(), values, {}, *self.device.lonlat)
            judged = judge(shipped_form(), state, draft, received_at=draft.at)
            self._judged[key] = judged, as_json(judged.answers)
        judged, items = self._judged[key]
        return replace(judged, at=draft.at), items

    def _inspection(self, id_: str, draft: Draft, judged: Judged, items: dict[str, Any]) -> dict[str, Any]:
        lon, lat = self.device.lonlat
        return {
            "id": id_, "device_id": self.device.id, "kind": draft.kind, "at": draft.at, "received_at": draft.at,
            "account_id": self.device.manager, "person_id": None, "source": draft.source, "lon": lon, "lat": lat,
            "accuracy_m": 8.0, "distance_to_device_m": judged.distance_m, "duration_s": draft.duration_s,
            "items": items, "overall": judged.overall, "note": "", "corrects_id": None,
            "client_uuid": draft.client_id, "schema_version": 1,
            "plans": {item: {"text": plan.text, "due_on": str(plan.due_on)} for item, plan in draft.plans.items()},
            "reasons": {}, "flags": list(judged.flags),
            "digest": hashlib.sha256(draft.client_id.encode()).hexdigest(),  # nobody sends it again
        }  # fmt: skip

    def _defects(
        self, id_: str, draft: Draft, judged: Judged, who: dict[str, Any]
    ) -> Iterator[tuple[type[Any], dict[str, Any]]]:
        """The defect that the check found is open until the next check; its row is written when it is known whether."""
        if self._open is not None:
            yield Defect, self._open | {"done_at": draft.at, "version": 2}
            done = {"done_at": draft.at.astimezone(dt.UTC).isoformat()}
            yield Change, _line(who, "defect", self._open["id"], "change", {"done_at": None}, done)
            self._open = None
        for found in judged.defects:
            row = {
                "id": _id(draft.at), "version": 1, "device_id": self.device.id, "inspection_id": id_,
                "item": found.item, "severity": found.severity, "found_at": draft.at, "escalated_level": 0,
                "action_plan": draft.plans[found.item].text, "due_on": draft.plans[found.item].due_on, "done_at": None,
                "done_by": None, "evidence": "", "reason_if_value_corrected": "",
            }  # fmt: skip
            after = row | {"found_at": draft.at.astimezone(dt.UTC).isoformat(), "due_on": str(row["due_on"])}
            yield Change, _line(who, "defect", row["id"], "add", {}, after)
            if draft.at == self.device.last:
                yield Defect, row
            else:
                self._open = row


def _id(at: dt.datetime) -> str:
    """An id as one made at an instant."""
    return f"{int(at.timestamp() * 1e6):016x}{os.urandom(8).hex()}"


def _line(
    who: dict[str, Any], kind: str, record: str, verb: str, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": _id(who["at"]),
        **who,
        "kind": kind,
        "record_id": record,
        "verb": verb,
        "before": before,
        "after": after,
    }


def _end(database: Database, devices: list[_Device], at: dt.datetime) -> None:
    """When each device was last looked at, and statistics as a database that has been running for years has them."""
    with database.session(By(None, "command", at)) as session:
        for one in devices:
            device = session.get_one(Device, one.id)
            device.last_verified_at, device.last_verified_by = one.last, one.manager
            device.last_verified_method = "inspection:app"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.file is None else "PRAGMA optimize")
