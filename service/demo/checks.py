"""What happens to the demo county's devices: checks, uses, reports. All invented."""

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..facts import day_of
from ..history import By
from ..inspections.form import Answer
from ..inspections.rules import ActionPlan, Draft, Position
from ..records import inspections
from ..records.devices import fit_pads
from ..records.incidents import add_incident
from ..records.reports import add_report, handle
from ..tables import Device, Incident, Pads, PublicReport

if TYPE_CHECKING:
    from .records import County


def check(county: "County", given: dict[str, Any], number: int) -> None:
    """A check of a device; `number` counts back from the last one. Nearly always all is in order."""
    device = county.session.get_one(Device, county.ids[given["id"]])
    plans, differences = {}, {}
    for fault in given.get("faults", ()):
        item, found = fault["item"], fault.get("value", "")
        if number == fault["begun"]:
            value = str(county.on(given["pads"])) if item == "pads_adult_expiry" else found
            differences[item] = Answer("fail", value)
            if "plan" in fault:
                plans[item] = ActionPlan(fault["plan"], day_of(county.at) + dt.timedelta(days=6))
        elif number == fault.get("mended", -1):
            differences[item] = Answer("ok")
    if device.cabinet_power and "cabinet_power" not in differences:
        differences["cabinet_power"] = Answer("ok", str(int(county.rng.integers(12, 31))))
    draft = Draft(
        client_id=_uuid(county.rng),
        device_id=device.id,
        kind="monthly",
        at=county.at,
        source="app",
        form_version=1,
        differences=differences,
        plans=plans,
        position=_near(county, device, far=given["id"] == "D07" and number == 0),
        duration_s=float(county.rng.integers(25, 90)),
    )
    inspections.record(county.session, draft)


def _uuid(rng: np.random.Generator) -> str:
    text = rng.bytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _near(county: "County", device: Device, *, far: bool) -> Position:
    """Where the phone was: within some metres of the device, or in a check that the office should look at, far off."""
    lon, lat = county.rng.normal(0, 5e-5, 2)
    away = 3e-3 if far else 0.0
    return Position(
        (device.lon or 118.386) + lon + away, (device.lat or 24.96) + lat, float(county.rng.integers(5, 20))
    )


def tell_uses(county: "County") -> None:
    """Two uses that ended well enough, one after which the device has not come back, and what people report."""
    county.then(200, "manager-others", partial(_use, county, "D05", "handed_over_alive"))
    county.then(199, "office", partial(_check_again, county, "D05"))
    county.then(90, "manager", partial(_use, county, "D09", "handed_over_under_cpr"))
    county.then(89, "manager", partial(_check_again, county, "D09"))
    county.then(2, "manager", partial(_use, county, "D08", "unknown"))
    for reporter in ("a", "b"):
        county.then(1, "public", partial(_report, county, "D12", "missing", "柜子是空的", reporter))
    county.then(3, "public", partial(_report, county, "D06", "closed", "晚上体育馆锁门，进不去", "c"))
    county.then(40, "public", partial(_report, county, "D01", "wrong_info", "服务台搬到右边了", "d"))
    county.then(38, "office", partial(_answer_report, county))


def _use(county: "County", name: str, outcome: str) -> None:
    at, minutes = county.at, dt.timedelta(minutes=1)
    incident = Incident(
        at=at, site_id=county.ids[f"site {name}"], device_id=county.ids[name], outcome=outcome, shocks=1,
        collapse_at=at, call_120_at=at + minutes, fetch_start_at=at + minutes, aed_arrive_at=at + 3 * minutes,
        first_shock_at=at + 4 * minutes, ems_arrive_at=at + 11 * minutes,
        rosc="yes" if outcome == "handed_over_alive" else "unknown", debrief="示例记录，非真实事件",
    )  # fmt: skip
    county.session.info["by"] = By(county.ids["manager"], "manager", at + 20 * minutes, "demo")
    county.ids[f"incident {name}"] = add_incident(county.session, incident).id


def _check_again(county: "County", name: str) -> None:
    """After a use: new pads, and a check that puts the device back."""
    on = day_of(county.at)
    given = next(one for one in county.story["device"] if one["id"] == name)
    pads = Pads(device_id=county.ids[name], expires_on=county.on(given["pads"]), fitted_on=on, lot="L-02")
    fit_pads(county.session, pads)
    draft = Draft(
        _uuid(county.rng), county.ids[name], "post_use", county.at, "app", 1,
        position=_near(county, county.session.get_one(Device, county.ids[name]), far=False),
    )  # fmt: skip
    inspections.record(county.session, draft)


def _report(county: "County", name: str, kind: str, text: str, reporter: str) -> None:
    report = PublicReport(device_id=county.ids[name], kind=kind, text=text)
    county.ids[f"report {name}"] = add_report(county.session, report, contact="", reporter=f"demo-{reporter}").id


def _answer_report(county: "County") -> None:
    report = county.session.get_one(PublicReport, county.ids["report D01"])
    handle(county.session, report, "done", "已改正位置说明，谢谢")
