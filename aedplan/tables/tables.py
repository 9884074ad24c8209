"""Raw tables: what stands in a CSV, Excel or GIS file, cell by cell as text, before anything is understood.

Row numbers are those a spreadsheet shows, so that a person finds the row a message names.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks import name_first, read_only
from ..errors import InputError, raise_faults
from .columns import FIRST_ROWS, HEADER_ROWS, find_header
from .encoding import decode
from .formulas import unguarded
from .readings import Mend, Reason
from .workbooks import Merged, cell_text

if TYPE_CHECKING:
    from pandas import DataFrame, Series


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
    form     encoding of a text table
    below    number of the last row of the header; 0 where the file has none
    odd      index of a record: why it cannot be one, so that it is refused and counted
    mended   cells filled in from merged ones
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    row: tuple[int, ...]
    lonlat: np.ndarray | None = None
    has_crs: bool = False
    form: str = ""
    below: int = 0
    odd: Mapping[int, Reason] = field(default_factory=dict)
    mended: tuple[Mend, ...] = ()

    def __len__(self) -> int:
        return len(self.row)

    @property
    def where(self) -> str:
        """File and sheet, to begin a message with."""
        return f"{self.file}, {self.sheet}" if self.sheet else self.file


def read_table(path: str | Path, *, sheet: str | None = None) -> Table:
    """The table in a CSV, Excel, GeoJSON, GeoPackage or Parquet file.

    sheet  name of the sheet or layer; without it the first sheet of a workbook, or the only layer of a GeoPackage

    CSV is UTF-8, GB18030, Big5 or Shift-JIS, divided by commas, semicolons or tabs. Titles may stand above the header, and
    the header may have up to three rows with merged cells; cells merged downwards hold their value in every row.
    Raises InputError naming the file when it cannot be read, holds no rows, or has rows that are no records.
    """
    table = open_table(path, sheet=sheet)
    raise_faults(odd_faults(table))
    return table


def open_table(path: str | Path, *, sheet: str | None = None) -> Table:
    """As `read_table`, with rows that are no records noted in `odd` instead of refusing the file."""
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


def odd_faults(table: Table) -> list[str]:
    """Faults of rows that are no records: a sentence for each reason, with the number of rows and the first."""
    firsts: dict[Reason, list[int]] = {}
    for index, why in table.odd.items():
        firsts.setdefault(why, []).append(table.row[index])
    expected = f"expected {len(table.header)} cells in each row, and one header"
    return [
        f"{table.where}: {name_first(len(rows), f'rows {why.en}', f'row {rows[0]}')}; {expected}"
        for why, rows in firsts.items()
    ]


def _read_csv(path: Path, sheet: str | None) -> Table:
    if sheet is not None:
        raise InputError(f"{path.name}: text tables have no sheets; expected sheet not to be given ({sheet!r})")
    text, form = decode(path.read_bytes(), path.name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    clean = (lambda cell: unguarded(cell.strip()).strip()) if "'" in text else str.strip
    try:
        table = make_table(path.name, "", (list(map(clean, record)) for record in reader))
    except csv.Error as error:
        raise InputError(f"{path.name}, line {reader.line_num}: {error}; expected quotes to come in pairs") from error
    return replace(table, form=form)


def _delimiter(text: str) -> str:
    """The one of , ; and tab that divides a record first, and there into most cells; a comma where none does."""
    start = text[:20_000]

    def order(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        widths = [len(record) for record, _ in zip(records, range(5), strict=False)]
        return next(((-number, width) for number, width in enumerate(widths) if width > 1), (-len(widths), 0))

    return max(",;\t", key=order)


TOO_WIDE = Reason("单元格比表头多", "have more cells than the header")
HEADER_AGAIN = Reason("又一次出现的表头", "repeat the header")
MERGED = Reason("合并单元格", "from a merged cell")


def make_table(file: str, sheet: str, rows: Iterable[Sequence[str]], *, merged: Sequence[Merged] = ()) -> Table:
    """A table from all its rows, titles and header first; empty rows count but hold no record.

    merged  merged cells, of which only those merged downwards are filled

    Raises InputError when there is no header or no row below it.
    """
    where = f"{file}, {sheet}" if sheet else file
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if len(numbered) < 2:
        raise InputError(f"{where}: {len(numbered) or 'no'} row in it; expected a header and at least one row below it")
    start, height, header = find_header([row for _, row in numbered[: FIRST_ROWS + HEADER_ROWS]])
    while not header[-1]:
        header = header[:-1]
    heads, records = numbered[start : start + height], numbered[start + height :]
    if not records:
        raise InputError(f"{where}: a header only; expected at least one row below it")
    width = len(header)
    odd = {i: TOO_WIDE for i, (_, row) in enumerate(records) if len(row) > width and any(row[width:])}
    again = tuple(heads[-1][1][:width])
    odd |= {i: HEADER_AGAIN for i, (_, row) in enumerate(records) if tuple(row[:width]) == again}
    cells = [list(row[:width]) + [""] * (width - len(row)) for _, row in records]
    numbers = tuple(number for number, _ in records)
    mended = _fill_merged(cells, {number: i for i, number in enumerate(numbers)}, header, merged) if merged else ()
    columns = tuple(zip(*cells, strict=True))
    return Table(file, sheet, header, columns, numbers, below=heads[-1][0], odd=odd, mended=mended)


def _fill_merged(
    cells: list[list[str]],
    index: Mapping[int, int],
    header: Sequence[str],
    merged: Sequence[Merged],
) -> tuple[Mend, ...]:
    """Give every row of a cell merged downwards its value, in place; returns what was filled in."""
    mended = []
    for first, last, column, _ in merged:
        if first not in index or column > len(header) or not (value := cells[index[first]][column - 1]):
            continue
        for row in range(first + 1, last + 1):
            if row in index and not cells[index[row]][column - 1]:
                cells[index[row]][column - 1] = value
                mended.append(Mend(row, header[column - 1], "", value, MERGED))
    return tuple(mended)


def _read_xlsx(path: Path, sheet: str | None) -> Table:
    from .workbooks import read_sheet

    words, rows, merged = read_sheet(path, sheet)
    return make_table(path.name, words, rows, merged=merged)


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
        _check_utf8(path)
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


def _check_utf8(path: Path) -> None:
    try:
        path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: bytes that are not UTF-8; expected UTF-8, as GeoJSON must be") from error


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
