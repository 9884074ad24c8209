"""Writing files: the same content gives the same bytes, and nobody ever sees half a file or half a folder.

Dates that a format insists on are set to EPOCH, because the time of writing says nothing about the content.
"""

import csv
import hashlib
import io
import json
import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import raise_faults
from .tables.formulas import guarded, runs

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
"""The date in every file: the first that a zip archive can hold."""

DECIMALS = 7
"""Of degrees in GeoJSON: 1 cm."""

MANIFEST = ".aedplan.json"
"""Lists the files of a folder with their checksums, so that a later run replaces only what an earlier one wrote."""

WIDEST_COLUMN = 60

DEGREES = {"经度", "纬度", "lon", "lat", "longitude", "latitude"}
"""Words in a header that tell a column of coordinates."""

Sheet = tuple[Sequence[str], Sequence[Sequence[object]]]


def write_json(path: Path, value: object) -> None:
    """A value as readable JSON, keys in their order; numpy numbers and arrays become plain ones.

    Raises ValueError for NaN and infinity, which JSON cannot hold.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=_as_json)
    _replace(path, (text + "\n").encode())


def write_text(path: Path, text: str) -> None:
    """A text as UTF-8, whole or not at all."""
    _replace(path, text.encode())


def _as_json(value: object) -> object:
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def write_geojson(path: Path, features: Sequence[Mapping[str, Any]]) -> None:
    """Features in their order as GeoJSON (RFC 7946): one per line, rings by the right-hand rule, degrees to 1 cm.

    features  dicts with `geometry` (a dict with WGS-84 coordinates, or None), `properties` and perhaps `id`

    Raises ValueError for NaN and infinity.
    """
    lines = [
        json.dumps(_feature(feature), ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_as_json)
        for feature in features
    ]
    head = '{"type":"FeatureCollection","features":['
    _replace(path, (head + ",".join(f"\n{line}" for line in lines) + "\n]}\n").encode())


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    id = {"id": feature["id"]} if "id" in feature else {}
    geometry = _geometry(feature["geometry"]) if feature["geometry"] is not None else None
    return {"type": "Feature", **id, "geometry": geometry, "properties": dict(feature.get("properties") or {})}


def _geometry(geometry: Mapping[str, Any]) -> dict[str, Any]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [_geometry(part) for part in geometry["geometries"]]}
    coordinates = _rounded(geometry["coordinates"])
    if kind == "Polygon":
        coordinates = _right_handed(coordinates)
    elif kind == "MultiPolygon":
        coordinates = [_right_handed(polygon) for polygon in coordinates]
    return {"type": kind, "coordinates": coordinates}


def _rounded(value: Any) -> Any:
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_rounded(part) for part in value]
    return round(float(value), DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


def _right_handed(rings: list[list[list[float]]]) -> list[list[list[float]]]:
    """Outer ring counter-clockwise, holes clockwise."""
    return [ring if (_area(ring) >= 0) == (number == 0) else ring[::-1] for number, ring in enumerate(rings)]


def _area(ring: list[list[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def write_gpkg(path: Path, layers: Mapping[str, "GeoDataFrame"]) -> None:
    """Layers in their order as one GeoPackage.

    Raises InputError when there is no layer to write.
    """
    import pyogrio

    raise_faults([] if layers else [f"{path.name}: no layer to write; expected at least one"])
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": EPOCH.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        with _beside(path) as part:
            for number, (name, frame) in enumerate(layers.items()):
                pyogrio.write_dataframe(frame, part, layer=name, driver="GPKG", append=number > 0)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as CSV in UTF-8 with the mark that lets Excel show Chinese; no cell runs as a formula.

    rows  texts stay texts, None is an empty cell; `tables.read_table` gives the same texts back
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in (header, *rows):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    _replace(path, text.getvalue().encode("utf-8-sig"))


def write_xlsx(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """Sheets in their order as one Excel workbook: a bold header that stays in sight, widths that fit Chinese.

    sheets  name: (header, rows); texts stay texts, also where they begin like a formula; a column whose header has a
            % holds shares of 1 and shows per cent

    Raises ValueError for NaN and infinity, which Excel cannot hold; an unknown value is None.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, (header, rows) in sheets.items():
        _fill(book.create_sheet(name), header, rows)
    book.properties.creator = "aedplan"
    book.properties.created = book.properties.modified = EPOCH.replace(tzinfo=None)
    buffer = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(buffer, "w")).save()  # Workbook.save would put in the present time
    _replace(path, timeless(buffer.getvalue()))


def _fill(page: "Worksheet", header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    page.append(list(header))
    for cell in page[1]:
        _set(cell, cell.value)
        cell.font, cell.alignment = Font(bold=True), Alignment(vertical="top", wrap_text=True)
    page.freeze_panes = "A2"
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            _set(page.cell(number, column), value)
    for column, name in enumerate(header, start=1):
        values = [row[column - 1] for row in rows]
        form = _number_format(name, values)
        for number, value in enumerate(values, start=2):
            if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
                page.cell(number, column).number_format = form
        widest = max(map(_width, [name, *values])) + 2
        page.column_dimensions[get_column_letter(column)].width = min(widest, WIDEST_COLUMN)


def _set(cell: "Cell | MergedCell", value: object) -> None:
    """Put a value into a cell; a text that begins like a formula is marked as text."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not np.isfinite(value):
        raise ValueError(f"sheet {cell.parent.title}, {cell.coordinate}: {value} cannot be written to Excel")
    if not isinstance(value, str):
        cell.value = value  # type: ignore[assignment]
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
    cell.data_type = "s"
    if runs(value):
        cell.quotePrefix = True


def _number_format(name: str, values: Sequence[object]) -> str:
    """Whole numbers with thousands, degrees to 10 cm, the rest to two decimals; shares of 1 under a header with %."""
    if "%" in name:
        return "0.0%"
    if DEGREES & set(re.split(r"[\W_]+", name.casefold())):
        return "0.000000"
    whole = all(float(v).is_integer() for v in values if isinstance(v, (int, float, np.number)))
    return "#,##0" if whole else "#,##0.00"


def _width(value: object) -> int:
    """Columns a text takes on screen: two for a Chinese character; of several lines the widest."""
    text = f"{value:,.2f}" if isinstance(value, float) else "" if value is None else str(value)
    return max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) for line in text.split("\n"))


def timeless(archive: bytes) -> bytes:
    """The same zip archive with EPOCH as the date of every entry."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH.timetuple()[:6])
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # the same on every machine
            new.writestr(entry, old.read(name), compress_type=zipfile.ZIP_DEFLATED, compresslevel=6)
    return buffer.getvalue()


def _replace(path: Path, data: bytes) -> None:
    with _beside(path) as part:
        part.write_bytes(data)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file to write beside `path`, which takes its place at the end: a reader sees the old one or the new one."""
    raise_faults([] if path.parent.is_dir() else [f"{path}: there is no folder {path.parent}; expected one"])
    raise_faults([f"{path}: is a folder; expected a file to write"] if path.is_dir() else [])
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        part = Path(folder) / f"part{path.suffix}"
        yield part
        os.replace(part, path)


def check_folder(target: str | Path) -> None:
    """Return when `whole_folder` may write there, so that a long run need not end in a refusal.

    Raises InputError when `target` is a file, or holds anything that no earlier run wrote or someone changed since.
    """
    raise_faults(_foreign_faults(Path(target).resolve()))


@contextmanager
def whole_folder(target: str | Path) -> Iterator[Path]:
    """A fresh folder to write into, which becomes `target` when the block ends well, and vanishes when it does not.

    Raises InputError when `target` is a file, or holds anything that no earlier run wrote or someone changed since.
    """
    check_folder(target)
    target = Path(target).resolve()
    made = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as beside:
            fresh = Path(beside) / "new"
            fresh.mkdir()
            yield fresh
            manifest = json.dumps(_checksums(fresh), ensure_ascii=False, indent=1) + "\n"
            (fresh / MANIFEST).write_text(manifest, encoding="utf-8")
            check_folder(target)
            _swap(fresh, target, old=Path(beside) / "old")
    except BaseException:
        with suppress(OSError):  # a parent that someone else uses by now stays
            for parent in made:
                parent.rmdir()
        raise


def _swap(fresh: Path, target: Path, *, old: Path) -> None:
    """Move a finished folder into its place, and what stood there aside; put that back when the move fails."""
    if target.exists():
        os.rename(target, old)
    try:
        os.rename(fresh, target)
    except OSError:
        if old.exists():
            os.rename(old, target)
        raise


def _checksums(folder: Path) -> dict[str, str]:
    """Relative name: sha256 of every file in a folder, by name, the list itself left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix(): _checksum(path) for path in files if path != folder / MANIFEST}


def _checksum(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""  # nothing we write
    content = path.read_bytes()
    if path.suffix == ".json":
        content = re.sub(rb'^\s*"seconds":.*\n', b"", content, flags=re.MULTILINE)  # all that differs between two runs
    return hashlib.sha256(content).hexdigest()


def _foreign_faults(folder: Path) -> list[str]:
    """Why a folder must not be replaced: files that no earlier run wrote, or that were changed since."""
    if not folder.exists():
        return []
    if not folder.is_dir():
        return [f"{folder.name} is a file; expected a folder to write into"]
    found = _checksums(folder)
    written = _written(folder / MANIFEST)
    foreign = [name for name in found if name not in written]
    changed = [name for name in found if name in written and written[name] != found[name]]
    faults = []
    for names, words in ((foreign, "not written by aedplan"), (changed, "changed since aedplan wrote them")):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            expected = "expected a new or empty folder, or move them away"
            faults.append(f"{folder.name}: holds files {words}: {names[0]}{more}; {expected}")
    return faults


def _written(manifest: Path) -> dict[str, str]:
    """What a manifest lists; nothing where there is none or it is damaged."""
    if not manifest.is_file():
        return {}
    try:
        listed = json.loads(manifest.read_bytes())
    except ValueError:
        return {}
    return listed if isinstance(listed, dict) else {}
