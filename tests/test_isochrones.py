"""Outlines and street pieces of what can be walked to."""

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from oracles import walks
from worlds import World, draw, lonlat, places, worlds

from aedplan.anchors import Anchors, snap
from aedplan.circles import circle
from aedplan.coordinates import project, unproject
from aedplan.errors import InputError
from aedplan.network import StreetNetwork
from aedplan.outlines.fields import BESIDE_STREET_M, CELL_M
from aedplan.outlines.isochrones import isochrones, outlines, outlines_lonlat, reached_streets, surface
from aedplan.reach import reach
from aedplan.streets import read_streets

DATA = Path(__file__).parents[2] / "shared" / "data" / "osm"
WALK = circle("walk-4")
CROSS = draw([[-1000, 0], [1000, 0], [0, -1000], [0, 1000], [0, 0]], [[0, 4, 1], [2, 4, 3]])


def street_spots(streets: StreetNetwork, step_m: float = 7.0) -> np.ndarray:
    """Points on all streets, in the network's metres."""
    spots = [line.interpolate(at) for line in streets.lines for at in np.arange(step_m / 2, line.length, step_m)]
    return np.array([[p.x, p.y] for p in spots]).reshape(-1, 2)


@given(worlds(), places(3), st.sampled_from([60.0, 250.0]))
def test_street_pieces_are_exactly_what_dijkstra_reaches(world: World, spots: np.ndarray, limit_m: float) -> None:
    streets = world.streets
    origins = snap(streets, lonlat(spots))
    bands = reached_streets(streets, origins, limits_m=[limit_m])[0]
    step_m = 4.0
    on_street = street_spots(streets, step_m)
    if not len(on_street):
        return
    answers = walks(streets, origins, snap(streets, unproject(on_street, streets.crs)))
    reached = shapely.union_all(bands)
    within = 0
    for number, spot in enumerate(on_street):
        walked = min((row[number] / 1000 for row in answers if number in row), default=np.inf)
        within += walked <= limit_m
        if walked < limit_m - 0.05:
            assert shapely.distance(reached, shapely.Point(spot)) < 0.01
    # And no more than that: each spot stands for `step_m`, each end of a reached stretch may be off by half of it.
    ends = 2 * len(streets.ends) + 2 * len(origins)
    assert sum(line.length for line in bands) == pytest.approx(within * step_m, abs=step_m * ends)


def extract(name: str) -> StreetNetwork:
    """The streets of a real extract; skips the test where it is not at hand."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the project")
    return read_streets(path)


def on_street(streets: StreetNetwork, count: int) -> Anchors:
    """Random places on the streets, each metre as likely as the next."""
    rng, walk = np.random.default_rng(11), streets.walk_mm.astype(np.int64)
    edge = rng.choice(len(walk), count, p=walk / walk.sum())
    begin = (rng.random(count) * walk[edge]).astype(np.int64)
    along = np.column_stack([begin, walk[edge] - begin]).astype(np.int32)
    return Anchors(edge.astype(np.int32), along, np.zeros(count, np.int32))


def one(anchors: Anchors, number: int) -> Anchors:
    """One of the anchors."""
    return Anchors(*(column[[number]] for column in (anchors.edge, anchors.along_mm, anchors.off_mm)))


def check_nested(shapes: list) -> None:  # type: ignore[type-arg]
    assert all(shape.is_valid for shape in shapes)
    assert {shape.geom_type for shape in shapes} <= {"Polygon", "MultiPolygon"}
    for inner, outer in itertools.pairwise(shapes):
        assert inner.difference(outer).area < 1e-6


@given(worlds(), places(2))
def test_outlines_are_valid_and_nested(world: World, spots: np.ndarray) -> None:
    origin = snap(world.streets, lonlat(spots[:1]))
    check_nested(outlines(world.streets, origin, [0.0, 1.0, 80.0, 160.0, 300.0]))


@pytest.mark.slow
def test_outlines_are_valid_and_nested_at_a_thousand_random_places() -> None:
    streets = extract("helsinki_centre.osm.pbf")
    rng = np.random.default_rng(5)
    west_south, east_north = streets.vertex_xy.min(axis=0) - 150, streets.vertex_xy.max(axis=0) + 150
    anchors = snap(streets, unproject(rng.uniform(west_south, east_north, (1000, 2)), streets.crs))
    empty = 0
    for number in range(1000):
        shapes = outlines(streets, one(anchors, number), [75.0, 150.0, 225.0, 300.0], fast=True)
        check_nested(shapes)
        assert [shape.is_empty for shape in shapes] == [
            anchors.off_mm[number] >= limit * 1000 for limit in (75, 150, 225, 300)
        ]
        empty += shapes[-1].is_empty
    assert empty < 500


@pytest.mark.slow
@pytest.mark.parametrize("name", ["porto_portugal.osm.pbf", "heidelberg.osm.pbf"])
def test_outlines_hold_the_streets_that_can_be_walked_and_hardly_any_other(name: str) -> None:
    streets = extract(name)
    walk = streets.walk_mm.astype(np.int64)
    counts = np.maximum(1, streets.length_mm // 10_000)
    edge = np.repeat(np.arange(len(walk)), counts)
    begin = (
        (np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[edge] * walk[edge]
    ).astype(int)
    spots = Anchors(
        edge.astype(np.int32),
        np.column_stack([begin, walk[edge] - begin]).astype(np.int32),
        np.zeros(len(edge), np.int32),
    )
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(streets.lines[edge], begin / np.maximum(walk[edge], 1), normalized=True)
    )
    origins = on_street(streets, 60)
    truth = reach(streets, origins, spots, limit_m=300.0)
    tree = shapely.STRtree(shapely.points(xy))
    inside_all = reached_all = wrong = missed = 0
    for number in range(len(origins)):
        outline = outlines(streets, one(origins, number), [300.0], fast=True)[0]
        inside = tree.query(outline, predicate="intersects")
        reached = truth.point[truth.start[number] : truth.start[number + 1]]
        right = len(np.intersect1d(inside, reached))
        inside_all, reached_all = inside_all + len(inside), reached_all + len(reached)
        wrong, missed = wrong + len(inside) - right, missed + len(reached) - right
    assert wrong / inside_all < 0.01
    assert missed / reached_all < 0.01


def test_a_block_that_streets_surround_is_a_hole() -> None:
    world = draw([[0, 0], [120, 0], [120, 120], [0, 120]], [[0, 1, 2, 3, 0]])
    outline = outlines(world.streets, snap(world.streets, lonlat([[0, 60]])), [300.0])[0]
    x, y = project(lonlat([[60, 60]]), world.streets.crs)[0]
    assert not outline.contains(shapely.Point(x, y))
    assert len(shapely.get_rings(outline)) == 2
    assert shapely.Polygon(outline.interiors[0]).area == pytest.approx(70**2, rel=0.02)


def test_an_island_and_a_street_beside_it_have_an_outline_each() -> None:
    world = draw([[0, 0], [200, 0], [0, 30], [200, 30]], [[0, 1], [2, 3]])
    shapes = [outlines(world.streets, snap(world.streets, lonlat([[100, y]])), [300.0])[0] for y in (0, 30)]
    streets = sorted(world.streets.lines, key=lambda line: line.centroid.y)
    for own, shape in enumerate(shapes):
        assert shape.covers(streets[own])
        assert not shape.intersects(streets[1 - own])
    assert shapes[0].intersection(shapes[1]).area < 200 * 2 * 2


def test_a_limit_of_0_reaches_nothing_and_one_of_a_metre_a_sliver() -> None:
    streets = CROSS.streets
    nothing, sliver, some = outlines(streets, snap(streets, lonlat([[301.7, 0]])), [0.0, 1.0, 100.0])
    assert nothing.is_empty
    assert 0 < sliver.area < 100
    assert some.covers(sliver)


def test_a_reach_within_one_edge_ends_where_the_limit_is_reached() -> None:
    west, _, east, _ = outlines(CROSS.streets, snap(CROSS.streets, lonlat([[500, 0]])), [100.0])[0].bounds
    x = project(lonlat([[500, 0]]), CROSS.streets.crs)[0, 0]
    assert (west - x, east - x) == pytest.approx((-100, 100), abs=1.5)


def test_limits_that_do_not_rise_are_refused() -> None:
    with pytest.raises(InputError, match="expected them ascending"):
        outlines(CROSS.streets, snap(CROSS.streets, lonlat([[0, 0]])), [300.0, 100.0])
    with pytest.raises(InputError, match="expected metres"):
        outlines(CROSS.streets, snap(CROSS.streets, lonlat([[0, 0]])), [-1.0, 100.0])


def test_no_origin_gives_no_outline() -> None:
    assert outlines_lonlat(CROSS.streets, np.zeros((0, 2)), circle=WALK, minutes=[2, 4]).shape == (0, 2)
    assert len(isochrones(CROSS.streets, np.zeros((0, 2)), circle=WALK)) == 0


@given(worlds(), places(3))
def test_many_origins_at_once_have_the_outlines_of_each_alone(world: World, spots: np.ndarray) -> None:
    alone = [outlines_lonlat(world.streets, lonlat([spot]), circle=WALK, minutes=[2, 4])[0] for spot in spots]
    many = outlines_lonlat(world.streets, lonlat(np.tile(spots, (16, 1))), circle=WALK, minutes=[2, 4])
    for number in range(len(spots)):
        assert many[number].tolist() == alone[number].tolist()


def test_the_time_surface_tells_minutes_on_the_street_and_nothing_outside_the_outline() -> None:
    streets = CROSS.streets
    found = surface(streets, lonlat([[0, 0], [600, 0]]), circle=WALK)
    centre = project(lonlat([[0, 0]]), streets.crs)[0]
    column, row = np.rint((centre - found.corner) / found.cell_m).astype(int)
    along = found.minutes[row, column : column + round(900 / CELL_M) + 1]
    metres = np.minimum(np.arange(len(along)) * CELL_M, np.abs(np.arange(len(along)) * CELL_M - 600))
    assert along[metres < 295] == pytest.approx(metres[metres < 295] / 75, abs=2 * CELL_M / 75)
    assert np.isfinite(found.minutes).any()
    assert found.minutes[np.isfinite(found.minutes)].max() <= 4
    y, x = np.nonzero(np.isfinite(found.minutes))
    nodes = shapely.points(np.column_stack([x, y]) * found.cell_m + found.corner)
    both = snap(streets, lonlat([[0, 0], [600, 0]]))
    outline = outlines(streets, both, [300.0])[0]
    assert (shapely.distance(outline, nodes) < 2).all()
    assert len(nodes) * CELL_M**2 == pytest.approx(outline.area, rel=0.12)  # a strip of 50 m has 9 or 10 nodes across
    assert len(nodes) * CELL_M**2 == pytest.approx((4 + 2) * 300 * 2 * BESIDE_STREET_M, rel=0.2)


def test_a_time_surface_far_from_any_street_holds_no_minute() -> None:
    found = surface(CROSS.streets, lonlat([[600, 600]]), circle=WALK)
    assert not np.isfinite(found.minutes).any()


def test_the_time_surface_of_a_straight_line_circle_is_a_cone() -> None:
    found = surface(CROSS.streets, lonlat([[600, 600]]), circle=circle("sz-i-300"))
    inside = np.isfinite(found.minutes)
    assert inside.sum() * found.cell_m**2 == pytest.approx(np.pi * 300**2, rel=0.01)
    assert found.minutes[inside].max() == pytest.approx(4, abs=0.05)


def test_a_time_surface_wants_an_origin() -> None:
    with pytest.raises(InputError, match="at least one"):
        surface(CROSS.streets, np.zeros((0, 2)), circle=WALK)


ONE_CLICK = """
import sys
from aedplan.cli import main
code = main(sys.argv[1:])
heavy = "numba scipy pandas geopandas pyogrio pyarrow osmnx osmium networkx folium matplotlib".split()
print([name for name in heavy if name in sys.modules])
sys.exit(code)
"""


@pytest.mark.parametrize("command", ["isochrones", "route", "nearest"])
def test_one_click_on_a_saved_network_loads_no_heavy_library(command: str, tmp_path: Path) -> None:
    CROSS.streets.save(tmp_path / "saved")
    here, there = (",".join(f"{value:.7f}" for value in lonlat([[x, 0]])[0]) for x in (10, 500))
    (tmp_path / "sites.csv").write_text(f"id,lon,lat\na,{here}\nb,{there}\n", encoding="utf-8")
    out = ["--out", str(tmp_path / "out.geojson")]
    words = {
        "isochrones": ["--at", here, *out],
        "route": ["--at", here, "--to", there, *out],
        "nearest": ["--at", there, "--sites", str(tmp_path / "sites.csv"), "--crs", "wgs84"],
    }[command]
    done = subprocess.run(
        [sys.executable, "-c", ONE_CLICK, command, str(tmp_path / "saved"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert command == "nearest" or (tmp_path / "out.geojson").stat().st_size > 200


def test_the_outline_of_a_crossing_reaches_300_m_along_each_arm_and_cuts_there() -> None:
    frame = isochrones(CROSS.streets, lonlat([[0, 0]]), circle=WALK, minutes=(2, 4))
    assert frame.minutes.tolist() == [2.0, 4.0]
    assert frame.metres.tolist() == [150.0, 300.0]
    xy = project(shapely.get_coordinates(frame.geometry.iloc[1]), CROSS.streets.crs)
    centre = project(lonlat([[0, 0]]), CROSS.streets.crs)[0]
    reach_m = np.abs(xy - centre).max(axis=0)
    assert reach_m == pytest.approx([300, 300], abs=6)
    width = frame.to_crs(CROSS.streets.crs).area.iloc[1]
    assert width == pytest.approx(4 * 300 * 50, rel=0.1)


def test_what_the_outline_holds_agrees_with_the_streets() -> None:
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 1200, (60, 2))
    world = draw(xy, [[int(i), int(j)] for i in range(60) for j in np.argsort(np.hypot(*(xy - xy[i]).T))[1:4]])
    spots = street_spots(world.streets, 10.0)
    anchors = snap(world.streets, unproject(spots, world.streets.crs))
    inside_wrong = missed = inside_all = reached_all = 0
    for start in range(0, len(spots), 97):
        origin = snap(world.streets, unproject(spots[[start]], world.streets.crs))
        outline = outlines(world.streets, origin, [300.0])[0]
        row = walks(world.streets, origin, anchors)[0]
        reachable = np.array([row.get(i, 10**9) <= 300_000 for i in range(len(spots))])
        inside = shapely.contains_xy(outline, spots[:, 0], spots[:, 1])
        inside_wrong += int((inside & ~reachable).sum())
        missed += int((~inside & reachable).sum())
        inside_all, reached_all = inside_all + int(inside.sum()), reached_all + int(reachable.sum())
    assert missed / reached_all < 0.02
    assert inside_wrong / inside_all < 0.25  # streets here cross without junctions, 50 m apart at most


def test_a_point_further_from_the_street_than_the_limit_has_an_empty_outline() -> None:
    frame = isochrones(CROSS.streets, lonlat([[600, 600]]), circle=WALK, minutes=(2, 4))
    assert frame.geometry.is_empty.tolist() == [True, True]
    assert [
        len(band) for band in reached_streets(CROSS.streets, snap(CROSS.streets, lonlat([[600, 600]])), limits_m=[300])
    ] == [0]


def test_a_straight_line_circle_is_a_disc() -> None:
    frame = isochrones(CROSS.streets, lonlat([[600, 600]]), circle=circle("sz-i-300"))
    assert frame.to_crs(CROSS.streets.crs).area.iloc[0] == pytest.approx(np.pi * 300**2, rel=0.01)


def test_bands_share_no_metre_and_add_up() -> None:
    origins = snap(CROSS.streets, lonlat([[0, 0], [400, 3]]))
    bands = reached_streets(CROSS.streets, origins, limits_m=[100, 200, 300])
    lengths = [sum(line.length for line in band) for band in bands]
    whole = sum(line.length for line in reached_streets(CROSS.streets, origins, limits_m=[300])[0])
    assert sum(lengths) == pytest.approx(whole, abs=0.01)
    assert lengths[0] == pytest.approx(4 * 100 + 2 * 97, abs=0.1)


@pytest.mark.parametrize("minutes", [[], [0], [-1, 2], [float("nan")], [61]])
def test_minutes_that_make_no_sense_are_refused(minutes: list[float]) -> None:
    with pytest.raises(InputError, match="expected one or more numbers above 0"):
        isochrones(CROSS.streets, lonlat([[0, 0]]), circle=WALK, minutes=minutes)
