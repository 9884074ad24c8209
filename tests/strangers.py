"""What a stranger finds in the drawn town: its four devices with records, served for real.

The supermarket and the station are in order and always open, the school is in order and shut for days, and of the village
office nobody has ever checked the device.
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from databases import KEY, SqliteFiles
from town import DEVICES, at, served, write_plan

from service.db import Database, now
from service.facts import COUNTY_TIME, day_of
from service.history import By
from service.inspections.rules import Draft
from service.records.devices import add_device, fit_battery, fit_pads, step
from service.records.inspections import record
from service.records.positions import Position
from service.records.sites import add_admin_unit, add_site
from service.tables import AdminUnit, Battery, Device, Pads, Site

MARKET, SCHOOL, STATION, VILLAGE = "MARKT2", "SCH222", "STN222", "VLG222"
CODES = (MARKET, SCHOOL, STATION, VILLAGE)
TOWNS = {"350583001": "河南街道", "350583102": "北岸镇"}
TEXTS = {
    MARKET: ("服务台右侧墙上", "wall right of the desk"),
    SCHOOL: ("门卫室", "guard room"),
    STATION: ("候车厅", ""),
    VILLAGE: ("", ""),
}
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def keep_records(data: Path, sqlite_files: SqliteFiles) -> None:
    """Fill a data folder with the records of the four devices."""
    database = Database(sqlite_files.make(data))
    started = now() - dt.timedelta(days=30)
    with database.session(By(None, "office", started)) as session:
        add_admin_unit(session, AdminUnit(code="350583", name="河边县"))
        for code, name in TOWNS.items():
            add_admin_unit(session, AdminUnit(code=code, name=name))
        for number, code in enumerate(CODES):
            _add(session, number, code, started)
    database.close()


def _add(session, number: int, code: str, started: dt.datetime) -> None:
    _, name, kind, place, _ = DEVICES[number]
    in_days = (now().astimezone(COUNTY_TIME) + dt.timedelta(days=3)).weekday()
    hours = f"{WEEKDAYS[in_days]} 07:00-18:00" if code == SCHOOL else "24/7"
    town = "350583102" if number == 0 else "350583001"
    site = Site(name=name, venue_type=kind, admin_code=town, opening_hours=hours, emergency_phone="0595-0000000")
    add_site(session, site, Position(*at(*place)))
    zh, en = TEXTS[code]
    device = Device(site_id=site.id, public_code=code, model="M", level="1", location_text=zh, location_text_en=en)
    add_device(session, device, None)
    for status in ("installed", "active"):
        step(session, device, status, at=started)
    begun = day_of(started)
    later = begun + dt.timedelta(days=400)
    fit_pads(session, Pads(device_id=device.id, kind="adult", expires_on=later, fitted_on=begun))
    fit_battery(session, Battery(device_id=device.id, expires_on=later, installed_on=begun))
    if code != VILLAGE:
        session.info["by"] = By(None, "office", now())
        checked = Draft(str(uuid4()), device.id, "monthly", now() - dt.timedelta(days=1), "app", 1)
        record(session, checked)
        session.info["by"] = By(None, "office", started)


@contextmanager
def river_town(folder: Path, sqlite_files: SqliteFiles) -> Iterator[str]:
    """The address of a service with the town's plan and records, in a folder of its own."""
    plan, data = write_plan(folder / "plan"), folder / "data"
    data.mkdir()
    keep_records(data, sqlite_files)
    with served(plan, AEDPLAN_DATA=str(data), AEDPLAN_KEY=KEY) as address:
        yield address
    shutil.rmtree(data)


AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
SEVEN_TO_ONE = "rules: {'color-contrast-enhanced': {enabled: true}}, resultTypes: ['violations']"
ASKED = {
    "light": f"axe.run({{{SEVEN_TO_ONE}}})",
    "dark": f"axe.run({{runOnly: ['cat.color'], {SEVEN_TO_ONE}}})",
}
"""Everything axe knows, and seven to one for all text; by dark only what colours can change."""


def violations(page: Any) -> list[tuple[str, str, str]]:
    """What axe finds on a page that was opened with bypass_csp, by light and by dark: scheme, rule, element."""
    page.add_script_tag(path=AXE)
    found = []
    for scheme, asked in ASKED.items():
        page.emulate_media(color_scheme=scheme)
        for one in page.evaluate(asked)["violations"]:
            found += [(scheme, one["id"], node["html"][:150]) for node in one["nodes"]]
    return found
