"""Record sheets read: what somebody filled in, in a workbook or a CSV table.

Titles above the header, a header of up to three rows, merged cells and other names for columns are understood; nothing is
dropped without being told.
"""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aedplan import InputError
from aedplan.tables.columns import join_header, plain
from aedplan.tables.encoding import decode
from aedplan.tables.formulas import unguarded
from aedplan.tables.workbooks import Merged, read_sheet

from ..errors import ServiceError
from .record_books import MOST_ROWS, NOTES, unescaped
from .record_sheets import Column, Sheet, shipped_sheets

MOST_BYTES = 5 << 20
MOST_UNPACKED = 64 << 20
MOST_CELLS = 500_000
HEADER_WITHIN, HEADER_HEIGHT = 10, 3


@dataclass(frozen=True)
class Page:
    """The rows of one sheet, by the number a spreadsheet shows; of each the cells that hold anything, by field."""

    sheet: Sheet
    rows: tuple[tuple[int, Mapping[str, str]], ...]


@dataclass(frozen=True)
class Remark:
    """What was not read, and why: an unknown sheet or column."""

    sheet: str
    zh: str
    en: str


@dataclass(frozen=True)
class Book:
    """What was read of a file."""

    pages: tuple[Page, ...]
    remarks: tuple[Remark, ...] = ()


@dataclass
class _Reading:
    pages: list[Page] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read_book(content: bytes, *, sheet: str = "") -> Book:
    """What stands in a workbook, or in a CSV table of the sheet named.

    Raises ServiceError 413 when it is too large, 415 when it is neither, 422 when there is nothing to read in it.
    """
    if len(content) > MOST_BYTES:
        raise ServiceError(413, f"文件超过 {MOST_BYTES >> 20} MB。", f"The file is larger than {MOST_BYTES >> 20} MiB.")
    try:
        reading = _read_csv(content, sheet) if not content.startswith(b"PK") else _read_xlsx(content)
    except InputError as error:
        raise ServiceError(415, f"文件无法读取：{error}", f"The file cannot be read: {error}") from error
    if sum(len(page.rows) for page in reading.pages) > MOST_ROWS:
        raise ServiceError(413, f"超过 {MOST_ROWS} 行，请分次导入。", f"More than {MOST_ROWS} rows; import in parts.")
    if not any(page.rows for page in reading.pages):
        told = "; ".join(remark.en for remark in reading.remarks)
        raise ServiceError(422, "没有读到任何行；请使用模板。", f"No rows were found; use the template. {told}")
    order = list(shipped_sheets())
    pages = sorted(reading.pages, key=lambda page: order.index(page.sheet.id))
    return Book(tuple(pages), tuple(reading.remarks))


def _read_csv(content: bytes, sheet: str) -> _Reading:
    text, _ = decode(content, "table.csv")
    known = shipped_sheets().get(sheet)
    delimiter = max(",;\t", key=text[:2000].count)
    try:
        csv.field_size_limit(MOST_BYTES)
        rows = [
            [unguarded(cell.strip()) for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise InputError(f"table.csv: {error}") from error
    reading = _Reading()
    _read_page(reading, sheet or "CSV", known, rows)
    return reading


def _read_xlsx(content: bytes) -> _Reading:
    reading = _Reading()
    with tempfile.TemporaryDirectory(prefix="aedplan-") as folder:
        path = Path(folder) / "table.xlsx"
        path.write_bytes(content)
        for title, formulas in _titles(path).items():
            _, rows, merged = read_sheet(path, title)
            rows = [[unescaped(cell) for cell in row] for row in rows]
            _tell_formulas(reading, title, [one for one in formulas if not _cell(rows, *one)])
            _fill_merged(rows, merged)
            _read_page(reading, title, _sheet_of(title), rows)
    return reading


def _titles(path: Path) -> dict[str, list[tuple[int, int]]]:
    """The sheets in sight, but for the one of explanations; of each the row and column of its formulas.

    Raises InputError when it is no workbook, or unpacks to too much.
    """
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise ServiceError(413, "文件解压后过大。", f"The file unpacks to {unpacked:,} bytes.")
        book = load_workbook(path, read_only=True)
        pages = [page for page in book.worksheets if page.sheet_state == "visible" and page.title != NOTES]
        titles, left = {}, MOST_CELLS
        for page in pages:
            titles[page.title], left = _formulas(page, left)
        book.close()
    except ServiceError:
        raise
    except Exception as error:  # openpyxl lets many kinds through when a workbook is damaged
        raise InputError("not a readable Excel workbook; expected .xlsx without a password") from error
    return titles


def _formulas(page: Any, most: int) -> tuple[list[tuple[int, int]], int]:
    """Where a sheet has formulas, and how many cells may still come in others.

    Cells left out between others count: one cell in the last corner makes seventeen billion.
    """
    page.reset_dimensions()
    found = []
    for number, row in enumerate(page.iter_rows(), start=1):
        found += [(number, column) for column, cell in enumerate(row, start=1) if cell.data_type == "f"]
        most -= len(row) + 1
        if most < 0:
            raise ServiceError(413, "表格过大。", f"The sheets have more than {MOST_CELLS:,} cells.")
    return found, most


def _cell(rows: list[list[str]], row: int, column: int) -> str:
    """A cell by the numbers a spreadsheet shows; "" beyond the last."""
    return rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else ""


def _tell_formulas(reading: _Reading, title: str, empty: list[tuple[int, int]]) -> None:
    """A formula of which the file does not hold the value would be an empty cell without a word."""
    if empty:
        row = empty[0][0]
        zh = f"表“{title}”有 {len(empty)} 个公式没有算出的值，第一个在第 {row} 行；请在 Excel 里打开并保存一次"
        en = f"sheet {title!r}: {len(empty)} formulas without a value, the first in row {row}; open and save it in Excel once"
        reading.remarks.append(Remark(title, zh, en))


def _sheet_of(title: str) -> Sheet | None:
    return next(
        (one for one in shipped_sheets().values() if plain(title) in map(plain, (one.title, one.zh, one.en))), None
    )


def _fill_merged(rows: list[list[str]], merged: Iterable[Merged]) -> None:
    """Give every row of a cell merged downwards its value."""
    for top, low, left, right in merged:
        if left == right and top <= len(rows) and left <= len(rows[top - 1]):
            for row in rows[top:low]:
                row += [""] * (left - len(row))
                row[left - 1] = row[left - 1] or rows[top - 1][left - 1]


def _read_page(reading: _Reading, title: str, sheet: Sheet | None, rows: list[list[str]]) -> None:
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if not filled:
        return
    candidates = [sheet] if sheet else list(shipped_sheets().values())
    found = max((_find_header(one, filled) for one in candidates), key=lambda head: len(head[1]))
    sheet, columns, names, below = found
    if len(columns) < 2 or not any(column.needed or column.kind in ("code", "to") for column in columns.values()):
        reading.remarks.append(
            Remark(title, f"表“{title}”没有认出表头，未读入", f"sheet {title!r}: its header is not known")
        )
        return
    unknown = [name for number, name in enumerate(names) if name and number not in columns]
    reading.remarks += [
        Remark(title, f"表“{title}”的列“{name}”不认识，未读入", f"sheet {title!r}: column {name!r} is not known")
        for name in unknown
    ]
    records = (
        (number, {column.field: row[i] for i, column in columns.items() if i < len(row) and row[i]})
        for number, row in filled
        if number > below
    )
    reading.pages.append(Page(sheet, tuple((number, cells) for number, cells in records if cells)))


Head = tuple[Sheet, dict[int, Column], tuple[str, ...], int]


def _find_header(sheet: Sheet, filled: list[tuple[int, list[str]]]) -> Head:
    """The header that names most columns of a sheet: which column stands where, all its names, its last row."""
    best: Head = (sheet, {}, (), 0)
    for height in range(1, HEADER_HEIGHT + 1):
        for start in range(min(len(filled), HEADER_WITHIN)):
            heads = filled[start : start + height]
            if len(heads) == height:
                names = join_header([row for _, row in heads])
                columns = _match(sheet, names)
                if len(columns) > len(best[1]):
                    best = (sheet, columns, names, heads[-1][0])
    return best


def _match(sheet: Sheet, names: Sequence[str]) -> dict[int, Column]:
    """Which column stands where; of two that mean the same the first, its own name before other names."""
    found: dict[int, Column] = {}
    plain_names = [plain(name.lstrip("* ")) for name in names]
    for own in (True, False):
        for number, wanted in enumerate(plain_names):
            for column in sheet.columns:
                known = column.own_names if own else column.known_as
                if wanted and wanted in known and number not in found and column not in found.values():
                    found[number] = column
    return found
