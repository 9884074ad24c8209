"""What everybody may know: devices and sites as the public sees them, built by listing fields, and under which licence."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..device_days import IN_SERVICE
from ..facts import day_of
from ..history import RecordSession
from ..readiness import LOOKED_AT, last_looks, readiness
from ..tables import Device, Organisation, Rule, Site, SiteRole
from ..tag_files import CC_BY, Licence, PublicDevice
from . import add, change
from .device_facts import facts_of
from .rules import current_norm

LICENCE = "dataset"
"""The name of the rule that holds licence and publisher."""


@dataclass(frozen=True)
class PublicSite:
    """What everybody may know of a site. WGS-84 degrees; "" where not known."""

    id: str
    name: str
    lon: float
    lat: float
    kind: str
    address: str
    opening_hours: str
    operator: str
    roles: str
    devices: int


def list_public_devices(session: Session, on: dt.date) -> list[PublicDevice]:
    """Devices in service that are shown to the public and hang at a known place, by code, as they are on a day."""
    query = select(Device, Site, Organisation.name).join(Site, Device.site_id == Site.id, isouter=True)
    query = query.join(Organisation, Site.organisation_id == Organisation.id, isouter=True)
    query = query.where(Device.display_public, ~Device.mobile, Device.lon.is_not(None), Device.status.in_(IN_SERVICE))
    rows = session.execute(query.order_by(Device.public_code)).all()
    norm = current_norm(session)
    facts = facts_of(session, [device for device, _, _ in rows])
    found = []
    for (device, site, operator), known in zip(rows, facts, strict=True):
        look = last_looks(known).get(LOOKED_AT)
        usable = readiness(known, norm, on).usable
        found.append(_device(device, site, operator or "", (look and day_of(look[0]), usable)))
    return found


def _device(device: Device, site: Site | None, operator: str, state: tuple[dt.date | None, bool]) -> PublicDevice:
    return PublicDevice(
        code=device.public_code,
        name=site.name if site else "",
        lon=device.lon or 0.0,
        lat=device.lat or 0.0,
        location_text=device.location_text,
        location_text_en=device.location_text_en,
        indoor=device.indoor,
        level=device.level,
        access=device.access or "",
        opening_hours=device.opening_hours or (site_hours(site) if site else ""),
        cabinet_access=device.cabinet_access,
        operator=operator,
        phone=site.emergency_phone if site else "",
        manufacturer=device.manufacturer,
        model=device.model,
        checked_on=state[0],
        usable=state[1],
        osm_id=device.osm_id,
        since=device.installed_on,
    )


def site_hours(site: Site) -> str:
    """When a site's devices can be reached, in OSM syntax; "" when not known."""
    return "24/7" if site.open_24h_access else site.opening_hours


def list_public_sites(session: Session) -> list[PublicSite]:
    """Standing sites at a known place that have a device which is shown to the public, by name."""
    shown = select(Device.site_id, func.count().label("devices")).where(
        Device.display_public, Device.status.in_(IN_SERVICE)
    )
    counted = shown.group_by(Device.site_id).subquery()
    query = select(Site, Organisation.name, counted.c.devices).join(counted, counted.c.site_id == Site.id)
    query = query.join(Organisation, Site.organisation_id == Organisation.id, isouter=True)
    rows = session.execute(query.where(Site.stage == "standing", Site.lon.is_not(None)).order_by(Site.name, Site.id))
    roles = _roles(session)
    return [
        PublicSite(
            id=site.id,
            name=site.name,
            lon=site.lon,
            lat=site.lat,
            kind=site.venue_type,
            address=site.address,
            opening_hours=site_hours(site),
            operator=operator or "",
            roles=" ".join(sorted(roles.get(site.id, ()))),
            devices=devices,
        )
        for site, operator, devices in rows
    ]


def _roles(session: Session) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in session.execute(select(SiteRole.site_id, SiteRole.role).where(SiteRole.until_on.is_(None))):
        found.setdefault(row.site_id, set()).add(row.role)
    return found


def find_licence(session: Session) -> Licence:
    """Under what the dataset is given away; without name and publisher until the office has decided."""
    rule = session.get(Rule, LICENCE)
    return Licence(**rule.value) if rule is not None else Licence("", "", "")


def set_licence(session: RecordSession, licence: Licence) -> Licence:
    """Decide under what the dataset is given away, and by whom."""
    rule = session.get(Rule, LICENCE)
    if rule is None:
        add(session, Rule(name=LICENCE, value=dict(vars(licence))))
    else:
        change(session, rule, {"value": dict(vars(licence))})
    return licence


__all__ = [
    "CC_BY",
    "PublicSite",
    "find_licence",
    "list_public_devices",
    "list_public_sites",
    "set_licence",
    "site_hours",
]
