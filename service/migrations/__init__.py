"""The versions of the tables, up and down, through Alembic; the same steps on SQLite and PostgreSQL."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0008"
"""The version that this program reads and writes: the newest under versions/."""


def revision(connection: sa.Connection) -> str | None:
    """The version of the tables; None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def upgrade(connection: sa.Connection, target: str = HEAD) -> None:
    """Bring the tables up to a version, inside the caller's transaction."""
    from alembic import command

    command.upgrade(_config(connection), target)


def downgrade(connection: sa.Connection, target: str = "base") -> None:
    """Bring the tables down to a version, inside the caller's transaction; "base" removes them all."""
    from alembic import command

    command.downgrade(_config(connection), target)


def known(connection: sa.Connection, version: str) -> bool:
    """Whether this program knows a version of the tables; one that is newer than itself it does not."""
    from alembic.script import ScriptDirectory

    return version in {step.revision for step in ScriptDirectory.from_config(_config(connection)).walk_revisions()}


def remove(connection: sa.Connection) -> None:
    """Take all tables down, those of a newer program too, inside the caller's transaction."""
    version = revision(connection)
    if version is None or known(connection, version):
        downgrade(connection)
        return
    there = sa.MetaData()
    there.reflect(connection)
    there.drop_all(connection)
    if connection.dialect.name == "postgresql":  # what kept some of them as they were written (see append_only.py)
        names = "SELECT proname FROM pg_proc WHERE proname LIKE 'refuse\\_%' AND pronamespace = current_schema()::regnamespace"
        for name in connection.scalars(sa.text(names)).all():
            connection.exec_driver_sql(f"DROP FUNCTION {name}()")


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
