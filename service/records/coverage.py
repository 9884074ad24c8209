"""What the devices on record cover of the published plan's demand: on paper, at an instant, and what hangs on each."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..facts import day_of
from ..history import RecordSession
from ..mapping.coverage_now import CoverageNow, cause_of, coverage_now, worth_now
from ..plan_demand import Ground, Places, open_coverage, paper_coverage
from ..public.opening import open_at
from ..ready.device_days import IN_SERVICE
from ..ready.readiness import Readiness, as_known, readiness
from ..tables import Device, Site
from .device_facts import all_facts_of
from .ready import readiness_of
from .rules import current_norm, current_years


@dataclass(frozen=True)
class Standing:
    """A device in service with the hours that hold there."""

    device: Device
    site_name: str
    hours: str

    @property
    def fixed(self) -> bool:
        """Whether it counts on paper: at a fixed place that is known."""
        return not self.device.mobile and self.device.lon is not None


@dataclass(frozen=True)
class DeviceWorth:
    """A device and what hangs on it: arrests a year in reach of no other ready device while it is open.

    worth  None without a plan, and where it counts for no place: on a vehicle, or nobody knows where
    """

    standing: Standing
    ready: Readiness
    worth: float | None


def list_standing(session: Session) -> list[Standing]:
    """All devices that count on paper, by code."""
    return [one for one in _list_in_service(session) if one.fixed]


def _list_in_service(session: Session) -> list[Standing]:
    query = select(Device, Site.name, Site.opening_hours, Site.open_24h_access)
    query = query.join(Site, Device.site_id == Site.id, isouter=True).order_by(Device.public_code)
    rows = session.execute(query.where(Device.status.in_(IN_SERVICE)))
    return [
        Standing(device, name or "", device.opening_hours or ("24/7" if always else hours or ""))
        for device, name, hours, always in rows
    ]


@dataclass(frozen=True)
class Found:
    """Coverage at an instant, and by how many devices."""

    now: CoverageNow
    devices: int


def find_coverage(session: RecordSession, ground: Ground, at: dt.datetime) -> Found:
    """Coverage at an instant by the devices that count on paper today.

    Before today readiness is what the records of that day's end said; from today on it is what follows if nothing more
    is recorded.
    """
    standing = list_standing(session)
    ready = _readiness_at(session, [one.device for one in standing], at)
    paper = paper_coverage(ground, places_of(standing))
    now = coverage_now(
        paper.covers,
        paper.weight,
        is_open=open_at([one.hours for one in standing], at, current_years(session)),
        cause=np.array([cause_of(one) for one in ready], dtype="<U16"),
    )
    return Found(now, len(standing))


def _readiness_at(session: RecordSession, devices: list[Device], at: dt.datetime) -> list[Readiness]:
    on = day_of(at)
    if on >= day_of(session.by.at):
        return readiness_of(session, devices, on)
    norm = current_norm(session)
    return [readiness(as_known(facts, on), norm, on) for facts in all_facts_of(session, devices)]


def list_worth(session: Session, ground: Ground | None, on: dt.date) -> list[DeviceWorth]:
    """Every device in service with what hangs on it, that on which most hangs first, then those that count for no place."""
    devices = _list_in_service(session)
    ready = readiness_of(session, [one.device for one in devices], on)
    fixed = [(one, state) for one, state in zip(devices, ready, strict=True) if one.fixed]
    rest = [DeviceWorth(one, state, None) for one, state in zip(devices, ready, strict=True) if not one.fixed]
    if ground is None:
        return [DeviceWorth(*pair, None) for pair in fixed] + rest
    standing = [one for one, _ in fixed]
    coverage = open_coverage(ground, places_of(standing), tuple(one.hours for one in standing), on.year)
    works = np.array([state.usable for _, state in fixed], dtype=bool)
    worth = worth_now(coverage.covers, coverage.weight, works=works)
    found = [DeviceWorth(*pair, float(value)) for pair, value in zip(fixed, worth, strict=True)]
    return sorted(found, key=lambda one: -(one.worth or 0.0)) + rest


def places_of(standing: list[Standing]) -> Places:
    """Where the devices hang, as what has been computed for them is kept by."""
    return tuple((float(one.device.lon or 0.0), float(one.device.lat or 0.0)) for one in standing)
