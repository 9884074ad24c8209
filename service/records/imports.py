"""Imports: a file of sheets is looked at, row by row, before anything changes; taken in at once or not at all; undone.

Looking is taking in and rolling back, so that the preview cannot differ from what happens. What an import writes stands in
the log under its note; undoing replays that backwards, unless somebody has changed one of the records since.
"""

import base64
import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..errors import ServiceError
from ..history import By, RecordSession, changes_noted, forget
from ..sheets.readings import Book, Remark, read_book
from ..tables import Base, Change, Fact, SheetImport
from . import add, find, is_leaf
from .sheets import RowResult, count, digest, take_in

KEPT = dt.timedelta(days=2)
"""So long a file that nobody takes in is kept."""

FEW_TOLD = 5


@dataclass(frozen=True)
class Looked:
    """An import with what becomes of each row, as long as that can be told."""

    kept: SheetImport
    rows: tuple[RowResult, ...] = ()
    remarks: tuple[Remark, ...] = ()


def preview(session: RecordSession, content: bytes, *, name: str = "", sheet: str = "") -> Looked:
    """What would change if a file were taken in; it is kept, sealed, until then.

    sheet  which sheet a CSV table is

    Raises ServiceError 413, 415 or 422 when it cannot be read.
    """
    book = read_book(content, sheet=sheet)
    _forget_old(session)
    rows = _dry(session, book)
    kept = SheetImport(
        name=name, sheet=sheet, at=session.by.at, account_id=session.by.account, counts=count(rows), digest=digest(rows),
        content_sealed=session.safe.seal(base64.b64encode(content).decode()),
    )  # fmt: skip
    return Looked(add(session, kept), tuple(rows), book.remarks)


def _dry(session: RecordSession, book: Book) -> list[RowResult]:
    """What becomes of each row, all rolled back."""
    inner = session.begin_nested()
    try:
        return take_in(session, book)[0]
    finally:
        inner.rollback()
        session.expire_all()


def _forget_old(session: RecordSession) -> None:
    old = select(SheetImport).where(SheetImport.state == "previewed", SheetImport.at < session.by.at - KEPT)
    for one in session.scalars(old):
        session.delete(one)
    session.flush()


def look_again(session: RecordSession, kept: SheetImport) -> Looked:
    """What would change now; of an import that is taken in only that."""
    if kept.state != "previewed":
        return Looked(kept)
    book = _book(session, kept)
    return Looked(kept, tuple(_dry(session, book)), book.remarks)


def _book(session: RecordSession, kept: SheetImport) -> Book:
    return read_book(base64.b64decode(session.safe.open(kept.content_sealed)), sheet=kept.sheet)


def apply(session: RecordSession, kept: SheetImport) -> Looked:
    """Take in what was looked at: every row that was not refused.

    Raises ServiceError 409 when that would differ from what was shown, or was done already.
    """
    if kept.state != "previewed":
        raise ServiceError(409, "这次导入已经执行过。", "This import was taken in already.")
    by, book = session.by, _book(session, kept)
    session.info["by"] = By(by.account, by.role, by.at, note_of(kept.id))
    rows, work = take_in(session, book)
    if digest(rows) != kept.digest:
        raise ServiceError(
            409, "预览之后档案有变化，请重新预览。", "The records have changed since the preview; preview again."
        )
    session.info["by"] = by
    kept.state, kept.applied_at, kept.content_sealed = "applied", by.at, ""
    kept.before_sealed = session.safe.seal(json.dumps(work.sealed)) if work.sealed else ""
    session.flush()
    return Looked(kept, tuple(rows), book.remarks)


def note_of(import_id: str) -> str:
    """Under which note the log tells what an import changed."""
    return f"import {import_id}"


def undo(session: RecordSession, kept: SheetImport) -> Looked:
    """Put everything back as it was before an import.

    Raises ServiceError 409, naming what, when somebody has changed or used a record since.
    """
    if kept.state != "applied":
        raise ServiceError(409, "这次导入没有执行，或已撤销。", "This import was not taken in, or is undone already.")
    lines = changes_noted(session, note_of(kept.id))
    _refuse_later(session, lines)
    sealed = json.loads(session.safe.open(kept.before_sealed) or "{}")
    by = session.by
    session.info["by"] = By(by.account, by.role, by.at, f"undo {kept.id}")
    _take_back(session, lines, sealed)
    session.info["by"] = by
    kept.state, kept.undone_at, kept.before_sealed = "undone", by.at, ""
    session.flush()
    return Looked(kept)


def _refuse_later(session: Session, lines: list[Change]) -> None:
    """Refuse when the log tells of a later change of any record that an import wrote."""
    last = {(line.kind, line.record_id): line.id for line in lines}
    ids = sorted({line.record_id for line in lines})
    later: list[Change] = []
    for start in range(0, len(ids), 500):
        some = Change.record_id.in_(ids[start : start + 500])
        found = session.scalars(select(Change).where(some, Change.id > min(last.values())).order_by(Change.id))
        later += [one for one in found if one.id > last.get((one.kind, one.record_id), "~")]
    if later:
        zh = f"导入后有 {len(later)} 处改动，不能撤销：{'；'.join(_told(later))}。"
        raise ServiceError(409, zh, f"Changed since, so it cannot be undone: {'; '.join(_told(later))}.")


def _told(later: Iterable[Change]) -> list[str]:
    told = [f"{one.kind} {one.record_id} ({one.at:%Y-%m-%d %H:%M} UTC, {one.role})" for one in later]
    return told[:FEW_TOLD] + (["…"] if len(told) > FEW_TOLD else [])


def _take_back(session: RecordSession, lines: list[Change], sealed: dict[str, dict[str, str]]) -> None:
    """Replay lines of the log backwards; what others point to by itself, when those are gone or before they come."""
    try:
        for line in reversed(lines):
            alone = line.verb != "change" and not is_leaf(_tables()[line.kind])
            if alone:
                session.flush()
            _undo_line(session, line, sealed)
            if alone:
                session.flush()
        session.flush()
    except IntegrityError as error:
        what = (error.statement or "").removeprefix("DELETE FROM ").split(" ")[0]
        zh = f"导入的记录（{what}）已被别处使用，不能撤销。"
        raise ServiceError(
            409, zh, f"A record that came in ({what}) is used elsewhere since; this cannot be undone."
        ) from error


def _undo_line(session: RecordSession, line: Change, sealed: dict[str, dict[str, str]]) -> None:
    """Take back one line of the log."""
    table = _tables()[line.kind]
    if line.verb == "remove":
        session.add(table(**_values(table, line.before)))
        return
    record = find(session, table, line.record_id)
    if line.verb == "add" and isinstance(record, Fact):
        forget(session, record)
    elif line.verb == "add":
        session.delete(record)
    else:
        known = _known(line.before, sealed.get(f"{line.kind} {line.record_id}", {}))
        for name, value in (_values(table, line.before) | known).items():
            setattr(record, name, value)


def _known(before: dict[str, Any], sealed: dict[str, str]) -> dict[str, str]:
    """Of the personal columns that were changed what they held."""
    return {name: text for name, text in sealed.items() if name in before}


@cache
def _tables() -> dict[str, type[Base]]:
    return {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]


def _values(table: type[Any], plain: dict[str, Any]) -> dict[str, Any]:
    """Fields as the log tells them, as the table holds them."""
    return {name: _value(table.__table__.columns[name].type, value) for name, value in plain.items()}


def _value(kind: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(kind, sa.Date):
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and not isinstance(kind, sa.String | sa.Text | sa.JSON):
        return dt.datetime.fromisoformat(value)
    return value


def list_imports(session: Session) -> list[SheetImport]:
    """The imports, newest first."""
    return list(session.scalars(select(SheetImport).order_by(SheetImport.at.desc(), SheetImport.id.desc())))
