"""Records as sheets and back: what stands in each cell, and what would change if somebody's sheets were taken in.

Every row is taken by itself: what is wrong with one does not keep the others. A row that names a record on record changes
only what its cells say otherwise; an empty cell says nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy.exc import DBAPIError

from ..errors import ServiceError
from ..history import RecordSession
from ..sheets.readings import Book, Page
from ..sheets.record_sheets import Cell, CellError, Column, Sheet, clears, shown, shown_text, unkept, value_of
from . import TOGETHER, Fault
from .sheet_devices import DEVICES
from .sheet_names import Names
from .sheet_subjects import SUBJECTS, Subject, Values, Within, Work

Action = Literal["new", "change", "same", "refused"]


@dataclass(frozen=True)
class CellChange:
    """A field of a record before and after."""

    column_zh: str
    column_en: str
    before: str
    after: str


@dataclass(frozen=True)
class RowResult:
    """What becomes of a row; `row` as a spreadsheet counts, `what` a few words that say which it is."""

    sheet: str
    row: int
    action: Action
    what: str
    changes: tuple[CellChange, ...] = ()
    faults: tuple[Fault, ...] = ()


def subject_of(sheet: str) -> Subject:
    """How a sheet meets the records."""
    return DEVICES if sheet == "devices" else SUBJECTS[sheet]


def sheet_rows(
    session: RecordSession,
    sheet: Sheet,
    *,
    within: Within = None,
    devices: frozenset[str] = frozenset(),
    people: frozenset[str] | None = None,
) -> list[list[Cell]]:
    """All records of a sheet, cell by cell; with `within` only those of these sites, and these devices.

    people  who may be named, by id; None is everybody
    """
    work, subject = Work(session, Names(session), devices=devices), subject_of(sheet.id)
    return [
        [shown(column, cells.get(column.field)) for column in sheet.columns]
        for cells in (_named(work, sheet, subject, record, people) for record in subject.load(work, within))
    ]


def _named(work: Work, sheet: Sheet, subject: Subject, record: Any, people: Within = None) -> Values:
    """The values of a record, with names in the place of ids; those who may not be named are left out."""
    values = subject.read(work, record) | {"id": record.id}
    for column in sheet.columns:
        value = values.get(column.field)
        if column.about == "people" and people is not None:
            value = values[column.field] = _only(value, people)
        if column.kind == "to" and value is not None:
            values[column.field] = work.names.name(column.about, value)
        elif column.kind == "all" and value:
            values[column.field] = sorted(work.names.name(column.about, one) for one in value)
    return values


def _only(value: Any, people: frozenset[str]) -> Any:
    """Of a person or several those who may be named."""
    if isinstance(value, list):
        return [one for one in value if one in people]
    return value if value in people else None


def take_in(session: RecordSession, book: Book) -> tuple[list[RowResult], Work]:
    """Take in what stands in a book; what became of each row, and what undoing needs besides the log."""
    work = Work(session, Names(session))
    session.info[TOGETHER] = True
    try:
        return [result for page in book.pages for result in _Taking(work, page).rows()], work
    finally:
        session.info[TOGETHER] = False


NAMED_BY = {
    "organisations": "name",
    "sites": "name",
    "people": "name",
    "devices": "public_code",
    "agreements": "number",
}
"""The field by which other sheets point to a record."""


class _Taking:
    """One page on its way into the records."""

    def __init__(self, work: Work, page: Page) -> None:
        self._work, self._page, self._subject = work, page, subject_of(page.sheet.id)
        self._records: dict[str, Any] = {}
        self._keys: dict[Any, list[str]] = {}
        for record in self._subject.load(work, None):
            self._note(record, self._subject.read(work, record))
        self._taken: dict[str, int] = {}
        if page.sheet.id in NAMED_BY:
            work.names.read(page.sheet.id)

    def rows(self) -> list[RowResult]:
        """What becomes of each row."""
        return [self._row(number, cells) for number, cells in self._page.rows]

    def _note(self, record: Any, values: Values) -> None:
        self._records[record.id] = record
        for key in self._subject.keys(values):
            self._keys.setdefault(key, []).append(record.id)

    def _row(self, number: int, cells: Mapping[str, str]) -> RowResult:
        values, faults = self._understand(cells)
        what = self._subject.label({name: value for name, value in values.items() if value is not None})
        action: Action = "refused"
        changes: tuple[CellChange, ...] = ()
        told: list[Fault] = []
        try:
            with self._work.session.begin_nested():
                action, changes = self._take(number, cells, values, faults)
        except _RowError as error:
            told = error.faults
        except CellError as error:
            told = [(error.zh, error.en)]
        except ServiceError as error:
            told = [(error.message_zh.rstrip("。"), error.message_en.rstrip("."))]
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            told = [("与现有档案冲突", "this conflicts with the records")]
        if told:  # perhaps only when the row was sent to the database
            action, changes = "refused", ()
        return RowResult(self._page.sheet.id, number, action, what, changes, tuple(told))

    def _understand(self, cells: Mapping[str, str]) -> tuple[Values, dict[str, Fault]]:
        """The values of a row, None where a field is to be emptied; and what is wrong, by field."""
        values: Values = {}
        faults: dict[str, Fault] = {}
        for column in self._page.sheet.columns:
            text = cells.get(column.field, "")
            if not text or column.kind == "id":
                continue
            try:
                values[column.field] = None if clears(text) else self._value(column, unkept(text))
            except CellError as error:
                faults[column.field] = (f"{column.zh}：{error.zh}", f"{column.en}: {error.en}")
        return values, faults

    def _value(self, column: Column, text: str) -> Any:
        names, value = self._work.names, value_of(column, text)
        if column.kind == "to":
            return names.find(column.about, value)
        if column.kind == "all":
            return [names.find(column.about, one) for one in value]
        return names.find("units", value) if column.kind == "unit" else value

    def _take(
        self, number: int, cells: Mapping[str, str], values: Values, faults: dict[str, Fault]
    ) -> tuple[Action, tuple[CellChange, ...]]:
        """Write a row; what stays as it is on record is not looked at further, even where it would be refused anew."""
        record = self._find(cells.get("id", ""), values)
        before = {} if record is None else _named(self._work, self._page.sheet, self._subject, record)
        changes = self._changes(cells, values, before)
        wrong = [fault for field, fault in faults.items() if not self._stays(field, cells, before)]
        if record is None:
            wrong += self._missing(values)
        if wrong:
            raise _RowError(wrong)
        if record is not None and not changes:
            self._taken[record.id] = number
            return "same", ()
        written = self._subject.write(self._work, record, {field: values[field] for field in changes})
        self._after(written, number, cells, before | values)
        return ("new" if record is None else "change"), tuple(changes.values())

    def _find(self, id: str, values: Values) -> Any:
        """The record on record that a row is about; None for a new one.

        Raises CellError when several are, or an earlier row was.
        """
        keys = self._subject.keys(values)
        found = [id] if id in self._records else self._keys.get(keys[0], []) if keys else []
        if id and id not in self._records:  # an export of another database, in which two may share a name
            found = [one for one in found if one not in self._taken]
        if len(found) > 1:
            raise CellError(f"档案里有 {len(found)} 条同名", f"{len(found)} records have this name")
        if found and found[0] in self._taken:
            row = self._taken[found[0]]
            raise CellError(f"与第 {row} 行重复", f"row {row} is about the same")
        return self._records[found[0]] if found else None

    def _changes(self, cells: Mapping[str, str], values: Values, before: Values) -> dict[str, CellChange]:
        changes = {}
        for field, value in values.items():
            column = self._page.sheet.column(field)
            old, new = shown_text(column, before.get(field)), shown_text(column, self._name(column, value))
            if old != new and not self._stays(field, cells, before):
                changes[field] = CellChange(column.zh, column.en, old, new)
        return changes

    def _name(self, column: Column, value: Any) -> Any:
        if column.kind == "to" and value is not None:
            return self._work.names.name(column.about, value)
        if column.kind == "all" and value:
            return sorted(self._work.names.name(column.about, one) for one in value)
        return value

    def _stays(self, field: str, cells: Mapping[str, str], before: Values) -> bool:
        told = shown_text(self._page.sheet.column(field), before.get(field))
        return bool(told) and unkept(cells[field]) == told

    def _missing(self, values: Values) -> list[Fault]:
        needed = [column for column in self._page.sheet.columns if column.needed and values.get(column.field) is None]
        return [(f"缺少{column.zh}", f"{column.en} is missing") for column in needed]

    def _after(self, written: Any, number: int, cells: Mapping[str, str], values: Values) -> None:
        """Take note of a row that is in, for those that point to it."""
        sheet = self._page.sheet.id
        self._taken[written.id] = number
        self._note(written, values)
        if sheet in NAMED_BY:
            name = values["name"] if sheet == "people" else getattr(written, NAMED_BY[sheet])
            self._work.names.add(sheet, written.id, name, came_as=cells.get("id", ""))


class _RowError(Exception):
    """What is wrong with a row."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)


def digest(results: Sequence[RowResult]) -> str:
    """Checksum of what became of some rows: another one means that the records have changed in between."""
    return hashlib.sha256(repr(results).encode()).hexdigest()


def count(results: Sequence[RowResult]) -> dict[str, int]:
    """How many rows are new, changed, the same, refused."""
    return {action: sum(one.action == action for one in results) for action in get_args(Action)}
