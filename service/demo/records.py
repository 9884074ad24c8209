"""The demo county's records: a year of an invented county office, told in the order in which it happened.

Everything in it is synthetic; `data/demo/records.toml` says what, counted in days before the day it is told, so that the
county is always alive: some devices ready, some about to expire, some not ready, some unknown. What is made goes through
the rules as anybody's records do. The same seed and day tell the same story; only ids and links differ.
"""

import csv
import datetime as dt
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from aedplan import InputError
from aedplan.tables.columns import shipped

from ..accounts import add_account, give, make_link
from ..db import Database
from ..facts import COUNTY_TIME, day_of
from ..history import By, RecordSession, last_change_at
from ..records import positions
from ..records.devices import add_device, fit_battery, fit_pads, new_code, step
from ..records.sites import add_admin_unit, add_organisation, add_role, add_site
from ..tables import Account, AdminUnit, Battery, Device, Organisation, Pads, Site, SiteRole
from .checks import check, tell_uses
from .papers import tell_papers
from .photos import tell_photos

LINKED = ("administrator", "office", "planner", "manager", "inspector")
"""The roles for which a link is made."""

START = 760
"""Days ago at which the story begins."""

_MODELS = (("示例医疗", "AED-S1"), ("安心急救", "HeartOne 200"), ("示例医疗", "AED-S2"))
_CABINETS = ("open", "seal", "alarm")
_OPENS = {"D01": "alarm", "D06": "scan"}
"""Of one cabinet a QR code has to be scanned: so is a rule broken that the office should see."""


@dataclass
class County:
    """What the story has made so far: ids by their names in the story; keep lays a file on the disk."""

    session: RecordSession
    story: dict[str, Any]
    today: dt.datetime
    rng: np.random.Generator
    keep: Callable[[bytes], str]
    ids: dict[str, str] = field(default_factory=dict)
    events: list[tuple[dt.datetime, str, Callable[[], Any]]] = field(default_factory=list)

    def then(self, days_ago: float, role: str, do: Callable[[], Any]) -> None:
        """Something happens so many days ago, at some time of the working day, done by an account."""
        minute = int(self.rng.integers(0, 480))
        day = day_of(self.today) - dt.timedelta(days=int(days_ago))
        at = dt.datetime.combine(day, dt.time(8, 30), COUNTY_TIME) + dt.timedelta(minutes=minute)
        self.events.append((min(at, self.today), role, do))

    def on(self, days: int) -> dt.date:
        """The day so many days from today; before today where negative."""
        return day_of(self.today) + dt.timedelta(days=days)

    @property
    def at(self) -> dt.datetime:
        """When what happens just now happens."""
        return self.session.by.at

    def run(self) -> None:
        """Let all happen, in its order."""
        for at, role, do in sorted(self.events, key=lambda event: event[0]):
            self.session.info["by"] = By(self.ids.get(role), role.split("-")[0], at, "demo")
            do()


def fill(database: Database, *, at: dt.datetime) -> dict[str, str]:
    """Fill an empty database with the demo county; the token of a sign-in link for each of LINKED.

    at  now: the day up to which the story goes

    Raises InputError when the database holds records.
    """
    story = tomllib.loads(shipped("demo/records.toml").read_text(encoding="utf-8"))
    with database.session(By(None, "command", at)) as session:
        if last_change_at(session) is not None:
            raise InputError(f"{database.name}: holds records already; the demo needs a database of its own")
        county = County(session, story, at, np.random.default_rng(story["seed"]), database.keep_file)
        county.then(START, "command", partial(_add_ground, county))
        for given in story["device"]:
            _tell_device(county, given)
        _tell_more_devices(county)
        tell_papers(county)
        tell_uses(county)
        tell_photos(county)
        county.run()
        session.info["by"] = By(None, "command", at, "demo")
        return {role: make_link(session, session.get_one(Account, county.ids[role])) for role in LINKED}


def _add_ground(county: County) -> None:
    """Units, organisations and accounts: there before anything else."""
    for do in (_add_units, _add_organisations, _add_accounts):
        do(county)


def _add_units(county: County) -> None:
    story = county.story
    people: dict[str, list[int]] = {name: [0, 0] for name in story["towns"]}
    for row in _rows("population.csv"):
        people[row["town"]][0] += int(row["population"])
        people[row["town"]][1] += int(row["age_60_plus"])
    total = [sum(column) for column in zip(*people.values(), strict=True)]
    add_admin_unit(
        county.session, AdminUnit(**story["county"], population=total[0], population_60_plus=total[1], area_km2=56.0)
    )
    for name, code in story["towns"].items():
        unit = AdminUnit(code=code, name=name, population=people[name][0], population_60_plus=people[name][1])
        add_admin_unit(county.session, unit)
    for code, name in story["communities"].items():
        add_admin_unit(county.session, AdminUnit(code=code, name=name))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with shipped(f"demo/{name}").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _add_organisations(county: County) -> None:
    towns = county.story["towns"]
    for given in county.story["organisation"]:
        made = Organisation(name=given["name"], kind=given["kind"], admin_code=towns.get(given.get("town")))
        county.ids[given["id"]] = add_organisation(county.session, made).id
    places = {row["编号"]: row for row in _rows("devices.csv")}
    for number, given in enumerate(county.story["device"], start=1):
        town = towns[places[given["id"]]["镇街"]]
        made = Organisation(name=given["organisation"], kind=given["kind"], admin_code=town, duty_phone=_phone(number))
        county.ids[f"organisation {given['id']}"] = add_organisation(county.session, made).id
    school = county.ids["organisation D09"]
    red_cross = Organisation(
        name="示例县第一中学红十字会", kind="red_cross", parent_id=school, admin_code=towns["北门街道"]
    )
    add_organisation(county.session, red_cross)


def _phone(number: int) -> str:
    return f"000-0000-{number:04d}"


def _add_accounts(county: County) -> None:
    """An account of each role, without a password; `others` keeps the sites that the manager of the links does not."""
    names = {"administrator": "admin", "office": "office", "planner": "planner", "manager": "manager",
             "inspector": "inspector", "manager-others": "manager-2"}  # fmt: skip
    for key, name in names.items():
        role = key.split("-")[0]
        until_on = county.on(60) if role == "inspector" else None
        account = add_account(county.session, Account(name=name, role=role, until_on=until_on))
        county.ids[key] = account.id


def _tell_device(county: County, given: dict[str, Any]) -> None:
    """A site and its device from its installation until now."""
    place = next(row for row in _rows("devices.csv") if row["编号"] == given["id"])
    role = "manager-others" if given["keeper"] == "others" else given["keeper"]
    county.then(given["installed"] + 5, "office", partial(_add_place, county, given, place))
    county.then(given["installed"], "office", partial(_install, county, given, place))
    last, ago = given["checked"], [given["checked"]]
    while ago[-1] + 30 < min(365, given["installed"]):
        ago.append(ago[-1] + 30 + int(county.rng.integers(-4, 3)))
    ago[0] = last
    for number, days in enumerate(ago):
        county.then(days, role, partial(check, county, given, number))


def _add_place(county: County, given: dict[str, Any], place: dict[str, str]) -> None:
    number = int(given["id"][1:])
    site = Site(
        name=place["名称"],
        venue_type=place["类别"],
        organisation_id=county.ids[f"organisation {given['id']}"],
        address=f"{place['镇街']}{place['名称']}",
        admin_code=county.story["towns"][place["镇街"]],
        opening_hours=place["开放时间"],
        open_24h_access=place["开放时间"] == "24/7",
        guard_24h=place["类别"] in ("police", "health", "transport"),
        cctv=True,
        network_4g=True,
        plan_marks_aed=number % 3 != 0,
        emergency_phone=_phone(number),
        plan_site_id=given["id"],
    )
    position = positions.Position(float(place["经度"]), float(place["纬度"]), accuracy_m=5.0)
    county.ids[f"site {given['id']}"] = add_site(county.session, site, position).id
    for role in given.get("roles", ()):
        add_role(county.session, SiteRole(site_id=site.id, role=role, since_on=day_of(county.at)))
    _share_out(county)


def _share_out(county: County) -> None:
    """Who keeps what of all that is there."""
    keepers = {f"site {one['id']}": one["keeper"] for one in county.story["device"]}
    for key, who in (("manager", "manager"), ("manager-others", "others")):
        sites = frozenset(id for name, id in county.ids.items() if keepers.get(name) == who)
        give(county.session, county.session.get_one(Account, county.ids[key]), sites=sites, devices=frozenset())
    devices = {one["id"] for one in county.story["device"] if one["keeper"] == "inspector"} & county.ids.keys()
    inspector = county.session.get_one(Account, county.ids["inspector"])
    give(county.session, inspector, sites=frozenset(), devices=frozenset(county.ids[one] for one in devices))


def _install(county: County, given: dict[str, Any], place: dict[str, str]) -> None:
    number = int(given["id"][1:])
    maker, model = _MODELS[number % len(_MODELS)]
    device = Device(
        site_id=county.ids[f"site {given['id']}"],
        serial=f"DEMO-{number:05d}",
        manufacturer=maker,
        model=model,
        indoor=True,
        level="1",
        location_text=place["位置说明"],
        cabinet_access=_OPENS.get(given["id"], _CABINETS[number % len(_CABINETS)]),
        cabinet_power=number % 2 == 0,
        remote_monitor_id=f"demo-{number}" if given.get("remote") else "",
        access="public",
        external_ids={"demo": given["id"]},
    )
    county.ids[given["id"]] = _put_up(county, device, pads=given.get("pads"), battery=given.get("battery"))
    if given.get("child"):
        child = Pads(device_id=device.id, kind="child", expires_on=county.on(300), fitted_on=device.installed_on)
        fit_pads(county.session, child)
    _share_out(county)


def _put_up(county: County, device: Device, *, pads: int | None, battery: int | None) -> str:
    """Add a device with a code of its own, fit its parts, and put it into service; its id."""
    on = day_of(county.at)
    device.public_code = new_code(county.rng)
    device.installed_on, device.manufactured_on = on, on - dt.timedelta(days=120)
    device.body_expires_on, device.warranty_until_on = _in_years(on, 10), _in_years(on, 5)
    add_device(county.session, device, None)
    expires = {name: None if days is None else county.on(days) for name, days in (("pads", pads), ("battery", battery))}
    fit_pads(county.session, Pads(device_id=device.id, expires_on=expires["pads"], fitted_on=on, lot="L-01"))
    fit_battery(county.session, Battery(device_id=device.id, expires_on=expires["battery"], installed_on=on))
    step(county.session, device, "installed", at=county.at)
    step(county.session, device, "active", at=county.at)
    return device.id


def _in_years(on: dt.date, years: int) -> dt.date:
    return on + dt.timedelta(days=365 * years)


def _tell_more_devices(county: County) -> None:
    """One on a bus, one that has had its time, one planned at a place that has agreed."""
    county.then(200, "office", partial(_add_bus, county))
    county.then(690, "office", partial(_add_old, county))
    county.then(110, "office", partial(_retire_old, county))
    county.then(30, "office", partial(_add_planned, county))
    for days in range(8, 200, 30):
        county.then(days, "office", partial(check, county, {"id": "bus"}, days))


def _add_bus(county: County) -> None:
    device = Device(
        mobile=True, manufacturer="安心急救", model="HeartOne 200", location_text="1 路公交车，驾驶员座位后方"
    )
    device.cabinet_access = "open"
    county.ids["bus"] = _put_up(county, device, pads=320, battery=700)


def _add_old(county: County) -> None:
    device = Device(
        site_id=county.ids["site D05"], manufacturer="示例医疗", model="AED-S0", location_text="住院楼一楼护士站"
    )
    county.ids["old"] = _put_up(county, device, pads=-100, battery=-90)


def _retire_old(county: County) -> None:
    device = county.session.get_one(Device, county.ids["old"])
    step(county.session, device, "retired", at=county.at, reason="使用满十年，已报废")


def _add_planned(county: County) -> None:
    place = next(row for row in _rows("candidates.csv") if row["类别"] == "compound")
    site = Site(
        name=place["名称"], venue_type="compound", stage="agreed", opening_hours=place["开放时间"],
        admin_code=county.story["towns"].get(place["镇街"]), plan_site_id=place["编号"],
    )  # fmt: skip
    add_site(county.session, site, positions.Position(float(place["经度"]), float(place["纬度"])))
    device = Device(site_id=site.id, public_code=new_code(county.rng), location_text="门岗值班室外墙")
    county.ids["planned"] = add_device(county.session, device, None).id
