"""Sheets taken into the records; a step of a device's life can go once the log has told so, with a device added by mistake."""

from alembic import op

from service.migrations.append_only import protect, release
from service.migrations.columns import code, instant, make, one_of, plain, record, reference, words

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table; let a step go after the log has told that it will."""
    make(
        "sheet_import",
        *record(),
        words("name"),
        words("sheet"),
        instant("at", null=False),
        reference("account_id", "account.id"),
        one_of("state", "previewed", "applied", "undone"),
        plain("counts", null=False),
        code("digest", 64),
        words("content_sealed"),
        words("before_sealed"),
        instant("applied_at"),
        instant("undone_at"),
    )
    release("device_step")


def downgrade() -> None:
    """Remove the table; keep every step again."""
    op.drop_table("sheet_import")
    release("device_step", back=True)
    protect("device_step", what=("DELETE",))
