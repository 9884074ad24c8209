"""Triggers that refuse to change or remove a row: what was written once stays."""

from alembic import op

WHAT = ("UPDATE", "DELETE")


def protect(table: str) -> None:
    """Refuse UPDATE and DELETE on a table."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$"
        )
    for what in WHAT:
        does = "EXECUTE FUNCTION refuse_change()"
        if not postgresql:
            does = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW {does}")


def forget() -> None:
    """Remove what the triggers share, once no table has any."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
