"""What readiness follows from, read from the records: a few questions for any number of devices.

`facts_of` reads what still matters today and later: open defects, parts that are in, the last look at each item (kept in
looks.py). `all_facts_of` reads everything, for the past.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import facts
from ..looks import as_checks, checks_since, read_checks, read_looks
from ..tables import Battery, Defect, Device, DeviceStep, Incident, Pads, PublicReport, Site
from . import FEW
from .reports import OPEN

_PADS: Mapping[str, facts.PartKind] = {
    "adult": "pads_adult", "universal": "pads_universal", "child": "pads_child",
}  # fmt: skip
_Made = TypeVar("_Made")
_Read = dict[str, list[_Made]]


def facts_of(session: Session, devices: list[Device]) -> list[facts.DeviceFacts]:
    """All that readiness follows from, today and on any later day, of each device in the order given."""
    ids = [device.id for device in devices]
    looks = read_looks(session.connection(), ids)
    return _facts(
        session,
        devices,
        checks={device: list(as_checks(seen)) for device, seen in looks.items()},
        parts=_parts(session, ids, Pads.removed_on.is_(None), Battery.removed_on.is_(None)),
        defects=_defects(session, ids, Defect.done_at.is_(None)),
        reports=_reports(session, ids, PublicReport.state.in_(OPEN)),
    )


def all_facts_of(
    session: Session, devices: list[Device], *, since: dt.datetime | None = None
) -> list[facts.DeviceFacts]:
    """All that the records hold of each device, in the order given: with `as_known` what was true on any day.

    since  of the checks only those that count from this instant on
    """
    ids = [device.id for device in devices]
    connection = session.connection()
    return _facts(
        session,
        devices,
        checks={device: list(checks_since(read_checks(connection, device), since))[::-1] for device in ids},
        parts=_parts(session, ids),
        defects=_defects(session, ids),
        reports=_reports(session, ids),
    )


def _facts(session: Session, devices: list[Device], **read: _Read[Any]) -> list[facts.DeviceFacts]:
    ids = [device.id for device in devices]
    read |= {"statuses": _statuses(session, ids), "uses": _uses(session, ids)}
    names = {row.id: row.name for row in session.execute(select(Site.id, Site.name))}
    return [
        facts.DeviceFacts(
            id=device.id,
            name=names.get(device.site_id or "", ""),
            installed_on=device.installed_on,
            cabinet_access=device.cabinet_access,
            body_ends_on=device.body_expires_on,
            **{field: tuple(rows.get(device.id, ())) for field, rows in read.items()},  # type: ignore[arg-type]
        )
        for device in devices
    ]


def _rows(session: Session, table: Any, ids: list[str], *where: ColumnElement[bool], names: str) -> Iterable[Any]:
    """Some columns of the rows of some devices, in the order of their ids."""
    query = select(table.device_id, *(getattr(table, name) for name in names.split())).where(*where).order_by(table.id)
    return session.execute(query.where(table.device_id.in_(ids)) if len(ids) <= FEW else query)


def _by_device(rows: Iterable[Any], make: Callable[[Any], _Made]) -> _Read[_Made]:
    found: _Read[_Made] = defaultdict(list)
    for row in rows:
        found[row.device_id].append(make(row))
    return found


def _statuses(session: Session, ids: list[str]) -> _Read[facts.Status]:
    rows = _rows(session, DeviceStep, ids, names="at status")
    return _by_device(rows, lambda row: facts.Status(row.at, row.status))


def _uses(session: Session, ids: list[str]) -> _Read[facts.Use]:
    return _by_device(_rows(session, Incident, ids, names="at"), lambda row: facts.Use(row.at))


def _parts(session: Session, ids: list[str], *where: ColumnElement[bool]) -> _Read[facts.Part]:
    pads_where, battery_where = where[:1], where[1:]
    pads = _rows(session, Pads, ids, *pads_where, names="id kind lot expires_on fitted_on removed_on spare")
    batteries = _rows(session, Battery, ids, *battery_where, names="id lot expires_on installed_on removed_on")
    found = _by_device(pads, _pads)
    for device, more in _by_device(batteries, _battery).items():
        found[device] += more
    return found


def _pads(row: Any) -> facts.Part:
    return facts.Part(_PADS[row.kind], row.expires_on, row.spare, row.fitted_on, row.removed_on, row.lot, row.id)


def _battery(row: Any) -> facts.Part:
    return facts.Part("battery", row.expires_on, False, row.installed_on, row.removed_on, row.lot, row.id)


def _defects(session: Session, ids: list[str], *where: ColumnElement[bool]) -> _Read[facts.Defect]:
    rows = _rows(session, Defect, ids, *where, names="id item severity found_at due_on done_at")
    return _by_device(
        rows, lambda row: facts.Defect(row.id, row.item, row.severity, row.found_at, row.due_on, row.done_at)
    )


def _reports(session: Session, ids: list[str], *where: ColumnElement[bool]) -> _Read[facts.Report]:
    """Reports that name a device; one that the office has confirmed stays open until it is done."""
    rows = _rows(
        session, PublicReport, ids, PublicReport.device_id.is_not(None), *where,
        names="kind at reporter state handled_at",
    )  # fmt: skip
    return _by_device(
        rows,
        lambda row: facts.Report(row.kind, row.at, row.reporter, None if row.state in OPEN else row.handled_at),
    )
