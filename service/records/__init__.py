"""The rules and queries of each subject: plain functions of a session and plain values, no HTTP, never a commit."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from ..errors import ServiceError
from ..history import RecordSession
from ..tables import Base, Fact, Record, new_id

AnyRecord = TypeVar("AnyRecord", bound=Base)
Fault = tuple[str, str]
"""What is wrong, in Chinese and in English."""

FEW = 100
"""Of more records than these all rows are read: naming each one costs more."""


def find(session: Session, table: type[AnyRecord], record_id: str) -> AnyRecord:
    """The record with an id.

    Raises ServiceError 404 when there is none.
    """
    found = session.get(table, record_id)
    if found is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    return found


TOGETHER = "together"
"""Set in a session's info while many records are written at once: those that no other can point to go to the database with
the next question or at the end of the savepoint, which is several times as fast."""


def add(session: RecordSession, record: AnyRecord) -> AnyRecord:
    """Add a record, and the line in the log."""
    if isinstance(record, Record | Fact):
        record.id = record.id or new_id()
    session.add(record)
    if not (session.info.get(TOGETHER) and is_leaf(type(record))):
        session.flush()
    return record


@cache
def is_leaf(table: type[Base]) -> bool:
    """Whether no other table points to a table's records: it does not matter when they go to the database."""
    return not any(key.column.table is table.__table__ for t in Base.metadata.tables.values() for key in t.foreign_keys)


def change(session: RecordSession, record: AnyRecord, values: Mapping[str, Any]) -> AnyRecord:
    """Set some fields of a record; those that stay the same leave no line in the log.

    values  `version` among them, when not None, is the one that the caller saw

    Raises ServiceError 409 when somebody has changed the record since.
    """
    fields = dict(values)
    seen = fields.pop("version", None)
    if seen is not None and seen != getattr(record, "version", None):
        raise ServiceError(409, "他人刚刚修改过，请刷新后重试。", "Somebody has changed this since; reload.")
    for name, value in fields.items():
        if getattr(record, name) != value:
            setattr(record, name, value)
    if not session.info.get(TOGETHER):
        session.flush()
    return record


def set_ties(
    session: Session, rows: Iterable[Any], column: str, wanted: Iterable[str], make: Callable[[str], Base]
) -> None:
    """Make these and no others the records that one is tied to.

    rows    the ties there are, each with an id in `column`
    wanted  ids; one that stands there twice is tied once
    make    the tie to an id
    """
    there, ids = {getattr(row, column): row for row in rows}, dict.fromkeys(wanted)
    for id, row in there.items():
        if id not in ids:
            session.delete(row)
    session.add_all(make(id) for id in ids if id not in there)
    session.flush()


def refuse(faults: Iterable[Fault]) -> None:
    """Raise one ServiceError 422 with all faults, or return when there are none."""
    found = list(faults)
    if found:
        raise ServiceError(422, "；".join(zh for zh, _ in found) + "。", "; ".join(en for _, en in found) + ".")


def period_faults(first: Any, last: Any) -> list[Fault]:
    """Faults of two dates of which the second must not lie before the first."""
    if first is not None and last is not None and last < first:
        return [(f"结束日期 {last} 早于开始日期 {first}", f"it ends on {last}, before it starts on {first}")]
    return []
