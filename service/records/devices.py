"""Devices: their codes, the steps of their life, where they hang, their pads and batteries."""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from ..errors import ServiceError
from ..facts import Lifecycle
from ..history import RecordSession
from ..tables import Battery, Device, DeviceStep, Funding, Pads, Site
from . import FEW, add, change, find, refuse
from .positions import Position, put

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O, which are misread on a label."""

CODE_LENGTH = 6
AFTER: dict[Lifecycle, tuple[Lifecycle, ...]] = {
    "planned": ("installed", "retired"),
    "installed": ("active", "out_of_service", "in_use", "missing", "retired"),
    "active": ("out_of_service", "in_use", "missing", "retired"),
    "out_of_service": ("installed", "active", "in_use", "missing", "retired"),
    "in_use": ("active", "out_of_service", "missing", "retired"),
    "missing": ("installed", "active", "out_of_service", "retired"),
    "retired": (),
}
"""Which steps of a device's life may follow which."""


@dataclass(frozen=True)
class Filter:
    """Which devices; "" and None: any. `sites` and `devices`: only what hangs there, and these."""

    sites: frozenset[str] | None = None
    devices: frozenset[str] | None = None
    status: str = ""
    admin_code: str = ""
    site_id: str = ""


def new_code(rng: np.random.Generator | None = None) -> str:
    """A code for a device: five characters, which nobody can guess unless they are drawn by `rng`, and a check character."""
    draw = secrets.choice if rng is None else lambda letters: letters[int(rng.integers(len(letters)))]
    code = "".join(draw(ALPHABET) for _ in range(CODE_LENGTH - 1))
    return code + _check_character(code)


def code_holds(code: str) -> bool:
    """Whether a code was typed without a slip: one wrong character, or two neighbours swapped, are noticed.

    >>> code = new_code()
    >>> code_holds(code), code_holds(("B" if code[0] == "A" else "A") + code[1:])
    (True, False)
    """
    known = len(code) == CODE_LENGTH and all(character in ALPHABET for character in code)
    return known and code[-1] == _check_character(code[:-1])


def _check_character(code: str) -> str:
    """Weighted sum modulo the 31 characters, a prime, as ISBN-10 does with 11."""
    return ALPHABET[sum((place + 2) * ALPHABET.index(c) for place, c in enumerate(code)) % len(ALPHABET)]


def add_device(session: RecordSession, device: Device, position: Position | None) -> Device:
    """Add a device; without a code it gets one, without a position that of its site."""
    if not device.public_code:
        device.public_code = _free_code(session)
    put(device, position)
    if position is None and device.site_id is not None:
        site = find(session, Site, device.site_id)
        device.lon, device.lat = site.lon, site.lat
    device.status = device.status or "planned"
    add(session, device)
    add(session, DeviceStep(device_id=device.id, at=session.by.at, status=device.status, reason=""))
    return device


def _free_code(session: Session) -> str:
    """A code that no device has: among 500 one new device in 57,000 draws one that is taken."""
    while session.scalar(select(Device.id).where(Device.public_code == (code := new_code()))) is not None:
        pass
    return code


def step(session: RecordSession, device: Device, status: Lifecycle, *, at: dt.datetime, reason: str = "") -> Device:
    """Take a device a step further in its life, from an instant on.

    Raises ServiceError 409 when that step cannot follow, 422 when a reason is missing or the instant is not yet.
    """
    if status not in AFTER[device.status]:
        zh = f"设备现为 {device.status}，不能改为 {status}。"
        raise ServiceError(409, zh, f"The device is {device.status}; it cannot become {status}.")
    if at > session.by.at:
        refuse([("日期在将来", "the instant lies in the future")])
    if status in ("out_of_service", "missing", "retired") and not reason.strip():
        refuse([("请写明原因", "a reason is needed")])
    device.status = status
    device.out_of_service_reason = reason if status == "out_of_service" else ""
    add(session, DeviceStep(device_id=device.id, at=at, status=status, reason=reason))
    _stand(session, device)
    return device


def _stand(session: RecordSession, device: Device) -> None:
    """A site at which a device hangs is no longer only proposed or agreed."""
    if device.status not in ("planned", "retired") and device.site_id is not None:
        site = find(session, Site, device.site_id)
        if site.stage in ("proposed", "agreed"):
            change(session, site, {"stage": "standing"})


def list_steps(session: Session, device_id: str) -> list[DeviceStep]:
    """The steps of a device's life in order of when they took effect."""
    query = select(DeviceStep).where(DeviceStep.device_id == device_id)
    return list(session.scalars(query.order_by(DeviceStep.at, DeviceStep.id)))


def move(session: RecordSession, device: Device, site_id: str, position: Position | None) -> Device:
    """Hang a device elsewhere; where it hung before stays in the log."""
    site = find(session, Site, site_id)
    device.site_id = site.id
    put(device, position)
    if position is None:
        device.lon, device.lat = site.lon, site.lat
    session.flush()
    _stand(session, device)
    return device


def fit_pads(session: RecordSession, pads: Pads) -> Pads:
    """Put pads into a device; those of the same kind that were in it are out."""
    pads.kind = pads.kind or "adult"  # the table's default comes only when they are written
    if not pads.spare:
        before = select(Pads).where(Pads.device_id == pads.device_id, Pads.kind == pads.kind, ~Pads.spare)
        for old in session.scalars(before.where(Pads.removed_on.is_(None))):
            old.removed_on = pads.fitted_on
    return add(session, pads)


def fit_battery(session: RecordSession, battery: Battery) -> Battery:
    """Put a battery into a device; the one that was in it is out."""
    before = select(Battery).where(Battery.device_id == battery.device_id, Battery.removed_on.is_(None))
    for old in session.scalars(before):
        old.removed_on = battery.installed_on
    return add(session, battery)


def correct_part(session: RecordSession, device: Device, part_id: str, values: Mapping[str, Any]) -> None:
    """Correct what is noted of a device's pads or battery.

    Raises ServiceError 404 when the device has no such part.
    """
    part = session.get(Pads, part_id) or session.get(Battery, part_id)
    if part is None or part.device_id != device.id:
        raise ServiceError(404, "这台设备没有这个部件。", "The device has no such part.")
    change(session, part, values)


def add_funding(session: RecordSession, funding: Funding) -> Funding:
    """Note who paid for a device."""
    return add(session, funding)


def list_funding(session: Session, device_id: str = "") -> list[Funding]:
    """Who paid for devices, or for one, oldest first."""
    query = select(Funding).order_by(Funding.paid_on, Funding.id)
    return list(session.scalars(query.where(Funding.device_id == device_id) if device_id else query))


def find_device(session: Session, device_id: str) -> Device:
    """A device with its site and parts.

    Raises ServiceError 404 when there is none.
    """
    found = session.scalar(_with_parts(select(Device).where(Device.id == device_id)))
    return found if found is not None else find(session, Device, device_id)


def pick_devices(session: Session, which: Filter) -> list[Device]:
    """Devices by code, without their parts."""
    return list(session.scalars(_filtered(select(Device), which)))


def list_devices(session: Session, which: Filter, names: Sequence[str]) -> list[dict[str, Any]]:
    """Devices by code as plain values: a list of many is made ten times as fast as from records.

    names  the columns wanted; `site_name`, and the `pads` and `batteries` that are in it or beside it, come with them
    """
    columns = [getattr(Device, name) for name in names]
    query = select(Device.id.label("_id"), Site.name.label("site_name"), *columns)
    rows = session.execute(_filtered(query.join(Site, Device.site_id == Site.id, isouter=True), which)).all()
    few = [row[0] for row in rows]
    pads, batteries = _parts_in(session, Pads, few), _parts_in(session, Battery, few)
    return [
        {
            **dict(zip(names, values, strict=True)),
            "site_name": site_name or "",
            "pads": pads.get(id_, []),
            "batteries": batteries.get(id_, []),
        }
        for id_, site_name, *values in rows
    ]


def _parts_in(session: Session, table: type[Pads] | type[Battery], devices: list[str]) -> dict[str, list[Any]]:
    columns = [column for column in table.__table__.columns if column.name not in ("version", "opened_on")]
    query = select(*columns).where(table.removed_on.is_(None)).order_by(table.id)
    if len(devices) <= FEW:
        query = query.where(table.device_id.in_(devices))
    found: dict[str, list[Any]] = {}
    rows = session.execute(query)
    names = tuple(rows.keys())
    for row in rows:
        part = dict(zip(names, row, strict=True))
        found.setdefault(part.pop("device_id"), []).append(part)
    return found


def _filtered(query: Select[Any], which: Filter) -> Select[Any]:
    query = query.order_by(Device.public_code)
    if which.sites is not None or which.devices is not None:
        query = query.where(Device.site_id.in_(which.sites or ()) | Device.id.in_(which.devices or ()))
    if which.status:
        query = query.where(Device.status == which.status)
    if which.site_id:
        query = query.where(Device.site_id == which.site_id)
    if which.admin_code:
        inside = select(Site.id).where(Site.admin_code.startswith(which.admin_code, autoescape=True))
        query = query.where(Device.site_id.in_(inside))
    return query


def _with_parts(query: Select[Device]) -> Select[Device]:
    parts = (selectinload(Device.site), selectinload(Device.pads), selectinload(Device.batteries))
    return query.options(*parts).execution_options(populate_existing=True)
