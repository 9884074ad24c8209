"""Inspections and their reviews (both written once), defects, tasks and the notices sent about them."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..facts import Severity
from .base import Base, Fact, Record, Sealed, Words, choice, reference

InspectionKind = Literal[
    "install", "daily", "weekly", "monthly", "quarterly", "annual", "special", "post_use", "public_report",
]  # fmt: skip
InspectionSource = Literal["app", "paper", "remote", "qr"]
Overall = Literal["pass", "attention", "fail"]
ReviewState = Literal["accepted", "queried", "rejected"]
NoticeState = Literal["waiting", "sent", "failed"]


class Inspection(Fact):
    """One check of a device, as it was sent in; a correction is another inspection that names this one.

    client_uuid  made where the check was written, so that one sent twice is kept once
    items        by item key: {"result": "ok" | "fail" | "na" | "not_checked", "value": ...}
    plans        what will be done, by item key: {"text": ..., "due_on": ...}
    reasons      why a value on record was corrected, by item key
    flags        what the office should look at: far, late, ... (see inspections.rules)
    digest       of the check as it was sent: tells a repeat from another one under the same client id
    """

    __tablename__ = "inspection"
    __table_args__ = (Index(None, "device_id", "at"), Index(None, "device_id", "received_at"))
    device_id: Mapped[str] = reference("device.id", null=False)
    kind: Mapped[InspectionKind] = choice("kind", InspectionKind)
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    account_id: Mapped[str | None] = reference("account.id")
    person_id: Mapped[str | None] = reference("person.id")
    source: Mapped[InspectionSource] = choice("source", InspectionSource, default="app")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    distance_to_device_m: Mapped[float | None]
    duration_s: Mapped[float | None]
    items: Mapped[dict[str, Any]]
    overall: Mapped[Overall] = choice("overall", Overall)
    note: Mapped[Words]
    corrects_id: Mapped[str | None] = reference("inspection.id")
    client_uuid: Mapped[str] = mapped_column(String(36), unique=True)
    schema_version: Mapped[int] = mapped_column(default=1)
    plans: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    flags: Mapped[list[Any]] = mapped_column(default=list)
    digest: Mapped[str] = mapped_column(String(64), default="")


class DeviceLooks(Base):
    """What was last seen of a device, derived from its inspections (see looks.py): {instant: {item: result}}."""

    __tablename__ = "device_looks"
    logged = False
    device_id: Mapped[str] = mapped_column(
        ForeignKey("device.id", deferrable=True, initially="IMMEDIATE"), primary_key=True
    )
    items: Mapped[dict[str, Any]]


class InspectionReview(Fact):
    """What the office said of an inspection; the newest counts."""

    __tablename__ = "inspection_review"
    inspection_id: Mapped[str] = reference("inspection.id", null=False)
    state: Mapped[ReviewState] = choice("state", ReviewState)
    account_id: Mapped[str | None] = reference("account.id")
    at: Mapped[dt.datetime]
    reason: Mapped[Words]


class Defect(Record):
    """Something wrong with a device, what will be done about it, until when, and that it was done."""

    __tablename__ = "defect"
    device_id: Mapped[str] = reference("device.id", null=False)
    inspection_id: Mapped[str | None] = reference("inspection.id")
    item: Mapped[Words]
    severity: Mapped[Severity] = choice("severity", Severity)
    found_at: Mapped[dt.datetime]
    action_plan: Mapped[Words]
    due_on: Mapped[dt.date | None]
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None] = reference("account.id")
    evidence: Mapped[Words]
    reason_if_value_corrected: Mapped[Words]
    escalated_level: Mapped[int] = mapped_column(default=0)


class Task(Record):
    """Something that falls due by a rule; there is one for each rule, subject and date."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("rule_id", "subject_kind", "subject_id", "due_on"),)
    rule_id: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[dt.date]
    escalation: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[str | None] = reference("account.id")
    done_at: Mapped[dt.datetime | None]


class Notice(Record):
    """One message about a task to one receiver; `key` is the same however often it is tried."""

    __tablename__ = "notice"
    logged = False
    key: Mapped[str] = mapped_column(String(64), unique=True)
    task_id: Mapped[str | None] = reference("task.id")
    channel: Mapped[str] = mapped_column(String(16))
    receiver_sealed: Mapped[Sealed]
    subject: Mapped[Words]
    text: Mapped[Words]
    made_at: Mapped[dt.datetime | None]
    state: Mapped[NoticeState] = choice("state", NoticeState, default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    sent_at: Mapped[dt.datetime | None]
    fault: Mapped[Words]
