"""One account of each role in a small county of two schools, for tests of who may what."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from service import accounts
from service.accounts import add_account, give
from service.api.asking import COOKIE, CSRF_HEADER
from service.app import make_app
from service.db import Database, now
from service.history import By
from service.records import people, sites
from service.records.agreements import About, add_agreement
from service.records.devices import add_device
from service.records.positions import Position
from service.settings import Settings
from service.tables import Account, Agreement, Device, Obligation, Organisation, Person, Site

PASSWORD = "correct horse battery"
ROLES = ("administrator", "office", "planner", "manager", "inspector", "viewer")
FAR_OFF = dt.date(2999, 1, 1)


@dataclass(frozen=True)
class County:
    """Ids of what is there: the manager keeps `site`, the inspector checks `device`; the others are somebody else's."""

    red_cross: str
    school: str
    site: str
    other_site: str
    device: str
    other_device: str
    person: str
    other_person: str
    agreement: str
    other_agreement: str
    accounts: dict[str, str]


def make_county(database: Database, *, at: dt.datetime | None = None) -> County:
    """Two schools with a device, a person and an agreement each, and an account of each role."""
    with database.session(By(None, "command", at or now())) as session:
        red_cross = sites.add_organisation(session, Organisation(name="南安市红十字会", kind="red_cross")).id
        school = sites.add_organisation(session, Organisation(name="第一小学", kind="school")).id
        place = {}
        for name, lon in (("第一小学", 118.386), ("第二小学", 118.391)):
            site = sites.add_site(session, Site(name=name), Position(lon, 24.96)).id
            device = add_device(session, Device(site_id=site, model="M"), None).id
            roles = ["staff"]
            person = people.add_person(
                session, Person(roles=roles), name=f"{name}保安", phone="13800000000", sites=(site,)
            )
            paper = Agreement(
                number=f"2026-{name}", kind="public_benefit_hosting", party_a_id=red_cross, party_b_id=school,
                signed_on=dt.date(2026, 1, 1), starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2030, 12, 31),
            )  # fmt: skip
            promise = Obligation(code="maintenance_daily", owner="party_b")
            agreement = add_agreement(session, paper, About(devices=(device,)), [promise])
            place[name] = (site, device, person.person.id, agreement.id)
        (site, device, person_id, agreement_id), other = place["第一小学"], place["第二小学"]
        made_accounts = {}
        for role in ROLES:
            until = FAR_OFF if role == "inspector" else None
            account = Account(name=f"the {role}", role=role, until_on=until, password_hash=hashed())
            made = add_account(session, account)
            own_sites = frozenset({site}) if role == "manager" else frozenset()
            own_devices = frozenset({device}) if role == "inspector" else frozenset()
            give(session, made, sites=own_sites, devices=own_devices)
            made_accounts[role] = made.id
    return County(
        red_cross, school, site, other[0], device, other[1], person_id, other[2], agreement_id, other[3], made_accounts
    )


@cache
def hashed() -> str:
    """The password as it is kept: made once, because that is slow on purpose."""
    return accounts._hash(PASSWORD)


_worked_out: dict[tuple[int, str], BaseRoute] = {}


def quick_app(settings: Settings) -> FastAPI:
    """The application, its rooms with what an earlier one has worked out of them: a tenth of a second for each test.

    Which rooms it has, in which order, and its routes of its own are never an earlier one's.
    """
    app = make_app(settings)
    routes = app.router.routes
    routes[:] = [_worked_out.setdefault(_place(route), route) if _is_room(route) else route for route in routes]
    return app


def _is_room(route: Any) -> bool:
    return hasattr(route, "original_router")


def _place(room: Any) -> tuple[int, str]:
    """Which router a room is, and under which address it was put."""
    return id(room.original_router), room.include_context.prefix


@contextmanager
def browser(settings: Settings) -> Iterator[TestClient]:
    """A browser that has not signed in, and the service it talks to."""
    with TestClient(quick_app(settings), base_url="https://testserver", raise_server_exceptions=False) as client:
        yield client


def sign_in(client: TestClient, role: str) -> dict[str, Any]:
    """Sign a browser in as a role; what the service said."""
    client.cookies.clear()
    said = client.post("/api/v1/session", json={"name": f"the {role}", "password": PASSWORD})
    assert said.status_code == 201, said.text
    client.headers[CSRF_HEADER] = said.json()["csrf"]
    content: dict[str, Any] = said.json()
    return content


def become(client: TestClient, role: str) -> None:
    """Ask as a role from now on, past the look at passwords, which is slow on purpose and may not be tried often."""
    signed: dict[str, str] = client.__dict__.setdefault("signed", {})
    if role not in signed:
        with client.app.state.database.session(By(None, "self", now())) as session:
            account = session.scalars(select(Account).where(Account.name == f"the {role}")).one()
            signed[role] = accounts.start_session(session, account, "test")[0]
    client.cookies.clear()
    client.cookies.set(COOKIE, signed[role])
    client.headers[CSRF_HEADER] = accounts.csrf_of(signed[role])


def routes_of(app: FastAPI) -> set[str]:
    """Every method and path that the application answers."""
    found: set[str] = set()

    def walk(routes: Iterable[Any]) -> None:
        for route in routes:
            if isinstance(route, APIRoute | Route):
                found.update(f"{method} {route.path}" for method in route.methods - {"HEAD"})
            else:
                walk(getattr(route, "original_router", route).routes)

    walk(app.routes)
    return found
