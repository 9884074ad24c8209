"""What was judged of a check, kept with it; e-mail addresses and the receivers of notices sealed; calendar feeds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from service.migrations.columns import code, instant, make, record, reference

revision = "0004"
down_revision = "0003"

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("inspection", sa.Column("digest", sa.String(64), nullable=False, server_default=""))
    op.add_column("inspection", sa.Column("flags", JSON, nullable=False, server_default=sa.text("'[]'")))
    for name in ("plans", "reasons"):
        op.add_column("inspection", sa.Column(name, JSON, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("person", sa.Column("email_sealed", sa.Text, nullable=False, server_default=""))
    op.add_column("notice", sa.Column("receiver_sealed", sa.Text, nullable=False, server_default=""))
    op.add_column("notice", sa.Column("made_at", sa.DateTime(timezone=True)))
    op.drop_column("notice", "receiver")
    make(
        "calendar_feed",
        *record(),
        reference("account_id", "account.id", null=False),
        code("token_hash", 64, unique=True),
        instant("made_at", null=False),
        instant("ended_at"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("calendar_feed")
    op.add_column("notice", sa.Column("receiver", sa.Text, nullable=False, server_default=""))
    op.drop_column("notice", "made_at")
    op.drop_column("notice", "receiver_sealed")
    op.drop_column("person", "email_sealed")
    for name in ("reasons", "plans", "flags", "digest"):
        op.drop_column("inspection", name)
