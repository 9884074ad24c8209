"""Readiness of devices: derived from the records on the spot, never typed, with its reasons and the day it changes."""

import datetime as dt

from fastapi import APIRouter

from ..access import Thing, reach_of
from ..facts import Lifecycle, day_of
from ..ready.readiness import Readiness, State
from ..records.devices import Filter, find_device, list_steps, pick_devices
from ..records.ready import readiness_of
from ..tables import Device
from .asking import Asking, Db, require
from .shapes import Day, Key, Shape, refusals, shown
from .sites import Code

router = APIRouter(prefix="/api/v1/records", tags=["devices"])


class ReasonOut(Shape):
    """Why, in words, and the state that it forces; READY is a remark."""

    code: str
    state: State
    zh: str
    en: str


class ReadinessOut(Shape):
    """Whether a device would work on a day; `changes_on`: when it worsens by itself."""

    device_id: str
    public_code: str
    site_id: str | None
    state: State
    usable: bool
    changes_on: dt.date | None
    reasons: list[ReasonOut]


class StepOut(Shape):
    """A step of a device's life."""

    id: str
    at: dt.datetime
    status: Lifecycle
    reason: str


@router.get("/readiness", responses=refusals())
def see_all(
    session: Db,
    who: Asking,
    state: State | None = None,
    on: Day | None = None,
    admin_code: Code | None = None,
    site_id: Key | None = None,
) -> list[ReadinessOut]:
    """Readiness of all devices, or of those in a state, a unit, at a site; today or on another day from today on."""
    own = reach_of(who, "list", "device") == "own"
    which = Filter(
        sites=who.sites if own else None,
        devices=who.devices if own else None,
        admin_code=admin_code or "",
        site_id=site_id or "",
    )
    devices = pick_devices(session, which)
    found = readiness_of(session, devices, on or day_of(session.by.at))
    shapes = [_shape(device, ready) for device, ready in zip(devices, found, strict=True)]
    return [shape for shape in shapes if state is None or shape.state == state]


@router.get("/devices/{device_id}/readiness", responses=refusals(404))
def see_one(device_id: str, session: Db, who: Asking, on: Day | None = None) -> ReadinessOut:
    """Readiness of one device, today or on another day from today on."""
    device = find_device(session, device_id)
    require(who, "list", Thing("device", site=device.site_id, device=device.id))
    return _shape(device, readiness_of(session, [device], on or day_of(session.by.at))[0])


@router.get("/devices/{device_id}/steps", responses=refusals(404))
def see_steps(device_id: str, session: Db, who: Asking) -> list[StepOut]:
    """The steps of a device's life, oldest first."""
    device = find_device(session, device_id)
    require(who, "list", Thing("device", site=device.site_id, device=device.id))
    return [shown(StepOut, step) for step in list_steps(session, device.id)]


def _shape(device: Device, ready: Readiness) -> ReadinessOut:
    return ReadinessOut(
        device_id=device.id,
        public_code=device.public_code,
        site_id=device.site_id,
        state=ready.state,
        usable=ready.usable,
        changes_on=ready.changes_on,
        reasons=[shown(ReasonOut, reason) for reason in ready.reasons],
    )
