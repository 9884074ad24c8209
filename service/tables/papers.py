"""Agreements with their coded obligations, insurance policies and claims, legal support, files. Money in fen."""

import datetime as dt
from typing import Literal

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Fact, Record, Words, choice, reference

AgreementKind = Literal[
    "public_benefit_hosting", "donation", "maintenance", "training_base", "volunteer", "insurance", "legal",
    "data_sharing",
]  # fmt: skip
ObligationCode = Literal[
    "maintenance_daily", "consumables_paid_by", "staff_training_n", "volunteers_n", "free_public_access",
    "24h_access", "signage", "report_use_within_h", "no_relocation_without_consent", "publicity",
]  # fmt: skip
Party = Literal["party_a", "party_b"]
Cover = Literal["personal_accident", "rescuer_liability", "equipment_loss", "event"]
InsuredKind = Literal["named", "all_registered", "devices", "event"]
ClaimStatus = Literal["prepared", "filed", "paid", "refused", "withdrawn"]
AttachmentKind = Literal["photo", "scan", "plan_drawing", "signature", "device_data", "other"]


class Agreement(Record):
    """A paper between two organisations. Whether it is in force follows from its dates and is never stored."""

    __tablename__ = "agreement"
    number: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[AgreementKind] = choice("kind", AgreementKind)
    party_a_id: Mapped[str] = reference("organisation.id", null=False)
    party_b_id: Mapped[str] = reference("organisation.id", null=False)
    contact_a_id: Mapped[str | None] = reference("person.id")
    contact_b_id: Mapped[str | None] = reference("person.id")
    signed_on: Mapped[dt.date | None]
    starts_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]
    auto_renew: Mapped[bool] = mapped_column(default=False)
    term_years: Mapped[float | None]
    terminated_on: Mapped[dt.date | None]
    termination_reason: Mapped[Words]
    renews_id: Mapped[str | None] = reference("agreement.id")
    note: Mapped[Words]

    obligations: Mapped[list["Obligation"]] = relationship(lazy="raise", viewonly=True, order_by="Obligation.id")
    things: Mapped[list["AgreementThing"]] = relationship(lazy="raise", viewonly=True, order_by="AgreementThing.id")


class AgreementThing(Record):
    """A site or a device that an agreement is about."""

    __tablename__ = "agreement_thing"
    __table_args__ = (
        CheckConstraint("(site_id IS NULL) <> (device_id IS NULL)", name="one"),
        UniqueConstraint("agreement_id", "site_id"),
        UniqueConstraint("agreement_id", "device_id"),
    )
    agreement_id: Mapped[str] = reference("agreement.id", null=False)
    site_id: Mapped[str | None] = reference("site.id")
    device_id: Mapped[str | None] = reference("device.id")


class Obligation(Record):
    """What one party has promised, as a code with a target and what shows that it was kept."""

    __tablename__ = "obligation"
    agreement_id: Mapped[str] = reference("agreement.id", null=False)
    code: Mapped[ObligationCode] = choice("code", ObligationCode)
    owner: Mapped[Party] = choice("owner", Party)
    target: Mapped[float | None]
    evidence_rule: Mapped[Words]
    note: Mapped[Words]


class Breach(Record):
    """That a promise was not kept, and how it ended."""

    __tablename__ = "breach"
    agreement_id: Mapped[str] = reference("agreement.id", null=False)
    obligation_id: Mapped[str | None] = reference("obligation.id")
    found_on: Mapped[dt.date]
    text: Mapped[Words]
    resolved_on: Mapped[dt.date | None]
    resolution: Mapped[Words]


class Policy(Record):
    """An insurance policy with one of the four covers."""

    __tablename__ = "policy"
    insurer_id: Mapped[str] = reference("organisation.id", null=False)
    policy_no: Mapped[str] = mapped_column(String(64), unique=True)
    cover: Mapped[Cover] = choice("cover", Cover)
    insured_kind: Mapped[InsuredKind] = choice("insured_kind", InsuredKind)
    sum_per_person_fen: Mapped[int | None]
    sum_per_event_fen: Mapped[int | None]
    sum_total_fen: Mapped[int | None]
    deductible_fen: Mapped[int | None]
    premium_fen: Mapped[int | None]
    payer_id: Mapped[str | None] = reference("organisation.id")
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    claim_requirements: Mapped[Words]
    note: Mapped[Words]


_INSURED = " + ".join(
    f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in ("device_id", "person_id", "training_event_id")
)


class PolicyInsured(Record):
    """A device, person or event that a policy names."""

    __tablename__ = "policy_insured"
    __table_args__ = (CheckConstraint(f"{_INSURED} = 1", name="one"),)
    policy_id: Mapped[str] = reference("policy.id", null=False)
    device_id: Mapped[str | None] = reference("device.id")
    person_id: Mapped[str | None] = reference("person.id")
    training_event_id: Mapped[str | None] = reference("training_event.id")


class Claim(Record):
    """Money asked of an insurer after an incident or a loss."""

    __tablename__ = "claim"
    policy_id: Mapped[str] = reference("policy.id", null=False)
    incident_id: Mapped[str | None] = reference("incident.id")
    device_id: Mapped[str | None] = reference("device.id")
    filed_on: Mapped[dt.date | None]
    amount_fen: Mapped[int | None]
    paid_fen: Mapped[int | None]
    status: Mapped[ClaimStatus] = choice("status", ClaimStatus, default="prepared")
    note: Mapped[Words]


class LegalCase(Record):
    """A question or case that counsel was asked about; no names of the rescued."""

    __tablename__ = "legal_case"
    counsel_id: Mapped[str | None] = reference("organisation.id")
    incident_id: Mapped[str | None] = reference("incident.id")
    hotline: Mapped[Words]
    opened_on: Mapped[dt.date]
    topic: Mapped[Words]
    summary: Mapped[Words]
    closed_on: Mapped[dt.date | None]


class LegalKitPage(Record):
    """A page of the kit that a rescuer is given: the text of the law, what evidence to keep."""

    __tablename__ = "legal_kit_page"
    place: Mapped[int] = mapped_column(default=0)
    title: Mapped[Words]
    text: Mapped[Words]
    source: Mapped[Words]


class Attachment(Fact):
    """A file kept beside the database under its checksum, and the one record it belongs to."""

    __tablename__ = "attachment"
    kind: Mapped[AttachmentKind] = choice("kind", AttachmentKind)
    name: Mapped[Words]
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[dt.datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    site_id: Mapped[str | None] = reference("site.id")
    device_id: Mapped[str | None] = reference("device.id")
    inspection_id: Mapped[str | None] = reference("inspection.id")
    defect_id: Mapped[str | None] = reference("defect.id")
    agreement_id: Mapped[str | None] = reference("agreement.id")
    policy_id: Mapped[str | None] = reference("policy.id")
    incident_id: Mapped[str | None] = reference("incident.id")
    training_event_id: Mapped[str | None] = reference("training_event.id")
    public_report_id: Mapped[str | None] = reference("public_report.id")
