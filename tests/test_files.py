"""Reading tables and GIS files to sites, demand and streets: every row accounted for."""

import csv
import subprocess
import sys
import time
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
from bad import make_bad
from pyproj import Geod
from shapely import LineString, MultiLineString, Point, Polygon

from aedplan.coordinates import convert
from aedplan.errors import InputError
from aedplan.files import (
    read_demand,
    read_demand_by_row,
    read_line_streets,
    read_sites,
    read_sites_by_row,
    read_table,
    shipped,
)
from aedplan.network import KINDS
from aedplan.sites import KINDS_ZH

DATA = Path(__file__).parents[2] / "shared" / "data"

real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")


def faults(read, path, **options):
    with pytest.raises(InputError) as caught:
        read(path, **options)
    return caught.value.faults


# sites


def test_kinds_may_be_chinese_or_english_or_missing(tmp_path):
    words = [*KINDS_ZH, *KINDS_ZH.values(), ""]
    rows = [(f"A{n}", "", 118.3, 24.9, word, 1) for n, word in enumerate(words)]
    assert read_sites(make_bad.csv_file(tmp_path, rows), crs="wgs84").kind == (*KINDS_ZH, *KINDS_ZH, "other")


def test_ids_are_made_from_row_numbers_where_no_column_holds_them(tmp_path):
    sites = read_sites(
        make_bad.csv_file(tmp_path, columns := make_bad.ROWS, header=("", *make_bad.HEADER[1:])), crs="wgs84"
    )
    assert sites.id == tuple(f"row {n}" for n in range(2, len(columns) + 2))
    assert sites.label[0] == "点位1"


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_declared_coordinates_become_wgs84(crs, tmp_path):
    given = np.array([[row[2], row[3]] for row in make_bad.ROWS])
    sites = read_sites(make_bad.csv_file(tmp_path), crs=crs, standing=True)
    np.testing.assert_array_equal(sites.lonlat, convert(given, source=crs, target="wgs84"))
    assert sites.standing.all()


def test_each_site_knows_where_it_was_read(tmp_path):
    sites = read_sites(make_bad.xlsx_file(tmp_path), crs="wgs84")
    assert sites.where[15] == "devices.xlsx, sheet 1, row 17"


def test_the_source_says_file_and_checksum_and_no_folder(tmp_path):
    (source,) = read_sites(make_bad.csv_file(tmp_path), crs="wgs84").source
    assert (source.file, len(source.sha256)) == ("devices.csv", 64)
    assert str(tmp_path) not in repr(source)


# demand


def people(folder, cells, header="总人口"):
    rows = [(n, 118.3 + n / 100, 24.9, value) for n, value in enumerate(cells)]
    return make_bad.csv_file(folder, rows, header=("编号", "经度", "纬度", header))


def test_people_become_arrests_by_the_incidence(tmp_path):
    demand = read_demand(people(tmp_path, ["１００,000", 0, "5e4"]), crs="wgs84", per_100k=80)
    np.testing.assert_allclose(demand.weight[:, 0], [80, 0, 40])
    assert demand.basis == "expected arrests per year, 80 per 100,000 people"


def test_arrests_as_given_go_before_people(tmp_path):
    rows = [(118.3, 24.9, 1000, 0.25), (118.4, 24.9, 10, 0)]
    demand = read_demand(make_bad.csv_file(tmp_path, rows, header=("x", "y", "人口", "需求")), crs="wgs84")
    assert demand.weight[:, 0].tolist() == [0.25, 0]
    assert demand.basis == "arrests per year as given"


def test_bad_people_are_all_named(tmp_path):
    found = faults(read_demand, people(tmp_path, [5, -3, "many", "", 7]), crs="wgs84", per_100k=0)
    assert len(found) == 4
    for words in (
        "row 4 holds 'many'",
        "1 row has no 总人口: row 5",
        "1 row has a 总人口 below 0: row 3",
        "per_100k is 0",
    ):
        assert any(words in fault for fault in found), found


def test_a_table_that_says_nothing_of_how_much_is_refused(tmp_path):
    (fault,) = faults(read_demand, people(tmp_path, [1], header="备注"), crs="wgs84")
    assert "人口" in fault
    assert "备注" in fault


# GIS files


@pytest.mark.parametrize(
    ("suffix", "epsg"),
    [(suffix, epsg) for suffix in (".gpkg", ".parquet") for epsg in (4326, 4549, 3857)] + [(".geojson", 4326)],
)
def test_a_files_own_system_is_honoured(suffix, epsg, tmp_path):
    square = Polygon([(118.3, 24.9), (118.302, 24.9), (118.302, 24.902), (118.3, 24.902)])
    given = geopandas.GeoDataFrame(
        {"编号": ["a", "b"], "人口": [10, 20]}, geometry=[square, Point(118.4, 24.95)], crs=4326
    ).to_crs(epsg)
    path = tmp_path / f"cells{suffix}"
    given.to_parquet(path) if suffix == ".parquet" else given.to_file(path, engine="pyogrio")
    demand = read_demand(path)
    np.testing.assert_allclose(demand.lonlat, [[118.301, 24.901], [118.4, 24.95]], atol=1e-8)
    assert demand.id == ("a", "b")


def test_a_point_stands_inside_a_hollow_shape(tmp_path):
    ring = Point(118.3, 24.9).buffer(0.01).difference(Point(118.3, 24.9).buffer(0.009))
    geopandas.GeoDataFrame({"人口": [1]}, geometry=[ring], crs=4326).to_file(tmp_path / "ring.gpkg")
    assert ring.intersects(Point(read_demand(tmp_path / "ring.gpkg").lonlat[0]))


def test_shifted_coordinates_may_be_declared_over_a_files_own_system(tmp_path):
    path = make_bad.geojson_file(tmp_path, [({"type": "Point", "coordinates": [118.39, 24.957]}, {"名称": "高德点"})])
    expected = convert(np.array([[118.39, 24.957]]), source="gcj02", target="wgs84")
    np.testing.assert_array_equal(read_sites(path, crs="gcj02").lonlat, expected)


def test_a_file_that_names_no_system_must_have_it_declared(tmp_path):
    path = tmp_path / "cells.parquet"
    geopandas.GeoDataFrame({"人口": [1]}, geometry=[Point(118.3, 24.9)]).to_parquet(path)
    assert "坐标系未声明" in faults(read_demand, path)[0]
    assert len(read_demand(path, crs="wgs84")) == 1


def test_features_without_geometry_are_counted(tmp_path):
    point = {"type": "Point", "coordinates": [118.39, 24.957]}
    path = make_bad.geojson_file(tmp_path, [(point, {"名称": "甲"}), (None, {"名称": "乙"})])
    assert "1 row has no coordinates: row 2 (乙); expected a geometry" in faults(read_sites, path)[0]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
def test_rows_of_gis_files_are_accounted_for_too(suffix, tmp_path):
    points = [Point(118.3, 24.9), None, Point(118.31, 24.91), Point(0, 0)]
    frame = geopandas.GeoDataFrame(
        {"名称": list("甲乙丙丁"), "类别": ["学校", "学校", "网吧", "学校"]}, geometry=points, crs=4326
    )
    frame.to_file(tmp_path / f"a{suffix}")
    sites, report = read_sites_by_row(tmp_path / f"a{suffix}")
    assert (sites.label, sites.kind) == (("甲", "丙"), ("school", "other"))
    assert [(one.row, one.label) for one in report.refused] == [(2, "乙"), (4, "丁")]
    assert [(mend.row, mend.column, mend.after) for mend in report.mended] == [(3, "类别", "其他")]


def test_a_site_without_a_cost_takes_the_usual_one_and_the_report_says_so(tmp_path):
    path = make_bad.csv_file(tmp_path, make_bad.changed(make_bad.ROWS, 5, {3: "", 4: 0}))
    assert "1 row has no 费用: row 5" in faults(read_sites, path, crs="wgs84")[0]
    sites, report = read_sites_by_row(path, crs="wgs84")
    assert sites.cost[[3, 4]].tolist() == [24_000, 0]
    assert [(mend.row, mend.after) for mend in report.mended] == [(5, "24000")]


def test_demand_is_read_by_row_as_well(tmp_path):
    demand, report = read_demand_by_row(people(tmp_path, [5, -3, "many", "", "１０"]), crs="wgs84", per_100k=100_000)
    assert demand.weight[:, 0].tolist() == [5, 10]
    assert [one.row for one in report.refused] == [3, 4, 5]
    assert [(mend.row, mend.before, mend.after) for mend in report.mended] == [(6, "１０", "10")]


def test_a_geopackage_of_several_layers_must_be_told_which(tmp_path):
    path = tmp_path / "two.gpkg"
    frame = geopandas.GeoDataFrame({"人口": [1]}, geometry=[Point(118.3, 24.9)], crs=4326)
    frame.to_file(path, layer="cells")
    frame.to_file(path, layer="more", mode="a")
    assert "2 layers (cells, more)" in faults(read_demand, path)[0]
    assert len(read_demand(path, sheet="more")) == 1


def test_parquet_without_geometry_is_a_plain_table(tmp_path):
    path = tmp_path / "people.parquet"
    pd.DataFrame({"lon": [118.3, 118.4], "lat": [24.9, 24.9], "人口": [1, 2]}).to_parquet(path)
    assert "坐标系未声明" in faults(read_demand, path)[0]
    assert read_demand(path, crs="wgs84").id == ("row 1", "row 2")


# streets from lines


def lines_file(folder, shapes, *, crs=4326, **columns):
    path = folder / "lines.gpkg"
    geopandas.GeoDataFrame(columns or {"n": range(len(shapes))}, geometry=shapes, crs=crs).to_file(
        path, engine="pyogrio"
    )
    return path


CROSS = [
    LineString([(118.38, 24.96, 5), (118.381, 24.96, 6), (118.382, 24.96, 7)]),
    LineString([(118.381, 24.96), (118.381, 24.961)]),
    MultiLineString([[(118.381 + 2e-8, 24.96), (118.381, 24.959)], [(118.39, 24.96), (118.391, 24.96)]]),
]


def test_lines_meet_at_equal_vertices_lose_height_and_come_apart(tmp_path):
    streets = read_line_streets(lines_file(tmp_path, CROSS))
    assert len(streets.ends) == 5
    assert sorted(np.bincount(streets.ends.ravel())) == [1, 1, 1, 1, 1, 1, 4]
    assert np.bincount(streets.component).tolist() == [5, 2]


def test_lines_that_end_five_centimetres_apart_do_not_meet(tmp_path):
    apart = [LineString([(118.381, 24.96), (118.382, 24.96)]), LineString([(118.3810005, 24.96), (118.38, 24.96)])]
    assert len(np.bincount(read_line_streets(lines_file(tmp_path, apart)).component)) == 2


def test_line_lengths_are_those_on_the_ellipsoid(tmp_path):
    streets = read_line_streets(lines_file(tmp_path, CROSS))
    expected_m = sum(Geod(ellps="WGS84").geometry_length(line) for line in CROSS)
    assert streets.length_mm.sum() / 1000 == pytest.approx(expected_m, rel=1e-5)


def test_a_highway_column_goes_through_the_walking_rule(tmp_path):
    lines = [LineString([(118.38, 24.96 + n / 1000), (118.381, 24.96 + n / 1000)]) for n in range(7)]
    highway = ["residential", "motorway", "steps", "footway", "construction", "['footway', 'steps']", "primary"]
    foot = [None, None, None, "no", None, None, None]
    other = [None, None, None, None, None, None, '"foot"=>"no","name"=>"x"']
    path = lines_file(tmp_path, lines, highway=highway, foot=foot, other_tags=other)
    assert sorted(KINDS[kind] for kind in read_line_streets(path).kind) == ["path", "steps", "street"]


def test_projected_lines_are_converted(tmp_path):
    frame = geopandas.GeoDataFrame({"n": [0, 1, 2]}, geometry=CROSS, crs=4326).to_crs(4549)
    frame.to_parquet(tmp_path / "lines.parquet")
    streets = read_line_streets(tmp_path / "lines.parquet")
    assert len(streets.ends) == 5


def test_other_shapes_among_lines_are_refused_with_their_row(tmp_path):
    path = lines_file(tmp_path, [CROSS[1], Point(118.3, 24.9), Point(118.3, 24.9)])
    assert "2 rows are no lines, the first is row 2 (Point)" in faults(read_line_streets, path)[0]


def test_lines_of_no_known_system_are_refused(tmp_path):
    geopandas.GeoDataFrame(geometry=CROSS).to_parquet(tmp_path / "lines.parquet")
    assert "coordinate system" in faults(read_line_streets, tmp_path / "lines.parquet")[0]


def test_the_layer_of_lines_is_found_among_others(tmp_path):
    path = lines_file(tmp_path, CROSS)
    geopandas.GeoDataFrame({"n": [0]}, geometry=[Point(118.3, 24.9)], crs=4326).to_file(path, layer="nodes", mode="a")
    assert len(read_line_streets(path).ends) == 5


# real files


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return sum(any(row) for row in csv.reader(stream)) - 1


@real
@pytest.mark.parametrize("name", ["liechtenstein_osm_aed", "komae_tokyo_aed", "munchen_centre_osm_aed"])
def test_real_lists_of_devices_load_with_every_row(name):
    path = DATA / "aed" / f"{name}.csv"
    sites = read_sites(path, crs="wgs84", standing=True)
    assert len(sites) == rows_of(path)


@real
def test_the_japanese_standard_table_brings_names_and_places():
    sites = read_sites(DATA / "aed" / "komae_tokyo_aed.csv", crs="wgs84")
    assert (sites.id[0], sites.label[0], sites.lonlat[0].tolist()) == ("1", "狛江市役所", [139.5787757, 35.63494013])


@real
def test_taiwans_one_impossible_place_is_found_among_thousands_of_rows():
    path = DATA / "aed" / "taiwan_aed_2018.csv"
    assert len(read_table(path)) == rows_of(path) == 8693
    (fault,) = faults(read_sites, path, crs="wgs84")
    assert "1 row has longitude and latitude swapped: row 5752" in fault


REGISTRIES = {
    "taiwan_aed_2018": (8693, [5752]),
    "komae_tokyo_aed": (57, []),
    "liechtenstein_osm_aed": (100, []),
    "munchen_centre_osm_aed": (10, []),
}
"""Rows of each real registry, and those of them that say no place that can be used."""


@real
@pytest.mark.parametrize("name", REGISTRIES)
def test_every_row_of_a_real_registry_is_read_or_refused(name):
    path = DATA / "aed" / f"{name}.csv"
    begin = time.process_time()
    sites, report = read_sites_by_row(path, crs="wgs84", standing=True)
    assert time.process_time() - begin < 3
    count, refused = REGISTRIES[name]
    assert report.read + len(report.refused) == report.rows == count == rows_of(path)
    assert [one.row for one in report.refused] == refused
    assert len(sites) == report.read == len(set(sites.id))
    assert report.mended == ()


@real
def test_taiwans_places_have_kinds_and_their_hours_line_by_line():
    sites, _ = read_sites_by_row(DATA / "aed" / "taiwan_aed_2018.csv", crs="wgs84")
    assert sites.kind.count("school") == 1382 + 746 + 629 + 498 - 1
    assert sites.hours[0].splitlines()[0] == "星期一至星期五 05:00 至 23:00"


@real
def test_japans_columns_of_days_hours_and_remarks_become_one_text():
    sites, _ = read_sites_by_row(DATA / "aed" / "komae_tokyo_aed.csv", crs="wgs84")
    assert sites.hours[0] == "月火水木金 8:30-17:00 土日、祝日、年末年始を除く"
    assert sites.hours[2] == "学校開校時使用可"


@real
def test_real_population_loads_with_every_cell():
    hexagons = DATA / "population" / "poa_hexgrid.csv"
    demand = read_demand(hexagons, crs="wgs84", per_100k=100_000)
    assert len(demand) == rows_of(hexagons) == 1227
    assert demand.total == pytest.approx(812_935)
    grid = read_demand(DATA / "population" / "helsinki_population_grid_2020.gpkg", per_100k=100_000)
    assert (len(grid), round(grid.total)) == (92, 71_724)


@real
def test_a_countrys_streets_drawn_as_lines_are_those_of_its_map_file(tmp_path):
    from aedplan.osm.osm import read_osm_streets

    path = DATA / "osm" / "liechtenstein_20211028.osm.pbf"
    lines = pyogrio.read_dataframe(path, layer="lines", where="highway IS NOT NULL")
    lines.to_file(tmp_path / "lines.gpkg")
    drawn, mapped = read_line_streets(tmp_path / "lines.gpkg"), read_osm_streets(path)
    assert drawn.length_mm.sum() == pytest.approx(mapped.length_mm.sum(), rel=0.005)
    assert np.bincount(drawn.component)[0] == pytest.approx(np.bincount(mapped.component)[0], rel=0.01)


# what ships


@pytest.mark.parametrize("name", ["candidates", "devices"])
def test_the_shipped_sites_load_with_every_row(name):
    path = shipped(f"demo/{name}.csv")
    assert len(read_sites(path, crs="wgs84")) == rows_of(path)


def test_the_shipped_population_loads_with_every_row():
    path = shipped("demo/population.csv")
    assert len(read_demand(path, crs="wgs84")) == rows_of(path)


def test_shipped_files_are_found_and_others_refused():
    assert shipped("columns.toml").is_file()
    assert "does not come with" in faults(shipped, "nothing.toml")[0]


def test_reading_a_table_loads_no_gis_library(tmp_path):
    path = make_bad.csv_file(tmp_path)
    code = "import sys; from aedplan.files import read_sites; read_sites(sys.argv[1], crs='gcj02');"
    code += "print([m for m in ('geopandas', 'pandas', 'shapely', 'pyogrio', 'openpyxl', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
