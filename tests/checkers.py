"""A small county whose devices are checked by phone: its real server, its records, people signed in, a browser."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from browser import too_wide, until
from databases import KEY
from people import County, make_county
from sqlalchemy import select
from town import served

from service.accounts import end_all, start_session
from service.api.asking import COOKIE
from service.db import Database, now
from service.history import By
from service.inspections.rules import Draft
from service.records import find, inspections
from service.records.devices import add_device, fit_battery, fit_pads, step
from service.records.positions import Position
from service.settings import Settings
from service.tables import Account, Battery, Device, Inspection, Pads

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
HERE = {"longitude": 118.386, "latitude": 24.96, "accuracy": 8}
"""Where the manager's site is."""

MORE = 3
"""Devices of the manager's besides the one that every county of the tests has."""


@dataclass
class Round:
    """The county under its server: `codes` are the manager's devices, the first is the inspector's, too."""

    database: Database
    county: County
    address: str
    codes: list[str]
    devices: list[str]

    def session_of(self, role: str) -> str:
        """The cookie of somebody who has just signed in."""
        with self.database.session(By(None, "self", now())) as session:
            return start_session(session, find(session, Account, self.county.accounts[role]), "test")[0]

    def end_sessions(self, role: str) -> None:
        """Sign somebody out everywhere."""
        with self.database.session(By(None, "office", now())) as session:
            end_all(session, self.county.accounts[role])

    def checks(self, code: str) -> list[Inspection]:
        """All checks of a device, oldest first."""
        query = select(Inspection).where(Inspection.device_id == self.devices[self.codes.index(code)])
        with self.database.session() as session:
            return list(session.scalars(query.order_by(Inspection.received_at, Inspection.id)))

    def checked_by_office(self, code: str, **more: Any) -> None:
        """The office checks a device, right now."""
        device = self.devices[self.codes.index(code)]
        with self.database.session(By(self.county.accounts["office"], "office", now())) as session:
            inspections.record(session, Draft(str(uuid4()), device, "monthly", now(), "app", 1, **more))

    def add_device(self) -> str:
        """One more device of the manager's, in order and due today; its code."""
        with self.database.session(By(None, "office", now())) as session:
            made = add_ready(session, self.county.site)
            self.codes.append(made.public_code)
            self.devices.append(made.id)
            return made.public_code


def add_ready(session: Any, site_id: str) -> Device:
    """An active device with pads and a battery in date, never checked yet."""
    made = add_device(session, Device(site_id=site_id, model="M", cabinet_access="open"), Position(118.386, 24.96))
    return make_ready(session, made)


def make_ready(session: Any, device: Device) -> Device:
    """Install a device that is planned."""
    today = now().date()
    fit_pads(session, Pads(device_id=device.id, expires_on=today + dt.timedelta(days=500)))
    fit_battery(session, Battery(device_id=device.id, expires_on=today + dt.timedelta(days=900)))
    device.location_text, device.cabinet_access = "一楼大厅服务台左侧", "open"
    for status in ("installed", "active"):
        step(session, device, status, at=session.by.at)
    device.installed_on = today
    session.flush()
    return device


@contextmanager
def county_of(settings: Settings, plan: Path) -> Iterator[Round]:
    """The county's records without a server."""
    settings = dataclasses.replace(settings, plan=plan)
    with closing(Database(settings)) as database:
        county = make_county(database)
        with database.session(By(None, "office", now())) as session:
            devices = [make_ready(session, find(session, Device, county.device))]
            devices += [add_ready(session, county.site) for _ in range(MORE)]
            codes, ids = [one.public_code for one in devices], [one.id for one in devices]
        yield Round(database, county, "", codes, ids)


@contextmanager
def round_of(settings: Settings, plan: Path) -> Iterator[Round]:
    """The county's records and the real server over them."""
    with county_of(settings, plan) as made, served(plan, AEDPLAN_DATA=str(settings.data), AEDPLAN_KEY=KEY) as address:
        yield dataclasses.replace(made, address=address)


@dataclass
class Phone:
    """A browser with one person's session. `expected`: complaints that a test brings about, such as answers 401."""

    context: Any
    place: Round
    taps: int = 0
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def sign_in(self, role: str) -> None:
        """Be somebody from now on."""
        self.context.clear_cookies()
        cookie = {"name": COOKIE, "value": self.place.session_of(role), "domain": "127.0.0.1", "path": "/"}
        self.context.add_cookies([{**cookie, "secure": True, "httpOnly": True}])

    def open(self, path: str = "/checks") -> Any:
        """A new tab."""
        page = self.context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.place.address + path)
        return page

    def tap(self, what: Any) -> None:
        """One tap of a thumb."""
        self.taps += 1
        what.tap()

    def keep(self, page: Any) -> None:
        """Wait until the pages are on the phone."""
        until(page, "Boolean(navigator.serviceWorker && navigator.serviceWorker.controller)")
        page.evaluate("""async () => {
            const cache = await caches.open('aedplan-checks-1');
            while (!await cache.match('/checks?lang=zh')) await new Promise((done) => setTimeout(done, 20));
        }""")

    def without_network(self) -> None:
        """From now on nothing comes through; the browser complains of each request."""
        self.expected += ("net::ERR_INTERNET_DISCONNECTED",)
        self.context.set_offline(True)


@contextmanager
def phone_of(
    chromium: Any, place: Round, role: str = "manager", *, desk: bool = False, **options: Any
) -> Iterator[Phone]:
    """A phone in somebody's hand; at the end fails when it asked another host or complained of something unexpected."""
    device = {} if desk else chromium.phone
    given = {"geolocation": HERE, "permissions": ["geolocation"], "locale": "zh-CN", **options}
    context = chromium.new_context(**{**device, **given})
    held = Phone(context, place)
    try:
        if role:
            held.sign_in(role)
        yield held
        assert {urlsplit(url).netloc for url in held.asked if url.startswith("http")} <= {
            urlsplit(place.address).netloc
        }
        assert [line for line in held.complaints if not any(one in line for one in held.expected)] == []
    finally:
        context.close()


def page_faults(page: Any) -> list[str]:
    """What axe finds wrong, and what runs out of the screen; the context must bypass the policy, so that axe can be run."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "axe.run({resultTypes: ['violations']})"
        ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' ')))"
    )
    return [*found, *(one for one in too_wide(page) if not one.startswith("A.skip"))]
