"""Triggers that refuse to change or remove a row: what was written once stays."""

from alembic import op

WHAT = ("UPDATE", "DELETE")


def protect(table: str, what: tuple[str, ...] = WHAT) -> None:
    """Refuse UPDATE and DELETE on a table."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$"
        )
    for verb in what:
        does = "EXECUTE FUNCTION refuse_change()"
        if not postgresql:
            does = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW {does}")


def release(table: str, *, back: bool = False) -> None:
    """Let a row of a protected table be removed after the log, which nobody can change, has told so; `back`: no more."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER {table}_no_delete" + (f" ON {table}" if postgresql else ""))
    if back:
        if postgresql:
            op.execute(f"DROP FUNCTION refuse_{table}_removal()")
        return
    told = f"EXISTS (SELECT 1 FROM change WHERE kind = '{table}' AND record_id = OLD.id AND verb = 'remove')"
    if postgresql:
        op.execute(
            f"CREATE FUNCTION refuse_{table}_removal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {told} THEN RETURN OLD;"
            " END IF; RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
            " END $$"
        )
    does = f"EXECUTE FUNCTION refuse_{table}_removal()"
    if not postgresql:
        does = f"WHEN NOT {told} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {does}")


def forget() -> None:
    """Remove what the triggers share, once no table has any."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
