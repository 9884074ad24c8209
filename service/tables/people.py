"""People, their certificates, training and drills. Names, phones and numbers are sealed (see sealing.py)."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Record, Sealed, Words, choice, reference

PersonRole = Literal["staff", "volunteer", "inspector", "trainer", "counsel", "donor"]
CertificateKind = Literal["first_aider", "cpr_aed", "instructor"]


class Person(Record):
    """Someone who keeps, checks, teaches, volunteers, counsels or gives. Erased, the row stays and names nobody."""

    __tablename__ = "person"
    name_sealed: Mapped[Sealed]
    phone_sealed: Mapped[Sealed]
    email_sealed: Mapped[Sealed]
    organisation_id: Mapped[str | None] = reference("organisation.id")
    admin_code: Mapped[str | None] = reference("admin_unit.code")
    roles: Mapped[list[Any]]
    consent_on: Mapped[dt.date | None]
    privacy_scope: Mapped[Words]
    erased_at: Mapped[dt.datetime | None]

    certificates: Mapped[list["Certificate"]] = relationship(lazy="raise", viewonly=True, order_by="Certificate.id")


class SitePerson(Record):
    """Who keeps, checks or volunteers at a site, since and until when."""

    __tablename__ = "site_person"
    site_id: Mapped[str] = reference("site.id", null=False)
    person_id: Mapped[str] = reference("person.id", null=False)
    since_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]


class Certificate(Record):
    """初级救护员, 心肺复苏+AED or 师资: who issued it, and until when it holds."""

    __tablename__ = "certificate"
    person_id: Mapped[str] = reference("person.id", null=False)
    kind: Mapped[CertificateKind] = choice("kind", CertificateKind)
    issuer_id: Mapped[str | None] = reference("organisation.id")
    number_sealed: Mapped[Sealed]
    issued_on: Mapped[dt.date | None]
    expires_on: Mapped[dt.date | None]
    retrain_due_on: Mapped[dt.date | None]


class TrainingEvent(Record):
    """A course, a drill or an event of publicity."""

    __tablename__ = "training_event"
    site_id: Mapped[str | None] = reference("site.id")
    admin_code: Mapped[str | None] = reference("admin_unit.code")
    held_on: Mapped[dt.date] = mapped_column(index=True)
    course: Mapped[Words]
    hours: Mapped[float | None]
    trainer_id: Mapped[str | None] = reference("person.id")
    drill: Mapped[bool] = mapped_column(default=False)
    device_models: Mapped[Words]
    attended_n: Mapped[int | None]
    passed_n: Mapped[int | None]
    publicity_reach: Mapped[int | None]
    note: Mapped[Words]


class Attendance(Record):
    """Who took part in a training event, and whether they passed."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("training_event_id", "person_id"),)
    training_event_id: Mapped[str] = reference("training_event.id", null=False)
    person_id: Mapped[str] = reference("person.id", null=False)
    passed: Mapped[bool | None]
