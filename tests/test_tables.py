"""Raw tables: every cell comes back, and a file that cannot be read is refused by name."""

import zipfile
from pathlib import Path

import pytest
from bad import make_bad
from hypothesis import given, settings
from hypothesis import strategies as st

from aedplan.errors import InputError
from aedplan.tables.tables import read_table

DATA = Path(__file__).parents[2] / "shared" / "data"

real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")


def faults(read, path, **options):
    with pytest.raises(InputError) as caught:
        read(path, **options)
    return caught.value.faults


def cells(encoding):
    known = "gb2312" if encoding == "gb18030" else "utf-8"
    plain_text = st.text(st.characters(codec=known, exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=8).map(
        str.strip
    )
    return plain_text | st.sampled_from(["第一行\n第二行", '他说"好"', "a,b;c\td", "'", '"', "=1+1"])


@settings(deadline=None)
@given(data=st.data(), delimiter=st.sampled_from(",;\t"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_table_comes_back_cell_by_cell(encoding, data, delimiter, tmp_path_factory):
    cell = cells(encoding)
    rows = data.draw(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=8))
    header = ("编号经度", "纬度人口", "类别开放时间", "费用镇街名称")
    folder = tmp_path_factory.mktemp("csv")
    path = make_bad.csv_file(
        folder, [("值", *row) for row in rows], header=header, encoding=encoding, delimiter=delimiter
    )
    table = read_table(path)
    assert table.header == header
    assert [tuple(row) for row in zip(*table.columns, strict=True)] == [("值", *row) for row in rows]
    assert table.row == tuple(range(2, len(rows) + 2))


@pytest.mark.parametrize(
    "text", ["场所名称,经度,纬度\n柳城汽车站,118.39,24.96\n", "場所名稱,經度,緯度\n鼓山輪渡站候船室,120.27,22.62\n"]
)
def test_simplified_and_traditional_chinese_in_gb18030_are_read(text, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode("gb18030"))
    assert read_table(path).columns[0][0] in text


def test_excel_cells_read_as_a_person_would_type_them(tmp_path):
    from datetime import date, datetime

    rows = [("A1", 7.0, date(2026, 11, 22), datetime(2026, 11, 22, 8, 30), True, 118.386)]
    table = read_table(make_bad.xlsx_file(tmp_path, rows))
    assert [column[0] for column in table.columns] == [
        "A1",
        "7",
        "2026-11-22",
        "2026-11-22T08:30:00",
        "True",
        "118.386",
    ]


def test_rows_beyond_the_size_a_workbook_names_are_read(tmp_path):
    path = make_bad.wrong_size(tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert b'ref="A1:A1"' in archive.read("xl/worksheets/sheet1.xml")
    assert (len(read_table(path)), read_table(path).header) == (20, make_bad.HEADER)


def test_a_sheet_is_chosen_by_name_and_a_missing_one_named_with_those_there_are(tmp_path):
    path = make_bad.xlsx_file(tmp_path, sheets=("设备", "说明"))
    assert read_table(path, sheet="设备").where == "devices.xlsx, sheet 1 (设备)"
    (fault,) = faults(read_table, path, sheet="清单")
    assert "清单" in fault
    assert "设备, 说明" in fault


BROKEN = {
    make_bad.open_quote: "line",
    make_bad.latin1: "UTF-8",
    make_bad.broken_utf8: "line 6",
    make_bad.empty: "is empty",
    make_bad.header_only: "at least one row",
    make_bad.empty_sheet: "sheet 1: no row",
    make_bad.zip_that_is_no_workbook: "not a readable Excel",
    make_bad.csv_named_xlsx: "not a readable Excel",
    make_bad.cut_workbook: "not a readable Excel",
    make_bad.damaged_workbook: "not a readable Excel",
    make_bad.old_excel: "save it as .xlsx",
    make_bad.binary_named_csv: "not text",
    make_bad.text_named_gpkg: "not a readable GIS",
    make_bad.text_named_parquet: "not a readable Parquet",
    make_bad.cut_geojson: "not a readable GIS",
    make_bad.ragged: "1 row has more cells than the header: row 6",
}


@pytest.mark.parametrize("make", BROKEN, ids=lambda make: make.__name__)
def test_a_file_that_cannot_be_read_is_refused_by_name(make, tmp_path):
    path = make(tmp_path)
    (fault,) = faults(read_table, path)
    assert path.name in fault
    assert BROKEN[make] in fault


def test_a_missing_file_is_refused_by_name(tmp_path):
    (fault,) = faults(read_table, tmp_path / "nowhere.csv")
    assert "nowhere.csv: there is no such file" in fault
