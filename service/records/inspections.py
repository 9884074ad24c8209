"""Inspections as they come in: each kept exactly once however often it is sent, in any order, and never changed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import ServiceError
from ..history import RecordSession
from ..tables import Defect, Device, Inspection, InspectionReview
from . import add, find, refuse

_SAME = ("device_id", "kind", "at", "items", "overall", "note")
"""What must be the same when an inspection is sent again."""


def record(session: RecordSession, inspection: Inspection, defects: list[Defect]) -> tuple[Inspection, bool]:
    """Keep an inspection with the defects it found; whether it is new.

    Raises ServiceError 404 when there is no such device, 409 when its client id stands for another inspection, 422 when
    it lies in the future.
    """
    find(session, Device, inspection.device_id)
    known = session.scalar(select(Inspection).where(Inspection.client_uuid == inspection.client_uuid))
    if known is not None:
        if any(getattr(known, name) != getattr(inspection, name) for name in _SAME):
            raise ServiceError(409, "同一编号的检查内容不同。", "This client id stands for another inspection.")
        return known, False
    if inspection.at > session.by.at:
        refuse([("检查时间在将来", "the inspection lies in the future")])
    inspection.received_at, inspection.account_id = session.by.at, session.by.account
    add(session, inspection)
    for defect in defects:
        defect.inspection_id, defect.device_id, defect.found_at = inspection.id, inspection.device_id, inspection.at
        session.add(defect)
    session.flush()
    return inspection, True


def review(session: RecordSession, review: InspectionReview) -> InspectionReview:
    """Say what the office thinks of an inspection; earlier reviews stay."""
    review.account_id, review.at = session.by.account, session.by.at
    return add(session, review)


def list_inspections(session: Session, device_id: str, *, most: int = 100) -> list[Inspection]:
    """The newest inspections of a device, newest first."""
    query = select(Inspection).where(Inspection.device_id == device_id)
    return list(session.scalars(query.order_by(Inspection.at.desc(), Inspection.id.desc()).limit(most)))
