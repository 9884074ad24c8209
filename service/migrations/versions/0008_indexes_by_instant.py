"""Indexes by instant: of the hundreds of checks of a device and lines of its log only those since an instant are read."""

from alembic import op

revision = "0008"
down_revision = "0007"

BEFORE, AFTER = "ix_change_kind_change_record_id", "ix_change_kind_change_record_id_change_at"
ARRIVED = "ix_inspection_device_id_inspection_received_at"


def upgrade() -> None:
    """Put the instant into the index of the log; add one of when checks arrived."""
    op.drop_index(BEFORE, "change")
    op.create_index(AFTER, "change", ["kind", "record_id", "at"])
    op.create_index(ARRIVED, "inspection", ["device_id", "received_at"])


def downgrade() -> None:
    """Make the indexes that were there."""
    op.drop_index(ARRIVED, "inspection")
    op.drop_index(AFTER, "change")
    op.create_index(BEFORE, "change", ["kind", "record_id"])
