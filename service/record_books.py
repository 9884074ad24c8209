"""Record sheets as files: a workbook or CSV is written, a template made, and what somebody filled in is read.

No cell runs as a formula; a text that begins like one comes back as it was. Titles above the header, a header of up to
three rows, merged cells and other names for columns are understood; nothing is dropped without being told.
"""

import csv
import datetime as dt
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aedplan import InputError
from aedplan.columns import join_header, plain
from aedplan.encoding import decode
from aedplan.formulas import guarded, runs, unguarded
from aedplan.workbooks import Merged, cell_text, read_sheet

from .errors import ServiceError
from .record_sheets import CLEAR, Cell, Column, Sheet, shipped_sheets, words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES = 5 << 20
MOST_UNPACKED = 64 << 20
MOST_ROWS = 5000
MOST_CELLS = 500_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTES = "说明 Notes"
HEADER_WITHIN, HEADER_HEIGHT = 10, 3

Rows = Sequence[Sequence[Cell]]


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


def write_csv(sheet: Sheet, rows: Rows) -> bytes:
    """One sheet as CSV in UTF-8 with the mark that lets Excel show Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.header for column in sheet.columns)
    writer.writerows(
        [guarded(_kept(cell)) if isinstance(cell, str) else cell_text(cell) for cell in row] for row in rows
    )
    return text.getvalue().encode("utf-8-sig")


def write_book(sheets: Mapping[str, Rows], *, notes: bool = True) -> bytes:
    """Sheets as one workbook, each with its drop-down lists.

    sheets  rows by the id of a sheet
    notes   whether a sheet of explanations comes first
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    if notes:
        _write_notes(book.create_sheet(NOTES), [shipped_sheets()[id] for id in sheets])
    lists = _write_lists(book.create_sheet("_words"))
    for id, rows in sheets.items():
        _write_sheet(book.create_sheet(shipped_sheets()[id].title), shipped_sheets()[id], rows, lists)
    book.move_sheet("_words", len(sheets))
    book["_words"].sheet_state = "hidden"
    book.active = 0
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_lists(page: "Worksheet") -> dict[str, str]:
    """The words of choices, a column for each list; where each stands, for drop-down lists."""
    from openpyxl.utils import get_column_letter

    lists = {name: [f"{zh} {key}" for key, zh in known.items()] for name, known in words().items()}
    lists["yes_no"] = ["是 yes", "否 no"]
    found = {}
    for number, (name, known) in enumerate(lists.items(), start=1):
        for row, word in enumerate(known, start=1):
            page.cell(row, number).value = word
        letter = get_column_letter(number)
        found[name] = f"_words!${letter}$1:${letter}${len(known)}"
    return found


def _write_notes(page: "Worksheet", sheets: list[Sheet]) -> None:
    from openpyxl.styles import Alignment, Font

    lines = [
        ("怎样填写", "How to fill this in"),
        (
            "每张表一行一条；带 * 的列新增时必填；其余可留空。",
            "One record a row; columns with * are needed for a new one.",
        ),
        (
            f"留空的格子不改动档案；要清除已有内容，写“{CLEAR[0]}”。",
            f"An empty cell changes nothing; to empty a field write {CLEAR[1]!r}.",
        ),
        (
            "点位、单位、设备用名称或编号互相指向；导出后再导入不会重复。",
            "Sheets point at one another by name or code; an export can be read in again.",
        ),
        ("坐标必须写明坐标系，否则拒收。", "Coordinates need their coordinate system, or the row is refused."),
    ]
    for line in lines:
        page.append(["", "", *line])
    page.append([])
    page.append(["表 Sheet", "列 Column", "说明", "Explanation"])
    for sheet in sheets:
        for column in sheet.columns:
            star = "* " if column.needed else ""
            page.append([sheet.title, star + column.header, column.help_zh, column.help_en])
    page["C1"].font = Font(bold=True)
    for letter, width in zip("ABCD", (22, 38, 60, 60), strict=True):
        page.column_dimensions[letter].width = width
        for cell in page[letter]:
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _write_sheet(page: "Worksheet", sheet: Sheet, rows: Rows, lists: Mapping[str, str]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(sheet.columns, start=1):
        head = page.cell(1, number)
        head.value, head.font = column.header, Font(bold=True)
        head.alignment = Alignment(vertical="top", wrap_text=True)
        if column.needed:
            head.fill = PatternFill("solid", fgColor="FFF2CC")
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = max(12, min(30, 2 * len(column.zh) + 2))
        page.column_dimensions[letter].hidden = column.kind == "id"
        _validate(page, column, letter, lists)
    page.freeze_panes = "B2"
    for row_number, row in enumerate(rows, start=2):
        for number, cell in enumerate(row, start=1):
            if cell is not None:
                _set(page.cell(row_number, number), cell)


def _validate(page: "Worksheet", column: Column, letter: str, lists: Mapping[str, str]) -> None:
    """A drop-down list where the words are given; a word typed otherwise is only warned of, the import knows more."""
    from openpyxl.worksheet.datavalidation import DataValidation

    source = lists.get("yes_no" if column.kind == "yes_no" else column.about if column.kind == "one" else "")
    if source:
        rule = DataValidation(
            type="list", formula1=source, allow_blank=True, errorStyle="warning", showErrorMessage=True
        )
        page.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{MOST_ROWS + 1}")


def _set(place: Any, cell: Cell) -> None:
    """A text stays a text, also where it begins like a formula; so does a date or number that Excel cannot count with."""
    if isinstance(cell, dt.date) and cell.year > 1900:
        place.value, place.number_format = cell, "yyyy-mm-dd"
    elif isinstance(cell, str | dt.date) or not _counted(cell):
        text = _escaped(_kept(str(cell)))
        place.value, place.data_type, place.number_format = text, "s", "@"
        place.quotePrefix = runs(text)
    else:
        place.value = cell


def _counted(cell: Cell) -> bool:
    """Whether Excel, which keeps 15 digits, can hold a number as it is."""
    return not isinstance(cell, float) or float(f"{cell:.15g}") == cell


_CLEARS = re.compile(rf"'*({'|'.join(CLEAR)})", re.IGNORECASE)


def _kept(text: str) -> str:
    """A text of the records that would read as the word that empties a field."""
    return f"'{text}" if _CLEARS.fullmatch(text) else text


def clears(text: str) -> bool:
    """Whether a cell asks for its field to be emptied."""
    return text.casefold() in CLEAR


_ODD = re.compile("[\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def _escaped(text: str) -> str:
    """What XML cannot hold as ECMA-376 writes it (ST_Xstring), and the same where a text only looks like it."""
    return _ODD.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


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
        for title in _titles(path):
            _, rows, merged = read_sheet(path, title)
            rows = [[_ESCAPE.sub(lambda match: chr(int(match[1], 16)), cell) for cell in row] for row in rows]
            _fill_merged(rows, merged)
            _read_page(reading, title, _sheet_of(title), rows)
    return reading


def _titles(path: Path) -> list[str]:
    """The sheets in sight, but for the one of explanations.

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
        if sum(_count_cells(page) for page in pages) > MOST_CELLS:
            raise ServiceError(413, "表格过大。", f"The sheets have more than {MOST_CELLS:,} cells.")
        titles = [page.title for page in pages]
        book.close()
    except ServiceError:
        raise
    except Exception as error:  # openpyxl lets many kinds through when a workbook is damaged
        raise InputError("not a readable Excel workbook; expected .xlsx without a password") from error
    return titles


def _count_cells(page: Any) -> int:
    """Cells, those left out between others counted; not on and on: one cell in the last corner makes seventeen billion."""
    page.reset_dimensions()
    count = 0
    for row in page.iter_rows(values_only=True):
        count += len(row) + 1
        if count > MOST_CELLS:
            break
    return count


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
    for own in (True, False):
        for number, name in enumerate(names):
            wanted = plain(name.lstrip("* "))
            for column in sheet.columns:
                known = {plain(column.zh), plain(column.en), plain(column.header)} if own else column.known_as
                if wanted and wanted in known and number not in found and column not in found.values():
                    found[number] = column
    return found


def unkept(text: str) -> str:
    """A cell without the quote that `write_csv` and `write_book` put before the word that empties a field."""
    return text[1:] if text.startswith("'") and _CLEARS.fullmatch(text) else text
