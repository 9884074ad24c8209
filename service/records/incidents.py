"""Uses of a device: it is out until somebody has checked it. Nothing tells who the patient was."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..looks import read_looks
from ..ready.readiness import RELEASE
from ..tables import Device, Incident
from . import Fault, add, change, find, refuse
from .devices import AFTER, list_steps, step

ORDER = ("collapse_at", "fetch_start_at", "aed_arrive_at", "first_shock_at")
"""What cannot have happened in another order."""


def add_incident(session: RecordSession, incident: Incident) -> Incident:
    """Note a use; its device is in use from then on, until a check made after it finds the device in order.

    Raises ServiceError 422 when the times cannot be.
    """
    refuse(_faults(incident, session.by.at))
    if incident.device_id is not None and incident.returned_to_service_at is None:
        incident.returned_to_service_at = _found_in_order_at(session, incident.device_id, incident.at)
    add(session, incident)
    if incident.device_id is not None and incident.returned_to_service_at is None:
        device = find(session, Device, incident.device_id)
        if "in_use" in AFTER[device.status]:
            last = list_steps(session, device.id)[-1].at
            # told late, of a time before the last step: it is out from when we heard of it
            step(session, device, "in_use", at=incident.at if incident.at > last else session.by.at, reason="incident")
    return incident


def change_incident(session: RecordSession, incident: Incident, values: Mapping[str, Any]) -> Incident:
    """Add what became known later.

    Raises ServiceError 422 when the times cannot be, 409 when somebody was faster.
    """
    change(session, incident, values)
    refuse(_faults(incident, session.by.at))
    return incident


def release(session: RecordSession, device_id: str) -> None:
    """A device that was used hangs there again once checks have found it in order."""
    for incident in session.scalars(_OUT, {"device_id": device_id}):
        back_at = _found_in_order_at(session, device_id, incident.at)
        if back_at is not None:
            return_to_service(session, incident, back_at)


_OUT = select(Incident).where(Incident.device_id == bindparam("device_id"), Incident.returned_to_service_at.is_(None))


def _found_in_order_at(session: Session, device_id: str, used_at: dt.datetime) -> dt.datetime | None:
    """When all that must be in order after a use was last found so; None while it was not."""
    looks = read_looks(session.connection(), [device_id])[device_id]
    seen = [looks[item] for item in RELEASE if item in looks and looks[item][0] > used_at and looks[item][1] == "ok"]
    return max(at for at, _ in seen) if len(seen) == len(RELEASE) else None


def _faults(incident: Incident, now: dt.datetime) -> list[Fault]:
    times = [getattr(incident, name) for name in ORDER if getattr(incident, name) is not None]
    faults = []
    if times != sorted(times):
        faults.append(("各时刻先后不对", f"these must come in this order: {', '.join(ORDER)}"))
    if incident.at > now:
        faults.append(("时间在将来", "it lies in the future"))
    return faults


def return_to_service(session: RecordSession, incident: Incident, at: dt.datetime) -> Incident:
    """The device was checked and hangs there again.

    Raises ServiceError 422 when that lies before the incident.
    """
    if at < incident.at:
        refuse([("恢复时间早于事件时间", "it returned before it was used")])
    change(session, incident, {"returned_to_service_at": at})
    if incident.device_id is not None:
        device = find(session, Device, incident.device_id)
        if device.status == "in_use":
            step(session, device, "active", at=at)
    return incident


def list_incidents(session: Session, *, sites: frozenset[str] | None = None) -> list[Incident]:
    """Incidents, newest first; with `sites` only those there, or with a device from there."""
    query = select(Incident).order_by(Incident.at.desc(), Incident.id)
    if sites is not None:
        there = select(Device.id).where(Device.site_id.in_(sites))
        query = query.where(Incident.site_id.in_(sites) | Incident.device_id.in_(there))
    return list(session.scalars(query))
