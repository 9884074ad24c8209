"""Who changed what, when, what before and what after: every flush leaves its lines, so that no rule can forget to.

Sealed and secret columns are named in the log, their content never is.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, event, func, insert, inspect, select
from sqlalchemy.orm import InstanceState, ORMExecuteState, Session, UOWTransaction

from .sealing import Safe
from .tables import Base, Change, Fact, new_id

HIDDEN = "***"


@dataclass(frozen=True)
class By:
    """Who writes and when. `account` is None for the machine itself and for the public."""

    account: str | None
    role: str
    at: dt.datetime
    note: str = ""


class RecordSession(Session):
    """A session whose writes are logged under the name in `info["by"]`; without one it can only read."""

    @property
    def by(self) -> By:
        """Who writes; raises RuntimeError in a session that was opened for reading."""
        by = self.info.get("by")
        if not isinstance(by, By):
            raise RuntimeError("this session was opened without saying who writes")
        return by

    @property
    def safe(self) -> Safe:
        """Seals and opens names and phones."""
        safe = self.info["safe"]
        assert isinstance(safe, Safe)
        return safe


def history(session: Session, record: Base) -> list[Change]:
    """All that happened to a record, oldest first."""
    return history_of(session, *_name(inspect(record)))


def history_of(session: Session, kind: str, record_id: str) -> list[Change]:
    """All that happened to the record of a table with an id, oldest first."""
    query = select(Change).where(Change.kind == kind, Change.record_id == record_id)
    return list(session.scalars(query.order_by(Change.at, Change.id)))


def last_change_at(session: Session) -> dt.datetime | None:
    """When anything was last changed; None when nothing ever was."""
    return session.scalar(select(func.max(Change.at)))


def list_changes(session: Session, *, kind: str = "", record_id: str = "", most: int) -> list[Change]:
    """The newest lines of the log, newest first; of one kind of record, or one record."""
    query = select(Change).order_by(Change.at.desc(), Change.id.desc()).limit(most)
    if kind:
        query = query.where(Change.kind == kind)
    if record_id:
        query = query.where(Change.record_id == record_id)
    return list(session.scalars(query))


def as_of(changes: list[Change], at: dt.datetime) -> dict[str, Any]:
    """The record's fields as they stood at an instant, from its changes oldest first; {} before it was added."""
    fields: dict[str, Any] = {}
    for change in changes:
        if change.at <= at:
            fields |= change.after
    return fields


def forget(session: RecordSession, fact: Fact) -> None:
    """Remove what was written once, as only undoing an addition may: the log tells so first, or the database refuses."""
    connection, by, name = session.connection(), session.by, _name(inspect(fact))
    state: InstanceState[Any] = inspect(fact)
    before = {key: _plain(state, key, getattr(fact, key)) for key in state.mapper.column_attrs.keys()}  # noqa: SIM118
    who = {"id": new_id(), "at": by.at, "account_id": by.account, "role": by.role, "note": by.note}
    line = {"kind": name[0], "record_id": name[1], "verb": "remove", "before": before, "after": {}}
    connection.execute(insert(Change), [who | line])
    table = type(fact).__table__
    connection.execute(delete(table).where(table.c.id == fact.id))  # type: ignore[arg-type]
    session.expunge(fact)


def changes_noted(session: Session, note: str) -> list[Change]:
    """All that was written under a note, oldest first."""
    return list(session.scalars(select(Change).where(Change.note == note).order_by(Change.id)))


@event.listens_for(RecordSession, "after_flush")
def _log(session: RecordSession, _: UOWTransaction) -> None:
    lines = [*_added(session), *_changed(session), *_removed(session)]
    if lines:
        by = session.by
        who = {"at": by.at, "account_id": by.account, "role": by.role, "note": by.note}
        session.connection().execute(_LINES, [{"id": new_id(), **who, **line} for line in lines])


_LINES = insert(Change)  # made once: this is written with everything


@event.listens_for(RecordSession, "do_orm_execute")
def _refuse_unlogged(state: ORMExecuteState) -> None:
    """An UPDATE or DELETE statement passes by the log, so it may only touch tables that are not logged."""
    if state.is_update or state.is_delete:
        mapper = state.bind_mapper
        if mapper is None or mapper.class_.logged:
            raise RuntimeError("a logged table is written record by record, not by one statement")


def _added(session: Session) -> Iterator[dict[str, Any]]:
    for record in session.new:
        if record.logged:
            state = inspect(record)
            columns = [] if isinstance(record, Fact) else state.mapper.column_attrs.keys()  # a fact is its own log
            after = {name: _plain(state, name, state.dict.get(name)) for name in columns if name != "version"}
            yield _line("add", state, {}, after)


def _changed(session: Session) -> Iterator[dict[str, Any]]:
    for record in session.dirty:
        state = inspect(record)
        before, after = {}, {}
        for name in state.mapper.column_attrs.keys() if record.logged else ():
            past = state.attrs[name].history
            if past.has_changes() and name != "version":
                before[name] = _plain(state, name, past.deleted[0] if past.deleted else None)
                after[name] = _plain(state, name, past.added[0] if past.added else None)
        if after:
            yield _line("change", state, before, after)


def _removed(session: Session) -> Iterator[dict[str, Any]]:
    for record in session.deleted:
        if record.logged:
            state = inspect(record)
            columns = state.mapper.column_attrs.keys()
            before = {name: _plain(state, name, state.dict.get(name)) for name in columns if name != "version"}
            yield _line("remove", state, before, {})


def _line(verb: str, state: InstanceState[Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    kind, record_id = _name(state)
    return {"kind": kind, "record_id": record_id, "verb": verb, "before": before, "after": after}


def _name(state: InstanceState[Any]) -> tuple[str, str]:
    key = state.mapper.primary_key_from_instance(state.obj())  # type: ignore[arg-type]
    return state.mapper.local_table.name, str(key[0])  # type: ignore[attr-defined]


def _plain(state: InstanceState[Any], name: str, value: Any) -> Any:
    """What JSON can hold of a column's value, and only that there is one where nobody may read it."""
    info = state.mapper.columns[name].info
    if info.keys() & {"sealed", "secret", "private"}:
        return HIDDEN if value else ""
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
