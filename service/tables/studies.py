"""Studies that planners work on, their runs, and the files sent for them."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Record, Words, choice, reference

RunState = Literal["waiting", "done", "stopped", "failed", "interrupted"]


class Study(Record):
    """What a planner asks: the tables of an aedplan scenario, and places put on the map by hand (see studies.py)."""

    __tablename__ = "study"
    account_id: Mapped[str | None] = reference("account.id")
    title_zh: Mapped[Words]
    title_en: Mapped[Words]
    settings: Mapped[dict[str, Any]]
    changed_at: Mapped[dt.datetime]


class StudyRun(Record):
    """One run of a study as it stood then; its files lie in the data folder under runs/ID.

    state    "waiting" until it ends, also while it is worked on
    attempt  counts from 1; each works in a folder of its own
    figures  of the plan, once there is one
    """

    __tablename__ = "study_run"
    study_id: Mapped[str] = reference("study.id", null=False)
    account_id: Mapped[str | None] = reference("account.id")
    study_version: Mapped[int]
    title_zh: Mapped[Words]
    title_en: Mapped[Words]
    settings: Mapped[dict[str, Any]]
    state: Mapped[RunState] = choice("state", RunState, default="waiting")
    attempt: Mapped[int] = mapped_column(default=1)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    ended_at: Mapped[dt.datetime | None]
    fault_zh: Mapped[Words]
    fault_en: Mapped[Words]
    figures: Mapped[dict[str, Any] | None]


class StudyFile(Record):
    """A table or map that a planner has sent; kept under its checksum like photos are."""

    __tablename__ = "study_file"
    account_id: Mapped[str | None] = reference("account.id")
    name: Mapped[Words]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    at: Mapped[dt.datetime]
