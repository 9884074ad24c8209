"""Defects: which are open, and what the office or the site says of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..tables import Defect, Device
from . import change, refuse
from .inspections import Which


def list_defects(session: Session, which: Which, *, done: bool = False) -> list[Defect]:
    """Open defects, or with `done` all, the one that is due first first; one without a deadline comes last."""
    query = select(Defect)
    if which.sites is not None or which.devices is not None:
        there = select(Device.id).where(Device.site_id.in_(which.sites or ()))
        query = query.where(Defect.device_id.in_(there) | Defect.device_id.in_(which.devices or ()))
    if which.device_id:
        query = query.where(Defect.device_id == which.device_id)
    if not done:
        query = query.where(Defect.done_at.is_(None))
    return list(session.scalars(query.order_by(Defect.due_on.is_(None), Defect.due_on, Defect.id)))


def change_defect(session: RecordSession, defect: Defect, values: Mapping[str, Any]) -> Defect:
    """Change plan or deadline; `done` closes it, or opens it again.

    Raises ServiceError 422 when it is closed without saying what shows it, 409 when somebody was faster.
    """
    fields = dict(values)
    done = fields.pop("done", None)
    if done and not (fields.get("evidence") or defect.evidence).strip():
        refuse([("请写明处理依据", "say what shows that it is done")])
    if done is not None and done != (defect.done_at is not None):
        fields |= {"done_at": session.by.at if done else None, "done_by": session.by.account if done else None}
    return change(session, defect, fields)
