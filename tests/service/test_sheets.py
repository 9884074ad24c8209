"""Sheets: what is written is read again as it was, in workbooks and CSV, whatever stands in a cell."""

import datetime as dt
import io
import zipfile

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from service.errors import ServiceError
from service.sheets.readings import MOST_BYTES, read_book
from service.sheets.record_books import write_book, write_csv
from service.sheets.record_sheets import (
    CellError,
    Column,
    Spare,
    clears,
    shipped_sheets,
    shown,
    shown_text,
    unkept,
    value_of,
    words,
)

SHEETS = shipped_sheets()
NO_SHRINK = [
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
]  # a workbook takes long to write: shrinking would take minutes
COLUMNS = [column for sheet in SHEETS.values() for column in sheet.columns]
HOSTILE = ["=1+1", "'=1", "@SUM(A1)", "＝1", "-5 号楼", "清空", "'清空", "CLEAR", "_x0041_", "_x005F_", "a\ufffeb",
           "第一行\n第二行", "<script>", '"', "a;b；c", "1e5", "00350", "#N/A", "TRUE", "2027-05-31", "  x"]  # fmt: skip
text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40
) | st.sampled_from(HOSTILE)
lines = text.map(str.strip).filter(bool)
days = st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31))


def values_of(column: Column) -> st.SearchStrategy:
    """What the records can hold of a column, but for names of other records."""
    if column.kind in ("one", "some"):
        keys = st.sampled_from(sorted(words()[column.about]))
        return keys if column.kind == "one" else st.lists(keys, min_size=1, max_size=3, unique=True)
    lot = st.text("LOT0123 -", max_size=8).map(str.strip)
    return {
        "yes_no": st.booleans(),
        "day": days,
        "expiry": days,
        "whole": st.integers(0, 10_000_000),
        "number": st.floats(0, 1e8 if column.field not in ("lon", "lat") else 180),
        "money": st.integers(0, 10**13),
        "hours": st.sampled_from(["24/7", "Mo-Fr 08:00-17:00", "Mo-Su 05:30-22:00", "Tu-Su 09:00-21:00"]),
        "spares": st.lists(st.builds(Spare, st.booleans(), st.none() | days, lot), min_size=1, max_size=3),
        "code": st.text("ABCDEFGHJK0123456789-", min_size=2, max_size=16),
        "unit": st.sampled_from(["35", "3505", "350583", "350583001"]),
        "phone": st.text("0123456789 +-()", min_size=1, max_size=20).map(str.strip).filter(bool),
        "email": st.just("a@example.org"),
    }.get(column.kind, lines)


@settings(max_examples=20, deadline=None, phases=NO_SHRINK)
@given(st.data())
def test_a_value_goes_into_a_cell_of_either_file_and_comes_back(data):
    sheet = SHEETS[data.draw(st.sampled_from(sorted(SHEETS)), "sheet")]
    plain = [column for column in sheet.columns if column.kind not in ("to", "all")]
    rows = data.draw(
        st.lists(st.fixed_dictionaries({column.field: values_of(column) for column in plain}), min_size=1, max_size=3)
    )
    cells = [[shown(column, row.get(column.field)) for column in sheet.columns] for row in rows]
    for content in (write_book({sheet.id: cells}), write_csv(sheet, cells)):
        book = read_book(content, sheet=sheet.id)
        assert book.remarks == ()
        [page] = book.pages
        assert page.sheet is sheet
        for (_, found), row in zip(page.rows, rows, strict=True):
            for column in plain:
                assert not clears(found[column.field])
                told = value_of(column, unkept(found[column.field]))
                assert told == row[column.field], column


@given(lines)
@settings(max_examples=25, deadline=None, phases=NO_SHRINK)
def test_no_cell_of_a_file_runs(words_given):
    sheet = SHEETS["organisations"]
    cells = [[words_given, *[None] * (len(sheet.columns) - 1)]]
    page = load_workbook(io.BytesIO(write_book({sheet.id: cells})))[sheet.title]
    assert page["A2"].data_type == "s"
    first = write_csv(sheet, cells).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"')
    assert not first.startswith(tuple("=@＝＠\t"))


def test_every_column_has_its_words_in_both_languages_and_a_name_of_its_own():
    for sheet in SHEETS.values():
        assert all(column.zh and column.en for column in sheet.columns)
        headers = [column.header for column in sheet.columns]
        assert len(set(headers)) == len(headers)
        assert bool([c for c in sheet.columns if c.needed]) or sheet.id == "devices"
        content = write_csv(sheet, [[None] * len(sheet.columns)] * 1 + [["x"] * len(sheet.columns)])
        [page] = read_book(content, sheet=sheet.id).pages
        assert set(page.rows[0][1]) == {column.field for column in sheet.columns}, (
            "each header is found as its own column"
        )


def test_the_template_explains_itself_and_offers_the_words():
    book = load_workbook(io.BytesIO(write_book({name: [] for name in SHEETS})))
    assert book.sheetnames == ["说明 Notes", *(sheet.title for sheet in SHEETS.values()), "_words"]
    devices = book[SHEETS["devices"].title]
    rules = {str(rule.sqref): rule.formula1 for rule in devices.data_validations.dataValidation}
    assert len(rules) >= 8
    heads = {cell.value: cell.column_letter for cell in devices[1]}
    source = rules[f"{heads['坐标系 Coordinate system']}2:{heads['坐标系 Coordinate system']}5001"]
    place = source.removeprefix("_words!").replace("$", "")
    assert [cell.value for [cell] in book["_words"][place]][1] == "GCJ-02（高德、腾讯） gcj02"
    notes = " ".join(str(cell.value) for row in book["说明 Notes"] for cell in row)
    assert all(column.header in notes for column in SHEETS["devices"].columns)
    with pytest.raises(ServiceError, match="No rows") as refused:
        read_book(write_book({name: [] for name in SHEETS}))
    assert refused.value.status == 422


def sheet_with(rows: list[list[object]], *, title: str = "Sheet1", merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    for place in merged:
        page.merge_cells(place)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_county_list_with_titles_merged_heads_and_other_names_is_understood():
    rows = [
        ["2026 年 AED 清单"],
        ["AED编号", "安装点位", "位置", "", "坐标", "", "坐标系", "电池有效期", "领导批示"],
        ["", "", "具体位置", "楼层", "经度", "纬度", "", "", ""],
        ["a001", "汽车站", "一楼", 1, "１１８.３８６", 24.96, "高德", "２０２７年５月", "好"],
        ["A002", "", "二楼", 2, 118.39, 24.97, "gcj02", dt.date(2028, 1, 31), ""],
    ]
    content = sheet_with(rows, title="设备清单表", merged=("B4:B5", "C2:D2", "E2:F2", "A2:A3", "G2:G3"))
    book = read_book(content)
    [page] = book.pages
    assert page.sheet.id == "devices"
    assert [remark.en.split(":")[1] for remark in book.remarks] == [" column '领导批示' is not known"]
    (first, one), (second, two) = page.rows
    assert (first, second) == (4, 5)
    assert one["site_id"] == two["site_id"] == "汽车站", "merged downwards"
    column = page.sheet.column
    assert value_of(column("lon"), one["lon"]) == 118.386
    assert value_of(column("public_code"), one["public_code"]) == "A001"
    assert value_of(column("battery_expires_on"), one["battery_expires_on"]) == dt.date(2027, 5, 31)
    assert value_of(column("crs"), two["crs"]) == "gcj02"
    assert (one["location_text"], one["level"]) == ("一楼", "1")
    with pytest.raises(CellError):
        value_of(column("crs"), "火星")


@pytest.mark.parametrize(
    ("kind", "cell"),
    [("day", "2027-02-30"), ("day", "2027-05"), ("day", "明年"), ("whole", "2.5"), ("whole", "-1"), ("number", "24,96"),
     ("money", "1.005"), ("money", "NaN"), ("yes_no", "也许"), ("one", "别的"), ("hours", "看情况"), ("phone", "call me"),
     ("email", "a b@c"), ("code", "a/b"), ("unit", "12345"), ("text", "x" * 201), ("text", "a\x00b")],
)  # fmt: skip
def test_a_cell_that_cannot_be_meant_is_refused_in_both_languages(kind, cell):
    column = next(column for column in COLUMNS if column.kind == kind)
    with pytest.raises(CellError) as refused:
        value_of(column, cell)
    assert refused.value.zh
    assert refused.value.en


GOOD = sheet_with([["单位名称", "单位类型"], ["甲", "学校"]], title="单位")


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    return buffer.getvalue()


def far_corner() -> bytes:
    book = Workbook()
    book.active.cell(1_048_576, 16_384).value = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 415), (b"PK\x03\x04 no zip", 415), (b"\xff\xd8\xff\xe0 a picture", 415), (b"x" * (MOST_BYTES + 1), 413), (bomb(), 413),
     (far_corner(), 413), (sheet_with([["hello"], ["world"]]), 422), (sheet_with([["姓名", "爱好"], ["张三", "钓鱼"]]), 422)],
    ids=["empty", "broken", "picture", "large", "bomb", "far corner", "no header", "few columns"],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(content, status):
    with pytest.raises(ServiceError) as refused:
        read_book(content, sheet="")
    assert refused.value.status in (status, 422 if status == 415 else status)


def test_more_rows_than_may_come_are_refused():
    sheet = SHEETS["organisations"]
    rows = [[f"单位{n}", "学校", *[None] * (len(sheet.columns) - 2)] for n in range(5001)]
    with pytest.raises(ServiceError, match="More than 5000 rows"):
        read_book(write_csv(sheet, rows), sheet="organisations")


def test_a_formula_without_a_value_is_told_and_not_taken_for_nothing():
    content = sheet_with([["单位名称", "单位类型", "地址"], ["甲", "学校", "=A1&B1"], ["乙", "学校", ""]], title="单位")
    book = read_book(content)
    assert [remark.en.split(": ")[1][:26] for remark in book.remarks] == ["1 formulas without a value"]
    assert "row 2" in book.remarks[0].en


def status_of(content: bytes, sheet: str = "") -> int:
    """200 where a file can be read, else why not."""
    try:
        read_book(content, sheet=sheet)
    except ServiceError as error:
        return error.status
    return 200


@settings(max_examples=80, deadline=None, phases=NO_SHRINK)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode), st.sampled_from(["", *SHEETS]))
def test_noise_is_refused_and_breaks_nothing(noise, sheet):
    assert status_of(noise, sheet) in (200, 413, 415, 422)


@settings(max_examples=60, deadline=None, phases=NO_SHRINK)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_refused_or_read_and_breaks_nothing(place, bytes_there):
    content = GOOD[:place] + bytes_there + GOOD[place + len(bytes_there) :]
    assert status_of(content) in (200, 413, 415, 422)


def test_dates_and_numbers_are_cells_that_a_spreadsheet_can_count_with():
    column = SHEETS["devices"].column("pads_expires_on")
    assert shown(column, dt.date(2027, 5, 31)) == dt.date(2027, 5, 31)
    assert shown_text(SHEETS["policies"].column("premium_fen"), 480_050) == "4800.5"
