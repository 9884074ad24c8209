"""Writing files: the same content gives the same bytes, and nothing half-written is ever left."""

import json
import os
import time
import unicodedata
from pathlib import Path

import geopandas
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from aedplan.errors import InputError
from aedplan.outputs import MANIFEST, check_folder, whole_folder, write_geojson, write_gpkg, write_json, write_xlsx

SQUARE = [(118.3, 24.9), (118.3, 24.91), (118.31, 24.91), (118.31, 24.9), (118.3, 24.9)]  # clockwise
HOLE = [(118.302, 24.902), (118.304, 24.902), (118.304, 24.904), (118.302, 24.904), (118.302, 24.902)]


def frame():
    return geopandas.GeoDataFrame(
        {"编号": ["甲", "乙"], "人口": [1, 2], "份额": [0.5, None]},
        geometry=[Point(118.3, 24.9), Point(118.4, 25)],
        crs=4326,
    )


def write_all(folder: Path) -> None:
    feature = {
        "geometry": shapely.geometry.mapping(Point(118.3, 24.9)),
        "properties": {"名称": "车站", "人数": np.int64(5)},
    }
    write_geojson(folder / "plan.geojson", [feature])
    write_gpkg(folder / "plan.gpkg", {"点位": frame(), "区": frame().to_crs(4549)})
    write_xlsx(folder / "plan.xlsx", {"方案": (["编号", "费用"], [["甲", 24000], ["乙", 1.5]])})
    write_json(folder / "summary.json", {"value": np.float64(0.5), "ids": np.array([1, 2])})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_at_different_times_give_the_same_bytes(tmp_path):
    for name, wait_s in (("first", 2.1), ("second", 0)):  # zip archives count in steps of two seconds
        with whole_folder(tmp_path / name) as folder:
            write_all(folder)
        time.sleep(wait_s)
    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert first == second
    assert set(first) == {"plan.geojson", "plan.gpkg", "plan.xlsx", "summary.json", MANIFEST}


def test_the_clock_of_geopackages_is_set_back_for_others(tmp_path):
    write_gpkg(tmp_path / "a.gpkg", {"a": frame()})
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


# GeoJSON and JSON


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_geojson_turns_rings_to_the_right_hand_and_rounds_to_a_centimetre(tmp_path):
    write_geojson(
        tmp_path / "a.geojson", [{"geometry": {"type": "Polygon", "coordinates": [SQUARE, HOLE]}, "properties": {}}]
    )
    outer, hole = read_json(tmp_path / "a.geojson")["features"][0]["geometry"]["coordinates"]
    assert shapely.is_ccw(shapely.linearrings(outer))
    assert not shapely.is_ccw(shapely.linearrings(hole))
    write_geojson(
        tmp_path / "a.geojson", [{"geometry": {"type": "Point", "coordinates": (1 / 3, -1e-9)}, "properties": {}}]
    )
    assert '"coordinates":[0.3333333,0.0]' in (tmp_path / "a.geojson").read_text(encoding="utf-8")


@settings(deadline=None, max_examples=50)
@given(
    points=st.lists(
        st.tuples(
            st.floats(-180, 180).map(lambda v: round(v, 7) + 0.0),
            st.floats(-90, 90).map(lambda v: round(v, 7) + 0.0),
            st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text() | st.booleans(), max_size=3),
        ),
        max_size=5,
    )
)
def test_geojson_keeps_order_and_values(points, tmp_path_factory):
    path = tmp_path_factory.mktemp("geojson") / "a.geojson"
    write_geojson(
        path, [{"geometry": {"type": "Point", "coordinates": (x, y)}, "properties": values} for x, y, values in points]
    )
    assert [(*f["geometry"]["coordinates"], f["properties"]) for f in read_json(path)["features"]] == points


def test_geojson_is_read_by_gis(tmp_path):
    shapes = [Polygon(SQUARE, [HOLE]), LineString(SQUARE[:2]), shapely.MultiPolygon([Polygon(SQUARE)])]
    write_geojson(
        tmp_path / "a.geojson", [{"geometry": s.__geo_interface__, "properties": {"名": "x"}} for s in shapes]
    )
    back = geopandas.read_file(tmp_path / "a.geojson")
    assert back.crs == "EPSG:4326"
    assert all(a.normalize().equals_exact(b.normalize(), 1e-7) for a, b in zip(back.geometry, shapes, strict=True))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.nan])
def test_what_a_format_cannot_hold_is_refused_and_leaves_the_old_file(value, tmp_path):
    for name, write in {
        "a.json": lambda path, v: write_json(path, {"v": v}),
        "a.geojson": lambda path, v: write_geojson(path, [{"geometry": None, "properties": {"v": v}}]),
        "a.xlsx": lambda path, v: write_xlsx(path, {"a": (["v"], [[v]])}),
    }.items():
        write(tmp_path / name, 1.0)
        before = (tmp_path / name).read_bytes()
        with pytest.raises(ValueError, match=r"(?i)nan|inf|JSON compliant"):
            write(tmp_path / name, value)
        assert (tmp_path / name).read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["a.geojson", "a.json", "a.xlsx"]


def test_json_is_chinese_in_plain_sight_and_ends_with_a_line(tmp_path):
    write_json(tmp_path / "a.json", {"乙": 1, "甲": [np.float32(0.5)]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "乙": 1,\n  "甲": [\n    0.5\n  ]\n}\n'


# GeoPackage


def test_a_geopackage_holds_its_layers_in_order_with_their_systems(tmp_path):
    write_gpkg(tmp_path / "a.gpkg", {"点位": frame(), "区": frame().to_crs(4549)})
    assert pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0].tolist() == ["点位", "区"]
    back = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="区")
    assert back.crs == "EPSG:4549"
    assert back["编号"].tolist() == ["甲", "乙"]
    assert os.listdir(tmp_path) == ["a.gpkg"]


def test_a_geopackage_replaces_the_one_before(tmp_path):
    for name in ("a", "b"):
        write_gpkg(tmp_path / "a.gpkg", {name: frame()})
    assert pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0].tolist() == ["b"]


def test_a_geopackage_of_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="no layer"):
        write_gpkg(tmp_path / "a.gpkg", {})


# Excel

excel_text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=10)


@settings(deadline=None, max_examples=40)
@given(
    parts=st.lists(
        st.tuples(st.sampled_from(["", "=", "+", "-", "@", " =", "\t="]), excel_text), min_size=1, max_size=6
    )
)
def test_no_text_ever_becomes_a_formula_and_every_text_comes_back(parts, tmp_path_factory):
    path = tmp_path_factory.mktemp("xlsx") / "a.xlsx"
    texts = [a + b for a, b in parts]
    write_xlsx(path, {"a": (["=1+1", *texts], [["x", *texts]])})
    for row in openpyxl.load_workbook(path).worksheets[0].iter_rows():
        for cell, text in zip(row[1:], texts, strict=True):
            assert cell.data_type in ("s", "n", "inlineStr")
            assert (cell.value or "") == text
            assert cell.quotePrefix or text.lstrip()[:1] not in ("=", "+", "-", "@") or not text


def test_excel_headers_are_bold_and_stay_and_columns_fit_chinese(tmp_path):
    rows = [["南安市柳城街道汽车站一楼", 180000, 0.125, 24.96, 1.5, None, True]]
    header = ["名称", "人口", "份额 %", "纬度", "米", "备注", "已设"]
    write_xlsx(tmp_path / "a.xlsx", {"方案": (header, rows), "说明": (["a"], [])})
    page, empty = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets
    assert (page.title, page.freeze_panes, empty.title) == ("方案", "A2", "说明")
    assert all(cell.font.b for cell in page[1])
    assert [cell.number_format for cell in page[2]] == [
        "General", "#,##0", "0.0%", "0.000000", "#,##0.00", "General", "General",
    ]  # fmt: skip
    columns = sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in rows[0][0])
    assert columns <= page.column_dimensions["A"].width <= columns + 4


def test_control_characters_do_not_stop_a_workbook(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", {"a": (["v"], [["a\x00b"]])})
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A2"].value == "a\ufffdb"


def test_population_is_no_latitude(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", {"a": (["population", "lat", "经度 lon"], [[1200, 24.9, 118.3]])})
    formats = [cell.number_format for cell in openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0][2]]
    assert formats == ["#,##0", "0.000000", "0.000000"]


# folders


def fail_half_way(target):
    with whole_folder(target) as folder:
        write_json(folder / "summary.json", 2)
        raise KeyError


def test_a_failed_run_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyError):
        fail_half_way(tmp_path / "a" / "b" / "out")
    assert os.listdir(tmp_path) == []


def test_a_failed_run_leaves_the_earlier_one_as_it_was(tmp_path):
    with whole_folder(tmp_path / "out") as folder:
        write_json(folder / "summary.json", 1)
    before = contents(tmp_path)
    with pytest.raises(KeyError):
        fail_half_way(tmp_path / "out")
    assert contents(tmp_path) == before


def test_a_new_run_replaces_the_earlier_one_whole(tmp_path):
    for name in ("old.json", "sub/new.json"):
        with whole_folder(tmp_path / "out") as folder:
            (folder / name).parent.mkdir(exist_ok=True)
            write_json(folder / name, 1)
    assert set(contents(tmp_path)) == {"out/sub/new.json", f"out/{MANIFEST}"}


def test_an_empty_folder_may_be_written_into(tmp_path):
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as folder:
        write_json(folder / "summary.json", 1)
    assert (tmp_path / "out" / "summary.json").is_file()


def add_file(out):
    (out / "notes.txt").write_text("mine")


def edit_file(out):
    (out / "summary.json").write_text("2")


def drop_manifest(out):
    (out / MANIFEST).unlink()


def damage_manifest(out):
    (out / MANIFEST).write_text("[")


def add_link(out):
    (out / "link").symlink_to(out.parent)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (add_file, "not written by aedplan: notes.txt"),
        (edit_file, "changed since aedplan wrote them: summary.json"),
        (drop_manifest, "not written by aedplan: summary.json"),
        (damage_manifest, "not written by aedplan: summary.json"),
        (add_link, "not written by aedplan: link"),
    ],
)
def test_a_folder_with_work_of_others_is_refused_before_anything_is_done(change, words, tmp_path):
    with whole_folder(tmp_path / "out") as folder:
        write_json(folder / "summary.json", 1)
    change(tmp_path / "out")
    before = contents(tmp_path)
    with pytest.raises(InputError, match=words), whole_folder(tmp_path / "out"):
        pytest.fail("the block must not run")
    assert contents(tmp_path) == before


def write_while_another_does(target):
    with whole_folder(target) as folder:
        write_json(folder / "summary.json", 1)
        target.mkdir()
        add_file(target)


def test_work_of_others_that_comes_while_we_write_is_kept(tmp_path):
    with pytest.raises(InputError, match=r"notes\.txt"):
        write_while_another_does(tmp_path / "out")
    assert set(contents(tmp_path)) == {"out/notes.txt"}


def test_a_file_into_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no folder"):
        write_json(tmp_path / "nowhere" / "a.json", 1)
    with pytest.raises(InputError, match="is a folder"):
        write_gpkg(tmp_path, {"a": frame()})
    assert os.listdir(tmp_path) == []


def test_a_folder_can_be_checked_before_a_long_run(tmp_path):
    check_folder(tmp_path / "new" / "out")
    check_folder(tmp_path)
    add_file(tmp_path)
    with pytest.raises(InputError, match=r"notes\.txt"):
        check_folder(tmp_path)


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="out is a file"), whole_folder(tmp_path / "out"):
        pytest.fail("the block must not run")


def test_the_folder_can_be_read_like_any_other(tmp_path):
    with whole_folder(tmp_path / "out") as folder:
        write_json(folder / "summary.json", 1)
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode
