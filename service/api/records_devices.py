"""The records of devices: what they are, where they hang, their parts and the steps of their life."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from ..access import Thing, Verb, Who, reach_of
from ..facts import CabinetAccess, Lifecycle
from ..history import RecordSession
from ..records import change
from ..records.devices import (
    Filter,
    add_device,
    correct_part,
    find_device,
    fit_battery,
    fit_pads,
    list_devices,
    move,
    step,
)
from ..tables import Battery, Device, Pads
from ..tables.devices import Access, Confidence, PadsKind
from .asking import Asking, Db, check_fields, require
from .shapes import Count, Day, Instant, Key, Line, PositionShape, Shape, Text, many, position_of, refusals
from .sites import Code

router = APIRouter(prefix="/api/v1/records/devices", tags=["devices"])


class DeviceFields(Shape):
    """What the manager of its site may say of a device."""

    location_text: Line = ""
    location_text_en: Line = ""
    level: Line = ""
    indoor: bool | None = None
    cabinet_type: Line = ""
    cabinet_access: CabinetAccess = ""
    cabinet_power: bool | None = None
    opening_hours: Line = ""
    note: Text = ""


class DeviceChange(DeviceFields):
    """What the office may change of a device; only what is named is changed."""

    version: int | None = None
    serial: Line = ""
    manufacturer: Line = ""
    model: Line = ""
    registration_no: Line = ""
    manufactured_on: Day | None = None
    supplier: Line = ""
    warranty_until_on: Day | None = None
    installed_on: Day | None = None
    body_expires_on: Day | None = None
    mobile: bool = False
    mount_height_cm: Count | None = None
    accessories: Annotated[list[Line], Field(max_length=50)] | None = None
    remote_monitor_id: Line = ""
    access: Access | None = None
    child_key: bool | None = None
    display_public: bool = True
    hidden_reason: Line = ""
    data_confidence: Confidence | None = None
    osm_id: Line = ""


class DeviceIn(DeviceChange):
    """A device to add; without a position it hangs where its site is."""

    site_id: Key | None = None
    position: PositionShape | None = None


class PadsIn(Shape):
    """Pads that were put in; those of the same kind that were in are out."""

    kind: PadsKind = "adult"
    lot: Line = ""
    expires_on: Day | None = None
    fitted_on: Day | None = None
    spare: bool = False


class BatteryIn(Shape):
    """A battery that was put in; the one that was in is out."""

    kind: Line = ""
    lot: Line = ""
    expires_on: Day | None = None
    installed_on: Day | None = None


class PadsOut(PadsIn):
    """Pads, with the day they were removed."""

    id: str
    removed_on: dt.date | None


class BatteryOut(BatteryIn):
    """A battery, with the day it was removed."""

    id: str
    removed_on: dt.date | None


class PartChange(Shape):
    """What is corrected of pads or a battery; only what is named. `removed_on`: it is no longer there."""

    lot: Line = ""
    expires_on: Day | None = None
    removed_on: Day | None = None


class DeviceOut(DeviceChange):
    """A device as those who may see the records see it."""

    id: str
    version: int
    public_code: str
    status: Lifecycle
    out_of_service_reason: str
    site_id: str | None
    site_name: str
    lon: float | None
    lat: float | None
    coordinate_accuracy_m: float | None
    pads: list[PadsOut]
    batteries: list[BatteryOut]


class StepIn(Shape):
    """A step of a device's life, from an instant on."""

    status: Lifecycle
    at: Instant | None = None
    reason: Line = ""


class MoveIn(Shape):
    """Where a device hangs from now on."""

    site_id: Key
    position: PositionShape | None = None


@router.get("", response_model=list[DeviceOut], responses=refusals())
def see_devices(
    session: Db,
    who: Asking,
    status: Lifecycle | None = None,
    admin_code: Code | None = None,
    site_id: Key | None = None,
) -> Response:
    """Devices with the parts that are in them; a manager's and an inspector's own only."""
    own = reach_of(who, "see", "device") == "own"
    which = Filter(
        sites=who.sites if own else None,
        devices=who.devices if own else None,
        status=status or "",
        admin_code=admin_code or "",
        site_id=site_id or "",
    )
    return many(list_devices(session, which, _PLAIN))


@router.get("/{device_id}", responses=refusals(404))
def see_device(device_id: str, session: Db, who: Asking) -> DeviceOut:
    """One device."""
    return _shape(_found(session, who, "see", device_id))


@router.post("", status_code=201, responses=refusals(404, 409))
def add(given: DeviceIn, session: Db, who: Asking) -> DeviceOut:
    """Add a device, planned until it is installed."""
    device = Device(**given.model_dump(exclude={"position", "version"}))
    add_device(session, device, position_of(given.position))
    return _shape(find_device(session, device.id))


@router.patch("/{device_id}", responses=refusals(404, 409))
def change_device(device_id: str, given: DeviceChange, session: Db, who: Asking) -> DeviceOut:
    """Change what is named; a manager only what stands in DeviceFields, of an own device."""
    device = _found(session, who, "change", device_id)
    check_fields(who, given, DeviceFields)
    return _shape(change(session, device, given.model_dump(exclude_unset=True)))


@router.post("/{device_id}/pads", status_code=201, responses=refusals(404, 409))
def add_pads(device_id: str, given: PadsIn, session: Db, who: Asking) -> DeviceOut:
    """Note that pads were put in."""
    device = _found(session, who, "change", device_id)
    fit_pads(session, Pads(device_id=device.id, **given.model_dump()))
    return _shape(find_device(session, device.id))


@router.post("/{device_id}/battery", status_code=201, responses=refusals(404, 409))
def add_battery(device_id: str, given: BatteryIn, session: Db, who: Asking) -> DeviceOut:
    """Note that a battery was put in."""
    device = _found(session, who, "change", device_id)
    fit_battery(session, Battery(device_id=device.id, **given.model_dump()))
    return _shape(find_device(session, device.id))


@router.patch("/{device_id}/parts/{part_id}", responses=refusals(404, 409))
def change_part(device_id: str, part_id: Key, given: PartChange, session: Db, who: Asking) -> DeviceOut:
    """Correct what is noted of pads or a battery; new ones are put in by the routes above."""
    device = _found(session, who, "change", device_id)
    correct_part(session, device, part_id, given.model_dump(exclude_unset=True))
    return _shape(find_device(session, device.id))


@router.post("/{device_id}/steps", status_code=201, responses=refusals(404, 409))
def add_step(device_id: str, given: StepIn, session: Db, who: Asking) -> DeviceOut:
    """Take a device a step further in its life: installed, active, out of service, retired."""
    device = _found(session, who, "decide", device_id)
    step(session, device, given.status, at=given.at or session.by.at, reason=given.reason)
    return _shape(device)


@router.post("/{device_id}/move", responses=refusals(404, 409))
def move_device(device_id: str, given: MoveIn, session: Db, who: Asking) -> DeviceOut:
    """Hang a device elsewhere."""
    device = _found(session, who, "decide", device_id)
    move(session, device, given.site_id, position_of(given.position))
    return _shape(find_device(session, device.id))


def _found(session: RecordSession, who: Who, verb: Verb, device_id: str) -> Device:
    device = find_device(session, device_id)
    require(who, verb, Thing("device", site=device.site_id, device=device.id))
    return device


_PLAIN = [name for name in DeviceOut.model_fields if name not in ("site_name", "pads", "batteries")]


def _shape(device: Device) -> DeviceOut:
    return DeviceOut(
        site_name=device.site.name if device.site else "",
        pads=[PadsOut(**{name: getattr(one, name) for name in PadsOut.model_fields}) for one in device.pads],
        batteries=[
            BatteryOut(**{name: getattr(one, name) for name in BatteryOut.model_fields}) for one in device.batteries
        ],
        **{name: getattr(device, name) for name in _PLAIN},
    )
