"""Who is served how well: groups hold all demand, the worst come first, and the uncovered know their nearest site."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from osm_files import REAL, document, node, real, relation, square, way
from outcomes import grid_demand, grid_sites
from worlds import draw, lonlat

from aedplan.circles import circle
from aedplan.demand import make_demand, spread
from aedplan.errors import InputError
from aedplan.hours.holidays import china
from aedplan.hours.hours import open_times
from aedplan.hours.periods import DEFAULT_PERIODS, share_out
from aedplan.losses import CLOSED, KEPT, NEVER, find_losses, walk_each_way
from aedplan.scenario.grouping import AreaInput, groups_of
from aedplan.source import Source
from aedplan.towns import (
    ELSEWHERE_ZH,
    Areas,
    group_by_area,
    group_by_name,
    list_uncovered,
    read_areas,
    read_areas_osm,
    read_codes,
    serve,
    serve_by_kind,
    worst_served,
)

PERIODS = share_out(DEFAULT_PERIODS, china(2026))
STREET = draw([(x, 0) for x in range(0, 5001, 100)], [list(range(51))])
PLACES = np.array([[0, 0], [100, 0], [1000, 0], [1100, 0], [3000, 0], [4900, 0]], dtype=float)
WEIGHTS = np.array([4.0, 1.0, 2.0, 1.0, 5.0, 3.0])
TOWNS = ["东镇", "东镇", "中镇", "中镇", "西镇", ""]
DEVICES = np.array([[0, 0], [1000, 0]], dtype=float)
POSSIBLE = np.array([[2900, 0], [4000, 0]], dtype=float)
DEMAND = spread(
    make_demand(lonlat(PLACES), WEIGHTS, id=tuple("abcdef"), source=Source("drawn")), PERIODS, rates=np.ones(6)
)


def losses():
    times = open_times(["24/7", "Mo-Fr 08:00-16:00; PH off"], PERIODS)
    return find_losses(walk_each_way(STREET.streets, lonlat(DEVICES), DEMAND, circle=circle("walk-4")), DEMAND, times)


def test_each_town_has_its_value_share_and_devices_per_10000_people() -> None:
    groups = group_by_name("town", TOWNS, ["东镇", "中镇"])
    people = np.array([9000.0, 1000, 20_000, 0, 500, 0])
    rows = {row.name: row for row in serve(groups, losses(), devices=[0, 1], people=people)}
    east, middle, west, other = (rows[name] for name in ("东镇", "中镇", "西镇", ELSEWHERE_ZH))
    assert (east.demand, east.kept, east.share, east.devices) == (pytest.approx(5), pytest.approx(5), 1.0, 1)
    assert (east.per_10k, middle.per_10k, west.per_10k, other.per_10k) == (1.0, 0.5, 0.0, None)
    assert middle.share == pytest.approx(1984 / 8760)
    assert middle.paper == pytest.approx(3)
    assert (west.kept, west.share, west.paper, west.devices) == (0, 0, 0, 0)
    assert other.demand == pytest.approx(3)


def test_the_groups_together_are_all_demand_exactly() -> None:
    lost = losses()
    rows = serve(group_by_name("town", TOWNS, ["东镇", ""]), lost, devices=[0, 1])
    assert (sum(row.units for row in rows) == lost.causes()).all()
    assert sum(row.devices for row in rows) == 2
    assert all(row.people is None and row.per_10k is None for row in rows)


def test_the_worst_served_come_first_and_those_without_demand_not_at_all() -> None:
    codes = {"1": "东镇", "2": "中镇", "3": "西镇", "4": "空镇"}
    rows = serve(group_by_name("town", TOWNS, ["东镇", "中镇"], codes=codes), losses(), devices=[0, 1])
    assert [row.name for row in rows] == ["东镇", "中镇", "西镇", "空镇", ELSEWHERE_ZH]
    assert [row.name for row in worst_served(rows)] == ["西镇", ELSEWHERE_ZH, "中镇", "东镇"]
    assert [row.name for row in worst_served(rows, most=1)] == ["西镇"]
    assert next(row for row in rows if row.name == "空镇").share is None


def test_names_may_be_given_as_codes_and_unknown_or_ambiguous_ones_are_refused() -> None:
    codes = {"350583001": "溪美街道", "350583002": "柳城街道", "350583100": "新村", "350583101": "新村"}
    groups = group_by_name("town", ["350583002", "溪美街道", "350583101"], [], codes=codes)
    assert groups.point.tolist() == [1, 0, 3]
    with pytest.raises(InputError) as caught:
        group_by_name("town", ["溪美", "新村"], ["柳城镇"], codes=codes)
    assert str(caught.value).count("is not in the list of codes") == 2
    assert "'新村' stands in the list with several codes" in str(caught.value)


def boxes() -> Areas:
    import shapely

    shapes = [shapely.box(*lonlat([[x, -50], [x + 1000, 50]]).ravel()) for x in (-50, 950)]
    return Areas("town", ("西", "东"), ("1", "2"), np.array(shapes, dtype=object), Source("drawn"))


def test_points_belong_to_the_area_they_lie_in() -> None:
    groups = group_by_area(boxes(), lonlat(PLACES), lonlat(DEVICES))
    assert groups.point.tolist() == [0, 0, 1, 1, -1, -1]
    assert groups.site.tolist() == [0, 1]
    on_border = lonlat([[950, 0]])
    assert group_by_area(boxes(), on_border, on_border).point.tolist() == [0]


def test_areas_come_from_a_gis_file_with_names_and_codes(tmp_path: Path) -> None:
    import geopandas

    areas = boxes()
    frame = geopandas.GeoDataFrame(
        {"名称": areas.name, "代码": areas.code}, geometry=list(areas.shapes), crs="EPSG:4326"
    )
    frame.to_crs("EPSG:3857").to_file(tmp_path / "towns.gpkg")
    read = read_areas(tmp_path / "towns.gpkg", level="town")
    assert (read.name, read.code, read.source.file) == (areas.name, areas.code, "towns.gpkg")
    assert group_by_area(read, lonlat(PLACES), lonlat(DEVICES)).point.tolist() == [0, 0, 1, 1, -1, -1]
    frame.rename(columns={"名称": "x"}).to_file(tmp_path / "nameless.gpkg")
    with pytest.raises(InputError, match="no column of names"):
        read_areas(tmp_path / "nameless.gpkg", level="town")
    frame.set_geometry(frame.geometry.boundary).to_file(tmp_path / "lines.gpkg")
    with pytest.raises(InputError, match="2 rows are no polygons, the first is row 1"):
        read_areas(tmp_path / "lines.gpkg", level="town")


def test_areas_come_from_relations_and_closed_ways_of_openstreetmap(tmp_path: Path) -> None:
    corners = [node(1, 118.0, 25.0), node(2, 118.1, 25.0), node(3, 118.1, 25.1), node(4, 118.0, 25.1)]
    halves = [way(11, [1, 2, 3], {}), way(12, [3, 4, 1], {})]
    admin = {"boundary": "administrative", "admin_level": "8", "name": "溪美街道", "ref": "350583001"}
    school = square(21, 118.02, 25.02, 0.01, amenity="school", name="第一小学")
    file = tmp_path / "county.osm"
    file.write_text(
        document([*corners, *halves, *school, relation(31, {11: "outer", 12: "outer"}, admin)]), encoding="utf-8"
    )
    town = read_areas_osm(file, level="town")
    assert (town.name, town.code) == (("溪美街道",), ("350583001",))
    points = np.array([[118.05, 25.05], [118.025, 25.025], [118.2, 25.05]])
    assert group_by_area(town, points, points).point.tolist() == [0, 0, -1]
    assert group_by_area(read_areas_osm(file, level="school"), points, points).point.tolist() == [-1, 0, -1]
    with pytest.raises(InputError, match="no named areas of level 'community'"):
        read_areas_osm(file, level="community")


def test_the_eleven_municipalities_of_liechtenstein_hold_its_devices() -> None:
    areas = read_areas_osm(real("osm/liechtenstein_20211028.osm.pbf"), level="town")
    assert {"Vaduz", "Schaan", "Triesen", "Balzers"} <= set(areas.name)
    vaduz = np.array([[9.5218815, 47.1406857]])
    assert areas.name[group_by_area(areas, vaduz, vaduz).point[0]] == "Vaduz"


def test_the_official_lists_of_nanan_give_27_towns_and_430_villages() -> None:
    if not (REAL / "admin/townships_nanan_longyan.csv").exists():
        pytest.skip("the real data admin/townships_nanan_longyan.csv are not beside this checkout")
    towns = read_codes(REAL / "admin/townships_nanan_longyan.csv")
    nanan = {code: name for code, name in towns.items() if code.startswith("350583")}
    villages = read_codes(REAL / "admin/villages_nanan.csv")
    assert (len(nanan), len(towns) - len(nanan), len(villages)) == (27, 133, 430)
    assert nanan["350583002"] == "柳城街道"
    assert {code[:9] for code in villages} <= set(nanan)
    groups = group_by_name("town", ["柳城街道", "350583001"], [], codes=nanan)
    assert groups.point.tolist() == [1, 0]


def test_kinds_of_venue_share_the_demand_of_their_devices() -> None:
    lost = losses()
    by_kind = serve_by_kind(lost, ["transport", "office"])
    assert by_kind["transport"][0] == 1
    assert lost.amounts(by_kind["transport"][1])[KEPT] == pytest.approx(5)
    assert lost.amounts(by_kind["office"][1])[[KEPT, CLOSED]] == pytest.approx([3 * 1984 / 8760, 3 * (1 - 1984 / 8760)])
    together = sum(units for _, units in by_kind.values())
    assert (together[:NEVER] == lost.causes()[:NEVER]).all()


def test_the_uncovered_stand_in_order_of_demand_with_the_nearest_possible_site() -> None:
    found = list_uncovered(losses(), DEMAND, STREET.streets, possible=lonlat(POSSIBLE))
    assert [DEMAND.id[row.point] for row in found] == ["e", "f", "c", "d"]
    assert [row.site for row in found] == [0, 1, 0, 0]
    assert [row.metres for row in found] == pytest.approx([100, 900, 1900, 1800], abs=1)
    assert [row.lost for row in found] == pytest.approx([5, 3, 2 * (1 - 1984 / 8760), 1 - 1984 / 8760])
    assert [row.cause for row in found] == [NEVER, NEVER, CLOSED, CLOSED]
    nowhere = list_uncovered(losses(), DEMAND, STREET.streets, possible=np.zeros((0, 2)))
    assert [row.site for row in nowhere] == [-1] * 4
    assert np.isinf(nowhere[0].metres)


def test_a_wrong_number_of_people_is_refused() -> None:
    with pytest.raises(InputError, match="people has 1 rows; expected 6"):
        serve(group_by_name("town", TOWNS, ["", ""]), losses(), devices=[0, 1], people=np.array([1.0]))


def test_towns_from_a_column_that_nobody_filled_in_are_told_with_what_else_there_is() -> None:
    sites, demand = grid_sites("一号点"), grid_demand()
    column = [AreaInput("town", "column")]
    with pytest.raises(InputError, match=r"人口表 the demand、点位表 the sites: .*镇街.*areas\.town\.file"):
        groups_of(column, demand=demand, sites=sites, osm_file=None)
    named = replace(demand, town=("东镇",) * len(demand)), replace(sites, town=("东镇",) * len(sites))
    (groups,) = groups_of(column, demand=named[0], sites=named[1], osm_file=None)
    assert groups.name == ("东镇",)
