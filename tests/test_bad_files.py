"""Every file of `bad/`: either refused whole by name, or every row of it read or refused with its number."""

import csv
import json
import time
from inspect import getmembers, isfunction, signature

import openpyxl
import pytest
from bad import make_bad
from hypothesis import given
from hypothesis import strategies as st

from aedplan.cli import main
from aedplan.coordinates import convert
from aedplan.errors import InputError
from aedplan.files import read_sites, read_sites_by_row
from aedplan.outputs import write_csv, write_xlsx
from aedplan.tables.columns import shipped
from aedplan.tables.formulas import guarded, runs, unguarded
from aedplan.tables.tables import read_table

MAKERS = [make for _, make in getmembers(make_bad, isfunction) if list(signature(make).parameters) == ["folder"]]

OF_ROWS = {
    "no_coordinates": {17: "没有坐标", 19: "没有坐标", 20: "没有坐标"},
    "null_island": {6: "坐标为 0, 0", 11: "坐标为 0, 0"},
    "outside_world": {8: "超出经纬度范围"},
    "text_in_numbers": {5: "经度不是数字：'东经118度'", 10: "经度不是数字", 4: "费用不是数字：'2.4万'"},
    "decimal_commas": {2: "费用不是数字"},
    "not_numbers": {3: "经度不是数字：'NaN'", 4: "经度不是数字", 5: "经度不是数字"},
    "repeated_ids": {7: "编号与前面的行重复：'A001'", 8: "编号与前面的行重复", 11: "没有编号"},
    "negative_cost": {5: "费用小于 0"},
    "many_faults": {3: "编号与前面的行重复", 9: "费用小于 0", 17: "没有坐标"},
    "ragged": {6: "单元格比表头多"},
    "repeated_header": {12: "又一次出现的表头", 23: "没有坐标"},
    "most_places_missing": dict.fromkeys(range(2, 14), "坐标") | {5: "经度不是数字：'—'", 9: "经度不是数字：'无'"},
}
"""The rows that must be refused, and a part of why."""

MENDED = {
    "swapped_rows": {(4, "经度"), (4, "纬度"), (8, "经度"), (8, "纬度")},
    "unknown_kinds": {(5, "类别"), (6, "类别")},
    "full_width": {(2, "经度"), (3, "费用"), (4, "费用")},
    "many_faults": {(5, "类别")},
    "merged_workbook": {(8, "名称"), (9, "名称")},
}
"""The cells that must be mended; in all other files none."""

WHOLE = {"odd_hours", "formulas", "big5", "shift_jis", "wrong_size", "merged_header_csv"}
"""Files of which every row is read as it stands."""


LENGTHS = {"big5": 8, "shift_jis": 1, "ragged": 21, "repeated_header": 22}
"""Records in a file, where they are not 20."""

ACCOUNTED = OF_ROWS.keys() | MENDED.keys() | WHOLE


@pytest.mark.parametrize("make", [m for m in MAKERS if m.__name__ in ACCOUNTED], ids=lambda make: make.__name__)
def test_every_row_of_a_bad_file_is_read_or_refused_with_its_number(make, tmp_path):
    path, name = make(tmp_path), make.__name__
    sites, report = read_sites_by_row(path, crs="wgs84")
    assert len(sites) + len(report.refused) == report.read + len(report.refused) == report.rows == LENGTHS.get(name, 20)
    why = {one.row: "；".join(reason.zh for reason in one.why) for one in report.refused}
    assert set(why) == set(OF_ROWS.get(name, {}))
    assert all(words in why[row] for row, words in OF_ROWS.get(name, {}).items()), why
    assert {(mend.row, mend.column) for mend in report.mended} == MENDED.get(name, set())
    assert {int(where.rpartition(" ")[2]) for where in sites.where}.isdisjoint(why)


@pytest.mark.parametrize("make", [m for m in MAKERS if m.__name__ not in ACCOUNTED], ids=lambda make: make.__name__)
def test_every_other_bad_file_is_refused_whole_by_name(make, tmp_path):
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        read_sites_by_row(path, crs="wgs84")
    assert all(path.name in fault for fault in caught.value.faults)


def test_swapped_rows_are_turned_round_and_stand_among_the_others(tmp_path):
    sites, _ = read_sites_by_row(make_bad.swapped_rows(tmp_path), crs="wgs84")
    assert sites.lonlat[2].tolist() == [make_bad.ROWS[2][2], make_bad.ROWS[2][3]]


def test_a_table_that_cannot_be_told_at_all_is_still_refused_whole(tmp_path):
    with pytest.raises(InputError, match="swapped in all rows"):
        read_sites_by_row(make_bad.swapped_columns(tmp_path), crs="wgs84")
    with pytest.raises(InputError, match="坐标系未声明"):
        read_sites_by_row(make_bad.csv_file(tmp_path))


def test_hours_that_nobody_can_read_are_kept_as_they_stand_for_whoever_reads_hours(tmp_path):
    sites, _ = read_sites_by_row(make_bad.odd_hours(tmp_path), crs="wgs84")
    assert sites.hours[1:3] == ("看情况", "25:00-99:00")


def test_a_header_of_two_rows_with_merged_cells_gives_the_lower_names(tmp_path):
    for make in (make_bad.merged_workbook, make_bad.merged_header_csv):
        path = make(tmp_path)
        assert read_table(path).header == make_bad.HEADER
        assert read_sites(path, crs="wgs84").lonlat.tolist() == [[row[2], row[3]] for row in make_bad.ROWS]
    sites = read_sites(make_bad.merged_workbook(tmp_path), crs="wgs84")
    assert sites.label[2:5] == ("点位3",) * 3
    assert sites.where[0] == "devices.xlsx, sheet 1 (Sheet), row 5"


def test_rows_in_two_systems_are_told_apart_by_the_streets_and_places_of_the_map(tmp_path, capsys):
    sites = read_sites(shipped("demo/candidates.csv"), crs="wgs84")
    rows = [
        (id, label, lon, lat, kind, 1)
        for id, label, (lon, lat), kind in zip(sites.id, sites.label, sites.lonlat.tolist(), sites.kind, strict=True)
    ]
    path = make_bad.mixed_systems(tmp_path, rows, convert(sites.lonlat, source="wgs84", target="gcj02").tolist())
    streets = str(shipped("demo/county.osm.gz"))
    assert main(["check", str(path), "--crs", "wgs84", "--streets", streets]) == 0
    printed = capsys.readouterr().out
    assert "行像是 GCJ-02，与其余各行不同" in printed
    assert main(["check", str(shipped("demo/candidates.csv")), "--crs", "wgs84", "--streets", streets]) == 0
    assert "可疑 suspicious" not in capsys.readouterr().out


# a long table


@pytest.mark.slow
def test_a_million_rows_are_read_with_every_row_accounted_for(tmp_path):
    path = make_bad.million_rows(tmp_path)
    begin = time.process_time()
    sites, report = read_sites_by_row(path, crs="wgs84")
    assert time.process_time() - begin < 120
    assert (report.rows, len(sites), len(report.refused), len(report.mended)) == (1_000_000, 999_000, 1_000, 400)
    assert [one.row for one in report.refused[:3]] == [2, 1002, 2002]
    assert len(report.lines()) < 60


# the report


def test_the_report_says_all_rows_in_a_workbook_and_in_a_csv(tmp_path):
    _, report = read_sites_by_row(make_bad.many_faults(tmp_path), crs="wgs84")
    report.save(tmp_path / "report.xlsx")
    report.save(tmp_path / "report.csv")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert [row[0].value for row in book["拒收 refused"].iter_rows(min_row=2)] == [3, 9, 17]
    assert [row[0].value for row in book["修正 mended"].iter_rows(min_row=2)] == [5]
    rows = list(csv.reader((tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[1] for row in rows[1:]] == ["3", "9", "17", "5"]
    with pytest.raises(InputError, match=r"\.xlsx or \.csv"):
        report.save(tmp_path / "report.txt")


def test_the_command_prints_the_report_and_ends_with_2_when_rows_were_refused(tmp_path, capsys):
    path = make_bad.no_coordinates(tmp_path)
    assert main(["check", str(path), "--crs", "gcj02", "--report", str(tmp_path / "r.xlsx")]) == 2
    printed = capsys.readouterr()
    assert printed.out.startswith("devices.xlsx, sheet 1：共 20 行，读入 17 行，修正 0 处，拒收 3 行。\n")
    assert "第 17 行（南安汽车站）：没有坐标 / row 17 (南安汽车站): has no coordinates" in printed.out
    assert printed.err == "aedplan: devices.xlsx, sheet 1：3 行读不进来，见上。3 rows refused, see above\n"
    assert (tmp_path / "r.xlsx").is_file()
    assert main(["check", str(make_bad.csv_file(tmp_path)), "--crs", "wgs84"]) == 0


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path, capsys):
    path = str(make_bad.csv_file(tmp_path))
    assert main(["check", path, "--crs", "wgs84", "--report", str(tmp_path / "r.txt")]) == 2
    assert main(["check", path, "--crs", "wgs84", "--report", str(tmp_path / "nowhere" / "r.xlsx")]) == 2
    assert capsys.readouterr().out == ""


# formulas


TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8) | st.sampled_from(make_bad.FORMULAS)


@given(TEXTS)
def test_no_guarded_text_runs_and_every_one_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert not runs(guarded(text)) or float(text) == float(text)


@given(st.lists(st.tuples(TEXTS, st.floats(-1e6, 1e6) | st.integers(-1000, 1000)), min_size=1, max_size=6))
def test_a_csv_file_written_and_read_again_holds_the_same_texts_and_numbers(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(path, ("名称", "费用"), [("x", 0), *rows])
    table = read_table(path)
    assert table.columns[0][1:] == tuple(text.strip() for text, _ in rows)
    assert [float(cell) for cell in table.columns[1][1:]] == [number for _, number in rows]


def test_numbers_below_zero_stay_numbers_on_the_way_out(tmp_path):
    write_csv(tmp_path / "a.csv", ("名称", "差额"), [("=1+1", -5), ("甲", "-5"), ("+86 595", None)])
    written = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()
    assert written[1:] == ["'=1+1,-5", "甲,-5", "'+86 595,"]
    write_xlsx(tmp_path / "a.xlsx", {"表": (("名称", "差额"), [("=1+1", -5)])})
    first, second = openpyxl.load_workbook(tmp_path / "a.xlsx").active[2]
    assert (first.value, first.data_type, first.quotePrefix) == ("=1+1", "s", True)
    assert (second.value, second.data_type) == (-5, "n")


def test_labels_that_would_run_go_through_a_check_and_out_of_its_report_as_texts(tmp_path):
    path = make_bad.formulas(tmp_path)
    sites, report = read_sites_by_row(path, crs="wgs84")
    assert (len(sites), report.refused) == (20, ())
    rows = [(f"r{n}", label, lon) for n, (label, (lon, _)) in enumerate(zip(sites.label, sites.lonlat, strict=True))]
    write_csv(tmp_path / "out.csv", ("编号", "名称", "经度"), rows)
    assert not [
        cell
        for row in csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines())
        for cell in row
        if runs(cell)
    ]
    assert read_table(tmp_path / "out.csv").columns[1] == sites.label


def test_json_of_a_table_keeps_labels_as_they_are(tmp_path):
    path = make_bad.geojson_file(
        tmp_path, [({"type": "Point", "coordinates": [118.4, 24.9]}, {"名称": "=1+1"})], name="a.geojson"
    )
    assert read_sites(path).label == ("=1+1",)
    assert json.loads(path.read_text(encoding="utf-8"))["features"][0]["properties"]["名称"] == "=1+1"
