"""What everybody may know: devices and sites as the public sees them, built by listing fields, and under which licence."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import Database
from ..facts import DeviceFacts, day_of
from ..history import RecordSession
from ..initials import initials
from ..public.cards import Card, kind_words, place_words
from ..public.opening import Years
from ..public.state import condition_of
from ..public.tag_files import CC_BY, Licence, PublicDevice
from ..ready.device_days import IN_SERVICE
from ..ready.norms import Norm
from ..ready.readiness import LOOKED_AT, last_looks, readiness
from ..tables import AdminUnit, Attachment, Change, Device, Organisation, Rule, Site, SiteRole
from . import add, change
from .device_facts import facts_of
from .rules import current_norm, current_years

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
    rows = _public_rows(session)
    norm = current_norm(session)
    facts = facts_of(session, [device for device, _, _ in rows])
    found = []
    for (device, site, operator), known in zip(rows, facts, strict=True):
        look = last_looks(known).get(LOOKED_AT)
        usable = readiness(known, norm, on).usable
        found.append(_device(device, site, operator or "", (look and day_of(look[0]), usable)))
    return found


def _public_rows(session: Session) -> list[tuple[Device, Site | None, str | None]]:
    """Each public device with its site and who keeps it, by code."""
    query = select(Device, Site, Organisation.name).join(Site, Device.site_id == Site.id, isouter=True)
    query = query.join(Organisation, Site.organisation_id == Organisation.id, isouter=True)
    query = query.where(Device.display_public, ~Device.mobile, Device.lon.is_not(None), Device.status.in_(IN_SERVICE))
    return [(device, site, keeper) for device, site, keeper in session.execute(query.order_by(Device.public_code))]


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
        opening_hours=_hours(device, site),
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


def _hours(device: Device, site: Site | None) -> str:
    return device.opening_hours or (site_hours(site) if site else "")


def site_hours(site: Site) -> str:
    """When a site's devices can be reached, in OSM syntax; "" when not known."""
    return "24/7" if site.open_24h_access else site.opening_hours


NEWEST = 100
SEEN_BY_ALL = (
    "admin_unit", "attachment", "battery", "defect", "device", "device_step", "incident", "inspection",
    "inspection_review", "pads", "public_report", "rule", "site",
)  # fmt: skip
"""Tables that cards are made from."""


class PublicRecords:
    """Where the list for the public comes from (see public.now): cards, and a stamp that tells whether they may differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def written(self) -> int:
        """How often this process has written."""
        return self._database.written

    def stamp(self) -> str:
        """Another one after every change that the public might see.

        Raises ServiceError while the database is away.
        """
        with self._database.session() as session:
            return _stamp(session)

    def read(self, at: dt.datetime) -> tuple[str, list[Card]]:
        """The stamp, and the cards as they are now.

        Raises ServiceError while the database is away.
        """
        with self._database.session() as session:
            return _stamp(session), list_cards(session, day_of(at))


def _stamp(session: Session) -> str:
    """Of the newest lines of the log; not of the newest alone, since one written at the same time may appear later."""
    kind = Change.kind.concat("")  # else SQLite gathers all lines of these kinds by their index to sort them
    newest = select(Change.id).where(kind.in_(SEEN_BY_ALL)).order_by(Change.id.desc()).limit(NEWEST)
    return hashlib.sha256(" ".join(session.scalars(newest)).encode()).hexdigest()


def list_cards(session: Session, on: dt.date) -> list[Card]:
    """The cards of all public devices from a day on, by code."""
    rows = _public_rows(session)
    terms = Terms(current_norm(session), current_years(session), on)
    towns, photos = _towns(session), _photos(session)
    facts = facts_of(session, [device for device, _, _ in rows])
    return [
        _card(device, site, (known, terms), towns.get(site.admin_code or "", "") if site else "", photos)
        for (device, site, _), known in zip(rows, facts, strict=True)
    ]


class Terms(NamedTuple):
    """By which norm and which tables of holidays devices are judged, from a day on."""

    norm: Norm
    years: Years
    on: dt.date


def _card(
    device: Device, site: Site | None, known: tuple[DeviceFacts, Terms], town: str, photos: Mapping[str, str]
) -> Card:
    facts, (norm, years, on) = known
    kind, kind_zh = kind_words(site.venue_type if site else "")
    place = place_words(device.level, device.location_text, device.location_text_en)
    look = last_looks(facts).get(LOOKED_AT)
    label = (site.name if site else "") or device.public_code
    return Card(
        id=device.public_code,
        code=device.public_code,
        label=label,
        kind=kind,
        kind_zh=kind_zh,
        lon=round(device.lon or 0.0, 7),
        lat=round(device.lat or 0.0, 7),
        condition=condition_of(facts, norm, on, hours=_hours(device, site), years=years),
        town=town,
        place_zh=place.zh,
        place_en=place.en,
        level=device.level,
        access=device.access or "",
        phone=site.emergency_phone if site else "",
        checked_on=day_of(look[0]).isoformat() if look else "",
        photo=photos.get(device.id, ""),
        initials=initials(label + town),
    )


def _towns(session: Session) -> dict[str, str]:
    """The town that each administrative unit is, or lies in, by code."""
    units = {unit.code: unit for unit in session.scalars(select(AdminUnit))}
    found = {}
    for code, unit in units.items():
        above: AdminUnit | None = unit
        while above is not None and above.level != "town":
            above = units.get(above.parent_code or "")
        found[code] = above.name if above is not None else ""
    return found


def _photos(session: Session) -> dict[str, str]:
    """The newest photo that somebody of the office or the site has added to each device itself, by its checksum."""
    query = select(Attachment.device_id, Attachment.sha256).where(Attachment.device_id.is_not(None))
    query = query.where(Attachment.kind == "photo", Attachment.media_type == "image/jpeg")
    rows = session.execute(query.order_by(Attachment.at, Attachment.id))
    return {row.device_id: row.sha256 for row in rows}


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
