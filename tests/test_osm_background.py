"""Water, green and names under the streets: what is there, merged, simplified, told apart."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from osm_files import document, node, real, relation, square, way

from aedplan.coordinates import local_crs, project
from aedplan.network import bounds
from aedplan.osm.background import (
    LONGEST_NAME,
    NAME_KINDS,
    SIMPLIFY_WATER_M,
    SMALLEST_GREEN_M2,
    SMALLEST_WATER_M2,
    Background,
    read_osm_background,
)
from aedplan.osm.osm import read_osm_streets

DEMO = Path(__file__).parents[1] / "data" / "demo" / "county.osm.gz"
ALL = np.array([118.0, 24.0, 119.0, 25.5])
LON, LAT, SIDE = 118.4, 24.96, 0.004


def background(folder: Path, things: list[str], *, within: np.ndarray = ALL) -> Background:
    path = folder / "small.osm"
    path.write_text(document(things), encoding="utf-8")
    return read_osm_background(path, within=within)


def names(found: Background, kind: str) -> set[str]:
    return {name.zh for name in found.names if name.kind == kind}


def on_water(found: Background, lon: float, lat: float) -> bool:
    return bool(shapely.intersects_xy(shapely.union_all(found.water), lon, lat))


def square_m2(found: np.ndarray) -> float:
    crs = local_crs(shapely.get_coordinates(found))
    return float(shapely.area(shapely.transform(found, lambda lonlat: project(lonlat, crs))).sum())


def test_water_in_pieces_that_share_an_edge_becomes_one(tmp_path: Path) -> None:
    west = square(10, LON, LAT, SIDE, natural="water")
    east = square(20, LON + SIDE, LAT, SIDE, waterway="riverbank")
    found = background(tmp_path, [*west, *east])
    assert len(found.water) == 1
    assert found.water[0].symmetric_difference(shapely.box(LON, LAT, LON + 2 * SIDE, LAT + SIDE)).area < 1e-9


def test_a_wood_inside_a_park_is_green_and_not_a_hole(tmp_path: Path) -> None:
    park = square(10, LON, LAT, SIDE, leisure="park", name="人民公园")
    wood = square(20, LON + SIDE / 4, LAT + SIDE / 4, SIDE / 2, natural="wood")
    found = background(tmp_path, [*park, *wood])
    assert len(found.green) == 1
    assert len(found.green[0].interiors) == 0
    assert names(found, "park") == {"人民公园"}


def test_an_island_stays_a_hole_in_the_water_of_a_relation(tmp_path: Path) -> None:
    lake, island = square(10, LON, LAT, SIDE), square(20, LON + SIDE / 4, LAT + SIDE / 4, SIDE / 2)
    whole = relation(30, {10: "outer", 20: "inner"}, {"natural": "water", "name": "镜湖"})
    found = background(tmp_path, [*lake, *island, whole])
    assert on_water(found, LON + SIDE / 8, LAT + SIDE / 8)
    assert not on_water(found, LON + SIDE / 2, LAT + SIDE / 2)
    (name,) = found.names
    assert (name.zh, name.kind) == ("镜湖", "water")
    assert on_water(found, *name.place)


@pytest.mark.parametrize(
    ("tags", "wide_m"),
    [
        ({"waterway": "river"}, 10.0),
        ({"waterway": "river", "width": "40"}, 40.0),
        ({"waterway": "canal", "width": "12 m"}, 12.0),
        ({"waterway": "canal", "width": "3"}, 0.0),
        ({"waterway": "canal"}, 0.0),
        ({"waterway": "stream", "width": "30"}, 0.0),
        ({"waterway": "river", "tunnel": "culvert"}, 0.0),
    ],
)
def test_a_river_drawn_as_a_line_is_as_wide_as_it_says(tmp_path: Path, tags: dict[str, str], wide_m: float) -> None:
    found = background(tmp_path, [node(1, LON, LAT), node(2, LON, LAT + 0.01), way(1, [1, 2], tags)])
    length_m = 0.01 * 110_780  # of a degree of latitude here
    assert (square_m2(found.water) if len(found.water) else 0.0) == pytest.approx(wide_m * length_m, rel=0.1)


def test_a_river_with_an_area_leaves_its_island_dry(tmp_path: Path) -> None:
    lake, island = square(10, LON, LAT, SIDE), square(20, LON + SIDE / 4, LAT + SIDE / 4, SIDE / 2)
    whole = relation(30, {10: "outer", 20: "inner"}, {"natural": "water", "water": "river"})
    line = [
        node(1, LON - SIDE, LAT + SIDE / 2),
        node(2, LON + SIDE, LAT + SIDE / 2),
        way(5, [1, 2], {"waterway": "river"}),
    ]
    found = background(tmp_path, [*line, *lake, *island, whole])
    assert on_water(found, LON - SIDE / 2, LAT + SIDE / 2)
    assert not on_water(found, LON + SIDE / 2, LAT + SIDE / 2)


def test_shapes_are_cut_at_the_bounds_and_names_beyond_them_left_out(tmp_path: Path) -> None:
    lake = square(10, LON, LAT, SIDE, natural="water")
    far = node(1, LON + 0.1, LAT, place="village", name="远村")
    within = np.array([LON - 0.01, LAT - 0.01, LON + SIDE / 2, LAT + 0.01])
    found = background(tmp_path, [*lake, far], within=within)
    assert shapely.union_all(found.water).bounds[2] == pytest.approx(LON + SIDE / 2, abs=1e-6)
    assert found.names == ()


def test_specks_and_what_is_neither_water_nor_green_are_left_out(tmp_path: Path) -> None:
    pool = square(10, LON, LAT, 0.00005, natural="water")
    lawn = square(20, LON + 0.01, LAT, 0.0001, landuse="grass")
    field = square(30, LON + 0.02, LAT, SIDE, landuse="farmland", name="田")
    found = background(tmp_path, [*pool, *lawn, *field])
    assert (len(found.water), len(found.green), found.names) == (0, 0, ())


def test_a_file_without_background_gives_an_empty_one(tmp_path: Path) -> None:
    found = background(tmp_path, [node(1, LON, LAT), node(2, LON + 0.01, LAT), way(1, [1, 2], {"highway": "service"})])
    assert (len(found.water), len(found.green), found.names) == (0, 0, ())


def test_a_street_in_several_ways_is_named_once_and_leans_as_it_runs(tmp_path: Path) -> None:
    points = [node(index, LON + 0.002 * index, LAT + 0.002 * index) for index in range(1, 4)]
    ways = [way(index, [index, index + 1], {"highway": "primary", "name": "人民路", "name:en": "Renmin Road"})
            for index in (1, 2)]  # fmt: skip
    (name,) = background(tmp_path, [*points, *ways]).names
    assert (name.zh, name.en, name.kind) == ("人民路", "Renmin Road", "street")
    assert name.place == pytest.approx((LON + 0.004, LAT + 0.004), abs=1e-5)
    assert name.turn == pytest.approx(-np.degrees(np.arctan2(1, np.cos(np.radians(LAT)))), abs=1.0)


@pytest.mark.parametrize("backwards", [False, True])
def test_no_name_stands_on_its_head(tmp_path: Path, backwards: bool) -> None:
    points = [node(1, LON, LAT), node(2, LON + 0.004, LAT - 0.002)]
    ends = [2, 1] if backwards else [1, 2]
    (name,) = background(tmp_path, [*points, way(1, ends, {"highway": "tertiary", "name": "斜街"})]).names
    assert 0 < name.turn < 90


def test_a_long_street_is_named_again_along_its_way(tmp_path: Path) -> None:
    points = [node(1, LON, LAT), node(2, LON + 0.05, LAT)]
    found = background(tmp_path, [*points, way(1, [1, 2], {"highway": "primary", "name": "环城路"})])
    east = sorted(name.place[0] for name in found.names)
    assert len(east) == 4
    assert np.diff(east) == pytest.approx(0.0125, abs=1e-4)


def test_the_names_of_a_river_follow_its_line_and_not_each_of_its_areas(tmp_path: Path) -> None:
    areas = [thing for index in range(3)
             for thing in square(10 + 10 * index, LON + SIDE * index, LAT, SIDE, natural="water", name="白鹭溪")]  # fmt: skip
    middle = [node(1, LON, LAT + 0.001), node(2, LON + 3 * SIDE, LAT + SIDE - 0.001),
              way(5, [1, 2], {"waterway": "river", "name": "白鹭溪"})]  # fmt: skip
    assert len(background(tmp_path, areas).names) == 1
    along = background(tmp_path, [*middle, *areas]).names
    assert len(along) == 1
    assert along[0].turn != 0


@pytest.mark.parametrize("name", ["长" * (LONGEST_NAME + 1), "倒\u202e转", "\u2066藏", " ", ""])
def test_names_that_would_cover_or_turn_the_map_are_left_out(tmp_path: Path, name: str) -> None:
    assert background(tmp_path, [node(1, LON, LAT, place="village", name=name)]).names == ()


def test_the_most_telling_names_come_first(tmp_path: Path) -> None:
    places = ("neighbourhood", "village", "locality", "suburb", "town")
    points = [node(index + 1, LON + 0.01 * index, LAT, place=kind, name=kind) for index, kind in enumerate(places)]
    found = background(tmp_path, points)
    assert [name.zh for name in found.names] == ["town", "suburb", "village", "neighbourhood"]


def test_the_demo_county_has_its_river_its_lake_and_its_villages() -> None:
    found = read_osm_background(DEMO, within=bounds(read_osm_streets(DEMO)))
    assert names(found, "water") == {"白鹭溪", "镜湖"}
    assert {name.en for name in found.names if name.zh == "白鹭溪"} == {"Egret River"}
    assert len(names(found, "village")) == 13
    assert {"人民路", "中山路", "江南大道"} <= names(found, "street")
    river = max(found.water, key=lambda part: part.area)
    assert all(river.covers(shapely.Point(name.place)) for name in found.names if name.zh == "白鹭溪")
    assert river.bounds[2] - river.bounds[0] > 0.07, "the river is whole from one end of the county to the other"
    assert 0.5e6 < square_m2(found.water) < 3e6


def test_two_readings_are_the_same() -> None:
    within = bounds(read_osm_streets(DEMO))
    one, other = (read_osm_background(DEMO, within=within) for _ in range(2))
    assert one.names == other.names
    for kind in ("water", "green"):
        assert shapely.to_wkb(getattr(one, kind)).tolist() == shapely.to_wkb(getattr(other, kind)).tolist()


def test_liechtenstein_has_the_rhine_its_woods_and_its_towns() -> None:
    path = real("osm/liechtenstein_20211028.osm.pbf")
    within = bounds(read_osm_streets(path))
    found = read_osm_background(path, within=within)
    assert on_water(found, 9.5085, 47.1400), "the Rhine west of Vaduz"
    assert on_water(found, 9.57611, 47.10968), "the reservoir of Steg"
    assert {"Rhein", "Samina", "Gampriner Seele"} <= names(found, "water")
    assert {name.en for name in found.names if name.kind == "town"} == {"Vaduz", "Schaan", "Balzers", "Triesenberg"}
    assert 80e6 < square_m2(found.green) < 160e6, "most of the country's 160 km² is wood and meadow"
    assert shapely.union_all(found.green).area == pytest.approx(shapely.area(found.green).sum(), rel=1e-3)
    assert [NAME_KINDS.index(name.kind) for name in found.names] == sorted(
        NAME_KINDS.index(name.kind) for name in found.names
    )


@pytest.mark.parametrize("kind", ["water", "green"])
def test_shapes_of_a_kind_are_sound_and_do_not_overlap(kind: str) -> None:
    found = getattr(read_osm_background(DEMO, within=bounds(read_osm_streets(DEMO))), kind)
    smallest = {"water": SMALLEST_WATER_M2, "green": SMALLEST_GREEN_M2}[kind]
    assert len(found) > 5
    assert shapely.is_valid(found).all()
    assert min(square_m2(found[[index]]) for index in range(len(found))) > 0.99 * smallest
    assert shapely.union_all(found).area == pytest.approx(shapely.area(found).sum(), rel=1e-3)


def test_the_river_is_drawn_within_a_few_metres_of_where_it_flows() -> None:
    import osmium

    factory = osmium.geom.WKBFactory()
    wanted = osmium.filter.TagFilter(("natural", "water"))
    stream = osmium.FileProcessor(str(DEMO)).with_areas(wanted).with_filter(osmium.filter.EntityFilter(osmium.osm.AREA))
    mapped = shapely.union_all(
        [shapely.from_wkb(factory.create_multipolygon(area)) for area in stream if area.tags.get("name") == "白鹭溪"]
    )
    found = read_osm_background(DEMO, within=bounds(read_osm_streets(DEMO)))
    drawn = max(found.water, key=lambda part: part.area)
    crs = local_crs(shapely.get_coordinates(mapped))
    one, other = (shapely.transform(shape, lambda lonlat: project(lonlat, crs)) for shape in (mapped, drawn))
    inside = shapely.intersection(one, other.envelope)
    assert shapely.difference(inside, other.buffer(SIMPLIFY_WATER_M + 1)).area < 1.0
    assert shapely.difference(other, one.buffer(SIMPLIFY_WATER_M + 6)).area < 1.0, (
        "a round end of the line at the county's edge"
    )
