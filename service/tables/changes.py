"""The log: who, when, what before, what after. Written once, by every flush (see history.py)."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Fact, Words, choice

Verb = Literal["add", "change", "remove"]


class Change(Fact):
    """One record added or changed. `account_id` is no foreign key: the log outlives whatever it tells of."""

    __tablename__ = "change"
    logged = False
    __table_args__ = (Index(None, "kind", "record_id", "at"),)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    account_id: Mapped[str | None] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str] = mapped_column(String(32))
    verb: Mapped[Verb] = choice("verb", Verb)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    note: Mapped[Words]
