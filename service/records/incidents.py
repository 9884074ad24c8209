"""Uses of a device: it is out until somebody has checked it. Nothing tells who the patient was."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..tables import Device, Incident
from . import Fault, add, change, find, refuse
from .devices import AFTER, step

ORDER = ("collapse_at", "fetch_start_at", "aed_arrive_at", "first_shock_at")
"""What cannot have happened in another order."""


def add_incident(session: RecordSession, incident: Incident) -> Incident:
    """Note a use; its device is in use from then on, until it is returned to service.

    Raises ServiceError 422 when the times cannot be.
    """
    refuse(_faults(incident, session.by.at))
    add(session, incident)
    if incident.device_id is not None and incident.returned_to_service_at is None:
        device = find(session, Device, incident.device_id)
        if "in_use" in AFTER[device.status]:
            step(session, device, "in_use", at=incident.at, reason="incident")
    return incident


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
