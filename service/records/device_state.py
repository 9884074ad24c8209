"""A device as the inspection form knows it: what it is fitted with and which values are on record, now or at an instant.

The records hold what is known today. How they stood when a check was made follows from the log, and from the checks made
before it that had not arrived yet.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..inspections.form import DeviceState
from ..inspections.rules import Correction, Made, state_at
from ..inspections.sheets import from_json
from ..tables import Battery, Change, Defect, Device, Inspection, Pads, Site
from . import FEW, change

Fields = Mapping[str, Any]
Found = tuple[Fields, list[Fields], list[Fields]]
"""A device, its pads and its batteries, each as its fields at one instant."""


def device_state(session: Session, device: Device, *, before: dt.datetime | None = None) -> DeviceState:
    """The device as it is known, or as it was known just before an instant."""
    fields, pads, batteries = _found(session, device, before)
    base = _state(fields, pads, batteries, {})
    known = base if before is None else state_at(base, _not_yet_here(session, device.id, before), before=before)
    return replace(known, open={item: row.due_on for item, row in open_defects(session, device.id, before).items()})


def device_states(session: Session, devices: list[Device]) -> list[DeviceState]:
    """The devices as they are known now, in the order given: a few questions for any number of them."""
    ids = [device.id for device in devices]
    pads, batteries, defects = (_by_device(session, table, ids) for table in (Pads, Battery, Defect))
    hours = {row.id: row.opening_hours for row in session.execute(select(Site.id, Site.opening_hours))}
    return [
        _state(
            {**_plain(device), "opening_hours": device.opening_hours or hours.get(device.site_id or "", "")},
            pads.get(device.id, []),
            batteries.get(device.id, []),
            {one["item"]: one["due_on"] for one in defects.get(device.id, []) if one["done_at"] is None},
        )
        for device in devices
    ]


def _by_device(session: Session, table: type[Any], ids: list[str]) -> dict[str, list[Fields]]:
    query = select(*table.__table__.columns).order_by(table.found_at if table is Defect else table.id, table.id)
    found: dict[str, list[Fields]] = {}
    for row in session.execute(query.where(table.device_id.in_(ids)) if len(ids) <= FEW else query).mappings():
        found.setdefault(row["device_id"], []).append(dict(row))
    return found


def _state(
    fields: Fields, pads: list[Fields], batteries: list[Fields], open_: Mapping[str, dt.date | None]
) -> DeviceState:
    has, values = _has(fields, pads), _values(fields, pads, batteries)
    return DeviceState(fields["id"], has, values, open_, fields["lon"], fields["lat"])


def open_defects(session: Session, device_id: str, before: dt.datetime | None = None) -> dict[str, Defect]:
    """Defects that were open just before an instant, or are now, by item."""
    query = select(Defect).where(Defect.device_id == device_id).order_by(Defect.found_at, Defect.id)
    if before is None:
        query = query.where(Defect.done_at.is_(None))
    else:
        query = query.where(Defect.found_at < before, (Defect.done_at.is_(None)) | (Defect.done_at >= before))
    return {defect.item: defect for defect in session.scalars(query)}


def _found(session: Session, device: Device, before: dt.datetime | None) -> Found:
    pads = list(session.scalars(select(Pads).where(Pads.device_id == device.id).order_by(Pads.id)))
    batteries = list(session.scalars(select(Battery).where(Battery.device_id == device.id).order_by(Battery.id)))
    past = _past(session, [device.id, *(row.id for row in (*pads, *batteries))], before) if before else {}
    fields = [_fields(row, past.get(row.id)) for row in (device, *pads, *batteries)]
    own = dict(fields[0] or _plain(device))
    if not own["opening_hours"] and device.site_id is not None:
        own["opening_hours"] = session.scalar(select(Site.opening_hours).where(Site.id == device.site_id)) or ""
    return (
        own,
        [one for one in fields[1 : 1 + len(pads)] if one is not None],
        [one for one in fields[1 + len(pads) :] if one is not None],
    )


def _past(session: Session, ids: list[str], before: dt.datetime) -> dict[str, list[Change]]:
    """What changed from an instant on, newest first, by record."""
    query = select(Change).where(Change.kind.in_(("device", "pads", "battery")), Change.record_id.in_(ids))
    found: dict[str, list[Change]] = {}
    for line in session.scalars(query.where(Change.at >= before).order_by(Change.at.desc(), Change.id.desc())):
        found.setdefault(line.record_id, []).append(line)
    return found


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__mapper__.column_attrs.keys()}  # noqa: SIM118  no dict


def _fields(row: Any, changes: list[Change] | None) -> Fields | None:
    """A record's fields before some changes; None when it was added by one of them."""
    fields = _plain(row)
    for line in changes or ():
        if line.verb == "add":
            return None
        fields |= line.before
    return fields


def _has(device: Fields, pads: list[Fields]) -> frozenset[str]:
    """What `when` in the form may name."""
    there = {
        "pads_child": any(p["kind"] == "child" and not p["spare"] and p["removed_on"] is None for p in pads),
        "spare_pads": any(p["spare"] and p["removed_on"] is None for p in pads),
        "cabinet_alarm": device["cabinet_access"] == "alarm" or "alarm" in (device["accessories"] or ()),
        "cabinet_power": bool(device["cabinet_power"]),
        "remote_monitor": bool(device["remote_monitor_id"]),
    }
    return frozenset(name for name, is_there in there.items() if is_there)


def _values(device: Fields, pads: list[Fields], batteries: list[Fields]) -> dict[str, str]:
    fitted = [p for p in pads if p["removed_on"] is None]
    values = {
        "pads_adult_expiry": _expiry([p for p in fitted if not p["spare"] and p["kind"] != "child"]),
        "pads_child_expiry": _expiry([p for p in fitted if not p["spare"] and p["kind"] == "child"]),
        "spare_pads": _expiry([p for p in fitted if p["spare"]]),
        "battery_expiry": _expiry([b for b in batteries if b["removed_on"] is None]),
        "cabinet_opens": device["cabinet_access"],
        "opening_hours_true": device["opening_hours"],
        "location_true": device["location_text"],
    }
    return {item: value for item, value in values.items() if value}


def _expiry(parts: list[Fields]) -> str:
    """The day of the part that was fitted last, as the form writes it."""
    day = parts[-1]["expires_on"] if parts else None
    return str(day) if day else ""


def _not_yet_here(session: Session, device_id: str, before: dt.datetime) -> list[Made]:
    """Checks made before an instant that came after it."""
    query = select(Inspection).where(Inspection.device_id == device_id)
    late = session.scalars(query.where(Inspection.at < before, Inspection.received_at >= before))
    return [Made(one.client_uuid, one.at, from_json(one.items)) for one in late]


def correct(session: RecordSession, device: Device, found: Correction) -> None:
    """Put the value that a check found into the records."""
    table, field = found.carries.split(".")
    if table == "device":
        change(session, device, {field: found.after})
        return
    expires_on = dt.date.fromisoformat(found.after)
    query = _PARTS[table](device.id)
    part = session.scalars(query).first()
    if part is not None:
        change(session, part, {"expires_on": expires_on})
    elif table == "battery":
        session.add(Battery(device_id=device.id, expires_on=expires_on))
    else:
        kind = "child" if table == "pads_child" else "adult"
        session.add(Pads(device_id=device.id, kind=kind, spare=table == "spare_pads", expires_on=expires_on))
    session.flush()


def _pads(device_id: str, *, spare: bool) -> Any:
    query = select(Pads).where(Pads.device_id == device_id, Pads.removed_on.is_(None), Pads.spare == spare)
    return query.order_by(Pads.id.desc())


_PARTS = {
    "pads_adult": lambda device_id: _pads(device_id, spare=False).where(Pads.kind != "child"),
    "pads_child": lambda device_id: _pads(device_id, spare=False).where(Pads.kind == "child"),
    "spare_pads": lambda device_id: _pads(device_id, spare=True),
    "battery": lambda device_id: (
        select(Battery).where(Battery.device_id == device_id, Battery.removed_on.is_(None)).order_by(Battery.id.desc())
    ),
}
"""The parts that a value is of, the one fitted last first."""
