"""Agreements, insurance, legal support, incidents, reports and files."""

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import (
    code,
    day,
    decimal,
    fact,
    instant,
    make,
    one_of,
    plain,
    protect,
    record,
    reference,
    whole,
    words,
    yes_no,
)

revision = "0003"
down_revision = "0002"

TABLES = (
    "incident",
    "public_report",
    "agreement",
    "agreement_thing",
    "obligation",
    "breach",
    "policy",
    "policy_insured",
    "claim",
    "legal_case",
    "legal_kit_page",
    "attachment",
)
WRITTEN_ONCE = ("attachment",)


def upgrade() -> None:
    """Make the tables."""
    _incident()
    _public_report()
    _agreement()
    _agreement_thing()
    _obligation()
    _breach()
    _policy()
    _policy_insured()
    _claim()
    _legal_case()
    _legal_kit_page()
    _attachment()
    for table in WRITTEN_ONCE:
        protect(table)


def downgrade() -> None:
    """Remove the tables."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _incident() -> None:
    make(
        "incident",
        *record(),
        instant("at", null=False, index=True),
        decimal("lon"),
        decimal("lat"),
        words("place"),
        reference("site_id", "site.id"),
        reference("device_id", "device.id"),
        reference("reported_by", "person.id"),
        instant("collapse_at"),
        instant("call_120_at"),
        instant("fetch_start_at"),
        instant("aed_arrive_at"),
        instant("first_shock_at"),
        whole("shocks"),
        one_of("rosc", "yes", "no", "unknown"),
        instant("ems_arrive_at"),
        one_of("outcome", "handed_over_alive", "handed_over_under_cpr", "died", "not_an_arrest", "unknown"),
        plain("consumables_used"),
        instant("returned_to_service_at"),
        words("debrief"),
        words("thanks"),
    )


def _public_report() -> None:
    make(
        "public_report",
        *record(),
        reference("device_id", "device.id"),
        one_of("kind", "missing", "moved", "closed", "broken", "used", "wrong_info", "new_aed"),
        words("text"),
        decimal("lon"),
        decimal("lat"),
        decimal("accuracy_m"),
        words("contact_sealed"),
        code("reporter", 64),
        instant("at", null=False, index=True),
        one_of("state", "new", "confirmed", "dismissed", "done"),
        reference("handled_by", "account.id"),
        instant("handled_at"),
        words("effect"),
    )


def _agreement() -> None:
    make(
        "agreement",
        *record(),
        code("number", 64, unique=True),
        one_of(
            "kind",
            "public_benefit_hosting",
            "donation",
            "maintenance",
            "training_base",
            "volunteer",
            "insurance",
            "legal",
            "data_sharing",
        ),
        reference("party_a_id", "organisation.id", null=False),
        reference("party_b_id", "organisation.id", null=False),
        reference("contact_a_id", "person.id"),
        reference("contact_b_id", "person.id"),
        day("signed_on"),
        day("starts_on"),
        day("ends_on"),
        yes_no("auto_renew", null=False),
        decimal("term_years"),
        day("terminated_on"),
        words("termination_reason"),
        reference("renews_id", "agreement.id"),
        words("note"),
    )


def _agreement_thing() -> None:
    make(
        "agreement_thing",
        *record(),
        reference("agreement_id", "agreement.id", null=False),
        reference("site_id", "site.id"),
        reference("device_id", "device.id"),
        sa.UniqueConstraint("agreement_id", "site_id"),
        sa.CheckConstraint("(site_id IS NULL) <> (device_id IS NULL)", name="one"),
        sa.UniqueConstraint("agreement_id", "device_id"),
    )


def _obligation() -> None:
    make(
        "obligation",
        *record(),
        reference("agreement_id", "agreement.id", null=False),
        one_of(
            "code",
            "maintenance_daily",
            "consumables_paid_by",
            "staff_training_n",
            "volunteers_n",
            "free_public_access",
            "24h_access",
            "signage",
            "report_use_within_h",
            "no_relocation_without_consent",
            "publicity",
        ),
        one_of("owner", "party_a", "party_b"),
        decimal("target"),
        words("evidence_rule"),
        words("note"),
    )


def _breach() -> None:
    make(
        "breach",
        *record(),
        reference("agreement_id", "agreement.id", null=False),
        reference("obligation_id", "obligation.id"),
        day("found_on", null=False),
        words("text"),
        day("resolved_on"),
        words("resolution"),
    )


def _policy() -> None:
    make(
        "policy",
        *record(),
        reference("insurer_id", "organisation.id", null=False),
        code("policy_no", 64, unique=True),
        one_of("cover", "personal_accident", "rescuer_liability", "equipment_loss", "event"),
        one_of("insured_kind", "named", "all_registered", "devices", "event"),
        whole("sum_per_person_fen"),
        whole("sum_per_event_fen"),
        whole("sum_total_fen"),
        whole("deductible_fen"),
        whole("premium_fen"),
        reference("payer_id", "organisation.id"),
        day("starts_on", null=False),
        day("ends_on", null=False),
        words("claim_requirements"),
        words("note"),
    )


def _policy_insured() -> None:
    names = ("device_id", "person_id", "training_event_id")
    insured = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in names)
    make(
        "policy_insured",
        *record(),
        reference("policy_id", "policy.id", null=False),
        reference("device_id", "device.id"),
        reference("person_id", "person.id"),
        reference("training_event_id", "training_event.id"),
        sa.CheckConstraint(f"{insured} = 1", name="one"),
    )


def _claim() -> None:
    make(
        "claim",
        *record(),
        reference("policy_id", "policy.id", null=False),
        reference("incident_id", "incident.id"),
        reference("device_id", "device.id"),
        day("filed_on"),
        whole("amount_fen"),
        whole("paid_fen"),
        one_of("status", "prepared", "filed", "paid", "refused", "withdrawn"),
        words("note"),
    )


def _legal_case() -> None:
    make(
        "legal_case",
        *record(),
        reference("counsel_id", "organisation.id"),
        reference("incident_id", "incident.id"),
        words("hotline"),
        day("opened_on", null=False),
        words("topic"),
        words("summary"),
        day("closed_on"),
    )


def _legal_kit_page() -> None:
    make(
        "legal_kit_page",
        *record(),
        whole("place", null=False),
        words("title"),
        words("text"),
        words("source"),
    )


def _attachment() -> None:
    make(
        "attachment",
        *fact(),
        one_of("kind", "photo", "scan", "plan_drawing", "signature", "device_data", "other"),
        words("name"),
        code("media_type", 64),
        whole("size", null=False),
        code("sha256", 64, index=True),
        instant("at", null=False),
        decimal("lon"),
        decimal("lat"),
        reference("site_id", "site.id"),
        reference("device_id", "device.id"),
        reference("inspection_id", "inspection.id"),
        reference("defect_id", "defect.id"),
        reference("agreement_id", "agreement.id"),
        reference("policy_id", "policy.id"),
        reference("incident_id", "incident.id"),
        reference("training_event_id", "training_event.id"),
        reference("public_report_id", "public_report.id"),
    )
