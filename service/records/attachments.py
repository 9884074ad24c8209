"""Files of the records: each kept once on the disk under its checksum, and a row that says what it belongs to."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Kind, Thing
from ..errors import ServiceError
from ..history import RecordSession
from ..inspections.photos import accept
from ..inspections.scans import check_data, check_pdf, is_pdf
from ..tables import (
    Agreement,
    AgreementThing,
    Attachment,
    Defect,
    Device,
    Incident,
    Inspection,
    Policy,
    PublicReport,
    Site,
    TrainingEvent,
)
from ..tables.papers import AttachmentKind
from . import add, find

OWNERS: dict[str, tuple[type[Any], Kind]] = {
    "site_id": (Site, "site"),
    "device_id": (Device, "device"),
    "inspection_id": (Inspection, "inspection"),
    "defect_id": (Defect, "defect"),
    "agreement_id": (Agreement, "agreement"),
    "policy_id": (Policy, "policy"),
    "incident_id": (Incident, "incident"),
    "training_event_id": (TrainingEvent, "training"),
    "public_report_id": (PublicReport, "report"),
}
"""What a file can belong to: the column, its table, and what is asked of whoever wants to see it."""

PDF, DATA = "application/pdf", "application/octet-stream"


@dataclass(frozen=True)
class File:
    """A file as it will be kept, and where and when its photo says it was taken."""

    content: bytes
    media_type: str
    lon: float | None = None
    lat: float | None = None
    taken_at: dt.datetime | None = None


def take(kind: AttachmentKind, content: bytes, name: str) -> File:
    """What is kept of a file that somebody sent: of a photo only the picture.

    Raises ServiceError 413, 415 or 422 when it cannot be taken.
    """
    assert kind in get_args(AttachmentKind)
    if kind == "device_data":
        check_data(content)
        return File(content, DATA)
    if is_pdf(content) and kind in ("scan", "plan_drawing", "other"):
        check_pdf(content)
        return File(content, PDF)
    photo = accept(content, name=name)
    return File(photo.content, photo.media_type, photo.lon, photo.lat, photo.taken_at)


def attach(session: RecordSession, file: File, checksum: str, **about: Any) -> Attachment:
    """Note a file that lies on the disk.

    about  kind, name, and one of the columns of OWNERS with an id

    Raises ServiceError 422 unless it belongs to exactly one record, 404 when that is not there.
    """
    owner_of(session, about)
    values = {"media_type": file.media_type, "size": len(file.content), "sha256": checksum, "at": session.by.at}
    return add(session, Attachment(lon=file.lon, lat=file.lat, **values, **about))


def owner_of(session: Session, about: dict[str, Any]) -> list[Thing]:
    """What a file belongs to, as those that access asks about: the record's site and device.

    Raises ServiceError 422 unless it belongs to exactly one record, 404 when that is not there.
    """
    named = [(column, about[column]) for column in OWNERS if about.get(column) is not None]
    if len(named) != 1:
        raise ServiceError(422, "文件应属于一条档案。", f"Name one of {', '.join(OWNERS)}.")
    column, record_id = named[0]
    table, kind = OWNERS[column]
    return things_of(session, kind, find(session, table, record_id))


def things_of(session: Session, kind: Kind, record: Any) -> list[Thing]:
    """A record as access knows it: with the site and the device that it belongs to."""
    if kind == "agreement":
        return _agreement_things(session, record)
    device_id = record.id if kind == "device" else getattr(record, "device_id", None)
    site_id = record.id if kind == "site" else getattr(record, "site_id", None)
    if site_id is None and device_id is not None:
        site_id = session.scalar(select(Device.site_id).where(Device.id == device_id))
    return [Thing(kind, site=site_id, device=device_id)]


def _agreement_things(session: Session, agreement: Agreement) -> list[Thing]:
    query = select(AgreementThing.site_id, Device.site_id.label("of_device"))
    rows = session.execute(
        query.outerjoin(Device, AgreementThing.device_id == Device.id).where(
            AgreementThing.agreement_id == agreement.id
        )
    )
    return [Thing("agreement"), *(Thing("agreement", site=row.site_id or row.of_device) for row in rows)]


def list_attachments(session: Session, column: str, record_id: str) -> list[Attachment]:
    """The files of a record, oldest first."""
    query = select(Attachment).where(getattr(Attachment, column) == record_id)
    return list(session.scalars(query.order_by(Attachment.at, Attachment.id)))
