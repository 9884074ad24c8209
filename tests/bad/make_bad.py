"""Files as people really send them: each function writes one into a folder and says where it lies.

The sound ones are small; each bad one has a single kind of fault unless its name says otherwise.
"""

import csv
import io
import json
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

Row = Sequence[object]

HEADER = ("编号", "名称", "经度", "纬度", "类别", "费用")
ROWS: tuple[Row, ...] = tuple(
    (f"A{n:03}", f"点位{n}", round(118.38 + n / 1000, 6), round(24.96 + n / 2000, 6), "学校", 24000)
    for n in range(1, 21)
)


def changed(rows: Sequence[Row], column: int, cells: dict[int, object]) -> list[Row]:
    """The rows with some cells of one column replaced; `cells` counts rows from 0."""
    return [
        tuple(cells.get(n, cell) if c == column else cell for c, cell in enumerate(row)) for n, row in enumerate(rows)
    ]


def csv_file(
    folder: Path,
    rows: Sequence[Row] = ROWS,
    *,
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8",
    delimiter: str = ",",
    name: str = "devices.csv",
) -> Path:
    """A text table."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    path = folder / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def xlsx_file(
    folder: Path,
    rows: Sequence[Row] = ROWS,
    *,
    header: Sequence[str] = HEADER,
    title: str = "",
    sheets: Sequence[str] = ("Sheet1",),
    name: str = "devices.xlsx",
) -> Path:
    """A workbook with the table in its first sheet; the other sheets are empty."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        book.create_sheet(sheet)
    for row in [(title,)] * bool(title) + [tuple(header), *rows]:
        book.worksheets[0].append(list(row))
    book.save(folder / name)
    return folder / name


def no_coordinates(folder: Path) -> Path:
    """Three rows without coordinates, the first of them row 17, 南安汽车站."""
    rows = changed(ROWS, 2, {15: None, 17: None})
    rows = changed(rows, 3, {15: None, 18: ""})
    return xlsx_file(folder, changed(rows, 1, {15: "南安汽车站"}))


def swapped_columns(folder: Path) -> Path:
    """Longitude under 纬度 and latitude under 经度 in every row."""
    return csv_file(folder, [(a, b, lat, lon, k, c) for a, b, lon, lat, k, c in ROWS])


def swapped_in_the_west(folder: Path) -> Path:
    """Swapped all through at Ürümqi, where the swapped points still lie within the world."""
    return csv_file(folder, [(a, b, 43.8, 87.6, k, c) for a, b, _, _, k, c in ROWS])


def swapped_rows(folder: Path) -> Path:
    """Two rows swapped among good ones."""
    return csv_file(
        folder, [(a, b, y, x, k, c) if a in ("A003", "A007") else (a, b, x, y, k, c) for a, b, x, y, k, c in ROWS]
    )


def null_island(folder: Path) -> Path:
    """Two rows at 0, 0."""
    return csv_file(folder, changed(changed(ROWS, 2, {4: 0, 9: "0.0"}), 3, {4: 0, 9: "0"}))


def outside_world(folder: Path) -> Path:
    """One longitude with a lost decimal point."""
    return csv_file(folder, changed(ROWS, 2, {6: 118387}))


def text_in_numbers(folder: Path) -> Path:
    """A longitude in words, one in degrees and minutes, and a cost with a unit."""
    return csv_file(folder, changed(changed(ROWS, 2, {3: "东经118度", 8: "118°23'09\""}), 5, {2: "2.4万"}))


def decimal_commas(folder: Path) -> Path:
    """A cost that can be read in two ways."""
    return csv_file(folder, changed(ROWS, 5, {0: "24.000,5"}), delimiter=";")


def not_numbers(folder: Path) -> Path:
    """NaN, infinity and a number too large for any, written out."""
    return csv_file(folder, changed(ROWS, 2, {1: "NaN", 2: "inf", 3: "1e999"}))


def repeated_ids(folder: Path) -> Path:
    """Two rows that repeat an earlier id, and one without any."""
    return csv_file(folder, changed(ROWS, 0, {5: "A001", 6: "A001", 9: ""}))


def unknown_kinds(folder: Path) -> Path:
    """Two rows of a kind that is not known."""
    return csv_file(folder, changed(ROWS, 4, {3: "网吧", 4: "网吧"}))


def negative_cost(folder: Path) -> Path:
    """One cost below 0."""
    return csv_file(folder, changed(ROWS, 5, {3: -1}))


def two_longitudes(folder: Path) -> Path:
    """Two columns that both mean longitude."""
    return csv_file(folder, [(*row, 1) for row in ROWS], header=(*HEADER, "LON"))


def no_longitude(folder: Path) -> Path:
    """No column for longitude."""
    return csv_file(folder, header=("编号", "名称", "地址", "纬度", "类别", "费用"))


def many_faults(folder: Path) -> Path:
    """No coordinates in one row, an unknown kind, a repeated id and a negative cost."""
    rows = changed(changed(ROWS, 2, {15: None}), 4, {3: "网吧"})
    return xlsx_file(folder, changed(changed(rows, 0, {1: "A001"}), 5, {7: -5}))


def ragged(folder: Path) -> Path:
    """A comma nobody quoted shifts one row by a cell."""
    return csv_file(folder, [*ROWS[:4], ("A099", "车站", "一楼", 118.4, 24.9, "学校", 24000), *ROWS[4:]])


def open_quote(folder: Path) -> Path:
    """A quote that never ends and would swallow the rest of the file."""
    path = csv_file(folder)
    path.write_text(path.read_text(encoding="utf-8").replace("点位5", '"点位5'), encoding="utf-8")
    return path


def big5(folder: Path) -> Path:
    """Traditional Chinese in Big5."""
    return csv_file(folder, header=("編號", "名稱", "經度", "緯度", "備註", "費用"), encoding="big5", rows=_taiwan())


def shift_jis(folder: Path) -> Path:
    """Japanese in Shift-JIS."""
    return csv_file(
        folder, [(1, "狛江市役所本庁舎", 139.57, 35.63)], header=("番号", "名称", "経度", "緯度"), encoding="cp932"
    )


def latin1(folder: Path) -> Path:
    """German in Latin-1."""
    return csv_file(
        folder, [(1, "Städtle, Öffnung", 9.5, 47.1)], header=("id", "name", "lon", "lat"), encoding="latin-1"
    )


def broken_utf8(folder: Path) -> Path:
    """UTF-8 with one byte lost in line 6."""
    path = csv_file(folder)
    lines = path.read_bytes().split(b"\n")
    lines[5] = lines[5].replace("点".encode(), "点".encode()[:2])
    path.write_bytes(b"\n".join(lines))
    return path


def empty(folder: Path) -> Path:
    """A file of no bytes."""
    path = folder / "devices.csv"
    path.write_bytes(b"")
    return path


def header_only(folder: Path) -> Path:
    """A header and no rows."""
    return csv_file(folder, [])


def empty_sheet(folder: Path) -> Path:
    """A workbook with nothing in it."""
    return xlsx_file(folder, [], header=())


def zip_that_is_no_workbook(folder: Path) -> Path:
    """A zip archive named .xlsx."""
    path = folder / "devices.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "not a workbook")
    return path


def csv_named_xlsx(folder: Path) -> Path:
    """Text named .xlsx."""
    return csv_file(folder, name="devices.xlsx")


def cut_workbook(folder: Path) -> Path:
    """A workbook whose download stopped half-way."""
    path = xlsx_file(folder)
    path.write_bytes(path.read_bytes()[:3000])
    return path


def damaged_workbook(folder: Path) -> Path:
    """A workbook with bytes overwritten inside its sheet."""
    path = xlsx_file(folder)
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(path.read_bytes())
    at = (
        entry.header_offset
        + 30
        + struct.unpack("<H", data[entry.header_offset + 26 : entry.header_offset + 28])[0]
        + 20
    )
    data[at : at + 50] = bytes(50)
    path.write_bytes(data)
    return path


def wrong_size(folder: Path) -> Path:
    """A sound workbook that says of itself that it holds one cell, as some programs write it."""
    path = xlsx_file(folder)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<dimension ref="A1:F21"', b'<dimension ref="A1:A1"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def old_excel(folder: Path) -> Path:
    """The binary format of before 2007."""
    path = folder / "devices.xls"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    return path


def binary_named_csv(folder: Path) -> Path:
    """A workbook named .csv."""
    return xlsx_file(folder).rename(folder / "devices.csv")


def text_named_gpkg(folder: Path) -> Path:
    """Text named .gpkg."""
    return csv_file(folder, name="devices.gpkg")


def text_named_parquet(folder: Path) -> Path:
    """Text named .parquet."""
    return csv_file(folder, name="devices.parquet")


def cut_geojson(folder: Path) -> Path:
    """GeoJSON whose download stopped half-way."""
    path = geojson_file(folder, [({"type": "Point", "coordinates": [118.4, 24.9]}, {"编号": "1"})] * 3)
    path.write_bytes(path.read_bytes()[:-60])
    return path


def geojson_file(
    folder: Path, shapes: Sequence[tuple[object, dict[str, object]]], *, name: str = "shapes.geojson"
) -> Path:
    """GeoJSON from geometries and properties."""
    features = [{"type": "Feature", "geometry": shape, "properties": properties} for shape, properties in shapes]
    path = folder / name
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), encoding="utf-8"
    )
    return path


def most_places_missing(folder: Path) -> Path:
    """Of 20 rows 12 without coordinates: empty, a dash, 无, or only one of the two."""
    rows = changed(ROWS, 2, dict.fromkeys(range(0, 12), ""))
    rows = changed(rows, 2, {3: "—", 7: "无", 9: 118.4})
    return csv_file(folder, changed(rows, 3, dict.fromkeys(range(0, 12), "")))


def mixed_systems(folder: Path, rows: Sequence[Row], shifted: Sequence[Sequence[float]]) -> Path:
    """Every fourth row in another system than the rest: its place from `shifted`."""
    places = {n: shifted[n] for n in range(0, len(rows), 4)}
    rows = changed(rows, 2, {n: place[0] for n, place in places.items()})
    return csv_file(folder, changed(rows, 3, {n: place[1] for n, place in places.items()}))


def odd_hours(folder: Path) -> Path:
    """Opening hours that nobody can read, among sound ones."""
    hours = ["Mo-Fr 08:00-17:00", "看情况", "25:00-99:00", "", "营业时间\n待定", "24小时"]
    rows = [(*row, hours[n % len(hours)]) for n, row in enumerate(ROWS)]
    return csv_file(folder, rows, header=(*HEADER, "开放时间"))


FORMULAS = (
    "=1+1", "+1-2 号楼", "-2+3 号楼", "@SUM(A1)", '=HYPERLINK("http://example.invalid";"点我")', "=cmd|' /C calc'!A0",
    " =1+1", "＝1+1", "'=1+1", "\t=1+1",
)  # fmt: skip
"""Texts that a spreadsheet would run, or nearly so."""


def formulas(folder: Path) -> Path:
    """Labels that a spreadsheet would run."""
    return csv_file(folder, changed(ROWS, 1, dict(enumerate(FORMULAS))))


def full_width(folder: Path) -> Path:
    """Full-width digits and thousands in some cells."""
    return csv_file(folder, changed(changed(ROWS, 2, {0: "１１８．３８１"}), 5, {1: "24,000", 2: "２４０００"}))


def repeated_header(folder: Path) -> Path:
    """The header again in the middle, as printed lists have it on every page, and a line of totals at the end."""
    return csv_file(folder, [*ROWS[:10], HEADER, *ROWS[10:], ("合计", "", "", "", "", 480000)])


def merged_workbook(folder: Path) -> Path:
    """A title over all columns, a header of two rows with merged cells, and a name merged over three devices."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.append(["示例县 AED 设备一览表"])
    page.append(["填报单位：示例县红十字会", "", "", "", "2026-11-22"])
    page.append(["编号", "名称", "坐标", "", "类别", "费用"])
    page.append(["", "", "经度", "纬度", "", ""])
    for row in ROWS:
        page.append(list(row))
    for cells in ("A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4", "B7:B9"):
        page.merge_cells(cells)
    book.save(folder / "devices.xlsx")
    return folder / "devices.xlsx"


def merged_header_csv(folder: Path) -> Path:
    """The same header saved as CSV, where merged cells leave gaps."""
    rows = [("", "", "经度", "纬度", "", ""), *ROWS]
    return csv_file(folder, rows, header=("编号", "名称", "坐标", "", "类别", "费用"))


def million_rows(folder: Path, *, count: int = 1_000_000) -> Path:
    """A very long table in which every thousandth row has no longitude and every 2,500th a full-width one."""
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    path = folder / "devices.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADER) + "\n")
        for n in range(count):
            lon = f"{118.3 + n % 1000 / 10_000:.4f}"
            lon = "" if n % 1000 == 0 else lon.translate(wide) if n % 2500 == 1 else lon
            file.write(f"A{n},点位{n},{lon},{24.9 + n // 1000 / 10_000:.4f},学校,24000\n")
    return path


def _taiwan() -> list[Row]:
    return [(f"A{n}", "鼓山輪渡站", 120.27 + n / 100, 22.62, "臺鐵車站", 24000) for n in range(8)]
