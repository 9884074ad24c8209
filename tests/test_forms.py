"""Tables understood: numbers, columns and places are read, and every fault is counted with its first row."""

import math
import re
from fractions import Fraction

import pytest
from bad import make_bad
from hypothesis import given
from hypothesis import strategies as st

from aedplan.errors import InputError
from aedplan.files import read_sites
from aedplan.tables.columns import plain, synonyms
from aedplan.tables.forms import number


def faults(read, path, **options):
    with pytest.raises(InputError) as caught:
        read(path, **options)
    return caught.value.faults


# numbers


@given(st.integers(-(10**9), 10**9), st.integers(0, 999), st.sampled_from(["", ",", " "]), st.booleans())
def test_numbers_are_read_as_python_writes_them_with_thousands_and_full_width(whole, thousandths, mark, wide):
    text = f"{whole:,}".replace(",", mark) + f".{thousandths:03}"
    if wide:
        text = text.translate({ord(a): chr(ord(a) + 0xFEE0) for a in "0123456789,.-"})
    sign = -1 if whole < 0 else 1
    assert number(f" {text}\u3000") == float(sign * (abs(whole) + Fraction(thousandths, 1000)))


@given(st.text("0123456789.,-+eE ０９．", max_size=12))
def test_a_number_is_finite_or_nothing(text):
    value = number(text)
    assert math.isnan(value) or math.isfinite(value)


NO_NUMBERS = (
    "24.000,5",
    "24,96",
    "0,038",
    "1,23,456",
    "1 23",
    "1_000",
    "0x10",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "二十",
    "24元",
    "118°",
    "118.3E",
    "--1",
    "1.2.3",
    "٣",
    "true",
    ".",
    "+",
)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_or_can_be_read_in_two_ways_is_refused(text):
    assert math.isnan(number(text))


# columns


def test_no_name_means_two_fields():
    seen = {}
    for key, names in synonyms().items():
        for name in names:
            assert seen.setdefault(plain(name), key) == key


@pytest.mark.parametrize("header", ["经度", " LON ", "Longitude", "lng", "経度", "ｌｏｎ", "经度(°)", "*经度", "經度"])
def test_a_column_is_found_whatever_its_case_width_and_spaces(header, tmp_path):
    path = make_bad.csv_file(tmp_path, header=("ID", "Name", header, "ＬＡＴ", "Kind", "Cost (RMB)"))
    assert len(read_sites(path, crs="wgs84")) == 20


def test_a_callers_columns_go_before_the_synonyms(tmp_path):
    path = make_bad.two_longitudes(tmp_path)
    assert read_sites(path, crs="wgs84", columns={"lon": "经度"}).lonlat[0].tolist() == [118.381, 24.9605]
    assert "no column '东' for lon" in faults(read_sites, path, crs="wgs84", columns={"lon": "东"})[0]
    assert "long is not a setting; did you mean lon?" in faults(read_sites, path, crs="wgs84", columns={"long": "x"})[0]


def test_an_empty_name_says_that_no_column_holds_a_field(tmp_path):
    path = make_bad.unknown_kinds(tmp_path)
    assert set(read_sites(path, crs="wgs84", columns={"kind": ""}).kind) == {"other"}


# rows and places


def test_row_numbers_are_those_of_a_spreadsheet_even_after_a_title_blank_rows_and_broken_lines(tmp_path):
    blank = ("",) * 6
    rows = [("A1", "一楼\n服务台", 118.3, 24.9, "", ""), blank, blank, ("A2", "b", "", 24.9, "", "")]
    titled = make_bad.xlsx_file(tmp_path, rows, title="南安市 AED 清单")
    (fault,) = faults(read_sites, titled, crs="wgs84", columns={"cost": ""})
    assert "1 row has no coordinates: row 6 (b)" in fault
    (fault,) = faults(read_sites, make_bad.csv_file(tmp_path, rows), crs="wgs84", columns={"cost": ""})
    assert "1 row has no coordinates: row 5 (b)" in fault


def test_an_undeclared_system_is_refused_with_the_three_choices_in_both_languages(tmp_path):
    (fault,) = faults(read_sites, make_bad.csv_file(tmp_path))
    chinese = fault.partition(" / ")[0].partition(": ")[2]
    assert not re.search(r"[,:;()]", chinese)
    assert all(word in fault for word in ("坐标系未声明", "高德", "百度", "wgs84", "gcj02", "bd09", "not declared"))


def test_an_unknown_system_is_refused(tmp_path):
    (fault,) = faults(read_sites, make_bad.csv_file(tmp_path), crs="GCJ-02")
    assert "crs 'GCJ-02' is not known; expected one of wgs84, gcj02, bd09" in fault


def test_the_message_of_the_house_comes_out_word_for_word(tmp_path):
    (fault,) = faults(read_sites, make_bad.no_coordinates(tmp_path), crs="gcj02")
    assert fault == (
        "devices.xlsx, sheet 1: 3 rows have no coordinates, the first is row 17 (南安汽车站);"
        " expected 经度, 纬度 in degrees"
    )


FAULTY = {
    make_bad.swapped_columns: ["swapped in all rows (columns 经度, 纬度)"],
    make_bad.swapped_in_the_west: ["swapped in all rows (columns 经度, 纬度)"],
    make_bad.swapped_rows: ["2 rows have longitude and latitude swapped, the first is row 4 (点位3)"],
    make_bad.null_island: ["2 rows lie at 0, 0 in the Atlantic, the first is row 6"],
    make_bad.outside_world: ["1 row lies outside the world: row 8"],
    make_bad.text_in_numbers: [
        "2 rows have no number in 经度, the first is row 5 (点位4) holds '东经118度'",
        "1 row has no number in 费用: row 4 (点位3) holds '2.4万'",
    ],
    make_bad.decimal_commas: ["1 row has no number in 费用: row 2 (点位1) holds '24.000,5'"],
    make_bad.not_numbers: ["3 rows have no number in 经度, the first is row 3 (点位2) holds 'NaN'"],
    make_bad.repeated_ids: ["1 row has no 编号: row 11", "2 rows repeat the 编号 of another, the first is row 7"],
    make_bad.unknown_kinds: ["2 rows have an unknown kind, the first is row 5 (点位4) holds '网吧'"],
    make_bad.negative_cost: ["1 row has a 费用 below 0: row 5 (点位4) holds '-1'"],
    make_bad.two_longitudes: ["columns 经度, LON all mean lon"],
    make_bad.no_longitude: ["no column for lon (经度); the columns are: 编号, 名称, 地址"],
    make_bad.many_faults: ["no coordinates", "repeats the 编号", "unknown kind", "below 0"],
}


@pytest.mark.parametrize("make", FAULTY, ids=lambda make: make.__name__)
def test_every_fault_is_counted_with_its_first_row_and_nothing_else_is_said(make, tmp_path):
    found = faults(read_sites, make(tmp_path), crs="wgs84")
    assert len(found) == len(FAULTY[make])
    for words in FAULTY[make]:
        assert any(words in fault for fault in found), found


def test_norths_own_places_are_not_taken_for_swapped(tmp_path):
    rows = [("1", "Hammerfest", 23.68, 70.66), ("2", "Longyearbyen", 15.63, 78.22)]
    path = make_bad.csv_file(tmp_path, rows, header=("id", "name", "lon", "lat"))
    assert len(read_sites(path, crs="wgs84")) == 2
