"""Raw tables: what stands in a CSV, Excel or GIS file, cell by cell as text, before anything is understood.

Row numbers are those a spreadsheet shows, so that a person finds the row a message names.
"""

import csv
import io
import json
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np

from .checks import name_first, read_only
from .errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

UNPACKED_LIMIT = 1 << 30
"""An Excel file that unpacks to more bytes than this is refused: no list of sites is that long."""


@dataclass(frozen=True)
class Table:
    """R records of one sheet or layer in C columns, all cells as text.

    file     file name without folders
    sheet    words for the sheet or layer, such as "sheet 1"; "" where a file holds just one table
    header   (C,) column names as written
    columns  (C,) columns of R texts without blanks around them; "" where a cell is empty
    row      (R,) row numbers as a spreadsheet shows them, the header counted; features of GIS files count from 1
    lonlat   (R, 2) longitude, latitude in degrees of the file's geometry, NaN where there is none; None in plain tables
    has_crs  True where that geometry names its own coordinate system
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    row: tuple[int, ...]
    lonlat: np.ndarray | None = None
    has_crs: bool = False

    def __len__(self) -> int:
        return len(self.row)

    @property
    def where(self) -> str:
        """File and sheet, to begin a message with."""
        return f"{self.file}, {self.sheet}" if self.sheet else self.file


def read_table(path: str | Path, *, sheet: str | None = None) -> Table:
    """The table in a CSV, Excel, GeoJSON, GeoPackage or Parquet file.

    sheet  name of the sheet or layer; without it the first sheet of a workbook, or the only layer of a GeoPackage

    CSV is UTF-8 or GB18030, divided by commas, semicolons or tabs. A single cell above the header is taken for a title.
    Raises InputError naming the file when it cannot be read or holds no rows.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        hint = "; save it as .xlsx in Excel or WPS" if path.suffix.lower() in (".xls", ".et") else ""
        raise InputError(f"{path.name}: files of this kind are not read; expected {', '.join(_READERS)}{hint}")
    if path.stat().st_size == 0:
        raise InputError(f"{path.name}: the file is empty; expected a header and rows")
    return reader(path, sheet)


def _read_csv(path: Path, sheet: str | None) -> Table:
    if sheet is not None:
        raise InputError(f"{path.name}: text tables have no sheets; expected sheet not to be given ({sheet!r})")
    text = decode(path.read_bytes(), path.name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return _table(path.name, "", ([cell.strip() for cell in record] for record in reader))
    except csv.Error as error:
        raise InputError(f"{path.name}, line {reader.line_num}: {error}; expected quotes to come in pairs") from error


def decode(data: bytes, file: str) -> str:
    """The text of a file in UTF-8 (with or without mark), UTF-16 with its mark, or GB18030.

    Raises InputError when it is none of them, or UTF-8 with a few broken bytes.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strict(data, "utf-16", file)
    if b"\0" in data:
        raise InputError(f"{file}: the file is not text; expected a table in UTF-8 or GB18030")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        loose = data.decode("utf-8", "replace")
        broken = loose.count("\ufffd")
        sound = sum(character > "\x7f" for character in loose) - broken
        if broken * 10 < sound or data.startswith(b"\xef\xbb\xbf"):
            line = data[: error.start].count(b"\n") + 1
            raise InputError(f"{file}, line {line}: bytes that are not UTF-8; expected UTF-8 all through") from error
    return _strict(data, "gb18030", file)


def _strict(data: bytes, encoding: str, file: str) -> str:
    fault = f"{file}: the characters cannot be read; expected UTF-8 or GB18030 (save as CSV UTF-8)"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(fault) from error
    if encoding == "gb18030" and _share_common(text) < COMMON_CHINESE:
        raise InputError(fault)
    return text


COMMON_CHINESE = 0.6
"""Bytes of other encodings often pass for GB18030, as characters nobody writes. Of the characters beyond ASCII, GB 2312
has 0.99 in Nan'an's village names, 0.65 to 0.72 in Taiwan's AED table (traditional script), at most 0.58 in the same
table in Big5 misread, and 0.12 in Japan's table in Shift-JIS misread."""


def _share_common(text: str) -> float:
    """Share of the characters beyond ASCII that GB 2312 has."""
    beyond = {c: count for c, count in Counter(text).items() if c > "\x7f"}
    common = sum(count for c, count in beyond.items() if c.encode("gb2312", "ignore"))
    return common / sum(beyond.values())


def _delimiter(text: str) -> str:
    """The one of , ; and tab that divides a record first, and there into most cells; a comma where none does."""
    start = text[:20_000]

    def order(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        widths = [len(record) for record, _ in zip(records, range(5), strict=False)]
        return next(((-number, width) for number, width in enumerate(widths) if width > 1), (-len(widths), 0))

    return max(",;\t", key=order)


def _table(file: str, sheet: str, rows: Iterable[Sequence[str]]) -> Table:
    """A table from all its rows, header first; empty rows count but hold no record."""
    where = f"{file}, {sheet}" if sheet else file
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if len(numbered) > 1 and _filled(numbered[0][1]) == 1 < _filled(numbered[1][1]):
        numbered.pop(0)
    if len(numbered) < 2:
        raise InputError(f"{where}: {len(numbered) or 'no'} row in it; expected a header and at least one row below it")
    header = tuple(numbered.pop(0)[1])
    while not header[-1]:
        header = header[:-1]
    width = len(header)
    wide = [(number, row) for number, row in numbered if any(row[width:])]
    if wide:
        first = f"row {wide[0][0]} ({len(wide[0][1])} cells)"
        counted = name_first(len(wide), "rows have more cells than the header", first)
        raise InputError(f"{where}: {counted}; expected {width} cells in each row")
    records = [tuple(row[:width]) + ("",) * (width - len(row)) for _, row in numbered]
    return Table(file, sheet, header, tuple(zip(*records, strict=True)), tuple(number for number, _ in numbered))


def _filled(row: Sequence[str]) -> int:
    return sum(cell != "" for cell in row)


def _read_xlsx(path: Path, sheet: str | None) -> Table:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise InputError(f"{path.name}: unpacks to {unpacked:,} bytes; expected a table")
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no values
            book = load_workbook(stream, read_only=True, data_only=True)
            words, rows = _read_sheet(book, path.name, sheet)
    except InputError:
        raise
    except _BROKEN_WORKBOOK as error:
        raise InputError(f"{path.name}: not a readable Excel workbook; expected .xlsx without a password") from error
    return _table(path.name, words, rows)


_BROKEN_WORKBOOK = (
    zipfile.BadZipFile, zlib.error, EOFError, LookupError, TypeError, ValueError, AttributeError, ParseError, OSError
)  # fmt: skip
"""What openpyxl lets through when a workbook is damaged or something else."""


def _read_sheet(book: Any, file: str, sheet: str | None) -> tuple[str, list[list[str]]]:
    """Words for the sheet, and all its rows."""
    names = [page.title for page in book.worksheets]
    if not names or (sheet is not None and sheet not in names):
        raise InputError(f"{file}: no sheet {sheet or ''!r}; the sheets are: {', '.join(names) or 'none'}")
    number = 0 if sheet is None else names.index(sheet)
    page = book.worksheets[number]
    page.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
    words = f"sheet {number + 1}" if names[number] == f"Sheet{number + 1}" else f"sheet {number + 1} ({names[number]})"
    return words, [[cell_text(cell) for cell in row] for row in page.iter_rows(values_only=True)]


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


def _read_vector(path: Path, sheet: str | None) -> Table:
    layer = pick_layer(path, sheet)
    frame = read_frame(path, layer)
    return _from_frame(frame, path.name, "" if layer is None else f"layer {layer}")


def _read_parquet(path: Path, sheet: str | None) -> Table:
    if sheet is not None:
        raise InputError(f"{path.name}: Parquet files have no sheets; expected sheet not to be given ({sheet!r})")
    return _from_frame(read_frame(path, None), path.name, "")


def pick_layer(path: Path, name: str | None, *, lines: bool = False) -> str | None:
    """The layer to read from a GIS file; None where it holds just one and none was named.

    lines  True to choose among layers of lines only

    Raises InputError when the file cannot be opened, holds several, or none of that name.
    """
    import pyogrio

    if path.suffix.lower() in (".geojson", ".json"):
        _strict(path.read_bytes(), "utf-8-sig", path.name)
    try:
        layers = pyogrio.list_layers(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(f"{path.name}: not a readable GIS file; expected GeoJSON or GeoPackage") from error
    suits = ("LineString", "Unknown") if lines else ("",)
    names = [str(layer) for layer, kind in layers if any(word in str(kind) for word in suits)]
    if name is not None and name in names:
        return name
    if len(names) != 1 or name is not None:
        what = "layers of lines" if lines else "layers"
        raise InputError(f"{path.name}: {len(names)} {what} ({', '.join(names)}); expected sheet to name one of them")
    return names[0] if len(layers) > 1 else None


def read_frame(path: Path, layer: str | None) -> "DataFrame":
    """A GeoJSON, GeoPackage or Parquet file as a data frame, a GeoDataFrame where it has geometry.

    Raises InputError when the file cannot be read.
    """
    import geopandas
    import pyarrow
    import pyarrow.parquet
    import pyogrio

    try:
        frame: DataFrame
        if path.suffix.lower() != ".parquet":
            frame = pyogrio.read_dataframe(path, layer=layer)
        elif b"geo" in (pyarrow.parquet.read_schema(path).metadata or {}):
            frame = geopandas.read_parquet(path)
        else:
            frame = pyarrow.parquet.read_table(path).to_pandas()
        return frame
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise InputError(f"{path.name}: not a readable GIS file; expected GeoJSON or GeoPackage") from error
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{path.name}: not a readable Parquet file") from error


def _from_frame(frame: "DataFrame", file: str, sheet: str) -> Table:
    import geopandas

    if not len(frame):
        raise InputError(f"{file}: no rows in it; expected at least one")
    lonlat, has_crs, names = None, False, list(frame.columns)
    if isinstance(frame, geopandas.GeoDataFrame):
        names.remove(frame.geometry.name)
        has_crs = knows_place(frame)
        lonlat = read_only(_middles(frame, has_crs))
    header = tuple(str(name).strip() for name in names)
    columns = tuple(texts(frame[name]) for name in names)
    return Table(file, sheet, header, columns, tuple(range(1, len(frame) + 1)), lonlat, has_crs)


def texts(column: "Series[Any]") -> tuple[str, ...]:
    """The cells of a data frame's column as texts, "" where there is no value."""
    known = column.notna()
    return tuple(cell_text(value) if there else "" for value, there in zip(column, known, strict=True))


def knows_place(frame: Any) -> bool:
    """Whether a GeoDataFrame names a coordinate system that lies on the Earth."""
    return frame.crs is not None and (frame.crs.is_geographic or frame.crs.is_projected)


def _middles(frame: Any, has_crs: bool) -> np.ndarray:
    """(R, 2) a point in each shape, the centroid where that lies inside; WGS-84 degrees where the system is known."""
    import shapely
    from pyproj import Transformer

    shapes = np.asarray(frame.geometry.array)
    points = shapely.centroid(shapes)
    outside = shapely.is_valid(shapes) & ~shapely.intersects(shapes, points) & ~shapely.is_empty(shapes)
    points[outside] = shapely.point_on_surface(shapes[outside])
    x, y = shapely.get_x(points), shapely.get_y(points)
    if has_crs:
        x, y = Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True).transform(x, y)
    lonlat = np.column_stack([x, y])
    lonlat[~np.isfinite(lonlat).all(axis=1)] = np.nan
    return lonlat


_READERS = {
    ".csv": _read_csv,
    ".txt": _read_csv,
    ".tsv": _read_csv,
    ".xlsx": _read_xlsx,
    ".xlsm": _read_xlsx,
    ".geojson": _read_vector,
    ".json": _read_vector,
    ".gpkg": _read_vector,
    ".parquet": _read_parquet,
}
