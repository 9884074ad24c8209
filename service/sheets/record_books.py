"""Record sheets written: a workbook with explanations and drop-down lists, a template, a CSV table.

No cell runs as a formula; a text that begins like one comes back as it was (see readings).
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aedplan.tables.formulas import guarded, runs
from aedplan.tables.workbooks import cell_text

from .record_sheets import CLEAR, Cell, Column, Sheet, kept, shipped_sheets, words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTES = "说明 Notes"

Rows = Sequence[Sequence[Cell]]


def write_csv(sheet: Sheet, rows: Rows) -> bytes:
    """One sheet as CSV in UTF-8 with the mark that lets Excel show Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.header for column in sheet.columns)
    writer.writerows(
        [guarded(kept(cell)) if isinstance(cell, str) else cell_text(cell) for cell in row] for row in rows
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
        text = escaped(kept(str(cell)))
        place.value, place.data_type, place.number_format = text, "s", "@"
        place.quotePrefix = runs(text)
    else:
        place.value = cell


def _counted(cell: Cell) -> bool:
    """Whether Excel, which keeps 15 digits, can hold a number as it is."""
    return not isinstance(cell, float) or float(f"{cell:.15g}") == cell


_ODD = re.compile("[\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def escaped(text: str) -> str:
    """What XML cannot hold as ECMA-376 writes it (ST_Xstring), and the same where a text only looks like it."""
    return _ODD.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescaped(text: str) -> str:
    """A text of a workbook as it was before `escaped`."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
