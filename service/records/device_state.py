"""A device as the inspection form knows it: what it is fitted with and which values are on record, now or at an instant.

The records hold what is known today. How they stood when a check was made follows from the log, and from the checks made
before it that had not arrived yet.

Statements asked with every check are made once: making one costs more than asking it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, bindparam, literal, null, select, union_all
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


def device_state(session: Session, device: Device) -> DeviceState:
    """The device as it is known."""
    fields, pads, batteries = _found(session, device, None)
    defects = session.scalars(_OPEN_DEFECTS, {"device_id": device.id})
    return _state(fields, pads, batteries, {defect.item: defect.due_on for defect in defects})


_OPEN_DEFECTS = (
    select(Defect)
    .where(Defect.device_id == bindparam("device_id"), Defect.done_at.is_(None))
    .order_by(Defect.found_at, Defect.id)
)


@dataclass(frozen=True)
class Since:
    """What is on record of a device's checks from an instant on.

    checks   those that came from then on, in the order in which they were made; some may have been made before
    defects  those that were open just before, and those found from then on, oldest first
    known    the check that is kept under the client id of the one that has come now, whenever and of whatever device
    """

    at: dt.datetime
    checks: list[Inspection]
    defects: list[Defect]
    known: Inspection | None

    @property
    def newer(self) -> list[Inspection]:
        """The checks made from the instant on."""
        return [check for check in self.checks if check.at >= self.at]

    @property
    def open_then(self) -> dict[str, Defect]:
        """The defects that were open just before, by item."""
        return {defect.item: defect for defect in self.defects if defect.found_at < self.at}

    @property
    def later(self) -> list[Defect]:
        """The defects found from the instant on."""
        return [defect for defect in self.defects if defect.found_at >= self.at]


def read_since(session: Session, device_id: str, at: dt.datetime, client_uuid: str) -> Since:
    """What is on record of a device's checks from an instant on, and of the client id of a check that has come."""
    asked = {"device_id": device_id, "at": at}
    checks = list(session.scalars(_CHECKS_SINCE, asked | {"client_uuid": client_uuid}))
    defects = list(session.scalars(_DEFECTS_SINCE, asked))
    known = next((check for check in checks if check.client_uuid == client_uuid), None)
    return Since(at, [check for check in checks if check is not known], defects, known)


# no check is made after it came (see inspections.rules), so that these are also all that were made from then on
_CHECKS_SINCE = (
    select(Inspection)
    .where(
        ((Inspection.device_id == bindparam("device_id")) & (Inspection.received_at >= bindparam("at")))
        | (Inspection.client_uuid == bindparam("client_uuid"))
    )
    .order_by(Inspection.at, Inspection.id)
)
_DEFECTS_SINCE = (
    select(Defect)
    .where(Defect.device_id == bindparam("device_id"))
    .where(Defect.done_at.is_(None) | (Defect.done_at >= bindparam("at")) | (Defect.found_at >= bindparam("at")))
    .order_by(Defect.found_at, Defect.id)
)


def state_before(session: Session, device: Device, since: Since) -> DeviceState:
    """The device as it was known just before an instant."""
    fields, pads, batteries = _found(session, device, since.at)
    late = [Made(one.client_uuid, one.at, from_json(one.items)) for one in since.checks if one.at < since.at]
    known = state_at(_state(fields, pads, batteries, {}), late, before=since.at)
    return replace(known, open={item: defect.due_on for item, defect in since.open_then.items()})


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


def _found(session: Session, device: Device, before: dt.datetime | None) -> Found:
    parts = [dict(row) for row in session.execute(_ALL_PARTS, {"device_id": device.id}).mappings()]
    rows = [_plain(device), *parts]
    past = _past(session, [row["id"] for row in rows], before) if before else {}
    fields = [_fields(row, past.get(row["id"])) for row in rows]
    own = dict(fields[0] or rows[0])
    if not own["opening_hours"] and device.site_id is not None:
        own["opening_hours"] = session.get_one(Site, device.site_id).opening_hours
    pads, batteries = ([one for one in fields[1:] if one and one["part"] == kind] for kind in ("pads", "battery"))
    return own, pads, batteries


def _parts(name: str, table: type[Pads] | type[Battery], *more: Any) -> Select[Any]:
    """A device's parts of a table: alike in all tables, so that all are one question."""
    query = select(literal(name).label("part"), table.id, *more, table.expires_on, table.removed_on)
    return query.where(table.device_id == bindparam("device_id"))


_ALL_PARTS = union_all(
    _parts("pads", Pads, Pads.kind, Pads.spare), _parts("battery", Battery, null(), null())
).order_by("id")
_CHANGES_SINCE = (
    select(Change)
    .where(Change.kind.in_(("device", "pads", "battery")), Change.record_id.in_(bindparam("ids", expanding=True)))
    .where(Change.at >= bindparam("at"))
    .order_by(Change.at.desc(), Change.id.desc())
)


def _past(session: Session, ids: list[str], before: dt.datetime) -> dict[str, list[Change]]:
    """What changed from an instant on, newest first, by record."""
    found: dict[str, list[Change]] = {}
    for line in session.scalars(_CHANGES_SINCE, {"ids": ids, "at": before}):
        found.setdefault(line.record_id, []).append(line)
    return found


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__mapper__.column_attrs.keys()}  # noqa: SIM118  no dict


def _fields(row: Fields, changes: list[Change] | None) -> Fields | None:
    """A record's fields before some changes; None when it was added by one of them."""
    fields = dict(row)
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
