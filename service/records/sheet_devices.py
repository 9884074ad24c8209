"""The sheet of devices: each with where it hangs, the step of its life, and the pads and battery that are in it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from ..facts import Lifecycle, day_of
from ..history import RecordSession
from ..sheets.record_sheets import CellError, Spare
from ..tables import Battery, Device, DeviceStep, Pads, Site
from . import add, change
from .devices import AFTER, Filter, add_device, fit_battery, fit_pads, move, pick_devices, step
from .positions import put
from .sheet_subjects import Subject, Values, Within, Work, grouped, moves, place_of, plain, position_of, read_plain

_DEVICE = (
    "public_code", "site_id", "status", "location_text", "location_text_en", "level", "indoor", "manufacturer", "model",
    "serial", "registration_no", "supplier", "manufactured_on", "installed_on", "warranty_until_on", "body_expires_on",
    "cabinet_type", "cabinet_access", "cabinet_power", "mount_height_cm", "access", "opening_hours", "child_key", "mobile",
    "remote_monitor_id", "display_public", "hidden_reason", "data_confidence", "osm_id", "note", "out_of_service_reason",
)  # fmt: skip
_STEPS = ("site_id", "status", "out_of_service_reason")
WAY: Mapping[str, tuple[Lifecycle, ...]] = {
    "planned": (), "installed": ("installed",), "active": ("installed", "active"),
    "out_of_service": ("installed", "out_of_service"), "missing": ("installed", "missing"), "retired": ("retired",),
    "in_use": ("installed", "in_use"),
}  # fmt: skip
"""The steps that a device which is new to the records has gone."""

_PADS = {"pads_kind": "kind", "pads_expires_on": "expires_on", "pads_lot": "lot", "pads_fitted_on": "fitted_on"}
_CHILD = {"child_pads_expires_on": "expires_on", "child_pads_lot": "lot", "child_pads_fitted_on": "fitted_on"}
_BATTERY = {"battery_expires_on": "expires_on", "battery_kind": "kind", "battery_lot": "lot",
            "battery_installed_on": "installed_on"}  # fmt: skip


def _load(work: Work, within: Within) -> list[Any]:
    devices = pick_devices(work.session, Filter(sites=within, devices=None if within is None else work.devices))
    pads = select(Pads).where(Pads.removed_on.is_(None)).order_by(Pads.id)
    batteries = select(Battery).where(Battery.removed_on.is_(None)).order_by(Battery.id)
    work.parts["pads"] = grouped(work.session.scalars(pads), "device_id")
    work.parts["batteries"] = grouped(work.session.scalars(batteries), "device_id")
    steps = (
        select(DeviceStep).where(DeviceStep.status.in_(("missing", "retired"))).order_by(DeviceStep.at, DeviceStep.id)
    )
    work.parts["reasons"] = {one.device_id: one.reason for one in work.session.scalars(steps)}
    sites = work.session.execute(select(Site.id, Site.lon, Site.lat))
    work.parts["places"] = {row.id: (row.lon, row.lat) for row in sites}
    return devices


def _parts(work: Work, device_id: str) -> tuple[Any, Any, Any, list[Any]]:
    """The pads, child pads and battery fitted last, and the spare pads."""
    pads = work.parts["pads"].get(device_id, [])
    fitted = [one for one in pads if not one.spare]
    adult, child = [one for one in fitted if one.kind != "child"], [one for one in fitted if one.kind == "child"]
    batteries = work.parts["batteries"].get(device_id, [])
    last = [rows[-1] if rows else None for rows in (adult, child, batteries)]
    return last[0], last[1], last[2], [one for one in pads if one.spare]


def _read(work: Work, device: Any) -> Values:
    values = read_plain(device, _DEVICE)
    adult, child, battery, spares = _parts(work, device.id)
    for part, fields in ((adult, _PADS), (child, _CHILD), (battery, _BATTERY)):
        values |= {name: getattr(part, field) if part else None for name, field in fields.items()}
    if device.status in ("missing", "retired"):
        values["out_of_service_reason"] = work.parts["reasons"].get(device.id, "")
    values["spare_pads"] = sorted(map(_spare, spares), key=_order)
    own = device.coordinate_source is not None
    as_site = not own and (device.lon, device.lat) == work.parts["places"].get(device.site_id, (None, None))
    return values | ({} if as_site else place_of(device))


def _spare(pads: Any) -> Spare:
    return Spare(pads.kind == "child", pads.expires_on, pads.lot)


def _order(spare: Spare) -> tuple[bool, dt.date, str]:
    return spare.child, spare.expires_on or dt.date.max, spare.lot


def _write(work: Work, device: Any, values: Values) -> Any:
    if device is None:
        device = _add(work.session, values)
    else:
        _change(work, device, values)
    adult, child, battery, spares = _parts(work, device.id)
    for part, fields, kind in ((adult, _PADS, "adult"), (child, _CHILD, "child")):
        given = {field: values[name] for name, field in fields.items() if name in values}
        _fit(work.session, part, given, "fitted_on", _pads_maker(device.id, kind))
    given = {field: values[name] for name, field in _BATTERY.items() if name in values}
    _fit(work.session, battery, given, "installed_on", _battery_maker(device.id))
    if "spare_pads" in values:
        _lay_by(work.session, device.id, spares, values["spare_pads"] or [])
    return device


def _add(session: RecordSession, values: Values) -> Device:
    status = values.get("status") or "planned"
    fields = {name: value for name, value in plain(Device, values).items() if name not in ("status", *_STEPS[2:])}
    device = Device(**fields)
    add_device(session, device, position_of(values, {}))
    for one in WAY[status]:
        reason = values.get("out_of_service_reason") or ""
        step(session, device, one, at=session.by.at, reason=reason if one == status else "")
    return device


def _change(work: Work, device: Any, values: Values) -> None:
    """Another site is a move, another status a step; each by its own rule."""
    session = work.session
    if values.get("site_id", device.site_id) != device.site_id:
        if values["site_id"] is None:
            raise CellError("不能清空点位", "the site cannot be emptied")
        move(session, device, values["site_id"], position_of(values, {}))
    elif moves(values):
        put(device, position_of(values, place_of(device)))
    status = values.get("status") or device.status
    if status != device.status:
        way = WAY[status] if device.status == "planned" and status not in AFTER["planned"] else (status,)
        reason = values.get("out_of_service_reason") or ""
        for one in way:
            step(session, device, one, at=session.by.at, reason=reason if one == status else "")
    elif "out_of_service_reason" in values:
        if status != "out_of_service":
            raise CellError("原因只能随状态一起改", "the reason changes with the status only")
        change(session, device, plain(Device, {"out_of_service_reason": values["out_of_service_reason"]}))
    change(session, device, {name: v for name, v in plain(Device, values).items() if name not in _STEPS})


def _fit(session: RecordSession, part: Any, given: Values, day: str, make: Callable[[Values], Pads | Battery]) -> None:
    """A part that is new, or fitted on another day, takes the place of the one before; else what is known is corrected."""
    known = {name: value for name, value in given.items() if value is not None}
    if part is None and not known:
        return
    if part is None:
        add(session, make(known))
    elif known.get(day) is not None and getattr(part, day) not in (None, known[day]):
        made = make(known)
        if isinstance(made, Pads):
            fit_pads(session, made)
        else:
            fit_battery(session, made)
    else:
        change(session, part, plain(type(part), given))


def _pads_maker(device_id: str, kind: str) -> Callable[[Values], Pads | Battery]:
    return lambda fields: Pads(device_id=device_id, **{"kind": kind} | fields)


def _battery_maker(device_id: str) -> Callable[[Values], Pads | Battery]:
    return lambda fields: Battery(device_id=device_id, **fields)


def _lay_by(session: RecordSession, device_id: str, there: list[Any], wanted: list[Spare]) -> None:
    """Make these and no others the spare pads beside a device."""
    left = list(wanted)
    for pads in there:
        if _spare(pads) in left:
            left.remove(_spare(pads))
        else:
            change(session, pads, {"removed_on": day_of(session.by.at)})
    for spare in left:
        kind = "child" if spare.child else "adult"
        add(session, Pads(device_id=device_id, kind=kind, spare=True, expires_on=spare.expires_on, lot=spare.lot))


def _keys(values: Values) -> list[Any]:
    """The code; without one the serial number; without both the very place."""
    code, serial, place = values.get("public_code"), values.get("serial"), values.get("location_text")
    known = {"code": code, "serial": serial, "place": place and values.get("site_id") and (values["site_id"], place)}
    return [(what, one) for what, one in known.items() if one]


def _label(values: Values) -> str:
    return next((values[name] for name in ("public_code", "serial", "location_text") if values.get(name)), "")


DEVICES = Subject(_load, _read, _keys, _write, _label)
