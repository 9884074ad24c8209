"""Devices and their parts, inspections, defects, tasks and notices."""

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

revision = "0002"
down_revision = "0001"

TABLES = (
    "device",
    "device_step",
    "pads",
    "battery",
    "funding",
    "assignment",
    "inspection",
    "inspection_review",
    "defect",
    "task",
    "notice",
)
WRITTEN_ONCE = (
    "device_step",
    "inspection",
    "inspection_review",
)


def upgrade() -> None:
    """Make the tables."""
    _device()
    _device_step()
    _pads()
    _battery()
    _funding()
    _assignment()
    _inspection()
    _inspection_review()
    _defect()
    _task()
    _notice()
    for table in WRITTEN_ONCE:
        protect(table)


def downgrade() -> None:
    """Remove the tables."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _device() -> None:
    make(
        "device",
        *record(),
        code("public_code", 16, unique=True),
        words("serial"),
        words("manufacturer"),
        words("model"),
        words("registration_no"),
        day("manufactured_on"),
        words("supplier"),
        day("warranty_until_on"),
        day("installed_on"),
        day("body_expires_on"),
        reference("site_id", "site.id"),
        yes_no("mobile", null=False),
        decimal("lon"),
        decimal("lat"),
        one_of("coordinate_source", "wgs84", "gcj02", "bd09", "map_pick", "address", "plan", null=True),
        decimal("coordinate_accuracy_m"),
        plain("coordinate_original"),
        yes_no("indoor"),
        words("level"),
        words("location_text"),
        words("location_text_en"),
        whole("mount_height_cm"),
        words("cabinet_type"),
        one_of("cabinet_access", "", "open", "seal", "alarm", "locked", "scan", "code", "staff"),
        yes_no("cabinet_power"),
        words("remote_monitor_id"),
        instant("remote_seen_at"),
        one_of("access", "public", "permissive", "customers", "private", null=True),
        words("opening_hours"),
        plain("accessories"),
        yes_no("child_key"),
        one_of("status", "planned", "installed", "active", "out_of_service", "in_use", "missing", "retired"),
        words("out_of_service_reason"),
        yes_no("display_public", null=False),
        words("hidden_reason"),
        instant("last_verified_at"),
        reference("last_verified_by", "account.id"),
        words("last_verified_method"),
        one_of("data_confidence", "A", "B", "C", null=True),
        words("osm_id"),
        plain("external_ids"),
        words("note"),
    )


def _device_step() -> None:
    make(
        "device_step",
        *fact(),
        reference("device_id", "device.id", null=False),
        instant("at", null=False),
        one_of("status", "planned", "installed", "active", "out_of_service", "in_use", "missing", "retired"),
        words("reason"),
    )


def _pads() -> None:
    make(
        "pads",
        *record(),
        reference("device_id", "device.id", null=False),
        one_of("kind", "adult", "child", "universal"),
        words("lot"),
        day("expires_on"),
        day("opened_on"),
        day("fitted_on"),
        day("removed_on"),
        yes_no("spare", null=False),
    )


def _battery() -> None:
    make(
        "battery",
        *record(),
        reference("device_id", "device.id", null=False),
        words("kind"),
        words("lot"),
        day("expires_on"),
        day("installed_on"),
        day("removed_on"),
    )


def _funding() -> None:
    make(
        "funding",
        *record(),
        reference("device_id", "device.id", null=False),
        one_of("source", "municipal_project", "donation", "self", "foundation"),
        reference("organisation_id", "organisation.id"),
        reference("person_id", "person.id"),
        whole("amount_fen"),
        day("paid_on"),
        words("note"),
    )


def _assignment() -> None:
    make(
        "assignment",
        *record(),
        reference("account_id", "account.id", null=False),
        reference("device_id", "device.id", null=False),
        day("until_on", null=False),
        sa.UniqueConstraint("account_id", "device_id"),
    )


def _inspection() -> None:
    make(
        "inspection",
        *fact(),
        reference("device_id", "device.id", null=False),
        one_of(
            "kind",
            "install",
            "daily",
            "weekly",
            "monthly",
            "quarterly",
            "annual",
            "special",
            "post_use",
            "public_report",
        ),
        instant("at", null=False),
        instant("received_at", null=False),
        reference("account_id", "account.id"),
        reference("person_id", "person.id"),
        one_of("source", "app", "paper", "remote", "qr"),
        decimal("lon"),
        decimal("lat"),
        decimal("accuracy_m"),
        decimal("distance_to_device_m"),
        decimal("duration_s"),
        plain("items", null=False),
        one_of("overall", "pass", "attention", "fail"),
        words("note"),
        reference("corrects_id", "inspection.id"),
        code("client_uuid", 36, unique=True),
        whole("schema_version", null=False),
        sa.Index(None, "device_id", "at"),
    )


def _inspection_review() -> None:
    make(
        "inspection_review",
        *fact(),
        reference("inspection_id", "inspection.id", null=False),
        one_of("state", "accepted", "queried", "rejected"),
        reference("account_id", "account.id"),
        instant("at", null=False),
        words("reason"),
    )


def _defect() -> None:
    make(
        "defect",
        *record(),
        reference("device_id", "device.id", null=False),
        reference("inspection_id", "inspection.id"),
        words("item"),
        one_of("severity", "critical", "major", "minor"),
        instant("found_at", null=False),
        words("action_plan"),
        day("due_on"),
        instant("done_at"),
        reference("done_by", "account.id"),
        words("evidence"),
        words("reason_if_value_corrected"),
        whole("escalated_level", null=False),
    )


def _task() -> None:
    make(
        "task",
        *record(),
        code("rule_id", 64),
        code("subject_kind", 32),
        code("subject_id", 32),
        day("due_on", null=False),
        whole("escalation", null=False),
        instant("acknowledged_at"),
        reference("acknowledged_by", "account.id"),
        instant("done_at"),
        sa.UniqueConstraint("rule_id", "subject_kind", "subject_id", "due_on"),
    )


def _notice() -> None:
    make(
        "notice",
        *record(),
        code("key", 64, unique=True),
        reference("task_id", "task.id"),
        code("channel", 16),
        words("receiver"),
        words("subject"),
        words("text"),
        one_of("state", "waiting", "sent", "failed"),
        whole("tries", null=False),
        instant("next_try_at", index=True),
        instant("sent_at"),
        words("fault"),
    )
