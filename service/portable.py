"""Tables as CSV that reads the same into either database: UTF-8, ISO dates, instants in UTC, empty for unknown.

Text that a spreadsheet would take for a formula gets an apostrophe before it, and loses it again on the way in.
"""

import csv
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

import sqlalchemy as sa

from aedplan.tables.formulas import runs

LEFT_OUT = frozenset({"alembic_version", "sign_in", "one_time_link", "device_looks"})
"""Sessions and links are for the day: who gets a copy of the records must not get in with it. What is derived is made anew."""

_AT_ONCE = 1000
_QUOTED = ("'", "\t", "\r")
"""What gets an apostrophe besides formulas: on the way in one is taken from whatever begins with it."""

Row = dict[str, Any]


def tables(connection: sa.Connection) -> list[sa.Table]:
    """The tables of the records as they are in the database, each after those it names."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def write_table(connection: sa.Connection, table: sa.Table, file: IO[str], change: Callable[[Row], Row]) -> int:
    """Write all rows of a table, each as `change` makes it; how many there were."""
    key = table.primary_key.columns.values()
    streamed = connection.execution_options(yield_per=_AT_ONCE).execute(sa.select(table).order_by(*key))
    writer, count = csv.writer(file, lineterminator="\n"), 0
    header = change({column.name: "" for column in table.columns})
    writer.writerow(header)
    for row in streamed.mappings():
        plain = change({name: _to_text(value) for name, value in row.items()})
        writer.writerow(_harmless(plain[name]) for name in header)
        count += 1
    return count


def read_table(connection: sa.Connection, table: sa.Table, file: IO[str], change: Callable[[Row], Row]) -> int:
    """Read rows into a table, each as `change` makes it; how many there were."""
    csv.field_size_limit(2**31 - 1)  # a plan's features are one field
    rows = (_values(table, change(_restored(row))) for row in csv.DictReader(file))
    count = 0
    for some in _batches(rows):
        connection.execute(sa.insert(table), some)
        count += len(some)
    return count


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _to_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return repr(value) if isinstance(value, float) else str(value)


def _values(table: sa.Table, row: Mapping[str, str]) -> Row:
    return {column.name: _from_text(column, row.get(column.name, "")) for column in table.columns}


def _from_text(column: sa.Column[Any], text: str) -> Any:
    kind = column.type
    if text == "":
        return "" if isinstance(kind, sa.String) and not column.nullable else None
    if isinstance(kind, sa.JSON):
        return json.loads(text)
    if isinstance(kind, sa.Boolean):
        return text == "true"
    if isinstance(kind, sa.DateTime):
        instant = dt.datetime.fromisoformat(text)
        return instant if kind.timezone else instant.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat(text)
    if isinstance(kind, sa.Integer):
        return int(text)
    return float(text) if isinstance(kind, sa.Numeric) else text


def _harmless(text: str) -> str:
    return "'" + text if (runs(text) or text.startswith(_QUOTED)) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _restored(row: Mapping[str, str]) -> Row:
    return {name: text.removeprefix("'") for name, text in row.items()}
