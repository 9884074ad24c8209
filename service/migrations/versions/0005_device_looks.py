"""What was last seen of each device, kept beside its inspections."""

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import make, plain

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; its rows follow from the inspections (see looks.py) and are made when they are first needed."""
    to = sa.ForeignKey("device.id", deferrable=True, initially="IMMEDIATE")
    make("device_looks", sa.Column("device_id", sa.String(32), to, primary_key=True), plain("items", null=False))


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("device_looks")
