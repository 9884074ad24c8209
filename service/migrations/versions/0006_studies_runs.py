"""Studies of planners, their runs and files; which run a published plan comes from."""

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import code, instant, make, one_of, plain, record, reference, whole, words

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables and the column."""
    make(
        "study",
        *record(),
        reference("account_id", "account.id"),
        words("title_zh"),
        words("title_en"),
        plain("settings", null=False),
        instant("changed_at", null=False),
    )
    make(
        "study_run",
        *record(),
        reference("study_id", "study.id", null=False),
        reference("account_id", "account.id"),
        whole("study_version", null=False),
        words("title_zh"),
        words("title_en"),
        plain("settings", null=False),
        one_of("state", "waiting", "done", "stopped", "failed", "interrupted"),
        whole("attempt", null=False),
        instant("at", null=False, index=True),
        instant("ended_at"),
        words("fault_zh"),
        words("fault_en"),
        plain("figures"),
    )
    make(
        "study_file",
        *record(),
        reference("account_id", "account.id"),
        words("name"),
        code("sha256", 64),
        whole("size", null=False),
        instant("at", null=False),
    )
    op.add_column("published_plan", sa.Column("study_run_id", sa.String(32)))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("published_plan", "study_run_id")
    for table in ("study_file", "study_run", "study"):
        op.drop_table(table)
