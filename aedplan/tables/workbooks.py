"""Excel workbooks: every cell of a sheet as the text a person would type, and which cells are merged."""

import json
import re
import warnings
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

import numpy as np

from ..errors import InputError

UNPACKED_LIMIT = 1 << 30
"""An Excel file that unpacks to more bytes than this is refused: no list of sites is that long."""


class Merged(NamedTuple):
    """Merged cells: first and last row, first and last column, counted from 1."""

    top: int
    low: int
    left: int
    right: int


def read_sheet(path: Path, sheet: str | None) -> tuple[str, list[list[str]], list[Merged]]:
    """Words for one sheet of a workbook, all its rows as texts, and its merged cells.

    sheet  its name; None for the first

    Raises InputError naming the file when it is no workbook that can be read, or has no such sheet.
    """
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise InputError(f"{path.name}: unpacks to {unpacked:,} bytes; expected a table")
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no values
            book = load_workbook(stream, read_only=True, data_only=True)
            words, rows, part = _pick_sheet(book, path.name, sheet)
            merged = _merged(book, part)
    except InputError:
        raise
    except _BROKEN_WORKBOOK as error:
        raise InputError(f"{path.name}: not a readable Excel workbook; expected .xlsx without a password") from error
    return words, rows, merged


_BROKEN_WORKBOOK = (
    zipfile.BadZipFile, zlib.error, EOFError, LookupError, TypeError, ValueError, AttributeError, ParseError, OSError
)  # fmt: skip
"""What openpyxl lets through when a workbook is damaged or something else."""


def _pick_sheet(book: Any, file: str, sheet: str | None) -> tuple[str, list[list[str]], str]:
    """Words for the sheet, all its rows, and the part of the archive it is in."""
    names = [page.title for page in book.worksheets]
    if not names or (sheet is not None and sheet not in names):
        raise InputError(f"{file}: no sheet {sheet or ''!r}; the sheets are: {', '.join(names) or 'none'}")
    number = 0 if sheet is None else names.index(sheet)
    page = book.worksheets[number]
    page.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
    words = f"sheet {number + 1}" if names[number] == f"Sheet{number + 1}" else f"sheet {number + 1} ({names[number]})"
    rows = [[cell_text(cell) for cell in row] for row in page.iter_rows(values_only=True)]
    return words, rows, page._worksheet_path


_MERGE = re.compile(rb'<mergeCell [^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


def _merged(book: Any, part: str) -> list[Merged]:
    """The merged cells of a sheet, which openpyxl skips when streaming."""
    from openpyxl.utils import column_index_from_string

    found, tail = [], b""
    with book._archive.open(part) as stream:
        while block := stream.read(1 << 20):
            tail = tail[-100:] + block
            found += [match.groups() for match in _MERGE.finditer(tail)]
    places = {
        Merged(int(top), int(low), column_index_from_string(left.decode()), column_index_from_string(right.decode()))
        for left, top, right, low in found
    }
    return sorted(places)


def cell_text(value: object) -> str:
    """A cell as a person would type it: whole numbers without `.0`, dates as 2026-11-22."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time() and value.tzinfo is None:
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, dict, np.ndarray)):
        return json.dumps(np.asarray(value).tolist() if isinstance(value, np.ndarray) else value, ensure_ascii=False)
    return str(value).strip()
