"""What is printed of a device on signs, labels and registers: its code, its place in words, whom to call about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..tables import Device, Organisation, Site
from .devices import Filter, pick_devices


@dataclass(frozen=True)
class Label:
    """A device as it is printed. `phone`: of its site, else of whoever keeps the site."""

    device_id: str
    code: str
    site: str
    place_zh: str
    place_en: str
    level: str
    phone: str


def list_labels(session: Session, which: Filter, codes: Sequence[str] = ()) -> list[Label]:
    """The devices of some codes in their order, or all that are not retired, by code."""
    rows = select(Site, Organisation.duty_phone).outerjoin(Organisation, Site.organisation_id == Organisation.id)
    sites = {site.id: (site, phone or "") for site, phone in session.execute(rows)}
    found = {device.public_code: _label(device, *sites.get(device.site_id or "", (None, ""))) for device in pick_devices(
        session, which
    ) if device.status != "retired"}  # fmt: skip
    return [found[code] for code in codes if code in found] if codes else list(found.values())


def _label(device: Device, site: Site | None, duty_phone: str) -> Label:
    return Label(
        device_id=device.id,
        code=device.public_code,
        site=site.name if site else "",
        place_zh=device.location_text,
        place_en=device.location_text_en or device.location_text,
        level=device.level,
        phone=(site.emergency_phone if site else "") or duty_phone,
    )
