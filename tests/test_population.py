"""People by age from tables, GIS files and rasters: all of them there, each once."""

from pathlib import Path

import numpy as np
import pytest
from worlds import lonlat

from aedplan.demand import SUDDEN_CARDIAC_DEATHS_PER_100K
from aedplan.errors import InputError, MissingLibraryError
from aedplan.people.incidence import AgeGroup, read_incidence
from aedplan.people.population import (
    EVERYBODY,
    Population,
    home_demand,
    public_demand,
    read_population,
    read_population_rasters,
)
from aedplan.sites import Sites
from aedplan.source import Source
from aedplan.tables.columns import shipped

DATA = Path(__file__).parents[2] / "shared" / "data" / "population"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data are not here")


def test_the_demo_countys_people_are_read_by_age():
    people = read_population(shipped("demo/population.csv"), crs="wgs84")
    assert people.groups == (AgeGroup(0, 17), AgeGroup(18, 59), AgeGroup(60))
    assert people.total == 180_000


@real
@pytest.mark.parametrize(
    ("file", "crs", "points", "people"),
    [("helsinki_population_grid_2020.gpkg", None, 92, 71_724), ("poa_hexgrid.csv", "wgs84", 1_227, 812_935)],
)
def test_real_grids_are_read_whole(file, crs, points, people):
    read = read_population(DATA / file, crs=crs)
    assert (len(read), read.total, read.groups) == (points, people, (EVERYBODY,))


HEADER = "id,经度,纬度,"


def table(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "people.csv"
    path.write_text("\n".join([HEADER + header, *rows]), encoding="utf-8")
    return path


def test_columns_by_sex_and_age_are_read(tmp_path):
    path = table(
        tmp_path, "女 0-59岁,女60岁及以上,男 0-59岁,男60岁及以上", "a,118.3,24.9,10,2,11,1", "b,118.4,24.9,5,5,5,5"
    )
    people = read_population(path, crs="wgs84")
    assert [group.words for group in people.groups] == ["female 0-59", "female 60+", "male 0-59", "male 60+"]
    np.testing.assert_array_equal(people.people, [[10, 2, 11, 1], [5, 5, 5, 5]])


@pytest.mark.parametrize(
    ("header", "row", "fault"),
    [
        ("0-59岁,65岁以上", "10,2", "missing"),
        ("0-59岁,50岁以上", "10,2", "overlap"),
        ("0-59岁,60岁以上,人口", "10,2,40", "same people"),
        ("0-59岁,60岁以上", "10,-2", "below 0"),
        ("0-59岁,60岁以上", "10,", "no 60岁以上"),
        ("jobs", "3", "人口"),
    ],
)
def test_ages_missing_twice_or_wrong_are_faults(tmp_path, header, row, fault):
    with pytest.raises(InputError, match=fault):
        read_population(table(tmp_path, header, f"a,118.3,24.9,{row}"), crs="wgs84")


def people(*rows: list[float]) -> Population:
    places = lonlat(np.arange(2 * len(rows)).reshape(-1, 2) * 100.0)
    groups = (AgeGroup(0, 59), AgeGroup(60))
    return Population(places, np.array(rows), groups, tuple(map(str, range(len(rows)))), Source("made up"))


def test_residents_have_arrests_by_their_ages():
    table = read_incidence("beijing-2009")
    young, old = (table.per_100k(group) for group in (AgeGroup(0, 59), AgeGroup(60)))
    demand = home_demand(people([1000, 0], [0, 1000], [500, 500]), table)
    np.testing.assert_allclose(demand.weight[:, 0], np.array([young, old, (young + old) / 2]) / 100, rtol=1e-12)
    assert demand.layers == ("home",)
    assert "beijing-2009" in demand.basis


def test_a_level_of_ones_own_keeps_the_order_of_places():
    own = people([1000, 0], [0, 1000])
    table = read_incidence("beijing-2009")
    shape, scaled = home_demand(own, table), home_demand(own, table, per_100k=97.1)
    assert scaled.total == pytest.approx(2000 * 97.1 / 100_000)
    np.testing.assert_allclose(scaled.weight / scaled.total, shape.weight / shape.total)


def test_one_rate_for_all_is_people_times_it():
    demand = home_demand(people([700, 300]), read_incidence("shanghai-97"))
    assert demand.total == pytest.approx(1000 * SUDDEN_CARDIAC_DEATHS_PER_100K / 100_000)


def venues(*kinds: str) -> Sites:
    places = lonlat(np.arange(2 * len(kinds)).reshape(-1, 2) * 100.0)
    return Sites(places, tuple(f"v{n}" for n in range(len(kinds))), (Source("made up"),), kind=kinds)


def test_visitors_count_for_as_long_as_they_stay():
    demand = public_demand(venues("care", "convenience"), np.array([100.0, 100.0]), per_100k=100.0)
    assert demand.weight[0, 0] == pytest.approx(0.1)
    assert demand.weight[0, 0] == pytest.approx(120 * demand.weight[1, 0])
    assert demand.layers == ("public",)
    given = public_demand(venues("care", "bank"), np.array([100.0, 50.0]), per_100k=100.0, hours=np.array([12.0, 24.0]))
    np.testing.assert_allclose(given.weight[:, 0], [0.05, 0.05])


def test_wrong_visitors_are_refused():
    with pytest.raises(InputError) as caught:
        public_demand(venues("care"), np.array([-1.0, 2.0]), per_100k=100.0)
    assert len(caught.value.faults) == 2


# rasters


def raster(folder: Path, name: str, cells: np.ndarray, *, crs: str | None = "EPSG:4326", west: float = 118.3) -> Path:
    rasterio = pytest.importorskip("rasterio", reason="the extra aedplan[raster] is not installed")
    from rasterio import Affine

    path = folder / name
    shape = {"height": cells.shape[0], "width": cells.shape[1], "count": 1, "dtype": "float32"}
    grid = Affine(1 / 1200, 0, west, 0, -1 / 1200, 24.9)
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=grid, nodata=-99_999.0, **shape) as file:
        file.write(cells.astype("float32"), 1)
    return path


CELLS = np.array([[-99_999.0, 1.5, 0.0], [2.0, 3.0, 4.25]])


def test_a_raster_becomes_the_middles_of_its_cells_where_anybody_lives(tmp_path):
    people = read_population_rasters([raster(tmp_path, "chn_ppp_2020.tif", CELLS)])
    assert people.groups == (EVERYBODY,)
    np.testing.assert_allclose(people.people[:, 0], [1.5, 2.0, 3.0, 4.25])
    np.testing.assert_allclose(people.lonlat[0], [118.3 + 1.5 / 1200, 24.9 - 0.5 / 1200])
    assert people.id[0] == "0-1"


def test_worldpops_files_by_age_and_sex_become_groups(tmp_path):
    files = [raster(tmp_path, f"chn_{sex}_{age}_2020.tif", CELLS) for sex in "fm" for age in (0, 1, 5, 60)]
    people = read_population_rasters(files)
    assert [group.words for group in people.groups[:4]] == ["female 0-0", "female 1-4", "female 5-59", "female 60+"]
    assert people.total == pytest.approx(8 * 10.75)
    assert home_demand(people, read_incidence("beijing-2009")).total > 0


def test_only_the_part_asked_for_is_read(tmp_path):
    file = raster(tmp_path, "chn_ppp_2020.tif", CELLS)
    part = (118.3 + 1.2 / 1200, 24.9 - 1.8 / 1200, 118.3 + 1.8 / 1200, 24.9 - 1.2 / 1200)
    people = read_population_rasters([file], within=part)
    np.testing.assert_allclose(people.people, [[3.0]])
    np.testing.assert_allclose(people.lonlat[0], [118.3 + 1.5 / 1200, 24.9 - 1.5 / 1200])
    with pytest.raises(InputError, match="outside"):
        read_population_rasters([file], within=(10.0, 50.0, 10.1, 50.1))


def test_rasters_in_metres_are_turned_into_degrees(tmp_path):
    rasterio = pytest.importorskip("rasterio", reason="the extra aedplan[raster] is not installed")
    from pyproj import Transformer
    from rasterio import Affine

    path = tmp_path / "people.tif"
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:32650", always_xy=True).transform(118.386, 24.96)
    shape = {"height": 1, "width": 1, "count": 1, "dtype": "float32"}
    grid = Affine(100, 0, east - 50, 0, -100, north + 50)
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:32650", transform=grid, **shape) as file:
        file.write(np.array([[7.0]], dtype="float32"), 1)
    np.testing.assert_allclose(read_population_rasters([path]).lonlat, [[118.386, 24.96]], atol=1e-7)


def test_wrong_rasters_are_refused(tmp_path):
    good = raster(tmp_path, "chn_f_0_2020.tif", CELLS)
    with pytest.raises(InputError, match="both sexes"):
        read_population_rasters([good, raster(tmp_path, "chn_f_5_2020.tif", CELLS)])
    with pytest.raises(InputError, match="another grid"):
        read_population_rasters([good, raster(tmp_path, "chn_m_0_2020.tif", CELLS, west=118.4)])
    with pytest.raises(InputError, match="ages in their names"):
        read_population_rasters([good, raster(tmp_path, "people.tif", CELLS)])
    text = tmp_path / "text.tif"
    text.write_text("no raster", encoding="utf-8")
    with pytest.raises(InputError, match="not a readable raster"):
        read_population_rasters([text])
    with pytest.raises(InputError, match="no such file"):
        read_population_rasters([tmp_path / "gone.tif"])


def test_without_rasterio_the_extra_is_named(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingLibraryError, match=r"aedplan\[raster\]"):
        read_population_rasters([tmp_path / "chn_ppp_2020.tif"])
