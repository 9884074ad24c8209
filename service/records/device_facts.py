"""What readiness follows from, read from the records: a few questions for any number of devices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import facts
from ..tables import (
    Battery,
    Defect,
    Device,
    DeviceStep,
    Incident,
    Inspection,
    InspectionReview,
    Pads,
    PublicReport,
    Site,
)

CHECKS = 40
"""So many of a device's newest inspections are looked at; the norms ask for fewer between two complete ones."""

_PADS: Mapping[str, Literal["pads_adult", "pads_child"]] = {
    "adult": "pads_adult", "universal": "pads_adult", "child": "pads_child",
}  # fmt: skip


def facts_of(session: Session, devices: list[Device]) -> list[facts.DeviceFacts]:
    """The facts of each device, in the order given."""
    ids = [device.id for device in devices]
    names = {row.id: row.name for row in session.execute(select(Site.id, Site.name))}
    found = {
        "statuses": _by_device(_all(session, DeviceStep, ids), _status),
        "parts": _by_device([*_all(session, Pads, ids), *_all(session, Battery, ids)], _part),
        "checks": _checks(session, ids),
        "defects": _by_device(_all(session, Defect, ids), _defect),
        "uses": _by_device(_all(session, Incident, ids), lambda incident: facts.Use(incident.at)),
        "reports": _by_device(_all(session, PublicReport, ids), _report),
    }
    return [
        facts.DeviceFacts(
            id=device.id,
            name=names.get(device.site_id or "", ""),
            installed_on=device.installed_on,
            cabinet_access=device.cabinet_access,
            body_ends_on=device.body_expires_on,
            **{field: tuple(rows[device.id]) for field, rows in found.items()},  # type: ignore[arg-type]
        )
        for device in devices
    ]


def _all(session: Session, table: Any, ids: list[str]) -> Iterable[Any]:
    return session.scalars(select(table).where(table.device_id.in_(ids)).order_by(table.id))


def _by_device(rows: Iterable[Any], make: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.device_id].append(make(row))
    return found


def _checks(session: Session, ids: list[str]) -> dict[str, list[facts.Check]]:
    """The newest checks of each device, oldest first; of a check's reviews the newest counts."""
    states = _states(session, ids)
    columns = (Inspection.id, Inspection.at, Inspection.kind, Inspection.items)
    found = {}
    for device in ids:
        newest = select(*columns).where(Inspection.device_id == device).order_by(Inspection.at.desc()).limit(CHECKS)
        checks = [
            facts.Check(row.at, row.kind, _results(row.items), states.get(row.id) == "rejected")
            for row in session.execute(newest)
        ]
        found[device] = checks[::-1]
    return found


def _states(session: Session, ids: list[str]) -> dict[str, str]:
    """What the newest review of each inspection says."""
    query = select(InspectionReview.inspection_id, InspectionReview.state).join(
        Inspection, InspectionReview.inspection_id == Inspection.id
    )
    ordered = query.where(Inspection.device_id.in_(ids)).order_by(InspectionReview.at, InspectionReview.id)
    return {row.inspection_id: row.state for row in session.execute(ordered)}


def _results(items: dict[str, Any]) -> dict[str, facts.Result]:
    return {name: item["result"] for name, item in items.items()}


def _status(step: DeviceStep) -> facts.Status:
    return facts.Status(step.at, step.status)


def _part(part: Pads | Battery) -> facts.Part:
    pads = isinstance(part, Pads)
    return facts.Part(
        kind=_PADS[part.kind] if pads else "battery",
        expires_on=part.expires_on,
        spare=part.spare if isinstance(part, Pads) else False,
        fitted_on=part.fitted_on if isinstance(part, Pads) else part.installed_on,
        removed_on=part.removed_on,
        lot=part.lot,
    )


def _defect(defect: Defect) -> facts.Defect:
    return facts.Defect(defect.id, defect.item, defect.severity, defect.found_at, defect.due_on, defect.done_at)


def _report(report: PublicReport) -> facts.Report:
    return facts.Report(report.kind, report.at, report.reporter, report.handled_at)
