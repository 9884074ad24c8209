"""Uses of devices: where, when, how fast, with what outcome. Nothing tells who the patient was."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..access import Thing, Verb, Who
from ..history import RecordSession
from ..records import find
from ..records.incidents import add_incident, change_incident, list_incidents
from ..tables import Device, Incident
from ..tables.events import Outcome, Rosc
from .asking import Asking, Db, own_sites, require
from .shapes import Instant, Key, Line, Shape, Text, refusals, shown

router = APIRouter(prefix="/api/v1/records/incidents", tags=["incidents"])
Degrees = Annotated[float, Field(ge=-180, le=180)]


class IncidentChange(Shape):
    """What is changed of a use; only what is named."""

    version: int | None = None
    place: Line = ""
    collapse_at: Instant | None = None
    call_120_at: Instant | None = None
    fetch_start_at: Instant | None = None
    aed_arrive_at: Instant | None = None
    first_shock_at: Instant | None = None
    ems_arrive_at: Instant | None = None
    shocks: Annotated[int, Field(ge=0, le=100)] | None = None
    rosc: Rosc = "unknown"
    outcome: Outcome = "unknown"
    consumables_used: Annotated[list[Line], Field(max_length=50)] | None = None
    debrief: Text = ""
    thanks: Text = ""


class IncidentIn(IncidentChange):
    """A use of a device; from then on the device is out until a check finds it in order."""

    at: Instant
    site_id: Key | None = None
    device_id: Key | None = None
    reported_by: Key | None = None
    lon: Degrees | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


class IncidentOut(IncidentIn):
    """A use as it is kept."""

    id: str
    returned_to_service_at: dt.datetime | None


@router.get("", responses=refusals())
def see_incidents(session: Db, who: Asking) -> list[IncidentOut]:
    """Uses, newest first; a manager's only those of own sites and devices."""
    return [shown(IncidentOut, one) for one in list_incidents(session, sites=own_sites(who, "see", "incident"))]


@router.get("/{incident_id}", responses=refusals(404))
def see_incident(incident_id: str, session: Db, who: Asking) -> IncidentOut:
    """One use."""
    return shown(IncidentOut, _found(session, who, "see", incident_id))


@router.post("", status_code=201, responses=refusals(404, 409))
def add(given: IncidentIn, session: Db, who: Asking) -> IncidentOut:
    """Note a use."""
    require(who, "add", *_things(session, given.site_id, given.device_id))
    return shown(IncidentOut, add_incident(session, Incident(**given.model_dump(exclude={"version"}))))


@router.patch("/{incident_id}", responses=refusals(404, 409))
def change(incident_id: str, given: IncidentChange, session: Db, who: Asking) -> IncidentOut:
    """Add what became known later."""
    incident = _found(session, who, "change", incident_id)
    return shown(IncidentOut, change_incident(session, incident, given.model_dump(exclude_unset=True)))


def _found(session: RecordSession, who: Who, verb: Verb, incident_id: str) -> Incident:
    incident = find(session, Incident, incident_id)
    require(who, verb, *_things(session, incident.site_id, incident.device_id))
    return incident


def _things(session: RecordSession, site_id: str | None, device_id: str | None) -> list[Thing]:
    """A use belongs to its device and where that hangs, or to its site where no device is named."""
    if device_id is None:
        return [Thing("incident", site=site_id)]
    return [Thing("incident", site=find(session, Device, device_id).site_id, device=device_id)]
