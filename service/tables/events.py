"""Incidents (never who the patient was), what the public reports, published plans, and rules the office has set."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Record, Sealed, Words, choice, reference

Rosc = Literal["yes", "no", "unknown"]
Outcome = Literal["handed_over_alive", "handed_over_under_cpr", "died", "not_an_arrest", "unknown"]
ReportKind = Literal["missing", "moved", "closed", "broken", "used", "wrong_info", "new_aed"]
ReportState = Literal["new", "confirmed", "dismissed", "done"]


class Incident(Record):
    """A use of a device: where, when, how fast. Nothing here tells who the patient was."""

    __tablename__ = "incident"
    at: Mapped[dt.datetime] = mapped_column(index=True)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    place: Mapped[Words]
    site_id: Mapped[str | None] = reference("site.id")
    device_id: Mapped[str | None] = reference("device.id")
    reported_by: Mapped[str | None] = reference("person.id")
    collapse_at: Mapped[dt.datetime | None]
    call_120_at: Mapped[dt.datetime | None]
    fetch_start_at: Mapped[dt.datetime | None]
    aed_arrive_at: Mapped[dt.datetime | None]
    first_shock_at: Mapped[dt.datetime | None]
    shocks: Mapped[int | None]
    rosc: Mapped[Rosc] = choice("rosc", Rosc, default="unknown")
    ems_arrive_at: Mapped[dt.datetime | None]
    outcome: Mapped[Outcome] = choice("outcome", Outcome, default="unknown")
    consumables_used: Mapped[list[Any] | None]
    returned_to_service_at: Mapped[dt.datetime | None]
    debrief: Mapped[Words]
    thanks: Mapped[Words]


class PublicReport(Record):
    """What somebody said of a device, without an account.

    reporter  a keyed checksum of where the report came from: shows that two reports are independent, names nobody
    """

    __tablename__ = "public_report"
    device_id: Mapped[str | None] = reference("device.id")
    kind: Mapped[ReportKind] = choice("kind", ReportKind)
    text: Mapped[Words]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    contact_sealed: Mapped[Sealed]
    reporter: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(index=True)
    state: Mapped[ReportState] = choice("state", ReportState, default="new")
    handled_by: Mapped[str | None] = reference("account.id")
    handled_at: Mapped[dt.datetime | None]
    effect: Mapped[Words]


class PublishedPlan(Record):
    """A plan that the county has decided on: the summary of its run, and which files it was made from.

    study_run_id  the run that it comes from; no foreign key: the record outlives it
    """

    __tablename__ = "published_plan"
    at: Mapped[dt.datetime]
    scenario: Mapped[Words]
    title: Mapped[Words]
    summary: Mapped[dict[str, Any]]
    features: Mapped[dict[str, Any]]
    account_id: Mapped[str | None] = reference("account.id")
    withdrawn_at: Mapped[dt.datetime | None]
    study_run_id: Mapped[str | None] = mapped_column(String(32))


class Rule(Base):
    """A rule that the office has changed from what ships: reminder days, the norm profile."""

    __tablename__ = "rule"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]
