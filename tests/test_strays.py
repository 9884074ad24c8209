"""Default points, clusters and outliers are found with their rows, and ordinary places are left alone."""

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from worlds import CRS, draw, lonlat

from aedplan.coordinates import project
from aedplan.errors import InputError
from aedplan.files import read_site_list
from aedplan.strays import Surroundings, read_area, suspect_list, suspect_places
from aedplan.suspicions import Rows

DATA = Path(__file__).parents[2] / "shared" / "data"

real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")

STREETS = draw([(0, 0), (4000, 0), (4000, 4000), (0, 4000)], [[0, 1, 2, 3, 0]]).streets


def rows(xy: object, labels: list[str] | None = None) -> Rows:
    """Rows at places of the drawing board, in metres."""
    places = lonlat(xy)
    return Rows("a.csv", range(2, len(places) + 2), labels or [f"点{n}" for n in range(len(places))], places)


def scattered(count: int = 30) -> np.ndarray:
    """Places 100 m and more apart, none in the middle."""
    return np.array([(100 + 130 * n, 200 + 173 * (n * 7 % 20)) for n in range(count)], dtype=float)


def test_ordinary_places_are_not_suspected() -> None:
    assert suspect_places(rows(scattered()), streets=STREETS) == ()
    assert suspect_places(rows(scattered())) == ()
    assert suspect_places(rows(np.zeros((0, 2)))) == ()


def test_many_names_at_one_place_are_a_default_and_many_devices_of_one_building_are_not() -> None:
    xy = np.concatenate([scattered(), np.full((5, 2), 777.0)])
    (found,) = suspect_places(rows(xy))
    assert "5 行名称不同，却在同一坐标" in found.zh
    assert found.en.endswith("row 32 点30; row 33 点31; row 34 点32; row 35 点33; row 36 点34.")
    assert suspect_places(rows(xy, [*[f"点{n}" for n in range(30)], *["县医院"] * 5])) == ()


def test_a_cluster_of_names_within_a_few_metres_is_found_once() -> None:
    heap = np.array([(1500 + 9 * (n % 4), 1500 + 9 * (n // 4)) for n in range(12)], dtype=float)
    (found,) = suspect_places(rows(np.concatenate([scattered(), heap])))
    assert "12 rows of different names lie within 20 m of one another" in found.en


def test_a_row_in_the_very_middle_of_the_county_is_found() -> None:
    xy = np.concatenate([scattered(), [(2000.0, 2003.0)]])
    (found,) = suspect_places(rows(xy), streets=STREETS)
    assert found.en == "a.csv: 1 row lies in the very middle of the county, perhaps a default: row 32 点30."


def test_a_row_at_the_centroid_of_a_lopsided_county_is_found() -> None:
    corner = shapely.polygons(lonlat([(0, 0), (4000, 0), (4000, 600), (600, 600), (600, 4000), (0, 4000)]))
    middle = project(np.array([[corner.centroid.x, corner.centroid.y]]), CRS)
    (found, outside) = suspect_places(rows(np.concatenate([middle, middle + 100, [(100.0, 100.0)]])), area=corner)
    assert "the very middle of the county, perhaps a default: row 2 点0." in found.en
    assert "outside the county" in outside.en


def test_rows_outside_the_outline_or_the_streets_or_far_from_all_others_are_outliers() -> None:
    xy = np.concatenate([scattered(), [(9000.0, 9000.0)]])
    outline = shapely.convex_hull(shapely.multipoints(lonlat([(-50, -50), (4050, -50), (4050, 4050), (-50, 4050)])))
    for known in ({"streets": STREETS}, {"area": outline}):
        (found,) = suspect_places(rows(xy), **known)
        assert found.zh.startswith("a.csv：1 行在县域之外")
        assert "row 32 点30" in found.en
    assert suspect_places(rows(xy)) == ()
    (found,) = suspect_places(rows(np.concatenate([scattered(), [(60_000.0, 0.0)]])))
    assert "row 32 点30" in found.en


def test_the_outline_is_read_from_a_file_and_other_files_are_refused(tmp_path) -> None:
    square = shapely.box(118.3, 24.9, 118.5, 25.1)
    geopandas.GeoDataFrame({"n": [1]}, geometry=[square], crs=4326).to_crs(4549).to_file(tmp_path / "county.gpkg")
    assert read_area(tmp_path / "county.gpkg").symmetric_difference(square).area < 1e-9
    geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(118, 25)], crs=4326).to_file(tmp_path / "points.gpkg")
    with pytest.raises(InputError, match="no polygon in it"):
        read_area(tmp_path / "points.gpkg")
    with pytest.raises(InputError, match="no such file"):
        read_area(tmp_path / "nothing.gpkg")


@real
def test_taiwans_default_points_and_its_islands_are_found() -> None:
    listed = read_site_list(DATA / "aed" / "taiwan_aed_2018.csv", crs="wgs84")
    found = suspect_list(listed, Surroundings(), declared="wgs84")
    # the middle of a district given to two schools, a national park and a farm that lie far apart
    assert any(
        "10 rows of different names lie at the very same place (121.150000, 24.266667)" in one.en for one in found
    )
    assert any("row 456 海洋國家公園管理處(東沙管理站)" in one.en for one in found)
    assert len(found) < 12
