"""The log: who changed what, when, what before and what after."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from ..history import history_of, list_changes
from .asking import Asking, Db
from .shapes import Key, Shape, refusals, shown

Most = Annotated[int, Field(ge=1, le=1000)]
router = APIRouter(prefix="/api/v1/records/log", tags=["log"])


class ChangeOut(Shape):
    """One line of the log."""

    at: dt.datetime
    account_id: str | None
    role: str
    kind: str
    record_id: str
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    note: str


@router.get("", responses=refusals())
def see_log(
    session: Db, who: Asking, kind: Key | None = None, record_id: Key | None = None, limit: Most = 100
) -> list[ChangeOut]:
    """The newest lines, newest first."""
    found = list_changes(session, kind=kind or "", record_id=record_id or "", most=limit)
    return [shown(ChangeOut, one) for one in found]


@router.get("/{kind}/{record_id}", responses=refusals())
def see_history(kind: Key, record_id: Key, session: Db, who: Asking) -> list[ChangeOut]:
    """All that happened to one record, oldest first."""
    return [shown(ChangeOut, one) for one in history_of(session, kind, record_id)]
